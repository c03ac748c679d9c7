package fetch

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A Page is who asks: what the standard calls an environment settings object,
// of a document. Its methods may be called at the same time.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#environment-settings-object
type Page struct {
	url            *weburl.URL
	origin         origin.Origin
	referrerPolicy ReferrerPolicy
	embedderPolicy cors.EmbedderPolicy
	// topLevelSite is the network partition key: the site of the top-level document.
	topLevelSite string
	topLevel     *weburl.URL
	// originReferrer is what the Referer of most of its requests says.
	originReferrer string

	// keepaliveBytes is the length of the bodies of keepalive requests under way.
	keepaliveBytes atomic.Int64
}

// PageOptions are what is not plain about a page. The zero value is a
// top-level document with the origin of its URL and the default policies.
type PageOptions struct {
	// Origin is the page's serialized origin, or "null" for an opaque one, as
	// of a sandboxed frame. Empty stands for the origin of its URL.
	Origin string
	// ReferrerPolicy is the document's referrer policy.
	ReferrerPolicy ReferrerPolicy
	// TopLevel is the URL of the top-level document; empty stands for the page
	// itself. Its site partitions caches and decides what is third-party.
	TopLevel string
	// EmbedderPolicy is the document's Cross-Origin-Embedder-Policy.
	EmbedderPolicy cors.EmbedderPolicy
}

// NewPage returns the page at a URL. The error says what is wrong with the URL,
// or which option is, and is an *[cors.Error] with the reason
// [cors.InvalidArgument].
func NewPage(url string, options *PageOptions) (*Page, error) {
	if options == nil {
		options = &PageOptions{}
	}
	p := &Page{referrerPolicy: options.ReferrerPolicy, embedderPolicy: options.EmbedderPolicy}
	var err error
	if p.url, err = weburl.Parse(url); err != nil {
		return nil, invalidArgument("the page's URL", err)
	}
	p.origin = p.url.Origin()
	p.originReferrer = p.origin.String() + "/"
	if options.Origin != "" {
		if p.origin, err = origin.Parse(options.Origin); err != nil {
			return nil, invalidArgument("the page's origin", err)
		}
	}
	if !p.referrerPolicy.isKnown() {
		return nil, invalidArgument("the page's referrer policy", fmt.Errorf("%q is no referrer policy", p.referrerPolicy))
	}
	if p.embedderPolicy > cors.Credentialless {
		return nil, invalidArgument("the page's embedder policy", fmt.Errorf("there is no %v", p.embedderPolicy))
	}
	p.topLevel = p.url
	p.topLevelSite = p.origin.Site()
	if options.TopLevel != "" {
		if p.topLevel, err = weburl.Parse(options.TopLevel); err != nil {
			return nil, invalidArgument("the URL of the top-level document", err)
		}
		p.topLevelSite = p.topLevel.Origin().Site()
	}
	return p, nil
}

// URL returns the page's URL, serialized.
func (p *Page) URL() string { return p.url.String() }

// Origin returns the page's origin.
func (p *Page) Origin() origin.Origin { return p.origin }

// prohibitsMixedContent reports whether the page may not fetch over http. The
// standard would have it so for every page whose origin is potentially
// trustworthy; all engines do so for pages that came over https alone, so that a
// page from http://localhost can be developed against an API over http.
//
// https://w3c.github.io/webappsec-mixed-content/#categorize-settings-object
func (p *Page) prohibitsMixedContent() bool {
	return p.url.Scheme() == "https" || p.origin.Scheme() == "https" || p.topLevel.Scheme() == "https"
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
