package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/corsim/corsim/internal/schema"
)

// strictly returns a schema under which no object has members that are not described, except
// where the schema says so itself: what is printed must be promised.
func strictly(t *testing.T, name string) *jsonschema.Resolved {
	t.Helper()
	text, err := schema.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	var content any
	if err := json.Unmarshal(text, &content); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	closeObjects(content)
	text, err = json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	resolved, err := s.Resolve(nil)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return resolved
}

func closeObjects(node any) {
	switch node := node.(type) {
	case map[string]any:
		if _, described := node["properties"].(map[string]any); described && node["additionalProperties"] == nil {
			node["additionalProperties"] = false
		}
		for _, n := range node {
			closeObjects(n)
		}
	case []any:
		for _, n := range node {
			closeObjects(n)
		}
	}
}

// validate holds each JSON value of a text against a schema, and returns how many there are.
func validate(t *testing.T, what string, s *jsonschema.Resolved, text []byte) (n int) {
	t.Helper()
	for d := json.NewDecoder(bytes.NewReader(text)); ; n++ {
		var value any
		if err := d.Decode(&value); err == io.EOF {
			return n
		} else if err != nil {
			t.Errorf("%s: %v", what, err)
			return n
		}
		if err := s.Validate(value); err != nil {
			line, _ := json.Marshal(value)
			t.Errorf("%s: %v\n%.600s", what, err, line)
			return n
		}
	}
}

// Each --json prints what its schema says, and nothing else: a command with --json and no case
// here fails.
func TestOutputsHaveSchemas(t *testing.T) {
	t.Setenv("NO_PROXY", "*")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/open") {
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Access-Control-Allow-Headers", "content-type")
			w.Header().Set("Access-Control-Allow-Methods", "PUT")
		}
		if r.URL.Path == "/login" {
			http.Redirect(w, r, "https://login.example/", http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	page := []string{"--origin", "http://app.example"}
	ask := func(path string, flags ...string) []string {
		return append(append([]string{server.URL + path}, page...), flags...)
	}
	recordings, err := filepath.Glob("../../testdata/recordings/*.*")
	if err != nil {
		t.Fatal(err)
	}
	recordings = slices.DeleteFunc(recordings, func(name string) bool {
		return strings.HasPrefix(filepath.Base(name), ".") || strings.HasSuffix(name, ".expected.json") || strings.HasSuffix(name, ".md") || strings.HasPrefix(filepath.Base(name), "curl-get")
	})
	bad := filepath.Join(t.TempDir(), "bad.har")
	if err := os.WriteFile(bad, []byte(`{"log":{"entries":[{"request":{"method":[],"url":1}}]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	message := "Access to fetch at 'https://api.example/' from origin 'https://app.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
	cases := map[string][][]string{
		"check": {
			ask("/open"), ask("/closed"), ask("/open", "-X", "PUT", "-H", "Content-Type: application/json", "-d", "{}", "--credentials", "include", "--browser", "all"),
			ask("/login"), ask("/closed", "-X", "PUT", "--why"), ask("/open", "--dry-run"), ask("/open", "--as", "image"), ask("/closed", "--as", "image,font,module"),
			{server.URL, "--origin", "https://app.example", "--browser", "chromium", "--page-address-space", "public"},
		},
		"probe":   {ask("/open"), ask("/closed", "-X", "PUT"), ask("/login")},
		"explain": {{message}, {message, "--server", "nginx"}, {"why does it work in Postman and not in my page"}, {"--cause", "options-not-routed"}, {"--reason", "method-not-allowed"}},
		"replay":  {append([]string{"--browser", "all", "--all"}, recordings...), {bad, bad}, {"--origin", "https://x.example", "--credentials", "include", recordings[0]}},
		"cost":    {{"../../testdata/recordings/chromium-devtools.har"}, {"--requests", "30", "--browser", "all"}},
		"wpt":     {{"cors/origin.htm"}},
		"version": {{}},
	}
	for _, c := range commands() {
		f, _ := c.flags(new(colorMode))
		if !slices.Contains(f.names(), "json") {
			continue
		}
		if cases[c.name] == nil {
			t.Errorf("simulate %s has --json: put its schema into internal/schema/schemas/%s.json, and a case here", c.name, c.name)
			continue
		}
		s := strictly(t, c.name)
		for _, args := range cases[c.name] {
			var out, errs bytes.Buffer
			line := append([]string{c.name, "--json"}, args...)
			simulate(context.Background(), &streams{strings.NewReader(""), &out, &errs}, line)
			if n := validate(t, strings.Join(line, " "), s, out.Bytes()); n == 0 {
				t.Errorf("%q prints nothing: %s", line, errs.String())
			}
		}
	}
}

// Scenarios that were recorded, and what came of them, are as the schemas of simulate run say.
func TestScenariosHaveSchemas(t *testing.T) {
	for name, files := range map[string][]string{
		"scenario": {"scenarios.jsonl.gz", "environment.scenarios.jsonl.gz", "framing.scenarios.jsonl.gz", "initiators.scenarios.jsonl.gz"},
		"run":      {"chromium.jsonl.gz", "environment.firefox.jsonl.gz", "initiators.webkit.jsonl.gz"},
	} {
		s := strictly(t, name)
		for _, file := range files {
			in, err := os.Open("../../testdata/observations/" + file)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			unzipped, err := gzip.NewReader(in)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(unzipped)
			if err != nil {
				t.Fatal(err)
			}
			var sample []byte
			for i, line := range bytes.SplitAfter(content, []byte("\n")) {
				if i%17 == 0 {
					sample = append(sample, line...)
				}
			}
			if n := validate(t, file, s, sample); n < 50 {
				t.Errorf("%s: %d lines", file, n)
			}
			if name == "scenario" {
				var out bytes.Buffer
				simulate(context.Background(), &streams{bytes.NewReader(sample), &out, io.Discard}, []string{"run", "--browser", "all", "-"})
				validate(t, "simulate run on "+file, strictly(t, "run"), out.Bytes())
			}
		}
	}
}

// A schema that refers to nothing that there is not, and that a wrong value does not satisfy.
func TestSchemasRefuse(t *testing.T) {
	for _, name := range schema.Names() {
		if err := strictly(t, name).Validate(map[string]any{"v": 2.0, "nothing": true}); err == nil {
			t.Errorf("%s: anything satisfies it", name)
		}
	}
}
