package ci

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestJUnit(t *testing.T) {
	var b bytes.Buffer
	j := &JUnit{Out: &b}
	j.Begin(&Suite{Name: "a b/cors.contract", Time: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), Properties: [][2]string{{"base", "https://api.example/?a&b"}}})
	for _, c := range []Case{
		{Name: "allow GET /", Group: "page https://app.example", Duration: 1500 * time.Millisecond},
		{Name: "allow PUT /?a&b", Duration: 20 * time.Millisecond, Outcome: Failed, Rule: "missing-allow-origin", Message: "blocked <\"\x00\xff\x1b>", Detail: "→ GET\n  ]]> & more\r\n"},
		{Name: "block GET /", Group: "g", Outcome: Errored, Rule: "contradicted", Message: "status 200"},
		{Name: "allow POST /", Outcome: Skipped, Message: "not <sent>"},
	} {
		j.Add(&c)
	}
	j.Begin(&Suite{})
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="a b/cors.contract" package="corsim" id="0" timestamp="2026-01-02T03:04:05" hostname="localhost" tests="4" failures="1" errors="1" skipped="1" time="1.520">
    <properties>
      <property name="tool" value="corsim"/>
      <property name="base" value="https://api.example/?a&amp;b"/>
    </properties>
    <testcase name="allow GET /" classname="page https://app.example" time="1.500"/>
    <testcase name="allow PUT /?a&amp;b" classname="a b/cors.contract" time="0.020"><failure type="missing-allow-origin" message="blocked &lt;&#34;���&gt;">→ GET
  ]]&gt; &amp; more&#xD;
</failure></testcase>
    <testcase name="block GET /" classname="g" time="0.000"><error type="contradicted" message="status 200"></error></testcase>
    <testcase name="allow POST /" classname="a b/cors.contract" time="0.000"><skipped>not &lt;sent&gt;</skipped></testcase>
    <system-out/>
    <system-err/>
  </testsuite>
  <testsuite name="corsim" package="corsim" id="1" timestamp="1970-01-01T00:00:00" hostname="localhost" tests="0" failures="0" errors="0" time="0.000">
    <properties>
      <property name="tool" value="corsim"/>
    </properties>
    <system-out/>
    <system-err/>
  </testsuite>
</testsuites>
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJUnitOfNothing(t *testing.T) {
	var b bytes.Buffer
	if err := (&JUnit{Out: &b}).Finish(); err != nil || b.String() != xml.Header+"<testsuites>\n</testsuites>\n" {
		t.Errorf("%q, %v", &b, err)
	}
}

// TestJUnitIsBounded shows that cases are held back outside memory.
func TestJUnitIsBounded(t *testing.T) {
	before := heap()
	const cases = 20_000
	out := new(counter)
	j := &JUnit{Out: out}
	j.Begin(&Suite{Name: "many"})
	for range cases {
		j.Add(&Case{Name: "case", Outcome: Failed, Rule: "r", Message: "m", Detail: strings.Repeat("<", 300)})
	}
	if grown := heap() - before; grown > 4<<20 {
		t.Errorf("%d bytes are held in memory", grown)
	}
	if err := j.Finish(); err != nil {
		t.Fatal(err)
	}
	if out.bytes < cases*1200 {
		t.Errorf("%d bytes are written", out.bytes)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A counter counts what is written.
type counter struct{ bytes int }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += len(p)
	return len(p), nil
}

// broken fails after some bytes.
type broken struct{ left int }

var errFull = errors.New("the disk is full")

func (b *broken) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestJUnitSaysThatWritingFailed(t *testing.T) {
	for _, left := range []int{0, 60, 250, 400} {
		j := &JUnit{Out: &broken{left}}
		j.Begin(&Suite{})
		j.Add(&Case{Name: "a"})
		if err := j.Finish(); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
}

func TestSpool(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, size := range []int{0, 1, maxSpooled, maxSpooled + 1, 3*maxSpooled + 7} {
		var s spool
		for range 2 {
			in := strings.Repeat("0123456789abcdef", size/16+1)[:size]
			for rest := in; rest != ""; {
				n := min(len(rest), 100_003)
				io.WriteString(&s, rest[:n])
				rest = rest[n:]
			}
			var out strings.Builder
			if err := s.drain(&out); err != nil || out.String() != in {
				t.Errorf("%d bytes: %d came out, %v", size, out.Len(), err)
			}
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v are left, %v", left, err)
	}
	t.Setenv("TMPDIR", filepath.Join(dir, "missing"))
	var s spool
	s.Write(make([]byte, 2*maxSpooled))
	s.Write(make([]byte, 2*maxSpooled))
	if err := s.drain(io.Discard); err == nil {
		t.Error("nothing is said of what is lost")
	}
}

func TestSARIF(t *testing.T) {
	f := &Findings{
		Tool: "corsim simulate test",
		List: []Finding{
			{
				Rule:  Rule{"missing-allow-origin", "the response must carry it", "https://fetch.spec.whatwg.org/#concept-cors-check"},
				Level: Error, Message: "blocked <\"\x00\xff\x1b>\n→ GET", Place: Place{"a b/cors.contract", 3, 4},
			},
			{
				Rule: Rule{ID: "undecidable", Requirement: "it must be known"}, Level: Note, Message: "unknown",
				Fingerprints: map[string]string{"endpoint/v1": "ab"}, Occurrences: 2,
			},
			{Rule: Rule{ID: "missing-allow-origin"}, Level: Error, Message: "m", Place: Place{File: "/x:y/é", Line: 2}},
		},
		Problems: []Problem{{"entry 3 cannot be read", Place{File: "a:b"}}},
	}
	var b bytes.Buffer
	if err := f.SARIF(&b); err != nil {
		t.Fatal(err)
	}
	const want = `{
  "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "corsim simulate test",
          "informationUri": "https://github.com/corsim/corsim",
          "rules": [
            {
              "id": "missing-allow-origin",
              "shortDescription": {
                "text": "the response must carry it"
              },
              "fullDescription": {
                "text": "the response must carry it"
              },
              "help": {
                "text": "the response must carry it\nhttps://fetch.spec.whatwg.org/#concept-cors-check"
              },
              "helpUri": "https://fetch.spec.whatwg.org/#concept-cors-check",
              "defaultConfiguration": {
                "level": "error"
              }
            },
            {
              "id": "undecidable",
              "shortDescription": {
                "text": "it must be known"
              },
              "fullDescription": {
                "text": "it must be known"
              },
              "help": {
                "text": "it must be known"
              },
              "defaultConfiguration": {
                "level": "note"
              }
            }
          ]
        }
      },
      "invocations": [
        {
          "executionSuccessful": false,
          "toolExecutionNotifications": [
            {
              "level": "error",
              "message": {
                "text": "entry 3 cannot be read"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "./a:b"
                    }
                  }
                }
              ]
            }
          ]
        }
      ],
      "columnKind": "unicodeCodePoints",
      "results": [
        {
          "ruleId": "missing-allow-origin",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "blocked <\"\u0000\ufffd\u001b>\n→ GET"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "a%20b/cors.contract"
                },
                "region": {
                  "startLine": 3,
                  "startColumn": 4
                }
              }
            }
          ]
        },
        {
          "ruleId": "undecidable",
          "ruleIndex": 1,
          "level": "note",
          "message": {
            "text": "unknown"
          },
          "partialFingerprints": {
            "endpoint/v1": "ab"
          },
          "occurrenceCount": 2
        },
        {
          "ruleId": "missing-allow-origin",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "m"
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "file:///x:y/%C3%A9"
                },
                "region": {
                  "startLine": 2
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
	if err := new(Findings).SARIF(&b); err != nil || !json.Valid(b.Bytes()) || !strings.Contains(b.String(), `"results": []`) || !strings.Contains(b.String(), `"rules": []`) {
		t.Errorf("%v, %s", err, &b)
	}
	b.Reset()
	many := &Findings{List: make([]Finding, maxResults+1)}
	if err := many.SARIF(&b); err != nil || strings.Count(b.String(), `"ruleIndex"`) != maxResults {
		t.Errorf("%v, %d results", err, strings.Count(b.String(), `"ruleIndex"`))
	}
}
