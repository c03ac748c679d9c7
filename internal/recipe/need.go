package recipe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

// UnknownOrigin is written where nothing tells the page's origin; the reader
// replaces it.
const UnknownOrigin = "https://your-page.example"

// Need is what a server must permit: that, and nothing more.
type Need struct {
	// Host is that of the URL, without a port; "" where it is not known. Some
	// providers serve different things at different hosts.
	Host string
	// Origins are serialized origins, "null" or [UnknownOrigin]; at least one.
	Origins []string
	// Methods are those that script uses, including the safelisted ones; none
	// means GET.
	Methods []string
	// Headers are the request headers that need permission.
	Headers []string
	// FirstHeaderOnly says that Headers has the first name that a browser missed: it
	// names no others.
	FirstHeaderOnly bool
	// Preflight says that a preflight is sent even if Methods and Headers need
	// none: a message may tell of a preflight without saying what it asked for.
	Preflight bool
	// Credentials says that the request includes them.
	Credentials bool
	// Expose are the response headers that script must be able to read beside the
	// safelisted ones.
	Expose []string
	// MaxAge is for how many seconds browsers may remember a preflight; 0 leaves
	// it to them.
	MaxAge int
}

// need is a Need that was checked, and what must be said about it.
type need struct {
	Need
	// listed are the methods that a preflight's response has to list.
	listed []string
	notes  []string
	// seen has what is in a list already, by the list's name.
	seen map[string]bool
}

// add adds a string to a list that does not have it.
func (n *need) add(list *[]string, name, s string) {
	if key := name + " " + s; !n.seen[key] {
		n.seen[key] = true
		*list = append(*list, s)
	}
}

// check returns the need without repetitions, without "null", with methods as
// browsers send them and without request headers that no server should allow.
func (n Need) check() (*need, error) {
	out := &need{Need: Need{Host: n.Host, Credentials: n.Credentials, FirstHeaderOnly: n.FirstHeaderOnly, Preflight: n.Preflight, MaxAge: n.MaxAge}, seen: map[string]bool{}}
	if len(n.Origins) == 0 {
		return nil, errors.New("no origin is given: say which one is allowed")
	}
	for _, o := range n.Origins {
		if err := checkOrigin(o); err != nil {
			return nil, err
		}
		switch {
		case o == "null":
			out.note(nullNote)
			continue
		case o == UnknownOrigin && slices.ContainsFunc(n.Origins, known):
			continue
		case o == UnknownOrigin:
			out.note("Replace " + UnknownOrigin + " by the origin of your page: scheme, host and port of its address, without a path and without a slash at the end.")
		}
		out.add(&out.Origins, "origin", o)
	}
	if err := out.addMethods(n.Methods); err != nil {
		return nil, err
	}
	if err := out.addHeaders(n.Headers, n.Expose); err != nil {
		return nil, err
	}
	if n.MaxAge < 0 {
		return nil, fmt.Errorf("a preflight cannot be remembered for %d seconds", n.MaxAge)
	}
	told := len(out.listed) > 0 || len(out.Headers) > 0
	if out.Preflight && !told && len(n.Headers) == 0 && len(n.Methods) == 0 {
		out.note("What the preflight asks for is not known: the request OPTIONS in the browser's developer tools, under Network, has it as Access-Control-Request-Method and Access-Control-Request-Headers. Name them here with -X and -H.")
	}
	out.Preflight = out.Preflight || told
	if !out.Preflight {
		out.MaxAge = 0
	}
	return out, nil
}

// known reports whether an origin is one that can be written.
func known(o string) bool { return o != UnknownOrigin && o != "null" }

const nullNote = `The origin "null" is left out: it belongs to every sandboxed frame, every page opened from a file and every data: URL, so a server that allows it allows any site there is. ` +
	"Serve the page by http, from http://localhost while you develop, and allow that origin."

// host returns the host that answers, or a placeholder for it.
func (n *need) host() string {
	if n.Host == "" || strings.ContainsFunc(n.Host, func(c rune) bool { return !plain(c) && !strings.ContainsRune(".:[]", c) }) {
		return "your-api.example"
	}
	return n.Host
}

func (n *need) note(sentence string) { n.add(&n.notes, "note", sentence) }

// checkOrigin refuses what could have a meaning in the syntax of a configuration.
// Hosts may hold it, but no host that is in use does.
func checkOrigin(o string) error {
	if _, err := origin.Parse(o); err != nil {
		return err
	}
	if i := strings.IndexFunc(o, func(c rune) bool { return !plain(c) && !strings.ContainsRune(":/.+[]", c) }); i >= 0 {
		return fmt.Errorf("the origin %q has %q in it, which no configuration is written with", o, o[i])
	}
	return nil
}

func (n *need) addMethods(methods []string) error {
	for _, m := range methods {
		if err := checkToken("method", m); err != nil {
			return err
		}
		m, respelled := spelled(m)
		if respelled {
			n.note(fmt.Sprintf("Methods are case-sensitive: have the page send %s, in capitals.", m))
		}
		n.add(&n.Methods, "method", m)
		if !headers.IsCORSSafelistedMethod(m) {
			n.add(&n.listed, "listed", m)
		}
	}
	if n.Methods == nil {
		n.Methods = []string{"GET"}
	}
	return nil
}

// spelled returns a method as servers know it. Browsers capitalize six methods for
// script, and PATCH is not one of them.
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func spelled(method string) (spelled string, respelled bool) {
	for _, known := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY"} {
		if strings.EqualFold(method, known) {
			return known, known != method && known != headers.NormalizeMethod(method)
		}
	}
	return method, false
}

func (n *need) addHeaders(request, expose []string) error {
	for _, h := range request {
		if err := checkToken("header", h); err != nil {
			return err
		}
		h = headers.Lower(h)
		if strings.HasPrefix(h, "access-control-") {
			n.note(fmt.Sprintf("%s is a response header: remove it from what the page sends, instead of allowing it.", h))
			continue
		}
		n.add(&n.Headers, "header", h)
	}
	for _, h := range expose {
		if err := checkToken("header", h); err != nil {
			return err
		}
		n.add(&n.Expose, "expose", h)
	}
	return nil
}

// checkToken refuses what is not a token, and "*", which servers take for any.
func checkToken(what, s string) error {
	switch {
	case !headers.IsToken(s):
		return fmt.Errorf("the %s %q is not one that a browser can send", what, s)
	case strings.Contains(s, "*"):
		return fmt.Errorf(`the %s %q has "*" in it, which servers take for a pattern; write it into the configuration by hand`, what, s)
	}
	return nil
}

func plain(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}
