package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

// advise says what to change so that the request passes what it failed, a line each,
// given the headers of the response that failed it.
func advise(err *cors.Error, r *cors.Request, response headers.List) (lines []string) {
	explained := explain.Explain(err, r, explain.Exchange{Response: response})
	if err.Reason.IsCORS() {
		lines = append(lines, "Most likely: "+strings.Join(explained.Short(), " "))
	}
	for _, a := range explained.Advice {
		which, has := "response", response
		if a.Preflight {
			which = "response to the preflight"
		}
		if a.Unseen {
			if !failsCheck(err) {
				continue // what answers the preflight right will answer the request right
			}
			which, has = "response to the request itself", nil
		}
		lines = append(lines, fix(which, a.Status, a.Headers, has)...)
		lines = append(lines, a.Text...)
	}
	return lines
}

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
