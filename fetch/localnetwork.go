package fetch

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// A Permission is one that a page needs to reach a network that is more private than its own.
//
// https://wicg.github.io/local-network-access/#permission
type Permission string

// The permissions of Local Network Access.
const (
	PermissionLocalNetwork    Permission = "local-network"
	PermissionLoopbackNetwork Permission = "loopback-network"
)

// A PermissionState is what the user has said of a permission; "" is as "prompt".
//
// https://w3c.github.io/permissions/#dfn-permission-state
type PermissionState string

// The states of permissions.
const (
	PermissionPrompt  PermissionState = "prompt" // as when nothing was said
	PermissionGranted PermissionState = "granted"
	PermissionDenied  PermissionState = "denied"
)

// An AddressResolver is a [Network] that knows the address space of the address which it reaches
// for a URL. Of any other network it is what the host of the URL tells.
type AddressResolver interface {
	Network
	// AddressSpace returns the space of the address to which a connection for a URL is made.
	AddressSpace(ctx context.Context, url string) (origin.AddressSpace, error)
}

// localNetworkAccessCheck decides whether the request may reach the network of its current URL.
// It is done before each connection, for each hop and for preflights.
//
// https://wicg.github.io/local-network-access/#local-network-access-check
func (f *fetching) localNetworkAccessCheck() error {
	r, rules := &f.request, &f.client.rules().LocalNetwork
	if !rules.Checked || f.client.LocalNetworksUnchecked {
		return nil
	}
	want := r.targetAddressSpace
	if r.preflightFor != nil || !rules.TargetAddressSpace {
		want = origin.SpaceUnknown
	}
	if r.page.addressSpace != origin.SpacePublic && want == origin.SpaceUnknown {
		return nil
	}
	target, err := f.addressSpace(r.currentURL())
	if err != nil {
		return err
	}
	refused := func(err error) error {
		e, at := err.(*cors.Error), r.currentURL()
		e.URL, e.Preflight = at.StringExcludingFragment(), r.preflightFor != nil
		return e
	}
	if want != origin.SpaceUnknown && want != target {
		return refused(&cors.Error{Reason: cors.TargetAddressSpace, Subject: want.String(), Value: target.String()})
	}
	policy := (*cors.LocalNetworkPolicy)(rules)
	if !policy.Concerns(r.page.addressSpace, target) {
		return nil
	}
	err = policy.Check(&cors.LocalNetworkRequest{
		Page: r.page.addressSpace, Target: target, SecureContext: r.page.isSecureContext(),
		State: func(permission string) string { return string(r.page.stateOf(Permission(permission), rules)) },
	})
	if rules.SandboxedPagesHang && r.page.sandboxedByCSP && cors.ReasonOf(err) != cors.LocalNetworkInsecure {
		return refused(&cors.Error{Reason: cors.Timeout, Subject: string(PermissionLocalNetwork), Value: target.String()})
	}
	if err != nil {
		return refused(err)
	}
	return nil
}

// stateOf returns the state of a permission for a page: denied where its permissions policy does
// not let it use the feature.
func (p *Page) stateOf(permission Permission, rules *quirks.LocalNetwork) PermissionState {
	state := p.permissions[permission]
	if state != PermissionDenied && !p.mayUse(permission, rules) {
		return PermissionDenied
	}
	return state
}

// addressSpace returns the space of the address that a URL leads to.
func (f *fetching) addressSpace(url *weburl.URL) (origin.AddressSpace, error) {
	if f.client.rules().LocalNetwork.SiteLocalIsPublic && isSiteLocal(url.Host()) {
		return origin.SpacePublic, nil
	}
	resolve := f.client.AddressSpace
	if resolve == nil {
		resolver, ok := f.client.network().(AddressResolver)
		if !ok {
			return origin.HostAddressSpace(url.Host()), nil
		}
		resolve = resolver.AddressSpace
	}
	space, err := resolve(f.ctx, url.StringExcludingFragment())
	if err != nil {
		return 0, f.transportError(err, &NetworkRequest{URL: url.StringExcludingFragment(), Preflight: f.request.preflightFor != nil})
	}
	return space, nil
}

var siteLocal = netip.MustParsePrefix("fec0::/10")

// isSiteLocal reports whether a serialized host is a site-local IPv6 address, which the standards gave up.
func isSiteLocal(host string) bool {
	a, ok := origin.HostAddress(host)
	return ok && siteLocal.Contains(a)
}

// mayUse reports whether the permissions policy lets a page use a feature, which is by default for
// the origin of the top-level document alone.
//
// https://w3c.github.io/webappsec-permissions-policy/#is-feature-enabled
func (p *Page) mayUse(feature Permission, rules *quirks.LocalNetwork) bool {
	if p.kind == KindSharedWorker && rules.SharedWorkersDenied || p.kind == KindAboutBlank && rules.BlankDocumentsDenied {
		return false
	}
	features := []string{string(feature)}
	if rules.OneFeatureForBoth {
		features = append(features, "local-network-access")
		if !p.kind.isWorker() && deniesAny(p.permissionsPolicy, features) {
			return false
		}
	}
	if !p.crossesOrigin(rules) {
		return true
	}
	return slices.ContainsFunc(features, func(name string) bool { return allows(p.allow, name) })
}

// crossesOrigin reports whether a page is in a frame whose origin is not that of the top-level
// document.
func (p *Page) crossesOrigin(rules *quirks.LocalNetwork) bool {
	if !p.topLevel.Origin().SameOrigin(p.url.Origin()) {
		return true
	}
	opaqueFrame := p.origin.IsOpaque() && !p.sandboxedByCSP && !p.kind.isWorker()
	return opaqueFrame && !(rules.SandboxedAsParent && p.kind != KindData)
}

// deniesAny reports whether a Permissions-Policy header has an empty allowlist for one of the
// features.
//
// https://w3c.github.io/webappsec-permissions-policy/#permissions-policy-http-header-field
func deniesAny(header string, features []string) bool {
	for member := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(member, "=")
		if slices.Contains(features, headers.TrimTabOrSpace(name)) && headers.TrimTabOrSpace(value) == "()" {
			return true
		}
	}
	return false
}

// allows reports whether a frame's allow attribute delegates a feature to it.
//
// https://w3c.github.io/webappsec-permissions-policy/#iframe-allow-attribute
func allows(attribute, feature string) bool {
	for member := range strings.SplitSeq(attribute, ";") {
		fields := strings.Fields(member)
		if len(fields) > 0 && headers.EqualFold(fields[0], feature) {
			return !slices.Contains(fields[1:], "'none'")
		}
	}
	return false
}

// isLocalByURL reports whether a URL or the request itself says that the server is in a local
// network, so that a secure page may ask it over http where the engine has it so.
//
// https://wicg.github.io/local-network-access/#mixed-content
func (r *request) isLocalByURL() bool {
	switch host := r.currentURL().Host(); {
	case origin.HostAddressSpace(host) >= origin.SpaceLocal, strings.HasSuffix(strings.TrimSuffix(host, "."), ".local"):
		return true
	}
	return r.targetAddressSpace >= origin.SpaceLocal && !r.page.kind.isWorker()
}
