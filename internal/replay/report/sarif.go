package report

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/ci"
	"github.com/corsim/corsim/internal/replay"
)

// SARIF writes the Static Analysis Results Interchange Format 2.1.0: a result for
// each group of blocked or undecidable requests, at the line of its first.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type SARIF struct {
	Out     io.Writer
	Options *Options

	file     string
	groups   Groups
	problems problems
}

// Begin implements [Sink].
func (s *SARIF) Begin(file string) { s.file = s.Options.clean(file) }

// Add implements [Sink].
func (s *SARIF) Add(r *replay.Result) { s.groups.Add(s.file, r, s.Options, false) }

// Bad implements [Sink].
func (s *SARIF) Bad(err error) { s.problems.add(s.file, err, s.Options) }

// Finish implements [Sink].
func (s *SARIF) Finish() error {
	findings := ci.Findings{Tool: "corsim simulate replay"}
	for _, p := range s.problems.list {
		findings.Problems = append(findings.Problems, ci.Problem{Message: p.Text, Place: ci.Place{File: p.File, Line: p.line}})
	}
	for _, g := range s.groups.Worst() {
		level := ci.Error
		switch {
		case g.Contradicted || g.Outcome == replay.Blocked:
		case g.Outcome == replay.Undecidable, g.Outcome == replay.Asks:
			level = ci.Note
		default:
			continue
		}
		findings.List = append(findings.List, ci.Finding{
			Rule: ruleOf(g), Level: level, Message: g.text(), Place: ci.Place{File: g.File, Line: g.Line},
			Fingerprints: map[string]string{"endpointAndReason/v1": g.fingerprint()}, Occurrences: g.Count,
		})
	}
	return findings.SARIF(s.Out)
}

// fingerprint returns what the same finding in the next recording has as well.
func (g *Group) fingerprint() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{g.Method, g.Endpoint, g.Outcome.String(), g.Reason, strings.Join(g.Engines, ",")}, "\n")))
	return hex.EncodeToString(sum[:16])
}

// The rules that are none of the standard's.
var (
	contradicted = ci.Rule{ID: "contradicted", Requirement: "the recording contradicts the verdict"}
	asks         = ci.Rule{ID: cors.LocalNetworkPrompt.String(), Requirement: cors.LocalNetworkPrompt.Requirement(), Help: cors.LocalNetworkPrompt.Anchor()}
	undecidable  = ci.Rule{ID: "undecidable", Requirement: "the recording lacks what would decide"}
)

// ruleOf returns the rule that the requests of a group do not meet.
func ruleOf(g *Group) ci.Rule {
	switch {
	case g.Contradicted:
		return contradicted
	case g.Outcome == replay.Asks:
		return asks
	case g.Outcome == replay.Undecidable:
		return undecidable
	}
	reason, _ := cors.ParseReason(g.Rule)
	return ci.Rule{ID: g.Rule, Requirement: reason.Requirement(), Help: reason.Anchor()}
}
