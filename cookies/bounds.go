package cookies

import "time"

// Bounds on what a server can make a jar keep.
const (
	// MaxNameValueLength is how many bytes a cookie's name and value may have
	// together; the draft's limit, and that of all engines.
	MaxNameValueLength = 4096
	// MaxAttributeLength is how many bytes an attribute's value may have. A
	// longer attribute is ignored. The draft's limit, and that of all engines.
	MaxAttributeLength = 1024
	// MaxAge is the longest that a cookie lives; a longer time is cut. The
	// draft's limit, 400 days.
	MaxAge = 400 * 24 * time.Hour
	// DefaultMaxPerSite is how many cookies a jar keeps for a registrable domain
	// and partition: Chromium's and Firefox's limit. The draft wants 50 or more.
	DefaultMaxPerSite = 180
	// DefaultMaxTotal is how many cookies a jar keeps in all: Firefox's limit,
	// and the least that the draft wants. Chromium's is 3300.
	DefaultMaxTotal = 3000
)
