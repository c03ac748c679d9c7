package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

// advise says why a request failed and what to change so that it passes, a line each, given what
// is known of the exchange.
func (a *Attempt) advise(err *cors.Error) (lines []string) {
	explained := explain.Explain(err, a.request, a.known)
	advice := explained.Advice
	if err.Reason.IsCORS() {
		certain := len(explained.Causes) > 0 && explained.Causes[0].Confidence == explain.Certain
		explained.Causes = slices.DeleteFunc(explained.Causes, func(c explain.Cause) bool {
			return elsewhere[c.ID] || certain && c.Confidence == explain.Possible
		})
		explained.Advice = nil // it is shown as a difference below
		lines = slices.DeleteFunc(explained.Told(nil, false), func(line string) bool {
			return strings.HasPrefix(line, "Try: ") // what it asks, the test has asked
		})
	}
	for _, change := range advice {
		which, has := "response", a.known.Response
		if change.Preflight {
			which = "response to the preflight"
		}
		if change.Unseen {
			if !failsCheck(err) {
				continue // what answers the preflight right will answer the request right
			}
			which, has = "response to the request itself", nil
		}
		if !a.tainted { // who permits "null" permits it to every sandboxed page
			lines = append(lines, fix(which, change.Status, change.Headers, has)...)
		}
		lines = append(lines, change.Text...)
	}
	return lines
}

// elsewhere are causes that cannot be: who tests a server can change it, and nothing is between it
// and a user agent that has just been started.
var elsewhere = map[string]bool{"not-your-server": true, "stale-preflight": true, "stale-cache": true, "users-network": true}

// TrustFlags is how simulate is brought to trust a certificate of an unknown authority.
const TrustFlags = "--cacert names an authority to trust, -k accepts any certificate."

// of returns those of the hints that help against an error.
func (h *Hints) of(err *cors.Error) []string {
	switch {
	case h.Untrusted != "" && explain.IsUntrusted(err):
		return []string{h.Untrusted}
	case err.Reason == cors.MixedContent && h.Mixed != "":
		return []string{h.Mixed}
	}
	return nil
}

// failsCheck reports whether it is the CORS check that failed, which every response
// must pass.
func failsCheck(err *cors.Error) bool {
	return slices.ContainsFunc(err.All(), func(e *cors.Error) bool { return e.Reason.IsCORSCheck() })
}

// fix shows how the status, if that is not 0, and the headers of a response must
// change, as a diff does.
func fix(which string, status int, change []explain.HeaderLine, has headers.List) []string {
	what := "To fix it, the " + which + " must have"
	switch {
	case len(change) == 0 && status == 0:
		return nil
	case len(change) == 0:
		return []string{fmt.Sprintf("%s status %d.", what, status)}
	case status != 0:
		what += fmt.Sprintf(" status %d and", status)
	}
	lines := []string{what + ":"}
	for _, h := range change {
		same := false
		for _, old := range has {
			switch {
			case !headers.EqualFold(old.Name, h.Name):
			case old.Value == h.Value && !same:
				same = true
			case !h.Add:
				lines = append(lines, "  - "+old.Name+": "+quoteControls(old.Value))
			}
		}
		if !same {
			lines = append(lines, "  + "+h.Name+": "+quoteControls(h.Value))
		}
	}
	return lines
}
