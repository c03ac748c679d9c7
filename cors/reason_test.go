package cors

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReasons(t *testing.T) {
	machineReadable := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	anchored := regexp.MustCompile(`^https://[a-z0-9./-]+/#[a-z0-9?-]+$`)
	seen := map[string]bool{}
	all := Reasons()
	if len(all) != int(InvalidArgument) || all[0] != MissingAllowOrigin || all[len(all)-1] != InvalidArgument {
		t.Errorf("Reasons() = %v", all)
	}
	for _, r := range all {
		if !machineReadable.MatchString(r.String()) || seen[r.String()] {
			t.Errorf("reason %d is called %q", r, r.String())
		}
		seen[r.String()] = true
		if parsed, ok := ParseReason(r.String()); parsed != r || !ok {
			t.Errorf("ParseReason(%q) = %v, %v", r.String(), parsed, ok)
		}
		if !anchored.MatchString(r.Anchor()) {
			t.Errorf("%v has the anchor %q", r, r.Anchor())
		}
		if r.Requirement() == "" || r.Error() != r.Requirement() {
			t.Errorf("%v requires %q, and its message is %q", r, r.Requirement(), r.Error())
		}
		e := &Error{Reason: r, Subject: "the subject", Err: errors.New("the cause")}
		if e.Error() == "" || !errors.Is(e, r) || !errors.Is(e, e.Err) || ReasonOf(e) != r {
			t.Errorf("%v: an error says %q, and its reason is %v", r, e, ReasonOf(e))
		}
	}
}

// The kinds of reasons, which others go by.
func TestKindsOfReasons(t *testing.T) {
	kinds := map[string]func(Reason) bool{
		"the CORS check": Reason.IsCORSCheck, "a preflight": Reason.IsPreflight, "CORS": Reason.IsCORS, "redirects": Reason.IsRedirect,
		"what a preflight does not permit": Reason.notPermitted,
	}
	check := []Reason{MissingAllowOrigin, WildcardAllowOriginWithCredentials, MultipleAllowOrigin, InvalidAllowOrigin, AllowOriginMismatch, AllowCredentialsNotTrue}
	notPermitted := []Reason{MethodNotAllowed, NonWildcardHeaderNotAllowed, HeaderNotAllowed}
	preflight := append([]Reason{PreflightStatus, PreflightRedirect, InvalidAllowMethods, InvalidAllowHeaders}, notPermitted...)
	want := map[string][]Reason{
		"the CORS check": check, "a preflight": preflight, "CORS": slices.Concat(check, preflight),
		"redirects":                        {RedirectMode, RedirectLocation, RedirectScheme, RedirectCount, RedirectCredentials, RedirectBody},
		"what a preflight does not permit": notPermitted,
	}
	for kind, is := range kinds {
		for r := Reason(0); r < 255; r++ {
			if is(r) != slices.Contains(want[kind], r) {
				t.Errorf("%v is of %s: %t", r, kind, is(r))
			}
		}
	}
}

func TestUnknownReasons(t *testing.T) {
	for _, r := range []Reason{0, InvalidArgument + 1, 255} {
		want := fmt.Sprintf("reason(%d)", int(r))
		if r.String() != want || r.Requirement() != want || r.Error() != want || r.Anchor() != "" {
			t.Errorf("reason %d: %q, %q, %q, %q", int(r), r.String(), r.Requirement(), r.Error(), r.Anchor())
		}
		if got := (&Error{Reason: r}).Error(); got != want {
			t.Errorf("an error without a reason says %q", got)
		}
	}
	for _, s := range []string{"", "Missing-Allow-Origin", "reason(1)", "missing-allow-origin "} {
		if r, ok := ParseReason(s); ok || r != 0 {
			t.Errorf("ParseReason(%q) = %v, %v", s, r, ok)
		}
	}
}

func TestErrorsThroughOthers(t *testing.T) {
	failed := Check(&Request{Origin: app, IncludeCredentials: true}, fields("Access-Control-Allow-Origin: *"))
	for _, err := range []error{
		failed,
		&url.Error{Op: "Get", URL: "https://api.example/", Err: failed},
		fmt.Errorf("page: %w", &url.Error{Op: "Get", Err: failed}),
	} {
		if !errors.Is(err, WildcardAllowOriginWithCredentials) || errors.Is(err, MissingAllowOrigin) {
			t.Errorf("errors.Is does not find the reason of %v", err)
		}
		if errors.Is(err, AllowCredentialsNotTrue) {
			t.Errorf("%v is what only is in Also", err)
		}
		if e, ok := errors.AsType[*Error](err); !ok || e != failed {
			t.Errorf("errors.As finds %v in %v", e, err)
		}
		var r Reason
		if !errors.As(err, &r) || r != WildcardAllowOriginWithCredentials {
			t.Errorf("errors.As finds the reason %v in %v", r, err)
		}
		if got := ReasonOf(err); got != WildcardAllowOriginWithCredentials {
			t.Errorf("ReasonOf(%v) = %v", err, got)
		}
	}
	for _, test := range []struct {
		err  error
		want Reason
	}{
		{nil, 0}, {errors.New("other"), 0}, {Timeout, Timeout}, {fmt.Errorf("wrapped: %w", Aborted), Aborted},
	} {
		if got := ReasonOf(test.err); got != test.want {
			t.Errorf("ReasonOf(%v) = %v, want %v", test.err, got, test.want)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for _, test := range []struct {
		err  *Error
		want string
	}{
		{&Error{Reason: MissingAllowOrigin, Status: 200}, "the response has no Access-Control-Allow-Origin header"},
		{&Error{Reason: MissingAllowOrigin, Status: 299}, "the response has no Access-Control-Allow-Origin header"},
		{&Error{Reason: MissingAllowOrigin, Status: 502}, "the response has no Access-Control-Allow-Origin header (status 502)"},
		{&Error{Reason: MissingAllowOrigin, Status: 404, Preflight: true}, "preflight: the response has no Access-Control-Allow-Origin header (status 404)"},
		{&Error{Reason: RedirectCount}, "it was redirected more than 20 times"},
		{&Error{Reason: RedirectScheme, Subject: "ftp://a.example/"}, "the redirect leads to a URL that is neither http nor https: ftp://a.example/"},
		{&Error{Reason: Transport, Err: errors.New("connection refused")}, "no valid HTTP response came: connection refused"},
		{
			&Error{Reason: Transport, Subject: "api.example", Err: errors.New("connection refused"), Preflight: true},
			"preflight: no valid HTTP response came: api.example: connection refused",
		},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%+v\nsays  %q\nwant %q", test.err, got, test.want)
		}
	}
}

// What servers choose is cited in part by messages, and listed in part; the fields have all of it.
func TestMessagesAreBounded(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	e := &Error{Reason: HeaderNotAllowed, Header: "Access-Control-Allow-Headers", Value: long, Present: true, Subject: "x-a"}
	for i := range 5000 {
		e.Also = append(e.Also, &Error{Reason: HeaderNotAllowed, Header: e.Header, Value: long, Present: true, Subject: fmt.Sprint("x-", i)})
		e.Causes = append(e.Causes, Cause{Rule: RuleHeaderName, Header: fmt.Sprint("x-", i), Value: "1"})
	}
	if s := e.Detail(); len(s) > 2*maxCited || !strings.Contains(s, "é\"… (2097152 bytes)") {
		t.Errorf("the message of one has %d bytes: %.100s", len(s), s)
	}
	s := e.Error()
	if len(s) > 500_000 || !utf8.ValidString(s) || !strings.Contains(s, "x-99 is not in") || strings.Contains(s, "x-100 is not in") ||
		!strings.Contains(s, "; and 4900 more requirements are not met (it was") || !strings.HasSuffix(s, ", and because of 4900 more)") {
		t.Errorf("%d bytes: … %s", len(s), s[max(0, len(s)-300):])
	}
	for _, n := range []int{maxCited - 1, maxCited, maxCited + 1, maxCited + 2} {
		value := strings.Repeat("a", n-1) + "é"
		if got, cut := cited(value), len(value) > maxCited; strings.HasSuffix(got, `"`) == cut || !utf8.ValidString(got) || strings.Contains(got, `\x`) {
			t.Errorf("%d bytes are cited as … %s", len(value), got[len(got)-30:])
		}
	}
	if got := cited(strings.Repeat("\x80", 2*maxCited)); len(got) > 5*maxCited {
		t.Errorf("%d bytes", len(got))
	}
}
