package httpcache

import (
	"github.com/corsim/corsim/headers"
	"time"

	"github.com/corsim/corsim/internal/quirks"
)

// Bounds of a cache whose [Options] say nothing else.
const (
	// DefaultMaxEntries bounds the number of stored responses. It is this
	// package's own: browsers bound bytes only, but small responses cost more
	// memory than their bytes.
	DefaultMaxEntries = 10_000

	// DefaultMaxBytes bounds the memory of all stored responses together.
	DefaultMaxBytes = 64 << 20
)

const (
	// bodyShare is the part of MaxBytes that one body may take, as in Chromium's
	// cache backends.
	bodyShare = 8

	// maxVariants bounds the stored responses of one URL, which are searched one
	// by one, so that a Vary header cannot make a look-up slow. Browsers keep one.
	maxVariants = 32

	// maxVaryNames bounds the distinct header names that one response may
	// nominate, for the same reason.
	maxVaryNames = 32

	// entryOverhead is about what a stored response costs beside its strings.
	entryOverhead = 512
)

// Options configure a [Cache]. The zero value is RFC 9111 with the default
// bounds.
type Options struct {
	// MaxEntries, MaxBytes and MaxBodyBytes bound the number of stored
	// responses, their memory in bytes (bodies, headers, URLs and an allowance
	// for each), and the length of one body in bytes. What is not above zero
	// stands for the default, which is an eighth of MaxBytes for a body.
	MaxEntries   int
	MaxBytes     int64
	MaxBodyBytes int64

	Heuristic Heuristic
	Rules     Rules
}

// A Heuristic says how long a response without explicit freshness information
// is fresh: for a share of the time that had passed at its Date since its
// Last-Modified.
//
// https://httpwg.org/specs/rfc9111.html#heuristic.freshness
type Heuristic struct {
	// Percent is the share. Zero stands for 10, which RFC 9111 suggests and
	// browsers use; below zero nothing is ever heuristically fresh.
	Percent int

	// Max is the longest heuristic lifetime, without limit if not above zero.
	Max time.Duration
}

// Rules are what an engine's cache does differently from RFC 9111. The zero value is the
// RFC. Package browser has those of real engines.
type Rules quirks.HTTPCache

// isValidated reports whether a stored response is one of those that an engine validates.
func isValidated(v quirks.Validated, s *Stored) bool {
	switch v {
	case quirks.ValidatedNoRedirects:
		return !headers.IsRedirectStatus(s.status) || isBlank(s.headers, "Location")
	case quirks.ValidatedSuccess:
		return 200 <= s.status && s.status <= 299
	case quirks.ValidatedOK:
		return s.status == 200 || s.status == 206
	}
	return true
}

func (o *Options) setDefaults() {
	if o.MaxEntries <= 0 {
		o.MaxEntries = DefaultMaxEntries
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxBodyBytes <= 0 {
		o.MaxBodyBytes = o.MaxBytes / bodyShare
	}
	if o.Heuristic.Percent == 0 {
		o.Heuristic.Percent = 10
	}
}
