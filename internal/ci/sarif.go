package ci

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// A Findings is what a tool has found.
type Findings struct {
	// Tool is the tool's name, of which a server replaces what it found before.
	Tool string
	List []Finding
	// Problems are what the tool could not look at.
	Problems []Problem
}

// A Finding is something that is not as it should be.
type Finding struct {
	Rule    Rule
	Level   Level
	Message string
	Place   Place
	// Fingerprints are what the same finding has in the next run as well, by the ways in
	// which they are made, and Occurrences how often it was found; nil and 0 where that
	// is not known.
	Fingerprints map[string]string
	Occurrences  int
}

// A Rule is what should be.
type Rule struct {
	// ID is its machine-readable name, such as "missing-allow-origin"; Requirement is
	// the rule in a sentence, and Help the URL at which more is written about it.
	ID, Requirement, Help string
}

// A Level says how bad a finding is.
type Level string

// The levels.
const (
	Error Level = "error"
	Note  Level = "note"
)

// A Problem is why something could not be looked at.
type Problem struct {
	Message string
	Place   Place
}

// A Place is where something is written.
type Place struct {
	// File is a path relative to where the reader of the report will look for it, or
	// absolute; empty where there is none.
	File string
	// Line and Column count from 1, in code points; 0 is unknown.
	Line, Column int64
}

// maxResults is how many results GitHub takes a run.
const maxResults = 25_000

// The objects of SARIF that are used.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string             `json:"id"`
		ShortDescription sarifText          `json:"shortDescription"`
		FullDescription  sarifText          `json:"fullDescription"` // GitHub wants it
		Help             sarifText          `json:"help"`            // likewise, beside its URI
		HelpURI          string             `json:"helpUri,omitempty"`
		Default          sarifConfiguration `json:"defaultConfiguration"`
	}
	sarifConfiguration struct {
		Level Level `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level     Level           `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        Level             `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints,omitempty"`
		Occurrences  int               `json:"occurrenceCount,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int64 `json:"startLine"`
		StartColumn int64 `json:"startColumn,omitempty"`
	}
)

// SARIF writes the Static Analysis Results Interchange Format 2.1.0.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func (f *Findings) SARIF(w io.Writer) error {
	rules, invocation, results := []sarifRule{}, sarifInvocation{Successful: len(f.Problems) == 0}, []sarifResult{}
	for _, p := range f.Problems {
		invocation.Notifications = append(invocation.Notifications, sarifNotification{Error, sarifText{p.Message}, p.Place.locations()})
	}
	for _, found := range f.List[:min(len(f.List), maxResults)] {
		rule := slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == found.Rule.ID })
		if rule < 0 {
			rule = len(rules)
			rules = append(rules, found.Rule.sarif(found.Level))
		}
		results = append(results, sarifResult{
			RuleID: found.Rule.ID, RuleIndex: rule, Level: found.Level, Message: sarifText{found.Message},
			Locations: found.Place.locations(), Fingerprints: found.Fingerprints, Occurrences: found.Occurrences,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{{
		Tool:        sarifTool{sarifDriver{f.Tool, "https://github.com/corsim/corsim", rules}},
		Invocations: []sarifInvocation{invocation}, ColumnKind: "unicodeCodePoints", Results: results,
	}}})
}

func (r *Rule) sarif(level Level) sarifRule {
	requirement := sarifText{r.Requirement}
	help := sarifText{strings.TrimSpace(r.Requirement + "\n" + r.Help)}
	return sarifRule{r.ID, requirement, requirement, help, r.Help, sarifConfiguration{level}}
}

// locations returns the place as a list, nil for none.
func (p *Place) locations() []sarifLocation {
	if p.File == "" {
		return nil
	}
	location := sarifPhysical{Artifact: sarifArtifact{fileURI(p.File)}}
	if p.Line > 0 {
		location.Region = &sarifRegion{p.Line, p.Column}
	}
	return []sarifLocation{{location}}
}

// fileURI returns a path as a URL, relative where the path is.
func fileURI(path string) string {
	uri := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		uri.Scheme, uri.Path = "file", "/"+strings.TrimPrefix(uri.Path, "/")
	}
	return uri.String()
}
