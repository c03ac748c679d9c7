package fetch_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// A site says what is answered: its keys are "METHOD URL", or a URL for any
// method, its values the answers in turn, the last of them again and again. An
// answer is a status, header lines, an empty line and a body.
type site map[string][]string

// A network is scripted by a site, and remembers what it was asked.
type network struct {
	site site

	mu       sync.Mutex
	used     map[string]int
	requests []*fetch.NetworkRequest
	bodies   []string
}

var errRefused = errors.New("connection refused")

func (n *network) RoundTrip(ctx context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests = append(n.requests, r)
	n.bodies = append(n.bodies, body)
	key := r.Method + " " + r.URL
	if n.site[key] == nil {
		key = r.URL
	}
	answers := n.site[key]
	if len(answers) == 0 {
		return nil, errRefused
	}
	if n.used == nil {
		n.used = make(map[string]int)
	}
	i := min(n.used[key], len(answers)-1)
	n.used[key]++
	return parseResponse(answers[i]), nil
}

// short are header names as answers and expectations spell them.
var short = map[string]string{
	"acao": "Access-Control-Allow-Origin", "acac": "Access-Control-Allow-Credentials",
	"acam": "Access-Control-Allow-Methods", "acah": "Access-Control-Allow-Headers",
	"acma": "Access-Control-Max-Age", "aceh": "Access-Control-Expose-Headers",
	"acrm": "Access-Control-Request-Method", "acrh": "Access-Control-Request-Headers",
	"corp": "Cross-Origin-Resource-Policy",
}

func long(name string) string {
	if l, ok := short[name]; ok {
		return l
	}
	return name
}

func parseResponse(text string) *fetch.NetworkResponse {
	head, body, _ := strings.Cut(text, "\n\n")
	first, rest, _ := strings.Cut(head, "\n")
	status, err := strconv.Atoi(first)
	if err != nil {
		panic(err)
	}
	r := &fetch.NetworkResponse{Status: status, StatusText: "Text", Body: fetch.StringBody(body)}
	for line := range strings.Lines(rest) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		r.Headers.Append(long(name), strings.TrimSpace(value))
	}
	return r
}

// log renders the requests so far, each in a line, with those of the named
// headers that it has.
func (n *network) log(show string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var b strings.Builder
	for i, r := range n.requests {
		fmt.Fprintf(&b, "%s %s", r.Method, r.URL)
		for _, name := range strings.Fields(show) {
			switch value, ok := r.Headers.Get(long(name)); {
			case name == "body":
				fmt.Fprintf(&b, " body=%s", n.bodies[i])
			case name == "new" && r.NewConnection:
				b.WriteString(" new")
			case ok:
				fmt.Fprintf(&b, " %s=%s", name, value)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// result renders what a fetch came to.
func result(r *fetch.Response, err error) string {
	if err != nil {
		e, ok := errors.AsType[*cors.Error](err)
		if !ok {
			return fmt.Sprintf("! %T %v", err, err)
		}
		if e.Preflight {
			return "! preflight " + e.Reason.String()
		}
		return "! " + e.Reason.String()
	}
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	s := fmt.Sprintf("= %s %d", r.Type, r.Status)
	if r.Redirected {
		s += " redirected"
	}
	if len(body) > 0 {
		s += " " + string(body)
	}
	if err != nil {
		s += " ! " + err.Error()
	}
	return s
}

// A flow is one fetch, or one after another with the same init, and what is
// expected of it: the requests, a line each, and the result.
type flow struct {
	name    string
	page    string // home, if empty
	options *fetch.PageOptions
	url     string // away, if empty
	init    fetch.Init
	site    site
	show    string // the headers that want has, separated by spaces
	want    string
}

const (
	home = "https://a.test/page?q"
	own  = "https://a.test/own"
	away = "https://b.test/away"
)

// lines makes of an indented text one that is not.
func lines(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

func (f *flow) run(t *testing.T, c *fetch.Client) {
	t.Helper()
	n := &network{site: f.site}
	c.Network = n
	page := newPage(t, f.page, f.options)
	got := result(c.Fetch(t.Context(), page, or(f.url, away), &f.init))
	if diff := cmp.Diff(lines(f.want), n.log(f.show)+got+"\n"); diff != "" {
		t.Error(diff)
	}
}

// runFlows runs flows, each with a client of its own; show is for all that have
// none.
func runFlows(t *testing.T, flows []flow, show ...string) {
	t.Helper()
	for _, f := range flows {
		f.show = or(f.show, strings.Join(show, " "))
		t.Run(f.name, func(t *testing.T) { f.run(t, &fetch.Client{}) })
	}
}

func or(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

func newPage(t testing.TB, url string, options *fetch.PageOptions) *fetch.Page {
	t.Helper()
	p, err := fetch.NewPage(or(url, home), options)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func list(lines ...string) headers.List {
	var l headers.List
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		l.Append(name, strings.TrimPrefix(value, " "))
	}
	return l
}

// A clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// NewPage says which of its arguments is wrong.
func TestNewPage(t *testing.T) {
	for _, test := range []struct {
		url     string
		options fetch.PageOptions
		origin  string
		err     string
	}{
		{url: "https://a.test:443/p#f", origin: "https://a.test"},
		{url: home, options: fetch.PageOptions{Origin: "null"}, origin: "null"},
		{url: home, options: fetch.PageOptions{Origin: "http://x.test"}, origin: "http://x.test"},
		{url: "data:,x", origin: "null"},
		{url: "page", err: "the page's URL"},
		{url: home, options: fetch.PageOptions{Origin: "x.test"}, err: "the page's origin"},
		{url: home, options: fetch.PageOptions{ReferrerPolicy: "all"}, err: `the page's referrer policy: "all" is no referrer policy`},
		{url: home, options: fetch.PageOptions{TopLevel: "//"}, err: "the URL of the top-level document"},
	} {
		p, err := fetch.NewPage(test.url, &test.options)
		if test.err != "" {
			if cors.ReasonOf(err) != cors.InvalidArgument || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q, %+v: %v", test.url, test.options, err)
			}
			continue
		}
		if err != nil || p.Origin().String() != test.origin {
			t.Errorf("%q, %+v: %v, %v", test.url, test.options, p.Origin(), err)
		}
	}
	if p, err := fetch.NewPage(home, nil); err != nil || p.URL() != home {
		t.Error(p, err)
	}
}

// engines are all of them, in order.
var engines = []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
