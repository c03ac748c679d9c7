package recipe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// Config is a server's configuration.
type Config struct {
	// Server is the recipe's id, Name what it is called.
	Server, Name string
	// Parts are the pieces of text. There is none where nothing should be allowed.
	Parts []Part
	// Notes are what else to mind, a sentence or two each.
	Notes []string
	// Proven says that the server is started with this configuration in the
	// project's tests, and asked by browsers. Parsed says that otherwise a parser of
	// its language reads it there.
	Proven, Parsed bool
}

// Part is a piece of configuration and where it belongs. Index is its place in the
// recipe, where it may follow parts that are not needed.
type Part struct {
	Where string `json:"where"`
	Text  string `json:"text"`
	Index int    `json:"-"`
}

// Configure returns the configuration by which a server permits what is needed,
// and nothing else. The error says which part of the need is wrong or cannot be
// had from that server, or which servers have nearly this name.
func Configure(server string, n Need) (*Config, error) {
	r, err := Find(server)
	if err != nil {
		return nil, err
	}
	checked, err := n.check()
	if err != nil {
		return nil, err
	}
	if other := r.other(n.Host); other != nil {
		checked.note(fmt.Sprintf("%s belongs to %s, which %s does not reach: this is the configuration of the former.", n.Host, other.Name, r.Name))
		r = other
	}
	c := &Config{Server: r.ID, Name: r.Name, Proven: r.Proof != nil, Parsed: !languages[r.parts[0].language].unparsed}
	if len(checked.Origins) > 0 {
		if err := r.write(c, checked); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	c.Notes = append(checked.notes, c.Notes...)
	return c, nil
}

// other returns the recipe for a host that another one serves, nil for none.
func (r *Recipe) other(host string) *Recipe {
	for suffix, id := range r.elsewhere {
		if isHostBelow(host, suffix) {
			if other, err := Find(id); err == nil {
				return other
			}
		}
	}
	return nil
}

// isHostBelow reports whether a host has a name, or is below it.
func isHostBelow(host, name string) bool {
	return host == name || strings.HasSuffix(host, "."+name)
}

// possible says why a server cannot have what is needed.
func (r *Recipe) possible(n *need) error {
	for _, wanted := range []struct {
		is   bool
		what string
	}{
		{n.Credentials, "credentials"}, {len(n.Origins) > 1, "several"}, {len(n.Expose) > 0, "expose"}, {n.Preflight, "preflight"}, {len(n.Headers) > 0, "headers"},
	} {
		if why := r.Cannot[wanted.what]; wanted.is && why != "" {
			return fmt.Errorf("%s", why)
		}
	}
	for _, m := range n.Methods {
		if r.methods != nil && !slices.Contains(r.methods, m) {
			return fmt.Errorf("it knows no method %s, only %s", m, strings.Join(r.methods, ", "))
		}
	}
	return nil
}

// write executes the recipe's templates.
func (r *Recipe) write(c *Config, n *need) error {
	if err := r.possible(n); err != nil {
		return err
	}
	for i, p := range r.parts {
		text, err := execute(p.text, p.language, n)
		if err != nil {
			return err
		}
		if strings.TrimSpace(text) != "" {
			c.Parts = append(c.Parts, Part{Where: p.where, Text: text, Index: i})
		}
	}
	notes, err := execute(r.notes, "form", n)
	if err != nil {
		return err
	}
	for line := range strings.Lines(notes) {
		if line = strings.TrimSpace(line); line != "" {
			c.Notes = append(c.Notes, strings.ReplaceAll(line, " ()", "")) // an empty list
		}
	}
	if len(n.Headers) > 0 && r.lists != "" {
		c.Notes = append(c.Notes, r.lists+" replaces what was allowed before: write these names in addition to those that pages need already.")
	}
	if len(n.Headers) > 0 && n.FirstHeaderOnly {
		c.Notes = append(c.Notes, "A browser names only the first header that it misses: look at what else the page sends, often content-type and authorization, and allow that too.")
	}
	return nil
}

// value is a string that can only be printed as a literal of a language.
type value struct {
	text     string
	language string
	writer   *writer
}

// String returns the literal.
func (v value) String() string {
	l := languages[v.language]
	if i := strings.IndexAny(v.text, l.refuses); i >= 0 {
		v.writer.fail(fmt.Errorf("%q has %q in it, which has a meaning there that nothing takes away; write it by hand", v.text, v.text[i]))
	}
	return l.quote(v.text)
}

// writer makes the values of one template.
type writer struct {
	language string
	err      error
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *writer) value(s string) value { return value{s, w.language, w} }

func (w *writer) values(list []string) []value {
	out := make([]value, len(list))
	for i, s := range list {
		out[i] = w.value(s)
	}
	return out
}

// standalone is a line that has only control structure in it, and disappears.
var standalone = regexp.MustCompile(`(?m)^[ \t]*((?:\{\{ *(?:if|else|end|range|with|/\*)[^}]*\}\})+)[ \t]*\n`)

// execute fills in a template. All that it can print of the need is quoted.
func execute(text, language string, n *need) (string, error) {
	w := &writer{language: language}
	t, err := template.New("recipe").Option("missingkey=error").Funcs(w.functions()).Parse(standalone.ReplaceAllString(text, "$1"))
	if err != nil {
		return "", err
	}
	data := struct {
		Host, Origin                              value
		Origins, Methods, Listed, Headers, Expose []value
		Several, Preflight, Credentials           bool
		MaxAge                                    int
	}{
		w.value(n.host()), w.value(n.Origins[0]), w.values(n.Origins), w.values(n.Methods), w.values(n.listed), w.values(n.Headers), w.values(n.Expose),
		len(n.Origins) > 1, n.Preflight, n.Credentials, n.MaxAge,
	}
	var out strings.Builder
	if err := t.Execute(&out, data); err != nil {
		return "", err
	}
	return out.String(), w.err
}

// functions are what templates may call; README.md describes them.
func (w *writer) functions() template.FuncMap {
	return template.FuncMap{
		"list":   func(x any) (string, error) { return literals(x, ", ") },
		"words":  func(x any) (string, error) { return literals(x, " ") },
		"join":   w.join,
		"commas": func(x []value) (value, error) { return w.join(", ", x) },
		"cat":    w.cat,
		"as": func(language string, x any) (any, error) {
			if languages[language] == nil {
				return nil, fmt.Errorf("there is no language %q", language)
			}
			return each(x, func(v value) value { v.language = language; return v })
		},
		"lower": func(x any) (any, error) { return each(x, mapped(strings.ToLower)) },
		"upper": func(x any) (any, error) { return each(x, mapped(strings.ToUpper)) },
		"pattern": func(x any) (any, error) {
			return each(x, mapped(func(s string) string { return "^" + regexp.QuoteMeta(s) + "$" }))
		},
		"exactly": func(special string, x any) (any, error) {
			return each(x, mapped(func(s string) string {
				if strings.ContainsAny(s, special) {
					return "^" + regexp.QuoteMeta(s) + "$"
				}
				return s
			}))
		},
		"anyof": w.anyOf,
		"host":  func(v value) value { _, v.text, _ = strings.Cut(v.text, "://"); return v },
	}
}

func mapped(f func(string) string) func(value) value {
	return func(v value) value { v.text = f(v.text); return v }
}

// each applies a function to a value or to the values of a list.
func each(x any, f func(value) value) (any, error) {
	switch x := x.(type) {
	case value:
		return f(x), nil
	case []value:
		out := make([]value, len(x))
		for i, v := range x {
			out[i] = f(v)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%v is no value and no list of values", x)
}

// literals returns the literals of a list, with a separator between them.
func literals(x any, separator string) (string, error) {
	list, ok := x.([]value)
	if !ok {
		return "", fmt.Errorf("%v is no list of values", x)
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.String()
	}
	return strings.Join(out, separator), nil
}

// join makes one value of a list. No member may hold the separator.
func (w *writer) join(separator string, list []value) (value, error) {
	texts := make([]string, len(list))
	for i, v := range list {
		if strings.Contains(v.text, strings.TrimSpace(separator)) && strings.TrimSpace(separator) != "" {
			return value{}, fmt.Errorf("%q has %q in it, which separates the members of a list there", v.text, strings.TrimSpace(separator))
		}
		texts[i] = v.text
	}
	return w.value(strings.Join(texts, separator)), nil
}

// cat makes one value of values and of what a recipe says itself.
func (w *writer) cat(pieces ...any) value {
	var b strings.Builder
	for _, p := range pieces {
		if v, ok := p.(value); ok {
			b.WriteString(v.text)
		} else {
			fmt.Fprint(&b, p)
		}
	}
	return w.value(b.String())
}

// anyOf makes a regular expression that fits each of a list, and nothing else.
func (w *writer) anyOf(list []value) value {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = regexp.QuoteMeta(v.text)
	}
	if len(texts) == 1 {
		return w.value("^" + texts[0] + "$")
	}
	return w.value("^(?:" + strings.Join(texts, "|") + ")$")
}

// String returns the configuration as text for a terminal.
func (c *Config) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "For %s", c.Name)
	switch {
	case c.Proven || len(c.Parts) == 0:
	case c.Parsed:
		b.WriteString(" (not tried with a real server here: checked for its syntax only)")
	default:
		b.WriteString(" (not tried with a real server here)")
	}
	b.WriteByte('\n')
	for _, p := range c.Parts {
		fmt.Fprintf(&b, "  %s:\n", p.Where)
		for line := range strings.Lines(p.Text) {
			if strings.TrimSpace(line) != "" {
				b.WriteString("    ")
			}
			b.WriteString(line)
		}
	}
	for _, note := range c.Notes {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	return b.String()
}
