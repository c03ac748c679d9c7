package monitor

import (
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/asker"
	"github.com/corsim/corsim/origin"
)

// asked is what a request tells of who asked, and how.
type asked struct {
	origin string // as browsers send it; empty where it is not one
	// method and requested are of the preflight's request, if it is one: the method, and the value of
	// Access-Control-Request-Headers.
	preflight, hijacked bool
	method, requested   string
	hasRequested        bool

	exempt      string // why CORS has no say; "" where it has
	modeUnsure  bool   // the mode may be "no-cors" or that of a form
	revalidates bool   // the HTTP cache asks whether what it has stored is still good
	credentials credentials
}

type credentials uint8

const (
	credentialsUnknown credentials = iota
	credentialsNotIncluded
	credentialsIncluded
)

// read finds out what a request tells.
func (x *exchange) read(origins []string) {
	a, h := &x.request, x.r.Header
	a.origin, a.method = origins[0], x.r.Method
	if len(origins) > 1 || !x.m.isOrigin(a.origin) {
		a.origin, a.exempt = "", "not-from-a-page"
		return
	}
	if wants := h["Access-Control-Request-Method"]; x.r.Method == "OPTIONS" && len(wants) > 0 {
		a.preflight, a.method = true, wants[0]
		if values := h["Access-Control-Request-Headers"]; len(values) > 0 {
			a.requested, a.hasRequested = strings.Join(values, ", "), true
		}
		if !headers.IsMethod(a.method) {
			a.exempt = "not-from-a-page"
		}
		return
	}
	if x.readMode(); a.exempt != "" {
		return
	}
	a.revalidates = len(h["If-None-Match"]) > 0 || len(h["If-Modified-Since"]) > 0
	switch {
	case len(h["Cookie"]) > 0, len(h["Sec-Fetch-Storage-Access"]) > 0:
		a.credentials = credentialsIncluded
	case first(h["Sec-Fetch-Dest"]) == "font":
		a.credentials = credentialsNotIncluded // CSS fetches fonts without
	}
}

// isOrigin reports whether an Origin header is one that browsers send. What has been seen before
// is not looked at again.
func (m *Monitor) isOrigin(value string) bool {
	if value == "null" || m.series.knows(value) {
		return true
	}
	_, err := origin.Parse(value)
	return err == nil
}

// readMode finds out the request's mode: the browser says it, in Sec-Fetch-Mode, to servers that it
// trusts. Else the method does, except that of a POST: forms and
// beacons send an Origin, too.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-mode-header
func (x *exchange) readMode() {
	a, h := &x.request, x.r.Header
	switch first(h["Sec-Fetch-Mode"]) {
	case "cors":
		if first(h["Sec-Fetch-Site"]) == "none" {
			a.exempt = "not-from-a-page"
		}
		return
	case "navigate", "nested-navigate":
		a.exempt = "navigation"
		return
	case "no-cors":
		a.exempt = "no-cors"
		return
	case "same-origin":
		a.exempt = "same-origin"
		return
	case "websocket":
		a.exempt = "websocket"
		return
	}
	accept := first(h["Accept"])
	switch {
	case headers.EqualFold(first(h["Upgrade"]), "websocket"):
		a.exempt = "websocket"
	case a.method != "POST" && first(h["Sec-Fetch-Dest"]) == "font":
		// Fonts have no other mode than "cors".
	case (a.method == "GET" || a.method == "HEAD") && asker.Navigates(accept),
		a.method == "POST" && (len(h["Upgrade-Insecure-Requests"]) > 0 || asker.AcceptsHTML(accept)):
		a.exempt = "navigation"
	case a.method == "POST":
		a.modeUnsure = (accept == "" || accept == "*/*") && !x.needsPreflight(accept)
	case a.method == "GET", a.method == "HEAD":
		// Chromium gives all requests of a sandboxed document an Origin.
		a.modeUnsure = a.origin == "null"
	}
}

// needsPreflight reports whether the request is one that only a script can have made.
func (x *exchange) needsPreflight(accept string) bool {
	c := cors.Request{Origin: x.request.origin, Method: x.request.method}
	for name, values := range x.r.Header {
		for _, value := range values {
			if h := (headers.Header{Name: headers.Lower(name), Value: value}); asker.ByScript(h, accept) {
				c.Headers = append(c.Headers, h)
			}
		}
	}
	return cors.NeedsPreflight(&c)
}

// cors returns the request as the decisions of package cors see it.
func (a *asked) cors() cors.Request {
	c := cors.Request{Origin: a.origin, Method: a.method}
	if a.preflight {
		c.Headers = asker.RequestedHeaders(a.requested)
		// A preflight without any other cause was for an upload listener.
		c.UseCORSPreflight = headers.IsCORSSafelistedMethod(c.Method) && !a.hasRequested
	}
	return c
}
