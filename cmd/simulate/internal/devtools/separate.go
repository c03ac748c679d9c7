package devtools

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

// hasBrowserHeader reports whether list has a header that browsers send and people
// do not write: a Sec-Fetch- or Sec-CH- one, or a User-Agent that begins as all
// browsers' do.
func hasBrowserHeader(list headers.List) bool {
	for _, h := range list {
		name := headers.Lower(h.Name)
		if strings.HasPrefix(name, "sec-fetch-") || strings.HasPrefix(name, "sec-ch-") ||
			name == "user-agent" && strings.HasPrefix(h.Value, "Mozilla/") {
			return true
		}
	}
	return false
}

// separate sorts the headers of a request as it was sent, or written, into those of
// the page's script and those that a browser sets by itself. To take one of the
// latter for the script's would invent a preflight that the copied request did not
// have, or a header that no script may set; to take one of the script's for the
// browser's would lose a preflight. Hence, where both can be, the rule asks whether
// the text comes from a browser (copied) and whether the value is one that browsers
// send.
//
// Origin, Referer and Cookie go to the fields of these names: they say who asked,
// and scripts cannot set them.
//
// The browser's own, always:
//   - pseudo-headers (:authority), which are no headers;
//   - the standard's forbidden request-headers: Accept-Encoding, Connection,
//     Content-Length, DNT, Host, TE and so on, and all of Sec- and Proxy-. Scripts
//     cannot set them;
//   - Upgrade-Insecure-Requests and Priority: scripts could set them, but there is no
//     use in it, and they remain where people shorten a copied command;
//   - Accept: */*, which is what fetch sends without one;
//   - a User-Agent that begins with Mozilla/. Any other is the script's.
//
// The browser's own in a copied request:
//   - Accept-Language, which scripts rarely set;
//   - Cache-Control: no-cache and Pragma: no-cache, which "Disable cache" of the
//     developer tools and reloading add, and Cache-Control: max-age=0;
//   - If-None-Match and If-Modified-Since, with which the HTTP cache revalidates;
//   - Accept, where Sec-Fetch-Dest tells that no script's fetch made the request, or
//     where it asks for a document: the value for documents is longer than the 128
//     bytes up to which a script may send one without a preflight;
//   - Range: where Sec-Fetch-Dest is audio or video;
//   - Authority, Method, Path, Scheme and Version, the pseudo-headers as Chromium once
//     copied them, without the colon;
//   - client hints without Sec-, Save-Data, Purpose, Service-Worker, X-Client-Data.
//
// All others are the script's, Authorization among them.
func (r *Request) separate(list headers.List, copied bool) {
	r.FromBrowser = copied
	destination, _ := list.Get("Sec-Fetch-Dest")
	var automatic, cookies []string
	for _, h := range list {
		switch name := headers.Lower(h.Name); {
		case name == "origin":
			r.Origin = h.Value
			r.notef("Origin header: taken as the page's origin")
		case name == "referer":
			r.Referer = h.Value
		case name == "cookie":
			cookies = append(cookies, h.Value)
		case isAutomatic(name, h.Value) || copied && isAutomaticInCopy(name, h.Value, destination):
			r.Automatic = append(r.Automatic, h)
			automatic = append(automatic, h.Name)
		default:
			r.Headers = append(r.Headers, h)
		}
	}
	r.Cookie = strings.Join(cookies, "; ")
	if len(automatic) > 0 {
		r.notef("set by a browser itself, and so not among the script's headers: %s", strings.Join(automatic, ", "))
	}
	r.mode()
	r.surprises()
}

// isAutomatic reports whether browsers set the header themselves, in whatever text
// it stands. The name is lower-case.
func isAutomatic(name, value string) bool {
	switch name {
	case "upgrade-insecure-requests", "priority":
		return true
	case "accept":
		return value == "*/*"
	case "user-agent":
		return strings.HasPrefix(value, "Mozilla/")
	}
	return strings.HasPrefix(name, ":") || headers.IsForbiddenRequestHeader(name, value)
}

// isAutomaticInCopy reports whether the header, in a copied request, is the browser's.
func isAutomaticInCopy(name, value, destination string) bool {
	switch name {
	case "accept-language", "if-none-match", "if-modified-since",
		"authority", "method", "path", "scheme", "version",
		"device-memory", "downlink", "dpr", "ect", "rtt", "viewport-width", "width",
		"save-data", "purpose", "service-worker", "x-client-data":
		return true
	case "cache-control":
		return value == "no-cache" || value == "max-age=0"
	case "pragma":
		return value == "no-cache"
	case "accept":
		return destination != "" && destination != "empty" || strings.HasPrefix(value, "text/html,application/xhtml+xml,")
	case "range":
		return destination == "audio" || destination == "video"
	}
	return false
}

// mode takes the request's mode from Sec-Fetch-Mode, which tells what was.
func (r *Request) mode() {
	sent, ok := r.Automatic.Get("Sec-Fetch-Mode")
	switch {
	case !ok:
	case sent != "cors" && sent != "no-cors" && sent != "same-origin" && sent != "navigate" && sent != "websocket":
		r.notef("Sec-Fetch-Mode: %s is no mode, and ignored", quote(sent))
	case r.Mode == nil:
		r.Mode = &sent
	case *r.Mode != sent:
		r.notef("Sec-Fetch-Mode says that the copied request had the mode %q; the options say %q, which holds", sent, *r.Mode)
	}
	if r.Mode != nil && *r.Mode == "navigate" {
		r.notef("the request is a navigation, to which CORS does not apply")
	}
}

// surprises notes where a browser does otherwise than the text suggests.
func (r *Request) surprises() {
	if method, ok := r.Automatic.Get("Access-Control-Request-Method"); ok && r.Method == "OPTIONS" {
		r.notef("this is a preflight, which a browser makes by itself; to check what it asks for, give the request with the method %s", quote(method))
	}
	if host, ok := r.Automatic.Get("Host"); ok && !strings.Contains(r.URL, "//"+host) {
		r.notef("Host: %s is ignored, as a browser sends the URL's own; put that host into the URL, and its address into --resolve", host)
	}
	if contentType, _ := r.Headers.Get("Content-Type"); r.Source == CurlCmd && r.Body != nil && strings.Contains(*r.Body, "\n") &&
		strings.HasPrefix(headers.Lower(contentType), "multipart/") {
		r.notef("the line breaks of the multipart body are LF, as cmd.exe's quoting does not keep CR LF; copy as cURL (bash) to keep them")
	}
}
