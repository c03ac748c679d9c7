package replay

import (
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/csp"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// What decides beside CORS, as far as a recording tells it: the addresses that were reached, and the
// policies of the documents that are in it.

// Bounds on what is remembered of other entries.
const (
	maxHosts     = 4096
	maxPolicies  = 64 << 10 // bytes of a document's policies
	maxDocuments = 1024
)

// A document is what a page's own entry says about what the page may ask for.
type document struct {
	url      *weburl.URL
	policies []csp.Policy
}

// neighbours are what entries tell that matters to others.
type neighbours struct {
	spaces    map[string]origin.AddressSpace // by host
	documents map[string]*document           // by the page's id
	opaque    map[opaqueKey]opaqueLoad
}

// An opaqueLoad is a response without CORS headers that a page's element got without CORS, and that its cache
// may answer with later.
type opaqueLoad struct{ entry, date string }

type opaqueKey struct{ page, url string }

func newNeighbours() neighbours {
	return neighbours{make(map[string]origin.AddressSpace), make(map[string]*document), make(map[opaqueKey]opaqueLoad)}
}

// settle remembers what x tells, and gives it what others do.
func (n neighbours) settle(x *request) {
	if x.url == nil {
		return
	}
	host := x.url.Host()
	if space := x.e.AddressSpace; space != origin.SpaceUnknown && len(n.spaces) < maxHosts {
		n.spaces[strings.Clone(host)] = space
	}
	id := x.e.Page.ID
	if x.exempt == Navigation && id != "" && !x.redirects() && x.e.Response.HasResponse && n.documents[id] == nil && len(n.documents) < maxDocuments {
		n.documents[strings.Clone(id)] = &document{x.url, policiesOf(x.e.Response.Headers)}
	}
	x.target = n.spaceOf(host)
	x.pageSpace = n.spaceOf(x.page.origin.Host())
	x.document = n.documents[id]
	n.settleOpaque(x)
}

// settleOpaque remembers what was loaded without CORS, and recognizes it where the cache answers a request with
// CORS with it: the recorder says that the cache did, or the response has the very Date of that one.
func (n neighbours) settleOpaque(x *request) {
	if x.e.Request.Method != "GET" || !x.e.Response.HasResponse || x.e.Response.Headers.Contains("access-control-allow-origin") {
		return
	}
	date, _ := x.e.Response.Headers.Get("date")
	key := opaqueKey{x.page.serialized, x.url.StringExcludingFragment()}
	switch load, ok := n.opaque[key]; {
	case x.exempt == NoCORS && !ok && len(n.opaque) < maxHosts:
		n.opaque[opaqueKey{strings.Clone(key.page), key.url}] = opaqueLoad{x.e.Entry, strings.Clone(date)}
	case x.exempt == 0 && ok && (x.e.FromCache || date != "" && date == load.date):
		x.cachedFrom = load.entry
	}
}

// spaceOf returns the address space of a host: the one of the address that was reached, else the one that the host
// itself tells.
func (n neighbours) spaceOf(host string) origin.AddressSpace {
	if space, ok := n.spaces[host]; ok {
		return space
	}
	return origin.HostAddressSpace(host)
}

// policiesOf returns the policies of a document whose headers were recorded whole.
func policiesOf(list headers.List) []csp.Policy {
	values := list.Values("content-security-policy")
	size := 0
	for i, value := range values {
		if size += len(value); size > maxPolicies || record.Redacted(value) {
			return nil
		}
		values[i] = strings.Clone(value)
	}
	return csp.Parse(values)
}

// besideCORS changes a verdict by what decides beside CORS.
func (j *judge) besideCORS(x *request, i int, r *Result) {
	if v := &r.Verdicts[i]; v.Outcome != NotSubject && !x.modeUnsure && !x.isPreflight {
		j.contentSecurityPolicy(x, i, v)
		j.localNetwork(x, i, r)
	}
}

// contentSecurityPolicy blocks what the page's policy does, where nothing was answered: what a browser got,
// the policy has let pass, or it was not of the page.
//
// https://w3c.github.io/webappsec-csp/#should-block-request
func (j *judge) contentSecurityPolicy(x *request, i int, v *Verdict) {
	if x.document == nil || len(x.document.policies) == 0 || x.e.Response.HasResponse || x.happened == Delivered || x.page.serialized != x.document.url.Origin().String() {
		return
	}
	destination := fetchMetadata(x.e.Request.Headers, "dest")
	if destination == "" && x.elements {
		if x.recordedKind() != kindFont {
			return
		}
		destination = "font"
	}
	violation := csp.Violated(x.document.policies, &csp.Request{
		Directive: csp.DirectiveFor(destination), URL: x.url, Redirected: x.from != nil, Self: x.document.url,
	}, &rulesOf(j.engines[i]).CSP)
	if violation == nil || strings.Contains(violation.Text, redact.Redacted) {
		return
	}
	*v = Verdict{Engine: v.Engine, Outcome: Blocked, Err: &cors.Error{
		Reason: cors.ContentSecurityPolicy, URL: x.url.StringExcludingFragment(), Subject: violation.Text, Header: violation.Directive, Value: violation.Used,
	}}
	if x.happened != HappenedUnknown {
		v.Agreement = Explained
	}
}

// localNetwork does the check of Local Network Access. Where nothing tells the address of the page's own server, it is
// taken to be on the internet only so far that the user may be asked.
//
// https://wicg.github.io/local-network-access/#local-network-access-check
func (j *judge) localNetwork(x *request, i int, r *Result) {
	v, policy := &r.Verdicts[i], localNetworkPolicyOf(j.engines[i])
	known, space := x.pageSpace != origin.SpaceUnknown, x.pageSpace
	if !known && x.page.serialized != "null" && !x.page.origin.IsOpaque() {
		space = origin.SpacePublic
	}
	err := policy.Check(&cors.LocalNetworkRequest{
		Page: space, Target: x.target, SecureContext: x.page.origin.PotentiallyTrustworthy(),
		State: func(permission string) string { return j.options.Permissions[permission] },
	})
	e, _ := err.(*cors.Error)
	switch {
	case e == nil, v.Outcome == Blocked:
	case x.happened == Delivered && x.recorder.engine != nil:
		r.note("the page is on the internet and the server in a " + x.target.String() + " network: the browser that was recorded had the permission, or is older than the rule")
	case e.Reason == cors.LocalNetworkPrompt:
		e.URL = x.url.StringExcludingFragment()
		*v = Verdict{Engine: v.Engine, Outcome: Asks, Err: e, Permission: e.Subject}
		if !known {
			r.note("nothing tells the address of the page's own server: it is taken to be on the internet")
		}
	case known:
		e.URL = x.url.StringExcludingFragment()
		*v = Verdict{Engine: v.Engine, Outcome: Blocked, Err: e}
	default:
		v.Outcome, v.Missing = Undecidable, v.Missing|PageAddress
	}
}
