package headers

// IsForbiddenRequestHeader reports whether a header is reserved for the user
// agent, so that script cannot set it. The value matters only for the
// method-override names.
//
// https://fetch.spec.whatwg.org/#forbidden-request-header
func IsForbiddenRequestHeader(name, value string) bool {
	switch len(name) {
	case 2:
		return EqualFold(name, "te")
	case 3:
		return EqualFold(name, "dnt") || EqualFold(name, "via")
	case 4:
		return EqualFold(name, "date") || EqualFold(name, "host") || hasPrefixFold(name, "sec-")
	}
	if hasPrefixFold(name, "sec-") || hasPrefixFold(name, "proxy-") {
		return true
	}
	switch len(name) {
	case 6:
		return EqualFold(name, "cookie") || EqualFold(name, "expect") || EqualFold(name, "origin")
	case 7:
		return EqualFold(name, "cookie2") || EqualFold(name, "referer") ||
			EqualFold(name, "trailer") || EqualFold(name, "upgrade")
	case 10:
		return EqualFold(name, "connection") || EqualFold(name, "keep-alive") || EqualFold(name, "set-cookie")
	case 13:
		return EqualFold(name, "x-http-method") && overridesForbiddenMethod(value)
	case 14:
		return EqualFold(name, "accept-charset") || EqualFold(name, "content-length")
	case 15:
		return EqualFold(name, "accept-encoding")
	case 17:
		return EqualFold(name, "transfer-encoding") ||
			EqualFold(name, "x-method-override") && overridesForbiddenMethod(value)
	case 22:
		return EqualFold(name, "x-http-method-override") && overridesForbiddenMethod(value)
	case 29:
		return EqualFold(name, "access-control-request-method")
	case 30:
		return EqualFold(name, "access-control-request-headers")
	}
	return false
}

func overridesForbiddenMethod(value string) bool {
	for _, method := range GetDecodeAndSplit(value) {
		if IsForbiddenMethod(method) {
			return true
		}
	}
	return false
}

// IsForbiddenResponseHeaderName reports whether name is one that script never
// sees: Set-Cookie or Set-Cookie2.
//
// https://fetch.spec.whatwg.org/#forbidden-response-header-name
func IsForbiddenResponseHeaderName(name string) bool {
	return EqualFold(name, "set-cookie") || EqualFold(name, "set-cookie2")
}

// IsRequestBodyHeaderName reports whether name describes a request's body, so
// that a redirect which drops the body drops it as well.
//
// https://fetch.spec.whatwg.org/#request-body-header-name
func IsRequestBodyHeaderName(name string) bool {
	return EqualFold(name, "content-encoding") || EqualFold(name, "content-language") ||
		EqualFold(name, "content-location") || EqualFold(name, "content-type")
}

// IsConditionalRequestHeaderName reports whether name makes a request conditional, by which script
// keeps the HTTP cache out.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func IsConditionalRequestHeaderName(name string) bool {
	return EqualFold(name, "if-modified-since") || EqualFold(name, "if-none-match") ||
		EqualFold(name, "if-unmodified-since") || EqualFold(name, "if-match") || EqualFold(name, "if-range")
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && EqualFold(s[:len(prefix)], prefix)
}
