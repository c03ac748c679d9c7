package fetch

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/csp"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A Page is who asks: what the standard calls an environment settings object,
// of a document. Its methods may be called at the same time.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
type Page struct {
	settings
	memory memory
	// keepaliveBytes is the length of the bodies of keepalive requests under way.
	keepaliveBytes atomic.Int64
}

// settings are what a page is when it is loaded.
type settings struct {
	url            *weburl.URL
	origin         origin.Origin
	referrerPolicy ReferrerPolicy
	embedderPolicy cors.EmbedderPolicy
	// topLevelSite is the network partition key: the site of the top-level document.
	topLevelSite string
	topLevel     *weburl.URL
	// topOrigin is the origin of the top-level document.
	topOrigin origin.Origin
	// originReferrer is what the Referer of most of its requests says.
	originReferrer string

	kind              PageKind
	policies          []csp.Policy // that decide, report-only ones left out
	sandboxedByCSP    bool
	allow             string
	permissionsPolicy string
	addressSpace      origin.AddressSpace
	permissions       map[Permission]PermissionState
}

// Reload returns the page as it is once it is loaded again: with none of the modules, images and preloads
// that its document has.
func (p *Page) Reload() *Page { return &Page{settings: p.settings} }

// A PageKind is what kind of document or worker a page is. Those that have no URL of their own on
// the network have that of the document that created them, its policies, and its base URL.
type PageKind string

// The kinds of pages.
const (
	KindDocument     PageKind = "" // with the URL of the page
	KindSrcdoc       PageKind = "srcdoc"
	KindAboutBlank   PageKind = "about:blank"
	KindBlob         PageKind = "blob"          // a document at a blob: URL
	KindData         PageKind = "data"          // a document at a data: URL
	KindWorker       PageKind = "worker"        // a dedicated worker whose script has the URL of the page
	KindSharedWorker PageKind = "shared-worker" // likewise
	KindBlobWorker   PageKind = "blob-worker"
	KindDataWorker   PageKind = "data-worker"
)

var pageKinds = []PageKind{
	KindDocument, KindSrcdoc, KindAboutBlank, KindBlob, KindData, KindWorker, KindSharedWorker, KindBlobWorker, KindDataWorker,
}

// isWorker reports whether the kind is of workers.
func (k PageKind) isWorker() bool { return strings.HasSuffix(string(k), "worker") }

// PageOptions are what is not plain about a page. The zero value is a
// top-level document with the origin of its URL and the default policies.
type PageOptions struct {
	// Kind is what kind of document or worker it is.
	Kind PageKind
	// Origin is the page's serialized origin, or "null" for an opaque one, as
	// of a sandboxed frame. Empty stands for the origin of its URL.
	Origin string
	// ReferrerPolicy is the document's referrer policy.
	ReferrerPolicy ReferrerPolicy
	// TopLevel is the URL of the top-level document; empty stands for the page
	// itself. Its site partitions caches and decides what is third-party.
	TopLevel string
	// EmbedderPolicy is the document's Cross-Origin-Embedder-Policy, which counts in secure contexts
	// only.
	EmbedderPolicy cors.EmbedderPolicy
	// ContentSecurityPolicy has the values of its Content-Security-Policy headers. One that
	// sandboxes it makes its origin opaque.
	ContentSecurityPolicy []string
	// PermissionsPolicy is its Permissions-Policy, and Allow the allow attribute of the frame that
	// it is in.
	PermissionsPolicy, Allow string
	// AddressSpace is that of the address from which it was loaded. Unknown means what the host of
	// its URL tells, and public where that tells nothing.
	AddressSpace origin.AddressSpace
	// Permissions are what the user has said already.
	Permissions map[Permission]PermissionState
}

// opaqueSites counts the top-level documents of opaque origins, each of which has a network partition of its own.
var opaqueSites atomic.Uint64

// NewPage returns the page at a URL. The error says what is wrong with the URL,
// or which option is, and is an *[cors.Error] with the reason
// [cors.InvalidArgument].
func NewPage(url string, options *PageOptions) (*Page, error) {
	if options == nil {
		options = &PageOptions{}
	}
	p := &Page{settings: settings{kind: options.Kind, referrerPolicy: options.ReferrerPolicy, embedderPolicy: options.EmbedderPolicy}}
	var err error
	if p.url, err = weburl.Parse(url); err != nil {
		return nil, invalidArgument("the page's URL", err)
	}
	p.origin = pageOrigin(p.url)
	p.originReferrer = p.origin.String() + "/"
	if options.Origin != "" {
		if p.origin, err = origin.Parse(options.Origin); err != nil {
			return nil, invalidArgument("the page's origin", err)
		}
	}
	p.policies = csp.Parse(options.ContentSecurityPolicy)
	if p.sandboxedByCSP = csp.Sandboxes(p.policies); p.sandboxedByCSP && !p.origin.IsOpaque() {
		p.origin = origin.NewOpaque()
	}
	p.permissionsPolicy, p.allow, p.permissions = options.PermissionsPolicy, options.Allow, maps.Clone(options.Permissions)
	if p.addressSpace = options.AddressSpace; p.addressSpace == origin.SpaceUnknown {
		p.addressSpace = max(origin.HostAddressSpace(p.url.Host()), origin.SpacePublic)
		if isAppScheme(p.url.Scheme()) || p.url.Scheme() == "file" {
			p.addressSpace = origin.SpaceLoopback // it is on the machine itself
		}
	}
	if !slices.Contains(pageKinds, p.kind) {
		return nil, invalidArgument("the page's kind", fmt.Errorf("%q is not one of %q", p.kind, pageKinds))
	}
	if !p.referrerPolicy.isKnown() {
		return nil, invalidArgument("the page's referrer policy", fmt.Errorf("%q is no referrer policy", p.referrerPolicy))
	}
	if p.embedderPolicy > cors.Credentialless {
		return nil, invalidArgument("the page's embedder policy", fmt.Errorf("there is no %v", p.embedderPolicy))
	}
	p.topLevel = p.url
	p.topLevelSite, p.topOrigin = p.origin.Site(), pageOrigin(p.url)
	if p.sandboxedByCSP {
		p.topOrigin = p.origin
	}
	if options.TopLevel != "" {
		if p.topLevel, err = weburl.Parse(options.TopLevel); err != nil {
			return nil, invalidArgument("the URL of the top-level document", err)
		}
		p.topOrigin = p.topLevel.Origin()
		p.topLevelSite = p.topOrigin.Site()
	}
	if p.topLevelSite == "null" {
		// The site of an opaque origin is that origin itself, which no other page has.
		p.topLevelSite = fmt.Sprint("null ", opaqueSites.Add(1))
	}
	if !p.isSecureContext() {
		p.embedderPolicy = cors.UnsafeNone
	}
	return p, nil
}

// appSchemes are the schemes of the pages of extensions and of apps that show pages. To the URL standard their origins are
// opaque; the programs that know them give them origins with a host.
var appSchemes = []string{"app", "capacitor", "chrome-extension", "ionic", "moz-extension", "safari-web-extension", "tauri"}

func isAppScheme(scheme string) bool { return slices.Contains(appSchemes, scheme) }

// pageOrigin returns the origin of a page at a URL.
func pageOrigin(u *weburl.URL) origin.Origin {
	if isAppScheme(u.Scheme()) && u.Host() != "" {
		return origin.New(u.Scheme(), u.Host(), u.Port())
	}
	return u.Origin()
}

// URL returns the page's URL, serialized.
func (p *Page) URL() string { return p.url.String() }

// Origin returns the page's origin.
func (p *Page) Origin() origin.Origin { return p.origin }

// prohibitsMixedContent reports whether the page may not fetch over http. The
// standard says so of every page whose origin is potentially
// trustworthy; all engines do so for pages that came over https alone, so that a
// page from http://localhost can be developed against an API over http.
//
// https://w3c.github.io/webappsec-mixed-content/#categorize-settings-object
func (p *Page) prohibitsMixedContent(rules *quirks.Request) bool {
	if p.kind == KindSharedWorker && rules.SharedWorkersMayMix {
		return false
	}
	own := p.url.Scheme() == "https" || p.origin.Scheme() == "https"
	return own || p.topLevel.Scheme() == "https" && !rules.MixedByOwnURL
}

// isSecureContext reports whether the page is a secure context: it and the document that it is in
// came from potentially trustworthy URLs.
//
// https://w3c.github.io/webappsec-secure-contexts/#settings-object
func (p *Page) isSecureContext() bool {
	return isTrusted(p.url) && isTrusted(p.topLevel)
}

var errNil = errors.New("it is nil")

// invalidValue is invalidArgument for an argument that is at hand.
func invalidValue(what, value string, err error) *cors.Error {
	e := invalidArgument(what, err)
	e.Value, e.Present = value, true
	return e
}

// invalidHeader is invalidArgument for headers: it tells which, where err does.
func invalidHeader(err error) *cors.Error {
	e := invalidArgument("headers", err)
	if t, ok := errors.AsType[*headers.TypeError](err); ok {
		e.Header, e.Value, e.Present = t.Name, t.Value, true
	}
	return e
}

func invalidArgument(what string, err error) *cors.Error {
	return &cors.Error{Reason: cors.InvalidArgument, Subject: what, Err: err}
}

// embedderPolicyIn returns the page's embedder policy as the engine has it.
func (p *Page) embedderPolicyIn(rules *quirks.Engine) cors.EmbedderPolicy {
	if p.kind == KindDataWorker && rules.CORS.DataWorkersHaveNoEmbedderPolicy {
		return cors.UnsafeNone
	}
	return p.embedderPolicy
}

// isTrusted reports whether a page at a URL is a secure context as far as its own URL goes.
func isTrusted(u *weburl.URL) bool { return u.PotentiallyTrustworthy() || isAppScheme(u.Scheme()) }
