// Package fetch implements the fetching part of the Fetch standard: main fetch,
// HTTP fetch, CORS-preflight fetch, HTTP-redirect fetch and HTTP-network-or-cache
// fetch, for what fetch() and XMLHttpRequest ask for.
//
// A [Client] is the user agent, a [Page] who asks, a [Request] what is asked, and
// a [Response] what the page gets to see. What the page is not given is an error
// that says why, an *[cors.Error].
//
// The functions are named as in the standard, whose steps their comments name by number, as of
// the snapshot that internal/lab/spec has; a test there holds the numbers. What is not modelled, and left out
// of them: service workers, prompts for credentials, preloads, deferred fetching.
package fetch

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/httpcache"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/preflightcache"
)

// A Client is a user agent: what all its pages have in common. Its zero value is
// ready to use and follows the standard. Its methods may be called at the same
// time; its fields must not change once it is used.
type Client struct {
	// Network makes the HTTP requests; nil stands for a [wire.Network] that all such
	// clients share, with the proxies of the environment.
	Network Network
	// Jar holds the cookies; nil stands for none.
	Jar CookieJar
	// Preflights is the CORS-preflight cache; nil stands for one of its own.
	Preflights *preflightcache.Cache
	// HTTPCache is the HTTP cache; nil stands for none.
	HTTPCache *httpcache.Cache
	// Engine says where the user agent differs from the standard; nil stands
	// for not at all.
	Engine *browser.Engine
	// UserAgent is the default `User-Agent` value; where it is empty, none is sent.
	UserAgent string
	// Authentication are the passwords that servers have accepted; nil means that none are kept.
	Authentication *AuthenticationEntries
	// HSTS is what is known of hosts that must be asked over https alone; nil means nothing, and
	// that nothing is remembered.
	HSTS *HSTS
	// LocalNetworksUnchecked turns Local Network Access off, as a flag or a managed browser does.
	LocalNetworksUnchecked bool
	// AddressSpace returns the space of the address to which a connection for a URL is made; nil
	// stands for the method of Network, if it is an [AddressResolver], and else for what the host
	// of the URL tells.
	AddressSpace func(ctx context.Context, url string) (origin.AddressSpace, error)
	// Now tells the time; nil stands for [time.Now].
	Now func() time.Time

	once          sync.Once
	ownPreflights *preflightcache.Cache
	http1Only     sync.Map // of the origins that do not want HTTP/2
}

// Fetch is fetch(url, init), called by a page. The response's body must be
// closed. The error is an *[cors.Error]: what fetch() would reject with a
// TypeError that does not say why.
//
// https://fetch.spec.whatwg.org/#fetch-method
func (c *Client) Fetch(ctx context.Context, page *Page, url string, init *Init) (*Response, error) {
	var r Request // which only the fetch sees, so that it need not be kept
	if err := r.construct(page, url, init); err != nil {
		return nil, err
	}
	return c.Do(ctx, &r)
}

var errStreams = errors.New("the browser does not take a stream (NotSupportedError)")

var errUsed = errors.New("it is a stream that was sent before")

// Do fetches a request. See [Client.Fetch] for what it returns. A request whose body is a
// stream can be fetched once.
//
// https://fetch.spec.whatwg.org/#concept-fetch
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	switch {
	case r == nil:
		return nil, invalidArgument("the request", errNil)
	case r.body != nil && r.body.stream != nil && c.rules().Request.StreamsRefused:
		return nil, &cors.Error{Reason: cors.RequestBody, URL: r.URL(), Err: errStreams}
	case r.body != nil && !r.body.use():
		return nil, invalidArgument("the body", errUsed)
	}
	if r.badTargetSpace != "" && c.rules().LocalNetwork.TargetAddressSpace {
		return nil, notEnum("targetAddressSpace", r.badTargetSpace)
	}
	f := begin(ctx, c, r)
	response, err := f.fetchKeptAlive()
	f.ended(err)
	return response, err
}

// fetchKeptAlive is fetch, for as long as the keepalive requests of the page stay within their
// limit: step 8.10 of HTTP-network-or-cache fetch. By the letter that is counted where a request is
// sent, so that a preflight goes before it; Chromium and Firefox send nothing, and so does this.
// By the letter, too, the request itself is among those that are counted, and counts twice: no
// browser has it so. What never comes to the network has no limit.
//
// https://fetch.spec.whatwg.org/#http-network-or-cache-fetch
func (f *fetching) fetchKeptAlive() (*Response, error) {
	r := &f.request
	if !r.keepalive || r.body == nil || !r.url.IsHTTP() || r.initiator == InitiatorBeacon && f.client.rules().Elements.BeaconsUnlimited {
		return f.fetch()
	}
	length := max(r.body.length, 0) // one that is not known counts for nothing
	done := sync.OnceFunc(func() { r.page.keepaliveBytes.Add(-length) })
	if r.page.keepaliveBytes.Add(length) > MaxKeepaliveBytes {
		done()
		return nil, f.networkError(cors.KeepaliveLimit)
	}
	response, err := f.fetch()
	if err != nil || response.Body == NoBody {
		done()
		return response, err
	}
	response.Body = &endingBody{response.Body, done}
	return response, nil
}

// endingBody calls done once it was read to its end or closed.
type endingBody struct {
	io.ReadCloser
	done func()
}

// Read calls done at the end of the body, and at an error, after which nothing comes.
func (b *endingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

// Close calls done as well: who closes reads no further.
func (b *endingBody) Close() error {
	b.done()
	return b.ReadCloser.Close()
}

func (c *Client) init() {
	if c.Preflights == nil {
		c.ownPreflights = preflightcache.New(preflightcache.Options{Rules: c.Engine.PreflightCache()})
	}
}

func (c *Client) preflights() *preflightcache.Cache {
	if c.Preflights != nil {
		return c.Preflights
	}
	c.once.Do(c.init)
	return c.ownPreflights
}

// rules are what the engine does differently from the standard.
func (c *Client) rules() *quirks.Engine { return c.Engine.Rules(quirks.Key{}) }

func (c *Client) policy() *cors.Policy { return (*cors.Policy)(&c.rules().CORS) }

// redirectPolicy returns what the engine does differently with redirects.
func (c *Client) redirectPolicy() *cors.RedirectPolicy {
	return (*cors.RedirectPolicy)(&c.rules().Redirect)
}

func (c *Client) network() Network {
	if c.Network != nil {
		return c.Network
	}
	return &defaultNetwork
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}
