package check

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

// load returns the request that an element or API of the page makes.
func (o *Options) load(page *fetch.Page) (*fetch.Request, error) {
	initiator := explain.FindInitiator(o.As)
	if initiator == nil {
		return nil, &ArgumentError{"as", fmt.Sprintf("a page loads nothing as %q; it is one of %s", o.As, InitiatorNames())}
	}
	contentType, hasType := o.Headers.Get("content-type")
	sends := initiator.As == "beacon" || initiator.As == "form"
	for _, given := range []struct {
		option string
		is     bool
	}{
		{"mode", o.Mode != ""}, {"credentials", o.Credentials != ""}, {"redirect", o.Redirect != ""},
		{"request", o.Method != "" && !(sends && o.Method == "POST") && o.Method != "GET"}, {"data", o.Body != nil && !sends},
		{"header", len(o.Headers) > 1 || len(o.Headers) == 1 && !(sends && hasType)}, {"crossorigin", o.CrossOrigin != nil && !initiator.Attribute},
	} {
		if given.is {
			return nil, &ArgumentError{given.option, "has no part in what " + initiator.Markup + " asks for; the page cannot choose it"}
		}
	}
	target := o.URL
	if initiator.As == "websocket" {
		if rest, ok := strings.CutPrefix(target, "ws"); ok {
			target = "http" + rest
		}
	}
	a := &fetch.Attributes{CrossOrigin: o.CrossOrigin, Integrity: o.Integrity, ReferrerPolicy: o.ReferrerPolicy, As: o.PreloadAs, WithCredentials: o.WithCredentials}
	if initiator.As == "preload" && a.As == "" {
		a.As = "fetch"
	}
	if initiator.As == "form" {
		a.Method = "POST"
		if o.Method == "GET" {
			a.Method = "GET"
		}
	}
	if sends && o.Body != nil {
		a.Body = fetch.Blob([]byte(*o.Body), contentType)
	}
	r, err := fetch.NewLoad(page, fetch.Initiator(initiator.API), target, a)
	if err != nil {
		return nil, argumentError(err)
	}
	return r, nil
}

// InitiatorNames are what --as takes, as a list for people.
func InitiatorNames() string {
	var names []string
	for _, i := range explain.Initiators {
		names = append(names, i.As)
	}
	return strings.Join(names, ", ")
}

// unobserved are the initiators that no browser was observed with.
var unobserved = map[string]bool{"manifest": true}

// load ends the report with what an element has loaded.
func (r *Report) load(o *Options, page *fetch.Page, loaded *fetch.Loaded) {
	i := r.Initiator
	learn := func(format string, args ...any) { r.Learns = append(r.Learns, fmt.Sprintf(format, args...)) }
	if unobserved[i.As] {
		r.Notes = append(r.Notes, "This is by the standard: no browser was observed with "+i.Markup+".")
	}
	if i.Navigates {
		r.Verdict = NotSubject
		learn("%s.", upper(i.Readable))
		learn("%s", explain.OriginMatters)
		return
	}
	r.Verdict, r.Opaque = Allowed, loaded.Opaque && i.Opaque != ""
	if !r.Opaque {
		learn("%s.", upper(i.Readable))
		return
	}
	learn("%s.", upper(i.Opaque))
	r.adviseCrossOrigin(o, page, loaded)
}

// adviseCrossOrigin says how the page gets to read what is opaque to it.
func (r *Report) adviseCrossOrigin(o *Options, page *fetch.Page, loaded *fetch.Loaded) {
	if !r.Initiator.Attribute || o.CrossOrigin != nil {
		return
	}
	learn := func(format string, args ...any) { r.Learns = append(r.Learns, fmt.Sprintf(format, args...)) }
	attribute := strings.Replace(r.Initiator.Markup, ">", ` crossorigin="anonymous">`, 1)
	asked := cors.Request{Origin: page.Origin().String(), Method: "GET"}
	if err := new(cors.Policy).Check(&asked, &loaded.Headers); err == nil {
		learn("To let the page read it, add the attribute crossorigin: %s. The server permits it already.", attribute)
		return
	}
	learn("To let the page read it, add the attribute crossorigin, %s, and have the server answer with", attribute)
	learn("  Access-Control-Allow-Origin: %s", asked.Origin)
	if vary, _ := loaded.Headers.Get("vary"); !headers.TokenListOf(vary).HasFold("origin") {
		learn("  Vary: Origin")
	}
	learn("A server may send these only where the request has an Origin, which it has with the attribute: --crossorigin anonymous asks for that. With the attribute and without the headers it does not load at all.")
}

// failLoad says what becomes of an element that got nothing.
func (r *Report) failLoad(o *Options) {
	i := r.Initiator
	if i == nil {
		return
	}
	r.Learns = append(r.Learns, upper(i.Failed)+".")
	if i.Opaque != "" && o.CrossOrigin != nil && r.Failure.Reason.IsCORS() {
		r.Learns = append(r.Learns, fmt.Sprintf("Without the attribute crossorigin it would load: %s.", i.Opaque))
	}
	if i.As == "worker" || i.As == "sharedworker" {
		r.Learns = append(r.Learns, "Serve the worker's script from the page's origin; or start a worker from a blob: URL whose script calls importScripts() with this URL.")
	}
	if i.As == "font" {
		r.Notes = append(r.Notes, "WebKitGTK loads fonts without CORS (quirk font-mode); Chrome, Firefox and the standard do not.")
	}
	if i.Navigates {
		r.Learns = append(r.Learns, explain.OriginMatters)
	}
}

// upper returns a sentence with a capital at its beginning.
func upper(s string) string {
	if word, _, _ := strings.Cut(s, " "); s == "" || s[0] < 'a' || s[0] > 'z' || strings.HasSuffix(word, "()") {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
