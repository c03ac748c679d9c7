package corstest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/contract"
)

// Contract asserts that a handler keeps what a file promises, in the format that
// https://github.com/corsim/corsim/blob/main/internal/contract/README.md describes. The service is at
// the file's base, or at https://api.example where it has none. Each promise that is broken is a
// failure of its own, and in a [testing.T] each has a subtest, which -run can pick. Of the options
// [In], [ThirdPartyCookies], [Base], [Timeout] and [Through] have a meaning; with Through the handler may be nil,
// and the requests are sent, whatever their method does.
func Contract(t TB, server http.Handler, file string, options ...PageOption) {
	t.Helper()
	s := newSettings(t, options)
	if problem := checkHandler(server); problem != "" && s.network == nil {
		t.Fatalf("corstest.Contract: %s", problem)
		return
	}
	if s.cookies != nil || s.always != nil || s.fresh != nil || s.doubleSubmit != nil || s.keepPreflights || s.now != nil || s.knowsHSTS {
		t.Fatalf("corstest.Contract: what a request has and a browser remembers is in the contract: only In, ThirdPartyCookies, Base, Timeout and Through are options")
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("corstest.Contract: %v", err)
		return
	}
	c, err := contract.Parse(filepath.Base(file), string(text))
	if err != nil {
		t.Fatalf("corstest.Contract:\n%v", err)
		return
	}
	for i := range c.Pages {
		page := &c.Pages[i]
		for j := range page.Promises {
			one := *c
			one.Pages = []contract.Page{{URL: page.URL, Line: page.Line, Promises: page.Promises[j : j+1]}}
			if test, ok := t.(*testing.T); ok {
				test.Run(page.URL+" "+page.Promises[j].Title(), func(t *testing.T) { keeps(t, server, &one, s) })
			} else {
				keeps(t, server, &one, s)
			}
		}
	}
}

// keeps asserts that a handler keeps the one promise of a contract.
func keeps(t TB, server http.Handler, c *contract.Contract, s *settings) {
	t.Helper()
	p := new(panics)
	o := &contract.Options{Network: s.network, SendUnsafe: true}
	if s.network == nil {
		o = contract.Handler(p.watch(server))
	}
	o.Engines, o.Timeout = s.engines, s.timeout
	if o.Base = s.base; s.base == "" && c.Base == "" {
		o.Base = contract.DefaultBase
	}
	report, err := contract.Run(t.Context(), c, o)
	if err != nil {
		t.Fatalf("corstest.Contract: %s: %v", c.File, err)
		return
	}
	problem := p.close(time.Now().Add(settle))
	for i := range report.Results {
		if r := &report.Results[i]; r.Verdict == contract.Broken {
			problem = r.Detail + problem
		}
	}
	if promise := &c.Pages[0].Promises[0]; problem != "" {
		t.Errorf("%s:%d: page %s: %s\n%s", c.File, promise.Line, c.Pages[0].URL, promise.Title(), strings.TrimSuffix(problem, "\n"))
	}
}
