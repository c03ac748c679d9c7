package headers

// IsRedirectStatus reports whether a status is a redirect status.
//
// https://fetch.spec.whatwg.org/#redirect-status
func IsRedirectStatus(status int) bool {
	switch status {
	case 301, 302, 303, 307, 308:
		return true
	}
	return false
}
