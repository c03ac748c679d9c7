package record

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/origin"
)

// A Raw is an entry that has been found but not yet decoded. It holds at most
// [MaxEntryBytes] and shares nothing with the reader that cannot be shared.
type Raw struct {
	index               int
	entry               string
	offset, line        int64
	items               string
	requests, responses int  // headers among items
	cookies             bool // one of the headers that sanitizing removes was seen by now
	log                 *Log
	field, problem      string    // of a bad entry
	exchange            *Exchange // of the formats that leave no work to do here
	logged              []byte    // a line of an access log
}

// Index returns the position among the entries of the input, as in [Exchange].
func (r Raw) Index() int { return r.index }

// Size returns about how many bytes r holds.
func (r Raw) Size() int {
	if r.exchange != nil {
		return cost(r.exchange)
	}
	return len(r.items) + len(r.logged)
}

// Decode returns the exchange, or an [*EntryError] where the entry is bad. It
// may be called from any goroutine, and once.
func (r Raw) Decode() (*Exchange, error) {
	if r.problem != "" {
		return nil, &EntryError{r.index, r.entry, r.offset, r.line, r.field, r.problem}
	}
	if r.exchange != nil {
		return r.exchange, nil
	}
	if r.logged != nil {
		return r.decodeLogged()
	}
	d := decoder{Exchange: Exchange{Index: r.index, Entry: r.entry, Offset: r.offset, Line: r.line}}
	d.run(r)
	for f := range paths {
		if problem, ok := d.problems[field(f)]; ok {
			return nil, &EntryError{r.index, r.entry, r.offset, r.line, paths[f], problem}
		}
	}
	return &d.Exchange, nil
}

type decoder struct {
	Exchange
	problems map[field]string // the first of each field; made where there is one

	name    string // of the header being read
	value   string
	values  bool // a value has been read
	started bool // a header is being read
	object  bool // the headers are an object
	lines   bool // in which each value of a header is by itself

	contentSize int64
	contentText bool

	place place // the URL in parts
}

func (d *decoder) wrong(f field, problem string) {
	if d.problems == nil {
		d.problems = make(map[field]string)
	}
	if d.problems[f] == "" {
		d.problems[f] = problem
	}
}

// again forgets what was wrong with a member, and with its own members, because
// another of the same name takes its place.
func (d *decoder) again(f field) {
	last := f
	switch f {
	case fRequest:
		last = fResponse - 1
	case fResponse:
		last = fContentComment
	}
	for ; f <= last && d.problems != nil; f++ {
		delete(d.problems, f)
	}
}

func path(f field) string {
	if int(f) < len(paths) {
		return paths[f]
	}
	return ""
}

func (d *decoder) run(r Raw) {
	d.Request = Request{BodySize: -1}
	d.Response = Response{BodySize: -1}
	if r.log != nil {
		d.Fidelity |= r.log.dialect.fidelity()
	}
	var pageRef string
	list := noField // the list of headers being read
	for items := r.items; items != ""; {
		var it item
		it, items = nextItem(items)
		switch it.field {
		case fRequestHeader, fResponseHeader:
			d.endHeader(list)
			if it.kind != kindObject && it.kind != kindList && it.kind != kindLines {
				d.wrong(list, "has a member that "+it.describe()+", not an object with name and value")
				continue
			}
			if it.kind != kindList {
				d.name, d.lines = "", it.kind == kindLines
			}
			if list == fResponseHeaders && d.object && it.kind == kindObject {
				d.Fidelity |= RepeatsMerged
			}
			d.value, d.values, d.started = "", false, true
			continue
		case fRequestHeaderName, fResponseHeaderName:
			name, ok := it.text()
			if !ok {
				d.wrong(list, "has a name that "+it.describe())
			}
			if it.kind == kindEscaped {
				name = headers.Lower(name)
			}
			d.name = d.bytes(name)
			continue
		case fRequestHeaderValue, fResponseHeaderValue:
			value, ok := it.text()
			if !ok {
				d.wrong(list, "has a value that "+it.describe())
			}
			d.value, d.values = d.bytes(value), true
			continue
		}
		d.endHeader(list)
		switch it.field {
		case fRequestHeaders:
			list = it.field
			d.Request.Headers = nil
			if d.headerList(it) {
				d.Request.Headers = make(headers.List, 0, r.requests)
			}
		case fResponseHeaders:
			list = it.field
			d.Response.Headers = nil
			if d.headerList(it) {
				d.Response.Headers = make(headers.List, 0, r.responses)
			}
		case fPageRef:
			pageRef, _ = it.text()
		default:
			d.member(it)
		}
	}
	d.endHeader(list)
	d.finish(r, pageRef)
}

// headerList reports whether it begins a list of headers.
func (d *decoder) headerList(it item) bool {
	d.again(it.field)
	d.object = it.kind == kindObject
	switch {
	case it.kind == kindObject:
		return true
	case it.kind == kindList:
		return true
	case !it.null():
		d.wrong(it.field, it.describe()+", not a list of headers")
	}
	return false
}

func (d *decoder) endHeader(list field) {
	if !d.started {
		return
	}
	d.started = false
	if d.name == "" {
		d.wrong(list, "has a header without a name")
		return
	}
	if d.lines && !d.values {
		return // an empty list
	}
	l := &d.Request.Headers
	if list == fResponseHeaders {
		l = &d.Response.Headers
	}
	if d.name[0] == ':' {
		if list == fRequestHeaders {
			d.Request.Pseudo.set(d.name, d.value)
		}
		return
	}
	if Redacted(d.value) {
		d.Fidelity |= ValuesRedacted
	}
	appendLines(l, d.name, d.value)
}

func (p *Pseudo) set(name, value string) {
	switch name {
	case ":method":
		p.Method = value
	case ":scheme":
		p.Scheme = value
	case ":authority":
		p.Authority = value
	case ":path":
		p.Path = value
	}
}

// appendLines appends the header once for each line of value, because Chromium
// joins repeated headers with line feeds. A line feed at the very end is the
// end of a line, not the beginning of an empty one.
func appendLines(l *headers.List, name, value string) {
	rest, more := value, true
	for more {
		value, rest, more = strings.Cut(rest, "\n")
		more = more && rest != ""
		*l = append(*l, headers.Header{Name: name, Value: headers.Normalize(value)})
	}
}

// Redacted reports whether value is what sanitizers put in place of one:
// "[Cookie redacted]", "<removed>", "REDACTED", "***".
func Redacted(value string) bool { return redact.IsPlaceholder(value) }

// RedactedHost reports whether a host is one that sanitizers put in place of another.
func RedactedHost(host string) bool {
	return strings.Contains(host, "*") || Redacted(host)
}

func (d *decoder) bytes(s string) string {
	s, unsure := headerBytes(s)
	if unsure {
		d.Fidelity |= BytesUnsure
	}
	return s
}

// str keeps a string in s, as it is in the file.
func str(s *string, it item) {
	if v, ok := it.text(); ok {
		*s = v
	}
}

// member takes one item that is not a header.
func (d *decoder) member(it item) {
	req, resp := &d.Request, &d.Response
	d.again(it.field)
	switch it.field {
	case fStarted:
		s, _ := it.text()
		d.Started = timestamp(s)
	case fTime:
		ms, _ := it.number()
		d.Duration = milliseconds(ms)
	case fScheme, fHost, fPort, fPath, fQuery:
		d.place.take(it)
	case fCharlesState:
		if s, _ := it.text(); s != "" && s != "COMPLETE" && d.Error == "" {
			d.Error = "Charles: " + headers.Lower(s)
		}
	case fPageURL:
		str(&d.Page.URL, it)
	case fServerAddress:
		s, _ := it.text()
		if _, address, ok := strings.Cut(s, "/"); ok {
			s = address // Charles writes the name before it
		}
		d.AddressSpace = origin.HostAddressSpace(s)
	case fID:
		str(&d.ID, it)
	case fInitiator:
		d.Initiator, d.InitiatorID = "", ""
		if it.kind != kindObject {
			str(&d.Initiator, it)
		}
	case fInitiatorType:
		str(&d.Initiator, it)
	case fInitiatorID:
		str(&d.InitiatorID, it)
	case fResourceType:
		str(&d.ResourceType, it)
	case fFetchType:
		s, _ := it.text()
		d.FromCache = d.FromCache || s == "Memory Cache" || s == "Disk Cache"
		d.FromServiceWorker = d.FromServiceWorker || s == "Service Worker"
	case fError:
		d.ErrorKnown = true
		if s, _ := it.text(); s != "" {
			d.Error = s
		}
	case fAborted:
		d.Aborted = it.truth()
	case fFromCache:
		d.FromCache = d.FromCache || it.truth()
	case fFromServiceWorker:
		d.FromServiceWorker = d.FromServiceWorker || it.truth()
	case fAPIRequest:
		d.APIRequest = it.truth()
	case fFulfilled:
		d.Fulfilled = it.truth()

	case fRequest:
		*req = Request{BodySize: -1}
		if it.kind != kindObject {
			d.wrong(fRequest, it.describe()+", not an object")
		}
	case fMethod:
		if s, ok := it.text(); ok {
			req.Method = s
		} else {
			d.wrong(fMethod, it.describe()+", not a string")
		}
	case fURL:
		if s, ok := it.text(); ok {
			req.URL = s
		} else {
			d.wrong(fURL, it.describe()+", not a string")
		}
	case fRequestVersion:
		str(&req.HTTPVersion, it)
	case fRequestCookies:
		req.HasCookies = it.kind == kindString && it.raw != ""
	case fRequestBodySize:
		size(&req.BodySize, it)
	case fPostData:
		req.HasBody = it.truth() && !(it.kind == kindString && it.raw == "")
		req.BodyKnown = req.HasBody
	case fPostMIMEType:
		str(&req.PostMIMEType, it)

	case fResponse:
		*resp = Response{BodySize: -1}
		d.contentSize, d.contentText = 0, false
		if it.kind != kindObject && !it.null() {
			d.wrong(fResponse, it.describe()+", not an object")
		}
	case fStatus:
		n, ok := it.integer()
		if s, text := it.text(); !ok && !(text && s == "") {
			d.wrong(fStatus, it.describe()+", not a number")
		}
		if n < -999_999 || n > 999_999 {
			d.wrong(fStatus, it.describe()+", not a status")
		}
		resp.Status = int(n)
	case fStatusText:
		str(&resp.StatusText, it)
	case fResponseVersion:
		str(&resp.HTTPVersion, it)
	case fRedirectURL:
		str(&resp.RedirectURL, it)
	case fResponseBodySize:
		size(&resp.BodySize, it)
	case fMIMEType:
		str(&resp.MIMEType, it)
	case fContentSize:
		size(&d.contentSize, it)
	case fContentText:
		d.contentText = !it.null()
	case fContentComment:
		if s, _ := it.text(); s != "" {
			d.Fidelity |= BodyCut
		}
	}
}

// size keeps a size, as far as it is one.
func size(n *int64, it item) {
	if v, ok := it.integer(); ok && v >= 0 {
		*n = v
	}
}

// finish draws the conclusions that need the whole entry.
func (d *decoder) finish(r Raw, pageRef string) {
	req := &d.Request
	if req.URL == "" {
		req.URL = d.place.url()
	}
	if req.URL == "" && len(d.problems) == 0 {
		d.wrong(fURL, "is missing, so that there is nothing to say about the entry")
	}
	if req.Method == "" {
		req.Method = req.Pseudo.Method
	}
	if req.Method == "" && len(d.problems) == 0 {
		d.wrong(fMethod, "is missing")
	}
	req.bodyFromHeaders()
	if d.contentSize > 0 && !d.contentText {
		d.Fidelity |= BodyCut
	}
	d.locate()
	d.conclude()
	if r.log != nil {
		if r.log.dialect.authorOnly {
			d.Fidelity &^= RequestHeadersMissing
		}
		if r.log.dialect.sanitizes && !r.cookies {
			d.Fidelity |= CookiesRemoved
		}
		d.page(r.log, pageRef)
		d.RequestFirst = r.log.dialect.requestFirst
	}
	if d.Initiator == "preflight" || d.ResourceType == "preflight" || d.ResourceType == "" && d.ErrorKnown && d.RequestFirst {
		d.RequestFirst = true
	} else if r.log != nil && r.log.dialect.sanitizes {
		d.RequestFirst = false // a Chromium that had no such type yet lists them in the order of the wire
	}
}

// locate makes the target that some proxies write in place of a URL one.
func (d *decoder) locate() {
	if r := &d.Request; strings.HasPrefix(r.URL, "/") && !strings.HasPrefix(r.URL, "//") {
		if host := r.host(); host != "" {
			d.Exchange.locate(host, "")
		}
	}
}

// bodyFromHeaders decides whether the request had a body where nothing recorded of
// the body says so: by its headers, then by its size.
func (r *Request) bodyFromHeaders() {
	if r.HasBody {
		return
	}
	if n, ok := r.Headers.Get("content-length"); ok {
		r.HasBody, r.BodyKnown = strings.Trim(n, "0") != "", true
	} else if r.Headers.Contains("transfer-encoding") {
		r.HasBody, r.BodyKnown = true, true
	}
	if r.BodySize >= 0 && !r.HasBody {
		r.HasBody, r.BodyKnown = r.BodySize > 0, true
	}
}

// conclude fills in what follows from the rest of an exchange.
func (e *Exchange) conclude() {
	req, resp := &e.Request, &e.Response
	req.dropRequestLine()
	if req.Method == "?" && req.Headers.Contains("access-control-request-method") {
		req.Method = "OPTIONS" // which QtWebKit has no name for
	}
	resp.HasResponse = resp.Status > 0
	if resp.RedirectURL == "" {
		resp.RedirectURL, _ = resp.Headers.Get("location")
	}
	if req.Pseudo != (Pseudo{}) && req.contradicted() {
		e.Fidelity |= PseudoMismatch
	}
	if len(req.Headers) == 0 {
		e.Fidelity |= RequestHeadersMissing
	}
	if !resp.HasResponse {
		e.Fidelity |= NoResponse
	} else if len(resp.Headers) == 0 {
		e.Fidelity |= ResponseHeadersMissing
	}
}

// namesPage reports whether an entry names a page.
func (r *Raw) namesPage() bool {
	for items := r.items; items != ""; {
		var it item
		if it, items = nextItem(items); it.field == fPageRef {
			return true
		}
	}
	return false
}

// dropRequestLine removes the request line from the headers: WebPageTest cuts it at its first
// colon, as if it was one.
func (r *Request) dropRequestLine() {
	r.Headers = slices.DeleteFunc(r.Headers, func(h headers.Header) bool {
		method, _, ok := strings.Cut(h.Name, " ")
		return ok && r.Method != "" && headers.EqualFold(method, r.Method)
	})
}

func (d *decoder) page(log *Log, ref string) {
	if ref == "" {
		return
	}
	i, ok := log.pageIndex[ref]
	if !ok {
		d.Page.ID = ref
		d.Fidelity |= PageUnknown
		return
	}
	url := d.Page.URL
	d.Page = log.Pages[i]
	if url != "" {
		d.Page.URL = url
	}
}

// contradicted reports whether a pseudo-header says something else than the
// method or the URL.
func (r *Request) contradicted() bool {
	p := &r.Pseudo
	if p.Method != "" && p.Method != r.Method {
		return true
	}
	scheme, rest, ok := strings.Cut(r.URL, "://")
	if !ok {
		return false
	}
	if p.Scheme != "" && !headers.EqualFold(p.Scheme, scheme) {
		return true
	}
	rest, _, _ = strings.Cut(rest, "#")
	authority, target := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, target = rest[:i], rest[i:]
	}
	if p.Authority != "" && !headers.EqualFold(hostPort(p.Authority, scheme), hostPort(authority, scheme)) {
		return true
	}
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return p.Path != "" && r.Method != "CONNECT" && p.Path != "*" && p.Path != target && ascii(target)
}

// hostPort returns an authority without user information and default port.
func hostPort(authority, scheme string) string {
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	switch {
	case headers.EqualFold(scheme, "https"):
		return strings.TrimSuffix(authority, ":443")
	case headers.EqualFold(scheme, "http"):
		return strings.TrimSuffix(authority, ":80")
	}
	return authority
}
