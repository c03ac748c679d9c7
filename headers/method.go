package headers

// IsMethod reports whether s is a method: a token.
//
// https://fetch.spec.whatwg.org/#concept-method
func IsMethod(s string) bool { return IsToken(s) }

// IsCORSSafelistedMethod reports whether method is GET, HEAD or POST.
//
// https://fetch.spec.whatwg.org/#cors-safelisted-method
func IsCORSSafelistedMethod(method string) bool {
	return method == "GET" || method == "HEAD" || method == "POST"
}

// IsForbiddenMethod reports whether method is CONNECT, TRACE or TRACK in any case.
//
// https://fetch.spec.whatwg.org/#forbidden-method
func IsForbiddenMethod(method string) bool {
	return EqualFold(method, "CONNECT") || EqualFold(method, "TRACE") || EqualFold(method, "TRACK")
}

// NormalizeMethod byte-uppercases DELETE, GET, HEAD, OPTIONS, POST and PUT, and
// returns any other method as it is.
//
// https://fetch.spec.whatwg.org/#concept-method-normalize
func NormalizeMethod(method string) string {
	for _, normalized := range [...]string{"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"} {
		if EqualFold(method, normalized) {
			return normalized
		}
	}
	return method
}

// IsSafeMethod reports whether a normalized method is one that HTTP calls safe: it asks for no
// change.
//
// https://httpwg.org/specs/rfc9110.html#safe.methods
func IsSafeMethod(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}
