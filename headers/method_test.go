package headers

import (
	"strings"
	"testing"
)

func TestMethods(t *testing.T) {
	for _, test := range []struct {
		method                           string
		safelisted, forbidden, normalize bool
	}{
		{"GET", true, false, true},
		{"HEAD", true, false, true},
		{"POST", true, false, true},
		{"DELETE", false, false, true},
		{"OPTIONS", false, false, true},
		{"PUT", false, false, true},
		{"CONNECT", false, true, false},
		{"TRACE", false, true, false},
		{"TRACK", false, true, false},
		{"PATCH", false, false, false},
		{"QUERY", false, false, false},
		{"CHICKEN", false, false, false},
		{"GETS", false, false, false},
	} {
		for _, method := range casings(test.method) {
			if !IsMethod(method) {
				t.Errorf("IsMethod(%q) = false", method)
			}
			// The safelist is case-sensitive: methods are normalized before they get there.
			if got, want := IsCORSSafelistedMethod(method), test.safelisted && method == test.method; got != want {
				t.Errorf("IsCORSSafelistedMethod(%q) = %v", method, got)
			}
			if got := IsForbiddenMethod(method); got != test.forbidden {
				t.Errorf("IsForbiddenMethod(%q) = %v", method, got)
			}
			want := method
			if test.normalize {
				want = strings.ToUpper(method)
			}
			if got := NormalizeMethod(method); got != want {
				t.Errorf("NormalizeMethod(%q) = %q, want %q", method, got, want)
			}
		}
	}
	for _, method := range []string{"", "GET ", "G\u00C9T", "a/b", "GET\n"} {
		if IsMethod(method) || IsCORSSafelistedMethod(method) || IsForbiddenMethod(method) || NormalizeMethod(method) != method {
			t.Errorf("%q is taken for a method", method)
		}
	}
}
