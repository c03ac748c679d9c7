package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var suite = &Suite{
	Name: "CORS contract", File: "a b/cors.contract", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC),
	Cases: []Case{
		{Name: "allow GET /", Group: "page https://app.example", Line: 2, Column: 3, Duration: 1500 * time.Millisecond},
		{Name: "allow PUT /?a&b", Line: 3, Column: 3, Duration: 20 * time.Millisecond, Failure: &Failure{
			Rule: "missing-allow-origin", Requirement: "the response must carry it", Help: "https://fetch.spec.whatwg.org/#concept-cors-check",
			Message: "blocked <\"\x00\xff\x1b>", Detail: "→ GET\n  ]]> & more\n",
		}},
		{Name: "block PUT /", Group: "g", Failure: &Failure{Rule: "missing-allow-origin", Requirement: "the response must carry it", Message: "allowed"}},
		{Name: "block GET /", Failure: &Failure{Rule: "contract", Requirement: "it must hold", Message: "allowed"}},
		{Name: "allow POST /", Skipped: "not sent"},
	},
}

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	if err := JUnit(&b, suite); err != nil {
		t.Fatal(err)
	}
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="CORS contract" timestamp="2026-01-02T03:04:05" hostname="localhost" tests="5" failures="3" errors="0" skipped="1" time="1.520">
  <properties></properties>
  <testcase name="allow GET /" classname="page https://app.example" time="1.500"></testcase>
  <testcase name="allow PUT /?a&amp;b" classname="CORS contract" time="0.020">
    <failure type="missing-allow-origin" message="blocked &lt;&#34;���&gt;">a b/cors.contract:3:3: blocked &lt;&#34;���&gt;&#xA;→ GET&#xA;  ]]&gt; &amp; more&#xA;</failure>
  </testcase>
  <testcase name="block PUT /" classname="g" time="0.000">
    <failure type="missing-allow-origin" message="allowed"></failure>
  </testcase>
  <testcase name="block GET /" classname="CORS contract" time="0.000">
    <failure type="contract" message="allowed"></failure>
  </testcase>
  <testcase name="allow POST /" classname="CORS contract" time="0.000">
    <skipped message="not sent"></skipped>
  </testcase>
  <system-out></system-out>
  <system-err></system-err>
</testsuite>
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	var any struct {
		XMLName xml.Name
	}
	if err := xml.Unmarshal(b.Bytes(), &any); err != nil {
		t.Error(err)
	}
}

func TestSARIF(t *testing.T) {
	var b bytes.Buffer
	if err := SARIF(&b, suite); err != nil {
		t.Fatal(err)
	}
	const want = `{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "corsim",
          "informationUri": "https://github.com/corsim/corsim",
          "rules": [
            {
              "id": "missing-allow-origin",
              "shortDescription": {
                "text": "the response must carry it"
              },
              "helpUri": "https://fetch.spec.whatwg.org/#concept-cors-check"
            },
            {
              "id": "contract",
              "shortDescription": {
                "text": "it must hold"
              }
            }
          ]
        }
      },
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "missing-allow-origin",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "allow PUT /?a&b: blocked <\"\u0000\ufffd\u001b>\n\n→ GET\n  ]]> & more\n"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "a%20b/cors.contract"
                },
                "region": {
                  "startLine": 3,
                  "startColumn": 3
                }
              }
            }
          ]
        },
        {
          "ruleId": "missing-allow-origin",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "g: block PUT /: allowed"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "a%20b/cors.contract"
                }
              }
            }
          ]
        },
        {
          "ruleId": "contract",
          "ruleIndex": 1,
          "level": "error",
          "message": {
            "text": "block GET /: allowed"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "a%20b/cors.contract"
                }
              }
            }
          ]
        }
      ]
    }
  ]
}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := SARIF(&b, &Suite{}); err != nil || !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"results": []`) {
		t.Errorf("%v, %s", err, &b)
	}
}
