package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
)

// The objects of SARIF 2.1.0 that are used.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
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
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		HelpURI          string    `json:"helpUri,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
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
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// SARIF writes the failures of a suite as SARIF 2.1.0, each where its case is
// written.
//
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
func SARIF(w io.Writer, s *Suite) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{
			Name: "corsim", InformationURI: "https://github.com/corsim/corsim", Rules: []sarifRule{},
		}},
		ColumnKind: "unicodeCodePoints", Results: []sarifResult{},
	}
	rules := &run.Tool.Driver.Rules
	for i := range s.Cases {
		c := &s.Cases[i]
		f := c.Failure
		if f == nil {
			continue
		}
		rule := slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == f.Rule })
		if rule < 0 {
			rule = len(*rules)
			*rules = append(*rules, sarifRule{ID: f.Rule, ShortDescription: sarifText{f.Requirement}, HelpURI: f.Help})
		}
		text := c.Name + ": " + f.Message
		if c.Group != "" {
			text = c.Group + ": " + text
		}
		if f.Detail != "" {
			text += "\n\n" + f.Detail
		}
		result := sarifResult{RuleID: f.Rule, RuleIndex: rule, Level: "error", Message: sarifText{text}}
		if s.File != "" {
			location := sarifPhysical{Artifact: sarifArtifact{(&url.URL{Path: filepath.ToSlash(s.File)}).String()}}
			if c.Line > 0 {
				location.Region = &sarifRegion{StartLine: c.Line, StartColumn: c.Column}
			}
			result.Locations = []sarifLocation{{location}}
		}
		run.Results = append(run.Results, result)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(&sarifLog{
		Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run},
	})
}
