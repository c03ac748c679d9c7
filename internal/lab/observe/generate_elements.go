package observe

import (
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// GenerateElements returns scenarios about what elements and the APIs other than fetch() and XMLHttpRequest load, which
// follow from a seed.
func GenerateElements(seed uint64, n int) []*scenario.Scenario {
	list := make([]*scenario.Scenario, n)
	for i := range list {
		g := &elementGenerator{environmentGenerator{rand.New(rand.NewPCG(seed, uint64(i)))}}
		f := elementFamilies[g.IntN(len(elementFamilies))]
		s := &scenario.Scenario{Client: page(choose(&g.environmentGenerator, "http", "https"), "a.test")}
		f.make(g, s)
		s.ID = fmt.Sprintf("i2-%d-%05d-%s", seed, i, f.name)
		list[i] = s
	}
	return list
}

type elementGenerator struct{ environmentGenerator }

// oneOf returns one of some strings.
func (g *elementGenerator) oneOf(choices ...string) string { return choices[g.IntN(len(choices))] }

// in reports true once in n times.
func (g *elementGenerator) in(n int) bool { return g.IntN(n) == 0 }

// elementFamilies are what scenarios are about; those that matter more come up more often.
var elementFamilies = []struct {
	name string
	make func(*elementGenerator, *scenario.Scenario)
}{
	{"basic", (*elementGenerator).basic}, {"basic", (*elementGenerator).basic}, {"basic", (*elementGenerator).basic},
	{"redirect", (*elementGenerator).redirected}, {"redirect", (*elementGenerator).redirected},
	{"again", (*elementGenerator).again}, {"preload", (*elementGenerator).preloaded},
	{"type", (*elementGenerator).typed}, {"status", (*elementGenerator).statused}, {"integrity", (*elementGenerator).integrity},
	{"policy", (*elementGenerator).policies}, {"cookie", (*elementGenerator).cookies}, {"opaque", (*elementGenerator).opaque},
	{"beacon", (*elementGenerator).beacon}, {"stream", (*elementGenerator).stream}, {"worker", (*elementGenerator).worker},
	{"sync", (*elementGenerator).sync}, {"navigation", (*elementGenerator).navigation}, {"timing", (*elementGenerator).timed},
}

// The bodies of resources.
var (
	pngBody  = fromBase64("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII=")
	fontBody = fromBase64("d09GMgABAAAAAADcAAoAAAAAAiQAAACTAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAABmAANAoUNAE2AiQDBgsGAAQgBSIHIBuJAcgeB845L25CZCP27ojnW4u9P7OC" +
		"myxnlQtZ6QqGpnS91i4aSjN5OvUb4L8etBscRxSAJJaIBhpgPungIdvTFUG2qM38HAxhgLsKm01uBYXGogWLYcUwBFv1rSYACgwEjQEYgHRyNncgCPv72ufkx/aA" +
		"/+2vx6aJViCY0BMAQEwQlBZQAAAoFy1jiuKuqZ9eGgAAAA==")
	// wavBody are 800 samples of silence.
	wavBody     = fromBase64("UklGRkQDAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YSADAAA=") + strings.Repeat("\x80", 800)
	trackBody   = "WEBVTT\n\n00:00.000 --> 00:01.000\nx\n"
	scriptBody  = "self.corsim=1;null.detail"
	workerBody  = `self.postMessage?postMessage("ran"):onconnect=e=>e.ports[0].postMessage("ran")`
	sheetBody   = "#corsim{color:red}"
	streamBody  = "retry: 20\nid: 7\ndata: one\n\nevent: x\ndata: two\n\n"
	htmlBody    = "<!doctype html><title>t</title><p>x</p>"
	svgBody     = `<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"><g id="a"><rect width="5" height="5"/></g></svg>`
	fetchedBody = "body"
)

//go:embed frame.webm
var videoBody string

func fromBase64(s string) string {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err) // the text is a constant
	}
	return string(b)
}

// resources are what each API wants.
var resources = map[string]struct{ contentType, body string }{
	"img": {"image/png", pngBody}, "css-image": {"image/png", pngBody}, "shape-outside": {"image/png", pngBody},
	"script": {"text/javascript", scriptBody}, "module": {"text/javascript", scriptBody}, "import": {"text/javascript", scriptBody},
	"modulepreload": {"text/javascript", scriptBody}, "style": {"text/css", sheetBody}, "font": {"font/woff2", fontBody},
	"video": {"video/webm", videoBody}, "audio": {"audio/wav", wavBody}, "track": {"text/vtt", trackBody}, "svg-use": {"image/svg+xml", svgBody},
	"eventsource": {"text/event-stream", streamBody}, "worker": {"text/javascript", workerBody}, "sharedworker": {"text/javascript", workerBody},
	"iframe": {"text/html", htmlBody}, "form-post": {"text/html", htmlBody}, "fetch": {"text/plain", fetchedBody}, "xhr-sync": {"text/plain", fetchedBody},
	"worker-fetch": {"text/plain", fetchedBody}, "beacon": {"text/plain", "ok"}, "websocket": {"text/plain", ""},
}

// elementAPIs are those of elements whose attributes say how they ask, and of those that ask in one way.
var elementAPIs = []string{"img", "img", "script", "script", "module", "style", "style", "font", "video", "audio", "track", "import", "shape-outside", "css-image", "svg-use", "modulepreload"}

// base returns the origin of a server, by how it relates to the page.
func (g *elementGenerator) base(s *scenario.Scenario, relation string) string {
	scheme, _, _ := strings.Cut(s.Client.URL, ":")
	server := map[string]string{"same": "a.test", "port": "a.test", "site": "www.a.test", "cross": "b.test", "other": "c.test"}[relation]
	port := map[string]int{"same": 0, "port": 2, "site": 1, "cross": 1, "other": 3}[relation]
	return scheme + "://" + server + portOf(scheme, port)
}

func (g *elementGenerator) relation() string {
	return g.oneOf("same", "port", "site", "cross", "cross", "cross", "other")
}

// permission are the CORS headers of an answer.
func (g *elementGenerator) permission(s *scenario.Scenario) headers.List {
	origin := s.Client.Origin
	allow := func(value string, credentials ...string) headers.List {
		list := headers.List{{Name: g.oneOf("Access-Control-Allow-Origin", "access-control-allow-origin"), Value: value}}
		for _, c := range credentials {
			list.Append("Access-Control-Allow-Credentials", c)
		}
		return list
	}
	switch g.IntN(9) {
	case 0:
		return nil
	case 1:
		return allow("*")
	case 2:
		return allow("*", "true")
	case 3:
		return allow(origin)
	case 4:
		return allow(g.oneOf("null", "http://x.test", origin+"/", strings.ToUpper(origin), ""), "true")
	case 5:
		return allow(origin, g.oneOf("True", "false", "1"))
	}
	return allow(origin, "true")
}

// attributes gives an element some.
func (g *elementGenerator) attributes(step *scenario.Step) {
	if g.in(2) {
		step.CrossOrigin = scenario.Some(g.oneOf("", "anonymous", "anonymous", "use-credentials", "use-credentials", "Use-Credentials", "bogus"))
	}
	step.WithCredentials = step.API == "eventsource" && g.in(2)
}

// resource is a server that has what an API wants.
func (g *elementGenerator) resource(s *scenario.Scenario, api, url string, extra ...headers.Header) scenario.Server {
	r := resources[api]
	list := append(headers.List{{Name: "Content-Type", Value: r.contentType}}, g.permission(s)...)
	answers := []scenario.Answer{{Status: 200, Headers: append(list, extra...), Body: r.body}}
	if api == "eventsource" { // how often it would connect again without end depends on the machine
		answers[0].Times = 1
		answers = append(answers, scenario.Answer{Status: 204})
	}
	return scenario.Server{URL: url, Answers: answers}
}

// add adds a step and its server, and returns both.
func (g *elementGenerator) add(s *scenario.Scenario, api, relation, path string, extra ...headers.Header) (*scenario.Step, *scenario.Server) {
	url := g.base(s, relation) + path
	s.Servers = append(s.Servers, g.resource(s, api, url, extra...))
	step := scenario.Step{API: api, URL: url}
	switch api {
	case "worker", "sharedworker", "import", "font", "css-image", "shape-outside", "svg-use", "beacon", "websocket", "form-post", "iframe", "worker-fetch", "xhr-sync", "fetch":
	default:
		g.attributes(&step)
	}
	s.Steps = append(s.Steps, step)
	return &s.Steps[len(s.Steps)-1], &s.Servers[len(s.Servers)-1]
}

func (g *elementGenerator) basic(s *scenario.Scenario) {
	apis := append(slices.Clone(elementAPIs), "preload", "preload", "eventsource", "eventsource")
	api := g.oneOf(apis...)
	if api == "preload" {
		g.preload(s)
		return
	}
	g.add(s, api, g.relation(), "/x")
}

// preload adds a preload.
func (g *elementGenerator) preload(s *scenario.Scenario) (kind string) {
	as := g.oneOf("image", "script", "style", "font", "fetch", "track")
	kind = map[string]string{"image": "img", "fetch": "fetch"}[as]
	if kind == "" {
		kind = as
	}
	step, _ := g.add(s, kind, g.relation(), "/x")
	step.API, step.As = "preload", scenario.Some(as)
	g.attributes(step)
	return kind
}

func (g *elementGenerator) redirected(s *scenario.Scenario) {
	api := g.oneOf(append(slices.Clone(elementAPIs), "eventsource", "iframe", "xhr-sync", "worker-fetch")...)
	hops := 1 + g.IntN(3)
	step, server := g.add(s, api, g.relation(), "/end")
	next := server.URL
	for i := hops - 1; i >= 0; i-- {
		url := fmt.Sprintf("%s/r%d", g.base(s, g.relation()), i)
		list := append(g.permission(s), headers.Header{Name: "Location", Value: next})
		s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: []scenario.Answer{{Status: choose(&g.environmentGenerator, 301, 302, 303, 307, 308), Headers: list}}})
		next = url
	}
	step.URL = next
	if g.in(12) {
		s.Servers[len(s.Servers)-1].Answers[0].Headers.Set("Location", g.oneOf("data:text/plain,x", "http://u:p@b.test:18001/x", "ftp://b.test/x", "http://b.test:6000/"))
	}
}

func (g *elementGenerator) again(s *scenario.Scenario) {
	api := g.oneOf("img", "img", "style", "script", "module", "font", "video", "css-image")
	relation := g.relation()
	var extra []headers.Header
	if v := g.oneOf("", "max-age=600", "max-age=600", "no-store", "no-cache"); v != "" {
		extra = append(extra, headers.Header{Name: "Cache-Control", Value: v})
	}
	if g.in(3) {
		extra = append(extra, headers.Header{Name: "Vary", Value: g.oneOf("Origin", "Accept")})
	}
	_, server := g.add(s, api, relation, "/x", extra...)
	if g.in(2) {
		later := g.resource(s, api, server.URL, extra...).Answers[0]
		server.Answers[0].Times = 1
		server.Answers = append(server.Answers, later)
	}
	second := api
	if g.in(4) {
		second = "fetch"
	}
	step := scenario.Step{API: second, URL: server.URL}
	if second == "fetch" {
		if g.in(2) {
			step.Mode = scenario.Some(g.oneOf("no-cors", "cors"))
		}
	} else {
		g.attributes(&step)
	}
	s.Steps = append(s.Steps, step)
}

func (g *elementGenerator) preloaded(s *scenario.Scenario) {
	if g.in(4) {
		first, server := g.add(s, "modulepreload", g.relation(), "/x")
		if g.in(3) {
			first.As = scenario.Some(g.oneOf("script", "style", "worker", "json", "bogus"))
		}
		step := scenario.Step{API: "module", URL: server.URL}
		g.attributes(&step)
		s.Steps = append(s.Steps, step)
		return
	}
	kind := g.preload(s)
	step := scenario.Step{API: kind, URL: s.Servers[0].URL}
	switch {
	case kind == "fetch":
		if g.in(2) {
			step.Credentials = scenario.Some(g.oneOf("include", "omit"))
		}
	case kind == "script" && g.in(3):
		step.API = "module"
		g.attributes(&step)
	case kind != "font":
		g.attributes(&step)
	}
	s.Steps = append(s.Steps, step)
}

func (g *elementGenerator) typed(s *scenario.Scenario) {
	api := g.oneOf("img", "script", "script", "module", "style", "style", "font", "video", "track", "eventsource", "worker", "import", "modulepreload")
	relation := g.relation()
	if api == "worker" {
		relation = "same"
	}
	_, server := g.add(s, api, relation, "/x")
	a := &server.Answers[0]
	value := g.oneOf("text/plain", "text/html", "application/json", "text/javascript", "text/css", "image/png", "image/svg+xml", "video/webm", "application/octet-stream",
		"text/xml", "text/csv", "text/event-stream", "application/pdf", "x", "*/*", "text/css; charset=utf-8", "TEXT/JAVASCRIPT;x", "application/wasm", "font/woff2", "")
	if value == "" && g.in(2) {
		a.Headers.Delete("content-type")
	} else {
		a.Headers.Set("Content-Type", value)
	}
	if g.in(3) {
		a.Headers.Append("X-Content-Type-Options", g.oneOf("nosniff", "nosniff", "NoSniff", "nosniff, x", "x, nosniff"))
	}
	if g.in(4) && api != "eventsource" {
		a.Body = g.oneOf(`{"a":1}`, `)]}'`, "<!doctype html><p>x", "<?xml version='1.0'?><a/>", "x", "[1,2]")
	}
}

func (g *elementGenerator) statused(s *scenario.Scenario) {
	api := g.oneOf("img", "script", "module", "style", "font", "video", "audio", "track", "eventsource", "preload", "import", "modulepreload")
	if api == "preload" {
		g.preload(s)
	} else {
		g.add(s, api, g.relation(), "/x")
	}
	status := choose(&g.environmentGenerator, 201, 203, 204, 205, 206, 300, 305, 310, 399, 400, 403, 404, 410, 500, 503, 999)
	if status == 204 && (api == "video" || api == "audio") {
		status = 404 // one asks again without end
	}
	s.Servers[0].Answers[0].Status = status
}

// metadata returns integrity metadata for a body.
func (g *elementGenerator) metadata(body string) string {
	sum256, sum384 := sha256.Sum256([]byte(body)), sha512.Sum384([]byte(body))
	right256, right384 := base64.StdEncoding.EncodeToString(sum256[:]), base64.StdEncoding.EncodeToString(sum384[:])
	switch g.IntN(7) {
	case 0:
		return "sha384-" + right384
	case 1:
		return "sha256-" + right256 + " sha384-" + right384
	case 2:
		return "sha256-" + right256 + " sha384-AAAA"
	case 3:
		return g.oneOf("md5-AAAA", "SHA256-"+right256, "sha256-!!!", "x", " ")
	case 4:
		return "sha256-" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	case 5:
		return "sha256-" + right256 + "?x"
	}
	return "sha256-" + right256
}

func (g *elementGenerator) integrity(s *scenario.Scenario) {
	api := g.oneOf("script", "script", "style", "style", "module", "modulepreload", "img")
	step, server := g.add(s, api, g.relation(), "/x")
	step.Integrity = g.metadata(server.Answers[0].Body)
}

func (g *elementGenerator) policies(s *scenario.Scenario) {
	policies := []string{"no-referrer", "origin", "unsafe-url", "same-origin", "strict-origin", "origin-when-cross-origin", "no-referrer-when-downgrade", ""}
	s.Client.ReferrerPolicy = g.oneOf(policies...)
	api := g.oneOf("img", "script", "module", "style", "font", "video", "track", "eventsource", "css-image", "shape-outside", "import", "iframe", "worker-fetch")
	step, server := g.add(s, api, g.relation(), "/x")
	switch api {
	case "img", "script", "module", "style", "iframe":
		if g.in(2) {
			step.ReferrerPolicy = scenario.Some(g.oneOf(append(policies, "bogus")...))
		}
	}
	if g.in(3) {
		server.Answers[0].Headers.Append("Cross-Origin-Resource-Policy", g.oneOf("same-origin", "same-site", "cross-origin", "Same-Origin", "same-origin, same-site"))
	}
}

func (g *elementGenerator) cookies(s *scenario.Scenario) {
	relation := g.relation()
	set := "c=1; Path=/" + g.oneOf("", "; SameSite=Lax", "; SameSite=Strict", "; SameSite=None; Secure", "; SameSite=None; Secure; Partitioned")
	url := g.base(s, relation) + "/set"
	s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: []scenario.Answer{{Status: 200, Body: "set", Headers: headers.List{
		{Name: "Set-Cookie", Value: set}, {Name: "Access-Control-Allow-Origin", Value: s.Client.Origin}, {Name: "Access-Control-Allow-Credentials", Value: "true"},
	}}}})
	s.Steps = append(s.Steps, scenario.Step{API: scenario.APIFetch, URL: url, Credentials: scenario.Some("include")})
	api := g.oneOf("img", "script", "module", "style", "font", "video", "track", "eventsource", "preload", "css-image", "iframe", "xhr-sync")
	if api == "preload" {
		step, _ := g.add(s, "img", relation, "/x")
		step.API, step.As = "preload", scenario.Some("image")
		return
	}
	g.add(s, api, relation, "/x")
}

func (g *elementGenerator) opaque(s *scenario.Scenario) {
	s.Client = page("https", "a.test") // over http Chromium's Origin depends on which cookies the user blocks
	api := g.oneOf("img", "script", "module", "style", "font", "video", "eventsource", "css-image", "import", "beacon", "xhr-sync", "track")
	_, server := g.add(s, api, g.relation(), "/x")
	if s.Client.Origin = "null"; g.in(2) {
		server.Answers[0].Headers.Set("Access-Control-Allow-Origin", g.oneOf("null", "*"))
	}
}

func (g *elementGenerator) beacon(s *scenario.Scenario) {
	url := g.base(s, g.relation()) + "/x"
	list := g.permission(s)
	preflight := append(slices.Clone(list), headers.Header{Name: "Access-Control-Allow-Headers", Value: g.oneOf("content-type", "content-type", "*", "x-a")})
	answer := scenario.Answer{Status: choose(&g.environmentGenerator, 204, 204, 200), Headers: list}
	if g.in(3) {
		to := g.base(s, g.relation()) + "/y"
		answer.Status, answer.Headers = choose(&g.environmentGenerator, 302, 303, 307, 308), append(slices.Clone(list), headers.Header{Name: "Location", Value: to})
		if to != url {
			s.Servers = append(s.Servers, scenario.Server{URL: to, Answers: []scenario.Answer{{Method: "OPTIONS", Status: 204, Headers: preflight}, {Status: 204, Headers: g.permission(s)}}})
		}
	}
	s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: []scenario.Answer{{Method: "OPTIONS", Status: 204, Headers: preflight}, answer}})
	step := scenario.Step{API: "beacon", URL: url, Body: scenario.Some(g.oneOf("a=1", "a=1&b=2", "", strings.Repeat("a", 70000)))}
	if v := g.oneOf("", "string", "urlsearchparams", "formdata", "buffer", "blob:", "blob:text/plain", "blob:application/json", "blob:application/json", "blob:application/x-www-form-urlencoded", "blob:x", "blob:text/plain;charset=x", "blob:text/html"); v != "" {
		step.BodyType = scenario.Some(v)
	}
	s.Steps = append(s.Steps, step)
}

func (g *elementGenerator) stream(s *scenario.Scenario) {
	step, server := g.add(s, "eventsource", g.relation(), "/x")
	step.Listen = scenario.Some[int64](1200)
	a := &server.Answers[0]
	a.Body = g.oneOf(streamBody, "data: x\n\n", "id: a\n\n", "retry: 30\rdata: a\rdata: b\r\r", "data:x\n\nid: 2\ndata: y\n\n", "event: x\ndata\n\n", ": c\n\ndata: cut", "retry: 20\nid: 1\ndata: a\n\nid\ndata: b\n\n")
	a.Headers.Set("Content-Type", g.oneOf("text/event-stream", "text/event-stream", "text/event-stream;charset=utf-8", "text/event-stream; charset=latin1", "TEXT/Event-Stream", "text/plain", "text/event-stream, text/plain", ""))
	if !strings.Contains(a.Body, "retry") {
		a.Body = "retry: 20\n\n" + a.Body
	}
	next := scenario.Answer{Status: choose(&g.environmentGenerator, 204, 204, 200, 404, 500), Headers: slices.Clone(a.Headers), Body: "data: again\n\n", Times: 1}
	if g.in(4) {
		next.Headers.Delete("access-control-allow-origin")
	}
	server.Answers = append(server.Answers[:1], next, scenario.Answer{Status: 204})
}

func (g *elementGenerator) worker(s *scenario.Scenario) {
	relation := "same"
	if g.in(4) {
		relation = g.relation()
	}
	step, server := g.add(s, g.oneOf("worker", "worker", "sharedworker"), relation, "/x")
	if g.in(2) {
		step.WorkerType = scenario.Some(g.oneOf("classic", "module"))
	}
	if g.in(3) {
		step.Credentials = scenario.Some(g.oneOf("include", "omit", "same-origin"))
	}
	a := &server.Answers[0]
	switch g.IntN(5) {
	case 0:
		a.Headers.Set("Content-Type", g.oneOf("text/plain", "text/html", "application/javascript", "", "image/png", "text/css"))
	case 1:
		a.Status = choose(&g.environmentGenerator, 201, 204, 300, 404, 500)
	case 2:
		to := g.base(s, g.oneOf("same", "same", "cross", "site")) + "/y"
		a.Status = choose(&g.environmentGenerator, 301, 302, 303, 307, 308)
		a.Headers.Append("Location", to)
		s.Servers = append(s.Servers, g.resource(s, "worker", to))
	}
}

func (g *elementGenerator) sync(s *scenario.Scenario) {
	api := g.oneOf("xhr-sync", "xhr-sync", "worker-fetch")
	step, server := g.add(s, api, g.relation(), "/x")
	allow := g.permission(s)
	preflight := append(slices.Clone(allow), headers.Header{Name: "Access-Control-Allow-Methods", Value: g.oneOf("PUT", "*", "PUT, DELETE")}, headers.Header{Name: "Access-Control-Allow-Headers", Value: g.oneOf("x-a", "*", "x-b")})
	server.Answers = append([]scenario.Answer{{Method: "OPTIONS", Status: 204, Headers: preflight}}, server.Answers...)
	switch g.IntN(4) {
	case 0:
		step.Method, step.Body = scenario.Some("POST"), scenario.Some("a=1")
	case 1:
		step.Method = scenario.Some(g.oneOf("PUT", "DELETE"))
	case 2:
		step.Headers = headers.List{{Name: "X-A", Value: "1"}}
	}
	if api == "xhr-sync" {
		step.WithCredentials, step.UploadListener = g.in(2), g.in(4)
	} else if g.in(2) {
		step.Credentials = scenario.Some(g.oneOf("include", "omit"))
	}
}

func (g *elementGenerator) navigation(s *scenario.Scenario) {
	api := g.oneOf("form-post", "form-post", "iframe", "websocket", "websocket")
	step, server := g.add(s, api, g.relation(), "/x")
	a := &server.Answers[0]
	switch api {
	case "websocket":
		step.URL = "ws" + strings.TrimPrefix(step.URL, "http")
		a.Status = choose(&g.environmentGenerator, 101, 101, 101, 200, 403)
	case "form-post":
		if g.in(2) {
			step.Enctype = scenario.Some(g.oneOf("text/plain", "multipart/form-data", "application/json", "application/x-www-form-urlencoded"))
		}
		if g.in(5) {
			step.Method = scenario.Some("GET")
		}
		step.Body = scenario.Some(g.oneOf("a=1", "a=1&b=2"))
		if g.in(3) {
			to := g.base(s, g.relation()) + "/y"
			a.Status = choose(&g.environmentGenerator, 301, 302, 303, 307, 308)
			a.Headers.Append("Location", to)
			s.Servers = append(s.Servers, g.resource(s, "iframe", to))
		}
	default:
		if g.in(3) {
			a.Headers.Append("X-Frame-Options", g.oneOf("DENY", "SAMEORIGIN", "bogus"))
		}
		if g.in(3) {
			a.Headers.Append("Cross-Origin-Resource-Policy", "same-origin")
		}
	}
}

func (g *elementGenerator) timed(s *scenario.Scenario) {
	step, server := g.add(s, g.oneOf("img", "script", "style", "module", "font", "fetch"), g.relation(), "/x")
	step.Timing = true
	if g.in(4) {
		step.Timing = false
	}
	server.Answers[0].Headers.Append("Timing-Allow-Origin", g.oneOf("*", s.Client.Origin, "null", "http://x.test", "http://x.test, "+s.Client.Origin, s.Client.Origin+"/", strings.ToUpper(s.Client.Origin)))
}
