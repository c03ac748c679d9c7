package fetch

import (
	"context"
	"io"
	"regexp"
	"slices"
	"sync"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// A memory is what a document keeps of what it has loaded: its module map, and its map of preloaded
// resources.
type memory struct {
	mu sync.Mutex
	// modules are by URL; https://html.spec.whatwg.org/multipage/webappapis.html#module-map
	modules map[string]loadedModule
	// preloads: https://html.spec.whatwg.org/multipage/links.html#map-of-preloaded-resources
	preloads []preloaded
	// resources are the list of available images, and what else the engine's documents keep.
	// https://html.spec.whatwg.org/multipage/images.html#list-of-available-images
	resources map[resourceKey]*Loaded
	// kept are by the URL what an XMLHttpRequest has asked for, in engines that keep what it got.
	kept map[string]keptKey
}

// A resourceKey is what a document keeps a resource under.
type resourceKey struct {
	url         string
	destination Destination
	mode        Mode
	credentials Credentials
}

// maxResources bounds how many resources a document keeps.
const maxResources = 1024

// isKeptInDocument reports whether the document keeps what the request loads.
func (r *Request) isKeptInDocument(rules *quirks.Elements) bool {
	switch {
	case r.initiator == InitiatorPreload:
		return false
	case r.initiator == InitiatorImage, r.initiator.isOfCSS():
		return true
	}
	return r.initiator != "" && slices.Contains(rules.KeptInDocument, string(r.destination))
}

func (r *Request) resourceKey() resourceKey {
	return resourceKey{r.url.StringExcludingFragment(), r.destination, r.mode, r.credentials}
}

// resource returns what the document has of what a request asks for, nil for nothing.
func (m *memory) resource(r *Request) *Loaded {
	m.mu.Lock()
	defer m.mu.Unlock()
	if loaded := m.resources[r.resourceKey()]; loaded != nil {
		again := *loaded
		return &again
	}
	return nil
}

// keepResource keeps what a request has loaded, nil for a failure.
func (m *memory) keepResource(r *Request, loaded *Loaded) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if loaded == nil || len(m.resources) == maxResources {
		return
	}
	if m.resources == nil {
		m.resources = map[resourceKey]*Loaded{}
	}
	kept := *loaded
	m.resources[r.resourceKey()] = &kept
}

type loadedModule struct {
	loaded *Loaded
	err    error
}

// isModule reports whether what an initiator loads goes into the module map.
func (i Initiator) isModule() bool {
	return i == InitiatorModule || i == InitiatorImport || i == InitiatorModulePreload
}

// module returns what the module map has.
func (m *memory) module(url string) (*Loaded, error, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry, ok := m.modules[url]
	if !ok || entry.err != nil {
		return nil, entry.err, ok
	}
	again := *entry.loaded
	again.Again = again.ran
	if !again.ran {
		ran := again
		ran.ran = true
		m.modules[url] = loadedModule{&ran, nil}
	}
	return &again, nil, true
}

// keepModule adds to the module map. A failure is kept where the engine does not ask again.
func (m *memory) keepModule(url string, loaded *Loaded, err error, by Initiator, rules *quirks.Elements) {
	preloaded := by == InitiatorModulePreload
	if err != nil && !rules.FailedModulesKept && !(preloaded && rules.FailedModulePreloadsKept) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.modules == nil {
		m.modules = map[string]loadedModule{}
	}
	if loaded != nil {
		copied := *loaded
		copied.ran = !preloaded
		loaded = &copied
	}
	m.modules[url] = loadedModule{loaded, err}
}

// A preloaded is a response to a preload, which another request may take.
type preloaded struct {
	resourceKey
	response response
	body     string
	failed   bool // its CORS check did
}

// maxPreloads bounds how many responses wait for a request that takes them.
const maxPreloads = 64

// keepPreloaded keeps the response to a preload.
//
// https://html.spec.whatwg.org/multipage/links.html#preload
func (f *fetching) keepPreloaded(response *response) {
	r, rules := &f.request, &f.client.rules().Elements
	failed := r.tainting == TaintingCORS && f.client.policy().Check(new(r.cors()), &response.headers) != nil
	if failed && slices.Contains(rules.FailedPreloadsAskAgain, string(r.destination)) || r.unusedPreload {
		return
	}
	body, err := io.ReadAll(io.LimitReader(response.body, MaxLoadedBody))
	response.body.Close()
	response.body = StringBody(string(body))
	m := &r.page.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if err != nil || len(m.preloads) == maxPreloads {
		return
	}
	key := resourceKey{r.currentURL().StringExcludingFragment(), r.destination, r.mode, r.credentials}
	m.preloads = append(m.preloads, preloaded{key, *response, string(body), failed})
}

// takePreloaded consumes a preloaded resource, nil if there is none.
//
// https://html.spec.whatwg.org/multipage/links.html#consume-a-preloaded-resource
func (f *fetching) takePreloaded() *response {
	r, rules := &f.request, &f.client.rules().Elements
	m := &r.page.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.preloads) == 0 || r.preflightFor != nil || r.method != "GET" || r.initiator == InitiatorPreload {
		return nil
	}
	i := slices.IndexFunc(m.preloads, f.takes)
	if i < 0 {
		return nil
	}
	p := m.preloads[i]
	if !rules.PreloadsServeAll {
		m.preloads = slices.Delete(m.preloads, i, i+1)
	}
	response := p.response
	response.headers, response.body = slices.Clone(p.response.headers), StringBody(p.body)
	response.checked = rules.PreloadsServeAll && p.mode == ModeCORS && !p.failed
	return &response
}

// takes reports whether the request takes a preload.
//
// https://html.spec.whatwg.org/multipage/links.html#consume-a-preloaded-resource
func (f *fetching) takes(p preloaded) bool {
	r, rules := &f.request, &f.client.rules().Elements
	sameCredentials := p.credentials == r.credentials
	switch {
	case p.url != r.currentURL().StringExcludingFragment() || p.destination != r.destination:
		return false
	case rules.PreloadsServeAll:
		return f.takesFromMemoryCache(p)
	case r.initiator.isModule() && !rules.PreloadsServeModules:
		return false
	case rules.PreloadsByCORSState:
		sameCredentials = r.mode == ModeNoCORS || (p.credentials == CredentialsInclude) == (r.credentials == CredentialsInclude)
	}
	return p.mode == r.mode && sameCredentials
}

// takesFromMemoryCache is takes in an engine whose elements take all that was preloaded, if it passes
// their own CORS check; and whose scripts take only what is of another origin.
func (f *fetching) takesFromMemoryCache(p preloaded) bool {
	r := &f.request
	same := p.mode == r.mode && p.credentials == r.credentials
	switch {
	case r.initiator == "":
		bothInclude := (p.credentials == CredentialsInclude) == (r.credentials == CredentialsInclude)
		return !r.page.origin.SameOrigin(r.currentURL().Origin()) && p.mode == ModeCORS && r.mode == ModeCORS && bothInclude
	case p.failed:
		return same
	case r.mode == ModeCORS && p.mode != ModeCORS && r.tainting == TaintingCORS:
		return f.client.policy().Check(new(r.cors()), &p.response.headers) == nil
	}
	return true
}

// importing are a module's or sheet's first import, as far as it is one of another resource.
var (
	importingModule = regexp.MustCompile(`^\s*import\s+(?:[^"']*from\s*)?["']([^"']+)["']`)
	importingSheet  = regexp.MustCompile(`^\s*@import\s+(?:url\()?["']([^"']+)["']`)
)

// loadImports loads what a module or style sheet asks for in turn. The error is that of a module's
// import, which fails the module.
//
// https://html.spec.whatwg.org/multipage/webappapis.html#fetch-the-descendants-of-and-link-a-module-script
func (c *Client) loadImports(ctx context.Context, r *Request, l *load, depth int) error {
	pattern, sheet := importingModule, r.initiator == InitiatorStyle
	switch {
	case sheet:
		pattern = importingSheet
	case !r.initiator.isModule() && !(r.destination == "worker" || r.destination == "sharedworker"), r.initiator == InitiatorModulePreload, depth == 0:
		return nil
	}
	match := pattern.FindStringSubmatch(l.Body)
	if match == nil || sheet && !l.Applied {
		return nil
	}
	url, err := l.internal.url().Parse(match[1])
	if err != nil {
		return nil
	}
	inner := &Request{
		page: r.page, origin: r.origin, method: "GET", url: url, guard: headers.GuardRequest, mode: r.mode, credentials: r.credentials,
		cacheMode: CacheDefault, redirect: RedirectFollow, destination: r.destination, referrer: clientReferrer, initiator: r.initiator,
	}
	if sheet {
		inner.mode, inner.credentials, inner.importer = ModeNoCORS, CredentialsInclude, l.internal.url()
	} else if r.mode == ModeSameOrigin {
		inner.initiator, inner.destination = InitiatorImport, "script"
	}
	if !l.rules.ImportsOfDocument {
		inner.referrer = referrer{url: l.internal.url()}
		inner.referrerPolicy = r.referrerPolicy
		if policy := parseReferrerPolicy(l.Headers); policy != "" {
			inner.referrerPolicy = policy
		}
	}
	loaded, err := c.loadOnce(ctx, inner, depth-1)
	switch {
	case !sheet:
		return err
	case err != nil && !l.rules.SheetOfWrongTypeLoads:
		return err
	case err == nil && loaded.Applied:
		l.Imported = loaded.Body + loaded.Imported
	}
	return nil
}
