package explain

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"go/format"
	"io"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// needs are those that every server's configuration is made for in the tests.
var needs = map[string]Need{
	"one origin": {Origins: []string{"https://app.example"}},
	"everything": {
		Origins: []string{"https://app.example"}, Methods: []string{"PUT"}, Headers: []string{"Content-Type", "X-A"},
		Credentials: true, Expose: []string{"X-Request-Id"}, MaxAge: 600,
	},
	"a list of origins": {
		Origins: []string{"https://app.example", "http://localhost:3000"}, Methods: []string{"GET", "DELETE"}, Headers: []string{"Authorization"},
	},
	"a list, simple": {Origins: []string{"https://app.example", "null"}},
}

// TestConfigure checks that each configuration names what is needed, allows
// nothing by "*", and has the syntax of its language as far as that can be told.
func TestConfigure(t *testing.T) {
	for _, s := range Servers() {
		for name, n := range needs {
			t.Run(s.ID+"/"+name, func(t *testing.T) {
				c, err := Configure(s.ID, n)
				if err != nil {
					t.Fatal(err)
				}
				whole := ""
				for _, part := range c.Parts {
					whole += part.Text
					checkSyntax(t, part)
				}
				wanted := append(append([]string{}, n.Origins...), n.Expose...)
				for _, h := range n.Headers {
					wanted = append(wanted, strings.ToLower(h))
				}
				for _, word := range append(wanted, n.Methods...) {
					if !strings.Contains(strings.ToLower(whole), strings.ToLower(word)) && word != "GET" {
						t.Errorf("%s is not in it:\n%s", word, whole)
					}
				}
				for _, wide := range []string{`origin: "*"`, `Allow-Origin "*"`, `Allow-Origin *`, `origins "*"`} {
					if strings.Contains(whole, wide) {
						t.Errorf("%s is in it:\n%s", wide, whole)
					}
				}
				if n.Credentials != strings.Contains(strings.ToLower(whole), "credentials") && s.ID != "s3" && s.ID != "tomcat" {
					t.Errorf("credentials: want %v:\n%s", n.Credentials, whole)
				}
				if text := c.String(); c.Tested == strings.Contains(text, "syntax only") {
					t.Errorf("it does not say how it was tested:\n%s", text)
				}
			})
		}
	}
}

// checkSyntax checks what is known of a language: JSON, XML and Go whole, of the
// others that brackets and quotes are closed.
func checkSyntax(t *testing.T, part Part) {
	t.Helper()
	switch first := strings.TrimSpace(part.Text)[:1]; {
	case strings.Contains(part.Where, ".json"):
		if !json.Valid([]byte(part.Text)) {
			t.Errorf("no JSON:\n%s", part.Text)
		}
		return
	case first == "<":
		decoder := xml.NewDecoder(strings.NewReader("<x>" + part.Text + "</x>"))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("no XML: %v\n%s", err, part.Text)
			}
		}
	case part.Where == "cors.go" || strings.Contains(part.Where, "go get"):
		source := part.Text
		if !strings.Contains(source, "package") {
			source = "package p\nfunc f() {\n" + source + "}\n"
		}
		if _, err := format.Source([]byte(source)); err != nil {
			t.Errorf("no Go: %v\n%s", err, source)
		}
		return
	}
	var open []byte
	quote := byte(0)
	for i := 0; i < len(part.Text); i++ {
		switch c := part.Text[i]; {
		case quote != 0:
			if c == quote || c == '\n' {
				if c == '\n' {
					t.Errorf("a quotation is not closed:\n%s", part.Text)
				}
				quote = 0
			}
		case c == '"':
			quote = c
		case c == '/' && strings.HasPrefix(part.Text[i:], "// "):
			i += strings.IndexByte(part.Text[i:], '\n')
		case strings.IndexByte("({[", c) >= 0:
			open = append(open, ")}]"[strings.IndexByte("({[", c)])
		case strings.IndexByte(")}]", c) >= 0:
			if len(open) == 0 || open[len(open)-1] != c {
				t.Fatalf("byte %d, %q, closes nothing:\n%s", i, c, part.Text)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%q is missing:\n%s", open, part.Text)
	}
}

// Every reason can be configured away on every server, or is none of the server's
// CORS configuration.
func TestEveryReasonOnEveryServer(t *testing.T) {
	for _, reason := range cors.Reasons() {
		e := &cors.Error{Reason: reason, Subject: "PUT", URL: "https://api.example/"}
		r := &cors.Request{Origin: "https://app.example", Method: "PUT", Headers: headers.List{{Name: "X-A", Value: "1"}}}
		if x := Explain(e, r, Exchange{}); len(x.Causes) == 0 {
			t.Fatalf("%v is not explained", reason)
		}
		for _, s := range Servers() {
			c, err := Configure(s.ID, NeedOf(r))
			if err != nil || len(c.Parts) == 0 || !strings.Contains(c.String(), "x-a") {
				t.Errorf("%v, %s: %v", reason, s.ID, err)
			}
		}
	}
}

func TestConfigureRefuses(t *testing.T) {
	tests := []struct {
		server string
		need   Need
		says   string
	}{
		{"nginxx", Need{Origins: []string{"https://a.example"}}, `no configuration for "nginxx", only for apache`},
		{"nginx", Need{}, "no origin"},
		{"nginx", Need{Origins: []string{"*"}}, "not a serialized origin"},
		{"nginx", Need{Origins: []string{"https://a.example/"}}, "not a serialized origin"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Methods: []string{"P'T"}}, "by hand"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Headers: []string{"x$a"}}, "by hand"},
		{"nginx", Need{Origins: []string{"https://a.example"}, MaxAge: -1}, "-1 seconds"},
		{"s3", Need{Origins: []string{"https://a.example"}, Methods: []string{"PATCH"}}, "know no method PATCH"},
	}
	for _, tt := range tests {
		if _, err := Configure(tt.server, tt.need); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s, %+v: %v, want %q in it", tt.server, tt.need, err, tt.says)
		}
	}
}

func TestGuess(t *testing.T) {
	for _, tt := range []struct{ header, want string }{
		{"Server: nginx/1.22.1", "nginx"}, {"Server: Apache/2.4.62 (Debian)", "apache"}, {"Server: Microsoft-IIS/10.0", "iis"},
		{"X-Powered-By: Express", "express"}, {"Via: 1.1 Caddy", "caddy"}, {"Server: Werkzeug/3.0 Python/3.11", "flask"},
		{"Server: uvicorn", "fastapi"}, {"Server: AmazonS3", "s3"}, {"Server: Kestrel", "aspnetcore"}, {"Server: gws", ""},
	} {
		name, value, _ := strings.Cut(tt.header, ": ")
		got := strings.Join(Guess(headers.List{{Name: name, Value: value}}), " ")
		if got != tt.want {
			t.Errorf("%s: %q, want %q", tt.header, got, tt.want)
		}
	}
	both := Guess(headers.List{{Name: "Server", Value: "nginx"}, {Name: "X-Powered-By", Value: "Express"}})
	if strings.Join(both, " ") != "express nginx" {
		t.Errorf("%q: what made the response comes first", both)
	}
	for _, sign := range signs {
		if _, err := Configure(sign.id, Need{Origins: []string{"https://a.example"}}); err != nil {
			t.Error(err)
		}
	}
}

// FuzzConfigure checks that nothing gets into a configuration which could mean
// more than the need: what is no plain word is refused.
func FuzzConfigure(f *testing.F) {
	f.Add("https://a.example", "PUT", "X-A", "X-B")
	f.Add("https://a.example\"; drop", "PUT\n", "x}", "$x")
	f.Fuzz(func(t *testing.T, from, method, header, expose string) {
		n := Need{Origins: []string{from}, Methods: []string{method}, Headers: []string{header}, Expose: []string{expose}}
		for _, s := range Servers() {
			c, err := Configure(s.ID, n)
			if err != nil {
				continue
			}
			if strings.ContainsAny(from+method+header+expose, "\"'`$%{}()<>;\n\\ #*") {
				t.Errorf("%s: %+v is taken:\n%s", s.ID, n, c)
			}
		}
	})
}
