package replay

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/asker"
	"github.com/corsim/corsim/internal/record"
)

// authorHeaders returns the headers of a request that script set, as far as a
// recording tells. What a preflight asks for is the best evidence: the names in
// its Access-Control-Request-Headers are the CORS-unsafe ones of script, whatever
// the request's headers are or have lost since; and no others are unsafe. Without
// a preflight, script's are those that are not the user agent's.
func authorHeaders(x *request) headers.List {
	if x.elements {
		return nil
	}
	recorded := x.e.Request.Headers
	if x.preflight == nil || !asksKnown(x.preflight) {
		accept, _ := recorded.Get("accept")
		n := 0
		for i := range recorded {
			if asker.ByScript(recorded[i], accept) {
				n++
			}
		}
		if n == 0 {
			return nil
		}
		list := make(headers.List, 0, n)
		for _, h := range recorded {
			if asker.ByScript(h, accept) {
				list = append(list, h)
			}
		}
		return list
	}
	asked := requestedHeaders(x.preflight)
	var list headers.List
	for _, h := range recorded {
		// What is not asked for was safelisted, whatever is in its place now.
		switch {
		case asked.Contains(h.Name):
			if headers.IsCORSSafelistedRequestHeader(h.Name, h.Value) {
				h.Value = asker.UnsafeValue // it was normalized since, or another engine is as strict
			}
			list = append(list, h)
		case canBeSafelisted(h.Name) && !record.Redacted(h.Value):
			list = append(list, h)
		}
	}
	for _, h := range asked {
		if !recorded.Contains(h.Name) {
			list = append(list, h)
		}
	}
	return list
}

// asksKnown reports whether what a preflight asks for was recorded.
func asksKnown(preflight *record.Exchange) bool {
	value, _ := preflight.Request.Headers.Get("access-control-request-headers")
	return !preflight.Fidelity.Has(record.RequestHeadersMissing) && !record.Redacted(value)
}

// requestedHeaders returns what a preflight asks for, each with a value that is
// not safelisted, since that is why it is asked for.
func requestedHeaders(preflight *record.Exchange) headers.List {
	value, ok := preflight.Request.Headers.Get("access-control-request-headers")
	if !ok || record.Redacted(value) {
		return nil
	}
	return asker.RequestedHeaders(value)
}

// canBeSafelisted reports whether name is that of a CORS-safelisted
// request-header in the standard.
func canBeSafelisted(name string) bool {
	switch name {
	case "accept", "accept-language", "content-language", "content-type", "range":
		return true
	}
	return false
}
