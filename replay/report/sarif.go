package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/replay"
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

// maxSARIFResults is how many results GitHub takes a run.
const maxSARIFResults = 25_000

// Begin implements [Sink].
func (s *SARIF) Begin(file string) { s.file = s.Options.clean(file) }

// Add implements [Sink].
func (s *SARIF) Add(r *replay.Result) { s.groups.Add(s.file, r, s.Options, false) }

// Bad implements [Sink].
func (s *SARIF) Bad(err error) { s.problems.add(s.file, err, s.Options) }

type (
	sarifText struct {
		Text string `json:"text"`
	}
	sarifRule struct {
		ID      string     `json:"id"`
		Short   sarifText  `json:"shortDescription"`
		Help    string     `json:"helpUri,omitempty"`
		Default sarifLevel `json:"defaultConfiguration"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int64 `json:"startLine"`
	}
	sarifPlace struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPlace `json:"physicalLocation"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
		Occurrences  int               `json:"occurrenceCount"`
	}
	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
)

// Finish implements [Sink].
func (s *SARIF) Finish() error {
	run := sarifRun{Tool: sarifTool{sarifDriver{"corsim simulate replay", []sarifRule{}}}, Results: []sarifResult{}}
	invocation := sarifInvocation{Successful: s.problems.count == 0}
	for _, p := range s.problems.list {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{"error", sarifText{p.Text}, sarifAt(p.File, p.line)})
	}
	run.Invocations = []sarifInvocation{invocation}
	for _, g := range s.groups.Worst() {
		level := "error"
		switch {
		case g.Contradicted || g.Outcome == replay.Blocked:
		case g.Outcome == replay.Undecidable:
			level = "note"
		default:
			continue
		}
		if len(run.Results) == maxSARIFResults {
			break
		}
		rule := sarifRuleOf(g, level)
		rules := &run.Tool.Driver.Rules
		index := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == rule.ID })
		if index < 0 {
			index = len(*rules)
			*rules = append(*rules, rule)
		}
		// What the same finding in the next recording has as well.
		sum := sha256.Sum256([]byte(strings.Join([]string{g.Method, g.Endpoint, g.Outcome.String(), g.Reason, strings.Join(g.Engines, ",")}, "\n")))
		run.Results = append(run.Results, sarifResult{
			RuleID: rule.ID, RuleIndex: index, Level: level, Message: sarifText{g.text()}, Locations: sarifAt(g.File, g.Line),
			Fingerprints: map[string]string{"endpointAndReason/v1": hex.EncodeToString(sum[:16])}, Occurrences: g.Count,
		})
	}
	encoder := json.NewEncoder(s.Out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifRuleOf(g *Group, level string) sarifRule {
	switch {
	case g.Contradicted:
		return sarifRule{"contradicted", sarifText{"the recording contradicts the verdict"}, "", sarifLevel{level}}
	case g.Outcome == replay.Undecidable:
		return sarifRule{"undecidable", sarifText{"the recording lacks what would decide"}, "", sarifLevel{level}}
	}
	reason, _ := cors.ParseReason(g.Rule)
	return sarifRule{g.Rule, sarifText{reason.Requirement()}, reason.Anchor(), sarifLevel{level}}
}

func sarifAt(file string, line int64) []sarifLocation {
	uri := &url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		uri.Scheme = "file"
	}
	place := sarifPlace{Artifact: sarifArtifact{uri.String()}}
	if line > 0 {
		place.Region = &sarifRegion{line}
	}
	return []sarifLocation{{place}}
}
