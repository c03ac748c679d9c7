package cors

import (
	"iter"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/internal/quirks"

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

// CoverAuthorizationByWildcard reports whether the permissions cover an
// Authorization header of the request by "*" alone, which the standard does not
// take for a permission.
//
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func (p *Permissions) CoverAuthorizationByWildcard(r *Request) bool {
	return r.Headers.Contains("authorization") && p.headerNames.Has("*") && !p.headerNames.HasFold("authorization")
}

// ValidatePreflight decides whether the response to the preflight of a request,
// with its status and headers, lets the request go ahead, and returns what it
// grants, whether or not that suffices: nothing where it is no permission at all,
// for its status, its syntax or its failing the CORS check. The error is an
// *[Error], which carries in Also the other requirements that the response does
// not meet. It does not allocate where it passes, the request has no more than 64
// headers, and none of the response's that it looks at stands more than once.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func ValidatePreflight(r *Request, status int, response Fields) (Permissions, error) {
	return standard.ValidatePreflight(r, status, response)
}

// ValidatePreflight is [ValidatePreflight] with the policy's deviations.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (p *Policy) ValidatePreflight(r *Request, status int, response Fields) (Permissions, error) {
	p = p.orStandard()
	// Step 7. The condition: the CORS check, done on the request, and an ok status.
	failures := p.check(r, response)
	if status < 200 || 299 < status {
		e := &Error{Reason: PreflightStatus}
		if headers.IsRedirectStatus(status) && lines(response, location).Len() > 0 {
			e.Reason = PreflightRedirect
		}
		if p.PreflightStatusFirst || p.PreflightRedirectFirst && e.Reason == PreflightRedirect {
			failures = append([]*Error{e}, failures...)
		} else {
			failures = append(failures, e)
		}
	}
	// Step 7.1. Extract the methods; step 7.2: the header names; step 7.3: failures.
	methods, failures := extract(p.lines(response, allowMethods), allowMethods, InvalidAllowMethods, failures)
	headerNames, invalidHeaders := extract(p.lines(response, allowHeaders), allowHeaders, InvalidAllowHeaders, nil)
	if !p.AllowMethodsFirst {
		failures = append(failures, invalidHeaders...)
	}
	granted := Permissions{methods: methods, headerNames: headerNames}
	// Step 7.4. The use-CORS-preflight flag allows the request's own method.
	if methods.IsNull() && r.UseCORSPreflight && !p.MethodNeverImplied {
		granted.method = r.Method
	}
	// Step 7.5. The method by its name, or by "*" without credentials. One that was granted in
	// step 7.4 needs no look-up.
	if granted.method == "" && !methods.Has(r.Method) && !headers.IsCORSSafelistedMethod(r.Method) &&
		(!p.mayBeWildcard(r) || !methods.Has("*")) && !has(failures, InvalidAllowMethods) {
		value, present := lines(response, allowMethods).Get()
		failures = append(failures, &Error{
			Reason: MethodNotAllowed, Header: allowMethods, Value: value, Present: present, Subject: r.Method,
		})
	}
	if p.AllowMethodsFirst {
		failures = append(failures, invalidHeaders...)
	}
	// Step 7.6. Authorization by its name; step 7.7: each unsafe header name.
	if !p.allowsHeaders(r, headerNames) && !has(failures, InvalidAllowHeaders) {
		failures = append(failures, p.headersNotAllowed(r, headerNames, response)...)
	}
	// Step 7.8. The max-age; step 7.9: the default; step 7.10: the limit.
	granted.MaxAge = p.maxAge(p.lines(response, maxAge))
	if failures == nil {
		return granted, nil
	}
	for _, e := range failures {
		e.Preflight, e.Status = true, status
	}
	if slices.ContainsFunc(failures, func(e *Error) bool { return !e.Reason.notPermitted() }) {
		granted = Permissions{}
	}
	return granted, join(failures)
}

// mayBeWildcard reports whether "*" in what a preflight permits stands for all.
func (p *Policy) mayBeWildcard(r *Request) bool { return !r.IncludeCredentials && !p.WildcardIsName }

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

// allowsHeaders reports whether steps 7.6 and 7.7 let a request pass. It goes
// through the header names once and allocates nothing, but knows no more than 64
// headers: where it returns false, headersNotAllowed has the last word.
func (p *Policy) allowsHeaders(r *Request, headerNames headers.TokenList) bool {
	list := p.measured(r.Headers)
	if len(list) > 64 {
		return false
	}
	var pending uint64 // bit i stands for list[i], which has to be allowed yet
	total := 0
	for i, h := range list {
		if p.safelisted(h) {
			total += len(h.Value)
		} else {
			pending |= 1 << i
		}
	}
	if p.exceedsTotal(total) {
		pending = 1<<len(list) - 1
	}
	wildcard := false
	for name := range headerNames.All() {
		if pending == 0 {
			return true
		}
		wildcard = wildcard || name == "*"
		for rest := pending; rest != 0; rest &= rest - 1 {
			if i := bits.TrailingZeros64(rest); headers.EqualFold(list[i].Name, name) {
				pending &^= 1 << i
			}
		}
	}
	for ; pending != 0 && wildcard && p.mayBeWildcard(r); pending &= pending - 1 {
		name := list[bits.TrailingZeros64(pending)].Name
		if headers.IsCORSNonWildcardRequestHeaderName(name) && !p.WildcardCoversAuthorization {
			return false
		}
	}
	return pending == 0
}

// headersNotAllowed returns an error for each header name that is refused, in
// the order of the standard.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func (p *Policy) headersNotAllowed(r *Request, list headers.TokenList, response Fields) (failures []*Error) {
	value, present := lines(response, allowHeaders).Get()
	fail := func(reason Reason, name string) {
		failures = append(failures, &Error{
			Reason: reason, Header: allowHeaders, Value: value, Present: present, Subject: name,
		})
	}
	unsafeNames := slices.Compact(p.CORSUnsafeRequestHeaderNames(r.Headers))
	headerNames := lookupIn(list, len(unsafeNames))
	wildcard := headerNames.has("*") && !p.WildcardIsName
	// Step 7.6. A CORS non-wildcard request-header name is never safelisted.
	nonWildcard := func(name string) bool {
		return headers.IsCORSNonWildcardRequestHeaderName(name) && !headerNames.has(name) &&
			!(p.WildcardCoversAuthorization && wildcard)
	}
	if i := slices.IndexFunc(unsafeNames, nonWildcard); i >= 0 {
		fail(NonWildcardHeaderNotAllowed, unsafeNames[i])
	}
	// Step 7.7. By its name, or by "*" without credentials.
	for _, name := range unsafeNames {
		if !headerNames.has(name) && (r.IncludeCredentials || !wildcard) && !nonWildcard(name) {
			fail(HeaderNotAllowed, name)
		}
	}
	return failures
}

// maxAge reads Access-Control-Max-Age, in seconds.
func (p *Policy) maxAge(l headers.Lines) int64 {
	value, _ := l.Get()
	seconds, ok := headers.ExtractDeltaSeconds(l)
	switch {
	case p.MaxAge == quirks.MaxAgeInt64:
		seconds = parseInt64(value)
	case p.MaxAge == quirks.MaxAgeInt64Trimmed:
		seconds = parseInt64(strings.Trim(value, "\v\f"))
	case !ok && p.MaxAge == quirks.MaxAgeDigitsOrZero && value != "":
		seconds = 0
	case !ok:
		seconds = DefaultMaxAge
	}
	if p.MaxAgeLimit > 0 {
		seconds = min(seconds, p.MaxAgeLimit)
	}
	return seconds
}

// parseInt64 reads digits with an optional sign; what is no such number, or does
// not fit, means the default, and what is negative 0.
func parseInt64(s string) int64 {
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return DefaultMaxAge
	}
	return max(seconds, 0)
}
