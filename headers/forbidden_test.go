package headers

import (
	"strings"
	"testing"
)

// casings returns name as it is, lower, upper and aLtErNaTiNg.
func casings(name string) []string {
	alternating := []byte(strings.ToLower(name))
	for i := 1; i < len(alternating); i += 2 {
		alternating[i] = strings.ToUpper(string(alternating[i]))[0]
	}
	return []string{name, strings.ToLower(name), strings.ToUpper(name), string(alternating)}
}

func TestIsForbiddenRequestHeader(t *testing.T) {
	for _, name := range []string{
		"Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Connection",
		"Content-Length", "Cookie", "Cookie2", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE",
		"Trailer", "Transfer-Encoding", "Upgrade", "Via",
		"Proxy-", "Proxy-Authorization", "Proxy-A", "Sec-", "Sec-F", "Sec-Fetch-Site", "Sec-CH-UA", "Sec-X-HTTP-Method",
	} {
		for _, name := range casings(name) {
			for _, value := range []string{"", "value", "GET"} {
				if !IsForbiddenRequestHeader(name, value) {
					t.Errorf("IsForbiddenRequestHeader(%q, %q) = false", name, value)
				}
			}
			// Neighbours of a name are free, except those behind a forbidden prefix.
			if lowered := strings.ToLower(name); strings.HasPrefix(lowered, "sec-") || strings.HasPrefix(lowered, "proxy-") {
				continue
			}
			for _, free := range []string{"x" + name, name + "x", name[1:], name[:len(name)-1] + "_"} {
				if IsForbiddenRequestHeader(free, "TRACE") {
					t.Errorf("IsForbiddenRequestHeader(%q) = true", free)
				}
			}
		}
	}
	for _, name := range []string{
		"", "Sec", "Sec_", "Proxy", "Proxy_", "XSec-A", "X-Proxy-A", "Set-Cookie2", "Accept", "Accept-Language", "Authorization", "Range",
		"User-Agent", "Access-Control-Request-Private-Network", "Access-Control-Allow-Origin", "Content-Type", "X-Requested-With"} {
		for _, name := range casings(name) {
			if IsForbiddenRequestHeader(name, "TRACE") {
				t.Errorf("IsForbiddenRequestHeader(%q) = true", name)
			}
		}
	}
}

// Letters that only Unicode folds to ASCII ones make no forbidden name.
func TestFoldingIsASCII(t *testing.T) {
	for _, name := range []string{"\u017Fec-a", "Coo\u212Aie", "K\u0130", "Set-Coo\u212Aie"} {
		if IsForbiddenRequestHeader(name, "") || IsForbiddenResponseHeaderName(name) {
			t.Errorf("%q is forbidden", name)
		}
	}
}

func TestMethodOverride(t *testing.T) {
	for value, want := range map[string]bool{
		"CONNECT":             true,
		"TRACE":               true,
		"TRACK":               true,
		"trace":               true,
		"tRaCk":               true,
		" TRACE\t":            true,
		"GET,track ":          true,
		"GET, , TRACE, PUT":   true,
		`"a,b",connect`:       true,
		"":                    false,
		"GET":                 false,
		"DELETE, PUT":         false,
		"TRAC":                false,
		"TRACES":              false,
		"TRACE GET":           false,
		`"TRACE"`:             false,
		`"GET,TRACE`:          false,
		`a", TRACE,"`:         false,
		"TRACE\n":             false, // only tab and space are trimmed
		"TRACE;q=1, CONNECT=": false,
	} {
		for _, name := range []string{"X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override"} {
			for _, name := range casings(name) {
				if got := IsForbiddenRequestHeader(name, value); got != want {
					t.Errorf("IsForbiddenRequestHeader(%q, %q) = %v", name, value, got)
				}
			}
		}
		for _, name := range []string{"X-HTTP-Metho", "X-HTTP-Methods", "X-HTTP-Override", "Y-Method-Override", "Method"} {
			if IsForbiddenRequestHeader(name, value) {
				t.Errorf("IsForbiddenRequestHeader(%q, %q) = true", name, value)
			}
		}
	}
}

func TestHeaderNameDefinitions(t *testing.T) {
	for what, test := range map[string]struct {
		is    func(string) bool
		names []string
	}{
		"IsForbiddenResponseHeaderName":       {IsForbiddenResponseHeaderName, []string{"Set-Cookie", "Set-Cookie2"}},
		"IsRequestBodyHeaderName":             {IsRequestBodyHeaderName, []string{"Content-Encoding", "Content-Language", "Content-Location", "Content-Type"}},
		"IsConditionalRequestHeaderName":      {IsConditionalRequestHeaderName, []string{"If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since"}},
		"IsCORSNonWildcardRequestHeaderName":  {IsCORSNonWildcardRequestHeaderName, []string{"Authorization"}},
		"IsPrivilegedNoCORSRequestHeaderName": {IsPrivilegedNoCORSRequestHeaderName, []string{"Range"}},
		"IsNoCORSSafelistedRequestHeaderName": {IsNoCORSSafelistedRequestHeaderName, []string{"Accept", "Accept-Language", "Content-Language", "Content-Type"}},
		"IsCORSSafelistedResponseHeaderName":  {func(s string) bool { return IsCORSSafelistedResponseHeaderName(s, TokenList{}) }, []string{"Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma"}},
		"IsCORSSafelistedRequestHeader":       {func(s string) bool { return IsCORSSafelistedRequestHeader(s, "") }, []string{"Accept", "Accept-Language", "Content-Language"}},
		"IsNoCORSSafelistedRequestHeader":     {func(s string) bool { return IsNoCORSSafelistedRequestHeader(s, "text/plain") }, []string{"Accept", "Content-Type"}},
	} {
		members := map[string]bool{}
		for _, name := range test.names {
			members[strings.ToLower(name)] = true
		}
		for _, name := range []string{
			"", "Accept", "Accept-Language", "Authorization", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Length",
			"Content-Location", "Content-Type", "Expires", "Last-Modified", "Pragma", "Range", "Set-Cookie", "Set-Cookie2", "X-Content-Type",
			"Proxy-Authorization", "ETag", "Location", "Age", "Content-Disposition", "Last_Modified", "Set-Cookie3",
		} {
			for _, name := range casings(name) {
				if got, want := test.is(name), members[strings.ToLower(name)]; got != want {
					t.Errorf("%s(%q) = %v", what, name, got)
				}
			}
		}
	}
}
