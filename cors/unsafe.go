package cors

import (
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
)

// maxSafelistedTotal is how long the values of all CORS-safelisted request-headers of a request may
// be together, in bytes.
const maxSafelistedTotal = 1024

// CORSUnsafeRequestHeaderNames returns the names of the headers that a preflight must ask for,
// lower-case, sorted, each once.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func CORSUnsafeRequestHeaderNames(list headers.List) []string {
	return standard.CORSUnsafeRequestHeaderNames(list)
}

// CORSUnsafeRequestHeaderNames is [CORSUnsafeRequestHeaderNames] with the policy's deviations.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func (p *Policy) CORSUnsafeRequestHeaderNames(list headers.List) []string {
	p = p.orStandard()
	list = p.measured(list)
	all := p.exceedsTotal(p.safelistedTotal(list))
	var names []string
	for _, h := range list {
		if all || !p.safelisted(h) {
			names = append(names, headers.Lower(h.Name))
		}
	}
	slices.Sort(names)
	if p.RepeatRequestHeaders {
		return names
	}
	return slices.Compact(names)
}

// measured returns the list whose headers are judged one by one.
func (p *Policy) measured(list headers.List) headers.List {
	if !p.CombineBeforeSafelisting || !mayHaveRepeats(list) {
		return list
	}
	return list.SortAndCombine()
}

// mayHaveRepeats reports whether a name stands more than once. A list of more
// than a few headers is not searched: combining it takes less.
func mayHaveRepeats(list headers.List) bool {
	if len(list) > few {
		return true
	}
	for i, h := range list {
		if list[i+1:].Contains(h.Name) {
			return true
		}
	}
	return false
}

func (p *Policy) hasUnsafe(list headers.List) bool {
	total := 0
	for _, h := range list {
		if !p.safelisted(h) {
			return true
		}
		total += len(h.Value)
	}
	return p.exceedsTotal(total)
}

func (p *Policy) safelistedTotal(list headers.List) (total int) {
	for _, h := range list {
		if p.safelisted(h) {
			total += len(h.Value)
		}
	}
	return total
}

func (p *Policy) exceedsTotal(total int) bool {
	return total > maxSafelistedTotal && !p.NoSafelistedTotal
}

// IsCORSSafelistedRequestHeader is [headers.IsCORSSafelistedRequestHeader] as the
// policy has it.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func (p *Policy) IsCORSSafelistedRequestHeader(name, value string) bool {
	return p.orStandard().safelisted(headers.Header{Name: name, Value: value})
}

// safelisted is [headers.IsCORSSafelistedRequestHeader] as the policy has it.
func (p *Policy) safelisted(h headers.Header) bool {
	safe := headers.IsCORSSafelistedRequestHeader(h.Name, h.Value)
	if *p == standard {
		return safe
	}
	switch len(h.Name) {
	case len("accept"):
		if safe && p.StrictAccept && hasHighByte(h.Value) {
			return false
		}
	case len("content-type"):
		if safe && p.StrictContentType && headers.EqualFold(h.Name, "content-type") {
			return !hasHighByte(h.Value) && wellFormedParameters(h.Value)
		}
	case len("range"):
		if headers.EqualFold(h.Name, "range") {
			return p.safelistedRange(h.Value, safe)
		}
	case len("user-agent"):
		if p.UserAgentReserved && headers.EqualFold(h.Name, "user-agent") {
			return true
		}
	}
	return safe || p.ClientHintsSafelisted && safelistedClientHint(h)
}

func (p *Policy) safelistedRange(value string, safe bool) bool {
	if p.LenientRange && !safe && len(value) <= headers.MaxSafelistedValue {
		value = lenientRange(value)
		safe = headers.IsCORSSafelistedRequestHeader("range", value)
	}
	if safe && p.RangeLimit > 0 {
		start, end, _ := strings.Cut(value[len("bytes="):], "-")
		return withinLimit(start, p.RangeLimit) && withinLimit(end, p.RangeLimit)
	}
	return safe
}

// lenientRange returns a Range in lower case, without signs before its numbers and
// without the vertical tabs and form feeds around them.
func lenientRange(value string) string {
	unit, ranges, _ := strings.Cut(headers.Lower(value), "=")
	start, end, ok := strings.Cut(ranges, "-")
	number := func(s string) string { return strings.TrimPrefix(strings.Trim(s, "\v\f"), "+") }
	if !ok || end != "" && number(end) == "" {
		return value
	}
	return unit + "=" + number(start) + "-" + number(end)
}

// withinLimit reports whether decimal digits, or none, stand for a number up to
// limit.
func withinLimit(digits string, limit uint64) bool {
	n, err := strconv.ParseUint(digits, 10, 64)
	return digits == "" || err == nil && n <= limit
}

func hasHighByte(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return true
		}
	}
	return false
}

// wellFormedParameters reports whether what follows the essence of a Content-Type
// has no comma and does not end with an empty parameter, except the first.
func wellFormedParameters(value string) bool {
	_, parameters, _ := strings.Cut(value, ";")
	return !strings.Contains(parameters, ",") && !strings.HasSuffix(headers.Normalize(parameters), ";")
}

// isClientHint reports whether a lower-case name is one that
// ClientHintsSafelisted is about.
func isClientHint(name string) bool {
	switch name {
	case "device-memory", "downlink", "dpr", "ect", "intervention", "rtt", "save-data", "viewport-width", "width":
		return true
	}
	return false
}

func safelistedClientHint(h headers.Header) bool {
	if len(h.Value) > headers.MaxSafelistedValue || len(h.Name) > len("viewport-width") {
		return false
	}
	switch headers.Lower(h.Name) {
	case "device-memory", "dpr", "downlink":
		whole, fraction, hasFraction := strings.Cut(h.Value, ".")
		return isDigits(whole) && (!hasFraction || isDigits(fraction))
	case "rtt", "viewport-width", "width":
		return isDigits(h.Value)
	case "ect":
		return h.Value == "slow-2g" || h.Value == "2g" || h.Value == "3g" || h.Value == "4g"
	case "save-data":
		return headers.EqualFold(h.Value, "on")
	case "intervention":
		return true
	}
	return false
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
