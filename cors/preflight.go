package cors

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
)

// NeedsPreflight reports whether a cross-origin request of an API that lets
// script choose method and headers needs a preflight. It does not allocate.
//
// https://fetch.spec.whatwg.org/#main-fetch
func NeedsPreflight(r *Request) bool { return standard.NeedsPreflight(r) }

// NeedsPreflight is [NeedsPreflight] as the policy has it.
func (p *Policy) NeedsPreflight(r *Request) bool {
	p = p.orStandard()
	return r.UseCORSPreflight || !headers.IsCORSSafelistedMethod(r.Method) || p.hasUnsafe(p.measured(r.Headers))
}

// A Cause is one reason for which a request needs a preflight.
type Cause struct {
	Rule Rule
	// Header and Value are the header that is not CORS-safelisted, for the
	// rules that are about one.
	Header, Value string
	// Byte is the index in Value of the byte that is not allowed, for the rules
	// that are about one.
	Byte int
	// Method is the request's method, for the rule that is about it.
	Method string
}

// A Rule is one of the rules that make a preflight necessary.
type Rule uint8

// The rules that make a preflight necessary.
const (
	_ Rule = iota
	// RuleMethod: the method is not one of GET, HEAD and POST.
	RuleMethod
	// RuleUseCORSPreflight: there is an upload listener, or the body is a stream.
	RuleUseCORSPreflight
	// RuleHeaderName: the header's name is not safelisted, whatever its value.
	RuleHeaderName
	// RuleValueLength: the value has more than 128 bytes.
	RuleValueLength
	// RuleUnsafeByte: the value has a byte that is not allowed in it.
	RuleUnsafeByte
	// RuleContentType: the value is no MIME type, or not one that a form could send.
	RuleContentType
	// RuleRange: the value is not one range with a start.
	RuleRange
	// RuleValue: the value is not well-formed for a name that the policy safelists.
	RuleValue
	// RuleTotalLength: all safelisted values together have more than 1024 bytes.
	RuleTotalLength
)

// String explains the cause.
func (c Cause) String() string {
	switch c.Rule {
	case RuleMethod:
		return fmt.Sprintf("method %s is not one of GET, HEAD, POST", c.Method)
	case RuleUseCORSPreflight:
		return "an upload progress listener is registered, or the body is a stream"
	case RuleHeaderName:
		return fmt.Sprintf("header %s is not CORS-safelisted", c.Header)
	case RuleValueLength:
		return fmt.Sprintf("the value of %s has %d bytes, more than %d", c.Header, len(c.Value), headers.MaxSafelistedValue)
	case RuleUnsafeByte:
		return fmt.Sprintf("the value of %s has the byte %s at %d", c.Header, quoteByte(c.Value[c.Byte]), c.Byte)
	case RuleContentType:
		return fmt.Sprintf("Content-Type %q is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain", c.Value)
	case RuleRange:
		return fmt.Sprintf("Range %q is not bytes=N- or bytes=N-M", c.Value)
	case RuleTotalLength:
		return fmt.Sprintf("the safelisted headers have more than %d bytes together, %s among them", maxSafelistedTotal, c.Header)
	}
	return fmt.Sprintf("the value %q of %s is not well-formed", c.Value, c.Header)
}

// quoteByte quotes a byte, which from 0x80 is no character by itself.
func quoteByte(b byte) string {
	if b < 0x80 {
		return strconv.QuoteRune(rune(b))
	}
	return fmt.Sprintf(`'\x%02x'`, b)
}

// Anchor returns the address of the rule in the standard.
func (c Cause) Anchor() string {
	switch c.Rule {
	case RuleMethod:
		return fetchStandard + "#cors-safelisted-method"
	case RuleUseCORSPreflight:
		return fetchStandard + "#use-cors-preflight-flag"
	case RuleTotalLength:
		return fetchStandard + "#cors-unsafe-request-header-names"
	}
	return fetchStandard + "#cors-safelisted-request-header"
}

// PreflightCauses returns every reason for which a request needs a preflight,
// and none where it does not need one.
func PreflightCauses(r *Request) []Cause { return standard.PreflightCauses(r) }

// PreflightCauses is [PreflightCauses] as the policy has it.
func (p *Policy) PreflightCauses(r *Request) (causes []Cause) {
	p = p.orStandard()
	if !headers.IsCORSSafelistedMethod(r.Method) {
		causes = append(causes, Cause{Rule: RuleMethod, Method: r.Method})
	}
	if r.UseCORSPreflight {
		causes = append(causes, Cause{Rule: RuleUseCORSPreflight})
	}
	total := 0
	list := p.measured(r.Headers)
	for _, h := range list {
		if p.safelisted(h) {
			total += len(h.Value)
		} else {
			causes = append(causes, p.cause(h))
		}
	}
	if p.exceedsTotal(total) {
		for _, h := range list {
			if p.safelisted(h) {
				causes = append(causes, Cause{Rule: RuleTotalLength, Header: h.Name, Value: h.Value})
			}
		}
	}
	return causes
}

// cause says which rule a header that is not safelisted breaks.
func (p *Policy) cause(h headers.Header) Cause {
	c := Cause{Rule: RuleValue, Header: h.Name, Value: h.Value}
	name := headers.Lower(h.Name)
	unsafeAt := func(safe func(value string) bool) int {
		for i := range len(h.Value) {
			if !safe(h.Value[i : i+1]) {
				return i
			}
		}
		return -1
	}
	switch name {
	default:
		if !p.ClientHintsSafelisted || !isClientHint(name) {
			c.Rule = RuleHeaderName
			return c
		}
	case "accept", "accept-language", "content-language":
		c.Byte = unsafeAt(func(b string) bool { return p.safelisted(headers.Header{Name: name, Value: b}) })
		c.Rule = RuleUnsafeByte
	case "content-type":
		c.Byte = unsafeAt(func(b string) bool { return !headers.ContainsCORSUnsafeRequestHeaderByte(b) })
		c.Rule = RuleUnsafeByte
		if c.Byte < 0 {
			c.Byte, c.Rule = 0, RuleContentType
		}
	case "range":
		c.Rule = RuleRange
	}
	if len(h.Value) > headers.MaxSafelistedValue {
		c.Byte, c.Rule = 0, RuleValueLength
	}
	return c
}

// PreflightHeaders returns the headers of a preflight in which it differs from
// other requests: Accept, Access-Control-Request-Method and, if there are
// CORS-unsafe request-header names, Access-Control-Request-Headers.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func PreflightHeaders(r *Request) headers.List { return standard.PreflightHeaders(r) }

// PreflightHeaders is [PreflightHeaders] as the policy has it.
func (p *Policy) PreflightHeaders(r *Request) headers.List {
	list := make(headers.List, 0, 8)
	list = append(list,
		headers.Header{Name: "Accept", Value: "*/*"},
		headers.Header{Name: "Access-Control-Request-Method", Value: r.Method})
	if names := p.CORSUnsafeRequestHeaderNames(r.Headers); len(names) > 0 {
		list = append(list, headers.Header{Name: "Access-Control-Request-Headers", Value: strings.Join(names, ",")})
	}
	return list
}
