package explain

import "strings"

// An Initiator is an element or API of a page that asks for something, in the words of people.
type Initiator struct {
	// API is its name in scenarios, and As what people call what it asks for.
	API, As string
	// Markup is what a page has in it.
	Markup string
	// Readable is what becomes of what loads and may be read, Opaque of what may not be, and Failed of
	// what does not load. Opaque is "" where nothing loads without CORS.
	Readable, Opaque, Failed string
	// Attribute says that crossorigin makes a difference.
	Attribute bool
	// Navigates says that CORS does not judge it at all.
	Navigates bool
}

// Initiators are those that are known, those of most pages first.
var Initiators = []Initiator{
	{API: "img", As: "image", Markup: "<img>", Attribute: true,
		Readable: "the image is shown, and a canvas on which it is drawn can be read",
		Opaque:   "the image is shown, and a canvas on which it is drawn is tainted: getImageData(), toDataURL() and toBlob() throw",
		Failed:   "the image is not shown, and fires error"},
	{API: "script", As: "script", Markup: "<script>", Attribute: true,
		Readable: "the script runs, and the page is told of its errors",
		Opaque:   "the script runs, its errors say no more than \"Script error.\", and integrity cannot be checked",
		Failed:   "the script does not run, and fires error"},
	{API: "module", As: "module", Markup: "<script type=module>", Attribute: true,
		Readable: "the module runs", Failed: "the module does not run, and fires error"},
	{API: "import", As: "import", Markup: "import()",
		Readable: "the module runs", Failed: "the promise is rejected"},
	{API: "style", As: "style", Markup: "<link rel=stylesheet>", Attribute: true,
		Readable: "the style sheet applies, and script can read its rules",
		Opaque:   "the style sheet applies; reading its cssRules throws, and integrity cannot be checked",
		Failed:   "the style sheet does not apply, and fires error"},
	{API: "font", As: "font", Markup: "@font-face",
		Readable: "the font is used", Failed: "the font is not used: text is in the next one of the list"},
	{API: "video", As: "video", Markup: "<video>", Attribute: true,
		Readable: "the video plays, and a canvas on which a frame is drawn can be read",
		Opaque:   "the video plays, and a canvas on which a frame is drawn is tainted",
		Failed:   "the video does not play, and fires error"},
	{API: "audio", As: "audio", Markup: "<audio>", Attribute: true,
		Readable: "the audio plays, also through the Web Audio API",
		Opaque:   "the audio plays; through createMediaElementSource() it is silent",
		Failed:   "the audio does not play, and fires error"},
	{API: "track", As: "track", Markup: "<track>", Attribute: true,
		Readable: "the text track is shown", Failed: "the text track is not shown, and fires error"},
	{API: "css-image", As: "css-image", Markup: "background-image",
		Readable: "the image is shown", Opaque: "the image is shown", Failed: "the image is not shown"},
	{API: "css-mask", As: "css-mask", Markup: "mask-image",
		Readable: "the mask applies", Failed: "the mask does not apply"},
	{API: "shape-outside", As: "shape-outside", Markup: "shape-outside",
		Readable: "text flows around the shape", Failed: "text flows around the box: the shape is not used"},
	{API: "svg-use", As: "svg-use", Markup: "<use>",
		Readable: "the referenced part is shown", Failed: "nothing is shown: use takes only what is of the page's origin"},
	{API: "preload", As: "preload", Markup: "<link rel=preload>", Attribute: true,
		Readable: "it is preloaded, for an element that has crossorigin too",
		Opaque:   "it is preloaded, for an element without crossorigin only: fonts, modules and fetch() ask a second time",
		Failed:   "nothing is preloaded, and the link fires error (in Firefox load)"},
	{API: "modulepreload", As: "modulepreload", Markup: "<link rel=modulepreload>", Attribute: true,
		Readable: "the module is preloaded", Failed: "nothing is preloaded, and the link fires error (in Firefox load)"},
	{API: "eventsource", As: "eventsource", Markup: "new EventSource()",
		Readable: "the stream opens, and script gets its events", Failed: "the stream fires error and stays closed: readyState is 2"},
	{API: "beacon", As: "beacon", Markup: "navigator.sendBeacon()",
		Readable: "the beacon is sent", Opaque: "the beacon is sent, with cookies; nobody is told what the server answers",
		Failed: "sendBeacon() returns true all the same, and no one is told"},
	{API: "worker", As: "worker", Markup: "new Worker()",
		Readable: "the worker runs", Failed: "the worker does not start: its script must be of the page's origin, whatever a server permits"},
	{API: "sharedworker", As: "sharedworker", Markup: "new SharedWorker()",
		Readable: "the worker runs", Failed: "the worker does not start: its script must be of the page's origin, whatever a server permits"},
	{API: "manifest", As: "manifest", Markup: "<link rel=manifest>", Attribute: true,
		Readable: "the manifest is used", Failed: "the manifest is not used"},
	{API: "form-post", As: "form", Markup: "<form>", Navigates: true,
		Readable: "the form is sent, with the cookies that SameSite lets through, from whichever page", Failed: "nothing came back"},
	{API: "iframe", As: "frame", Markup: "<iframe>", Navigates: true,
		Readable: "the document is asked for; a page of another origin cannot read it", Failed: "the frame is empty"},
	{API: "websocket", As: "websocket", Markup: "new WebSocket()", Navigates: true,
		Readable: "the handshake is sent, with cookies, from whichever page", Failed: "the socket fires error"},
}

// otherNames are what people call some of them as well.
var otherNames = map[string]string{
	"img": "image", "picture": "image", "js": "script", "css": "style", "stylesheet": "style", "iframe": "frame", "form-post": "form",
	"event-source": "eventsource", "sse": "eventsource", "sendbeacon": "beacon", "shared-worker": "sharedworker", "ws": "websocket",
	"media": "video", "link": "preload", "background-image": "css-image", "mask-image": "css-mask",
}

// FindInitiator returns the initiator that somebody means, nil for none.
func FindInitiator(name string) *Initiator {
	name = strings.ToLower(name)
	if other := otherNames[name]; other != "" {
		name = other
	}
	for i := range Initiators {
		if Initiators[i].As == name || Initiators[i].API == name {
			return &Initiators[i]
		}
	}
	return nil
}

// OriginMatters says of what CORS does not judge what the server has to do instead.
const OriginMatters = "CORS does not judge it: whoever's page sends it, it arrives. The server must look at Origin itself, and refuse what it does not expect (SameSite cookies or a token besides)."
