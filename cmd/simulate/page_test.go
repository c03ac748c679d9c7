package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/corsim/corsim/cmd/simulate/internal/page"
)

// The page says of each request what the command says that it names.
func TestPageSaysWhatTheCommandSays(t *testing.T) {
	answers := filepath.Join(t.TempDir(), "answers.txt")
	n := 0
	for _, form := range pageForms() {
		input, err := json.Marshal(form)
		if err != nil {
			t.Fatal(err)
		}
		text, err := page.Do(context.Background(), &page.Call{Name: "check", Input: input})
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Reports []json.RawMessage
			Command []string
			Problem any
		}
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if got.Problem != nil {
			t.Errorf("%s: %v", input, got.Problem)
			continue
		}
		if err := os.WriteFile(answers, []byte(form["answers"]), 0o666); err != nil {
			t.Fatal(err)
		}
		args := []string{"--json"}
		for _, arg := range got.Command {
			if arg == "answers.txt" {
				arg = answers
			}
			args = append(args, arg)
		}
		args[0], args[1] = args[1], args[0] // the command's name is first
		var out, errs bytes.Buffer
		simulate(context.Background(), &streams{strings.NewReader(""), &out, &errs}, args)
		var want []string
		for line := range strings.Lines(out.String()) {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
		if len(want) != len(got.Reports) {
			t.Fatalf("%q: %d reports, want %d: %s", args, len(got.Reports), len(want), &errs)
		}
		for i := range want {
			if string(got.Reports[i]) != want[i] {
				t.Errorf("%q: the page says\n%s\nand the command\n%s", args, got.Reports[i], want[i])
			}
			n++
		}
	}
	if n < 1000 {
		t.Errorf("%d reports are compared", n)
	}
}

// pageForms are what may be in the form, one of each with each.
func pageForms() (forms []map[string]string) {
	for _, who := range []map[string]string{
		{"page": "https://app.example", "url": "https://api.example/x"}, {"page": "https://app.example/a?b", "url": "https://api.example/x?y#z"},
		{"page": "null", "url": "https://api.example/"}, {"page": "https://app.example", "url": "http://api.example/", "hsts": "api.example"},
		{"page": "https://app.example", "url": "http://192.168.1.1/", "localNetwork": "granted"}, {"page": "https://app.example", "url": "https://api.example/", "csp": "connect-src 'self'"},
	} {
		for _, what := range []map[string]string{
			{}, {"method": "PUT"}, {"method": "post", "body": "a=1"}, {"method": "PATCH", "headers": "Content-Type: application/json\nAuthorization: Bearer x", "body": "{}", "credentials": "include"},
			{"cookies": "a=1; b=2", "credentials": "include", "thirdPartyCookies": "blocked"}, {"mode": "no-cors"}, {"redirect": "error"}, {"headers": "X-A: 1\nX-A: 2"}, {"credentials": "omit", "redirect": "manual"},
			{"as": "image"}, {"as": "script", "crossorigin": "anonymous", "integrity": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}, {"as": "font"},
		} {
			for _, answers := range []string{
				"", "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\n", "HTTP/1.1 404 Not Found\n",
				"HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Methods: PUT, PATCH\nAccess-Control-Allow-Headers: *, authorization\nAccess-Control-Allow-Credentials: true\n\nHTTP/1.1 302 Found\nLocation: https://other.example/\nAccess-Control-Allow-Origin: https://app.example\n\nHTTP/1.1 200 OK\nAccess-Control-Allow-Origin: https://app.example\n",
				"HTTP/1.1 200 OK\nSet-Cookie: a=1; Secure\nAccess-Control-Allow-Origin: https://app.example\nAccess-Control-Allow-Credentials: true\nX-A: b\n\nhello",
			} {
				form := map[string]string{"answers": answers}
				for _, part := range []map[string]string{who, what} {
					for key, value := range part {
						form[key] = value
					}
				}
				forms = append(forms, form)
			}
		}
	}
	return forms
}
