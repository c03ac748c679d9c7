package observe

import (
	"slices"
	"strconv"
	"strings"
)

// A feature makes scenarios about one thing. Its weight is how often it is
// chosen, relative to the others.
type feature struct {
	name   string
	weight int
	make   func(g *generator, s *spec)
}

var features = []feature{
	{"acao", 9, originFeature}, {"acac", 7, credentialsFeature}, {"method", 10, methodFeature}, {"acah", 12, headersFeature},
	{"expose", 10, exposeFeature}, {"maxage", 14, maxAgeFeature}, {"pfstatus", 6, preflightStatusFeature}, {"redirect", 18, redirectFeature},
	{"safelist", 18, safelistFeature}, {"sum", 4, sumFeature}, {"hints", 5, hintsFeature}, {"forbidden", 6, forbiddenFeature},
	{"null", 6, nullFeature}, {"https", 8, secureFeature}, {"referrer", 8, referrerFeature}, {"location", 8, locationFeature},
	{"nocors", 7, noCORSFeature}, {"sameorigin", 5, sameOriginFeature}, {"cookie", 7, cookieFeature}, {"cache", 6, cacheFeature},
	{"xhr", 13, xhrFeature}, {"mix", 13, mixFeature}, {"oddheader", 5, oddHeaderFeature}, {"url", 5, urlFeature}, {"status", 6, statusFeature},
}

// preflight returns an answer to OPTIONS requests.
func (g *generator) preflight(headers ...[][2]string) answerSpec {
	return answerSpec{Method: "OPTIONS", Status: pick(g, 204, 204, 200), Headers: slices.Concat(headers...)}
}

// actual returns an answer to all requests.
func actual(body string, headers ...[][2]string) answerSpec {
	return answerSpec{Headers: slices.Concat(headers...), Body: body}
}

// ask adds a server with its answers, and a step that asks it, for more to be
// said of it.
func (s *spec) ask(url string, answers ...answerSpec) *stepSpec {
	s.serve(url, answers...)
	s.Steps = append(s.Steps, stepSpec{URL: url})
	return &s.Steps[len(s.Steps)-1]
}

func (s *spec) serve(url string, answers ...answerSpec) {
	url, _, _ = strings.Cut(url, "#")
	s.Servers = append(s.Servers, serverSpec{url, answers})
}

// one returns a header as the list of lines that it is.
func one(name, value string) [][2]string { return [][2]string{{name, value}} }

func originFeature(g *generator, s *spec) {
	preflight := g.preflight(g.allowOrigin(plainClient, 50), g.allowCredentials(60), one("Access-Control-Allow-Methods", "PUT"))
	step := s.ask(g.cross(), preflight, actual("hello", g.allowOrigin(plainClient, 30), g.allowCredentials(60)))
	step.Credentials = pick(g, credentialsModes...)
	step.Mode = pick(g, "", "", "cors")
	if g.chance(40) {
		g.method(step, "PUT", "POST", "GET")
	}
	if step.Method != nil && *step.Method != "GET" && g.chance(50) {
		g.body(step)
	}
}

func credentialsFeature(g *generator, s *spec) {
	preflight := g.preflight(g.allowOrigin(plainClient, 85), g.allowCredentials(40),
		one("Access-Control-Allow-Methods", pick(g, "PUT", "*", "PUT, PATCH", "PATCH")), one("Access-Control-Allow-Headers", pick(g, "x-a", "*")))
	step := s.ask(g.cross(), preflight, actual("actual", g.allowOrigin(plainClient, 85), g.allowCredentials(30)))
	step.Credentials = pick(g, "include", "include", "same-origin", "omit", "")
	if g.chance(50) {
		g.method(step, "PUT", "PATCH", "GET")
	}
	if g.chance(25) {
		step.Headers = one("X-A", "1")
	}
}

func methodFeature(g *generator, s *spec) {
	method := pick(g, methods...)
	members := some(g, 0, 3, []string{"PUT", "DELETE", "PATCH", "put", "GET", "*", "FOO"})
	if g.chance(60) {
		members = append(members, g.recase(method))
	}
	credentials := g.chance(30)
	allow := allows(plainClient, credentials, "", "")
	var list [][2]string
	if g.chance(90) {
		list = g.split("Access-Control-Allow-Methods", members)
	}
	step := s.ask(g.cross(), g.preflight(allow, list), actual("actual", allow))
	step.Method = &method
	if credentials {
		step.Credentials = "include"
	}
	if g.chance(30) && method != "GET" && method != "HEAD" {
		g.body(step)
	}
}

func headersFeature(g *generator, s *spec) {
	var asked [][2]string
	var members []string
	for _, name := range some(g, 1, 4, customNames) {
		asked = append(asked, [2]string{name, pick(g, "1", "", "a b")})
		if g.chance(80) {
			members = append(members, g.recase(strings.ToLower(name)))
		}
	}
	if g.chance(20) {
		asked = append(asked, [2]string{"Content-Type", "application/json"})
		members = append(members, "content-type")
	}
	if g.chance(30) {
		members = append(members, pick(g, "x-z", "*", "authorization", "content-type"))
	}
	if g.chance(5) {
		members = append(fillers(pick(g, 10, 100, 300)), members...)
	}
	credentials := g.chance(30)
	allow := allows(plainClient, credentials, pick(g, "", "PUT", "*"), "")
	var list [][2]string
	if g.chance(95) {
		list = g.split("Access-Control-Allow-Headers", members)
	}
	step := s.ask(g.cross(), g.preflight(allow, list), actual("actual", allow))
	step.Headers = asked
	g.method(step, "GET", "GET", "POST", "PUT")
	if credentials {
		step.Credentials = "include"
	}
}

func exposeFeature(g *generator, s *spec) {
	sent := some(g, 1, 7, responseHeaders)
	var members []string
	for _, h := range sent {
		if g.chance(50) {
			members = append(members, g.recase(h[0]))
		}
	}
	if g.chance(40) {
		members = append(members, pick(g, "*", "*", "set-cookie", "x-z", "content-length", "X-a"))
	}
	credentials := g.chance(35)
	var list [][2]string
	if g.chance(85) {
		list = g.split("Access-Control-Expose-Headers", members)
	}
	answer := actual("body", allows(plainClient, credentials, "", ""), sent, list)
	answer.Status = pick(g, 200, 200, 206, 404, 201)
	url := g.cross()
	if g.chance(10) {
		url = plainClient + "/x"
	}
	step := s.ask(url, answer)
	if g.chance(30) {
		step.API = "xhr"
		step.WithCredentials = credentials
	} else if credentials {
		step.Credentials = "include"
	}
}

// maxAgeFeature is about the preflight cache: what goes into it, what it is
// asked, and what clears it.
func maxAgeFeature(g *generator, s *spec) {
	credentials := g.chance(40)
	age := pick(g, "", "0", "1", "60", "600")
	if g.chance(40) {
		age = pick(g, maxAges...)
	}
	var maxAge [][2]string
	if age != "" || g.chance(20) {
		maxAge = g.lines("Access-Control-Max-Age", g.spaced(age), "0", "10", "")
	}
	allow := allows(plainClient, credentials, "", "")
	preflight := g.preflight(allow, one("Access-Control-Allow-Methods", pick(g, "GET", "*", "PUT, DELETE", "GET, PUT, DELETE")),
		one("Access-Control-Allow-Headers", pick(g, "x-a", "*", "x-a, x-b", "x-a, x-b, authorization", "*, authorization")), maxAge)
	answers := []answerSpec{preflight, actual("actual", allow)}
	if g.chance(20) { // which may clear what the cache has
		failing := pick(g, answerSpec{Status: 403, Body: "bad", Times: 1}, answerSpec{Method: "OPTIONS", Status: 403, Times: 1},
			answerSpec{Method: "OPTIONS", Headers: allow, Status: 204, Times: 1})
		answers = slices.Insert(answers, g.IntN(2), failing)
	}
	url := g.cross()
	step := stepSpec{URL: url, Headers: [][2]string{{"X-A", "1"}}}
	g.method(&step, "GET", "GET", "PUT", "POST")
	if credentials {
		step.Credentials = "include"
	}
	s.serve(url, answers...)
	for range pick(g, 2, 2, 2, 3) {
		again := step
		if len(s.Steps) > 0 {
			g.vary(&again, s, answers)
		}
		s.Steps = append(s.Steps, again)
	}
	// Waits are well before or after what an entry lasts, and rare, as they take
	// as long as they say.
	switch {
	case g.chance(8) && (age == "1" || age == "60"):
		s.Steps[1].WaitMs = 1500
	case g.chance(3) && age == "": // which is 5 seconds
		s.Steps[1].WaitMs = pick(g, 2500, 6500)
	}
}

// vary changes one thing of a step that the preflight cache may answer.
func (g *generator) vary(step *stepSpec, s *spec, answers []answerSpec) {
	switch g.IntN(8) {
	case 0:
		step.Headers = [][2]string{{pick(g, "X-B", "Authorization", "x-a"), "1"}}
	case 1:
		step.Headers = [][2]string{{"X-A", "2"}, {"X-B", "1"}}
	case 2:
		g.method(step, "DELETE", "PUT", "PATCH", "GET")
	case 3:
		step.Credentials = pick(g, "include", "omit", "same-origin")
	case 4:
		step.Cache = pick(g, "no-store", "reload", "no-cache", "force-cache", "default")
	case 5:
		if g.chance(50) {
			step.URL += "#f"
			return
		}
		step.URL = pick(g, plainTargets[:5]...) + "/other"
		s.serve(step.URL, answers...)
	}
}

func preflightStatusFeature(g *generator, s *spec) {
	allow := allows(plainClient, false, "PUT", "x-a")
	preflight := g.preflight(allow)
	preflight.Status = pick(g, 200, 201, 202, 203, 204, 205, 206, 207, 226, 250, 299, 300, 304, 305, 310, 400, 401, 403, 404, 405, 407, 418, 429, 500, 503, 600, 999)
	if g.chance(20) {
		preflight.Status = pick(g, redirectStatuses...)
		preflight.Headers = append(preflight.Headers, [2]string{"Location", pick(g, "/to", "http://b.test:18001/to", "")})
	}
	if g.chance(25) {
		preflight.Headers = preflight.Headers[g.IntN(2)+1:]
	}
	if g.chance(20) {
		preflight.Body = "preflight"
	}
	step := s.ask(g.cross(), preflight, actual("actual", allow))
	if g.chance(50) {
		g.method(step, "PUT")
	} else {
		step.Headers = one("X-A", "1")
	}
}

func redirectFeature(g *generator, s *spec) {
	hops := pick(g, 1, 1, 1, 2, 2, 3)
	urls := make([]string, hops+1)
	for i := range urls {
		urls[i] = pick(g, plainTargets...) + "/r" + strconv.Itoa(i)
	}
	credentials := pick(g, credentialsModes...)
	method := pick(g, "GET", "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH")
	for i, url := range urls {
		// A tainted origin is "null"; servers that mean it well say so or "*".
		origin := pick(g, plainClient, plainClient, "*", "null")
		allow := allows(origin, g.chance(40), "PUT, DELETE, PATCH, HEAD", "x-a, authorization, content-type, x-b")
		if g.chance(8) {
			allow = nil
		}
		answer := actual("end", allow)
		if i < hops {
			next := urls[i+1]
			if g.chance(12) {
				user := pick(g, "u:p@", "u@", "@", ":p@", ":@")
				next = strings.Replace(next, "://", "://"+user, 1)
			}
			if g.chance(10) {
				next += "#frag"
			}
			answer = answerSpec{Status: pick(g, redirectStatuses...), Headers: append(slices.Clone(allow), [2]string{"Location", next}), Body: "moved"}
		}
		s.serve(url, g.preflight(allow), answer)
	}
	step := stepSpec{URL: urls[0], Credentials: credentials, Method: &method}
	if g.chance(10) {
		step.URL += "#start"
	}
	if g.chance(45) {
		step.Headers = some(g, 1, 2, [][2]string{{"X-A", "1"}, {"Authorization", "x"}, {"Content-Type", "application/json"}, {"X-B", "2"}, {"Content-Language", "en"}})
	}
	if method != "GET" && method != "HEAD" && g.chance(60) {
		g.body(&step)
	}
	if g.chance(20) {
		step.Redirect = pick(g, "manual", "error", "follow")
	}
	step.Mode = pick(g, "", "", "", "cors", "no-cors", "same-origin")
	s.Steps = append(s.Steps, step)
}

func safelistFeature(g *generator, s *spec) {
	names := "accept, accept-language, content-language, content-type, range"
	if g.chance(30) {
		names = pick(g, "content-type", "accept", "range", "x-a", "*")
	}
	allow := allows(plainClient, false, "", names)
	step := s.ask(g.cross(), g.preflight(allow), actual("actual", one("Access-Control-Allow-Origin", pick(g, "*", plainClient))))
	for range pick(g, 1, 1, 1, 2, 2, 3) {
		step.Headers = append(step.Headers, g.safelisted())
	}
	g.method(step, "GET", "POST", "POST")
	if *step.Method == "POST" && g.chance(60) {
		g.body(step)
	}
}

// sumFeature is about the limit of 1,024 bytes of safelisted values.
func sumFeature(g *generator, s *spec) {
	names := []string{"Accept", "Accept-Language", "Content-Language", "Content-Type", "DPR", "Width", "Viewport-Width", "Device-Memory", "Downlink", "RTT", "Save-Data"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var sent [][2]string
	for _, name := range names[:3+g.IntN(9)] {
		length := pick(g, 128, 128, 127, 100, 1)
		value := filled("1", length)
		switch name {
		case "Content-Type":
			value = filled("text/plain;x=", length)
		case "Accept":
			value = filled("*/*,", length)
		case "DPR", "Width", "Viewport-Width", "Device-Memory", "Downlink", "RTT":
			value = strings.Repeat("1", length)
		}
		sent = append(sent, [2]string{name, value})
		if g.chance(15) {
			sent = append(sent, [2]string{name, pick(g, "1", value)})
		}
	}
	if g.chance(20) {
		sent = append(sent, [2]string{"X-A", "1"})
	}
	lower := make([]string, len(sent))
	for i, h := range sent {
		lower[i] = strings.ToLower(h[0])
	}
	slices.Sort(lower)
	allow := allows(plainClient, false, "", strings.Join(slices.Compact(lower), ","))
	step := s.ask(g.cross(), g.preflight(allow), actual("actual", allow))
	step.Headers = sent
	g.method(step, "GET", "POST")
}

func hintsFeature(g *generator, s *spec) {
	var sent [][2]string
	var names []string
	for _, name := range some(g, 1, 3, hintNames) {
		sent = append(sent, [2]string{g.recase(name), pick(g, hintValues...)})
		names = append(names, strings.ToLower(name))
	}
	allow := allows(plainClient, false, "", pick(g, strings.Join(names, ", "), strings.Join(names, ", "), "x-a", "*"))
	step := s.ask(g.cross(), g.preflight(allow), actual("actual", allow))
	step.Headers = sent
}

func forbiddenFeature(g *generator, s *spec) {
	name := pick(g, forbiddenNames...)
	value := pick(g, "1", "1", "GET", "TRACE", "get, trace", "CONNECT", "x", `"TRACK"`, "PUT")
	allow := allows(plainClient, false, "GET, PUT", strings.ToLower(name)+", x-ok, content-type")
	step := s.ask(g.target(), g.preflight(allow), actual("actual", allow))
	step.Headers = one(g.recase(name), value)
	if g.chance(50) {
		step.Headers = append(step.Headers, [2]string{"X-Ok", "1"})
	}
	if g.chance(20) {
		g.method(step, "TRACE", "track", "CONNECT", "PUT")
	}
	step.Mode = pick(g, "", "", "cors", "no-cors", "same-origin")
	if g.chance(20) {
		step.API, step.Mode = "xhr", ""
	}
}

func nullFeature(g *generator, s *spec) {
	s.Client.Origin = "null"
	origin := func() string { return pick(g, "null", "null", "*", plainClient, "NULL", "", "null, null") }
	credentials := g.chance(40)
	url := g.target()
	answer := actual("body", allows(origin(), credentials, "", ""))
	if g.chance(25) {
		answer.Status = pick(g, redirectStatuses...)
		to := pick(g, plainTargets...) + "/to"
		answer.Headers = append(answer.Headers, [2]string{"Location", to})
		s.serve(to, g.preflight(allows(origin(), credentials, "PUT", "x-a, content-type")), actual("end", allows(origin(), credentials, "", "")))
	}
	step := s.ask(url, g.preflight(allows(origin(), credentials, "PUT", "x-a, content-type")), answer)
	g.method(step, "GET", "GET", "POST", "PUT", "HEAD")
	step.Mode = pick(g, "", "cors", "no-cors", "same-origin")
	step.Credentials = pick(g, credentialsModes...)
	if g.chance(25) {
		step.Headers = one("X-A", "1")
	}
}

func secureFeature(g *generator, s *spec) {
	if g.chance(85) {
		s.Client = clientSpec{URL: secureClient + "/page.html", Origin: secureClient}
	}
	origin := s.Client.Origin
	anywhere := func(path string) string {
		if g.chance(20) {
			return pick(g, plainTargets...) + path
		}
		return pick(g, secureTargets...) + path
	}
	url := anywhere(pick(g, paths...))
	credentials := g.chance(50)
	allow := allows(origin, credentials, "PUT", "x-a, content-type")
	answer := actual("body", allow)
	if g.chance(30) {
		to := anywhere("/to")
		answer.Status, answer.Headers = pick(g, redirectStatuses...), append(slices.Clone(allow), [2]string{"Location", to})
		s.serve(to, g.preflight(allow), actual("end", allows(pick(g, origin, "*", "null"), credentials, "", "")))
	}
	step := s.ask(url, g.preflight(allow), answer)
	g.method(step, "GET", "GET", "POST", "PUT", "HEAD")
	step.Mode = pick(g, "", "", "cors", "no-cors", "same-origin")
	step.Credentials = pick(g, credentialsModes...)
	if g.chance(20) {
		step.Headers = one("X-A", "1")
	}
}

func referrerFeature(g *generator, s *spec) {
	if g.chance(50) {
		s.Client.ReferrerPolicy = pick(g, referrerPolicies...)
	}
	if g.chance(20) {
		s.Client.URL = plainClient + "/dir/page.html?q=1"
	}
	allow := allows(pick(g, plainClient, "*"), false, "PUT", "content-type")
	url := g.target()
	answer := actual("body", allow)
	if g.chance(50) {
		to := pick(g, plainTargets...) + "/to"
		answer.Status, answer.Headers = pick(g, redirectStatuses...), append(slices.Clone(allow), [2]string{"Location", to})
		if g.chance(30) {
			answer.Headers = append(answer.Headers, g.lines("Referrer-Policy", pick(g, append(referrerPolicies, "x", "", "origin, x", "no-referrer, unsafe-url")...))...)
		}
		s.serve(to, g.preflight(allow), actual("end", allow))
	}
	step := s.ask(url, g.preflight(allow), answer)
	g.method(step, "GET", "GET", "POST", "PUT")
	if g.chance(60) {
		step.ReferrerPolicy = pick(g, append(referrerPolicies, "")...)
	}
	if g.chance(30) {
		referrer := pick(g, "", "about:client", plainClient+"/other", "http://b.test:18001/elsewhere", "/rel?x", "http://u:p@a.test:18000/cred#f", "http://", "about:blank")
		step.Referrer = &referrer
	}
	step.Mode = pick(g, "", "", "", "no-cors", "same-origin")
}

func locationFeature(g *generator, s *spec) {
	host := pick(g, "http://b.test:18001", plainClient)
	allow := allows(pick(g, plainClient, "*"), false, "PUT", "")
	answer := answerSpec{Status: pick(g, 301, 302, 307, 302, 200, 201, 300, 304), Body: "moved"}
	answer.Headers = append(slices.Clone(allow), g.lines("Location", pick(g, locations...), "/to", "/other", "")...)
	if g.chance(10) {
		answer.Headers = slices.Clone(allow)
	}
	step := s.ask(host+pick(g, "/r", "/dir/r"), g.preflight(allow), answer)
	for _, origin := range []string{"http://b.test:18001", plainClient} {
		for _, path := range []string{"/to", "/dir/to", "/"} {
			s.serve(origin+path, g.preflight(allow), actual("end", allow))
		}
	}
	step.Mode = pick(g, "", "", "no-cors", "same-origin")
	if step.Mode != "no-cors" {
		step.Redirect = pick(g, "", "", "manual", "error")
	}
	if g.chance(25) {
		g.method(step, "PUT", "POST")
	}
	if g.chance(20) {
		step.API, step.Mode, step.Redirect = "xhr", "", ""
	}
}

func noCORSFeature(g *generator, s *spec) {
	headers := some(g, 0, 3, [][2]string{
		{"Content-Type", "application/json"}, {"Content-Type", "text/html"}, {"X-Content-Type-Options", "nosniff"}, {"Access-Control-Allow-Origin", "*"},
		{"Cross-Origin-Resource-Policy", "same-origin"}, {"Cross-Origin-Resource-Policy", "same-site"}, {"Cross-Origin-Resource-Policy", "cross-origin"},
		{"Cross-Origin-Resource-Policy", "SAME-ORIGIN"}, {"Cross-Origin-Resource-Policy", "same-origin, same-site"}, {"Cross-Origin-Resource-Policy", ""},
	})
	step := s.ask(g.target(), actual(pick(g, "body", "<html>", "{}"), headers))
	step.Mode = "no-cors"
	step.Credentials = pick(g, credentialsModes...)
	g.method(step, "GET", "GET", "POST", "HEAD", "PUT", "post", "OPTIONS")
	if *step.Method == "POST" && g.chance(70) {
		g.body(step)
	}
	if g.chance(50) {
		step.Headers = append(step.Headers, g.safelisted())
	}
	if g.chance(20) {
		step.Headers = append(step.Headers, [2]string{pick(g, "X-A", "Authorization", "Cache-Control", "Range"), "1"})
	}
	if g.chance(20) {
		step.Redirect = pick(g, "manual", "error", "follow")
	}
	step.Keepalive = g.chance(10)
}

func sameOriginFeature(g *generator, s *spec) {
	url := pick(g, append(slices.Clone(plainTargets), plainClient, plainClient, plainClient)...) + pick(g, paths...)
	answer := actual("body", one("X-R", "1"))
	if g.chance(40) {
		to := pick(g, plainTargets...) + "/to"
		answer.Status, answer.Headers = pick(g, redirectStatuses...), one("Location", to)
		s.serve(to, actual("end", one("Access-Control-Allow-Origin", "*")))
	}
	step := s.ask(url, answer)
	step.Mode = "same-origin"
	step.Credentials = pick(g, credentialsModes...)
	if g.chance(25) {
		step.Redirect = pick(g, "manual", "error")
	}
	g.method(step, "GET", "GET", "POST", "DELETE", "patch")
	if *step.Method == "POST" {
		g.body(step)
	}
	if g.chance(40) {
		step.Headers = one("X-A", "1")
	}
}

func cookieFeature(g *generator, s *spec) {
	origin := plainClient
	from, to := g.target(), ""
	if g.chance(25) {
		s.Client, origin = clientSpec{URL: secureClient + "/page.html", Origin: secureClient}, secureClient
		from = pick(g, secureTargets...) + "/x"
	}
	if to = from; g.chance(40) {
		scheme, rest, _ := strings.Cut(from, "://")
		host, _, _ := strings.Cut(rest, "/")
		to = scheme + "://" + host + pick(g, "/x2", "/other/y")
	}
	allow := allows(origin, true, "PUT", "x-a")
	preflight := g.preflight(allow)
	if g.chance(40) {
		preflight.Headers = append(preflight.Headers, [2]string{"Set-Cookie", "pf=1"})
	}
	first := s.ask(from, preflight, actual("set", allow, one("Set-Cookie", pick(g, cookies...))))
	first.Credentials = pick(g, "include", "include", "include", "same-origin", "omit")
	if g.chance(30) {
		first.Headers = one("X-A", "1")
	}
	if to != from {
		s.serve(to, g.preflight(allow), actual("seen", allow))
	}
	second := stepSpec{URL: to, Credentials: pick(g, "include", "include", "same-origin", "omit", "")}
	if g.chance(25) {
		second.Mode = pick(g, "no-cors", "same-origin")
	}
	if g.chance(30) {
		g.method(&second, "PUT", "POST")
	}
	if second.Mode == "no-cors" && second.Method != nil && *second.Method == "PUT" {
		second.Method = nil
	}
	s.Steps = append(s.Steps, second)
}

func cacheFeature(g *generator, s *spec) {
	allow := allows(plainClient, false, "PUT", "cache-control, pragma, if-none-match, if-modified-since")
	control := pick(g, "max-age=60", "max-age=60", "no-store", "no-cache", "max-age=0", "public, max-age=60", "private", "")
	answer := func(body string) answerSpec {
		a := actual(body, one("Access-Control-Allow-Origin", pick(g, plainClient, plainClient, "*")), one("X-A", "1"))
		if control != "" {
			a.Headers = append(a.Headers, [2]string{"Cache-Control", control})
		}
		if g.chance(30) {
			a.Headers = append(a.Headers, [2]string{"ETag", `"e"`})
		}
		if g.chance(15) {
			a.Headers = append(a.Headers, [2]string{"Vary", pick(g, "Origin", "*", "X-A")})
		}
		return a
	}
	one, two := answer("one"), answer("two")
	one.Times, two.Times = 1, 1
	url := g.target()
	s.serve(url, g.preflight(allow), one, two, answer("three"))
	for range pick(g, 2, 2, 3) {
		step := stepSpec{URL: url, Cache: pick(g, "", "", "default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached")}
		step.Mode = pick(g, "", "", "cors", "no-cors", "same-origin")
		if step.Cache == "only-if-cached" {
			step.Mode = pick(g, "same-origin", "same-origin", "cors")
		}
		if g.chance(20) {
			step.Headers = [][2]string{pick(g, [2]string{"If-None-Match", `"e"`}, [2]string{"Cache-Control", "no-cache"}, [2]string{"Pragma", "no-cache"},
				[2]string{"If-Modified-Since", "Mon, 01 Jan 2024 00:00:00 GMT"})}
		}
		s.Steps = append(s.Steps, step)
	}
}

func xhrFeature(g *generator, s *spec) {
	method := pick(g, methods...)
	if g.chance(60) {
		method = pick(g, "GET", "POST", "PUT", "post")
	}
	credentials := g.chance(40)
	allow := allows(plainClient, credentials, "", "")
	preflight := g.preflight(allow, g.split("Access-Control-Allow-Methods", []string{pick(g, method, method, "PUT", "POST")}),
		g.split("Access-Control-Allow-Headers", []string{"content-type", "x-a"}))
	answer := actual("actual", allow)
	answer.Status = pick(g, 200, 200, 204, 404, 500)
	if g.chance(40) {
		answer.Headers = append(answer.Headers, [][2]string{{"Access-Control-Expose-Headers", "x-a"}, {"X-A", "1"}, {"x-b", "2"}, {"X-a", "3"}, {"Content-Type", "text/plain"}}...)
	}
	if g.chance(15) {
		to := pick(g, plainTargets...) + "/to"
		answer.Status, answer.Headers = pick(g, redirectStatuses...), append(answer.Headers, [2]string{"Location", to})
		s.serve(to, preflight, actual("end", allow))
	}
	step := s.ask(g.target(), preflight, answer)
	step.API, step.Method, step.WithCredentials, step.UploadListener = "xhr", &method, credentials, g.chance(35)
	if g.chance(50) {
		g.body(step)
	}
	switch g.IntN(4) {
	case 0:
		step.Headers = one("Content-Type", pick(g, contentTypes...))
	case 1:
		step.Headers = [][2]string{{"X-A", "1"}, {"x-a", pick(g, "2", "", "1")}}
	case 2:
		if g.chance(30) {
			step.Headers = one(pick(g, oddNames...), pick(g, oddValues...))
		}
	}
}

// mixFeature lets everything vary at once.
func mixFeature(g *generator, s *spec) {
	method := pick(g, methods...)
	preflight := g.preflight(g.allowOrigin(plainClient, 80), g.allowCredentials(60), g.split("Access-Control-Allow-Methods", []string{method}),
		g.split("Access-Control-Allow-Headers", []string{"x-a", "content-type", "accept-language"}), g.lines("Access-Control-Max-Age", pick(g, maxAges...)))
	answer := actual("body", g.allowOrigin(plainClient, 80), g.allowCredentials(60), some(g, 0, 4, responseHeaders), g.split("Access-Control-Expose-Headers", some(g, 0, 3, []string{"x-a", "*", "etag", "X-C", "set-cookie"})))
	url := g.target()
	if g.chance(25) {
		to := pick(g, plainTargets...) + "/to"
		answer.Status, answer.Headers = pick(g, redirectStatuses...), append(answer.Headers, [2]string{"Location", to})
		s.serve(to, preflight, actual("end", g.allowOrigin(plainClient, 70), g.allowCredentials(60)))
	}
	step := stepSpec{URL: url, Method: &method, Credentials: pick(g, credentialsModes...), Mode: pick(g, "", "", "", "cors", "same-origin", "no-cors")}
	if g.chance(60) {
		step.Headers = append(step.Headers, g.safelisted())
	}
	if g.chance(30) {
		step.Headers = append(step.Headers, [2]string{"X-A", pick(g, "1", "\u00e9", "")})
	}
	if method != "GET" && method != "HEAD" && g.chance(50) {
		g.body(&step)
	}
	if g.chance(15) {
		step.Redirect = pick(g, "manual", "error", "follow")
	}
	s.serve(url, preflight, answer)
	s.Steps = append(s.Steps, step)
	if g.chance(50) {
		s.Steps = append(s.Steps, step)
	}
}

func oddHeaderFeature(g *generator, s *spec) {
	allow := allows(plainClient, false, "", "x-a, x_a, 123, x!#$%&'*+-.^_`|~, *, x-b")
	step := s.ask(g.target(), g.preflight(allow), actual("actual", allow))
	for range pick(g, 1, 1, 2, 3) {
		name, value := "X-A", pick(g, oddValues...)
		if g.chance(50) {
			name, value = pick(g, oddNames...), pick(g, "v", pick(g, oddValues...))
		}
		step.Headers = append(step.Headers, [2]string{name, value})
	}
	if g.chance(30) {
		step.API = "xhr"
	}
}

func urlFeature(g *generator, s *spec) {
	allow := allows(plainClient, false, "PUT", "")
	for _, url := range []string{"http://b.test:18001/x", "http://b.test:18001/", "http://a.test:18000/x", "http://a.test:18000/page.html", "http://b.test:18001/%zz", "http://b.test:18001/x%20y", "http://b.test:18001/%C3%A9"} {
		s.serve(url, g.preflight(allow), actual("body", allow))
	}
	step := stepSpec{URL: pick(g, oddURLs...), Mode: pick(g, "", "", "cors", "no-cors", "same-origin")}
	if g.chance(25) {
		g.method(&step, "PUT", "POST", "HEAD")
		if step.Mode == "no-cors" {
			step.Mode = ""
		}
	}
	if g.chance(15) {
		step.API, step.Mode = "xhr", ""
	}
	s.Steps = append(s.Steps, step)
}

func statusFeature(g *generator, s *spec) {
	answer := actual(pick(g, "body", "body", ""), one("Access-Control-Allow-Origin", "*"))
	answer.Status = pick(g, 200, 201, 202, 203, 204, 205, 206, 207, 226, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 310, 400, 403, 404, 410, 418, 421, 425, 429, 451, 499, 500, 501, 503, 511, 599, 600, 799, 999)
	if g.chance(30) {
		answer.Headers = append(answer.Headers, [2]string{"Content-Type", "text/plain"})
	}
	if g.chance(15) {
		answer.Headers = append(answer.Headers, [2]string{"Content-Length", strconv.Itoa(len(answer.Body) + pick(g, 0, 0, 1, -1*min(1, len(answer.Body))))})
	}
	allow := allows("*", false, "PUT", "")
	step := s.ask(g.cross(), g.preflight(allow), answer)
	g.method(step, "GET", "GET", "HEAD", "PUT", "POST")
	if g.chance(20) {
		step.API = "xhr"
	}
}
