// Package contract reads and checks what a service promises to browsers, in a file
// that people review and CI runs:
//
//	# Who may do what with things.
//	page https://app.example
//	  allow GET    /things            expose X-Total-Count
//	  allow PUT    /things/1          json credentials
//	  block DELETE /things/1          because method-not-allowed
//	page https://evil.example
//	  block GET    /things            credentials
//
// # Format
//
// A file is UTF-8 text. Words stand between spaces and tabs; "#" at the beginning of a
// word begins a comment; indentation means nothing. A line is one of
//
//	base [NAME] URL       where the service is, unless the caller says something else;
//	                      each at most once, before the first page
//	page ORIGIN           who asks, by origin or by URL, or "null"; what follows, up
//	                      to the next page, is promised to it, of each request once
//	allow METHOD PATH …   script gets the response
//	block METHOD PATH …   the browser keeps the response from script
//	allow KIND PATH …     the page can load it as a KIND: image, script, module, style,
//	                      font, video, audio, track, eventsource, beacon, worker, …
//	block KIND PATH …     it cannot
//
// A PATH begins with "/" and follows the base, or it is a whole URL, or it follows another base by its name:
// after "base auth https://auth.example" the path auth:/login. After it may appear, in any order, of the
// request:
//
//	json[=VALUE]          it has a JSON body, {} if no value is given, and the Content-Type
//	text=VALUE            it has a body of text
//	form=VALUE            it has a form as a body, such as "a=b&c=d"
//	credentials           the credentials mode is "include": of an element, crossorigin
//	                      is "use-credentials", of an EventSource withCredentials is set
//	crossorigin           (KIND) the element has the attribute: what loads may be read,
//	                      so that a canvas is not tainted
//	cookie NAME=VALUE     the browser has this cookie of the server, with SameSite=None and Secure;
//	                      a value in quotes may have attributes, which replace these; repeatable
//	header NAME[=VALUE]   script sets this header, to 1 if no value is given;
//	                      repeatable. VALUE ends at a space, unless it is in double
//	                      quotes, in which \ precedes a quote or another \
//	preflight             a preflight is sent first
//	no-preflight          no preflight is sent
//
// and of what comes of it:
//
//	status CODE           (allow) script gets this status
//	contains "TEXT"       (allow) the body has this text in it; repeatable
//	expose NAME[, NAME]…  (allow) script can read these response headers
//	hide NAME[, NAME]…    (allow) script cannot read these, which the server sends
//	unsent                (block) the request itself does not reach the server
//	because REASON[, …]   (block) these are among the reasons, as package cors names
//	                      them. One is needed where the browser does not even send the
//	                      request, as with mixed-content: that says nothing about the
//	                      server
package contract

import (
	"maps"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// A Contract is what a service promises.
type Contract struct {
	// File is the name of the file that it is from.
	File string
	// Base is where the service is; empty where the file does not say.
	Base string
	// Bases are those that have names.
	Bases map[string]string
	Pages []Page
}

// A Page is somebody to whom something is promised.
type Page struct {
	// URL is the origin or URL of the page, or "null".
	URL      string
	Line     int
	Promises []Promise
}

// A Promise is what comes of a request.
type Promise struct {
	// Line and Column are where it is written, from 1 on.
	Line, Column int
	// Block says that script does not get the response; otherwise it does.
	Block bool
	// Method and Path are those of the request. Method is the kind of a resource instead where Loads is set.
	Method, Path string
	// Loads says that an element or another API of the page loads it, and CrossOrigin that the element has
	// the attribute crossorigin.
	Loads, CrossOrigin bool
	// JSON, Credentials and Headers are what else there is about the request.
	JSON, Credentials bool
	Headers           headers.List
	// Body is the body, "" for {} where JSON is set; BodyType is "text" or "form" where it is
	// not JSON.
	BodyType, Body string
	// Cookies are those that the browser has, a name and a value or what Set-Cookie has.
	Cookies []string
	// Preflight and NoPreflight say whether one is sent, if that is promised.
	Preflight, NoPreflight bool
	// Status is that of the response, 0 for any, and Contains what its body has in it.
	Status   int
	Contains []string
	// Unsent says that the request itself does not reach the server.
	Unsent bool
	// Expose and Hide are names of response headers.
	Expose, Hide []string
	// Because are reasons for which it is blocked; nil is any that the server has a part
	// in.
	Because []cors.Reason
}

// String writes the promise as it is in a file.
func (p *Promise) String() string {
	return strings.Join(append([]string{p.verb(), p.Method, p.Path}, p.clauses()...), " ")
}

// Title writes the promise without what may be secrets.
func (p *Promise) Title() string { return p.withoutSecrets().String() }

func (p *Promise) verb() string {
	if p.Block {
		return "block"
	}
	return "allow"
}

func (p *Promise) clauses() (words []string) {
	for i := range clauses {
		words = append(words, clauses[i].write(p)...)
	}
	return words
}

// quoteIfNeeded writes a value so that it can be read back.
func quoteIfNeeded(value string) string {
	if value != "" && !strings.ContainsAny(value, " \t\"") {
		return value
	}
	return `"` + escape(value) + `"`
}

// escape writes a value as it is in quotes.
func escape(value string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) }

// String writes the contract as a file, in columns.
func (c *Contract) String() string {
	var b strings.Builder
	if c.Base != "" {
		b.WriteString("base " + c.Base + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(c.Bases)) {
		b.WriteString("base " + name + " " + c.Bases[name] + "\n")
	}
	method, path := 0, 0
	for _, page := range c.Pages {
		for _, p := range page.Promises {
			method, path = max(method, len(p.Method)), max(path, min(len(p.Path), 32))
		}
	}
	for _, page := range c.Pages {
		b.WriteString("page " + page.URL + "\n")
		for _, p := range page.Promises {
			line := "  " + p.verb() + " " + pad(p.Method, method) + " " + pad(p.Path, path) + "  " + strings.Join(p.clauses(), " ")
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	return b.String()
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(width-len(s), 0)) }
