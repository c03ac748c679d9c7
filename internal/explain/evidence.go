package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A Seen is an exchange that was observed, as far as it is known. What causes are
// concluded from are values of this type, wherever they come from: a check, a probe, a
// recording, or answers that somebody has pasted.
type Seen struct {
	Method, URL string
	// Request holds at least the headers of the CORS protocol.
	Request headers.List
	// Status is 0 where no answer came.
	Status   int
	Response headers.List
	// Body is the beginning of the response's body without its content codings, "" where
	// it is not known.
	Body string
}

// IsPreflight reports whether the request is a CORS-preflight request.
func (s *Seen) IsPreflight() bool {
	return s.Method == "OPTIONS" && s.Request.Contains("Access-Control-Request-Method")
}

// from returns the Origin of the request, "" for none.
func (s *Seen) from() string {
	value, _ := s.Request.Get("Origin")
	return value
}

func (s *Seen) header(name string) string {
	value, _ := s.Response.Get(name)
	return value
}

// allows reports whether the response allows an origin, by its name or by "*".
func (s *Seen) allows(origin string) bool {
	values := s.Response.Values(allowOrigin)
	return len(values) == 1 && (values[0] == origin || values[0] == "*")
}

// where names the exchange in a sentence.
func (s *Seen) where() string {
	switch {
	case s.IsPreflight():
		return "the answer to OPTIONS"
	case s.Method == "OPTIONS":
		return "the answer to OPTIONS without the headers of a preflight"
	case s.from() == "":
		return "the answer to " + s.Method + " without Origin"
	}
	return "the answer to " + s.Method
}

// redirects reports whether the response is a redirect.
func (s *Seen) redirects() bool { return 300 <= s.Status && s.Status <= 399 && s.Status != 304 }

// A finding is a cause that was seen, and the questions that it settles: what else would
// answer them is no more than possible.
type finding struct {
	Cause
	settles []question
}

// evident returns the causes that the answer itself, and others beside it, show.
func (q *inquiry) evident() (list []finding) {
	if !q.aboutAnswer() || !q.known && len(q.others) == 0 {
		return nil
	}
	add := func(c Cause, order int, settles ...question) {
		c.order = order
		list = append(list, finding{c, append(settles, texts[c.ID].about)})
	}
	if !q.known {
		if !q.Preflight {
			q.compared(add)
		}
		return list
	}
	q.signed(add)
	q.cachedFor(add)
	q.redirectedHere(add)
	q.compared(add)
	return list
}

// finder adds a cause that was seen. Of those of the same confidence the greater order
// comes first.
type finder func(c Cause, order int, settles ...question)

// Orders of findings: what an answer says of itself tells more than what it does beside
// others, and that more than what its status suggests.
const (
	bySign       = 40
	byComparison = 30
	byChain      = 50
)

// settled returns a list to which the findings are added, and in which what they settle is
// no more than possible. Of findings that exclude each other the strongest holds.
func settled(list []Cause, found []finding) []Cause {
	slices.SortStableFunc(found, func(a, b finding) int { return before(a.Cause, b.Cause) })
	var answered []question
	for i := range found {
		f := &found[i]
		if about := texts[f.ID].about; about != "" && slices.Contains(answered, about) {
			f.Confidence = Possible
		}
		if f.Confidence > Possible {
			answered = append(answered, f.settles...)
		}
	}
	for i := range list {
		about := texts[list[i].ID].about
		if about != "" && slices.Contains(answered, about) || len(answered) > 0 && fromAddress[list[i].ID] {
			list[i].Confidence = Possible
		}
	}
	for _, f := range found {
		list = append(list, f.Cause)
	}
	return list
}

// fromAddress are the causes that an address alone suggests: they give way to what an
// answer shows.
var fromAddress = map[string]bool{
	"google-bucket": true, "s3-bucket": true, "azure-blob": true, "supabase-function": true, "api-gateway": true, "lambda-url": true,
	"google-function": true, "program-setting": true,
}

// answer returns the failed exchange.
func (q *inquiry) answer() *Seen {
	s := &Seen{Method: q.request.Method, URL: q.URL, Status: q.Status, Response: q.response, Body: q.body}
	s.Request.Append("Origin", q.request.Origin)
	if q.Preflight {
		s.Method = "OPTIONS"
		s.Request.Append("Access-Control-Request-Method", q.request.Method)
	}
	return s
}

// signed looks for what the answer says of who made it, and why.
func (q *inquiry) signed(add finder) {
	a := q.answer()
	for i := range answerSigns {
		s := &answerSigns[i]
		evidence, ok := s.in(a)
		if !ok || s.not(q) {
			continue
		}
		c := NewCause(s.cause, s.confidence(), evidence).With("by", s.by, "setting", s.setting, "method", q.request.Method, "host", hostOf(q.URL), "names", strings.Join(askedNames(q.request), ", "))
		add(c, bySign-i/len(answerSigns), s.settles()...)
		return
	}
}

func hostOf(url string) string {
	if u, err := weburl.Parse(url); err == nil {
		return u.Host()
	}
	return "the host"
}

// caches are the headers by which caches say that they have answered, each with what its
// value then holds, and who sends it.
var caches = []struct{ header, holds, by string }{
	{"X-Cache", "hit from cloudfront", "CloudFront"},
	{"Via", "cloudfront", "CloudFront"},
	{"Cf-Cache-Status", "hit", "Cloudflare"},
	{"Cf-Cache-Status", "stale", "Cloudflare"},
	{"X-Vercel-Cache", "hit", "Vercel"},
	{"X-Nf-Request-Id", "", "Netlify"},
	{"X-Azure-Ref", "", "Azure Front Door"},
	{"X-Served-By", "cache-", "Fastly"},
	{"X-Varnish", " ", "Varnish"},
	{"Via", "varnish", "Varnish"},
	{"X-Bunny-Cache", "hit", "bunny.net"},
	{"Cdn-Cache", "hit", "bunny.net"},
	{"X-Akamai-Cache-Status", "hit", "Akamai"},
	{"X-Goog-Hash", "", "Google Cloud Storage"},
	{"Via", "google", "Google Cloud CDN"},
	{"X-Proxy-Cache", "hit", "nginx"},
	{"X-Cache-Status", "hit", "nginx"},
	{"X-Cache", "hit", "the cache"},
}

// keys say of a cache what its answers depend on, and how Origin becomes a part of that.
var keys = map[string]string{
	"CloudFront":       `attach a cache policy whose cache key has the header Origin (and Access-Control-Request-Method, Access-Control-Request-Headers), such as the origin request policy CORS-S3Origin with caching by Origin, and invalidate /*`,
	"Cloudflare":       `purge the URL; Cloudflare's cache key ignores Vary: Origin outside of images, so answer with Access-Control-Allow-Origin: *, add Origin to the cache key (custom cache key), or set the header in a Transform Rule, which runs behind the cache`,
	"Fastly":           `send Vary: Origin from the server and purge the URL`,
	"Varnish":          `send Vary: Origin from the server, or hash_data(req.http.Origin) in vcl_hash, and ban the URL`,
	"Akamai":           `add Origin to the cache ID (Cache ID Modification), or set the header by Modify Outgoing Response Header, and purge`,
	"Azure Front Door": `set the header by a rule of the rule set, which runs behind the cache, and purge`,
	"Google Cloud CDN": `send Vary: Origin from the backend, and invalidate the cache`,
	"nginx":            `add $http_origin to proxy_cache_key, and empty the cache`,
	"bunny.net":        `switch on the CORS headers of the pull zone, and purge`,
}

// cachedFor looks for a cache that answers with what was made for somebody else, and says
// how its cache key gets the origin.
func (q *inquiry) cachedFor(add finder) {
	if q.copied != "" {
		add(NewCause("cached-without-cors", Certain, Evidence{What: "the browser's cache has what " + q.copied + " got, without CORS"}), byChain, whichAnswer, whichOrigin)
		return
	}
	if q.Preflight || varies(q.header("Vary")) || q.header("Vary") == "*" ||
		q.Reason != cors.MissingAllowOrigin && q.Reason != cors.AllowOriginMismatch || q.Status >= 400 {
		return
	}
	age := q.header("Age")
	stored := age != "" && age != "0"
	by, evidence := "", ""
	for _, c := range caches {
		value := q.header(c.header)
		if value == "" || !strings.Contains(headers.Lower(value), c.holds) {
			continue
		}
		stored = stored || strings.Contains(c.holds, "hit") || c.holds == " "
		if by == "" {
			by, evidence = c.by, c.header+": "+value
		}
	}
	if q.Status == 304 {
		add(NewCause("stale-cache", Likely, seen("status 304, and no Vary: Origin")), byComparison, whichAnswer, whichOrigin)
		return
	}
	if !stored {
		return
	}
	if by == "" || by == "the cache" {
		if evidence == "" {
			evidence = "Age: " + age
		}
		add(NewCause("stale-cache", Likely, seen("%s, and no Vary: Origin", evidence)), byComparison, whichAnswer, whichOrigin)
		return
	}
	if age != "" {
		evidence += ", Age: " + age
	}
	how := keys[by]
	if how == "" {
		how = "have its cache key hold the header Origin, or send Vary: Origin and purge the URL"
	}
	confidence := Likely
	if q.Reason == cors.AllowOriginMismatch && q.otherAnswer() {
		confidence = Certain
	}
	add(NewCause("cdn-cache-key", confidence, seen("%s, and no Vary: Origin", evidence)).With("by", by, "how", how), byComparison, whichAnswer, whichOrigin)
}

// otherAnswer reports whether another answer of the URL, asked in the same way, allows the
// origin that this one does not.
func (q *inquiry) otherAnswer() bool {
	return slices.ContainsFunc(q.others, func(s Seen) bool {
		return !s.IsPreflight() && s.from() == q.request.Origin && s.allows(q.request.Origin)
	})
}

// redirectedHere looks for the redirect that led to the URL that failed.
func (q *inquiry) redirectedHere(add finder) {
	for i := len(q.others) - 1; i >= 0; i-- {
		s := &q.others[i]
		if !s.redirects() || s.IsPreflight() || s.Method == "OPTIONS" {
			continue
		}
		from, err := weburl.Parse(s.URL)
		if err != nil {
			return
		}
		to, err := from.Parse(s.header("Location"))
		if err != nil || to.StringExcludingFragment() != q.URL {
			continue
		}
		evidence := Evidence{What: fmt.Sprintf("status %d to %s", s.Status, to.Host()+to.Path()), Where: "the answer of " + from.Host() + from.Path()}
		switch {
		case isLogin(to):
			add(NewCause("redirect-login", Certain, evidence), byChain)
		case isFilter(to.Host()):
			add(NewCause("users-network", Likely, evidence).With("by", to.Host()), byChain)
		case slices.ContainsFunc(answerSigns, func(s answerSign) bool { _, ok := s.in(q.answer()); return ok }):
			// what the page says of itself tells more
		default:
			add(NewCause("redirected-there", Likely, evidence), byComparison-1)
		}
		return
	}
}

// compared looks for what other answers of the URL tell.
func (q *inquiry) compared(add finder) {
	if q.Reason != cors.MissingAllowOrigin && q.Reason != cors.PreflightStatus && q.Reason != cors.PreflightRedirect {
		return
	}
	if q.Preflight {
		q.preflightCompared(add)
		return
	}
	for i := range q.others {
		s := &q.others[i]
		if !s.IsPreflight() || s.from() != q.request.Origin || !s.allows(q.request.Origin) || s.Status < 200 || s.Status > 299 {
			continue
		}
		allowed := Evidence{What: "Access-Control-Allow-Origin: " + s.header(allowOrigin), Where: s.where()}
		lacks := Evidence{What: fmt.Sprintf("status %d without that header", q.Status), Where: q.answer().where()}
		if q.Status == 0 {
			lacks.What = "no such header, as the browser says"
		}
		switch {
		case q.redirects():
		case q.Status >= 400:
			add(NewCause("error-without-headers", Certain, lacks, allowed).With("status", fmt.Sprint(q.Status)), byComparison)
		default:
			add(NewCause("headers-on-preflight-only", Certain, allowed, lacks), byComparison)
		}
		return
	}
	if !q.known {
		for i := range q.others {
			if s := &q.others[i]; !s.IsPreflight() && s.Method != "OPTIONS" && s.allows(q.request.Origin) {
				add(NewCause("headers-not-always", Likely, Evidence{What: "Access-Control-Allow-Origin: " + s.header(allowOrigin), Where: s.where()}), byComparison)
				return
			}
		}
	}
	q.originRefusedBy(add)
}

// preflightCompared looks for what answers besides that to the preflight tell.
func (q *inquiry) preflightCompared(add finder) {
	plain := cors.Request{Origin: q.request.Origin, Method: "GET", IncludeCredentials: q.request.IncludeCredentials}
	refused := Evidence{What: fmt.Sprintf("status %d without permission", q.Status), Where: "the answer to OPTIONS"}
	for i := range q.others {
		s := &q.others[i]
		asks, _ := s.Request.Get("Access-Control-Request-Method")
		if s.IsPreflight() && s.from() == q.request.Origin && asks == "GET" && !s.Request.Contains("Access-Control-Request-Headers") && s.Status != 0 {
			if _, err := cors.ValidatePreflight(&plain, s.Status, &s.Response); err == nil {
				permitted := Evidence{What: fmt.Sprintf("status %d and permission", s.Status), Where: "the answer to OPTIONS that asks for GET alone"}
				add(NewCause(q.partRefused(), Certain, permitted, refused).With("method", q.request.Method, "names", strings.Join(askedNames(q.request), ", "), "by", "what answers OPTIONS", "setting", "its CORS configuration"), byComparison, whichAnswer)
				return
			}
		}
	}
	if q.redirects() || q.Status == 401 || q.Status == 407 || q.header("WWW-Authenticate") != "" || isGatewayError(q.Status) {
		return
	}
	if q.answer().allows(q.request.Origin) {
		return
	}
	for i := range q.others {
		s := &q.others[i]
		if server := s.header("Server"); q.Status >= 400 && s.Method != "OPTIONS" && 0 < s.Status && s.Status < 400 && server != q.header("Server") {
			add(NewCause("in-front", Likely, Evidence{What: fmt.Sprintf("status %d, Server: %s", q.Status, orNone(q.header("Server"))), Where: "the answer to OPTIONS"},
				Evidence{What: fmt.Sprintf("status %d, Server: %s", s.Status, orNone(server)), Where: s.where()}), bySign+2)
			return
		}
		if q.Status == 404 && s.Status == 404 && s.Method != "OPTIONS" && !s.allows(q.request.Origin) {
			add(NewCause("no-such-path", Likely, Evidence{What: "status 404", Where: "the answer to OPTIONS"}, Evidence{What: "status 404", Where: s.where()}).With("method", s.Method), bySign+1)
			return
		}
		if s.Method != "OPTIONS" && s.from() == q.request.Origin && s.allows(q.request.Origin) {
			allowed := Evidence{What: "Access-Control-Allow-Origin: " + s.header(allowOrigin), Where: s.where()}
			confidence := Certain
			if q.knowsCORS() != "" { // then it may be the method or a header that is refused
				confidence = Likely
			}
			add(NewCause("headers-on-response-only", confidence, refused, allowed), byComparison)
			return
		}
	}
	q.originRefusedBy(add)
}

func isGatewayError(status int) bool {
	return status == 502 || status == 503 || status == 504 || 520 <= status && status <= 530
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// partRefused returns the cause of a preflight that is permitted for GET alone.
func (q *inquiry) partRefused() string {
	simple := q.request.Method == "GET" || q.request.Method == "HEAD" || q.request.Method == "POST"
	switch names := askedNames(q.request); {
	case simple && len(names) > 0:
		return "headers-refused-by"
	case len(names) == 0:
		return "method-refused-by"
	}
	return "part-refused-by"
}

// originRefusedBy looks for answers that show that the server knows CORS, or that what it
// answers depends on Origin.
func (q *inquiry) originRefusedBy(add finder) {
	if q.redirects() || q.Status == 401 || q.Status == 407 || isGatewayError(q.Status) || len(q.others) == 0 {
		return
	}
	var evidence []Evidence
	for i := range q.others {
		s := &q.others[i]
		if sign := knowsCORSIn(s.Response); sign != "" && s.Status != 0 {
			evidence = append(evidence, Evidence{What: sign, Where: s.where()})
		}
	}
	evidence = append(evidence, q.dependsOnOrigin()...)
	if len(evidence) > 0 && q.knowsCORS() == "" {
		add(NewCause("origin-refused", Likely, evidence[0]), byComparison-5)
		return
	}
	if len(evidence) == 0 && q.knowsCORS() == "" && slices.ContainsFunc(q.others, func(s Seen) bool { return s.Status != 0 }) && 200 <= q.Status && q.Status <= 299 {
		add(NewCause("not-configured", Likely, seen("no answer, neither to OPTIONS nor to another method, has a header of CORS")), byComparison-5)
	}
}

// dependsOnOrigin returns how answers differ by Origin alone.
func (q *inquiry) dependsOnOrigin() []Evidence {
	all := append([]Seen{*q.answer()}, q.others...)
	for i := range all {
		for j := range all {
			with, without := &all[i], &all[j]
			if with.Status == 0 || without.Status == 0 || with.from() != q.request.Origin || without.from() != "" || with.Status == without.Status || with.redirects() || without.redirects() {
				continue
			}
			same := with.Method == without.Method && (with.Method != "OPTIONS" || without.Method == "OPTIONS")
			if same && with.Status >= 400 && (without.Status < 400 || with.Method == "OPTIONS" && with.Status == 403) {
				return []Evidence{{What: fmt.Sprintf("status %d, and %d without Origin", with.Status, without.Status), Where: with.where()}}
			}
		}
	}
	return nil
}

// knowsCORSIn says what in a response shows that something there knows CORS.
func knowsCORSIn(response headers.List) string {
	for _, h := range response {
		name := headers.Lower(h.Name)
		switch {
		case name == "vary" && varies(h.Value):
			return "Vary: " + h.Value
		case strings.HasPrefix(name, "access-control-"):
			return h.Name + ": " + h.Value
		}
	}
	return ""
}
