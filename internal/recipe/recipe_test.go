package recipe

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"go/format"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

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
	"a list, simple":                    {Origins: []string{"https://app.example", "http://[::1]:8080"}},
	"a preflight that tells of nothing": {Origins: []string{"https://app.example"}, Preflight: true},
	"hostile": {
		Origins: []string{"https://app.example"}, Methods: []string{"X-EXIT", "VERSION-CONTROL", "2FA"}, Headers: []string{"x'a", "x`b", "x!c|d&e~f^g"},
	},
}

// TestConfigure checks that each configuration names what is needed, allows
// nothing by "*", and has the syntax of its language as far as that can be told
// without a program of that language; package e2e asks those. What a server cannot
// have is an error, of a recipe that says why.
func TestConfigure(t *testing.T) {
	for _, r := range All() {
		for name, n := range needs {
			t.Run(r.ID+"/"+name, func(t *testing.T) {
				checked, err := n.check()
				if err != nil {
					t.Fatal(err)
				}
				c, err := Configure(r.ID, n)
				if err != nil {
					if r.possible(checked) == nil && name != "hostile" {
						t.Error(err)
					}
					return
				}
				whole := ""
				for _, part := range c.Parts {
					whole += part.Text
					checkSyntax(t, r.parts[part.Index].language, part)
				}
				checkNames(t, n, whole, c.String())
				if text := c.String(); c.Proven == strings.Contains(text, "not tried") || (!c.Proven && c.Parsed) != strings.Contains(text, "syntax only") {
					t.Errorf("it does not say how it was tested:\n%s", text)
				}
				if strings.Contains(c.String(), "<no value>") || strings.Contains(c.String(), "%!") {
					t.Errorf("a template failed:\n%s", c)
				}
			})
		}
	}
}

// checkNames checks that what is needed is named, in a note where the server has no
// list for it, and that nothing is allowed to everybody.
func checkNames(t *testing.T, n Need, parts, whole string) {
	t.Helper()
	if n.Methods != nil && strings.Contains(n.Methods[0], "X-EXIT") {
		return // in which spelling depends on the language
	}
	wanted := append(append([]string{}, n.Origins...), n.Expose...)
	wanted = append(append(wanted, n.Headers...), n.Methods...)
	flat := regexp.MustCompile(`\\+([./\[\]\-])`).ReplaceAllString(strings.ToLower(whole), "$1")
	for _, word := range wanted {
		if !strings.Contains(flat, strings.ToLower(word)) && word != "GET" {
			t.Errorf("%s is not in it:\n%s", word, whole)
		}
	}
	for _, wide := range []string{`origin: "*"`, `Allow-Origin "*"`, `Allow-Origin *`, `Allow-Origin: *`, `origins "*"`} {
		if strings.Contains(parts, wide) {
			t.Errorf("%s is in it:\n%s", wide, whole)
		}
	}
}

// checkSyntax checks what is known of a language: JSON, XML and Go whole, of the
// others that brackets and quotes are closed.
func checkSyntax(t *testing.T, language string, part Part) {
	t.Helper()
	switch language {
	case "json":
		if !json.Valid([]byte(part.Text)) {
			t.Errorf("no JSON:\n%s", part.Text)
		}
	case "xml":
		decoder := xml.NewDecoder(strings.NewReader("<x>" + part.Text + "</x>"))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatalf("no XML: %v\n%s", err, part.Text)
			}
		}
	case "go":
		source := part.Text
		if !strings.Contains(source, "package") {
			source = "package p\nfunc f() {\n" + source + "}\n"
		}
		if _, err := format.Source([]byte(source)); err != nil {
			t.Errorf("no Go: %v\n%s", err, source)
		}
	case "form", "word", "apache", "shell", "vcl":
	default:
		checkBrackets(t, language, part.Text)
	}
}

var (
	comments   = regexp.MustCompile(`(?m)(^|\s)(//|#|--) .*$`)
	quotations = regexp.MustCompile(`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`)
)

func checkBrackets(t *testing.T, language, text string) {
	t.Helper()
	var open []byte
	for _, c := range []byte(quotations.ReplaceAllString(comments.ReplaceAllString(text, ""), "0")) {
		switch {
		case c == '"':
			t.Errorf("%s: a quotation is not closed:\n%s", language, text)
		case strings.IndexByte("({[", c) >= 0:
			open = append(open, ")}]"[strings.IndexByte("({[", c)])
		case strings.IndexByte(")}]", c) >= 0:
			if len(open) == 0 || open[len(open)-1] != c {
				t.Fatalf("%s: %q closes nothing:\n%s", language, c, text)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%s: %q is missing:\n%s", language, open, text)
	}
}

func TestConfigureRefuses(t *testing.T) {
	tests := []struct {
		server string
		need   Need
		says   string
	}{
		{"nginxx", Need{Origins: []string{"https://a.example"}}, `no server "nginxx": did you mean nginx`},
		{"nginx", Need{}, "no origin"},
		{"nginx", Need{Origins: []string{"*"}}, "not a serialized origin"},
		{"nginx", Need{Origins: []string{"https://a.example/"}}, "not a serialized origin"},
		{"nginx", Need{Origins: []string{"https://*.example"}}, "no configuration is written with"},
		{"nginx", Need{Origins: []string{`https://a".example`}}, "no configuration is written with"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Methods: []string{"P T"}}, "not one that a browser can send"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Methods: []string{"P*T"}}, "take for a pattern"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Headers: []string{"x$a"}}, "nothing takes away"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Headers: []string{"*"}}, "take for a pattern"},
		{"nginx", Need{Origins: []string{"https://a.example"}, Expose: []string{"a,b"}}, "not one that a browser can send"},
		{"nginx", Need{Origins: []string{"https://a.example"}, MaxAge: -1}, "-1 seconds"},
		{"s3", Need{Origins: []string{"https://a.example"}, Methods: []string{"PATCH"}}, "knows no method PATCH"},
	}
	for _, tt := range tests {
		if _, err := Configure(tt.server, tt.need); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s, %+v: %v, want %q in it", tt.server, tt.need, err, tt.says)
		}
	}
}

// What would be wrong to allow is not written, and the reader is told what to do
// instead.
func TestConfigureTells(t *testing.T) {
	app := []string{"https://app.example"}
	for _, tt := range []struct {
		name   string
		server string
		need   Need
		has    []string
		hasNot []string
	}{
		{"null alone", "nginx", Need{Origins: []string{"null"}}, []string{"null", "http://localhost"}, []string{"add_header", "not tried"}},
		{"null among others", "express", Need{Origins: []string{"null", app[0]}}, []string{`origin: ["https://app.example"]`, "any site"}, []string{`"null"]`}},
		{"no origin known", "caddy", Need{Origins: []string{UnknownOrigin}}, []string{"Replace " + UnknownOrigin}, nil},
		{"an origin known beside", "caddy", Need{Origins: []string{UnknownOrigin, app[0]}}, []string{app[0]}, []string{UnknownOrigin}},
		{"a response header that was sent", "express", Need{Origins: app, Headers: []string{"Access-Control-Allow-Origin", "x-a"}},
			[]string{`allowedHeaders: ["x-a"]`, "remove it"}, nil},
		{"patch", "express", Need{Origins: app, Methods: []string{"patch"}}, []string{`methods: ["PATCH"]`, "send PATCH, in capitals"}, nil},
		{"put", "express", Need{Origins: app, Methods: []string{"put"}}, []string{`methods: ["PUT"]`}, []string{"capitals"}},
		{"a list that replaces", "express", Need{Origins: app, Headers: []string{"x-a"}}, []string{"allowedHeaders replaces", "in addition"}, []string{"names only the first"}},
		{"a list that adds", "django", Need{Origins: app, Headers: []string{"x-a"}}, []string{`[*default_headers, "x-a"]`}, nil},
		{"a message about one", "aspnetcore", Need{Origins: app, Headers: []string{"x-a"}, FirstHeaderOnly: true}, []string{"names only the first"}, []string{"replaces what was"}},
		{"nothing to list", "express", Need{Origins: app}, nil, []string{"names only the first"}},
		{"an unknown preflight", "nginx", Need{Origins: app, Preflight: true}, []string{"return 204", "Access-Control-Request-Method", "-X and -H"}, nil},
		{"another product's host", "firebase", Need{Host: "firebasestorage.googleapis.com", Origins: app}, []string{"--cors-file"}, []string{"onRequest"}},
		{"the product's own host", "firebase", Need{Host: "proj.web.app", Origins: app}, []string{"onRequest"}, []string{"--cors-file"}},
		{"a symbol", "rails", Need{Origins: app, Methods: []string{"X-EXIT", "PUT"}}, []string{`methods: [:"x-exit", :put]`}, nil},
		{"a format", "apache", Need{Origins: app, Headers: []string{"x%a"}}, []string{`"x%%a"`}, nil},
		{"a pattern", "flask", Need{Origins: []string{"http://[::1]"}}, []string{`"^http://\\[::1\\]$"`}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Configure(tt.server, tt.need)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.has {
				if !strings.Contains(c.String(), want) {
					t.Errorf("%q is not in it:\n%s", want, c)
				}
			}
			for _, unwanted := range tt.hasNot {
				if strings.Contains(c.String(), unwanted) {
					t.Errorf("%q is in it:\n%s", unwanted, c)
				}
			}
		})
	}
}

// Every byte that a method or a header name may have is read back as it was, by
// the readers of their languages that Go has.
func TestLanguages(t *testing.T) {
	const all = "!#$%&'+-.^_`|~aA0"
	for name, read := range map[string]func(string) (string, error){
		"go": strconv.Unquote,
		"json": func(s string) (out string, err error) {
			err = json.Unmarshal([]byte(s), &out)
			return out, err
		},
		"xml": func(s string) (out string, err error) {
			var x struct {
				A string `xml:"a,attr"`
			}
			err = xml.Unmarshal([]byte(`<x a="`+s+`"/>`), &x)
			return x.A, err
		},
	} {
		for _, want := range []string{all, `<">\&`} {
			got, err := read(languages[name].quote(want))
			if got != want || err != nil {
				t.Errorf("%s: %q is read as %q, %v", name, want, got, err)
			}
		}
	}
	for _, tt := range []struct{ language, text, want string }{
		{"ruby", `a#{b}#$c"\`, `"a\#{b}\#$c\"\\"`}, {"ruby-symbol", "put", ":put"}, {"ruby-symbol", "x-exit", `:"x-exit"`}, {"ruby-symbol", "2fa", `:"2fa"`},
		{"kotlin", "a$b", `"a\$b"`}, {"php", `a'b$c\`, `'a\'b$c\\'`}, {"shell", "a'b$c`d`", `'a'\''b$c` + "`d`'"},
		{"apache", `a%b"`, `"a%%b\""`}, {"haproxy", "a%b$c", `"a%%b\$c"`}, {"xml", `<a b='"&`, `&lt;a b=&apos;&quot;&amp;`},
	} {
		if got := languages[tt.language].quote(tt.text); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.language, got, tt.want)
		}
	}
}

func TestGuess(t *testing.T) {
	for _, tt := range []struct{ header, want string }{
		{"Server: nginx/1.22.1", "nginx"}, {"Server: Apache/2.4.62 (Debian)", "apache"}, {"Server: Microsoft-IIS/10.0", "iis"},
		{"X-Powered-By: Express", "express"}, {"Via: 1.1 Caddy", "caddy"}, {"Server: Werkzeug/3.0 Python/3.11", "flask"},
		{"Server: uvicorn", "fastapi"}, {"Server: AmazonS3", "s3"}, {"Server: Kestrel", "aspnetcore"}, {"Server: gws", ""},
		{"host: bucket.s3.amazonaws.com", "s3"}, {"host: notweb.app", ""},
	} {
		name, value, _ := strings.Cut(tt.header, ": ")
		host, list := "api.example", headers.List{{Name: name, Value: value}}
		if name == "host" {
			host, list = value, nil
		}
		if got := strings.Join(Guess(host, list), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.header, got, tt.want)
		}
	}
	both := Guess("", headers.List{{Name: "Server", Value: "nginx"}, {Name: "X-Powered-By", Value: "Express"}})
	if strings.Join(both, " ") != "express nginx" {
		t.Errorf("%q: what made the response comes first", both)
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{"nginx": "nginx", "httpd": "apache", "Spring-Boot": "spring"} {
		if r, err := Find(name); err != nil || r.ID != want {
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	for name, want := range map[string]string{"ngnix": "did you mean nginx", "djngo": "did you mean django", "caddyy": "did you mean caddy"} {
		if _, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", name, err, want)
		}
	}
	seen := map[string]string{}
	for _, r := range All() {
		for _, name := range append([]string{r.ID}, r.Aliases...) {
			if other, ok := seen[name]; ok || name != strings.ToLower(name) {
				t.Errorf("%s is a name of %s and of %s", name, r.ID, other)
			}
			seen[name] = r.ID
		}
		for host, id := range r.elsewhere {
			if other, err := Find(id); err != nil || other.ID != id {
				t.Errorf("%s: elsewhere %s: %v", r.ID, host, err)
			}
		}
	}
}

// A configuration grows with the need, and the work for it no faster: each name is
// written as often as the template says.
func TestGrowth(t *testing.T) {
	of := func(names int) (work float64, size int) {
		n := Need{Origins: []string{"https://app.example"}}
		for i := range names {
			n.Headers = append(n.Headers, "x-header-"+strconv.Itoa(i))
		}
		work = testing.AllocsPerRun(3, func() {
			size = 0
			for _, r := range All() {
				if c, err := Configure(r.ID, n); err == nil {
					size += len(c.String())
				}
			}
		})
		return work, size
	}
	work2, size2 := of(400)
	work4, size4 := of(800)
	if work4 > 2.2*work2 || float64(size4) > 2.2*float64(size2) {
		t.Errorf("twice the names: %.0f allocations after %.0f, %d bytes after %d", work4, work2, size4, size2)
	}
}

// What the documentation says of the servers is counted.
func TestDocumentation(t *testing.T) {
	proven := 0
	for _, r := range All() {
		if r.Proof != nil {
			proven++
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"any of " + strconv.Itoa(len(All())) + " servers", strconv.Itoa(proven) + " of them"} {
		if !strings.Contains(strings.Join(strings.Fields(string(readme)), " "), want) {
			t.Errorf("README.md does not say %q", want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	const whole = "name: X\nlayer: front\n-- config nginx: here --\n{{.Origin}}\n"
	if _, err := parse("x", whole); err != nil {
		t.Fatal(err)
	}
	for content, want := range map[string]string{
		"":                                     "a recipe has a name",
		"name: X\nlayer: cellar\n":             `line 2: there is no layer "cellar"`,
		"colour: red\n":                        `line 1: there is no key "colour"`,
		"cannot: fly: no wings\n":              "line 1: cannot is one of",
		"elsewhere: a\n":                       "line 1: elsewhere is a host",
		"name: X\n-- config klingon: x --\n":   "language.go",
		"name: X\n-- poem --\n":                `there is no section "poem"`,
		strings.Replace(whole, "X", "", 1):     "a recipe has a name",
		"name: X\nlayer: front\n-- notes --\n": "a recipe has a name",
	} {
		if _, err := parse("x", content); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", content, err, want)
		}
	}
}

// FuzzConfigure checks that a configuration has no more lines, and no more
// quotation marks that end something, for what it is told: what could mean more
// than itself is quoted or refused.
func FuzzConfigure(f *testing.F) {
	f.Add("https://a.example", "PUT", "X-A", "X-B")
	f.Add("https://a.example\"; drop", "PUT\n", "x}", "$x")
	f.Add("https://a.example", "X'Y", "`canary`", "a%b$c#d")
	f.Fuzz(func(t *testing.T, from, method, header, expose string) {
		n := Need{Origins: []string{from}, Methods: []string{method}, Headers: []string{header}, Expose: []string{expose}}
		for _, r := range All() {
			c, err := Configure(r.ID, n)
			if err != nil {
				continue
			}
			if strings.ContainsAny(method+header+expose, "\"(){}<>;,\n\\/=@[]?: *") || strings.ContainsAny(from, "\"'`$%{}()<>;\n\\ #*,|&!~^=@?") {
				t.Errorf("%s: %+v is taken:\n%s", r.ID, n, c)
			}
		}
	})
}
