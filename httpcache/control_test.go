package httpcache

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

func TestDirectives(t *testing.T) {
	for _, test := range []struct{ value, want string }{
		{"", ""},
		{" \t, ,", ""},
		{"a", "a"},
		{"a,b", "a|b"},
		{" a , b ", "a|b"},
		{"a=1", "a=1"},
		{"a=", "a="},
		{"=1", "=1"},
		{"a=1 ,b", "a=1|b"},
		{"a =1", "a= =1"},
		{"a= 1", "a= 1"},
		{`a="1"`, "a=1"},
		{`a="1,2" , b`, "a=1,2|b"},
		{`a="1\",2", b`, `a=1\",2|b`},
		{`a="1"x, b`, `a="1"x|b`},
		{`a="1,2"x, b`, `a="1|2"x|b`},
		{`a="1, b`, `a="1|b`},
		{`a="1\", b`, `a="1\"|b`},
		{`a "1,b"`, `a "1|b"`},
	} {
		if got := render(directives(list("Cache-Control: "+test.value), "cache-control")); got != test.want {
			t.Errorf("%q: got %q, want %q", test.value, got, test.want)
		}
	}
}

func render(seq func(func(directive) bool)) string {
	var out []string
	for d := range seq {
		if d.hasValue {
			d.name += "=" + d.value
		}
		out = append(out, d.name)
	}
	return strings.Join(out, "|")
}

// literalDirectives is directives for one line, one state after the other.
func literalDirectives(line string) (out []directive) {
	trim := func(s string) string { return strings.Trim(s, " \t") }
	for line = strings.TrimLeft(line, " \t,"); line != ""; line = strings.TrimLeft(line, " \t,") {
		// The first end of a member at which quotes are closed, or else the first.
		var ends []int
		for i := range len(line) + 1 {
			if i == len(line) || line[i] == ',' {
				ends = append(ends, i)
			}
		}
		var d directive
		end := ends[0]
		name, value, hasValue := strings.Cut(line[:end], "=")
		d.name, d.hasValue = trim(name), hasValue
		if hasValue {
			d.value = strings.TrimRight(value, " \t")
			if trim(name) != name && name != "" {
				d.value = strings.TrimRight(line[len(trim(name)):end], " \t")
			} else {
				for _, e := range ends {
					member := strings.TrimRight(line[len(name)+1:e], " \t")
					if quoted(member) {
						d.value, end = member[1:len(member)-1], e
						break
					}
				}
			}
		}
		out = append(out, d)
		line = line[end:]
	}
	return out
}

// quoted reports whether s is one quoted-string.
func quoted(s string) bool {
	if len(s) < 2 || s[0] != '"' {
		return false
	}
	escaped := false
	for i, c := range []byte(s[1:]) {
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			return i == len(s)-2
		}
	}
	return false
}

func FuzzDirectives(f *testing.F) {
	for _, s := range []string{"", "max-age=60, no-store", `a="b, c\"" , d`, `a="b`, "a = 1", `x="y"z,w`, "=,=\",\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := slices.Collect(directives(headers.List{{Name: "Cache-Control", Value: s}}, "Cache-Control"))
		if want := literalDirectives(s); !slices.Equal(got, want) {
			t.Errorf("%q:\n got %+v\nwant %+v", s, got, want)
		}
	})
}
