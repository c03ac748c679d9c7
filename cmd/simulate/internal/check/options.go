// Package check asks a live server what a page's script would ask it, as a browser
// does, and reports what a browser would make of the answers: each exchange, each
// decision with its reason, the verdict, and what to change.
package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// DefaultTimeout is how long a check may take where nothing else is said.
const DefaultTimeout = 30 * time.Second

// Options say who asks what. URL is required, and one of Origin and Page.
type Options struct {
	// URL is what is asked for.
	URL string
	// Origin is the origin of the page that asks, "null" for an opaque one.
	Origin string
	// Page is the URL of that page; empty stands for the root of Origin.
	Page string

	// Method, Headers and the modes are as in the init of fetch(); empty stands
	// for absent.
	Method         string
	Headers        headers.List
	Body           *string // nil for none
	Mode           fetch.Mode
	Credentials    fetch.Credentials
	Redirect       fetch.Redirect
	Cache          fetch.CacheMode
	Referrer       *string // nil for the page's own
	ReferrerPolicy fetch.ReferrerPolicy
	Keepalive      bool

	// As is what an element or another API of the page loads, "" for fetch(): a name of [explain.Initiators].
	// CrossOrigin is its attribute, nil for none, Integrity the attribute of that name, PreloadAs that of a
	// preload, and WithCredentials what an EventSource is given.
	As                   string
	CrossOrigin          *string
	Integrity, PreloadAs string
	WithCredentials      bool

	// ContentSecurityPolicy is the page's policy, AddressSpace where it was loaded from, unknown for what its host
	// tells, Permissions what the user has said, and HSTS the hosts that are known to want https.
	ContentSecurityPolicy []string
	AddressSpace          origin.AddressSpace
	Permissions           map[fetch.Permission]fetch.PermissionState
	HSTS                  []string

	// Cookies are those that the browser has for the host of URL, as in a Cookie
	// header: "a=1; b=2". Over https they are taken to be SameSite=None; over
	// http no cookie can be.
	Cookies string

	// Engine is the user agent; nil stands for the standard.
	Engine *browser.Engine
	// Network is where the requests go; nil stands for a [wire.Network].
	Network fetch.Network
	// Timeout bounds the whole check; 0 stands for [DefaultTimeout].
	Timeout time.Duration
	// Answers are judged instead of those of a server, where there are any: nothing is sent.
	Answers []explain.Reply
	// Why asks a few more requests, OPTIONS, GET and HEAD only, where they tell the causes of
	// a failure apart.
	Why bool

	fromDisk bool // the page is a file

	// DryRun sends nothing: it shows what would be sent if each response
	// permitted what comes next.
	DryRun bool
}

// An ArgumentError says what is wrong with an option, and what to do about it.
type ArgumentError struct {
	Option  string // such as "origin"
	Problem string
}

// Error returns the option and its problem.
func (e *ArgumentError) Error() string { return e.Option + ": " + e.Problem }

// page returns the page that asks.
func (o *Options) page() (*fetch.Page, error) {
	if o.Origin == "" && o.Page == "" {
		return nil, &ArgumentError{"origin", "who asks? Give the origin of the page, such as https://app.example"}
	}
	if o.Origin != "" && o.Origin != "file://" {
		if _, err := origin.Parse(o.Origin); err != nil {
			return nil, &ArgumentError{"origin", err.Error() + originSuggestion(o.Origin)}
		}
	}
	url := o.Page
	if o.Origin == "file://" || strings.HasPrefix(o.Page, "file:") && o.Origin == "" {
		o.Origin, o.fromDisk = "null", true
		if url == "" {
			url = "file:///page.html"
		}
	}
	switch {
	case url != "":
	case o.Origin == "null":
		url = "about:blank"
	default:
		url = o.Origin + "/"
	}
	page, err := fetch.NewPage(url, &fetch.PageOptions{
		Origin: o.Origin, ContentSecurityPolicy: o.ContentSecurityPolicy, AddressSpace: o.AddressSpace, Permissions: o.Permissions,
	})
	if err != nil {
		return nil, argumentError(err)
	}
	if p, err := fetch.NewPage(url, nil); err == nil && o.Page != "" && o.Origin != "" && o.Origin != "null" && p.Origin().String() != o.Origin {
		return nil, &ArgumentError{"page", fmt.Sprintf("%s is of the origin %s, not %s; give one of the two", url, p.Origin(), o.Origin)}
	}
	return page, nil
}

// originSuggestion proposes the origin that somebody may have meant by s.
func originSuggestion(s string) string {
	for _, candidate := range []string{s, "https://" + s} {
		if u, err := weburl.Parse(candidate); err == nil && u.IsHTTP() {
			return "; did you mean " + u.Origin().String() + "?"
		}
	}
	return "; an origin is scheme://host[:port]"
}

// request returns the request that the page makes.
func (o *Options) request(page *fetch.Page) (*fetch.Request, error) {
	if _, err := weburl.Parse(o.URL); err != nil && !strings.HasPrefix(o.URL, "/") && !(o.As != "" && !strings.Contains(o.URL, ":")) {
		problem := err.Error()
		if u, err := weburl.Parse("https://" + o.URL); err == nil && strings.Contains(u.Host(), ".") {
			problem += "; did you mean " + u.String() + "?"
		}
		return nil, &ArgumentError{"URL", problem}
	}
	if o.As != "" {
		return o.load(page)
	}
	init := &fetch.Init{
		Method: o.Method, Headers: o.Headers, Mode: o.Mode, Credentials: o.Credentials, Redirect: o.Redirect,
		Cache: o.Cache, ReferrerPolicy: o.ReferrerPolicy, Keepalive: o.Keepalive,
	}
	if o.Referrer != nil {
		init.Referrer, init.NoReferrer = *o.Referrer, *o.Referrer == ""
	}
	if o.Body != nil {
		init.Body = fetch.Bytes([]byte(*o.Body))
	}
	r, err := fetch.NewRequest(page, o.URL, init)
	if err != nil {
		return nil, argumentError(err)
	}
	return r, nil
}

// notes says which of the headers a browser ignores, and why.
func (o *Options) notes(r *fetch.Request) (notes []string) {
	scheme, _, _ := strings.Cut(o.Origin, ":")
	if note := hostNotes[scheme]; note != "" {
		notes = append(notes, note)
	}
	if o.fromDisk {
		notes = append(notes, "A page from disk has the origin null: whoever allows null allows every such page, and every sandboxed frame. Serve it from http://localhost instead.")
	}
	accepted := r.Headers()
	for _, h := range o.Headers {
		if accepted.Contains(h.Name) {
			continue
		}
		why := "browsers do not let script set it"
		if r.Mode() == fetch.ModeNoCORS && !headers.IsForbiddenRequestHeader(h.Name, h.Value) {
			why = `mode "no-cors" does not allow it`
		}
		notes = append(notes, fmt.Sprintf("Header %s is omitted: %s.%s", h.Name, why, instead(h.Name)))
	}
	return notes
}

// hostNotes say how programs that show pages of their own schemes treat them, by scheme.
var hostNotes = map[string]string{
	"chrome-extension":     extensionNote,
	"moz-extension":        extensionNote + " In Firefox the id is another in each installation, so that no server can list it.",
	"safari-web-extension": extensionNote + " In Safari the id is another in each installation, so that no server can list it.",
	"capacitor":            "capacitor://localhost is the origin of Capacitor's apps on iOS; on Android it is https://localhost, or http://localhost before Capacitor 6. Allow both. Capacitor's own HTTP plug-in is not subject to CORS.",
	"ionic":                "ionic://localhost is the origin of Ionic's WebView on iOS, beside http://localhost on Android.",
	"app":                  "app: is a scheme that an Electron app has registered for itself: whether its pages are subject to CORS is decided by that registration and by webSecurity.",
	"tauri":                "tauri://localhost is the origin of Tauri's apps on macOS, iOS and Linux; on Windows and Android it is http://tauri.localhost. Allow both. Tauri's own HTTP plug-in is not subject to CORS.",
}

const extensionNote = "An extension whose manifest has host permissions for the URL is not subject to CORS in its own pages and its background; its content scripts are, with the origin of the page that they run in."

// instead says which flag of the command does what a header would.
func instead(name string) string {
	switch headers.Lower(name) {
	case "cookie":
		return " Use --cookie."
	case "origin":
		return " Use --origin."
	case "referer":
		return " Use --page."
	}
	return ""
}

// ParseHeader reads a header as curl does.
func ParseHeader(line string) (headers.Header, error) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		if name, ok = strings.CutSuffix(line, ";"); ok {
			return headers.Header{Name: name}, nil
		}
		return headers.Header{}, fmt.Errorf("%q has no colon; write 'NAME: VALUE'", line)
	}
	value = strings.Trim(value, " \t")
	if value == "" {
		return headers.Header{}, fmt.Errorf("%q has no value; write '%s;' for an empty one", line, name)
	}
	return headers.Header{Name: name, Value: value}, nil
}
