package observe

import (
	"fmt"
	"math/rand/v2"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// GenerateEnvironment returns scenarios about what decides besides CORS, which follow from a seed: local networks,
// policies, embedder policies, mixed content, HSTS, and kinds of clients.
func GenerateEnvironment(seed uint64, n int) []*scenario.Scenario {
	list := make([]*scenario.Scenario, n)
	for i := range list {
		g := &environmentGenerator{rand.New(rand.NewPCG(seed, uint64(i)))}
		family := choose(g, "lna", "lna", "csp", "csp", "coep", "mixed", "hsts", "client")
		s := map[string]func(int) *scenario.Scenario{
			"lna": g.localNetwork, "csp": g.policy, "coep": g.embedder, "mixed": g.mixed, "hsts": g.hsts, "client": g.client,
		}[family](i)
		s.ID = fmt.Sprintf("e2-%d-%05d-%s", seed, i, family)
		list[i] = s
	}
	return list
}

type environmentGenerator struct{ *rand.Rand }

func choose[T any](g *environmentGenerator, choices ...T) T { return choices[g.IntN(len(choices))] }

// answers are those of a server to a page: the preflight's and the request's.
func (g *environmentGenerator) answers(origin string, extra ...headers.Header) []scenario.Answer {
	allow := headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}}
	if g.IntN(2) == 0 {
		allow = headers.List{{Name: "Access-Control-Allow-Origin", Value: origin}, {Name: "Access-Control-Allow-Credentials", Value: "true"}}
	}
	if g.IntN(8) == 0 {
		allow = nil
	}
	preflight := append(headers.List{}, allow...)
	preflight = append(preflight, headers.Header{Name: "Access-Control-Allow-Methods", Value: "PUT, DELETE"}, headers.Header{Name: "Access-Control-Allow-Headers", Value: "x-a, content-type"})
	return []scenario.Answer{
		{Method: "OPTIONS", Status: choose(g, 204, 204, 200, 403), Headers: preflight},
		{Method: "*", Status: 200, Headers: append(append(headers.List{}, allow...), extra...), Body: "body"},
	}
}

// redirect is a server that redirects.
func redirect(url, to, origin string) scenario.Server {
	list := headers.List{{Name: "Access-Control-Allow-Origin", Value: origin}, {Name: "Access-Control-Allow-Credentials", Value: "true"}}
	return scenario.Server{URL: url, Answers: []scenario.Answer{
		{Method: "OPTIONS", Status: 204, Headers: append(list, headers.Header{Name: "Access-Control-Allow-Methods", Value: "PUT"})},
		{Method: "*", Status: 302, Headers: append(list, headers.Header{Name: "Location", Value: to})},
	}}
}

func (g *environmentGenerator) step(url string) scenario.Step {
	s := scenario.Step{API: scenario.APIFetch, URL: url}
	switch g.IntN(6) {
	case 0:
		s.Mode = scenario.Some("no-cors")
	case 1:
		s.Method = scenario.Some("PUT")
	case 2:
		s.Headers = headers.List{{Name: "X-A", Value: "1"}}
	case 3:
		s.API = scenario.APIXHR
		s.WithCredentials = g.IntN(2) == 0
		return s
	}
	if g.IntN(3) == 0 {
		s.Credentials = scenario.Some(choose(g, "include", "omit"))
	}
	return s
}

// page is a page of a host over a scheme.
func page(scheme, host string) scenario.Client {
	origin := scheme + "://" + host + portOf(scheme, 0)
	return scenario.Client{URL: origin + "/page.html", Origin: origin}
}

// portOf returns the port of a scheme, of the pages or of other servers.
func portOf(scheme string, server int) string {
	if scheme == "https" {
		return fmt.Sprintf(":%d", 18443+server)
	}
	return fmt.Sprintf(":%d", 18000+server)
}

// The hosts of each address space are always the same.
func (g *environmentGenerator) located(scheme string) (url, space string) {
	space = choose(g, "public", "local", "loopback")
	host := map[string]string{"public": "q.test", "local": "l.test", "loopback": "o.test"}[space]
	return scheme + "://" + host + portOf(scheme, 1), space
}

func (g *environmentGenerator) localNetwork(int) *scenario.Scenario {
	scheme := choose(g, "https", "https", "http")
	c := page(scheme, "p.test")
	c.AddressSpace = "public"
	if g.IntN(2) == 0 {
		c.LocalNetwork, c.LoopbackNetwork = "granted", "granted"
	} else if g.IntN(3) == 0 {
		c.LoopbackNetwork = "granted"
	}
	s := &scenario.Scenario{Client: c}
	for i := range 1 + g.IntN(3) {
		base, space := g.located(scheme)
		url := fmt.Sprintf("%s/x%d", base, i)
		answers := g.answers(c.Origin)
		s.Servers = append(s.Servers, scenario.Server{URL: url, AddressSpace: space, Answers: answers})
		step := g.step(url)
		if g.IntN(4) == 0 {
			first, firstSpace := g.located(scheme)
			r := redirect(fmt.Sprintf("%s/r%d", first, i), url, c.Origin)
			r.AddressSpace = firstSpace
			s.Servers = append(s.Servers, r)
			step.URL = r.URL
		}
		if step.API == scenario.APIFetch && g.IntN(5) == 0 {
			step.TargetAddressSpace = scenario.Some(choose(g, "public", "local", "loopback"))
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

func (g *environmentGenerator) policy(int) *scenario.Scenario {
	scheme := choose(g, "https", "http")
	c := page(scheme, "a.test")
	source := func() string {
		return choose(g, "'self'", "'none'", "*", "http:", "https:", "b.test", "b.test:*", "*.b.test:*", "b.test:18001", "http://b.test:18001", "https://b.test:18444",
			"*.b.test", "c.test:18445", "'unsafe-inline'", "data:", "ws:", "*:18001", "https://*:18444", "B.TEST:*")
	}
	value := choose(g, "connect-src", "default-src", "connect-src", "img-src")
	for range g.IntN(3) + 1 {
		value += " " + source()
	}
	if g.IntN(4) == 0 {
		value += "; " + choose(g, "upgrade-insecure-requests", "default-src 'none'", "connect-src *", "block-all-mixed-content")
	}
	c.CSP = []string{value}
	if g.IntN(5) == 0 {
		c.CSP, c.CSPReportOnly = nil, c.CSP
	}
	if g.IntN(3) == 0 {
		c.Kind = choose(g, "srcdoc", "about:blank", "blob")
	}
	s := &scenario.Scenario{Client: c}
	for i := range 1 + g.IntN(3) {
		to := choose(g, scheme, scheme, "https")
		url := fmt.Sprintf("%s://%s%s/x%d", to, choose(g, "b.test", "s.b.test", "c.test", "a.test"), portOf(to, 1+g.IntN(2)), i)
		s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: g.answers(c.Origin)})
		step := g.step(url)
		switch g.IntN(6) {
		case 0:
			r := redirect(fmt.Sprintf("%s://b.test%s/r%d", scheme, portOf(scheme, 1), i), url, c.Origin)
			s.Servers = append(s.Servers, r)
			step.URL = r.URL
		case 1:
			step = scenario.Step{API: scenario.APIFetch, URL: "data:,x"}
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

func (g *environmentGenerator) embedder(int) *scenario.Scenario {
	c := page("https", "a.test")
	c.COEP = scenario.Some(choose(g, "require-corp", "credentialless", "unsafe-none", "Require-Corp", `require-corp; report-to="x"`, `"require-corp"`))
	if g.IntN(4) == 0 {
		c.Kind = choose(g, "srcdoc", "about:blank", "blob")
	}
	s := &scenario.Scenario{Client: c}
	for i := range 1 + g.IntN(3) {
		url := fmt.Sprintf("https://%s:18444/x%d", choose(g, "b.test", "www.a.test", "a.test"), i)
		var extra []headers.Header
		if v := choose(g, "", "cross-origin", "same-site", "same-origin", "Cross-Origin", "bogus"); v != "" {
			extra = append(extra, headers.Header{Name: "Cross-Origin-Resource-Policy", Value: v})
		}
		s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: g.answers(c.Origin, extra...)})
		step := g.step(url)
		if step.API == scenario.APIFetch && !step.Method.Given && step.Headers == nil && g.IntN(2) == 0 {
			step.Mode = scenario.Some("no-cors")
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

func (g *environmentGenerator) mixed(int) *scenario.Scenario {
	c := page(choose(g, "https", "https", "http"), choose(g, "a.test", "a.test", "localhost"))
	if g.IntN(4) == 0 {
		c.CSP = []string{"upgrade-insecure-requests"}
	}
	s := &scenario.Scenario{Client: c}
	for i := range 1 + g.IntN(2) {
		to := choose(g, "http", "http", "https")
		url := fmt.Sprintf("%s://%s%s/x%d", to, choose(g, "b.test", "localhost", "127.0.0.1", "foo.localhost", "localhost.test", "10.1.2.3"), portOf(to, 1), i)
		s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: g.answers(c.Origin)})
		step := g.step(url)
		if g.IntN(3) == 0 {
			r := redirect(fmt.Sprintf("https://b.test:18444/r%d", i), url, c.Origin)
			s.Servers = append(s.Servers, r)
			step.URL = r.URL
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

func (g *environmentGenerator) hsts(i int) *scenario.Scenario {
	host := fmt.Sprintf("g%dx%d.hsts.test", g.IntN(1000), i)
	c := page("http", choose(g, "a.test", "www."+host))
	c.HSTS = []scenario.KnownHSTSHost{{Host: host}}
	s := &scenario.Scenario{Client: c}
	for _, scheme := range []string{"http", "https"} {
		s.Servers = append(s.Servers, scenario.Server{URL: scheme + "://" + host + "/x", Answers: g.answers(choose(g, c.Origin, "null"))})
	}
	for range 1 + g.IntN(2) {
		step := g.step("http://" + host + "/x")
		if step.API == scenario.APIFetch && g.IntN(4) == 0 {
			step.Redirect = scenario.Some(choose(g, "manual", "error"))
		}
		s.Steps = append(s.Steps, step)
	}
	return s
}

func (g *environmentGenerator) client(int) *scenario.Scenario {
	scheme := choose(g, "https", "http")
	c := page(scheme, "a.test")
	switch g.IntN(3) {
	case 0:
		c.Kind = choose(g, "srcdoc", "about:blank", "blob")
	case 1:
		c.TopLevel = scheme + "://t.test" + portOf(scheme, 0) + "/"
	case 2:
		c.Origin = "null"
		c.Sandbox = scenario.Some("allow-scripts")
	}
	if g.IntN(3) == 0 {
		c.ReferrerPolicy = choose(g, "no-referrer", "origin", "unsafe-url", "same-origin")
	}
	s := &scenario.Scenario{Client: c}
	for i := range 1 + g.IntN(2) {
		url := fmt.Sprintf("%s://%s%s/x%d", scheme, choose(g, "a.test", "www.a.test", "b.test"), portOf(scheme, g.IntN(2)), i)
		var extra []headers.Header
		if g.IntN(2) == 0 {
			extra = append(extra, headers.Header{Name: "Set-Cookie", Value: "c=1" + choose(g, "", "; SameSite=None; Secure", "; SameSite=Lax", "; SameSite=None; Secure; Partitioned")})
		}
		s.Servers = append(s.Servers, scenario.Server{URL: url, Answers: g.answers(c.Origin, extra...)})
		step := g.step(url)
		s.Steps = append(s.Steps, step, step)
	}
	return s
}
