package cors

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/corsim/corsim/headers"
)

// safelisting is what a field of Policy changes about which headers need a
// preflight: the names asked for, by the standard and by the policy.
type safelisting struct {
	name             string
	headers          *headers.List
	standard, policy string
}

func testSafelisting(t *testing.T, p Policy, tests []safelisting) {
	t.Helper()
	for _, test := range tests {
		r := &Request{Origin: app, Method: "GET", Headers: *test.headers}
		for _, by := range []struct {
			name   string
			policy *Policy
			want   string
		}{{"standard", nil, test.standard}, {"policy", &p, test.policy}} {
			got := strings.Join(by.policy.CORSUnsafeRequestHeaderNames(r.Headers), ",")
			if got != by.want {
				t.Errorf("%s: the %s asks for %q, want %q", test.name, by.name, got, by.want)
			}
			if needs := by.policy.NeedsPreflight(r); needs != (by.want != "") {
				t.Errorf("%s: the %s needs a preflight: %v", test.name, by.name, needs)
			}
			if causes := by.policy.PreflightCauses(r); (len(causes) > 0) != (by.want != "") {
				t.Errorf("%s: the %s needs a preflight because of %v", test.name, by.name, causes)
			}
			value, _ := by.policy.PreflightHeaders(r).Get("access-control-request-headers")
			if value != by.want {
				t.Errorf("%s: the %s sends %q, want %q", test.name, by.name, value, by.want)
			}
		}
	}
}

func TestPolicyClientHintsSafelisted(t *testing.T) {
	p := Policy{ClientHintsSafelisted: true}
	var tests []safelisting
	safe := func(name string, values ...string) {
		for _, value := range values {
			tests = append(tests, safelisting{name + "=" + value, &headers.List{{Name: name, Value: value}}, headers.Lower(name), ""})
		}
	}
	unsafe := func(name string, values ...string) {
		for _, value := range values {
			tests = append(tests, safelisting{name + "=" + value, &headers.List{{Name: name, Value: value}}, headers.Lower(name), headers.Lower(name)})
		}
	}
	safe("Save-Data", "on", "ON")
	unsafe("Save-Data", "", "1", "off", "on ")
	for _, name := range []string{"DPR", "Device-Memory", "Downlink"} {
		safe(name, "1", "1.5", "0.25", "2147483648")
		unsafe(name, "", "abc", "+1", "1.5x", " 1", "0x1", "inf", "NaN", "1_0")
	}
	for _, name := range []string{"Width", "viewport-width", "RTT"} {
		safe(name, "0", "360", "2147483647")
		unsafe(name, "", "abc", "+1", "1.5", "1e3", "-1", "1_0")
	}
	safe("ECT", "slow-2g", "2g", "3g", "4g")
	unsafe("ECT", "", "5g", "4G")
	safe("Intervention", "", "anything (at all)", strings.Repeat("a", 128))
	unsafe("Intervention", strings.Repeat("a", 129))
	unsafe("Viewport-Height", "360")
	unsafe("Content-DPR", "1")
	unsafe("X-A", "1")
	testSafelisting(t, p, tests)

	for _, test := range []struct{ line, want string }{
		{"DPR: abc", `the value "abc" of DPR is not well-formed`},
		{"Intervention: " + strings.Repeat("a", 129), "the value of Intervention has 129 bytes, more than 128"},
		{"Viewport-Height: 1", "header Viewport-Height is not CORS-safelisted"},
	} {
		causes := p.PreflightCauses(&Request{Method: "GET", Headers: *fields(test.line)})
		if len(causes) != 1 || causes[0].String() != test.want {
			t.Errorf("%s: %v, want %q", test.line, causes, test.want)
		}
	}
	// They count towards the 1024 bytes.
	nine := slices.Repeat(headers.List{{Name: "Intervention", Value: strings.Repeat("a", 114)}}, 9)
	if !p.NeedsPreflight(&Request{Method: "GET", Headers: nine}) || p.NeedsPreflight(&Request{Method: "GET", Headers: nine[1:]}) {
		t.Error("client hints do not count towards the total")
	}
}

func TestPolicyUserAgentReserved(t *testing.T) {
	testSafelisting(t, Policy{UserAgentReserved: true}, []safelisting{
		{"User-Agent", fields("user-AGENT: x"), "user-agent", ""},
		{"long", fields("User-Agent: " + strings.Repeat("(", 129)), "user-agent", ""},
		{"of the same length", fields("X-Abcdefgh: 1"), "x-abcdefgh", "x-abcdefgh"},
	})
}

func TestPolicyCombineBeforeSafelisting(t *testing.T) {
	p := Policy{CombineBeforeSafelisting: true}
	a63, a64 := strings.Repeat("a", 63), strings.Repeat("a", 64)
	tests := []safelisting{
		{"128 bytes combined", fields("Accept: "+a63, "accept: "+a63), "", ""},
		{"129 bytes combined", fields("Accept: "+a63, "X-A: 1", "accept: "+a64), "x-a", "accept,x-a"},
		{"Content-Type twice", fields("Content-Type: text/plain", "Content-Type: text/plain"), "", "content-type"},
		{"Range twice", fields("Range: bytes=0-", "Range: bytes=0-"), "", "range"},
		{"apart", fields("Accept: "+a64, "Accept-Language: "+a64, "Content-Language: "+a64), "", ""},
	}
	// Many headers of as many names are no other case than few.
	many := *fields("Content-Type: text/plain", "Content-Type: text/plain")
	var names []string
	for i := range 100 {
		name := "x-" + string(rune('a'+i/26)) + string(rune('a'+i%26))
		many = append(many, headers.Header{Name: name})
		names = append(names, name)
	}
	all := strings.Join(names, ",")
	tests = append(tests, safelisting{"among many", &many, all, "content-type," + all})
	testSafelisting(t, p, tests)

	causes := p.PreflightCauses(&Request{Method: "GET", Headers: *fields("Accept: "+a64, "accept: "+a63)})
	diff(t, causes, []Cause{{Rule: RuleValueLength, Header: "accept", Value: a64 + ", " + a63}})
}

func TestPolicyNoSafelistedTotal(t *testing.T) {
	nine := slices.Repeat(headers.List{{Name: "Accept", Value: strings.Repeat("a", 114)}}, 9)
	testSafelisting(t, Policy{NoSafelistedTotal: true}, []safelisting{
		{"1026 bytes", &nine, "accept", ""},
		{"129 bytes", fields("Accept: " + strings.Repeat("a", 129)), "accept", "accept"},
	})
}

func TestPolicyStrictContentType(t *testing.T) {
	testSafelisting(t, Policy{StrictContentType: true}, []safelisting{
		{"none", fields("Content-Type: text/plain"), "", ""},
		{"one", fields("Content-Type: text/plain; charset=utf-8"), "", ""},
		{"the last may be empty", fields("Content-Type: text/plain;"), "", ""},
		{"the last must not be empty after others", fields("Content-Type: text/plain; a=b; "), "", "content-type"},
		{"one between others may be", fields("Content-Type: text/plain;;a=b"), "", ""},
		{";;", fields("Content-Type: text/plain;;"), "", "content-type"},
		{"; ;", fields("Content-Type: text/plain; ;"), "", "content-type"},
		{"comma", fields("Content-Type: text/plain;a=b,c"), "", "content-type"},
		{"high byte", fields("Content-Type: text/plain;a=\xE9"), "", "content-type"},
		{"unsafe anyway", fields("Content-Type: text/html"), "content-type", "content-type"},
	})
}

func TestPolicyStrictAccept(t *testing.T) {
	p := Policy{StrictAccept: true}
	testSafelisting(t, p, []safelisting{
		{"ASCII", fields("Accept: a/b;c=d, */*"), "", ""},
		{"high byte", fields("ACCEPT: a\x80"), "", "accept"},
		{"in a Content-Type", fields("Content-Type: text/plain;a=\x80"), "", ""},
	})
	causes := p.PreflightCauses(&Request{Method: "GET", Headers: *fields("Accept: a\x80")})
	diff(t, causes, []Cause{{Rule: RuleUnsafeByte, Header: "Accept", Value: "a\x80", Byte: 1}})
}

func TestPolicyRanges(t *testing.T) {
	testSafelisting(t, Policy{LenientRange: true}, []safelisting{
		{"as the standard", fields("Range: bytes=1-2"), "", ""},
		{"case", fields("Range: Bytes=0-1"), "range", ""},
		{"sign of the start", fields("Range: bytes=+1-2"), "range", ""},
		{"sign of the end", fields("Range: bytes=1-+2"), "range", ""},
		{"no start", fields("Range: bytes=-2"), "range", "range"},
		{"two signs", fields("Range: bytes=++1-2"), "range", "range"},
		{"two ranges", fields("Range: bytes=0-1,3-4"), "range", "range"},
		{"129 bytes", fields("Range: Bytes=" + strings.Repeat("0", 122) + "-"), "range", "range"},
	})
	testSafelisting(t, Policy{RangeLimit: 1<<63 - 2}, []safelisting{
		{"below", fields("Range: bytes=9223372036854775806-"), "", ""},
		{"start", fields("Range: bytes=9223372036854775807-"), "", "range"},
		{"end", fields("Range: bytes=0-9223372036854775807"), "", "range"},
		{"far beyond", fields("range: bytes=0-99999999999999999999"), "", "range"},
	})
}

func TestPolicyRepeatRequestHeaders(t *testing.T) {
	testSafelisting(t, Policy{RepeatRequestHeaders: true}, []safelisting{
		{"repeated", fields("X-B: 1", "X-A: 1", "x-b: 2"), "x-a,x-b", "x-a,x-b,x-b"},
	})
	r := &Request{Origin: app, Method: "GET", Headers: *fields("X-A: 1", "x-a: 2")}
	_, err := (&Policy{RepeatRequestHeaders: true}).ValidatePreflight(r, 204, fields("Access-Control-Allow-Origin: *"))
	diff(t, reasonsOf(err), []Reason{HeaderNotAllowed})
}

func TestPolicyIgnoreEmptyLines(t *testing.T) {
	p := Policy{IgnoreEmptyLines: true}
	r := &Request{Origin: app, Method: "GET", IncludeCredentials: true}
	lines := []string{
		"Access-Control-Allow-Origin: https://app.example",
		"Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials:",
	}
	diff(t, reasonsOf(Check(r, fields(lines...))), []Reason{AllowCredentialsNotTrue})
	diff(t, reasonsOf(p.Check(r, fields(lines...))), []Reason(nil))
	lines = append(lines, "Access-Control-Max-Age:", "Access-Control-Max-Age: 10")
	granted, err := p.ValidatePreflight(r, 204, fields(lines...))
	if granted.MaxAge != 10 || err != nil {
		t.Errorf("max-age is %d, %v", granted.MaxAge, err)
	}
	// One line is never dropped.
	diff(t, reasonsOf(p.Check(r, fields("Access-Control-Allow-Origin:", "Access-Control-Allow-Credentials: true"))), []Reason{InvalidAllowOrigin})
}

func TestPolicyAllowOriginCounted(t *testing.T) {
	p := Policy{AllowOriginCounted: true, IgnoreEmptyLines: true}
	r := &Request{Origin: app, Method: "GET"}
	const name, own, other = "Access-Control-Allow-Origin: ", "https://app.example", "https://other.example"
	lower := strings.ToLower(name)
	for _, test := range []struct {
		lines []string
		want  []Reason
	}{
		{[]string{name + own}, nil},
		{[]string{name + own, name + own}, []Reason{MultipleAllowOrigin}},
		{[]string{name + own, name}, []Reason{MultipleAllowOrigin}},
		{[]string{name + "*", name}, []Reason{MultipleAllowOrigin}},
		{[]string{lower + own, name}, nil},
		{[]string{lower + own, lower}, nil},
		{[]string{lower + own, lower + other}, []Reason{AllowOriginMismatch}},
		{[]string{name + own + ", " + other}, []Reason{AllowOriginMismatch}},
	} {
		if got := reasonsOf(p.Check(r, fields(test.lines...))); !slices.Equal(got, test.want) {
			t.Errorf("%q: %v, want %v", test.lines, got, test.want)
		}
	}
	// A map of headers spells all names alike.
	err := p.Check(r, spelledAlike{"Access-Control-Allow-Origin": {own, ""}})
	diff(t, reasonsOf(err), []Reason{MultipleAllowOrigin})
}

// spelledAlike looks headers up as an [net/http.Header] does.
type spelledAlike map[string][]string

func (s spelledAlike) Values(name string) []string { return s[name] }

func TestPolicyPreflightStatusFirst(t *testing.T) {
	r := &Request{Origin: app, Method: "PUT"}
	_, err := ValidatePreflight(r, 404, fields())
	diff(t, reasonsOf(err), []Reason{MissingAllowOrigin, PreflightStatus, MethodNotAllowed})
	_, err = (&Policy{PreflightStatusFirst: true}).ValidatePreflight(r, 404, fields())
	diff(t, reasonsOf(err), []Reason{PreflightStatus, MissingAllowOrigin, MethodNotAllowed})
}

func TestPolicyPreflightRedirectFirst(t *testing.T) {
	p := Policy{PreflightRedirectFirst: true}
	r := &Request{Origin: app, Method: "GET"}
	_, err := p.ValidatePreflight(r, 302, fields("Location: /"))
	diff(t, reasonsOf(err), []Reason{PreflightRedirect, MissingAllowOrigin})
	// A status alone comes after the CORS check.
	_, err = p.ValidatePreflight(r, 302, fields())
	diff(t, reasonsOf(err), []Reason{MissingAllowOrigin, PreflightStatus})
}

func TestPolicyAllowMethodsFirst(t *testing.T) {
	p := Policy{AllowMethodsFirst: true}
	r := &Request{Origin: app, Method: "PUT"}
	response := fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: @")
	_, err := ValidatePreflight(r, 204, response)
	diff(t, reasonsOf(err), []Reason{InvalidAllowHeaders, MethodNotAllowed})
	granted, err := p.ValidatePreflight(r, 204, response)
	diff(t, reasonsOf(err), []Reason{MethodNotAllowed, InvalidAllowHeaders})
	if names := slices.Collect(granted.HeaderNames()); names != nil {
		t.Errorf("a response that cannot be parsed grants %q", names)
	}
}

func TestCoverAuthorizationByWildcard(t *testing.T) {
	for _, test := range []struct {
		request, allow string
		want           bool
	}{
		{"Authorization: t", "*", true},
		{"authorization: t", "x-a, *", true},
		{"Authorization: t", "*, authorization", false},
		{"Authorization: t", "x-a", false},
		{"X-A: t", "*", false},
	} {
		r := &Request{Origin: app, Method: "GET", Headers: *fields(test.request)}
		granted, _ := (&Policy{WildcardCoversAuthorization: true}).ValidatePreflight(r, 204,
			fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: "+test.allow))
		if got := granted.CoverAuthorizationByWildcard(r); got != test.want {
			t.Errorf("%s under %q: %v", test.request, test.allow, got)
		}
	}
}

func TestPolicyWildcardCoversAuthorization(t *testing.T) {
	p := Policy{WildcardCoversAuthorization: true}
	r := &Request{Origin: app, Method: "GET", Headers: *fields("Authorization: x", "X-A: 1")}
	response := fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *")
	_, err := ValidatePreflight(r, 204, response)
	diff(t, reasonsOf(err), []Reason{NonWildcardHeaderNotAllowed})
	_, err = p.ValidatePreflight(r, 204, response)
	diff(t, reasonsOf(err), []Reason(nil))
	_, err = p.ValidatePreflight(r, 204, fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: x-a"))
	diff(t, reasonsOf(err), []Reason{NonWildcardHeaderNotAllowed})
	// With credentials "*" covers nothing, Authorization neither.
	r.IncludeCredentials = true
	_, err = p.ValidatePreflight(r, 204, fields("Access-Control-Allow-Origin: "+app, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: *"))
	diff(t, reasonsOf(err), []Reason{HeaderNotAllowed, HeaderNotAllowed})
}

// TestPolicyMaxAge has the values with which engines were observed.
func TestPolicyMaxAge(t *testing.T) {
	const limit = 86400
	type want struct{ standard, int64, trimmed, digits int64 }
	for _, test := range []struct {
		values []string
		want   want
	}{
		{nil, want{5, 5, 5, 5}},
		{[]string{""}, want{5, 5, 5, 5}},
		{[]string{"10"}, want{10, 10, 10, 10}},
		{[]string{"010"}, want{10, 10, 10, 10}},
		{[]string{"0"}, want{0, 0, 0, 0}},
		{[]string{"-0"}, want{5, 0, 0, 0}},
		{[]string{"-1"}, want{5, 0, 0, 0}},
		{[]string{"-2147483649"}, want{5, 0, 0, 0}},
		{[]string{"-9223372036854775808"}, want{5, 0, 0, 0}},
		{[]string{"-9223372036854775809"}, want{5, 5, 5, 0}},
		{[]string{"+0"}, want{5, 0, 0, 0}},
		{[]string{"+10"}, want{5, 10, 10, 0}},
		{[]string{"+9223372036854775807"}, want{5, limit, limit, 0}},
		{[]string{"+9223372036854775808"}, want{5, 5, 5, 0}},
		{[]string{"\v10"}, want{5, 5, 10, 0}},
		{[]string{"10\f"}, want{5, 5, 10, 0}},
		{[]string{"1.5"}, want{5, 5, 5, 0}},
		{[]string{"10s"}, want{5, 5, 5, 0}},
		{[]string{"0x10"}, want{5, 5, 5, 0}},
		{[]string{"1_0"}, want{5, 5, 5, 0}},
		{[]string{"--5"}, want{5, 5, 5, 0}},
		{[]string{"+-5"}, want{5, 5, 5, 0}},
		{[]string{"- 10"}, want{5, 5, 5, 0}},
		{[]string{"+"}, want{5, 5, 5, 0}},
		{[]string{"abc"}, want{5, 5, 5, 0}},
		{[]string{"10, 20"}, want{5, 5, 5, 0}},
		{[]string{"10", "10"}, want{5, 5, 5, 0}},
		{[]string{"0", "10"}, want{5, 5, 5, 0}},
		{[]string{"2147483648"}, want{limit, limit, limit, limit}},
		{[]string{"9223372036854775807"}, want{limit, limit, limit, limit}},
		{[]string{"009223372036854775807"}, want{limit, limit, limit, limit}},
		{[]string{"9223372036854775808"}, want{limit, 5, 5, limit}},
		{[]string{strings.Repeat("9", 100)}, want{limit, 5, 5, limit}},
	} {
		response := fields("Access-Control-Allow-Origin: *")
		for _, value := range test.values {
			*response = append(*response, headers.Header{Name: "Access-Control-Max-Age", Value: value})
		}
		maxAge := func(syntax quirks.MaxAgeSyntax) int64 {
			p := &Policy{MaxAge: syntax, MaxAgeLimit: limit}
			granted, err := p.ValidatePreflight(&Request{Origin: app, Method: "GET"}, 204, response)
			if err != nil {
				t.Fatal(err)
			}
			return granted.MaxAge
		}
		got := want{maxAge(quirks.MaxAgeDeltaSeconds), maxAge(quirks.MaxAgeInt64), maxAge(quirks.MaxAgeInt64Trimmed), maxAge(quirks.MaxAgeDigitsOrZero)}
		if got != test.want {
			t.Errorf("%q: %+v, want %+v", test.values, got, test.want)
		}
	}
}

func TestPolicyMaxAgeLimit(t *testing.T) {
	for _, test := range []struct {
		limit      int64
		value      string
		wantMaxAge int64
	}{
		{600, "600", 600}, {600, "601", 600}, {600, "599", 599}, {3, "", 3}, {3, "x", 3}, {0, "601", 601},
	} {
		response := fields("Access-Control-Allow-Origin: *", "Access-Control-Max-Age: "+test.value)
		granted, err := (&Policy{MaxAgeLimit: test.limit}).ValidatePreflight(&Request{Origin: app, Method: "GET"}, 204, response)
		if granted.MaxAge != test.wantMaxAge || err != nil {
			t.Errorf("%q with the limit %d: %d, %v; want %d", test.value, test.limit, granted.MaxAge, err, test.wantMaxAge)
		}
	}
}

func TestPolicyWildcardBeforeInvalid(t *testing.T) {
	p := &Policy{WildcardBeforeInvalid: true}
	for _, test := range []struct {
		lines       []string
		credentials bool
		want        bool
	}{
		{lines: []string{"*, @"}, want: true},
		{lines: []string{"x-b, *", "@"}, want: true},
		{lines: []string{"@, *"}},
		{lines: []string{"x-a, @"}},
		{lines: []string{"*, @"}, credentials: true},
	} {
		var response headers.List
		for _, line := range test.lines {
			response = append(response, headers.Header{Name: "Access-Control-Expose-Headers", Value: line})
		}
		r := &Request{Origin: app, IncludeCredentials: test.credentials}
		if got := p.ExposedHeaderNames(r, &response).Has("x-a"); got != test.want {
			t.Errorf("%q, credentials %v: x-a exposed: %v", test.lines, test.credentials, got)
		}
		if ExposedHeaderNames(r, &response).Has("x-a") {
			t.Errorf("%q: the standard exposes x-a", test.lines)
		}
	}
}

func TestNoImpliedMethod(t *testing.T) {
	r := &Request{Origin: app, Method: "PUT", UseCORSPreflight: true}
	response := fields("Access-Control-Allow-Origin: *")
	if _, err := ValidatePreflight(r, 200, response); err != nil {
		t.Errorf("the standard takes the method to be allowed, but: %v", err)
	}
	p := Policy{MethodNeverImplied: true}
	if _, err := p.ValidatePreflight(r, 200, response); ReasonOf(err) != MethodNotAllowed {
		t.Errorf("MethodNeverImplied: got %v, want %v", ReasonOf(err), MethodNotAllowed)
	}
}

// TestPolicyFields fails when a field is added: it wants a test above.
func TestPolicyFields(t *testing.T) {
	var got []string
	for field := range reflect.TypeFor[Policy]().Fields() {
		got = append(got, field.Name)
	}
	diff(t, got, []string{
		"ClientHintsSafelisted", "UserAgentReserved", "CombineBeforeSafelisting", "NoSafelistedTotal", "StrictContentType",
		"StrictAccept", "LenientRange", "RangeLimit", "RepeatRequestHeaders", "IgnoreEmptyLines", "AllowOriginCounted",
		"PreflightStatusFirst", "PreflightRedirectFirst", "MethodNeverImplied", "AllowMethodsFirst",
		"WildcardCoversAuthorization", "WildcardIsName", "ExposedWildcardIsName", "WildcardBeforeInvalid", "CredentialedUnderCredentialless", "LocalhostIsOneSite", "DataWorkersHaveNoEmbedderPolicy", "UnknownResourcePolicyAllows", "MaxAge", "MaxAgeLimit",
	})
}

func TestNilPolicyIsTheStandard(t *testing.T) {
	var p *Policy
	r := &Request{Origin: app, Method: "PUT", Headers: *fields("X-A: 1")}
	response := fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *")
	if _, err := p.ValidatePreflight(r, 200, response); err != nil || p.Check(r, response) != nil || !p.NeedsPreflight(r) {
		t.Errorf("a nil policy is not the standard: %v", err)
	}
	diff(t, p.PreflightHeaders(r), PreflightHeaders(r))
	diff(t, p.PreflightCauses(r), PreflightCauses(r))
	if !p.ExposedHeaderNames(r, fields("Access-Control-Expose-Headers: *")).Has("X-A") {
		t.Error("a nil policy exposes nothing")
	}
	var e *Error
	if err := p.Check(r, fields()); !errors.As(err, &e) {
		t.Errorf("a nil policy's error is %T", err)
	}
}

// Before "*" stood for all, it was a name like others.
func TestWildcardIsName(t *testing.T) {
	p := Policy{WildcardIsName: true, ExposedWildcardIsName: true}
	r := &Request{Origin: app, Method: "PUT", Headers: *fields("X-A: 1")}
	response := fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *", "Access-Control-Expose-Headers: *")
	for policy, want := range map[*Policy][2]bool{{}: {true, true}, &p: {false, false}} {
		_, err := policy.ValidatePreflight(r, 200, response)
		exposed := policy.ExposedHeaderNames(r, response)
		if got := [2]bool{err == nil, exposed.Has("x-b")}; got != want {
			t.Errorf("%+v: permits and exposes %v (%v)", *policy, got, err)
		}
	}
	named := fields("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: X-A")
	if _, err := p.ValidatePreflight(r, 200, named); err != nil {
		t.Errorf("what is named: %v", err)
	}
}
