package corstest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/corsim/corsim/internal/contract"
)

// Contract asserts that a handler keeps what a file promises, in the format of package
// [contract]. The service is at the file's base, or at https://api.example where
// it has none. Each promise that is broken is a failure of its own. Each request may
// take [DefaultTimeout]; [contract.Run] has more that can be set.
func Contract(t TB, server http.Handler, file string) {
	t.Helper()
	if problem := checkHandler(server); problem != "" {
		t.Fatalf("corstest.Contract: %s", problem)
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
	p := new(panics)
	options := contract.Handler(p.watch(server))
	if c.Base != "" {
		options.Base = ""
	}
	report, err := contract.Run(t.Context(), c, options)
	if err != nil {
		t.Fatalf("corstest.Contract: %s: %v", file, err)
		return
	}
	for i := range report.Results {
		r := &report.Results[i]
		if r.Verdict == contract.Broken {
			t.Errorf("%s:%d: page %s: %s\n%s", c.File, r.Promise.Line, r.Page.URL, r.Promise.Title(), strings.TrimSuffix(r.Detail, "\n"))
		}
	}
	if panicked := p.close(time.Now().Add(settle)); panicked != "" {
		t.Errorf("%s", strings.TrimSuffix(panicked, "\n"))
	}
}
