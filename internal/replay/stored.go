package replay

import (
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
)

// A server that is asked about a response which the HTTP cache has stored answers
// with the headers that it replaces; the others are as they were stored. Most
// recorders show the answer, with its status 304; Playwright gives it the status
// of the stored response.
//
// https://httpwg.org/specs/rfc9111.html#freshening.responses

// A storedKey is what a response was stored for, and its validator.
type storedKey struct{ page, url, validator string }

// storedHeaders are the headers that the CORS check reads, of responses that were
// recorded and can be asked about.
type storedHeaders map[storedKey]headers.List

// Bounds on the responses that are kept.
const (
	maxStored      = 1024
	maxStoredBytes = 8 << 10 // of each
)

// validators are the headers of a request that ask about a stored response, and
// those of the response.
var validators = [...]struct{ asks, has string }{{"if-none-match", "etag"}, {"if-modified-since", "last-modified"}}

// settle keeps what may be asked about, and gives x what was stored of what it
// asks about. A validator that is the same is of the same response.
func (s storedHeaders) settle(x *request) {
	for _, v := range validators {
		if value, asks := x.e.Request.Headers.Get(v.asks); asks {
			x.stored = s[storedKey{x.page.serialized, x.url.StringExcludingFragment(), value}]
			return
		}
		value, ok := x.e.Response.Headers.Get(v.has)
		if !ok || x.e.Request.Method != "GET" || len(s) >= maxStored {
			continue
		}
		list := headers.List{} // not nil: a response is stored
		key := storedKey{strings.Clone(x.page.serialized), x.url.StringExcludingFragment(), strings.Clone(value)}
		size := len(key.page) + len(key.url) + len(key.validator)
		for _, h := range x.e.Response.Headers {
			if name := headers.Lower(h.Name); name == "access-control-allow-origin" || name == "access-control-allow-credentials" {
				list = append(list, headers.Header{Name: strings.Clone(h.Name), Value: strings.Clone(h.Value)})
				size += len(h.Value)
			}
		}
		if size <= maxStoredBytes {
			s[key] = list
		}
	}
}

// revalidated reports whether the response may be the answer to the HTTP cache.
func (x *request) revalidated() bool {
	for _, v := range validators {
		if x.e.Request.Headers.Contains(v.asks) && !x.author.Contains(v.asks) {
			return x.e.Response.Status == 304 || x.happened == Delivered
		}
	}
	return false
}

// check does the CORS check of x's response, as far as nothing that decides is
// missing.
func (x *request) check(policy *cors.Policy, c *cors.Request) (missing Missing, err error) {
	if !x.e.Fidelity.Has(record.ValuesRedacted) {
		err = policy.Check(c, &x.e.Response.Headers)
	} else {
		missing, err = checkRedacted(policy, c, x.e.Response.Headers)
	}
	if missing != 0 || err == nil || !x.revalidated() {
		return missing, err
	}
	list := x.e.Response.Headers
	for _, h := range x.stored {
		if !x.e.Response.Headers.Contains(h.Name) {
			list = append(list[:len(list):len(list)], h)
		}
	}
	if x.stored != nil {
		return checkRedacted(policy, c, list)
	}
	if !err.(*cors.Error).Present {
		return ResponseHeaders, nil
	}
	return 0, err
}

func checkRedacted(policy *cors.Policy, c *cors.Request, list headers.List) (missing Missing, err error) {
	return withRedacted(list, c, func(list headers.List) error { return policy.Check(c, &list) })
}
