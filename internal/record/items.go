package record

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// MaxEntryBytes bounds what is kept of one entry: its URL, its headers and a
// few small fields, not its bodies. Chromium refuses responses with more than
// 256 KiB of headers and URLs of more than 2 MiB. An entry above the bound is an
// [EntryError].
const MaxEntryBytes = 4 << 20

// The members of an entry that are wanted are written, in the order of the
// input, as a flat list of items: one byte for the field, one for the kind of
// value, four for its length, then its raw bytes. That is all that is left to do
// for [Raw.Decode], which may therefore run beside the reader.
type field uint8

const (
	noField field = iota
	fStarted
	fTime
	fPageRef
	fPageURL
	fServerAddress
	fID
	fResourceType
	fFetchType
	fInitiator
	fInitiatorType
	fInitiatorID
	fError
	fAborted
	fFromCache
	fFromServiceWorker
	fAPIRequest
	fFulfilled
	fRequest
	fMethod
	fURL
	fRequestVersion
	fRequestHeaders // also the values of its members, if it is an object
	fRequestHeader
	fRequestHeaderName
	fRequestHeaderValue
	fRequestCookies
	fRequestBodySize
	fPostData
	fPostMIMEType
	fPostText
	fResponse
	fStatus
	fStatusText
	fResponseVersion
	fResponseHeaders // the four as with fRequestHeaders
	fResponseHeader
	fResponseHeaderName
	fResponseHeaderValue
	fRedirectURL
	fResponseBodySize
	fContent
	fMIMEType
	fContentSize
	fContentText
	fContentComment
	// Of an event of a NetLog.
	fParams
	fLine
	fLoadFlags
	fNetError
	fPreflightRequired
	fPhase
	// Of an event of the Chrome DevTools Protocol.
	fConnection
	fCORSError
	fCORSParameter
	// Of a transaction of Charles.
	fCharlesState
	fScheme
	fHost
	fPort
	fPath
	fQuery
	// Of the log.
	fName
	fVersion
	fTitle
)

// paths are the fields' names in messages.
var paths = [...]string{
	fStarted: "startedDateTime", fTime: "time", fRequest: "request", fMethod: "request.method", fURL: "request.url",
	fRequestHeaders: "request.headers", fRequestHeader: "request.headers", fRequestHeaderName: "request.headers", fRequestHeaderValue: "request.headers",
	fRequestBodySize: "request.bodySize", fPostData: "request.postData", fResponse: "response", fStatus: "response.status",
	fResponseHeaders: "response.headers", fResponseHeader: "response.headers", fResponseHeaderName: "response.headers", fResponseHeaderValue: "response.headers",
	fResponseBodySize: "response.bodySize", fContent: "response.content", fTitle: "",
}

// Kinds of items.
const (
	kindString  = 's' // raw bytes without a backslash
	kindEscaped = 'e' // raw bytes with escapes
	kindScalar  = 'l' // a number, true, false, null, or what is not one of them
	kindObject  = '{' // no bytes: the members follow as items if they are wanted
	kindList    = '['
	kindLines   = '=' // of a header: an object whose values follow, a line each
)

// shape says what to do with the value of a member.
type shape uint8

const (
	one      shape = iota // keep a string or scalar
	object                // keep members
	headList              // a list of headers in one of their three forms
	presence              // keep only whether a string or list is empty: a body
)

type node struct {
	name    string
	field   field
	shape   shape
	members []node
}

// entryNode is a HAR entry as far as it is wanted. The order of members is that
// of Chrome, which makes the search short.
var entryNode = node{shape: object, members: []node{
	{name: "_initiator", field: fInitiator, shape: object, members: []node{
		{name: "type", field: fInitiatorType},
		{name: "requestId", field: fInitiatorID},
	}},
	{name: "_resourceType", field: fResourceType},
	{name: "pageref", field: fPageRef},
	{name: "request", field: fRequest, shape: object, members: []node{
		{name: "method", field: fMethod},
		{name: "url", field: fURL},
		{name: "httpVersion", field: fRequestVersion},
		{name: "cookies", field: fRequestCookies, shape: presence},
		{name: "headers", field: fRequestHeaders, shape: headList},
		{name: "bodySize", field: fRequestBodySize},
		{name: "postData", field: fPostData, shape: object, members: []node{
			{name: "mimeType", field: fPostMIMEType},
			{name: "text", field: fPostText, shape: presence},
		}},
	}},
	{name: "response", field: fResponse, shape: object, members: []node{
		{name: "status", field: fStatus},
		{name: "statusText", field: fStatusText},
		{name: "httpVersion", field: fResponseVersion},
		{name: "headers", field: fResponseHeaders, shape: headList},
		{name: "content", field: fContent, shape: object, members: []node{
			{name: "size", field: fContentSize},
			{name: "mimeType", field: fMIMEType},
			{name: "text", field: fContentText, shape: presence},
			{name: "comment", field: fContentComment},
		}},
		{name: "redirectURL", field: fRedirectURL},
		{name: "bodySize", field: fResponseBodySize},
		{name: "_error", field: fError},
		{name: "_failureText", field: fError},
		{name: "_fetchedViaServiceWorker", field: fFromServiceWorker},
	}},
	{name: "startedDateTime", field: fStarted},
	{name: "time", field: fTime},
	{name: "_requestId", field: fID},
	{name: "_request_id", field: fID},
	{name: "_fromCache", field: fFromCache},
	{name: "_fromDiskCache", field: fFromCache},
	{name: "_fetchType", field: fFetchType},
	{name: "_error", field: fError},
	{name: "_failureText", field: fError},
	{name: "_wasAborted", field: fAborted},
	{name: "_wasFulfilled", field: fFulfilled},
	{name: "_apiRequest", field: fAPIRequest},
	{name: "_fetchedViaServiceWorker", field: fFromServiceWorker},
	{name: "pageURL", field: fPageURL},
	{name: "serverIPAddress", field: fServerAddress},
}}

var productNode = node{shape: object, members: []node{
	{name: "name", field: fName},
	{name: "version", field: fVersion},
}}

var pageNode = node{shape: object, members: []node{
	{name: "id", field: fID},
	{name: "title", field: fTitle},
	{name: "_url", field: fURL},
	{name: "_URL", field: fURL},
}}

func (n *node) lookup(name []byte) *node {
	for i := range n.members {
		if n.members[i].name == string(name) {
			return &n.members[i]
		}
	}
	return nil
}

// A collector copies the wanted members of one value into items.
type collector struct {
	*scanner
	items    []byte
	requests int   // headers among the items
	response int   // likewise
	tooBig   field // where MaxEntryBytes was passed
	cookies  bool  // a cookie, or an Authorization or Set-Cookie header, was among them, ever
}

func (c *collector) reset() {
	c.items, c.requests, c.response, c.tooBig = c.items[:0], 0, 0, noField
}

const itemHead = 6

func (c *collector) item(f field, kind byte) {
	c.items = append(c.items, byte(f), kind, 0, 0, 0, 0)
	if len(c.items) >= MaxEntryBytes && c.tooBig == noField {
		c.tooBig = f
	}
}

// done writes the length of the item that begins at start.
func (c *collector) done(start int, f field) {
	binary.LittleEndian.PutUint32(c.items[start+2:], uint32(len(c.items)-start-itemHead))
	if len(c.items) >= MaxEntryBytes && c.tooBig == noField {
		c.tooBig = f
	}
}

// value collects the value of n, which begins at the next byte; nil skips it.
func (c *collector) value(n *node) bool {
	if n == nil || c.tooBig != noField {
		return c.skip()
	}
	switch n.shape {
	case object:
		b, ok := c.need()
		if !ok || b != '{' {
			return ok && c.one(n.field, b)
		}
		c.pos++
		c.item(n.field, kindObject)
		return c.members(n)
	case headList:
		return c.headers(n.field)
	case presence:
		b, ok := c.need()
		if !ok || b != '"' && b != '[' {
			return ok && c.one(n.field, b)
		}
		empty := true
		if b == '[' {
			empty, ok = c.skipList()
			c.cookies = c.cookies || !empty && n.field == fRequestCookies
		} else {
			c.pos++
			empty, ok = c.skipString()
		}
		start := len(c.items)
		c.item(n.field, kindString)
		if !empty {
			c.items = append(c.items, 1)
		}
		c.done(start, n.field)
		return ok
	}
	b, ok := c.need()
	return ok && c.one(n.field, b)
}

// skipList passes over a list, which begins at the next byte.
func (c *collector) skipList() (empty, ok bool) {
	c.pos++
	for empty = true; ; empty = false {
		if _, ok := c.element(); !ok {
			return empty, c.err == nil
		}
		if !c.skip() {
			return false, false
		}
	}
}

// members collects the members of an object whose '{' is consumed.
func (c *collector) members(n *node) bool {
	for {
		name, ok := c.member()
		if !ok {
			return c.err == nil
		}
		if !c.value(n.lookup(name)) {
			return false
		}
	}
}

// one collects a value that should be a string or a scalar and begins with b.
func (c *collector) one(f field, b byte) bool {
	if c.tooBig != noField {
		return c.skip()
	}
	start := len(c.items)
	ok := true
	switch b {
	case '"':
		c.pos++
		c.item(f, kindString)
		var escaped bool
		c.items, escaped, ok = c.copyString(c.items, MaxEntryBytes)
		if escaped {
			c.items[start+1] = kindEscaped
		}
	case '{', '[':
		c.item(f, b)
		ok = c.skipContainer()
	default:
		c.item(f, kindScalar)
		c.items, ok = c.scalar(c.items)
	}
	c.done(start, f)
	return ok
}

// headers collects headers: a list of objects with name and value, a list of
// [name, value] pairs, or an object. f is fRequestHeaders or fResponseHeaders,
// which the header, its name and its value follow.
func (c *collector) headers(f field) bool {
	b, ok := c.need()
	if !ok || b != '[' && b != '{' {
		return ok && c.one(f, b)
	}
	c.pos++
	c.item(f, b)
	if b == '{' {
		return c.headerMembers(f)
	}
	return c.headerList(f)
}

// countHeader counts a header of f.
func (c *collector) countHeader(f field) {
	if f == fResponseHeaders {
		c.response++
	} else {
		c.requests++
	}
}

// headerMembers collects headers that are the members of an object, whose brace is consumed.
func (c *collector) headerMembers(f field) bool {
	header, name, value := f+1, f+2, f+3
	for {
		member, ok := c.member()
		if !ok {
			return c.err == nil
		}
		if c.tooBig != noField {
			if !c.skip() {
				return false
			}
			continue
		}
		c.countHeader(f)
		kind := len(c.items) + 1
		c.item(header, kindObject)
		start := len(c.items)
		c.item(name, kindString)
		c.items = append(c.items, member...)
		c.done(start, name)
		c.named(start)
		b, ok := c.need()
		switch {
		case !ok:
			return false
		case b == '[':
			c.items[kind] = kindLines
			ok = c.headerLines(f)
		default:
			ok = c.one(value, b)
		}
		if !ok {
			return false
		}
	}
}

// headerLines collects a list of values, which begins at the next byte: a header line each, all
// of one name.
func (c *collector) headerLines(f field) bool {
	header, value := f+1, f+3
	c.pos++
	for first := true; ; first = false {
		b, ok := c.element()
		if !ok {
			return c.err == nil
		}
		if !first && c.tooBig == noField {
			c.countHeader(f)
			c.item(header, kindList)
		}
		if !c.one(value, b) {
			return false
		}
	}
}

// headerList collects headers that are the elements of a list, whose bracket is consumed.
func (c *collector) headerList(f field) bool {
	for {
		b, ok := c.element()
		if !ok {
			return c.err == nil
		}
		if c.tooBig != noField {
			if !c.skip() {
				return false
			}
			continue
		}
		c.countHeader(f)
		switch b {
		case '{':
			ok = c.headerObject(f)
		case '[':
			ok = c.headerPair(f)
		default:
			ok = c.one(f+1, b)
		}
		if !ok {
			return false
		}
	}
}

// headerObject collects a header that is an object with name and value, which begins at the next byte.
func (c *collector) headerObject(f field) bool {
	c.pos++
	c.item(f+1, kindObject)
	for {
		member, ok := c.member()
		if !ok {
			return c.err == nil
		}
		switch string(member) {
		case "name":
			start := len(c.items)
			if b, ok := c.need(); ok && c.one(f+2, b) {
				c.named(start)
			}
		case "value":
			if b, ok := c.need(); ok {
				c.one(f+3, b)
			}
		default:
			c.skip()
		}
		if c.err != nil {
			return false
		}
	}
}

// headerPair collects a header that is a list of its name and value, which begins at the next byte.
func (c *collector) headerPair(f field) bool {
	c.pos++
	c.item(f+1, kindObject)
	for i := 0; ; i++ {
		b, ok := c.element()
		if !ok {
			return c.err == nil
		}
		switch i {
		case 0:
			start := len(c.items)
			if c.one(f+2, b) {
				c.named(start)
			}
		case 1:
			c.one(f+3, b)
		default:
			c.skip()
		}
		if c.err != nil {
			return false
		}
	}
}

// named lower-cases the header name in the item at start, and notes the names
// whose absence tells a sanitized file.
func (c *collector) named(start int) {
	if len(c.items) < start+itemHead {
		return
	}
	name := c.items[start+itemHead:]
	for i, b := range name {
		if 'A' <= b && b <= 'Z' {
			name[i] = b + 'a' - 'A'
		}
	}
	switch string(name) {
	case "cookie", "authorization", "set-cookie":
		c.cookies = true
	}
}

// item is one item, read.
type item struct {
	field field
	kind  byte
	raw   string
}

// nextItem takes the first item off items.
func nextItem(items string) (item, string) {
	n := int(items[2]) | int(items[3])<<8 | int(items[4])<<16 | int(items[5])<<24
	it := item{field(items[0]), items[1], items[itemHead : itemHead+n]}
	return it, items[itemHead+n:]
}

func (it item) null() bool { return it.kind == kindScalar && it.raw == "null" }

// text returns a string, and a number or other word as it is written; empty for
// null. It returns false for objects and lists.
func (it item) text() (string, bool) {
	switch it.kind {
	case kindString:
		return it.raw, true
	case kindEscaped:
		return unescape(it.raw), true
	case kindScalar:
		if it.raw == "null" {
			return "", true
		}
		return it.raw, true
	}
	return "", false
}

// truth returns what JavaScript would make of the value.
func (it item) truth() bool {
	switch it.kind {
	case kindString, kindEscaped:
		return it.raw != ""
	case kindScalar:
		return it.raw != "false" && it.raw != "null" && it.raw != "0"
	}
	return true
}

// number returns a number, which may be in quotes.
func (it item) number() (float64, bool) {
	if it.kind != kindString && it.kind != kindScalar {
		return 0, false
	}
	if it.kind == kindScalar && len(it.raw) == 3 { // a status, most often
		n := 0
		for i := range 3 {
			if d := it.raw[i] - '0'; d <= 9 {
				n = 10*n + int(d)
				continue
			}
			n = -1
			break
		}
		if n >= 0 {
			return float64(n), true
		}
	}
	f, err := strconv.ParseFloat(strings.TrimSpace(it.raw), 64)
	return f, err == nil && !math.IsNaN(f)
}

// integer is number without its fraction, within the limits of an int64.
func (it item) integer() (int64, bool) {
	f, ok := it.number()
	if !ok || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// describe says what the value is, for messages.
func (it item) describe() string {
	switch it.kind {
	case kindObject:
		return "is an object"
	case kindList:
		return "is a list"
	case kindScalar:
		switch _, number := it.number(); {
		case it.raw == "null", it.raw == "true", it.raw == "false":
			return "is " + it.raw
		case number:
			return "is a number"
		}
		return "is a word of " + length(len(it.raw))
	}
	s, _ := it.text()
	return "is a string of " + length(len(s))
}

// headerBytes returns the bytes that a header value or name in JSON stands for:
// code points up to U+00FF are bytes; if there are others, or broken UTF-8, it
// is what the file holds, and unsure.
func headerBytes(s string) (_ string, unsure bool) {
	if ascii(s) {
		return s, false
	}
	if !utf8.ValidString(s) {
		return s, true
	}
	if b, ok := headers.IsomorphicEncode(s); ok {
		return b, false
	}
	return s, true
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// unescape undoes JSON's escapes. Broken ones stay as they are; a lone surrogate
// becomes U+FFFD.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return string(append(b, s...))
		}
		b = append(b, s[:i]...)
		switch c := s[i+1]; c {
		case 'n':
			b = append(b, '\n')
		case 't':
			b = append(b, '\t')
		case 'r':
			b = append(b, '\r')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case '"', '\\', '/':
			b = append(b, c)
		case 'u':
			r, ok := hex4(s[i+2:])
			if !ok {
				b = append(b, s[i:i+2]...)
				break
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				whole := rune(utf8.RuneError)
				if rest := s[i+2:]; strings.HasPrefix(rest, `\u`) {
					if low, ok := hex4(rest[2:]); ok {
						whole = utf16.DecodeRune(r, low)
					}
				}
				if r = whole; r != utf8.RuneError {
					s = s[6:]
				}
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, s[i:i+2]...)
		}
		s = s[i+2:]
	}
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 32)
	return rune(n), err == nil
}

// timestamp reads HAR's ISO 8601 dates and their usual misspellings. What it
// cannot read is the zero time.
func timestamp(s string) time.Time {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}

// milliseconds turns HAR's durations into Go's; negative ones mean unknown.
func milliseconds(ms float64) time.Duration {
	if !(ms > 0) || ms > math.MaxInt64/1e6 {
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}
