package cors

import (
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

// Check is the CORS check: may script read the response to a request? It
// returns nil for success and an *[Error] for failure.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
func Check(r *Request, response Fields) error { return standard.Check(r, response) }

// Check is [Check] with the policy's deviations.
func (p *Policy) Check(r *Request, response Fields) error {
	return join(p.orStandard().check(r, response))
}

// check is [Check], with every requirement that the response does not meet.
//
// https://fetch.spec.whatwg.org/#concept-cors-check
func (p *Policy) check(r *Request, response Fields) (failures []*Error) {
	// Step 1. The value of Access-Control-Allow-Origin; step 2: it is missing.
	origins := p.lines(response, allowOrigin)
	switch {
	case p.AllowOriginCounted && countExactly(response, allowOrigin) > 1:
		failures = append(failures, allowOriginError(r, lines(response, allowOrigin)))
		failures[0].Reason, failures[0].Err = MultipleAllowOrigin, nil
	// Step 3. "*" allows all origins, without credentials.
	case origins.Len() == 1 && origins.At(0) == "*" && !r.IncludeCredentials:
		return nil
	// Step 4. The request's origin, byte for byte.
	case origins.Len() != 1 || origins.At(0) != r.Origin:
		failures = append(failures, allowOriginError(r, origins))
		if e := failures[0]; p.AllowOriginCounted && e.Reason == MultipleAllowOrigin {
			e.Reason = AllowOriginMismatch
		}
	}
	// Step 5. Without credentials, that is all.
	if !r.IncludeCredentials {
		return failures
	}
	// Step 6. The value of Access-Control-Allow-Credentials; steps 7 and 8: it must be "true".
	credentials := p.lines(response, allowCredentials)
	if credentials.Len() != 1 || credentials.At(0) != "true" {
		value, present := credentials.Get()
		failures = append(failures, &Error{
			Reason: AllowCredentialsNotTrue, Header: allowCredentials, Value: value, Present: present,
		})
	}
	return failures
}

// allowOriginError tells apart what the standard treats alike: an
// Access-Control-Allow-Origin that is not the request's origin.
func allowOriginError(r *Request, origins headers.Lines) *Error {
	value, present := origins.Get()
	e := &Error{Header: allowOrigin, Value: value, Present: present, Subject: r.Origin}
	switch {
	case !present:
		e.Reason = MissingAllowOrigin
	case value == "*":
		e.Reason = WildcardAllowOriginWithCredentials
	case strings.ContainsAny(value, " ,"):
		e.Reason = MultipleAllowOrigin
	default:
		e.Reason = AllowOriginMismatch
		if _, err := origin.Parse(value); err != nil {
			e.Reason, e.Err = InvalidAllowOrigin, err
		}
	}
	return e
}

// countExactly counts the lines of a header whose name is spelled as in name.
// Where the spelling is not known, as in an [net/http.Header], all are.
func countExactly(response Fields, name string) int {
	list, ok := response.(*headers.List)
	if !ok {
		return len(response.Values(name))
	}
	n := 0
	for _, h := range *list {
		if h.Name == name {
			n++
		}
	}
	return n
}

// PassingCheck returns a copy of the headers of a response that passes the CORS check for r,
// for engines that do not do it on some.
func PassingCheck(r *Request, response headers.List) headers.List {
	list := response.Clone()
	list.Set(allowOrigin, r.Origin)
	list.Set(allowCredentials, "true")
	return list
}
