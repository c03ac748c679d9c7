package replay

import (
	"strconv"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
)

// A recorder is who wrote a recording, as far as that says what the absence of
// an error or a header means.
type recorder struct {
	// engine is what was recorded; nil for none that is known, such as a proxy's
	// clients.
	engine *browser.Engine
	// marksFailures: an entry with a response and without an error is one that
	// the page got. Firefox records a response that its page never saw as any
	// other. One that keeps what was refused writes into each entry that there was no
	// error; where that is missing, someone took it out, and there may have been one.
	marksFailures bool
	// wire: a proxy recorded, which sees what is sent and nothing else.
	wire bool
	// server: the server that answers recorded. What reached it was sent, so that a preflight, where
	// one was needed, had permitted it.
	server bool
	// keepsRefused: an entry whose response the CORS check refused has the
	// response all the same, and so has one that failed later.
	keepsRefused bool
	// writesOrigin: it writes the Origin header wherever one was sent, though not the headers that
	// tell that all are there (Host, Accept-Encoding).
	writesOrigin bool
}

// recorders are the habits of those who write HAR, by the beginnings of their names. The first
// that fits is taken.
var recorders = []struct {
	creator string
	recorder
}{
	{"WebInspector", recorder{engine: browser.Chromium(), marksFailures: true, keepsRefused: true}},
	{"WebKit Web Inspector", recorder{engine: browser.WebKit(), marksFailures: true}},
	{"Firefox", recorder{engine: browser.Firefox(), keepsRefused: true}},
	// A response that the CORS check refused may have no event of its own in a NetLog.
	{"NetLog", recorder{engine: browser.Chromium(), keepsRefused: true}},
	{record.AccessLogCreator, recorder{wire: true, server: true}},
	{"Network events", recorder{engine: browser.Chromium(), marksFailures: true, keepsRefused: true}},
	{"mitmproxy", recorder{wire: true}},
	{"Charles", recorder{wire: true}},
	{"Fiddler", recorder{wire: true}},
	{"BrowserMob", recorder{wire: true}},
	{"Proxyman", recorder{wire: true}},
	{"HTTP Toolkit", recorder{wire: true}},
	// Both are QtWebKit, and hand over the headers before the network adds its own.
	{"Splash", recorder{writesOrigin: true}},
	{"PhantomJS", recorder{writesOrigin: true}},
}

func recorderOf(log record.Log) recorder {
	if log.Creator == "Playwright" {
		return recorder{engine: engineNamed(headers.Lower(log.Browser)), marksFailures: true}
	}
	for i := range recorders {
		if strings.HasPrefix(log.Creator, recorders[i].creator) {
			return recorders[i].recorder
		}
	}
	return recorder{}
}

// marksEveryEntry is the first version of Chromium whose DevTools write into each entry whether
// there was an error. It sends Sec-Fetch-Mode, too.
const marksEveryEntry = 80

// stripped reports whether someone took out of an entry what the recorder writes
// into each, and with it what became of the request.
func (x *request) stripped() bool {
	if !x.recorder.marksFailures || !x.recorder.keepsRefused || x.e.ErrorKnown {
		return false
	}
	version, ok := chromiumVersion(x.e.Request.Headers)
	return !ok || version >= marksEveryEntry
}

// chromiumVersion returns the version that a request's User-Agent names.
func chromiumVersion(list headers.List) (version int, ok bool) {
	value, _ := list.Get("user-agent")
	_, after, ok := strings.Cut(value, "Chrome/")
	if !ok {
		return 0, false
	}
	digits := strings.TrimLeft(after, "0123456789")
	version, err := strconv.Atoi(strings.TrimSuffix(after, digits))
	return version, err == nil
}
