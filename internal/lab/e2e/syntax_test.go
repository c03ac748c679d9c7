//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/recipe"
)

// A parsed text is what the parser of its language says of it.
type parsed struct {
	Problem string `json:"problem"`
	Shape   string `json:"shape"`
}

// toParse is a text and its language.
type toParse struct {
	Language string `json:"language"`
	Text     string `json:"text"`
}

func parseAll(t *testing.T, list []toParse) []parsed {
	t.Helper()
	in, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(program(t, "node", "nodejs"), "testdata/parse.cjs")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var out []parsed
	if err := json.Unmarshal(stdout.Bytes(), &out); err != nil || len(out) != len(list) {
		t.Fatalf("%v: %d of %d results", err, len(out), len(list))
	}
	return out
}

// languagesParsed are those that parse.cjs has a parser for. Configurations of
// servers that have a language of their own are read by those servers.
var languagesParsed = strings.Fields("javascript typescript python ruby php java kotlin csharp rust scala elixir go lua toml json shell swift yaml hocon ini properties")

func hasParser(language string) bool {
	for _, l := range languagesParsed {
		if l == language {
			return true
		}
	}
	return false
}

// snippet is a part with what its language needs around it.
func snippet(language, text string) toParse {
	if language == "php" && !strings.Contains(text, "<?php") {
		text = "<?php\n" + text
	}
	return toParse{language, text}
}

// TestSyntax has the parsers of their languages read the configurations of all
// servers. With hostile names in it, a configuration has the same shape as with
// harmless ones: a name stays a string.
func TestSyntax(t *testing.T) {
	app := "https://app.example"
	type row struct {
		what, text      string
		hostile, benign int // the places in the list; hostile is -1 for none
	}
	var list []toParse
	var rows []row
	add := func(r *recipe.Recipe, n recipe.Need, name string) []int {
		n, possible := reduced(r, n)
		if !possible {
			return nil
		}
		c, err := recipe.Configure(r.ID, n)
		if err != nil {
			return nil
		}
		var at []int
		for _, part := range c.Parts {
			if language := r.Language(part.Index); hasParser(language) {
				at = append(at, len(list))
				rows = append(rows, row{fmt.Sprintf("%s, %s, %s", r.ID, name, part.Where), part.Text, -1, len(list)})
				list = append(list, snippet(language, part.Text))
			}
		}
		return at
	}
	for _, r := range recipe.All() {
		add(r, recipe.Need{Origins: []string{app}}, "simple")
		add(r, recipe.Need{Origins: []string{app, "http://localhost:3000"}, Methods: []string{"GET", "PUT"}, Headers: []string{"x-a", "content-type"}}, "two origins")
		add(r, recipe.Need{Origins: []string{app}, Preflight: true}, "a preflight that tells of nothing")
		add(r, recipe.Need{
			Origins: []string{app, "http://[::1]:3000"}, Methods: []string{"GET", "PUT"}, Headers: []string{"x-a", "content-type"}, Credentials: true,
			Expose: []string{"X-Request-Id"}, MaxAge: 600,
		}, "everything")
		for _, token := range hostileTokens {
			with := func(token string) recipe.Need {
				return recipe.Need{Origins: []string{app}, Methods: []string{"PUT", token}, Headers: []string{"x-a", token}, Expose: []string{token}}
			}
			hostile, benign := add(r, with(token), token), add(r, with("harmless"), "harmless")
			for i := range hostile {
				rows[hostile[i]].hostile, rows[hostile[i]].benign = hostile[i], benign[i]
			}
		}
	}
	results := parseAll(t, list)
	compared := 0
	for i, row := range rows {
		if problem := results[i].Problem; problem != "" {
			t.Errorf("%s: %s\n%s", row.what, problem, row.text)
		}
		if row.hostile < 0 {
			continue
		}
		compared++
		if got, want := results[row.hostile].Shape, results[row.benign].Shape; got != want {
			t.Errorf("%s: what is a name changes the shape:\n%s\n%s\n%s", row.what, row.text, got, want)
		}
	}
	t.Logf("%d texts parsed, %d of them with hostile names", len(rows), compared)
}

// TestSyntaxOfNginx has nginx read what is written for servers behind it that
// cannot be started here.
func TestSyntaxOfNginx(t *testing.T) {
	for _, r := range recipe.All() {
		if r.Proof != nil || r.Language(0) != "nginx" {
			continue
		}
		for _, origins := range [][]string{{"https://app.example"}, {"https://app.example", "http://localhost:3000"}} {
			config := texts(configure(t, r, recipe.Need{
				Origins: origins, Methods: []string{"PUT"}, Headers: []string{"x-a", "x!b", "x'c"}, Credentials: true, Expose: []string{"X-B"}, MaxAge: 600,
			}))
			dir := files(t, map[string]string{"nginx.conf": "pid pid;\nevents {}\nhttp {\n" + config[0] + "server {\n" + config[1] + "}\n}\n"})
			if out, err := exec.Command(program(t, "nginx", "nginx-light"), "-t", "-e", "stderr", "-p", dir, "-c", "nginx.conf").CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", r.ID, err, out)
			}
		}
	}
}
