package cors

import (
	"iter"
	"strings"

	"github.com/corsim/corsim/headers"
)

// Permissions are what the response to a preflight grants, for how long.
type Permissions struct {
	methods, headerNames headers.TokenList
	// method is the request's own where the preflight was for the sake of the
	// use-CORS-preflight flag and the response lists none.
	method string
	// MaxAge is how long the permissions hold, in seconds.
	MaxAge int64
}

// Methods returns the methods that are granted, "*" among them as it is.
func (p *Permissions) Methods() iter.Seq[string] {
	return func(yield func(string) bool) {
		if p.method != "" && !yield(p.method) {
			return
		}
		for method := range p.methods.All() {
			if !yield(method) {
				return
			}
		}
	}
}

// HeaderNames returns the header names that are granted, "*" among them as it is.
func (p *Permissions) HeaderNames() iter.Seq[string] { return p.headerNames.All() }

// ValidatePreflight decides whether the response to the preflight of a request,
// with its status and headers, lets the request go ahead, and returns what it
// grants, whether or not that suffices: nothing where it is no permission at all,
// for its status, its syntax or its failing the CORS check. The error is an *[Error], which carries in Also the other requirements
// that the response does not meet. It does not allocate where it passes and no
// header stands more than once.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func ValidatePreflight(r *Request, status int, response Fields) (Permissions, error) {
	return standard.ValidatePreflight(r, status, response)
}

// ValidatePreflight is [ValidatePreflight] as the policy has it.
func (p *Policy) ValidatePreflight(r *Request, status int, response Fields) (Permissions, error) {
	p = p.orStandard()
	// Step 7, the condition: CORS check, done on the request, and ok status.
	failures := p.check(r, response)
	if status < 200 || 299 < status {
		e := &Error{Reason: PreflightStatus}
		if isRedirectStatus(status) && lines(response, "Location").Len() > 0 {
			e.Reason = PreflightRedirect
		}
		if p.PreflightStatusFirst {
			failures = append([]*Error{e}, failures...)
		} else {
			failures = append(failures, e)
		}
	}
	// Steps 7.1 to 7.3.
	methods, failures := extract(p.lines(response, allowMethods), allowMethods, InvalidAllowMethods, failures)
	headerNames, failures := extract(p.lines(response, allowHeaders), allowHeaders, InvalidAllowHeaders, failures)
	granted := Permissions{methods: methods, headerNames: headerNames}
	// Step 7.4.
	if methods.IsNull() && r.UseCORSPreflight {
		granted.method = r.Method
	}
	// Step 7.5. A method that was granted in step 7.4 needs no look-up.
	if granted.method == "" && !methods.Has(r.Method) && !headers.IsCORSSafelistedMethod(r.Method) &&
		(r.IncludeCredentials || !methods.Has("*")) && !has(failures, InvalidAllowMethods) {
		failures = append(failures, listError(MethodNotAllowed, r.Method, allowMethods, response))
	}
	// Steps 7.6 and 7.7.
	if !p.allowsHeaders(r, headerNames) && !has(failures, InvalidAllowHeaders) {
		failures = append(failures, p.headersNotAllowed(r, headerNames, response)...)
	}
	// Steps 7.8 to 7.10.
	granted.MaxAge = p.maxAge(p.lines(response, maxAge))
	if failures == nil {
		return granted, nil
	}
	for _, e := range failures {
		e.Preflight, e.Status = true, status
	}
	if failures[0].Reason < MethodNotAllowed {
		granted = Permissions{}
	}
	return granted, join(failures)
}

func extract(l headers.Lines, header string, invalid Reason, failures []*Error) (headers.TokenList, []*Error) {
	list, bad, ok := headers.ExtractTokenList(l)
	if !ok {
		value, _ := l.Get()
		failures = append(failures, &Error{Reason: invalid, Header: header, Value: value, Present: true, Subject: bad})
	}
	return list, failures
}

func has(failures []*Error, reason Reason) bool {
	for _, e := range failures {
		if e.Reason == reason {
			return true
		}
	}
	return false
}

func listError(reason Reason, subject, header string, response Fields) *Error {
	value, present := lines(response, header).Get()
	return &Error{Reason: reason, Header: header, Value: value, Present: present, Subject: subject}
}

// allowsHeaders goes through the headers of a request without sorting them, as
// long as nothing has to be reported.
func (p *Policy) allowsHeaders(r *Request, headerNames headers.TokenList) bool {
	list := p.measured(r.Headers)
	all := p.exceedsTotal(p.safelistedTotal(list))
	for _, h := range list {
		if p.refusesNonWildcard(h.Name, headerNames) {
			return false
		}
		if (all || !p.safelisted(h)) && refuses(r, h.Name, headerNames) {
			return false
		}
	}
	return true
}

// headersNotAllowed returns an error for each header name that is refused, in
// the order of the standard.
func (p *Policy) headersNotAllowed(r *Request, headerNames headers.TokenList, response Fields) (failures []*Error) {
	names := p.CORSUnsafeRequestHeaderNames(r.Headers)
	for _, h := range r.Headers {
		if p.refusesNonWildcard(h.Name, headerNames) {
			failures = append(failures, listError(NonWildcardHeaderNotAllowed, headers.Lower(h.Name), allowHeaders, response))
			break
		}
	}
	for _, name := range names {
		if refuses(r, name, headerNames) && !p.refusesNonWildcard(name, headerNames) {
			failures = append(failures, listError(HeaderNotAllowed, name, allowHeaders, response))
		}
	}
	return failures
}

// refusesNonWildcard is step 7.6 for one header name.
func (p *Policy) refusesNonWildcard(name string, headerNames headers.TokenList) bool {
	return headers.IsCORSNonWildcardRequestHeaderName(name) && !headerNames.HasFold(name) &&
		!(p.WildcardCoversAuthorization && headerNames.Has("*"))
}

// refuses is step 7.7 for one CORS-unsafe request-header name.
func refuses(r *Request, name string, headerNames headers.TokenList) bool {
	return !headerNames.HasFold(name) && (r.IncludeCredentials || !headerNames.Has("*"))
}

// maxAge reads Access-Control-Max-Age, in seconds.
func (p *Policy) maxAge(l headers.Lines) int64 {
	seconds, ok := headers.ExtractDeltaSeconds(l)
	if !ok {
		seconds = DefaultMaxAge
		value, _ := l.Get()
		switch p.MaxAge {
		case MaxAgeDigitsOrZero:
			if value != "" {
				seconds = 0
			}
		case MaxAgeInt64Trimmed:
			seconds = parseSigned(strings.Trim(value, "\v\f"))
		case MaxAgeInt64:
			seconds = parseSigned(value)
		}
	} else if seconds == headers.MaxDeltaSeconds && p.MaxAge != MaxAgeDeltaSeconds && p.MaxAge != MaxAgeDigitsOrZero &&
		strings.TrimLeft(l.At(0), "0") != "9223372036854775807" {
		seconds = DefaultMaxAge
	}
	if p.MaxAgeLimit > 0 {
		seconds = min(seconds, p.MaxAgeLimit)
	}
	return seconds
}

// parseSigned reads digits with an optional sign; what is no such number, or is
// too large, means the default, and what is negative 0.
func parseSigned(s string) int64 {
	digits := strings.TrimPrefix(s, "+")
	if negative, ok := strings.CutPrefix(s, "-"); ok {
		digits = negative
	}
	seconds, ok := headers.ExtractDeltaSeconds(headers.LinesOf([]string{digits}))
	switch {
	case !ok, seconds == headers.MaxDeltaSeconds:
		return DefaultMaxAge
	case digits != s && s[0] == '-':
		return 0
	}
	return seconds
}

// isRedirectStatus reports whether a status is a redirect status.
//
// https://fetch.spec.whatwg.org/#redirect-status
func isRedirectStatus(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
