// Package report says in text and in JSON what package replay found out.
package report

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/jsonappend"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/replay"
)

// Version is the version of the JSON lines. It changes when a member changes its
// meaning or goes away; members may come at any time.
const Version = 1

// usualLine is how many bytes most lines have at most.
const usualLine = 2048

// Options are what the outputs have in common.
type Options struct {
	// ShowSecrets keeps tokens in URLs; see [redact.Text]. Cookies and the values of
	// request headers are never part of the output.
	ShowSecrets bool
	// File is the recording's name, for members and headings; empty for none.
	File string
	// Independent leaves out where the entry is in its file, so that a line
	// is the same however the input was split.
	Independent bool
	// Assumptions are those of [replay.Options].
	Assumptions []string

	secrets *redact.Shown // of the exchange that is written about; nil for none
}

// about returns the options under which something is written about a result: what its
// exchange has in cookies and credentials is a secret wherever it is.
func (o *Options) about(r *replay.Result) *Options {
	if o.ShowSecrets || o.secrets != nil {
		return o
	}
	secrets := new(redact.Shown)
	secrets.Learn(r.Exchange.Request.Headers)
	secrets.Learn(r.Exchange.Response.Headers)
	if !secrets.Knows() {
		return o
	}
	about := *o
	about.secrets = secrets
	return &about
}

// statusText returns the reason phrase of a response as it may be shown.
func (o *Options) statusText(e *record.Exchange) string {
	if o.ShowSecrets {
		return e.Response.StatusText
	}
	return redact.StatusText(e.Response.Status, e.Response.StatusText)
}

// text returns a text as it may be shown.
func (o *Options) text(s string) string {
	switch {
	case o.ShowSecrets:
		return s
	case o.secrets != nil:
		return o.secrets.Text(s)
	}
	return redact.Text(s)
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
//	                    and value (what failed; left out where it is the
//	                    one of the reason before), subject (what it is about),
//	                    message, anchor (in the standard)
//	    missing         where undecidable: "credentials-mode", "cookies-removed",
//	                    "page-origin", "preflight", "preflight-response", "response",
//	                    "response-headers", "request-headers", "repeats",
//	                    "redacted-values", "url", "request", "request-mode"
//	    alternatives    where credentials-mode is missing, what it would be with each:
//	                    credentials, verdict, reasons, missing
//	    exempt          where not-subject: "same-origin", "navigation", "no-cors",
//	                    "websocket", "not-from-a-page", "other-scheme",
//	                    "service-worker", "never-sent", "extension"
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
	o = o.about(r)
	w := o.writer(slices.Grow(dst, usualLine))
	e := r.Exchange
	w.begin(e.Entry, e.Index, e.Offset)
	w.Text("id", e.ID)
	if !e.Started.IsZero() {
		w.Text("started", e.Started.Format(time.RFC3339Nano))
	}
	w.Text("method", e.Request.Method)
	w.Text("url", e.Request.URL)
	w.Text("page", r.Page)
	if r.Page != "" {
		w.Word("pageFrom", r.PageFrom.String())
	}
	if r.Origin != "" {
		w.Text("origin", r.Origin)
		w.Word("credentials", r.Credentials.String())
		w.Word("credentialsFrom", r.CredentialsFrom.String())
	}
	w.Texts("authorHeaders", r.AuthorHeaders)
	if e.Response.Status != 0 || e.Response.HasResponse {
		w.Number("status", int64(e.Response.Status))
	}
	w.Text("error", e.Error)
	w.Word("happened", r.Happened.String())
	if p := r.Preflight; p != nil {
		w.Open("preflight", '{')
		w.place(p)
		w.Number("status", int64(p.Response.Status))
		w.Close('}')
	}
	if from := r.RedirectedFrom; from != nil {
		w.Open("redirectedFrom", '{')
		w.place(from)
		w.Close('}')
	}
	w.Open("verdicts", '[')
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		w.Open("", '{')
		w.Word("browser", v.Engine.Name())
		if v.Engine.Label() != v.Engine.Name() { // it is of another version than the name alone means
			w.Text("version", v.Engine.Version())
		}
		w.Word("verdict", v.Outcome.String())
		w.why(v.Err, v.Missing)
		w.Text("permission", v.Permission)
		if len(v.Alternatives) > 0 {
			w.Open("alternatives", '[')
			for _, a := range v.Alternatives {
				w.Open("", '{')
				credentials := replay.CredentialsNotIncluded
				if a.IncludeCredentials {
					credentials = replay.CredentialsIncluded
				}
				w.Word("credentials", credentials.String())
				w.Word("verdict", a.Outcome.String())
				w.why(a.Err, a.Missing)
				w.Close('}')
			}
			w.Close(']')
		}
		if v.Outcome == replay.NotSubject {
			w.Word("exempt", v.Exempt.String())
		} else {
			if r.Origin != "" {
				w.Word("preflightFrom", v.PreflightFrom.String())
			}
			w.Word("agreement", v.Agreement.String())
		}
		w.Close('}')
	}
	w.Close(']')
	w.Texts("notes", r.Notes)
	if f := e.Fidelity &^ (record.OrderLost | record.BodyCut | record.NoResponse); f != 0 {
		w.Texts("fidelity", strings.Split(f.String(), ", "))
	}
	w.Texts("assumed", o.Assumptions)
	w.Close('}')
	return w.Bytes
}

// BadLine appends to dst the JSON object for an entry that cannot be read, or for
// what ended the reading of a file.
func BadLine(dst []byte, err error, o *Options) []byte {
	w := o.writer(dst)
	bad, ok := errors.AsType[*record.EntryError](err)
	if !ok {
		w.Open("", '{')
		w.Number("v", Version)
		w.Text("file", o.File)
		w.Text("unreadable", err.Error())
		w.Close('}')
		return w.Bytes
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
	w.Text("unreadable", problem)
	w.Close('}')
	return w.Bytes
}

// A writer appends the JSON of what is in a recording.
type writer struct {
	jsonappend.Writer
	o *Options
}

func (o *Options) writer(dst []byte) writer {
	w := writer{jsonappend.Writer{Bytes: dst}, o}
	if !o.ShowSecrets {
		w.Clean = o.text
	}
	return w
}

func (w *writer) begin(entry string, index int, offset int64) {
	w.Open("", '{')
	w.Number("v", Version)
	w.Text("file", w.o.File)
	if !w.o.Independent {
		w.Text("entry", entry)
		w.Number("index", int64(index))
		w.Number("offset", offset)
	}
}

func (w *writer) place(e *record.Exchange) {
	w.Text("entry", e.Entry)
	w.Number("index", int64(e.Index))
}

// maxMessage bounds the message of a reason, in bytes.
const maxMessage = 1000

// shortened drops the middle of a text that is too long, at bytes where characters begin.
func shortened(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage/2], "") + "…" + strings.ToValidUTF8(s[len(s)-maxMessage/2:], "")
}

func (w *writer) why(err *cors.Error, missing replay.Missing) {
	if err != nil {
		w.Open("reasons", '[')
		var before *cors.Error
		for _, e := range err.All() {
			w.Open("", '{')
			w.Word("reason", e.Reason.String())
			if e.Preflight {
				w.Raw("preflight", "true")
			}
			w.Text("header", e.Header)
			// Of many names that one value does not list, each is a reason: the value is written once.
			if again := before != nil && before.Header == e.Header && before.Value == e.Value; e.Present && !again {
				w.Must("value", e.Value)
			}
			before = e
			w.Text("subject", e.Subject)
			w.Text("message", shortened(e.Detail()))
			w.Word("anchor", e.Reason.Anchor())
			w.Close('}')
		}
		w.Close(']')
	}
	if missing != 0 {
		w.Open("missing", '[')
		for one := range missing.All() {
			w.Word("", one.String())
		}
		w.Close(']')
	}
}
