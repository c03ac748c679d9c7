package observe

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/csp"
	"github.com/corsim/corsim/internal/scenario"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// The addresses that stand for the address spaces, all of them on the one interface that there is: browsers go by the
// address alone.
const (
	publicAddress   = "11.22.33.44"
	localAddress    = "192.168.77.7"
	loopbackAddress = "127.0.0.1"
)

// addressOf returns the address of a host in an address space.
func addressOf(space string) string {
	switch space {
	case "public":
		return publicAddress
	case "local":
		return localAddress
	}
	return loopbackAddress
}

// controlPage is the path of the page from which a client with an environment of its own is driven: of the same origin,
// and without any policy.
const controlPage = "/observe-control.html"

// isPlain reports whether a client is a document of version 1 of the format.
func isPlain(e *scenario.Environment) bool {
	return (e.Kind == "" || e.Kind == "document") && !e.Sandbox.Given && !e.Allow.Given && len(e.CSP)+len(e.CSPReportOnly) == 0 &&
		!e.COEP.Given && !e.PermissionsPolicy.Given
}

// frame says in what the control page has the client.
type frame struct {
	URL     string  `json:"url"`
	Sandbox *string `json:"sandbox,omitempty"`
	Allow   *string `json:"allow,omitempty"`
	// Direct says that the control page itself calls the API of the frame's window, which is of its own origin: no script
	// runs in the frame, whose policy might forbid it. Kind is then of the frame that is made in it.
	Direct bool   `json:"direct,omitempty"`
	Kind   string `json:"kind,omitempty"`
}

// frameOf returns the frame that a client is in, nil for none. The error is that it cannot be observed.
func frameOf(c *scenario.Client) (*frame, error) {
	e := &c.Environment
	framed := c.TopLevel != "" && c.TopLevel != c.URL
	opaque := c.Origin == "null"
	if isPlain(e) {
		if !opaque && !framed {
			return nil, nil
		}
		f := &frame{URL: c.URL}
		if opaque {
			f.Sandbox = ptr("allow-scripts")
		}
		return f, nil
	}
	policies := csp.Parse(e.CSP)
	switch {
	case csp.Sandboxes(policies):
		return nil, errors.New("the observer cannot load a page that is sandboxed by its policy")
	case slices.ContainsFunc(append(slices.Clone(e.CSP), e.CSPReportOnly...), hasPath):
		return nil, errors.New("the observer gives URLs a path of their own, which the paths of a policy would not match")
	}
	f := &frame{URL: c.URL, Direct: true}
	switch e.Kind {
	case "", "document":
		f.Sandbox, f.Allow = optional(e.Sandbox), optional(e.Allow)
	case "srcdoc", "about:blank", "blob":
		f.Kind = e.Kind
		if e.Sandbox.Given || e.Allow.Given {
			return nil, errors.New("the observer cannot give attributes to the frame of a " + e.Kind + " document")
		}
		if e.Kind == "blob" && slices.ContainsFunc(e.CSP, governsFrames) {
			return nil, errors.New("the policy may keep the document's frame from being loaded")
		}
	default:
		return nil, errors.New("the observer cannot make a client of the kind " + e.Kind)
	}
	if opaque || framed {
		// Its script runs in the client.
		if f.Kind != "" || len(e.CSP) > 0 {
			return nil, errors.New("the observer cannot reach into a frame of another origin, to a document in it or past a policy")
		}
		f.Direct = false
		if opaque && f.Sandbox == nil {
			f.Sandbox = ptr("allow-scripts")
		}
	}
	return f, nil
}

func ptr(s string) *string { return &s }

func optional(o scenario.Optional[string]) *string {
	if !o.Given {
		return nil
	}
	return &o.Value
}

// hasPath reports whether a policy has a source with a path.
func hasPath(policy string) bool {
	for word := range strings.FieldsSeq(policy) {
		_, rest, ok := strings.Cut(word, "://")
		if !ok {
			rest = word
		}
		if _, path, ok := strings.Cut(rest, "/"); ok && strings.Trim(path, ",;") != "" {
			return true
		}
	}
	return false
}

// policyHeaders are the headers of a client's document.
func policyHeaders(c *scenario.Client) (list headers.List) {
	add := func(name string, values ...string) {
		for _, v := range values {
			list.Append(name, v)
		}
	}
	if c.ReferrerPolicy != "" {
		add("Referrer-Policy", c.ReferrerPolicy)
	}
	add("Content-Security-Policy", c.CSP...)
	add("Content-Security-Policy-Report-Only", c.CSPReportOnly...)
	if c.COEP.Given {
		add("Cross-Origin-Embedder-Policy", c.COEP.Value)
	}
	if c.PermissionsPolicy.Given {
		add("Permissions-Policy", c.PermissionsPolicy.Value)
	}
	return list
}

// permissions are what the user has said of local networks: which of the two permissions are granted. Others are denied.
type permissions struct{ local, loopback bool }

func permissionsOf(c *scenario.Client) permissions {
	return permissions{c.LocalNetwork == "granted", c.LoopbackNetwork == "granted"}
}

// locate adds to the addresses of hosts those of a scenario's, by its address spaces. Without any, all are loopback.
func locate(sc *scenario.Scenario, hosts map[string]string) error {
	if sc.Client.AddressSpace == "" {
		return nil
	}
	add := func(url, space string) error {
		u, err := weburl.Parse(url)
		if err != nil || !u.IsHTTP() || origin.HostAddressSpace(u.Host()) != origin.SpaceUnknown {
			return nil
		}
		address := addressOf(space)
		if other, ok := hosts[u.Host()]; ok && other != address {
			return fmt.Errorf("the host %s is elsewhere in another scenario, or in this", u.Host())
		}
		hosts[u.Host()] = address
		return nil
	}
	for i := range sc.Servers {
		if err := add(sc.Servers[i].URL, sc.Servers[i].AddressSpace); err != nil && sc.Servers[i].AddressSpace != "" {
			return err
		}
	}
	for _, url := range []string{sc.Client.URL, sc.Client.TopLevel} {
		if err := add(url, sc.Client.AddressSpace); err != nil {
			return err
		}
	}
	return nil
}

// literalAddresses returns the IP addresses that URLs of scenarios have for hosts, which the interface must have.
func literalAddresses(scenarios []*scenario.Scenario) (list []string) {
	add := func(url string) {
		u, err := weburl.Parse(url)
		if err != nil || !u.IsHTTP() {
			return
		}
		a, ok := origin.HostAddress(u.Host())
		if ok && !a.IsLoopback() && !a.IsUnspecified() && !slices.Contains(list, a.String()) {
			list = append(list, a.String())
		}
	}
	for _, sc := range scenarios {
		for i := range sc.Servers {
			add(sc.Servers[i].URL)
		}
	}
	return list
}

// cannotObserve says why a scenario cannot be observed, beside what its client is.
func cannotObserve(sc *scenario.Scenario) error {
	if p := permissionsOf(&sc.Client); p.local && !p.loopback {
		return errors.New("the observer cannot grant local-network alone: Chromium's preferences mean both by it")
	}
	for i := range sc.Servers {
		if sc.Servers[i].Protocol != "" {
			return errors.New("the observer's servers speak HTTP/1.1")
		}
		for _, a := range sc.Servers[i].Answers {
			if len(a.Interim)+len(a.Trailers) > 0 || a.Reset != "" || a.GoAway {
				return errors.New("the observer's servers send no interim responses, and nothing of HTTP/2")
			}
			asks := slices.ContainsFunc(sc.Steps, func(s scenario.Step) bool { return s.Mode.Value == "no-cors" })
			if a.Status == 401 && (asks || !isForeign(sc, i)) {
				return errors.New("the observer cannot answer the prompt for a password")
			}
		}
	}
	return nil
}

// Every returns each n-th of the scenarios whose clients and servers the observer has.
func Every(n int, scenarios []*scenario.Scenario) (list []*scenario.Scenario) {
	count := 0
	for _, sc := range scenarios {
		if _, err := frameOf(&sc.Client); err != nil || cannotObserve(sc) != nil {
			continue
		}
		if count%n == 0 {
			list = append(list, sc)
		}
		count++
	}
	return list
}

// isForeign reports whether a server is of another origin than the client, so that nobody is asked for a password.
func isForeign(sc *scenario.Scenario, server int) bool {
	u, err := weburl.Parse(sc.Servers[server].URL)
	c, clientErr := weburl.Parse(sc.Client.URL)
	return err == nil && clientErr == nil && !u.Origin().SameOrigin(c.Origin())
}

// governsFrames reports whether a policy says which frames a page may load.
func governsFrames(policy string) bool {
	return slices.ContainsFunc([]string{"default-src", "child-src", "frame-src"}, func(directive string) bool {
		return strings.Contains(strings.ToLower(policy), directive)
	})
}
