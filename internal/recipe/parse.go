package recipe

import (
	"fmt"
	"slices"
	"strings"
)

// parse reads a recipe: lines "key: value", then sections, each below a line
// "-- TITLE --".
func parse(id, content string) (*Recipe, error) {
	r := &Recipe{ID: id, Layer: -1}
	proof := &Proof{OtherMethod: "DELETE", Files: map[string]string{}, Tolerates: map[string]string{}}
	title, body := "", new(strings.Builder)
	number := 0
	fail := func(err error) (*Recipe, error) { return nil, fmt.Errorf("line %d: %w", number, err) }
	for line := range strings.Lines(content) {
		number++
		next, isTitle := titleOf(line)
		switch {
		case isTitle:
			if err := r.section(proof, title, body.String()); err != nil {
				return fail(err)
			}
			title = next
			body.Reset()
		case title != "":
			body.WriteString(line)
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		default:
			key, value, _ := strings.Cut(line, ":")
			if err := r.set(proof, key, strings.TrimSpace(value)); err != nil {
				return fail(err)
			}
		}
	}
	if err := r.section(proof, title, body.String()); err != nil {
		return fail(err)
	}
	if proof.Run != "" {
		r.Proof = proof
	}
	if r.Name == "" || r.Layer < 0 || len(r.parts) == 0 {
		return fail(fmt.Errorf("a recipe has a name, a layer and a section -- config LANGUAGE: WHERE --"))
	}
	return r, nil
}

func titleOf(line string) (title string, ok bool) {
	line = strings.TrimSuffix(line, "\n")
	rest, ok := strings.CutPrefix(line, "-- ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, " --")
}

// set sets what a line "key: value" says.
func (r *Recipe) set(proof *Proof, key, value string) error {
	first, rest, _ := strings.Cut(value, ":")
	rest = strings.TrimSpace(rest)
	switch key {
	case "name":
		r.Name = value
	case "aliases":
		r.Aliases = strings.Fields(value)
	case "layer":
		layer, ok := layers[value]
		if !ok {
			return fmt.Errorf("there is no layer %q", value)
		}
		r.Layer = layer
	case "sign":
		r.signs = append(r.signs, sign{strings.ToLower(first), strings.ToLower(rest)})
	case "text":
		if value == "" {
			return fmt.Errorf("text is a piece of code or configuration, or a name, by which a text tells the server")
		}
		r.texts = append(r.texts, value)
	case "elsewhere":
		host, id, ok := strings.Cut(value, " ")
		if !ok {
			return fmt.Errorf("elsewhere is a host and the id of another recipe, not %q", value)
		}
		if r.elsewhere == nil {
			r.elsewhere = map[string]string{}
		}
		r.elsewhere[host] = strings.TrimSpace(id)
	case "methods":
		r.methods = strings.Fields(value)
	case "cannot":
		if !slices.Contains([]string{"credentials", "several", "expose", "preflight", "headers"}, first) || rest == "" {
			return fmt.Errorf("cannot is one of credentials, several, expose, preflight, headers, and why, not %q", value)
		}
		if r.Cannot == nil {
			r.Cannot = map[string]string{}
		}
		r.Cannot[first] = rest
	case "lists":
		r.lists = value
	case "packages":
		proof.Packages = strings.Fields(value)
	case "remove":
		proof.Remove = append(proof.Remove, value)
	case "base":
		proof.Base = value
	case "other-method":
		proof.OtherMethod = value
	case "layered":
		proof.Layered = value == "yes"
	case "tolerates":
		proof.Tolerates[first] = rest
	default:
		return fmt.Errorf("there is no key %q", key)
	}
	return nil
}

// section takes a section by its title.
func (r *Recipe) section(proof *Proof, title, body string) error {
	kind, rest, _ := strings.Cut(title, " ")
	switch kind {
	case "":
	case "config":
		name, where, _ := strings.Cut(rest, ":")
		if languages[name] == nil || where == "" {
			return fmt.Errorf("-- %s --: it is config LANGUAGE: WHERE, and the language one of those in language.go", title)
		}
		r.parts = append(r.parts, part{strings.TrimSpace(where), name, body})
	case "notes":
		r.notes = body
	case "file":
		proof.Files[rest] = body
	case "run":
		proof.Run = body
	default:
		return fmt.Errorf("there is no section %q", kind)
	}
	return nil
}
