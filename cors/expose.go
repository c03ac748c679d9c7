package cors

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

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
	p = p.orStandard()
	lines := p.lines(response, exposeHeaders)
	names, bad, ok := headers.ExtractTokenList(lines)
	if !ok {
		return Exposed{all: p.WildcardBeforeInvalid && !r.IncludeCredentials && wildcardBefore(lines, bad)}
	}
	return Exposed{!r.IncludeCredentials && !p.ExposedWildcardIsName && names.Has("*"), names}
}

// wildcardBefore reports whether "*" is in the lines before the member bad.
func wildcardBefore(lines headers.Lines, bad string) bool {
	value, _ := lines.Get()
	before, _, _ := strings.Cut(value, bad)
	return headers.TokenListOf(before).Has("*")
}

// Has reports whether script may read the response's headers called name.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func (e Exposed) Has(name string) bool { return e.has(name, &lookup{list: e.names}) }

func (e Exposed) has(name string, names *lookup) bool {
	if headers.IsForbiddenResponseHeaderName(name) {
		return false
	}
	return e.all || headers.IsCORSSafelistedResponseHeaderName(name, headers.TokenList{}) || names.has(name)
}

// Filter returns the headers of list that script may read.
//
// https://fetch.spec.whatwg.org/#concept-filtered-response-cors
func (e Exposed) Filter(list headers.List) headers.List {
	names := lookupIn(e.names, len(list))
	var readable headers.List
	for _, h := range list {
		if e.has(h.Name, &names) {
			readable = append(readable, h)
		}
	}
	return readable
}
