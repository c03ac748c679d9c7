package origin

import (
	"errors"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		input, scheme, host string
		port                int
	}{
		{"https://a.example", "https", "a.example", -1},
		{"http://a.example:8080", "http", "a.example", 8080},
		{"http://a.example:443", "http", "a.example", 443},
		{"http://a.example:0", "http", "a.example", 0},
		{"http://a.example:65535", "http", "a.example", 65535},
		{"http://[::1]:8080", "http", "[::1]", 8080},
		{"http://127.0.0.1", "http", "127.0.0.1", -1},
		{"chrome-extension://abcdef", "chrome-extension", "abcdef", -1},
		{"x+y.z-1://h:443", "x+y.z-1", "h", 443},
	}
	for _, test := range tests {
		o, err := Parse(test.input)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.input, err)
			continue
		}
		if o.IsOpaque() || o.Scheme() != test.scheme || o.Host() != test.host || o.Port() != test.port || o.String() != test.input {
			t.Errorf("Parse(%q) = %q, %q, %d, serialized %q", test.input, o.Scheme(), o.Host(), o.Port(), o)
		}
		if made := New(test.scheme, test.host, test.port); made != o || !made.SameOrigin(o) {
			t.Errorf("New(%q, %q, %d) = %v is not the same as Parse(%q)", test.scheme, test.host, test.port, made, test.input)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		input  string
		offset int
	}{
		{"", 0},
		{"Null", 4},
		{"*", 1},
		{"a.example", 9},
		{"://a.example", 0},
		{"1http://a.example", 0},
		{"ht_tp://a.example", 2},
		{"HTTPS://a.example", 0},
		{"https://", 8},
		{"https://:80", 8},
		{"https://A.example", 8},
		{"https://a.example/", 17},
		{"https://a.example ", 17},
		{" https://a.example", 0},
		{"https://u@a.example", 9},
		{"https://b\u00fccher.example", 9},
		{"https://a.example:", 18},
		{"https://a.example:443", 17},
		{"https://a.example:0443", 18},
		{"https://a.example:65536", 18},
		{"https://a.example:8x", 19},
		{"https://a.example:80 ", 20},
		{"https://[::1", 12},
		{"https://[::G]", 11},
		{"https://[::1]x", 13},
		{"https://a.example,https://b.example", 24},
		{"https://a.example https://b.example", 17},
	}
	for _, test := range tests {
		o, err := Parse(test.input)
		var e *SyntaxError
		if !errors.As(err, &e) {
			t.Errorf("Parse(%q) = %v, %v, want a *SyntaxError", test.input, o, err)
		} else if e.Input != test.input || e.Offset != test.offset || e.Problem == "" {
			t.Errorf("Parse(%q): %+v, want offset %d", test.input, e, test.offset)
		}
	}
}

func TestSameOrigin(t *testing.T) {
	opaque := NewOpaque()
	null, err := Parse("null")
	if err != nil {
		t.Fatal(err)
	}
	base := New("https", "a.example", -1)
	for _, test := range []struct {
		name string
		a, b Origin
		want bool
	}{
		{"equal", base, New("https", "a.example", -1), true},
		{"scheme", base, New("http", "a.example", -1), false},
		{"host", base, New("https", "b.example", -1), false},
		{"port", base, New("https", "a.example", 8443), false},
		{"one opaque", opaque, opaque, true},
		{"two opaque", opaque, NewOpaque(), false},
		{"null twice", null, opaque, false},
		{"opaque and tuple", opaque, base, false},
		{"zero", Origin{}, Origin{}, true},
		{"zero and opaque", Origin{}, opaque, false},
	} {
		if test.a.SameOrigin(test.b) != test.want || test.b.SameOrigin(test.a) != test.want {
			t.Errorf("%s: SameOrigin(%v, %v) is not %t both ways", test.name, test.a, test.b, test.want)
		}
	}
	for _, o := range []Origin{opaque, null, {}} {
		if !o.IsOpaque() || o.String() != "null" || o.Scheme() != "" || o.Host() != "" || o.Port() != -1 {
			t.Errorf("opaque: %v, %q, %q, %d, %q", o.IsOpaque(), o.Scheme(), o.Host(), o.Port(), o)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"null", "https://a.example", "http://[::1]:8080", "x+1.-://h:0", "https://a:443", "http://a:08", "a://"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := Parse(s)
		if err != nil {
			if e := (*SyntaxError)(nil); !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(s) {
				t.Errorf("Parse(%q): %v", s, err)
			}
			return
		}
		if o.String() != s {
			t.Errorf("Parse(%q) serializes as %q", s, o)
		}
		if o.IsOpaque() {
			return
		}
		if made := New(o.Scheme(), o.Host(), o.Port()); made != o {
			t.Errorf("Parse(%q) has the parts of %v", s, made)
		}
		if again, err := Parse(o.String()); err != nil || !again.SameOrigin(o) || !again.SameSite(o) {
			t.Errorf("Parse(%q) twice: %v, %v", s, again, err)
		}
	})
}
