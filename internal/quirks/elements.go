package quirks

// Elements holds the points on which engines differ in what elements and the other APIs ask for, and
// in what they make of it. The zero value is the standards'.
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#create-a-potential-cors-request
type Elements struct {
	// Accept is the value of Accept for a destination, where it is another than the standard's.
	Accept map[string]string
	// OriginOfSame are the destinations of which same-origin requests in mode "cors" have an Origin.
	OriginOfSame []string
	// FontsWithoutCORS asks for fonts in mode "no-cors", with credentials.
	FontsWithoutCORS bool
	// TracksWithoutCORS asks for text tracks of other origins in mode "no-cors" where the media
	// element has no crossorigin attribute.
	TracksWithoutCORS bool
	// TracksWithoutReferrer sends no Referer with them.
	TracksWithoutReferrer bool
	// MediaRange asks for media with Range: bytes=0-; IcyMetadata with Icy-MetaData: 1.
	MediaRange, IcyMetadata bool
	// ScriptStatuses, SheetStatuses, FontStatuses, MediaStatuses and TrackStatuses are what is taken
	// besides 200 to 299.
	ScriptStatuses, ModuleStatuses, SheetStatuses, FontStatuses, MediaStatuses, TrackStatuses []int
	// AnyTrackStatus takes a text track of any status.
	AnyTrackStatus bool
	// PartialNeedsRange refuses a 206 as media without Content-Range.
	PartialNeedsRange bool
	// OpaquePartialImages refuses a 206 as an image of another origin in mode "no-cors".
	OpaquePartialImagesRefused bool
	// ImagesOfOtherTypesRefused refuses an image that is called a video or PDF.
	ImagesOfOtherTypesRefused bool
	// SheetOfWrongTypeLoads fires load for a style sheet of a wrong type, which is empty then.
	SheetOfWrongTypeLoads bool
	// AnyTypeIsCSS takes "*/*" for the type of a style sheet.
	AnyTypeIsCSS bool
	// WorkersOfAnyType takes a classic worker of any type that a classic script may have.
	WorkersOfAnyType bool
	// WorkersThrow throws from the constructor for a URL of another origin.
	WorkersThrow bool
	// OpaqueBlocking is ORB; it looks into what is called JavaScript with OpaqueBlockingOfScripts.
	OpaqueBlocking, OpaqueBlockingOfScripts bool
	// PlainImagesNosniff lets ORB refuse what is called text/plain, with nosniff.
	PlainImagesNosniff bool
	// MutedByLastURL mutes the errors of a script by the last URL of its redirects.
	MutedByLastURL bool
	// OwnErrorsTold tells of a muted script the errors that it made itself.
	OwnErrorsTold bool
	// FailedPreloadsLoad fires load for a preload of another origin that failed.
	FailedPreloadsLoad bool
	// PreloadsUnchecked takes preloads whatever their integrity, and modules whatever their type.
	PreloadsUnchecked bool
	// OpaqueIntegrityIgnoresUnknown loads an opaque response whose integrity metadata means nothing.
	OpaqueIntegrityIgnoresUnknown bool
	// BeaconsUnlimited has no bound on the bytes of a beacon.
	BeaconsUnlimited bool
	// BeaconDropsUnparsable sends no Content-Type for a Blob whose type is none.
	BeaconDropsUnparsable bool
	// StreamOfOtherCharset reads an event stream that says another charset than UTF-8, as UTF-8.
	StreamOfOtherCharset bool
	// StreamByFirstType takes the first of several types for that of an event stream.
	StreamByFirstType bool
	// StreamGivesUp ends an EventSource for good when the connection is refused.
	StreamGivesUp bool
	// StreamReconnectsToLast reconnects an EventSource to where it was redirected; with
	// StreamReconnectsToPermanent after 301 and 308 alone.
	StreamReconnectsToLast, StreamReconnectsToPermanent bool
	// SocketMetadata sends the Fetch metadata headers with the handshake of a WebSocket.
	SocketMetadata bool
	// SocketDestinationEmpty says there that the destination is empty.
	SocketDestinationEmpty bool
	// StreamNULDropsEvent drops an event whose id has a NUL, instead of the id.
	StreamNULDropsEvent bool
	// SyncWithoutMetadata sends none with a synchronous XMLHttpRequest.
	SyncWithoutMetadata bool
	// MediaAskedTwice asks a second time for media that it cannot decode.
	MediaAskedTwice bool
	// FailedModulesKept does not ask again for a module that failed.
	FailedModulesKept bool
	// PreloadKinds are what is preloaded besides fetch, font, image, script and style;
	// PreloadsLoadUnasked and PreloadsFailUnasked are those for which the event comes without a request.
	PreloadKinds, PreloadsLoadUnasked, PreloadsFailUnasked []string
	// PreloadCaseCounts takes the attribute as it is written.
	PreloadCaseCounts bool
	// PreloadsServeAll lets an element take a preload of any mode, and a script only those of others.
	PreloadsServeAll bool
	// PreloadsServeModules lets a module take the preload of a script.
	PreloadsServeModules bool
	// FontPreloadsUseCORS preloads fonts in mode "cors" without the attribute crossorigin, too.
	FontPreloadsUseCORS bool
	// ImportsOfDocument gives what modules and sheets import the document for a referrer.
	ImportsOfDocument bool
	// OpaqueHasReferrer gives what elements of a document with an opaque origin ask for a referrer.
	OpaqueHasReferrer bool
	// ModuleErrorsOnce tells of the errors of a module once, though it is loaded twice.
	ModuleErrorsOnce bool
	// OpaqueImportsHaveReferrer is OpaqueHasReferrer for import() alone.
	OpaqueImportsHaveReferrer bool
	// PreloadsOfAnyStatus takes what is preloaded as fetch whatever its status is.
	PreloadsOfAnyStatus bool
	// BeaconTypesUnbounded asks for no preflight of a beacon whose safelisted type is a long one.
	BeaconTypesUnbounded bool
	// CacheByCredentials keeps responses that came with credentials apart from others in the HTTP cache.
	CacheByCredentials bool
	// SocketFollows follows redirects of it.
	SocketFollows bool
}
