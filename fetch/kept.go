package fetch

import (
	"cmp"
	"slices"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/httpcache"
)

// A keptKey is what a document finds by what an XMLHttpRequest has got.
type keptKey struct {
	credentials Credentials
	headers     headers.List
}

// headersNotCompared are the headers of script in which a request may differ from the one whose
// response a document has kept.
var headersNotCompared = []string{"accept", "cache-control", "pragma", "purpose", "user-agent"}

func (r *request) keptKey() keptKey {
	list := slices.DeleteFunc(slices.Clone(r.headers), func(h headers.Header) bool {
		return slices.Contains(headersNotCompared, headers.Lower(h.Name))
	})
	for i := range list {
		list[i].Name = headers.Lower(list[i].Name)
	}
	slices.SortStableFunc(list, func(a, b headers.Header) int { return cmp.Compare(a.Name, b.Name) })
	return keptKey{r.credentials, list}
}

// takeKept returns what the page has of an XMLHttpRequest for the current URL, and of where that was redirected to; nil
// for nothing. The HTTP cache has it, and it is fresh, whatever the request says of caches.
func (f *fetching) takeKept() *httpcache.Stored {
	r, rules := &f.request, f.client.rules()
	if !rules.Cache.KeptInPage || f.client.HTTPCache == nil || r.method != "GET" || r.mode != ModeCORS || r.preflightFor != nil || r.initiator != "" ||
		r.cacheMode != CacheDefault && r.cacheMode != CacheForceCache || isConditional(r.headers) {
		return nil
	}
	url := r.currentURL().StringExcludingFragment()
	if redirected := len(r.urlList) > 1; redirected && r.kept == nil || !redirected && !r.page.memory.has(url, r) {
		return nil
	}
	list := r.headersToSend(rules)
	r.appendOrigin(&list, rules)
	r.appendProduct(&list, &rules.Product, f.trustsURL())
	stored, freshness, found := f.client.HTTPCache.Select(f.client.now(), &httpcache.Request{
		Partition: r.page.topLevelSite, URL: url, Method: r.method, Headers: list, IgnoreCacheControl: true,
	})
	if !found || freshness != httpcache.Fresh {
		return nil
	}
	return stored
}

// has reports whether an XMLHttpRequest has got what another request for the URL may have.
func (m *memory) has(url string, r *request) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	key, ok := m.kept[url]
	return ok && key.credentials == r.credentials && slices.Equal(key.headers, r.keptKey().headers)
}

// keep has the page remember what an XMLHttpRequest has got from the current URL, and forget what it had of that
// before another request got something else.
func (f *fetching) keep() {
	r := &f.request
	if !f.client.rules().Cache.KeptInPage || r.method != "GET" || r.cacheMode == CacheNoStore || len(r.urlList) > 1 {
		return
	}
	url := r.currentURL().StringExcludingFragment()
	m := &r.page.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !r.xhr:
		delete(m.kept, url)
	case m.kept == nil:
		m.kept = map[string]keptKey{url: r.keptKey()}
	case len(m.kept) < maxResources:
		m.kept[url] = r.keptKey()
	}
}
