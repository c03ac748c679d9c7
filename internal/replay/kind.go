package replay

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/asker"
)

// A kind is what a request is for, as far as it decides its mode.
type kind uint8

const (
	kindUnknown kind = iota
	kindDocument
	kindElement // of an element or style sheet: image, media, script, style, manifest
	kindFont
	kindScripted // XMLHttpRequest and EventSource, whose mode is "cors"
	kindBeacon   // of navigator.sendBeacon, or a hyperlink's ping
	kindReport
)

// resourceKinds are the names that recorders have for what a request is for.
var resourceKinds = map[string]kind{
	"document": kindDocument, "xhr": kindScripted, "eventsource": kindScripted, "font": kindFont,
	"image": kindElement, "media": kindElement, "script": kindElement, "stylesheet": kindElement, "texttrack": kindElement, "manifest": kindElement,
	"ping": kindBeacon, "beacon": kindBeacon, "csp-violation-report": kindReport, "cspviolationreport": kindReport,
}

// destinationKinds are those of Sec-Fetch-Dest.
//
// https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-dest-header
var destinationKinds = map[string]kind{
	"document": kindDocument, "iframe": kindDocument, "frame": kindDocument, "embed": kindElement, "object": kindElement, "font": kindFont,
	"image": kindElement, "audio": kindElement, "video": kindElement, "track": kindElement, "script": kindElement, "style": kindElement, "manifest": kindElement,
}

// recordedKind returns what the recorder or the browser says that the request is for.
func (x *request) recordedKind() kind {
	if k := resourceKinds[headers.Lower(x.e.ResourceType)]; k != kindUnknown {
		return k
	}
	return destinationKinds[fetchMetadata(x.e.Request.Headers, "dest")]
}

// likelyKind returns what a request is for whose recorder does not say it: by what it accepts,
// which elements have values of their own for, by what came, and by its URL. A script may ask for
// such things as well, in mode "cors", which its Origin header then shows.
func (x *request) likelyKind() kind {
	if x.e.ResourceType != "" && !headers.EqualFold(x.e.ResourceType, "other") {
		return kindUnknown // "fetch", or one that is not known here
	}
	accept, _ := x.e.Request.Headers.Get("accept")
	contentType, _ := x.e.Response.Headers.Get("content-type")
	if contentType == "" {
		contentType = x.e.Response.MIMEType
	}
	path := ""
	if x.url != nil {
		path = x.url.Path()
	}
	for _, k := range [...]kind{kindOfAccept(accept), kindOfType(contentType), kindOfPath(path)} {
		if k != kindUnknown {
			return k
		}
	}
	return kindUnknown
}

// kindOfAccept returns the kind whose requests have such an Accept header.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func kindOfAccept(accept string) kind {
	switch first, _, _ := strings.Cut(accept, ","); {
	case asker.Navigates(accept):
		return kindDocument
	case strings.HasPrefix(first, "image/"), strings.HasPrefix(first, "text/css"), strings.HasPrefix(first, "video/"), strings.HasPrefix(first, "audio/"):
		return kindElement
	}
	return kindUnknown
}

// kindOfType returns the kind of what comes with a Content-Type; HTML and JSON are what scripts
// ask for, too.
func kindOfType(contentType string) kind {
	essence, _, _ := strings.Cut(headers.Lower(contentType), ";")
	essence = headers.TrimTabOrSpace(essence)
	top, sub, _ := strings.Cut(essence, "/")
	switch {
	case top == "font", strings.HasPrefix(sub, "font-"), strings.HasPrefix(sub, "x-font"), sub == "vnd.ms-fontobject":
		return kindFont
	case top == "image", top == "audio", top == "video", essence == "text/css", strings.HasSuffix(sub, "javascript"):
		return kindElement
	}
	return kindUnknown
}

// extensions are those of files that elements, style sheets and fonts load.
var elementExtensions = []string{"avif", "bmp", "css", "gif", "ico", "jpeg", "jpg", "js", "m4a", "m4v", "mjs", "mp3", "mp4", "ogg", "png", "svg", "wav", "webm", "webp"}

func kindOfPath(path string) kind {
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 || strings.IndexByte(path[dot:], '/') >= 0 {
		return kindUnknown
	}
	switch extension := headers.Lower(path[dot+1:]); {
	case slices.Contains([]string{"eot", "otf", "ttf", "woff", "woff2"}, extension):
		return kindFont
	case slices.Contains(elementExtensions, extension):
		return kindElement
	}
	return kindUnknown
}
