package headers

// MaxSafelistedValue is how long the value of a CORS-safelisted request-header may be, in bytes.
const MaxSafelistedValue = 128

// IsCORSSafelistedRequestHeader reports whether a header may be sent to another
// origin without asking first.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-request-header
func IsCORSSafelistedRequestHeader(name, value string) bool {
	if len(value) > MaxSafelistedValue {
		return false
	}
	switch len(name) {
	case len("range"):
		if !EqualFold(name, "range") {
			return false
		}
		r, ok := ParseSingleRangeHeaderValue(value, false)
		return ok && r.Start >= 0
	case len("accept"):
		return EqualFold(name, "accept") && !ContainsCORSUnsafeRequestHeaderByte(value)
	case len("content-type"):
		return EqualFold(name, "content-type") && !ContainsCORSUnsafeRequestHeaderByte(value) && isSafelistedMIMEType(value)
	case len("accept-language"):
		return EqualFold(name, "accept-language") && isSafelistedLanguage(value)
	case len("content-language"):
		return EqualFold(name, "content-language") && isSafelistedLanguage(value)
	}
	return false
}

// IsCORSUnsafeRequestHeaderByte reports whether c keeps the value of an Accept
// or Content-Type header from being CORS-safelisted.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
func IsCORSUnsafeRequestHeaderByte(c byte) bool { return class[c]&unsafeByte != 0 }

// ContainsCORSUnsafeRequestHeaderByte reports whether value has a CORS-unsafe
// request-header byte.
func ContainsCORSUnsafeRequestHeaderByte(value string) bool {
	for i := 0; i < len(value); i++ {
		if IsCORSUnsafeRequestHeaderByte(value[i]) {
			return true
		}
	}
	return false
}

func isSafelistedLanguage(value string) bool {
	for i := 0; i < len(value); i++ {
		if class[value[i]]&langByte == 0 {
			return false
		}
	}
	return true
}

func isSafelistedMIMEType(value string) bool {
	typ, subtype, _, ok := cutEssence(value)
	if !ok {
		return false
	}
	switch len(typ) {
	case len("text"):
		return EqualFold(typ, "text") && EqualFold(subtype, "plain")
	case len("multipart"):
		return EqualFold(typ, "multipart") && EqualFold(subtype, "form-data")
	case len("application"):
		return EqualFold(typ, "application") && EqualFold(subtype, "x-www-form-urlencoded")
	}
	return false
}

// A Range is what a single-range Range header asks for, in bytes, inclusive. -1
// stands for null; numbers that do not fit are the largest that does.
type Range struct{ Start, End int64 }

// ParseSingleRangeHeaderValue parses a single range header value.
//
// https://fetch.spec.whatwg.org/#simple-range-header-value
func ParseSingleRangeHeaderValue(value string, allowWhitespace bool) (r Range, ok bool) {
	skip := func(s string) string {
		for allowWhitespace && s != "" && IsTabOrSpace(s[0]) {
			s = s[1:]
		}
		return s
	}
	s := value
	if len(s) < 5 || s[:5] != "bytes" {
		return Range{}, false
	}
	if s = skip(s[5:]); s == "" || s[0] != '=' {
		return Range{}, false
	}
	start, s := cutDigits(skip(s[1:]))
	if s = skip(s); s == "" || s[0] != '-' {
		return Range{}, false
	}
	end, s := cutDigits(skip(s[1:]))
	if s != "" || start == "" && end == "" {
		return Range{}, false
	}
	r = Range{-1, -1}
	if start != "" {
		r.Start, _ = ExtractDeltaSeconds(Lines{first: start, n: 1})
	}
	if end != "" {
		r.End, _ = ExtractDeltaSeconds(Lines{first: end, n: 1})
	}
	if start != "" && end != "" && greater(start, end) {
		return Range{}, false
	}
	return r, true
}

// greater compares decimal numbers of any length.
func greater(a, b string) bool {
	a, b = trimZeros(a), trimZeros(b)
	if len(a) != len(b) {
		return len(a) > len(b)
	}
	return a > b
}

func trimZeros(s string) string {
	for s != "" && s[0] == '0' {
		s = s[1:]
	}
	return s
}

func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return s[:i], s[i:]
}

// IsCORSNonWildcardRequestHeaderName reports whether name is one that `*` in
// Access-Control-Allow-Headers does not cover: Authorization.
//
// https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
func IsCORSNonWildcardRequestHeaderName(name string) bool {
	return EqualFold(name, "authorization")
}

// IsPrivilegedNoCORSRequestHeaderName reports whether name is one that only
// privileged APIs can put into a no-cors request: Range.
//
// https://fetch.spec.whatwg.org/#privileged-no-cors-request-header-name
func IsPrivilegedNoCORSRequestHeaderName(name string) bool {
	return EqualFold(name, "range")
}

// IsNoCORSSafelistedRequestHeaderName reports whether name is one that script may
// set in a no-cors request.
//
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header-name
func IsNoCORSSafelistedRequestHeaderName(name string) bool {
	return EqualFold(name, "accept") || EqualFold(name, "accept-language") ||
		EqualFold(name, "content-language") || EqualFold(name, "content-type")
}

// IsNoCORSSafelistedRequestHeader reports whether script may set the header in a
// no-cors request.
//
// https://fetch.spec.whatwg.org/#no-cors-safelisted-request-header
func IsNoCORSSafelistedRequestHeader(name, value string) bool {
	return IsNoCORSSafelistedRequestHeaderName(name) && IsCORSSafelistedRequestHeader(name, value)
}

// IsCORSSafelistedResponseHeaderName reports whether script may read the header
// called name of a cross-origin response that exposes the names in exposed.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
func IsCORSSafelistedResponseHeaderName(name string, exposed TokenList) bool {
	switch len(name) {
	case len("pragma"):
		if EqualFold(name, "pragma") {
			return true
		}
	case len("expires"):
		if EqualFold(name, "expires") {
			return true
		}
	case len("content-type"):
		if EqualFold(name, "content-type") {
			return true
		}
	case len("cache-control"):
		if EqualFold(name, "cache-control") || EqualFold(name, "last-modified") {
			return true
		}
	case len("content-length"):
		if EqualFold(name, "content-length") {
			return true
		}
	case len("content-language"):
		if EqualFold(name, "content-language") {
			return true
		}
	}
	return !IsForbiddenResponseHeaderName(name) && exposed.HasFold(name)
}
