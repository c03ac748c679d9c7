package record

import (
	"strconv"
	"strings"
)

// charlesReader reads what Charles saves as "JSON Session File": a list of transactions.
type charlesReader struct {
	c     collector
	log   **Log
	begun bool
}

// charlesNode is a transaction as far as it is wanted.
var charlesNode = node{shape: object, members: []node{
	{name: "status", field: fCharlesState},
	{name: "method", field: fMethod},
	{name: "scheme", field: fScheme},
	{name: "host", field: fHost},
	{name: "port", field: fPort},
	{name: "path", field: fPath},
	{name: "query", field: fQuery},
	{name: "errorMessage", field: fError},
	{name: "remoteAddress", field: fServerAddress},
	{name: "times", shape: object, members: []node{{name: "start", field: fStarted}}},
	{name: "durations", shape: object, members: []node{{name: "total", field: fTime}}},
	// Without the field of a request, which begins one anew.
	{name: "request", shape: object, members: []node{
		{name: "sizes", shape: object, members: []node{{name: "body", field: fRequestBodySize}}},
		{name: "mimeType", field: fPostMIMEType},
		{name: "header", shape: object, members: []node{{name: "headers", field: fRequestHeaders, shape: headList}}},
	}},
	{name: "response", field: fResponse, shape: object, members: []node{
		{name: "status", field: fStatus},
		{name: "sizes", shape: object, members: []node{{name: "body", field: fResponseBodySize}}},
		{name: "mimeType", field: fMIMEType},
		{name: "header", shape: object, members: []node{{name: "headers", field: fResponseHeaders, shape: headList}}},
	}},
}}

func (r *charlesReader) next(index int) (Raw, error) {
	c := &r.c
	if !r.begun {
		r.begun = true
		*r.log = &Log{Creator: "Charles"}
		if b, ok := c.need(); !ok || b != '[' {
			if c.err != nil {
				return Raw{}, c.err
			}
			return Raw{}, &FormatError{"the input does not begin with a list, but with " + kindOf(b) + ": not a session of Charles"}
		}
		c.pos++
	}
	b, ok := c.element()
	switch {
	case ok:
		raw, ok := c.entryOf(&charlesNode, b, Raw{index: index, entry: "transaction " + strconv.Itoa(index+1), log: *r.log})
		if !ok {
			return Raw{}, c.err
		}
		return raw, nil
	case c.err != nil:
		return Raw{}, c.err
	}
	if _, more := c.next(); more {
		c.fail("want the end of the file")
		return Raw{}, c.err
	}
	return Raw{}, c.atEnd()
}

// A place is a URL in parts, as Charles writes it.
type place struct{ scheme, host, port, path, query string }

// take keeps a part.
func (p *place) take(it item) bool {
	parts := map[field]*string{fScheme: &p.scheme, fHost: &p.host, fPort: &p.port, fPath: &p.path, fQuery: &p.query}
	part := parts[it.field]
	if part == nil {
		return false
	}
	*part, _ = it.text()
	return true
}

// url puts the parts together, "" where there are none.
func (p *place) url() string {
	if p.host == "" || p.scheme == "" {
		return ""
	}
	host := p.host
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		host = "[" + host + "]"
	}
	if p.port != "" {
		host += ":" + p.port
	}
	url := p.scheme + "://" + host + p.path
	if p.query != "" {
		url += "?" + p.query
	}
	return url
}
