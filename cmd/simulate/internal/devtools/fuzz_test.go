package devtools

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse: whatever the text, there is either a request with a URL and a method, or
// a place inside the text with something to say about it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"curl 'https://a.example/' \\\n -H 'a: b' --data-raw $'\\u00e9\\'' | cat",
		"curl ^\"https://a.example/^\" ^\n -H ^\"a: ^\\^\"b^\\^\"^\" --data-raw ^\"a^\n\nb^\"",
		"curl \"http://a/\" -d \"{\"\"a\"\":1}\" %PATH%",
		"curl -sSLkG -XPUT -m1 -ua:b -bc=d --json '{}' --url-query a=b -e r -A u x 2>&1 ; curl y",
		"await fetch(\"https://a.example\", {\"headers\": {\"a\": \"b\"}, body: JSON.stringify({a: [1e3, -.5, null]}, null, 2)});",
		"x = fetch(`a`, {headers: new Headers([['a', 'b']]), body: new URLSearchParams({a: 1})}).then(1)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		r, err := Parse(src)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Problem == "" {
				t.Fatalf("%T: %v", err, err)
			}
			lines := strings.Split(src, "\n")
			if syntax.Line < 1 || syntax.Line > len(lines) || syntax.Column < 1 || syntax.Column > utf8.RuneCountInString(lines[syntax.Line-1])+1 {
				t.Fatalf("%v: there is no such place in %q", err, src)
			}
			return
		}
		if r.Method == "" || r.Source != Fetch && r.URL == "" {
			t.Fatalf("%q: %+v", src, r)
		}
		if r.Body != nil && r.BodyFile != "" {
			t.Fatalf("%q: two bodies", src)
		}
		for _, h := range append(r.Headers.Clone(), r.Automatic...) {
			if err := checkHeader(0, h.Name, h.Value); err != nil {
				t.Fatalf("%q: %s", src, err.text)
			}
		}
	})
}

// FuzzQuoting: what each dialect's writer quotes, Parse reads back as it was.
func FuzzQuoting(f *testing.F) {
	for _, seed := range []string{"", "a", `it's "quoted"!`, `C:\tmp\`, `\\"`, "100% %20 %PATH%", "a\nb\tc", "^&|<>()@$`", "é€😀", "\x00\x7f\u0080", "\\u0041 ${x}", "100% ^\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		for name, write := range map[string]func(string) string{
			"bash, single quotes": func(s string) string { return "curl x --data-raw '" + strings.ReplaceAll(s, "'", `'\''`) + "'" },
			"bash, double quotes": func(s string) string {
				return `curl x --data-raw "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(s) + `"`
			},
			"bash, as Chromium": func(s string) string { return "curl 'x' \\\n --data-raw " + ansiCUnicode(s) },
			"bash, bytes":       func(s string) string { return "curl 'x' \\\n --data-raw " + ansiCBytes(s) },
			"cmd, as Chromium":  func(s string) string { return "curl ^\"x^\" ^\n  --data-raw " + caretQuoted(s) },
			"fetch, JSON":       func(s string) string { return "fetch('x', {body: " + jsonString(s) + "})" },
			"fetch, stringify":  func(s string) string { return "fetch('x', {body: JSON.stringify(" + jsonString(s) + ")})" },
		} {
			want := s
			if strings.HasPrefix(name, "cmd") {
				// cmd.exe's quoting has one line break only, and the command line no NUL.
				if strings.ContainsAny(s, "\r\x00") {
					continue
				}
			} else if strings.Contains(s, "\r\n") && !strings.HasPrefix(name, "fetch") && name != "bash, as Chromium" && name != "bash, bytes" {
				want = strings.ReplaceAll(s, "\r\n", "\n") // as the clipboard may have added the CR
			}
			r, err := Parse(write(s))
			if err != nil {
				t.Fatalf("%s: %q: %v", name, write(s), err)
			}
			if r.Body == nil {
				t.Fatalf("%s: %q: no body", name, write(s))
			}
			got := *r.Body
			if name == "fetch, stringify" {
				var back string
				if err := json.Unmarshal([]byte(got), &back); err != nil {
					t.Fatalf("%s: %q: %v", name, got, err)
				}
				got = back
			}
			if got != want {
				t.Fatalf("%s: %q\n got %q\nwant %q", name, write(s), got, want)
			}
		}
	})
}

func jsonString(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func ansiCUnicode(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\'' || r == '\\':
			b.WriteString("\\" + string(r))
		case r > 0xffff:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		case r < ' ' || r > '~' || r == '!':
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return "$'" + b.String() + "'"
}

func ansiCBytes(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteString("\\" + string(c))
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}

// caretQuoted quotes as the package's cmdLine says that Chromium does.
func caretQuoted(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString("^\n\n")
		case r == '\\':
			b.WriteString(`^\^\`)
		case r == '"':
			b.WriteString(`^\^"`)
		case r < 0x80 && isIdentifier(byte(r)) && r != '$' || r == ' ' || r == '\t':
			b.WriteRune(r)
		default:
			b.WriteString("^" + string(r))
		}
	}
	return `^"` + b.String() + `^"`
}
