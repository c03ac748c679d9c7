package corstest

import (
	"context"
	"fmt"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/transcript"
)

// A LoadOption is an attribute of an element, or what is in its place.
type LoadOption func(*fetch.Attributes)

// CrossOrigin is the attribute crossorigin: "anonymous" or "use-credentials".
//
// https://html.spec.whatwg.org/multipage/urls-and-fetching.html#cors-settings-attributes
func CrossOrigin(value string) LoadOption {
	return func(a *fetch.Attributes) { a.CrossOrigin = &value }
}

// Integrity is the attribute integrity.
func Integrity(metadata string) LoadOption {
	return func(a *fetch.Attributes) { a.Integrity = metadata }
}

// WithCredentials is that of an EventSource.
func WithCredentials() LoadOption {
	return func(a *fetch.Attributes) { a.WithCredentials = true }
}

// A Load is what came of an element that loads a resource, in each user agent. Its assertions
// return it, so that they can be chained. Each is the first of its page: what an element before it
// has loaded is not used again.
type Load struct{ result *Result }

// Image is an <img> of the page. It loads whatever the server permits, and taints a canvas; with
// [CrossOrigin] the server must permit it, and the canvas can be read.
func (p *Tab) Image(url string, options ...LoadOption) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorImage, url, options)
}

// Script is a <script> of the page, a classic one: its errors are muted unless it has [CrossOrigin].
func (p *Tab) Script(url string, options ...LoadOption) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorScript, url, options)
}

// Module is a <script type=module> of the page, for which the server must permit the page's origin.
func (p *Tab) Module(url string, options ...LoadOption) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorModule, url, options)
}

// Style is a <link rel=stylesheet> of the page: its rules cannot be read unless it has [CrossOrigin].
func (p *Tab) Style(url string, options ...LoadOption) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorStyle, url, options)
}

// Font is a font of a style sheet, for which the server must permit the page's origin. WebKitGTK
// asks for fonts without CORS.
func (p *Tab) Font(url string) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorFont, url, nil)
}

// Media is a <video> of the page, which loads as [Tab.Image] does.
func (p *Tab) Media(url string, options ...LoadOption) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorVideo, url, options)
}

// Worker is a worker of the page, whose script must be of the page's own origin.
func (p *Tab) Worker(url string) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorWorker, url, nil)
}

// EventSource is an EventSource of the page, which loads when it opens.
func (p *Tab) EventSource(url string, options ...LoadOption) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorEventSource, url, options)
}

// Beacon is navigator.sendBeacon() of the page with a Blob. One of a type that is not safelisted,
// such as application/json, goes out after a preflight that permits it, with credentials. That it
// loads says that the server got it; the page is not told.
func (p *Tab) Beacon(url, contentType, body string) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorBeacon, url, []LoadOption{func(a *fetch.Attributes) { a.Body = fetch.Blob([]byte(body), contentType) }})
}

// Form is a <form method=post> of the page, with fields as in a query: "to=me&sum=1". CORS does not judge
// it: it arrives with the cookies that SameSite lets through, from whichever page, so that it is for the
// server to look at Origin. A test says with [Load.Status] that it refuses a foreign page's.
func (p *Tab) Form(url, fields string) *Load {
	p.t.Helper()
	return p.load(fetch.InitiatorForm, url, []LoadOption{func(a *fetch.Attributes) {
		a.Method, a.Body = "POST", fetch.Blob([]byte(fields), "application/x-www-form-urlencoded")
	}})
}

// load makes an attempt in each user agent.
func (p *Tab) load(initiator fetch.Initiator, target string, options []LoadOption) *Load {
	p.t.Helper()
	r := &Result{tab: p, fetched: new(fetched)}
	_, address, err := p.parseTarget(target)
	if err != nil {
		r.refuse("%s", strings.Replace(err.Error(), "Fetch(", "the URL (", 1))
		return &Load{r}
	}
	r.method, r.url, r.target = "GET", address, string(initiator)+" "+address
	r.run("loaded", func(ctx context.Context, i int, client *fetch.Client) *transcript.Attempt {
		attributes := new(fetch.Attributes)
		for _, option := range options {
			if option != nil {
				option(attributes)
			}
		}
		return transcript.Load(ctx, client, p.page.Reload(), initiator, address, attributes)
	})
	return &Load{r}
}

// Loads asserts that the element loads: its load event.
func (l *Load) Loads() *Load {
	l.result.tab.t.Helper()
	l.result.assert("loads", transcript.Loads)
	return l
}

// Fails asserts that it does not, and that each of the reasons is among the requirements that are
// not met, as [Result.Blocked] has it.
func (l *Load) Fails(reasons ...cors.Reason) *Load {
	l.result.tab.t.Helper()
	l.result.Blocked(reasons...)
	return l
}

// Readable asserts that the element loads what the page may read: a canvas is not tainted, the
// rules of a style sheet can be read, the errors of a script are told.
func (l *Load) Readable() *Load {
	l.result.tab.t.Helper()
	l.result.assert("readable", transcript.Opaque(false))
	return l
}

// Untainted is [Load.Readable], of an image or video that is drawn on a canvas.
func (l *Load) Untainted() *Load {
	l.result.tab.t.Helper()
	l.result.assert("untainted", transcript.Opaque(false))
	return l
}

// Opaque asserts that the element loads what the page may use and not read.
func (l *Load) Opaque() *Load {
	l.result.tab.t.Helper()
	l.result.assert("opaque", transcript.Opaque(true))
	return l
}

// Status asserts the status with which the server answered, which the page itself may not see.
func (l *Load) Status(status int) *Load {
	l.result.tab.t.Helper()
	l.result.assert(fmt.Sprintf("status %d", status), func(a *transcript.Attempt) string {
		switch {
		case a.Err != nil:
			return a.Outcome()
		case a.Loaded.Status != status:
			return fmt.Sprintf("status %d", a.Loaded.Status)
		}
		return ""
	})
	return l
}

// Preflighted asserts that the browser asks before it sends the request, as for a beacon of JSON.
func (l *Load) Preflighted() *Load {
	l.result.tab.t.Helper()
	l.result.Preflighted()
	return l
}

// Sends asserts that the request went out with a header of this value, as [Result.Sends] has it.
func (l *Load) Sends(name, value string) *Load {
	l.result.tab.t.Helper()
	l.result.Sends(name, value)
	return l
}
