package cors

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/quirks"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/corsim/corsim/headers"
)

// A source makes requests and responses out of a fuzzer's bytes: choices among
// what is near a boundary, and now and then the fuzzer's own text.
type source struct {
	data []byte
	text string
}

// below returns a number below n.
func (s *source) below(n int) int {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return int(b) % n
}

func (s *source) bool() bool { return s.below(2) == 1 }

// pick returns one of choices; the last of which is the fuzzer's text.
func (s *source) pick(choices []string) string {
	if i := s.below(len(choices) + 1); i < len(choices) {
		return choices[i]
	}
	return s.text
}

var (
	anyOrigins    = []string{app, "null", "https://b.example", "http://localhost:8080"}
	anyMethods    = []string{"GET", "PUT", "POST", "HEAD", "patch", "PATCH", "*", "get"}
	requestNames  = []string{"X-A", "x-a", "Accept", "accept-language", "Content-Language", "CONTENT-TYPE", "Range", "Authorization", "AUTHORIZATION", "*", "x-b", "DPR"}
	requestValues = []string{
		"", "1", "*/*", "de", "text/plain", "text/plain;charset=utf-8", "application/json", "bytes=0-", "bytes=-1", "a\x80", `"`, "a,b",
		strings.Repeat("a", 112), strings.Repeat("a", 127), strings.Repeat("a", 128), strings.Repeat("a", 129), "text/plain;" + strings.Repeat("a", 117),
	}
	listMembers    = []string{"", "x-a", "X-A", "*", "PUT", "patch", "GET", "accept", "content-type", "authorization", "x-b", "set-cookie", "x-aa", "x", "a b", `"x"`, "a\x80", "*x"}
	separators     = []string{",", ", ", " ,", "\t,,", " , \t"}
	maxAges        = []string{"", "0", "10", "010", "-1", "+10", "86400", "9223372036854775807", "9223372036854775808", "99999999999999999999", "1 0"}
	resourceValues = []string{"same-origin", "same-site", "cross-origin", "Same-Origin", "same-origin, same-origin", ""}
	responseNames  = []string{"X-A", "x-a", "Pragma", "content-type", "Set-Cookie", "set-cookie2", "X-B", "*", "Last-Modified", "PUT"}
)

// requestHeaders returns up to 80 headers, beyond what is searched by mask.
func (s *source) requestHeaders() headers.List {
	var list headers.List
	for range s.below(6) {
		h := headers.Header{Name: s.pick(requestNames), Value: headers.Normalize(s.pick(requestValues))}
		n := 1
		if s.below(8) == 7 {
			n = s.below(80)
		}
		list = append(list, slices.Repeat(headers.List{h}, n)...)
	}
	return list
}

func (s *source) request() *Request {
	origin := s.pick(anyOrigins)
	if strings.ContainsAny(origin, ", *") { // no origin is serialized so
		origin = app
	}
	return &Request{
		Origin: origin, IncludeCredentials: s.bool(), Method: s.pick(anyMethods), UseCORSPreflight: s.below(4) == 1, Headers: s.requestHeaders(),
	}
}

// add adds up to two lines of a header.
func (s *source) add(list *headers.List, name string, value func() string) {
	for n := s.below(8); n != 0 && n < 7; n = s.below(8) % 3 {
		if s.bool() {
			name = strings.ToLower(name)
		}
		*list = append(*list, headers.Header{Name: name, Value: headers.Normalize(value())})
		if len(*list) > 40 {
			return
		}
	}
}

func (s *source) members() string {
	var b strings.Builder
	for range s.below(6) {
		b.WriteString(s.pick(listMembers))
		b.WriteString(separators[s.below(len(separators))])
	}
	b.WriteString(s.pick(listMembers))
	return b.String()
}

func (s *source) response(r *Request) headers.List {
	if s.bool() {
		return s.granting(r)
	}
	var list headers.List
	s.add(&list, "Access-Control-Allow-Origin", func() string { return s.pick([]string{"*", r.Origin, "null", app, r.Origin + "/"}) })
	s.add(&list, "Access-Control-Allow-Credentials", func() string { return s.pick([]string{"true", "True", "", "false"}) })
	s.add(&list, "Access-Control-Allow-Methods", s.members)
	s.add(&list, "Access-Control-Allow-Headers", s.members)
	s.add(&list, "Access-Control-Expose-Headers", s.members)
	s.add(&list, "Access-Control-Max-Age", func() string { return s.pick(maxAges) })
	s.add(&list, "Timing-Allow-Origin", func() string { return s.pick([]string{"*", r.Origin, "null, " + r.Origin, `"*"`}) })
	s.add(&list, "Cross-Origin-Resource-Policy", func() string { return s.pick(resourceValues) })
	for range s.below(8) {
		list = append(list, headers.Header{Name: s.pick(responseNames), Value: headers.Normalize(s.pick(requestValues))})
	}
	if s.below(8) == 7 { // beyond what is searched without an index
		list = append(list, slices.Repeat(headers.List{{Name: "X-A"}, {Name: "x-b"}}, few)...)
	}
	return list
}

// granting returns a response that grants a preflight all, or nearly all, that it
// asks for.
func (s *source) granting(r *Request) headers.List {
	list := headers.List{{Name: "Access-Control-Allow-Origin", Value: r.Origin}, {Name: "Access-Control-Allow-Credentials", Value: "true"}}
	if s.below(4) == 1 {
		list[0].Value = "*"
	}
	grant := func(name string, wanted ...string) {
		if s.below(4) == 1 {
			wanted = append(wanted, "*")
		}
		var b strings.Builder
		for _, member := range wanted {
			switch s.below(16) {
			case 1:
				member = s.pick(listMembers)
			case 2, 3:
				member = strings.ToUpper(member)
			}
			b.WriteString(member)
			b.WriteString(separators[s.below(len(separators))])
			if s.below(8) == 1 {
				list = append(list, headers.Header{Name: name, Value: headers.Normalize(b.String())})
				b.Reset()
			}
		}
		if b.Len() > 0 {
			list = append(list, headers.Header{Name: name, Value: headers.Normalize(b.String())})
		}
	}
	if s.below(8) != 1 {
		grant("Access-Control-Allow-Methods", "GET", r.Method)
	}
	grant("access-control-allow-headers", append(twinUnsafeNames(r.Headers), "x-zzz")...)
	s.add(&list, "Access-Control-Max-Age", func() string { return s.pick(maxAges) })
	return list
}

var statuses = []int{204, 204, 204, 200, 299, 199, 300, 301, 404, 0, -1}

// FuzzDecisions compares every decision with its twin, and decisions with each
// other.
func FuzzDecisions(f *testing.F) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		data := make([]byte, 200)
		for i := range data {
			data[i] = byte(rng.Uint32())
		}
		f.Add(data, "x-c")
	}
	f.Add([]byte{}, "")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		s := &source{data, strings.Map(func(c rune) rune { // strings.EqualFold and ToLower are of ASCII below
			if c >= 0x80 {
				return 'e'
			}
			return c
		}, text)}
		r := s.request()
		response := s.response(r)
		status := statuses[s.below(len(statuses))]

		equal := func(what string, got, want any) {
			t.Helper()
			if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s of\n%+v\n%d %q\n-step by step +got:\n%s", what, r, status, response, d)
			}
		}
		equal("CORS check", Check(r, &response) == nil, twinCheck(r, response))
		equal("need for a preflight", NeedsPreflight(r), twinNeedsPreflight(r))
		equal("preflight headers", PreflightHeaders(r), twinPreflightHeaders(r))
		equal("unsafe names", (*Policy)(nil).CORSUnsafeRequestHeaderNames(r.Headers), twinUnsafeNames(r.Headers))

		const limit = 86400
		permissions, err := (&Policy{MaxAgeLimit: limit}).ValidatePreflight(r, status, &response)
		want, ok := twinValidatePreflight(r, status, response, limit)
		equal("success of a preflight", err == nil, ok)
		if reason := ReasonOf(err); reason == 0 {
			equal("what a preflight grants", collect(permissions), want)
		} else if reason < MethodNotAllowed {
			equal("what a response that is no permission grants", collect(permissions), granted{})
		} else {
			insufficient, _ := twinPreflightLists(r, response)
			equal("methods of a preflight that is refused", collect(permissions).Methods, insufficient.Methods)
			equal("header names of a preflight that is refused", collect(permissions).HeaderNames, insufficient.HeaderNames)
		}
		testFailures(t, r, status, response, err)

		exposed := ExposedHeaderNames(r, &response)
		readable := exposed.Filter(response)
		equal("readable headers", readable, twinExposed(r, response))
		for _, h := range response {
			if exposed.Has(h.Name) != readable.Contains(h.Name) {
				t.Errorf("Has(%q) is %v, but Filter gives %q", h.Name, exposed.Has(h.Name), readable)
			}
		}

		tao := &TAORequest{Origin: r.Origin, TimingAllowFailed: s.below(8) == 1, CrossOriginNavigation: s.bool(), BasicTainting: s.bool()}
		equal("TAO check", TAOCheck(tao, &response), twinTAOCheck(tao, response))
		resource := &ResourcePolicyRequest{
			Origin:         mustParse(anyResourceOrigins[s.below(len(anyResourceOrigins))]),
			ResponseOrigin: mustParse(anyResourceOrigins[s.below(len(anyResourceOrigins))]),
			EmbedderPolicy: EmbedderPolicy(s.below(3)), RequestIncludesCredentials: s.bool(), ForNavigation: s.bool(),
		}
		equal("resource policy check", CrossOriginResourcePolicyCheck(resource, &response) == nil, twinResourcePolicyAllows(resource, response))

		testCauses(t, nil, r)
		for _, p := range policies {
			testCauses(t, p, r)
			_, err := p.ValidatePreflight(r, status, &response)
			testFailures(t, r, status, response, err)
		}

		// What looks headers up does so in an http.Header as in a list. A name that
		// no http.Header can have is not looked up.
		header := http.Header(response.Map())
		equal("CORS check with http.Header", texts(Check(r, header)), texts(Check(r, &response)))
		_, errHeader := ValidatePreflight(r, status, header)
		_, errList := ValidatePreflight(r, status, &response)
		equal("preflight with http.Header", texts(errHeader), texts(errList))
	})
}

var anyResourceOrigins = []string{app, "https://www.app.example", "http://www.app.example", "https://b.example", "null", "https://app.example:8443"}

var policies = []*Policy{
	{ClientHintsSafelisted: true, UserAgentReserved: true, CombineBeforeSafelisting: true, RangeLimit: 1<<63 - 2, WildcardCoversAuthorization: true, MaxAge: quirks.MaxAgeInt64},
	{NoSafelistedTotal: true, StrictContentType: true, StrictAccept: true, RepeatRequestHeaders: true, IgnoreEmptyLines: true, MaxAge: quirks.MaxAgeDigitsOrZero},
	{CombineBeforeSafelisting: true, LenientRange: true, PreflightStatusFirst: true, WildcardCoversAuthorization: true, MaxAge: quirks.MaxAgeInt64Trimmed},
}

// testCauses holds that causes are there if and only if a preflight is needed,
// and that the headers which are causes are those that the preflight asks for.
func testCauses(t *testing.T, p *Policy, r *Request) {
	t.Helper()
	causes := p.PreflightCauses(r)
	if (len(causes) > 0) != p.NeedsPreflight(r) {
		t.Errorf("%+v needs a preflight: %v; because of %v", r, p.NeedsPreflight(r), causes)
	}
	names := map[string]bool{}
	for _, c := range causes {
		if c.String() == "" || !strings.HasPrefix(c.Anchor(), fetchStandard+"#") {
			t.Errorf("%+v has the text %q and the anchor %q", c, c, c.Anchor())
		}
		if c.Rule != RuleMethod && c.Rule != RuleUseCORSPreflight {
			names[headers.Lower(c.Header)] = true
		}
	}
	asked := p.CORSUnsafeRequestHeaderNames(r.Headers)
	value, present := p.PreflightHeaders(r).Get("Access-Control-Request-Headers")
	if value != strings.Join(asked, ",") || present != (len(asked) > 0) {
		t.Errorf("%+v: the preflight asks for %q, not %q", r, value, asked)
	}
	if !slices.IsSorted(asked) || len(names) != len(slices.Compact(slices.Clone(asked))) {
		t.Errorf("%+v: the preflight asks for %q, because of %v", r, asked, causes)
	}
	for _, name := range asked {
		if !names[name] {
			t.Errorf("%+v: the preflight asks for %s without a cause", r, name)
		}
	}
}

// testFailures holds that each requirement that a preflight's response does not
// meet is there, once, whichever comes first.
func testFailures(t *testing.T, r *Request, status int, response headers.List, err error) {
	t.Helper()
	seen := map[string]bool{}
	reasons := map[Reason]bool{}
	for _, e := range allOf(err) {
		text := e.Detail()
		if seen[text] || !e.Preflight || e.Status != status || e.Also != nil && ReasonOf(err) != e.Reason {
			t.Errorf("%+v\n%d %q: %+v", r, status, response, e)
		}
		seen[text] = true
		reasons[e.Reason] = true
	}
	if wrong := status < 200 || 299 < status; wrong != (reasons[PreflightStatus] || reasons[PreflightRedirect]) {
		t.Errorf("status %d: %v", status, err)
	}
	for reason, header := range map[Reason]string{InvalidAllowMethods: "Access-Control-Allow-Methods", InvalidAllowHeaders: "Access-Control-Allow-Headers"} {
		if reasons[reason] != twinExtractTokenList(response, header).failure {
			t.Errorf("%q: %v", response, err)
		}
	}
}

func allOf(err error) []*Error {
	if err == nil {
		return nil
	}
	return err.(*Error).All()
}
