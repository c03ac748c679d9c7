package weburl

import (
	"strings"

	"github.com/corsim/corsim/origin"
)

// parsePlain parses an absolute http or https URL that is its own
// serialization, or lacks but the '/' of an empty path. It returns nil for
// every other input, whether it is a URL or not.
func parsePlain(s string) *URL {
	var schemeEnd int
	switch {
	case strings.HasPrefix(s, "https://"):
		schemeEnd = len("https")
	case strings.HasPrefix(s, "http://"):
		schemeEnd = len("http")
	default:
		return nil
	}
	hostStart := schemeEnd + len("://")
	hostEnd := plainHostEnd(s, hostStart)
	if hostEnd < 0 {
		return nil
	}
	pathStart, port := hostEnd, -1
	if hostEnd < len(s) && s[hostEnd] == ':' {
		port = 0
		for pathStart++; pathStart < len(s) && isASCIIDigit(s[pathStart]); pathStart++ {
			port = port*10 + int(s[pathStart]-'0')
			if port > 65535 {
				return nil
			}
		}
		digits := pathStart - hostEnd - 1
		if digits == 0 || digits > 1 && s[hostEnd+1] == '0' || port == origin.DefaultPort(s[:schemeEnd]) {
			return nil
		}
	}
	switch {
	case pathStart == len(s) || s[pathStart] == '?' || s[pathStart] == '#':
		s = s[:pathStart] + "/" + s[pathStart:]
	case s[pathStart] != '/':
		return nil
	}
	pathEnd, queryEnd := plainTail(s, pathStart)
	if pathEnd < 0 {
		return nil
	}
	o := origin.New(s[:schemeEnd], s[hostStart:hostEnd], port)
	return &URL{
		href:                   s,
		schemeEnd:              int32(schemeEnd),
		usernameEnd:            int32(hostStart),
		passwordStart:          int32(hostStart),
		passwordEnd:            int32(hostStart),
		hostStart:              int32(hostStart),
		hostEnd:                int32(hostEnd),
		pathStart:              int32(pathStart),
		pathEnd:                int32(pathEnd),
		queryEnd:               int32(queryEnd),
		port:                   int32(port),
		origin:                 o,
		potentiallyTrustworthy: o.PotentiallyTrustworthy(),
	}
}

// parsePlainRelative parses a reference that is in the result as it is,
// after a prefix of base, which is http or https: an absolute path, a path
// below the base's, a query, a fragment or nothing. It returns nil for every
// other input.
func (base *URL) parsePlainRelative(ref string) *URL {
	if !base.IsHTTP() {
		return nil
	}
	if ref == "" {
		return base.WithFragment("", false)
	}
	keep := int(base.pathStart)
	switch ref[0] {
	case '/':
		if strings.HasPrefix(ref, "//") {
			return nil
		}
	case '?':
		keep = int(base.pathEnd)
	case '#':
		for i := 1; i < len(ref); i++ {
			if class[ref[i]]&fragmentSet != 0 {
				return nil
			}
		}
		return base.WithFragment(ref[1:], true)
	default:
		// A colon in the first segment may end a scheme.
		for i := 0; i < len(ref) && ref[i] != '/' && ref[i] != '?' && ref[i] != '#'; i++ {
			if ref[i] == ':' {
				return nil
			}
		}
		if isDotSegment(ref) {
			return nil
		}
		keep += strings.LastIndexByte(base.Path(), '/') + 1
	}
	pathEnd, queryEnd := plainTail(ref, 0)
	if pathEnd < 0 || keep+len(ref) > maxLength {
		return nil
	}
	u := *base
	u.href = base.href[:keep] + ref
	u.pathEnd, u.queryEnd = int32(keep+pathEnd), int32(keep+queryEnd)
	return &u
}

// plainHostEnd returns the end of the host that begins at start and is either a
// lower-case ASCII domain or an IPv4 address in its canonical form, and -1
// where the host is anything else.
func plainHostEnd(s string, start int) int {
	label, i := start, start
	for ; i < len(s); i++ {
		if s[i] == '.' {
			label = i + 1
		} else if class[s[i]]&plainHost == 0 {
			break
		}
	}
	if i == label {
		return -1
	}
	// A domain whose last label is a number is an IPv4 address; every number begins with a digit.
	if isASCIIDigit(s[label]) && !isCanonicalIPv4(s[start:i]) {
		return -1
	}
	return i
}

func isCanonicalIPv4(s string) bool {
	parts, value, digits := 1, 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.' && digits > 0:
			parts, value, digits = parts+1, 0, 0
		case isASCIIDigit(c) && (digits == 0 || value > 0):
			value, digits = value*10+int(c-'0'), digits+1
			if value > 255 {
				return false
			}
		default:
			return false
		}
	}
	return parts == 4 && digits > 0
}

// plainTail returns where the path that begins at start and the query after it
// end, and -1, -1 where a byte of the path, the query or the fragment needs
// more than being copied.
func plainTail(s string, start int) (pathEnd, queryEnd int) {
	i := start
path:
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case class[c]&(pathSet|slash) == 0:
		case c == '/':
			if i+1 < len(s) && (s[i+1] == '.' || s[i+1] == '%') && isDotSegment(s[i+1:]) {
				return -1, -1
			}
		case c == '?' || c == '#':
			break path
		default:
			return -1, -1
		}
	}
	pathEnd = i
	if i < len(s) && s[i] == '?' {
		for i++; i < len(s) && s[i] != '#'; i++ {
			if class[s[i]]&specialQuerySet != 0 {
				return -1, -1
			}
		}
	}
	queryEnd = i
	for i++; i < len(s); i++ {
		if class[s[i]]&fragmentSet != 0 {
			return -1, -1
		}
	}
	return pathEnd, queryEnd
}

// isDotSegment reports whether the path segment at the beginning of s is a
// single-dot or double-dot path segment.
func isDotSegment(s string) bool {
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		s = s[:end]
	}
	return countDots(s) != 0
}
