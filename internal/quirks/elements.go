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
	// UnfollowedRedirectsLoad are the kinds of resource that load with a status from 300 to 399 that is not
	// a redirect which is followed: destinations, "module", "svg-use", or "fetch" of a preload.
	UnfollowedRedirectsLoad []string
	// AnyTrackStatus takes a text track of any status.
	AnyTrackStatus bool
	// MediaNeedsOK takes media of the statuses 200 and 206 only, and a 206 only with a Content-Range.
	MediaNeedsOK bool
	// OpaquePartialRefused refuses a 206 as an image of another origin in mode "no-cors", and any status
	// but 200 as media.
	OpaquePartialRefused bool
	// SVGSniffed shows an image that is called image/svg+xml and is another.
	SVGSniffed bool
	// ImagesOfOtherTypesRefused refuses an image that is called a video or PDF.
	ImagesOfOtherTypesRefused bool
	// SheetOfWrongTypeLoads fires load for a style sheet of a wrong type, which is empty then.
	SheetOfWrongTypeLoads bool
	// AnyTypeIsCSS takes "*/*" for the type of a style sheet.
	AnyTypeIsCSS bool
	// WorkersOfAnyType takes a classic worker of any type that a classic script may have.
	WorkersOfAnyType bool
	// ModuleWorkersOfAnyType takes a module worker of any type.
	ModuleWorkersOfAnyType bool
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
	// BadPortBeaconsRefused and MixedBeaconsRefused return false for a beacon to a bad port, and for one
	// that is mixed content.
	BadPortBeaconsRefused, MixedBeaconsRefused bool
	// BeaconHopsAsSent makes a preflight for a redirected beacon only if one was made before, and asks in it
	// for the headers of the beacon; they do not come back for the request itself.
	BeaconHopsAsSent bool
	// BeaconDropsUnparsable sends no Content-Type for a Blob whose type is none.
	BeaconDropsUnparsable bool
	// StreamOfOtherCharset reads an event stream that says another charset than UTF-8, as UTF-8.
	StreamOfOtherCharset bool
	// StreamByFirstType takes the first of several types for that of an event stream.
	StreamByFirstType bool
	// StreamGivesUp ends an EventSource for good when the connection to another origin is refused.
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
	// StreamIDsOfEventsOnly sets the last event ID with an event that is dispatched, not with an empty one.
	StreamIDsOfEventsOnly bool
	// StreamRetryAtLeast is the shortest reconnection time, in milliseconds.
	StreamRetryAtLeast int
	// StreamRetriesRedirects connects again after a redirect that cannot be followed.
	StreamRetriesRedirects bool
	// StreamOriginOfRequest says in the events of a stream the origin of the URL that was asked for, whatever the redirects.
	StreamOriginOfRequest bool
	// SyncWithoutMetadata sends none with a synchronous XMLHttpRequest.
	SyncWithoutMetadata bool
	// SyncWithoutUploadListener does not let an upload listener of one be a reason for a preflight.
	SyncWithoutUploadListener bool
	// SyncReferrerKept keeps the referrer of one when it is redirected.
	SyncReferrerKept bool
	// SyncMixedFollowed follows a redirect of one to mixed content; SyncMixedIsEmpty ends one that is mixed
	// content as if an empty response without a status had come.
	SyncMixedFollowed, SyncMixedIsEmpty bool
	// MixedTracks asks for text tracks with crossorigin over http from secure pages.
	MixedTracks bool
	// RedirectsToData follows a redirect of a script, image or style sheet in mode "no-cors" to a data: URL.
	RedirectsToData bool
	// ShapesWithoutCredentials sends none with the images of shape-outside.
	ShapesWithoutCredentials bool
	// NavigationOriginNulled says null once the redirects of a form left an origin; NavigationOriginLost
	// has no Origin once they made it a GET.
	NavigationOriginNulled, NavigationOriginLost bool
	// RefusedFramesHang fires no load event for a frame whose connection was refused; MixedRedirectsHangFrames
	// for one that is redirected to mixed content.
	RefusedFramesHang, MixedRedirectsHangFrames bool
	// MixedSocketsFail fires error for a WebSocket that is mixed content, instead of throwing.
	MixedSocketsFail bool
	// FailuresUntimed has no timing entry of what failed.
	FailuresUntimed bool
	// IntegrityCaseCounts takes the names of hash algorithms in lower case only.
	IntegrityCaseCounts bool
	// MediaBypassesCache asks for media past the HTTP cache.
	MediaBypassesCache bool
	// MediaAskedTwice asks a second time for media that it cannot decode.
	MediaAskedTwice bool
	// FailedModulesKept does not ask again for a module that failed; FailedModulePreloadsKept for one
	// whose preload did.
	FailedModulesKept, FailedModulePreloadsKept bool
	// ModulePreloadsOfScripts fails the preload of a module for anything but scripts, except
	// ModulePreloadKinds, which are asked for.
	ModulePreloadsOfScripts bool
	ModulePreloadKinds      []string
	// ModulePreloadsWithoutReferrer sends no Referer with them.
	ModulePreloadsWithoutReferrer bool
	// ModulePreloadsChecked checks the redirects of such a preload as if it had credentials.
	ModulePreloadsCheckedWithCredentials bool
	// KeptInDocument are the destinations of which a document keeps what has loaded, whatever the HTTP
	// cache may.
	KeptInDocument []string
	// PreloadKinds are what is preloaded besides fetch, font, image, script and style;
	// PreloadsLoadUnasked and PreloadsFailUnasked are those for which the event comes without a request.
	PreloadKinds, PreloadsLoadUnasked, PreloadsFailUnasked []string
	// PreloadCaseCounts takes the attribute as it is written.
	PreloadCaseCounts bool
	// PreloadsServeAll lets an element take a preload of any mode, and a script only those of others.
	PreloadsServeAll bool
	// FailedPreloadsAskAgain are the destinations of which a preload that failed does not fail the request
	// that would have taken it.
	FailedPreloadsAskAgain []string
	// PreloadsByCORSState takes a preload for a request whose credentials differ, as long as both are
	// included or both are not, or the mode is "no-cors".
	PreloadsByCORSState bool
	// PreloadsServeModules lets a module take the preload of a script.
	PreloadsServeModules bool
	// FontPreloadsUseCORS preloads fonts in mode "cors" without the attribute crossorigin, too, and
	// without credentials whatever it says.
	FontPreloadsUseCORS bool
	// ImportsOfDocument gives what modules and sheets import the document for a referrer.
	ImportsOfDocument bool
	// ImportsOfSheet says in the Fetch metadata of what a sheet imports how its URL relates to the sheet.
	ImportsOfSheet bool
	// SheetsOfDefaultPolicy gives what CSS asks for the default referrer policy, whatever the page's is.
	SheetsOfDefaultPolicy bool
	// OpaqueBeaconsHaveOrigin says in beacons the origin of the URL of a document whose own is opaque.
	OpaqueBeaconsHaveOrigin bool
	// OpaqueHasReferrer gives what elements of a document with an opaque origin ask for a referrer.
	OpaqueHasReferrer bool
	// ModuleErrorsOnce tells of the errors of a module once, though it is loaded twice.
	ModuleErrorsOnce bool
	// RepeatedModulesSilent fires no event for a module element whose module has run, and failed, before.
	RepeatedModulesSilent bool
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
