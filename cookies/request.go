package cookies

import (
	"fmt"
	"time"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A request is a context as the jar needs it.
type request struct {
	host, path string
	site       string // the registrable domain, or the host that has none
	secure     bool
	thirdParty bool
	// partitionKey is that of cookies which are partitioned.
	partitionKey    string
	httpOnlyAllowed bool
	mode            sameSiteMode
	// storesSameSite says whether its response may set cookies that are not
	// SameSite=None.
	storesSameSite bool
	now            time.Time
}

// A sameSiteMode says which cookies a request gets, by their SameSite.
type sameSiteMode uint8

const (
	_ sameSiteMode = iota // cross-site: only cookies with SameSite=None
	// unsafeNavigation is a cross-site top-level navigation with a method that
	// is not safe: of the Lax cookies, it gets new ones by default only.
	unsafeNavigation
	laxOrLess
	strictOrLess
)

// resolve reads a context. It is an error where no cookies can be.
func (j *Jar) resolve(c *fetch.CookieContext, httpOnlyAllowed bool) (r request, err error) {
	u, err := weburl.Parse(c.URL)
	if err != nil {
		return r, err
	}
	switch u.Scheme() {
	case "http", "https", "ws", "wss":
	default:
		return r, fmt.Errorf("%s URLs have no cookies", u.Scheme())
	}
	policy, origin := &j.options.Policy, u.Origin()
	r = request{
		host: origin.Host(), path: u.Path(), site: origin.RegistrableDomain(), httpOnlyAllowed: httpOnlyAllowed,
		secure: u.Scheme() == "https" || u.Scheme() == "wss" || policy.TrustworthyIsSecure && u.PotentiallyTrustworthy(),
		now:    j.options.Now(),
	}
	if r.site == "" {
		r.site = r.host
	}
	sameSite := policy.sameSite(c.Page)
	r.thirdParty = !sameSite && !c.TopLevelNavigation
	switch {
	case sameSite && (policy.IgnoreRedirects || policy.sameSite(c.Redirects)):
		r.mode = strictOrLess
	case c.TopLevelNavigation && (c.Method == "" || headers.IsSafeMethod(c.Method)):
		r.mode = laxOrLess
	case c.TopLevelNavigation:
		r.mode = unsafeNavigation
	}
	r.storesSameSite = r.mode == strictOrLess || c.TopLevelNavigation
	if policy.Partitioned || policy.PartitionThirdParty {
		r.partitionKey = c.TopLevelSite
		if r.partitionKey == "" || c.TopLevelNavigation {
			r.partitionKey = origin.Site()
		}
		if r.thirdParty {
			// A frame of the top-level site below one of another shares nothing
			// with the top-level document.
			r.partitionKey += " cross-site"
		}
	}
	return r, nil
}

func (p *Policy) sameSite(relation fetch.SiteRelation) bool {
	return relation == fetch.RelationSameSite || p.Schemeless && relation == fetch.RelationSchemelesslySameSite
}
