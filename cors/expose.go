package cors

import "github.com/corsim/corsim/headers"

// Exposed is the CORS-exposed header-name list of a response.
//
// https://fetch.spec.whatwg.org/#concept-response-cors-exposed-header-name-list
type Exposed struct {
	all   bool
	names headers.TokenList
}

// ExposedHeaderNames extracts what a response to a CORS request exposes. "*"
// stands for all names, unless credentials are included; a header that is no
// list of names exposes nothing.
//
// https://fetch.spec.whatwg.org/#main-fetch
func ExposedHeaderNames(r *Request, response Fields) Exposed {
	return standard.ExposedHeaderNames(r, response)
}

// ExposedHeaderNames is [ExposedHeaderNames] as the policy has it.
func (p *Policy) ExposedHeaderNames(r *Request, response Fields) Exposed {
	names, _, ok := headers.ExtractTokenList(p.orStandard().lines(response, exposeHeaders))
	if !ok {
		return Exposed{}
	}
	return Exposed{!r.IncludeCredentials && names.Has("*"), names}
}

// Has reports whether script may read the response's headers called name.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func (e Exposed) Has(name string) bool {
	if e.all {
		return !headers.IsForbiddenResponseHeaderName(name)
	}
	return headers.IsCORSSafelistedResponseHeaderName(name, e.names)
}

// Filter returns the headers of list that script may read.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response-cors
func (e Exposed) Filter(list headers.List) headers.List {
	var readable headers.List
	for _, h := range list {
		if e.Has(h.Name) {
			readable = append(readable, h)
		}
	}
	return readable
}
