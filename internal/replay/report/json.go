// Package report says in text and in JSON what package replay found out.
package report

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// Version is the version of the JSON lines. It changes when a member changes its
// meaning or goes away; members may come at any time.
const Version = 1

// usualLine is how many bytes most lines have at most.
const usualLine = 1024

// Options are what the outputs have in common.
type Options struct {
	// ShowSecrets keeps tokens in URLs; see [Redact]. Cookies and the values of
	// request headers are never part of the output.
	ShowSecrets bool
	// File is the recording's name, for members and headings; empty for none.
	File string
	// Independent leaves out where the entry stands in its file, so that a line
	// is the same however the input was split.
	Independent bool
	// Assumptions are those of [replay.Options].
	Assumptions []string
}

// Line appends to dst the JSON object, without a line feed, that says what a
// result says:
//
//	v               1, the version
//	file            the recording's name, where several are read
//	entry           "entry 17" or "line 17", for people
//	index           the position among the entries, from 0
//	offset          the byte at which the entry begins, after decompression
//	id              the request's own id, where the recording has one
//	started         when, as RFC 3339 has it
//	method, url     of the request
//	page, pageFrom  the origin of the page, and what tells it: "origin",
//	                "preflight-origin", "referer", "page", "redirect", "option"
//	origin          what the response is checked against: the page's origin or "null"
//	credentials     "included", "not-included" or "unknown"; where it is known,
//	credentialsFrom what tells it: "cookie", "authorization",
//	                "sec-fetch-storage-access", "destination", "happened", "browser", "option"
//	authorHeaders   the names of the request headers that script set
//	status, error   as recorded
//	happened        "unknown", "delivered", "refused", "failed", "failed-otherwise"
//	preflight       of the recorded preflight: entry, index, status
//	redirectedFrom  of the redirect that led here: entry, index
//	verdicts        a list, one for each browser:
//	    browser         "standard", "chromium", "firefox", "webkit"
//	    verdict         "allowed", "blocked", "undecidable", "not-subject"
//	    reasons         where blocked, all requirements that are not met: reason,
//	                    preflight (true if it is the preflight's response), header
//	                    and value (what failed), subject (what it is about),
//	                    message, anchor (in the standard)
//	    missing         where undecidable: "credentials-mode", "cookies-removed",
//	                    "page-origin", "preflight", "preflight-response", "response",
//	                    "response-headers", "request-headers", "repeats",
//	                    "redacted-values", "url", "request"
//	    alternatives    where credentials-mode is missing, what it would be with each:
//	                    credentials, verdict, reasons, missing
//	    exempt          where not-subject: "same-origin", "navigation", "no-cors",
//	                    "websocket", "not-from-a-page", "other-scheme",
//	                    "service-worker", "never-sent"
//	    preflightFrom   "not-needed", "recorded", "cached", "missing", "implied";
//	                    left out where the page's origin is missing
//	    agreement       with what happened: "explained", "contradicted", "silent"
//	notes           what else matters, in words
//	fidelity        what is not to be relied on, in words
//	assumed         what was assumed instead of what was recorded, in words
//
// Members that have nothing to say are left out. An entry that cannot be read has
// v, file, entry, index, offset and unreadable, which says why; a file that cannot
// be read, or not to its end, has v, file and unreadable.
func Line(dst []byte, r *replay.Result, o *Options) []byte {
	w := writer{slices.Grow(dst, usualLine), o}
	e := r.Exchange
	w.begin(e.Entry, e.Index, e.Offset)
	w.text("id", e.ID)
	if !e.Started.IsZero() {
		w.text("started", e.Started.Format(time.RFC3339Nano))
	}
	w.text("method", e.Request.Method)
	w.text("url", e.Request.URL)
	w.text("page", r.Page)
	if r.Page != "" {
		w.text("pageFrom", r.PageFrom.String())
	}
	if r.Origin != "" {
		w.text("origin", r.Origin)
		w.text("credentials", r.Credentials.String())
		w.text("credentialsFrom", r.CredentialsFrom.String())
	}
	w.texts("authorHeaders", r.AuthorHeaders)
	if e.Response.Status != 0 || e.Response.HasResponse {
		w.number("status", int64(e.Response.Status))
	}
	w.text("error", e.Error)
	w.text("happened", r.Happened.String())
	if p := r.Preflight; p != nil {
		w.open("preflight", '{')
		w.place(p)
		w.number("status", int64(p.Response.Status))
		w.close('}')
	}
	if from := r.RedirectedFrom; from != nil {
		w.open("redirectedFrom", '{')
		w.place(from)
		w.close('}')
	}
	w.open("verdicts", '[')
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		w.open("", '{')
		w.text("browser", v.Engine.Name)
		w.text("verdict", v.Outcome.String())
		w.why(v.Err, v.Missing)
		if len(v.Alternatives) > 0 {
			w.open("alternatives", '[')
			for _, a := range v.Alternatives {
				w.open("", '{')
				credentials := replay.CredentialsNotIncluded
				if a.IncludeCredentials {
					credentials = replay.CredentialsIncluded
				}
				w.text("credentials", credentials.String())
				w.text("verdict", a.Outcome.String())
				w.why(a.Err, a.Missing)
				w.close('}')
			}
			w.close(']')
		}
		if v.Outcome == replay.NotSubject {
			w.text("exempt", v.Exempt.String())
		} else {
			if r.Origin != "" {
				w.text("preflightFrom", v.PreflightFrom.String())
			}
			w.text("agreement", v.Agreement.String())
		}
		w.close('}')
	}
	w.close(']')
	w.texts("notes", r.Notes)
	if f := e.Fidelity &^ (record.OrderLost | record.BodyCut | record.NoResponse); f != 0 {
		w.texts("fidelity", strings.Split(f.String(), ", "))
	}
	w.texts("assumed", o.Assumptions)
	w.close('}')
	return w.b
}

// BadLine appends to dst the JSON object for an entry that cannot be read, or for
// what ended the reading of a file.
func BadLine(dst []byte, err error, o *Options) []byte {
	w := writer{dst, o}
	bad, ok := errors.AsType[*record.EntryError](err)
	if !ok {
		w.open("", '{')
		w.number("v", Version)
		w.text("file", o.File)
		w.text("unreadable", err.Error())
		w.close('}')
		return w.b
	}
	w.begin(bad.Entry, bad.Index, bad.Offset)
	problem := bad.Problem
	if bad.Field != "" {
		problem = bad.Field + " " + problem
	}
	if o.Independent {
		// The byte that a syntax error names depends on where the input began.
		problem, _, _ = strings.Cut(problem, " (byte ")
	}
	w.text("unreadable", problem)
	w.close('}')
	return w.b
}

// A writer appends JSON. Names are in the source, so they need no quoting.
type writer struct {
	b []byte
	o *Options
}

func (w *writer) begin(entry string, index int, offset int64) {
	w.open("", '{')
	w.number("v", Version)
	w.text("file", w.o.File)
	if !w.o.Independent {
		w.text("entry", entry)
		w.number("index", int64(index))
		w.number("offset", offset)
	}
}

func (w *writer) place(e *record.Exchange) {
	w.text("entry", e.Entry)
	w.number("index", int64(e.Index))
}

func (w *writer) why(err *cors.Error, missing replay.Missing) {
	if err != nil {
		w.open("reasons", '[')
		for _, e := range err.All() {
			w.open("", '{')
			w.text("reason", e.Reason.String())
			if e.Preflight {
				w.name("preflight")
				w.b = append(w.b, "true"...)
			}
			w.text("header", e.Header)
			if e.Present {
				w.name("value")
				w.quote(e.Value)
			}
			w.text("subject", e.Subject)
			w.text("message", e.Error())
			w.text("anchor", e.Reason.Anchor())
			w.close('}')
		}
		w.close(']')
	}
	if missing != 0 {
		w.open("missing", '[')
		for one := range missing.All() {
			w.name("")
			w.quote(one.String())
		}
		w.close(']')
	}
}

// name begins a member, or without a name an element.
func (w *writer) name(name string) {
	if n := len(w.b); n > 0 && w.b[n-1] != '{' && w.b[n-1] != '[' && w.b[n-1] != '\n' {
		w.b = append(w.b, ',')
	}
	if name != "" {
		w.b = append(w.b, '"')
		w.b = append(w.b, name...)
		w.b = append(w.b, `":`...)
	}
}

func (w *writer) open(name string, bracket byte) {
	w.name(name)
	w.b = append(w.b, bracket)
}

func (w *writer) close(bracket byte) { w.b = append(w.b, bracket) }

func (w *writer) number(name string, n int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, n, 10)
}

// text writes a member unless it is empty.
func (w *writer) text(name, s string) {
	if s != "" {
		w.name(name)
		w.quote(s)
	}
}

func (w *writer) texts(name string, list []string) {
	if len(list) == 0 {
		return
	}
	w.open(name, '[')
	for _, s := range list {
		w.name("")
		w.quote(s)
	}
	w.close(']')
}

func (w *writer) quote(s string) {
	if !w.o.ShowSecrets {
		s = Redact(s)
	}
	if plain(s) {
		w.b = append(w.b, '"')
		w.b = append(w.b, s...)
		w.b = append(w.b, '"')
		return
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	w.b, _ = jsontext.AppendQuote(w.b, s) // fails only on invalid UTF-8
}

// plain reports whether s stands in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7F || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
