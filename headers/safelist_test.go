package headers

import (
	"slices"
	"strings"
	"testing"
)

func TestCORSUnsafeRequestHeaderBytes(t *testing.T) {
	control := ""
	for c := range byte(0x20) {
		if c != '\t' {
			control += string(rune(c))
		}
	}
	allBytes(control+"\"():<>?@[\\]{}\x7F", func(c byte, isUnsafe bool) {
		if got := IsCORSUnsafeRequestHeaderByte(c); got != isUnsafe {
			t.Errorf("IsCORSUnsafeRequestHeaderByte(%q) = %v", c, got)
		}
		value := string([]byte{'t', c, 'x'})
		if got := ContainsCORSUnsafeRequestHeaderByte(value); got != isUnsafe {
			t.Errorf("ContainsCORSUnsafeRequestHeaderByte(%q) = %v", value, got)
		}
		if got := IsCORSSafelistedRequestHeader("Accept", value); got == isUnsafe {
			t.Errorf("Accept: %q is safelisted: %v", value, got)
		}
		value = "text/plain;" + value
		if got := IsCORSSafelistedRequestHeader("Content-Type", value); got == isUnsafe {
			t.Errorf("Content-Type: %q is safelisted: %v", value, got)
		}
		if IsCORSSafelistedRequestHeader("Range", "bytes=0-"+string([]byte{c})) && (c < '0' || '9' < c) {
			t.Errorf("Range with %q is safelisted", c)
		}
	})
}

func TestSafelistedLanguageBytes(t *testing.T) {
	allBytes(digits+letters+" *,-.;=", func(c byte, want bool) {
		for _, value := range []string{string([]byte{c}), string([]byte{'e', c, 'n'})} {
			for _, name := range slices.Concat(casings("Accept-Language"), casings("Content-Language")) {
				if got := IsCORSSafelistedRequestHeader(name, value); got != want {
					t.Errorf("%s: %q is safelisted: %v", name, value, got)
				}
			}
		}
	})
}

func TestIsCORSSafelistedRequestHeader(t *testing.T) {
	const padded = "text/plain;x=" // with "a"s up to a length
	for _, test := range []struct {
		name, value string
		want        bool
	}{
		{"Accept", "", true},
		{"Accept", "*/*", true},
		{"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
		{"Accept", "text/html;level=\"1\"", false},
		{"Accept", strings.Repeat("\xFF", 128), true},
		{"Accept", strings.Repeat("a", 128), true},
		{"Accept", strings.Repeat("a", 129), false},
		{"Accept-Language", "", true},
		{"Accept-Language", strings.Repeat("a", 128), true},
		{"Accept-Language", strings.Repeat("a", 129), false},
		{"Content-Language", strings.Repeat("a", 129), false},

		{"Content-Type", "", false},
		{"Content-Type", "text", false},
		{"Content-Type", "text/", false},
		{"Content-Type", "/plain", false},
		{"Content-Type", "text/plain", true},
		{"Content-Type", "TEXT/Plain", true},
		{"Content-Type", " text/plain\t;", true},
		{"Content-Type", "text/plain;charset=UTF-8", true},
		{"Content-Type", "text/plain;charset", true},
		{"Content-Type", "text/plain charset", false},
		{"Content-Type", "text /plain", false},
		{"Content-Type", "text/plain,text/plain", false},
		{"Content-Type", "application/json, text/plain", false},
		{"Content-Type", "text/plain;,application/json", true},
		{"Content-Type", "text/html", false},
		{"Content-Type", "text/x-www-form-urlencoded", false},
		{"Content-Type", "application/plain", false},
		{"Content-Type", "multipart/form-data", true},
		{"Content-Type", "multipart/form-data; boundary=something", true},
		{"Content-Type", "multipart/form-data; boundary=\"some\"", false},
		{"Content-Type", "Application/X-WWW-Form-URLEncoded;charset=utf-8", true},
		{"Content-Type", "application/json", false},
		{"Content-Type", "text/plain; charset=\xFF", true},
		{"Content-Type", padded + strings.Repeat("a", 128-len(padded)), true},
		{"Content-Type", padded + strings.Repeat("a", 129-len(padded)), false},

		{"Range", "bytes=0-", true},
		{"Range", "bytes=100-200", true},
		{"Range", "bytes=200-100", false},
		{"Range", "bytes=-500", false},
		{"Range", "bytes= 0-", false},
		{"Range", "bytes=0-1,3-4", false},
		{"Range", "bytes=" + strings.Repeat("9", 121) + "-", true},
		{"Range", "bytes=" + strings.Repeat("0", 122) + "-", false},

		{"Acceptx", "a", false},
		{"Accep", "a", false},
		{"X-Test", "", false},
		{"", "", false},
		{"Save-Data", "on", false},
		{"DPR", "1", false},
		{"Authorization", "", false},
	} {
		for _, name := range casings(test.name) {
			if got := IsCORSSafelistedRequestHeader(name, test.value); got != test.want {
				t.Errorf("IsCORSSafelistedRequestHeader(%q, %q) = %v", name, test.value, got)
			}
			want := test.want && !EqualFold(name, "Range")
			if got := IsNoCORSSafelistedRequestHeader(name, test.value); got != want {
				t.Errorf("IsNoCORSSafelistedRequestHeader(%q, %q) = %v", name, test.value, got)
			}
		}
	}
}

func TestParseSingleRangeHeaderValue(t *testing.T) {
	const huge = MaxDeltaSeconds
	type result struct {
		Range
		ok bool
	}
	fails := result{}
	for _, test := range []struct {
		value              string
		strict, whitespace result
	}{
		{"bytes=0-", result{Range{0, -1}, true}, result{Range{0, -1}, true}},
		{"bytes=-500", result{Range{-1, 500}, true}, result{Range{-1, 500}, true}},
		{"bytes=-0", result{Range{-1, 0}, true}, result{Range{-1, 0}, true}},
		{"bytes=0-0", result{Range{0, 0}, true}, result{Range{0, 0}, true}},
		{"bytes=2-10", result{Range{2, 10}, true}, result{Range{2, 10}, true}},
		{"bytes=10-2", fails, fails},
		{"bytes=010-0011", result{Range{10, 11}, true}, result{Range{10, 11}, true}},
		{"bytes=010-9", fails, fails},
		{"bytes=1-00", fails, fails},
		{"bytes=9223372036854775807-", result{Range{huge, -1}, true}, result{Range{huge, -1}, true}},
		{"bytes=0-9223372036854775808", result{Range{0, huge}, true}, result{Range{0, huge}, true}},
		{"bytes=18446744073709551616-18446744073709551617", result{Range{huge, huge}, true}, result{Range{huge, huge}, true}},
		{"bytes=18446744073709551617-18446744073709551616", fails, fails},
		{"bytes=18446744073709551616-1", fails, fails},
		{"bytes \t=\t 1 \t-\t 2", fails, result{Range{1, 2}, true}},
		{"bytes = -5", fails, result{Range{-1, 5}, true}},
		{"bytes= 5-", fails, result{Range{5, -1}, true}},
		{"bytes=5 -", fails, result{Range{5, -1}, true}},
		{"bytes=5- ", fails, result{Range{5, -1}, true}},
		{"bytes=5-6 ", fails, fails},
		{" bytes=5-6", fails, fails},
		{"bytes=5\n-6", fails, fails},
		{"bytes=5 0-60", fails, fails},
		{"bytes=-", fails, fails},
		{"bytes=", fails, fails},
		{"bytes=1", fails, fails},
		{"bytes", fails, fails},
		{"byte", fails, fails},
		{"", fails, fails},
		{"bytes-1-2", fails, fails},
		{"Bytes=0-", fails, fails},
		{"items=0-", fails, fails},
		{"bytes=0-1,", fails, fails},
		{"bytes=0--1", fails, fails},
		{"bytes=+0-1", fails, fails},
		{"bytes=0x0-1", fails, fails},
		{"bytes=\u0661-", fails, fails},
	} {
		var got result
		if got.Range, got.ok = ParseSingleRangeHeaderValue(test.value, false); got != test.strict {
			t.Errorf("ParseSingleRangeHeaderValue(%q, false) = %v, want %v", test.value, got, test.strict)
		}
		if got.Range, got.ok = ParseSingleRangeHeaderValue(test.value, true); got != test.whitespace {
			t.Errorf("ParseSingleRangeHeaderValue(%q, true) = %v, want %v", test.value, got, test.whitespace)
		}
	}
}

func TestIsCORSSafelistedResponseHeaderName(t *testing.T) {
	for _, test := range []struct {
		name, exposed string
		want          bool
	}{
		{"X-A", "", false},
		{"X-A", "x-a", true},
		{"x-a", "b, X-A", true},
		{"X-A", "x-ab, x", false},
		{"", ", ,", false},
		{"Content-Type", "x", true},
		{"Server", "server", true}, // same length as Pragma
		{"X-Expir", "x-expir", true},
		{"Content-Range", "content-range", true},
		{"Accept-Ranges", "", false},
		{"Set-Cookie", "Set-Cookie, set-cookie", false},
		{"set-COOKIE2", "set-cookie2", false},
		{"Set-Cookie3", "set-cookie3", true},
		{"X-A", "*", false}, // what * stands for is for the caller to know
		{"*", "*", true},
	} {
		for _, name := range casings(test.name) {
			if got := IsCORSSafelistedResponseHeaderName(name, TokenListOf(test.exposed)); got != test.want {
				t.Errorf("IsCORSSafelistedResponseHeaderName(%q, %q) = %v", name, test.exposed, got)
			}
		}
	}
}
