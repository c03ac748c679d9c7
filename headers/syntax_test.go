package headers

import (
	"net/textproto"
	"strings"
	"testing"
)

// allBytes calls f for each byte; member tells whether set holds it.
func allBytes(set string, f func(c byte, member bool)) {
	for i := range 256 {
		f(byte(i), strings.IndexByte(set, byte(i)) >= 0)
	}
}

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tchars  = "!#$%&'*+-.^_`|~" + digits + letters
)

func TestTokenBytes(t *testing.T) {
	allBytes(tchars, func(c byte, want bool) {
		s := string([]byte{'a', c})
		for what, got := range map[string]bool{"IsToken": IsToken(s), "IsName": IsName(s), "IsMethod": IsMethod(s)} {
			if got != want {
				t.Errorf("%s(%q) = %v", what, s, got)
			}
		}
		want1 := -1
		if !want {
			want1 = 1
		}
		if got := IndexNonToken(s); got != want1 {
			t.Errorf("IndexNonToken(%q) = %d, want %d", s, got, want1)
		}
	})
	if IsToken("") || IsName("") || IsMethod("") {
		t.Error("the empty string is a token")
	}
}

// As web-platform-tests' fetch/api/headers/header-values has it: of all bytes
// only NUL, CR and LF cannot stand inside of a value.
func TestValueBytes(t *testing.T) {
	allBytes("\x00\r\n", func(c byte, bad bool) {
		s := string([]byte{'x', c, 'x'})
		if got := IsValue(s); got == bad {
			t.Errorf("IsValue(%q) = %v", s, got)
		}
		if got := IndexNonValue(s); (got == 1) != bad || (got == -1) == bad {
			t.Errorf("IndexNonValue(%q) = %d", s, got)
		}
	})
	allBytes("\x00\r\n\t ", func(c byte, bad bool) {
		for _, s := range []string{string([]byte{c}), string([]byte{c, 'x'}), string([]byte{'x', c})} {
			if got := IsValue(s); got == bad {
				t.Errorf("IsValue(%q) = %v", s, got)
			}
		}
	})
	if !IsValue("") {
		t.Error(`IsValue("") = false`)
	}
}

func TestNormalize(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""},
		{" ", ""},
		{"\t\r\n \n", ""},
		{"a", "a"},
		{" space ", "space"},
		{"\ttab\t", "tab"},
		{" spaceAndTab\t", "spaceAndTab"},
		{"\r\n newLine", "newLine"},
		{"newLine\r\n ", "newLine"},
		{"\r\n\tnewLine", "newLine"},
		{" a\r\n b ", "a\r\n b"},
		{"\v\fa\v\f", "\v\fa\v\f"},
		{"\x00 a \x00", "\x00 a \x00"},
		{"\u00A0a\u00A0", "\u00A0a\u00A0"},
	} {
		if got := Normalize(test.in); got != test.want {
			t.Errorf("Normalize(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestTrimTabOrSpace(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""}, {" \t ", ""}, {"\t a b \t", "a b"}, {" \na\r ", "\na\r"},
	} {
		if got := TrimTabOrSpace(test.in); got != test.want {
			t.Errorf("TrimTabOrSpace(%q) = %q, want %q", test.in, got, test.want)
		}
	}
	allBytes("\t ", func(c byte, want bool) {
		if got := IsTabOrSpace(c); got != want {
			t.Errorf("IsTabOrSpace(%q) = %v", c, got)
		}
	})
}

func TestEqualFold(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			want := a == b || a|0x20 == b|0x20 && 'a' <= a|0x20 && a|0x20 <= 'z'
			if got := EqualFold(string([]byte{'x', byte(a)}), string([]byte{'X', byte(b)})); got != want {
				t.Fatalf("bytes %#x and %#x: EqualFold = %v", a, b, got)
			}
		}
	}
	if EqualFold("a", "ab") || !EqualFold("", "") || EqualFold("k", "\u212A") {
		t.Error("EqualFold takes strings of different bytes for equal")
	}
}

func TestLower(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"", ""}, {"abc", "abc"}, {"X-Ab", "x-ab"}, {"@AZ[", "@az["}, {"É", "É"}, {"\xC0A", "\xC0a"},
	} {
		if got := Lower(test.in); got != test.want {
			t.Errorf("Lower(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestIsomorphic(t *testing.T) {
	for _, test := range []struct{ bytes, codePoints string }{
		{"", ""}, {"abc", "abc"}, {"a\x80b\xFF", "a\u0080b\u00FF"}, {"\xC3\xA9", "\u00C3\u00A9"}, {"\x00\x7F", "\x00\x7F"},
	} {
		if got := IsomorphicDecode(test.bytes); got != test.codePoints {
			t.Errorf("IsomorphicDecode(%q) = %q, want %q", test.bytes, got, test.codePoints)
		}
		if got, ok := IsomorphicEncode(test.codePoints); got != test.bytes || !ok {
			t.Errorf("IsomorphicEncode(%q) = %q, %v, want %q", test.codePoints, got, ok, test.bytes)
		}
	}
	for _, s := range []string{"\u0100", "invalid\u0100", "é\u20AC", "\U0001F36A", "\xFF"} {
		if got, ok := IsomorphicEncode(s); got != "" || ok {
			t.Errorf("IsomorphicEncode(%q) = %q, %v", s, got, ok)
		}
	}
}

// Names in a map are spelled as Go's own packages spell them.
func TestMapSpelling(t *testing.T) {
	for _, name := range []string{"", "accept", "X-CORS-a", "etag", "www-AUTHENTICATE", "-a--b-", "a b", "x\xFF", "_a", "1a-2B"} {
		for got := range (List{{name, ""}}).Map() {
			if want := textproto.CanonicalMIMEHeaderKey(name); got != want {
				t.Errorf("Map spells %q as %q; net/textproto %q", name, got, want)
			}
		}
	}
}
