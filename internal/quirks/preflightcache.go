package quirks

// PreflightCache holds the points on which engines differ in what their preflight caches
// remember, and in when they are asked.
// The zero value is the standard.
type PreflightCache struct {
	// OnePerKey keeps what the latest preflight for a key permitted, rather
	// than adding it to what earlier ones did.
	OnePerKey bool
	// SeparateCredentials keeps what was permitted with credentials from
	// serving a request without.
	SeparateCredentials bool
	// WildcardWithoutCredentials lets a "*" match only requests without
	// credentials. In the standard it matches all, though in the preflight's
	// response it counts only without credentials.
	WildcardWithoutCredentials bool
	// WildcardNotStored does not let a "*" match at all.
	WildcardNotStored bool
	// WildcardCoversAuthorization lets a "*" match Authorization.
	WildcardCoversAuthorization bool

	// BypassModes are the cache modes that go past the preflight cache.
	BypassModes []string
	// ConditionalBypasses is which requests with a conditional header are taken
	// for ones of cache mode "no-store" in this as well.
	ConditionalBypasses Conditional
	// ConditionalXHRDoesNot has those of XMLHttpRequest not do so.
	ConditionalXHRDoesNot bool
	// SafelistedMethodNeedsNoEntry has the preflight cache serve a request with a
	// safelisted method without an entry for it, as long as it has some, even where
	// the use-CORS-preflight flag is set.
	SafelistedMethodNeedsNoEntry bool
	// NoStoreIsNotStored stores nothing of a preflight for a request of cache mode
	// "no-store".
	NoStoreIsNotStored bool
	// NotStored is which preflights are not remembered, as their origin is opaque.
	NotStored NotStoredPreflights
	// ClearedBy is what clears a preflight cache's entries.
	ClearedBy Clearing
	// UnneededIsLookedUp spares a preflight that the request itself does not
	// need, where the cache remembers something for it, and all headers that the
	// preflight would ask for.
	UnneededIsLookedUp bool
	// HEADNeedsEntry has the preflight cache serve a HEAD request only if an
	// answer allowed the method by name or by "*".
	HEADNeedsEntry bool
	// InsufficientEntryRemoved removes the entries of a preflight cache that were
	// looked up and do not suffice.
	InsufficientEntryRemoved bool
	// RefusedIsStored stores what a preflight's response permits even where
	// that does not suffice.
	RefusedIsStored bool
}
