package contract

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/redact"
)

// A Verdict is what came of a promise.
type Verdict string

// The verdicts.
const (
	Kept   Verdict = "kept"
	Broken Verdict = "broken"
	// Unknown: only sending a request could tell, which was not to be.
	Unknown Verdict = "unknown"
)

// A Result says whether a promise was kept.
type Result struct {
	Page    *Page
	Promise *Promise
	Verdict Verdict
	// Note says what was not looked at although the promise is kept, or why nothing
	// can be told; empty where there is nothing to say.
	Note string
	// Problem says in a clause what is wrong, Engines in which user agents, and Detail,
	// in lines, what happened, which rule was not met and what to change. They are
	// empty unless the promise is broken.
	Problem, Detail string
	Engines         []string
	// Reason is the first of the requirements that were not met, 0 where it is not one of
	// those.
	Reason cors.Reason
	// Duration is how long checking it took.
	Duration time.Duration
}

// A Report is what came of a contract.
type Report struct {
	Contract *Contract
	// Base is where the service was.
	Base    string
	Start   time.Time
	Results []Result
}

// Secrets returns what is secret in a contract.
func (r *Report) Secrets() *redact.Shown {
	secrets := new(redact.Shown)
	for i := range r.Results {
		p := r.Results[i].Promise
		secrets.Learn(p.Headers)
		for _, c := range p.Cookies {
			secrets.Learn(headers.List{{Name: "Set-Cookie", Value: c}})
		}
	}
	return secrets
}

// Broken returns how many promises were broken, and how many could not be checked.
func (r *Report) Broken() (broken, unknown int) {
	for i := range r.Results {
		switch r.Results[i].Verdict {
		case Broken:
			broken++
		case Unknown:
			unknown++
		}
	}
	return broken, unknown
}

// Text writes the report for people: a line for each promise, and what happened under
// those that were broken.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	var page *Page
	secrets := r.Secrets()
	for i := range r.Results {
		result := &r.Results[i]
		if result.Page != page {
			page = result.Page
			fmt.Fprintf(&b, "page %s\n", secrets.Text(page.URL))
		}
		mark := map[Verdict]string{Kept: "✓", Broken: "✗", Unknown: "?"}[result.Verdict]
		fmt.Fprintf(&b, "  %s %s", mark, secrets.Values(result.Promise.Title()))
		if result.Note != "" {
			fmt.Fprintf(&b, "  (%s)", result.Note)
		}
		b.WriteByte('\n')
		if result.Verdict == Broken {
			fmt.Fprintf(&b, "      %s:%d\n%s", r.Contract.File, result.Promise.Line, indent(secrets.Values(result.Detail), "      "))
		}
	}
	broken, unknown := r.Broken()
	fmt.Fprintf(&b, "%d kept, %d broken, %d unknown\n", len(r.Results)-broken-unknown, broken, unknown)
	_, err := io.WriteString(w, b.String())
	return err
}

func indent(text, with string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString(with)
		}
		b.WriteString(line)
	}
	return b.String()
}
