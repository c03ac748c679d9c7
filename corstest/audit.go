package corstest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/probe"
)

// Audit asserts that the server permits no more than it should: that it does not allow every origin with
// credentials, or the opaque origin, or one that only looks like the page's; that it says in Vary what its
// answers depend on; and so on. It asks up to eight times more, by OPTIONS, GET and HEAD. What is meant is named:
// Audit("null-accepted"). The names are those of the command simulate probe, and in the failure.
func (r *Result) Audit(except ...string) *Result {
	r.tab.t.Helper()
	r.asserted.Store(true)
	if r.failed {
		return r
	}
	credentials := r.init != nil && r.init.Credentials == "include"
	var list headers.List
	if r.init != nil {
		list = r.init.Headers.Clone()
	}
	report, err := probe.Run(r.tab.t.Context(), probe.Options{
		URL: r.url, Origin: r.tab.page.Origin().String(), Method: r.method, Headers: list, Credentials: credentials,
		Network: r.tab.network(&r.panics, r.tab.agents[0]), Timeout: r.tab.options.timeout,
	})
	if err != nil {
		return r.refuse("Audit of %s: %v", r.target, err)
	}
	var b strings.Builder
	for _, f := range report.Findings {
		if !slices.Contains(except, f.Name) && f.Severity > probe.Info {
			fmt.Fprintf(&b, "\n  ✗ %s  (%s, %s)\n    %s\n    %s\n", f.Text, f.Name, f.Severity, f.Evidence, f.Reference)
		}
	}
	switch {
	case b.Len() > 0:
		r.failed = true
		r.tab.t.Errorf("%s in a page of %s\n  want nothing permitted that should not be\n%s", r.target, r.tab.page.Origin(), strings.TrimSuffix(b.String(), "\n"))
	case report.Conclusion == probe.Unreachable:
		r.failed = true
		r.tab.t.Errorf("corstest: Audit of %s: %s", r.target, report.Text)
	}
	return r
}
