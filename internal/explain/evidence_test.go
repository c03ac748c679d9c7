package explain

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// captured reads the answers that were captured from real servers, by name.
func captured(t *testing.T) map[string]capturedAnswer {
	t.Helper()
	names, err := filepath.Glob("testdata/answers/*.http")
	if err != nil || len(names) < 50 {
		t.Fatalf("%d answers, %v", len(names), err)
	}
	all := map[string]capturedAnswer{}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		about := map[string]string{}
		text := string(content)
		for strings.HasPrefix(text, "# ") {
			line, rest, _ := strings.Cut(text, "\n")
			key, value, _ := strings.Cut(line[2:], ": ")
			about[key], text = value, rest
		}
		answers, err := ParseReplies(text)
		if err != nil || len(answers) != 1 {
			t.Fatalf("%s: %d answers, %v", name, len(answers), err)
		}
		if !strings.ContainsAny(about["product"], "0123456789") || about["setup"] == "" || about["cause"] == "" || about["asked"] == "" {
			t.Errorf("%s: product with version, setup, cause and asked must be told: %q", name, about)
		}
		all[strings.TrimSuffix(filepath.Base(name), ".http")] = capturedAnswer{answers[0], about["cause"], about["asked"], cmp.Or(about["url"], "https://api.test/thing")}
	}
	return all
}

// A capturedAnswer is a real answer, its cause, and the request that it answers: a method,
// and for a preflight OPTIONS METHOD HEADERS, with the origin that asks.
type capturedAnswer struct {
	Reply
	cause, asked, url string
}

// explain explains an answer as a check would.
func (a *capturedAnswer) explain() (*Explanation, error) {
	words := strings.Fields(a.asked)
	r := &cors.Request{Origin: words[len(words)-1], Method: words[0]}
	var err error
	if words[0] == "OPTIONS" {
		r.Method = words[1]
		for _, name := range words[2 : len(words)-1] {
			r.Headers.Append(name, "1")
		}
		_, err = cors.ValidatePreflight(r, a.Status, &a.Headers)
	} else {
		err = cors.Check(r, &a.Headers)
	}
	failure, ok := errors.AsType[*cors.Error](err)
	if !ok {
		return nil, errors.New("it is allowed")
	}
	for _, e := range failure.All() {
		e.URL, e.Status, e.Preflight = a.url, a.Status, words[0] == "OPTIONS"
	}
	response := append(headers.List{}, a.Headers...)
	return Explain(failure, r, Exchange{Response: response, Body: a.Body}), nil
}

// Each captured answer has its cause first, whatever else it looks like.
func TestCapturedAnswers(t *testing.T) {
	for name, a := range captured(t) {
		x, err := a.explain()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c := x.Causes[0]; c.ID != a.cause {
			t.Errorf("%s: %s (%s): %s; want %s", name, c.ID, c.Confidence, c, a.cause)
		}
		for _, c := range x.Causes {
			if said := c.Title() + c.Why() + c.Do() + c.Try(); strings.ContainsAny(said, "{}") {
				t.Errorf("%s: %s has a value that is not filled in: %s", name, c.ID, said)
			}
		}
	}
}

// A sign may be certain only with an answer beside it that was captured from the product,
// which has the sign; each other names the public documentation.
func TestSignsHaveEvidence(t *testing.T) {
	answers := captured(t)
	for _, s := range answerSigns {
		what := s.by + ", " + s.cause + " by " + s.header + s.body
		if _, ok := texts[s.cause]; !ok {
			t.Errorf("%s: there is no such cause", what)
		}
		if (s.captured == "") == (s.source == "") {
			t.Errorf("%s: either captured or source must be told", what)
		}
		if s.header == "" && s.body == "" && s.statuses == nil {
			t.Errorf("%s: every answer has it", what)
		}
		if s.by == "" || strings.Contains(texts[s.cause].do, "{setting}") && s.setting == "" {
			t.Errorf("%s: by and setting must be told", what)
		}
		if s.has != headers.Lower(s.has) {
			t.Errorf("%s: has must be in lower case", what)
		}
		if s.captured == "" {
			if s.confidence() == Certain || !strings.HasPrefix(s.source, "https://") {
				t.Errorf("%s: %s by %q", what, s.confidence(), s.source)
			}
			continue
		}
		a, ok := answers[s.captured]
		seen := &Seen{Method: strings.Fields(a.asked + " ?")[0], Status: a.Status, Response: a.Headers, Body: a.Body}
		if _, has := s.in(seen); !ok || !has {
			t.Errorf("%s: the answer %s has it not", what, s.captured)
		}
	}
}

// No sign is in what a server that is right answers.
func TestSignsAreNotEverywhere(t *testing.T) {
	for _, lines := range [][]string{
		{"Content-Type: application/json", "Server: nginx", "X-Powered-By: Express"},
		{"Content-Type: text/html", "Server: cloudflare", "CF-Cache-Status: DYNAMIC", "Age: 0"},
		{"Content-Type: application/json", "X-Amz-Apigw-Id: x", "Via: 1.1 x.cloudfront.net (CloudFront)", "X-Cache: Miss from cloudfront"},
		{"Server: Werkzeug/2.2.2", "Content-Type: text/html"}, {"Server: uvicorn"}, {"Server: Caddy"}, {"Server: Apache"},
	} {
		var response headers.List
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			response.Append(name, value)
		}
		for _, status := range []int{200, 201, 204} {
			a := &Seen{Method: "GET", Status: status, Response: response, Body: `{"items": [1, 2, 3], "message": "ok"}`}
			for i := range answerSigns {
				if _, has := answerSigns[i].in(a); has {
					t.Errorf("%q, %d has the sign of %s, %s", lines, status, answerSigns[i].by, answerSigns[i].cause)
				}
			}
		}
	}
}

// What two answers tell together.
func TestCompared(t *testing.T) {
	const page, url = "https://app.example", "https://api.test/thing"
	answer := func(method string, status int, lines ...string) Seen {
		s := Seen{Method: method, URL: url, Status: status}
		if at := strings.IndexByte(method, ' '); at > 0 {
			s.Method = method[:at]
			s.Request.Append("Access-Control-Request-Method", method[at+1:])
		}
		from := page
		for _, line := range lines {
			name, value, _ := strings.Cut(line, ": ")
			if name == "From" {
				from = value
				continue
			}
			s.Response.Append(name, value)
		}
		if from != "" {
			s.Request.Append("Origin", from)
		}
		return s
	}
	allowed := "Access-Control-Allow-Origin: " + page
	tests := []struct {
		name   string
		method string
		failed Seen // the last
		others []Seen
		want   string
	}{
		{"the headers are on OPTIONS alone", "POST", answer("POST", 200), []Seen{answer("OPTIONS POST", 204, "Access-Control-Allow-Origin: *")}, "headers-on-preflight-only certain"},
		{"and the request fails", "POST", answer("POST", 500), []Seen{answer("OPTIONS POST", 204, allowed)}, "error-without-headers certain"},
		{"the headers are on GET alone", "PUT", answer("OPTIONS PUT", 200), []Seen{answer("GET", 200, allowed)}, "headers-on-response-only certain"},
		{"a login is wanted of OPTIONS", "PUT", answer("OPTIONS PUT", 401, "WWW-Authenticate: Bearer"), []Seen{answer("GET", 200, allowed)}, "options-authentication certain"},
		{"nothing answers OPTIONS", "PUT", answer("OPTIONS PUT", 404), []Seen{answer("GET", 200, allowed)}, "headers-on-response-only certain"},
		{"nothing is there", "PUT", answer("OPTIONS PUT", 404), []Seen{answer("GET", 404)}, "no-such-path likely"},
		{"GET would be permitted", "PUT", answer("OPTIONS PUT", 204, "Vary: Origin"), []Seen{answer("OPTIONS GET", 204, allowed, "Vary: Origin")}, "method-refused-by certain"},
		{"no answer knows CORS", "PUT", answer("OPTIONS PUT", 200), []Seen{answer("GET", 200), answer("GET", 200, "From: ")}, "not-configured likely"},
		{"another answer varies", "PUT", answer("OPTIONS PUT", 200), []Seen{answer("GET", 200, "Vary: Origin")}, "origin-refused likely"},
		{"refused by Origin", "GET", answer("GET", 403), []Seen{answer("GET", 200, "From: ")}, "origin-refused likely"},
		{"a cache has it for another", "GET", answer("GET", 200, "Access-Control-Allow-Origin: https://b.test", "Age: 40", "Via: 1.1 varnish"), nil, "cdn-cache-key likely"},
		{"a login page", "GET", answer("GET", 200), []Seen{answer("GET", 302, "Location: "+url)}, "redirected-there likely"},
	}
	for _, tt := range tests {
		r := &cors.Request{Origin: page, Method: tt.method}
		err := cors.Check(r, &tt.failed.Response)
		if tt.failed.Method == "OPTIONS" {
			_, err = cors.ValidatePreflight(r, tt.failed.Status, &tt.failed.Response)
		}
		failure := err.(*cors.Error)
		for _, e := range failure.All() {
			e.URL, e.Status, e.Preflight = url, tt.failed.Status, tt.failed.Method == "OPTIONS"
		}
		x := Explain(failure, r, Exchange{Response: append(headers.List{}, tt.failed.Response...), Others: tt.others})
		if got := x.Causes[0].ID + " " + x.Causes[0].Confidence.String(); got != tt.want {
			t.Errorf("%s: %s, want %s (%s)", tt.name, got, tt.want, ids(x.Causes))
		}
		above := slices.DeleteFunc(slices.Clone(x.Causes), func(c Cause) bool { return c.Confidence == Possible })
		for _, c := range above[1:] {
			if texts[c.ID].about == texts[above[0].ID].about && texts[c.ID].about != "" {
				t.Errorf("%s: %s beside %s", tt.name, c.ID, above[0].ID)
			}
		}
	}
}

func TestMalformedValues(t *testing.T) {
	for value, want := range map[string]string{
		"false": "leaked-value", "undefined": "leaked-value", "None": "leaked-value", "[object Object]": "leaked-value",
		"$origin": "placeholder-in-header", "$http_origin": "placeholder-in-header", "${CORS_ORIGIN}": "placeholder-in-header", "%{ORIGIN}e": "placeholder-in-header", "{{origin}}": "placeholder-in-header", "<origin>": "placeholder-in-header",
		"https://*.app.example": "pattern-in-header", "*.example": "pattern-fits", "https://*.example": "pattern-fits", "http://localhost:*": "pattern-in-header",
		`"https://app.example"`: "quoted-origin", `'*'`: "quoted-origin", `["https://app.example"]`: "quoted-origin",
		"app.example": "origin-without-scheme", "https://app.example/": "slash-behind-origin", "https://app.example/path": "path-behind-origin", "https://app.example:443": "origin-spelling", "HTTPS://app.example": "origin-spelling",
		"http://app.example": "scheme-differs", "https://www.app.example": "host-differs", "https://app.example:8443": "port-differs", "null": "null-sent",
		"https://app.example, https://b.test": "list-in-header", "https://app.example https://b.test": "list-in-header", "": "allow-origin-empty",
	} {
		r := &cors.Request{Origin: "https://app.example", Method: "GET"}
		response := headers.List{{Name: "Access-Control-Allow-Origin", Value: value}}
		err := cors.Check(r, &response)
		if err == nil {
			t.Errorf("%q is allowed", value)
			continue
		}
		failure := err.(*cors.Error)
		failure.Status, failure.URL = 200, "https://api.test/"
		if got := Explain(failure, r, Exchange{Response: response}).Causes[0]; got.ID != want {
			t.Errorf("%q (%s): %s, want %s", value, failure.Reason, got.ID, want)
		}
	}
}

func TestParseReplies(t *testing.T) {
	const two = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\nHTTP/2 200 \r\nvary: Origin\r\n\r\n{\"a\":1}\nHTTP/ in a body\n"
	answers, err := ParseReplies(two)
	if err != nil || len(answers) != 2 || answers[0].Status != 204 || answers[1].Status != 200 || answers[1].Body != "{\"a\":1}\nHTTP/ in a body" || !answers[0].Headers.Contains("access-control-allow-origin") {
		t.Errorf("%+v, %v", answers, err)
	}
	verbose := "* Trying\n> OPTIONS /x HTTP/1.1\n> Origin: https://a.test\n>\n< HTTP/1.1 403 Forbidden\n< Server: x\n<\nno\n> POST /x HTTP/1.1\n>\n< HTTP/1.1 200 OK\n<\nok\n"
	answers, err = ParseReplies(verbose)
	if err != nil || len(answers) != 2 || answers[0].Method != "OPTIONS" || answers[1].Method != "POST" || answers[0].Body != "no" {
		t.Errorf("%+v, %v", answers, err)
	}
	answers, err = ParseReplies("Access-Control-Allow-Origin: *\nVary: Origin\n")
	if err != nil || len(answers) != 1 || answers[0].Status != 200 || len(answers[0].Headers) != 2 {
		t.Errorf("%+v, %v", answers, err)
	}
	for text, want := range map[string]string{"": "no answer", "hello\n": "no answer", "HTTP/1.1 200 OK\nnot a header\n": "line 2"} {
		if _, err := ParseReplies(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Whatever is pasted is read or refused, in time that grows with it, and never judged as
// something that it does not say.
func FuzzParseReplies(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\nbody")
	f.Add("> OPTIONS / HTTP/1.1\n< HTTP/2 204\n< vary: Origin\n<\n")
	f.Add("Access-Control-Allow-Origin: *")
	f.Add("HTTP/ 1\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		replies, err := ParseReplies(text)
		if (err == nil) != (len(replies) > 0) {
			t.Errorf("%d answers, %v", len(replies), err)
		}
		for _, r := range replies {
			if r.Status < 200 || r.Status > 999 || len(r.Body) > len(text)+1 {
				t.Errorf("%+v", r)
			}
			for _, h := range r.Headers {
				if !headers.IsToken(h.Name) || strings.ContainsAny(h.Value, "\r\n") && !strings.Contains(text, "\r") {
					t.Errorf("%+v", h)
				}
			}
		}
	})
}
