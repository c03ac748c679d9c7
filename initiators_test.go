package corsim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/explain"
)

var updateDocuments = flag.Bool("update-docs", false, "write docs/initiators.md anew")

// TestInitiatorsDocument holds docs/initiators.md to what the engine asks for, and to the words of package explain.
func TestInitiatorsDocument(t *testing.T) {
	file := filepath.Join("docs", "initiators.md")
	text := initiatorsDocument(t)
	if *updateDocuments {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got), to be written anew with go test . -update-docs:\n%s", file, diff)
	}
}

// initiatorsDocument makes the document of the data.
func initiatorsDocument(t *testing.T) string {
	page, err := fetch.NewPage("https://app.example/", nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(`# What asks, and what CORS has to do with it

A page asks for things in many ways besides fetch() and XMLHttpRequest. Each row is what one of them asks for of another origin, by the standards; where browsers
differ, ` + "`simulate quirks`" + ` says so. The last column is what becomes of it where the server sends no CORS header at all. ` + "`simulate check URL --origin ORIGIN --as NAME`" + ` asks a live server so.
This file is written by a test from the engine's own table: ` + "`go test . -update-docs`" + `.

| ` + "`--as`" + ` | in the page | mode | credentials | with ` + "`crossorigin`" + ` | preflight | without CORS headers |
| --- | --- | --- | --- | --- | --- | --- |
| fetch | ` + "`fetch()`" + `, ` + "`XMLHttpRequest`" + ` | cors | same-origin, unless the call says include | | if a method, header or Content-Type is not safelisted | script gets an error |
`)
	for _, i := range explain.Initiators {
		load := func(a *fetch.Attributes) *fetch.Request {
			r, err := fetch.NewLoad(page, fetch.Initiator(i.API), "https://cdn.example/x", a)
			if err != nil {
				t.Fatalf("%s: %v", i.As, err)
			}
			return r
		}
		plain := load(nil)
		attribute := ""
		if i.Attribute {
			var parts []string
			for _, value := range []string{"anonymous", "use-credentials"} {
				r := load(&fetch.Attributes{CrossOrigin: &value})
				parts = append(parts, fmt.Sprintf("`%s`: %s, %s", value, r.Mode(), r.Credentials()))
			}
			attribute = strings.Join(parts, "; ")
		}
		credentials, preflight := string(plain.Credentials()), "never"
		switch i.As {
		case "eventsource":
			credentials += ", with `withCredentials` " + string(load(&fetch.Attributes{WithCredentials: true}).Credentials())
		case "beacon":
			typed := load(&fetch.Attributes{Body: fetch.Blob(nil, "application/json")})
			preflight = fmt.Sprintf("if the Content-Type is not safelisted, as application/json is not: then the mode is %s", typed.Mode())
		}
		if i.Navigates {
			preflight = "never: CORS does not judge it, the server must look at `Origin`"
		}
		learns := i.Opaque
		if learns == "" {
			learns = i.Failed
		}
		if i.Navigates {
			learns = i.Readable
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s | %s | %s |\n", i.As, i.Markup, plain.Mode(), credentials, attribute, preflight, learns)
	}
	b.WriteString(`
A request in mode same-origin is not even sent to another origin. In mode no-cors nothing is asked of the server, and an element shows, plays or runs what comes: what CORS
forbids is reading it. That is why a film of another site plays while XMLHttpRequest for the same URL fails. ` + "`simulate check URL --origin ORIGIN --as video,xhr`" + ` shows both.

Manifests are by the standard; no browser was observed with them. All others were: the outcomes are in testdata/observations.
`)
	return b.String()
}
