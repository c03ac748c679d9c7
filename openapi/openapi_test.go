package openapi_test

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/corstest"
	"github.com/corsim/corsim/internal/contract"
	"github.com/corsim/corsim/openapi"
)

var update = flag.Bool("update", false, "write the golden files")

// golden holds a text to be what a file has.
func golden(t *testing.T, file, text string) {
	t.Helper()
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("-%s +got:\n%s", file, diff)
	}
}

const app = "https://app.shop.example"

// shop returns the contract of the description.
func shop(t *testing.T, o openapi.Options) string {
	t.Helper()
	doc, err := openapi.Load("testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := openapi.Contract(doc, o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestContract(t *testing.T) {
	text := shop(t, openapi.Options{Origins: []string{app}, Others: []string{"https://evil.example"}})
	golden(t, "shop.contract", text)
	c, err := contract.Parse("shop.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Pages[0].Promises); n < 50 {
		t.Errorf("%d promises", n)
	}
}

// A mistake is one that a server makes of some requests.
type mistake struct {
	of      func(r *http.Request) bool
	without string // a header
	words   string // or words of one
}

// server answers whatever the description has, and permits app.shop.example.
func server(mistakes ...mistake) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Vary", "Origin")
		if r.Header.Get("Origin") == app {
			h.Set("Access-Control-Allow-Origin", app)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Expose-Headers", "X-Total-Count")
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key, X-Trace-Id")
		}
		for _, m := range mistakes {
			switch {
			case !m.of(r):
			case m.words != "":
				h.Set(m.without, strings.ReplaceAll(h.Get(m.without), ", "+m.words, ""))
			default:
				h.Del(m.without)
			}
		}
		if r.Method == "OPTIONS" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("X-Total-Count", "1")
	})
}

func at(prefix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/v1"+prefix) }
}

// TestMistakesAreFound has a server with three mistakes: each is found, at the operations that it is of, and nothing
// else.
func TestMistakesAreFound(t *testing.T) {
	text := shop(t, openapi.Options{Origins: []string{app}, Others: []string{"https://evil.example"}})
	c, err := contract.Parse("shop.contract", text)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		server http.Handler
		golden string
	}{
		{"right", server(), ""},
		{"three mistakes", server(
			mistake{at("/orders"), "Access-Control-Allow-Methods", "PATCH"},
			mistake{at("/warehouses"), "Access-Control-Allow-Headers", "X-Api-Key"},
			mistake{at("/invoices"), "Access-Control-Allow-Credentials", ""},
		), "mistakes.txt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := contract.Handler(test.server)
			o.Base = ""
			report, err := contract.Run(t.Context(), c, o)
			if err != nil {
				t.Fatal(err)
			}
			var broken strings.Builder
			for _, r := range report.Results {
				if r.Verdict == contract.Broken {
					broken.WriteString(r.Promise.Title() + "\n  " + r.Problem + " in " + strings.Join(r.Engines, ", ") + "\n")
				}
			}
			switch {
			case test.golden != "":
				golden(t, test.golden, broken.String())
			case broken.Len() > 0:
				t.Errorf("broken are\n%s", &broken)
			}
		})
	}
}

// The contract is one that corstest takes, with a subtest for each promise.
func TestInCorstest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "shop.contract")
	if err := os.WriteFile(file, []byte(shop(t, openapi.Options{Origins: []string{app}})), 0o666); err != nil {
		t.Fatal(err)
	}
	corstest.Contract(t, server(), file)
}

func parse(t *testing.T, text string) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

const head = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\nservers: [{url: 'https://api.example'}]\n"

func TestOperations(t *testing.T) {
	for _, test := range []struct {
		name, description string
		want              []string
	}{
		{"a basic login", "paths: {/a: {get: {security: [{b: []}], responses: {}}}}\ncomponents: {securitySchemes: {b: {type: http, scheme: basic}}}", []string{`allow GET /a header Authorization="Basic eDp4"`}},
		{"OAuth", "security: [{b: []}]\npaths: {/a: {get: {responses: {}}}}\ncomponents: {securitySchemes: {b: {type: oauth2, flows: {}}}}", []string{`allow GET /a header Authorization="Bearer x"`}},
		{"a key in the query", "security: [{b: []}]\npaths: {/a: {get: {responses: {}}}}\ncomponents: {securitySchemes: {b: {type: apiKey, in: query, name: key}}}", []string{`allow GET /a?key=x`}},
		{"two schemes together", "security: [{b: [], c: []}]\npaths: {/a: {get: {responses: {}}}}\ncomponents: {securitySchemes: {b: {type: apiKey, in: cookie, name: s}, c: {type: apiKey, in: header, name: X-CSRF}}}",
			[]string{`allow GET /a credentials header X-CSRF=x`}},
		{"one or none", "security: [{}, {b: []}]\npaths: {/a: {get: {responses: {}}}}\ncomponents: {securitySchemes: {b: {type: apiKey, in: cookie, name: s}}}", []string{"allow GET /a", "allow GET /a credentials"}},
		{"no such scheme", "security: [{x: []}]\npaths: {/a: {get: {security: [], responses: {}}}, /b: {get: {responses: {}}}}", []string{"allow GET /a", `# Not promised: GET /b: there is no security scheme "x".`}},
		{"an upload", "paths: {/a: {post: {requestBody: {content: {multipart/form-data: {}}}, responses: {}}}}", []string{`allow POST /a text=--x-- header Content-Type="multipart/form-data; boundary=x"`}},
		{"a patch", "paths: {/a: {patch: {requestBody: {content: {application/json-patch+json: {}}}, responses: {}}}}", []string{`allow PATCH /a json header Content-Type=application/json-patch+json`}},
		{"bytes", "paths: {/a: {put: {requestBody: {content: {'*/*': {}}}, responses: {}}}}", []string{`allow PUT /a text=x header Content-Type=application/octet-stream`}},
		{"text", "paths: {/a: {put: {requestBody: {content: {text/plain: {}}}, responses: {}}}}", []string{`allow PUT /a text=x`}},
		{"a path that needs quoting", `paths: {"/a b/{c}/#": {get: {parameters: [{name: c, in: path, required: true, schema: {type: string, enum: ["x/\" y"]}}], responses: {}}}}`, []string{`allow GET /a%20b/x%2F%22%20y/%23`}},
		{"a header that script cannot set", "paths: {/a: {get: {parameters: [{name: Cookie, in: header, required: true, schema: {type: string}}], responses: {}}}}",
			[]string{"allow GET /a", "# Not promised: GET /a: script cannot set the header Cookie, which the description requires."}},
		{"a schema within itself", "paths: {'/{a}': {get: {parameters: [{name: a, in: path, required: true, schema: {$ref: '#/components/schemas/A'}}], responses: {}}}}\ncomponents: {schemas: {A: {anyOf: [{$ref: '#/components/schemas/A'}]}}}",
			[]string{"allow GET /1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := openapi.Contract(parse(t, head+test.description), openapi.Options{Origins: []string{app}})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for line := range strings.Lines(text) {
				if line = strings.TrimSpace(line); strings.HasPrefix(line, "allow") || strings.HasPrefix(line, "# Not") {
					got = append(got, line)
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}

func TestContractErrors(t *testing.T) {
	const paths = "paths: {/a: {get: {responses: {}}}}"
	for _, test := range []struct{ description, want string }{
		{head + "paths: {}", "the description has no operation that a page can use"},
		{strings.ReplaceAll(head, "https://api.example", "/v1") + paths, `where the service is must be said: the server of the description is "/v1", so give the base`},
		{"openapi: 3.0.0\ninfo: {title: A, version: '1'}\n" + paths, "where the service is must be said: the description has no server, so give the base"},
	} {
		if _, err := openapi.Contract(parse(t, test.description), openapi.Options{Origins: []string{app}}); err == nil || err.Error() != test.want {
			t.Errorf("%v, not %s", err, test.want)
		}
	}
	if _, err := openapi.Contract(parse(t, head+paths), openapi.Options{}); err == nil || !strings.HasPrefix(err.Error(), "to whom is it promised?") {
		t.Errorf("%v", err)
	}
	if _, err := openapi.Contract(parse(t, head+paths), openapi.Options{Origins: []string{"app"}}); err == nil || !strings.Contains(err.Error(), `"app" is no origin`) {
		t.Errorf("%v", err)
	}
	if _, err := openapi.Contract(parse(t, strings.ReplaceAll(head, "https://api.example", "/v1")+paths), openapi.Options{Origins: []string{app}, Base: "https://other.example"}); err != nil {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "a.yaml")
	if err := os.WriteFile(file, []byte(head+"paths: {/a: {$ref: 'http://127.0.0.1:1/a.yaml'}}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := openapi.Load(file); err == nil || !strings.Contains(err.Error(), "nothing is asked over a network") {
		t.Errorf("%v", err)
	}
}
