package quirks

// CORS holds the points on which engines differ in what package cors decides. The zero
// value is the standard.
type CORS struct {
	// ClientHintsSafelisted safelists the client hints that script can set
	// (Save-Data, DPR, Width, Viewport-Width, Device-Memory, Downlink, ECT,
	// RTT) where their value is well-formed, and Intervention.
	ClientHintsSafelisted bool

	// UserAgentReserved takes a User-Agent set by script for the user agent's
	// own: it needs no preflight.
	UserAgentReserved bool

	// CombineBeforeSafelisting measures the combined value of headers that
	// stand more than once, rather than each on its own.
	CombineBeforeSafelisting bool

	// NoSafelistedTotal lifts the limit on all safelisted values together.
	NoSafelistedTotal bool

	// StrictContentType refuses a Content-Type whose parameters are not
	// well-formed, and StrictAccept bytes from 0x80 in Accept.
	StrictContentType, StrictAccept bool

	// LenientRange compares "bytes" without regard to case, and takes signs before
	// numbers and vertical tabs and form feeds around them.
	LenientRange bool

	// RangeLimit is the largest number that a Range may have; 0 is none.
	RangeLimit uint64

	// RepeatRequestHeaders lists a header in Access-Control-Request-Headers as
	// often as the request has it.
	RepeatRequestHeaders bool

	// IgnoreEmptyLines drops empty header lines before repeated ones are combined.
	IgnoreEmptyLines bool

	// AllowOriginCounted takes more than one Access-Control-Allow-Origin line
	// for a failure whatever they say, empty ones among them, but counts only
	// those that spell the name as here. What no line was counted for is compared
	// as one value, whether it is a list or not.
	AllowOriginCounted bool

	// PreflightStatusFirst looks at the status of a preflight's response before
	// it does the CORS check.
	PreflightStatusFirst bool

	// PreflightRedirectFirst refuses a preflight that is redirected before it
	// does the CORS check.
	PreflightRedirectFirst bool

	// MethodNeverImplied refuses a preflight without Access-Control-Allow-Methods
	// though the use-CORS-preflight flag is set, for which the standard takes the
	// request's own method to be allowed.
	MethodNeverImplied bool

	// AllowMethodsFirst looks for the method before it parses
	// Access-Control-Allow-Headers.
	AllowMethodsFirst bool

	// WildcardCoversAuthorization lets "*" in Access-Control-Allow-Headers
	// cover Authorization.
	WildcardCoversAuthorization bool

	// WildcardIsName takes "*" in Access-Control-Allow-Methods and -Headers for a name like others, ExposedWildcardIsName in
	// Access-Control-Expose-Headers.
	WildcardIsName, ExposedWildcardIsName bool

	// WildcardBeforeInvalid lets a "*" in Access-Control-Expose-Headers count
	// though a member after it is no header name. Firefox does so for fetch() alone.
	WildcardBeforeInvalid bool

	// CredentialedUnderCredentialless sends cookies under the embedder policy "credentialless", as if it did not.
	CredentialedUnderCredentialless bool
	// LocalhostIsOneSite takes localhost and the names below it for one site in resource policies.
	LocalhostIsOneSite bool
	// DataWorkersHaveNoEmbedderPolicy lets a worker from a data: URL inherit none from its creator.
	DataWorkersHaveNoEmbedderPolicy bool
	// UnknownResourcePolicyAllows takes a Cross-Origin-Resource-Policy that is not known for one that
	// allows everything, whatever the page's embedder policy.
	UnknownResourcePolicyAllows bool

	// MaxAge is how Access-Control-Max-Age is read.
	MaxAge MaxAgeSyntax

	// MaxAgeLimit is the imposed limit on max-age, in seconds; 0 is none.
	//
	// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
	MaxAgeLimit int64
}

// MaxAgeSyntax is a way of reading Access-Control-Max-Age.
type MaxAgeSyntax uint8

// The ways of reading Access-Control-Max-Age. All take digits alone; what is
// absent means cors.DefaultMaxAge.
const (
	// MaxAgeDeltaSeconds is the standard's: what is no delta-seconds means
	// the default.
	MaxAgeDeltaSeconds MaxAgeSyntax = iota
	// MaxAgeInt64 takes a sign; negative numbers mean 0, and numbers that do
	// not fit 64 bits the default.
	MaxAgeInt64
	// MaxAgeInt64Trimmed is like MaxAgeInt64, and strips vertical tabs and form
	// feeds as well.
	MaxAgeInt64Trimmed
	// MaxAgeDigitsOrZero means 0 by whatever is neither digits nor empty.
	MaxAgeDigitsOrZero
)
