package report

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// Share writes a recording as a HAR that can be shared and that is judged as the
// recording is. It holds nothing but what judging needs: no bodies, no cookies, no
// values of headers that matter to no verdict, no titles; of URLs the words of the
// path and the names of the parameters. What it replaces in a URL it replaces by a
// name that is the same for the same secret in this file, and in no other.
//
// An entry that cannot be read stands in it as null, so that numbers stay the
// same; bad is told of each, and of entries whose request was not recorded. The
// error is that of reading or writing.
func Share(out io.Writer, in *record.Reader, bad func(error)) error {
	if in.Format() == record.NetLog {
		return errors.New("a HAR cannot hold what a NetLog says about the browser's decisions: record a HAR, or capture the NetLog without cookies and credentials")
	}
	s := &sharer{w: writer{o: &Options{ShowSecrets: true}}, out: bufio.NewWriterSize(out, 64<<10)}
	s.secrets.key = make([]byte, 32)
	rand.Read(s.secrets.key) // never fails
	for {
		e, err := in.Next()
		if err == io.EOF {
			break
		}
		if _, ok := errors.AsType[*record.EntryError](err); ok {
			bad(err)
			e, err = nil, nil
		}
		if err != nil {
			// What is there so far is a HAR as well.
			return errors.Join(err, s.finish(in.Log()))
		}
		if e != nil && e.Fidelity.Has(record.RequestMissing) {
			bad(fmt.Errorf("%s: its request was not recorded, so that a HAR cannot hold it", e.Entry))
			e = nil
		}
		if err := s.add(in.Log(), e); err != nil {
			return err
		}
	}
	return s.finish(in.Log())
}

type sharer struct {
	w       writer
	out     *bufio.Writer
	secrets pseudonymizer
	begun   bool // a HAR
	pages   bool // it has its pages
	entries int
	log     record.Log
}

// add writes an entry, nil for a bad one.
func (s *sharer) add(log record.Log, e *record.Exchange) error {
	if s.begun && (log.Creator != s.log.Creator || log.Browser != s.log.Browser) {
		// Another recording behind the first.
		s.end(s.log)
	}
	if !s.begun {
		s.begin(log)
	}
	s.log = log
	if s.entries++; s.entries > 1 {
		s.w.b = append(s.w.b, ',')
	}
	s.w.b = append(s.w.b, '\n')
	if e == nil {
		s.w.b = append(s.w.b, "null"...)
	} else {
		s.entry(e)
	}
	return s.flush()
}

func (s *sharer) flush() error {
	_, err := s.out.Write(s.w.b)
	s.w.b = s.w.b[:0]
	return err
}

func (s *sharer) finish(log record.Log) error {
	if !s.begun {
		s.begin(log)
	}
	s.end(log)
	return errors.Join(s.flush(), s.out.Flush())
}

func (s *sharer) begin(log record.Log) {
	w := &s.w
	w.open("", '{')
	w.open("log", '{')
	w.text("version", "1.2")
	creator := log.Creator
	if creator == "" {
		creator = "corsim"
	}
	s.product("creator", creator, log.CreatorVersion)
	if log.Browser != "" {
		s.product("browser", log.Browser, log.BrowserVersion)
	}
	if s.pages = len(log.Pages) > 0; s.pages {
		s.writePages(log)
	}
	w.open("entries", '[')
	s.begun, s.entries = true, 0
}

func (s *sharer) end(log record.Log) {
	w := &s.w
	w.b = append(w.b, '\n')
	w.close(']')
	if !s.pages {
		s.writePages(log)
	}
	w.close('}')
	w.close('}')
	w.b = append(w.b, '\n')
	s.begun = false
}

func (s *sharer) product(name, product, version string) {
	s.w.open(name, '{')
	s.w.text("name", product)
	s.must("version", version)
	s.w.close('}')
}

func (s *sharer) writePages(log record.Log) {
	w := &s.w
	w.open("pages", '[')
	for _, page := range log.Pages {
		w.open("", '{')
		w.text("id", s.secrets.name(page.ID))
		s.must("title", originOf(page.URL))
		w.open("pageTimings", '{')
		w.close('}')
		w.close('}')
	}
	w.close(']')
}

// originOf returns the URL of a page without its path.
func originOf(url string) string {
	u, err := weburl.Parse(url)
	if err != nil {
		return ""
	}
	scheme, rest, ok := strings.Cut(u.String(), "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return scheme + "://" + rest[strings.LastIndexByte(rest, '@')+1:] + "/"
}

// must writes a member even if it is empty.
func (s *sharer) must(name, value string) {
	s.w.name(name)
	s.w.quote(value)
}

func (s *sharer) flag(name string, is bool) {
	if is {
		s.w.name(name)
		s.w.b = append(s.w.b, "true"...)
	}
}

func (s *sharer) entry(e *record.Exchange) {
	w := &s.w
	w.open("", '{')
	if e.Initiator != "" || e.InitiatorID != "" {
		w.open("_initiator", '{')
		w.text("type", e.Initiator)
		w.text("requestId", s.secrets.name(e.InitiatorID))
		w.close('}')
	}
	w.text("_resourceType", e.ResourceType)
	w.text("_requestId", s.secrets.name(e.ID))
	w.text("pageref", s.secrets.name(e.Page.ID))
	if e.Page.ID == "" && e.Page.URL != "" {
		w.text("pageURL", originOf(e.Page.URL))
	}
	if !e.Started.IsZero() {
		w.text("startedDateTime", e.Started.Format(time.RFC3339Nano))
	}
	w.name("time")
	w.b = fmt.Appendf(w.b, "%g", float64(e.Duration)/float64(time.Millisecond))
	s.request(e)
	s.response(e)
	if w.text("_error", s.secrets.text(e.Error)); e.Error == "" && e.ErrorKnown {
		w.name("_error")
		w.b = append(w.b, "null"...)
	}
	s.flag("_wasAborted", e.Aborted)
	s.flag("_wasFulfilled", e.Fulfilled)
	s.flag("_apiRequest", e.APIRequest)
	s.flag("_fetchedViaServiceWorker", e.FromServiceWorker)
	if e.FromCache {
		w.text("_fromCache", "disk")
	}
	// HAR wants these.
	w.b = append(w.b, `,"cache":{},"timings":{"send":0,"wait":0,"receive":0}}`...)
}

func (s *sharer) request(e *record.Exchange) {
	w, r := &s.w, &e.Request
	w.open("request", '{')
	s.must("method", r.Method)
	s.must("url", s.url(r.URL))
	s.must("httpVersion", r.HTTPVersion)
	list := make(headers.List, 0, len(r.Headers)+4)
	for _, pseudo := range [...]headers.Header{
		{Name: ":method", Value: r.Pseudo.Method}, {Name: ":scheme", Value: r.Pseudo.Scheme},
		{Name: ":authority", Value: s.secrets.authority(r.Pseudo.Authority)}, {Name: ":path", Value: s.secrets.url(r.Pseudo.Path)},
	} {
		if pseudo.Value != "" {
			list = append(list, pseudo)
		}
	}
	for _, h := range r.Headers {
		h.Value = s.requestHeader(h.Name, h.Value)
		list = append(list, h)
	}
	s.headers(e, list)
	w.b = append(w.b, `,"queryString":[],"cookies":[`...)
	if r.HasCookies && !r.Headers.Contains("cookie") {
		w.b = append(w.b, `{"name":"`+redacted+`","value":"`+redacted+`"}`...)
	}
	w.b = append(w.b, `],"headersSize":-1`...)
	w.number("bodySize", r.BodySize)
	if r.HasBody {
		w.open("postData", '{')
		s.must("mimeType", r.PostMIMEType)
		s.must("text", redacted)
		w.close('}')
	}
	w.close('}')
}

// url returns the URL of a request as it may be shared: as browsers spell it, or
// if it is none for them, none.
func (s *sharer) url(raw string) string {
	u, err := weburl.Parse(raw)
	if err != nil {
		return redacted
	}
	return s.secrets.url(u.String())
}

func (s *sharer) response(e *record.Exchange) {
	w, r := &s.w, &e.Response
	w.open("response", '{')
	w.number("status", int64(r.Status))
	s.must("statusText", s.secrets.text(r.StatusText))
	s.must("httpVersion", r.HTTPVersion)
	list := slices.Clone(r.Headers)
	for i, h := range list {
		list[i].Value = s.responseHeader(headers.Lower(h.Name), h.Value)
	}
	s.headers(e, list)
	w.b = append(w.b, `,"cookies":[],"content":{"size":0`...)
	s.must("mimeType", r.MIMEType)
	w.close('}')
	s.must("redirectURL", s.secrets.url(r.RedirectURL))
	w.b = append(w.b, `,"headersSize":-1`...)
	w.number("bodySize", r.BodySize)
	w.close('}')
}

// headers writes a list of headers. One of which the repeats were lost is an
// object, as it was.
func (s *sharer) headers(e *record.Exchange, list headers.List) {
	w := &s.w
	object := e.Fidelity.Has(record.RepeatsMerged)
	if object {
		w.open("headers", '{')
	} else {
		w.open("headers", '[')
	}
	for _, h := range list {
		name, value := decodeBytes(e, h.Name), decodeBytes(e, h.Value)
		if object {
			w.name("")
			w.quote(name)
			w.b = append(w.b, ':')
			w.quote(value)
			continue
		}
		w.open("", '{')
		s.must("name", name)
		s.must("value", value)
		w.close('}')
	}
	if object {
		w.close('}')
	} else {
		w.close(']')
	}
}

// decodeBytes returns the text that the reader makes the bytes s of.
func decodeBytes(e *record.Exchange, s string) string {
	if e.Fidelity.Has(record.BytesUnsure) && utf8.ValidString(s) {
		return s
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return headers.IsomorphicDecode(s)
		}
	}
	return s
}

// requestHeader returns the value of a request header as it may be shared.
func (s *sharer) requestHeader(name, value string) string {
	if value == "" { // no credentials in it, for one
		return ""
	}
	switch name {
	case "accept", "accept-encoding", "accept-language", "access-control-request-headers", "access-control-request-method",
		"access-control-request-private-network", "cache-control", "connection", "content-encoding", "content-language", "content-length", "content-type",
		"dnt", "expect", "pragma", "priority", "purpose", "range", "sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site",
		"sec-fetch-storage-access", "sec-fetch-user", "sec-gpc", "sec-purpose", "te", "transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent",
		"x-http-method", "x-http-method-override", "x-method-override":
		return value
	case "host":
		return s.secrets.authority(value)
	case "origin":
		return s.originOrText(value)
	case "referer":
		return originOf(value)
	case "authorization":
		if scheme, _, ok := strings.Cut(value, " "); ok && headers.IsToken(scheme) {
			return scheme + " " + redacted
		}
	}
	return redacted
}

// responseHeader returns the value of a response header as it may be shared.
func (s *sharer) responseHeader(name, value string) string {
	switch name {
	case "age", "cache-control", "connection", "content-encoding", "content-language", "content-length", "content-type",
		"cross-origin-embedder-policy", "cross-origin-opener-policy", "cross-origin-resource-policy", "date", "expires",
		"server", "strict-transport-security", "timing-allow-origin", "transfer-encoding", "upgrade", "vary":
		return value
	case "location":
		return s.secrets.url(value)
	}
	if strings.HasPrefix(name, "access-control-") {
		return s.originOrText(value)
	}
	return redacted
}

// originOrText returns the value of Origin, or of what it is held against: an origin has
// no secrets, and what is none may have.
func (s *sharer) originOrText(value string) string {
	if _, err := origin.Parse(value); err == nil {
		return value
	}
	return s.secrets.text(value)
}
