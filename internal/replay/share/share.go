// Package share writes copies of recordings that hold no secrets.
package share

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/jsonappend"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/origin"
)

// Share writes a recording as a HAR that can be shared and that is judged as the
// recording is. It holds nothing but what judging needs: no bodies, no cookies, no
// values of headers that matter to no verdict, no titles; of URLs the words of the
// path and the names of the parameters. What it replaces in a URL it replaces by a
// name that is the same for the same secret in this file, and in no other.
//
// The recording is read twice, by readers that open returns: what is a cookie's value or
// that of credentials anywhere in it is left out everywhere.
//
// An entry that cannot be read is null in the copy, so that numbers stay the
// same; bad is told of each, and of entries whose request was not recorded. The
// error is that of reading or writing.
func Share(out io.Writer, open func() (*record.Reader, error), bad func(error)) error {
	secrets := redact.NewCopy()
	if err := learn(secrets, open); err != nil {
		return err
	}
	in, err := open()
	if err != nil {
		return err
	}
	s := &sharer{out: bufio.NewWriterSize(out, 64<<10), secrets: secrets}
	for e, err := range exchanges(in) {
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

// learn reads a recording for what is secret in it.
func learn(secrets *redact.Copy, open func() (*record.Reader, error)) error {
	in, err := open()
	if err != nil {
		return err
	}
	if in.Format() == record.NetLog {
		return errors.New("a HAR cannot hold what a NetLog says about the browser's decisions: record a HAR, or capture the NetLog without cookies and credentials")
	}
	for e, err := range exchanges(in) {
		if err == nil {
			secrets.Learn(e.Request.Headers)
			secrets.Learn(e.Response.Headers)
		} else if _, ok := errors.AsType[*record.EntryError](err); !ok {
			return nil // writing comes to this end too, and says so
		}
	}
	return nil
}

// exchanges returns what a reader reads, up to the end or to an error that ends reading.
func exchanges(in *record.Reader) iter.Seq2[*record.Exchange, error] {
	return func(yield func(*record.Exchange, error) bool) {
		for {
			e, err := in.Next()
			if err == io.EOF {
				return
			}
			_, one := errors.AsType[*record.EntryError](err)
			if !yield(e, err) || err != nil && !one {
				return
			}
		}
	}
}

type sharer struct {
	w       jsonappend.Writer
	out     *bufio.Writer
	secrets *redact.Copy
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
		s.w.Bytes = append(s.w.Bytes, ',')
	}
	s.w.Bytes = append(s.w.Bytes, '\n')
	if e == nil {
		s.w.Bytes = append(s.w.Bytes, "null"...)
	} else {
		s.entry(e)
	}
	return s.flush()
}

func (s *sharer) flush() error {
	_, err := s.out.Write(s.w.Bytes)
	s.w.Bytes = s.w.Bytes[:0]
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
	w.Open("", '{')
	w.Open("log", '{')
	w.Text("version", "1.2")
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
	w.Open("entries", '[')
	s.begun, s.entries = true, 0
}

func (s *sharer) end(log record.Log) {
	w := &s.w
	w.Bytes = append(w.Bytes, '\n')
	w.Close(']')
	if !s.pages {
		s.writePages(log)
	}
	w.Close('}')
	w.Close('}')
	w.Bytes = append(w.Bytes, '\n')
	s.begun = false
}

func (s *sharer) product(name, product, version string) {
	product, version = s.secrets.Product(product, version)
	s.w.Open(name, '{')
	s.w.Text("name", product)
	s.w.Must("version", version)
	s.w.Close('}')
}

func (s *sharer) writePages(log record.Log) {
	w := &s.w
	w.Open("pages", '[')
	for _, page := range log.Pages {
		w.Open("", '{')
		w.Text("id", s.secrets.Name(page.ID))
		s.w.Must("title", s.secrets.OriginOf(page.URL))
		w.Open("pageTimings", '{')
		w.Close('}')
		w.Close('}')
	}
	w.Close(']')
}

func (s *sharer) flag(name string, is bool) {
	if is {
		s.w.Raw(name, "true")
	}
}

// representatives stand for the addresses of an address space, which is all that a verdict needs of one.
var representatives = map[origin.AddressSpace]string{
	origin.SpacePublic: "192.0.2.1", origin.SpaceLocal: "10.0.0.1", origin.SpaceLoopback: "127.0.0.1",
}

func (s *sharer) entry(e *record.Exchange) {
	w := &s.w
	w.Open("", '{')
	if e.Initiator != "" || e.InitiatorID != "" {
		w.Open("_initiator", '{')
		w.Text("type", s.secrets.Kind(e.Initiator))
		w.Text("requestId", s.secrets.Name(e.InitiatorID))
		w.Close('}')
	}
	w.Text("_resourceType", s.secrets.Kind(e.ResourceType))
	w.Text("_requestId", s.secrets.Name(e.ID))
	w.Text("pageref", s.secrets.Name(e.Page.ID))
	if e.Page.ID == "" && e.Page.URL != "" {
		w.Text("pageURL", s.secrets.OriginOf(e.Page.URL))
	}
	if !e.Started.IsZero() {
		w.Text("startedDateTime", e.Started.Format(time.RFC3339Nano))
	}
	w.Text("serverIPAddress", representatives[e.AddressSpace])
	w.Name("time")
	w.Bytes = fmt.Appendf(w.Bytes, "%g", float64(e.Duration)/float64(time.Millisecond))
	s.request(e)
	s.response(e)
	if w.Text("_error", s.secrets.Error(e.Error)); e.Error == "" && e.ErrorKnown {
		w.Name("_error")
		w.Bytes = append(w.Bytes, "null"...)
	}
	s.flag("_wasAborted", e.Aborted)
	s.flag("_wasFulfilled", e.Fulfilled)
	s.flag("_apiRequest", e.APIRequest)
	s.flag("_fetchedViaServiceWorker", e.FromServiceWorker)
	if e.FromCache {
		w.Text("_fromCache", "disk")
	}
	// HAR wants these.
	w.Bytes = append(w.Bytes, `,"cache":{},"timings":{"send":0,"wait":0,"receive":0}}`...)
}

func (s *sharer) request(e *record.Exchange) {
	w, r := &s.w, &e.Request
	w.Open("request", '{')
	s.w.Must("method", s.secrets.Method(r.Method))
	s.w.Must("url", s.secrets.RequestURL(r.URL))
	s.w.Must("httpVersion", s.secrets.HTTPVersion(r.HTTPVersion))
	list := make(headers.List, 0, len(r.Headers)+4)
	for _, pseudo := range [...]headers.Header{
		{Name: ":method", Value: s.secrets.Method(r.Pseudo.Method)}, {Name: ":scheme", Value: s.secrets.Scheme(r.Pseudo.Scheme)},
		{Name: ":authority", Value: s.secrets.Authority(r.Pseudo.Authority)}, {Name: ":path", Value: s.secrets.URL(r.Pseudo.Path)},
	} {
		if pseudo.Value != "" {
			list = append(list, pseudo)
		}
	}
	for _, h := range r.Headers {
		list = append(list, headers.Header{Name: s.secrets.HeaderName(h.Name), Value: s.secrets.Header(h.Name, h.Value)})
	}
	s.headers(e, list)
	w.Bytes = append(w.Bytes, `,"queryString":[],"cookies":[`...)
	if r.HasCookies && !r.Headers.Contains("cookie") {
		w.Bytes = append(w.Bytes, `{"name":"`+redact.Redacted+`","value":"`+redact.Redacted+`"}`...)
	}
	w.Bytes = append(w.Bytes, `],"headersSize":-1`...)
	w.Number("bodySize", r.BodySize)
	if r.HasBody {
		w.Open("postData", '{')
		s.w.Must("mimeType", s.secrets.MIMEType(r.PostMIMEType))
		s.w.Must("text", redact.Redacted)
		w.Close('}')
	}
	w.Close('}')
}

func (s *sharer) response(e *record.Exchange) {
	w, r := &s.w, &e.Response
	w.Open("response", '{')
	w.Number("status", int64(r.Status))
	s.w.Must("statusText", s.secrets.StatusText(r.Status, r.StatusText))
	s.w.Must("httpVersion", s.secrets.HTTPVersion(r.HTTPVersion))
	list := slices.Clone(r.Headers)
	for i, h := range list {
		list[i] = headers.Header{Name: s.secrets.HeaderName(h.Name), Value: s.secrets.Header(h.Name, h.Value)}
	}
	s.headers(e, list)
	w.Bytes = append(w.Bytes, `,"cookies":[],"content":{"size":0`...)
	s.w.Must("mimeType", s.secrets.MIMEType(r.MIMEType))
	w.Close('}')
	s.w.Must("redirectURL", s.secrets.URL(r.RedirectURL))
	w.Bytes = append(w.Bytes, `,"headersSize":-1`...)
	w.Number("bodySize", r.BodySize)
	w.Close('}')
}

// headers writes a list of headers. One of which the repeats were lost is an
// object, as it was.
func (s *sharer) headers(e *record.Exchange, list headers.List) {
	w := &s.w
	object := e.Fidelity.Has(record.RepeatsMerged)
	if object {
		w.Open("headers", '{')
	} else {
		w.Open("headers", '[')
	}
	for _, h := range list {
		name, value := decodeBytes(e, h.Name), decodeBytes(e, h.Value)
		if object {
			w.Name("")
			w.Quote(name)
			w.Bytes = append(w.Bytes, ':')
			w.Quote(value)
			continue
		}
		w.Open("", '{')
		s.w.Must("name", name)
		s.w.Must("value", value)
		w.Close('}')
	}
	if object {
		w.Close('}')
	} else {
		w.Close(']')
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
