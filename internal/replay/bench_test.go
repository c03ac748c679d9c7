package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/lab/sample"
	"github.com/corsim/corsim/internal/record"
)

const benchSize = 300 << 20

// The bodies of the benchmarks: a file of an API, whose bodies are most of it,
// and one exported without content.
var bodies = []struct {
	name string
	size int
}{{"bodies=40kB", 40_000}, {"bodies=0", 0}}

func BenchmarkJudge(b *testing.B) {
	all := []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
	for _, body := range bodies {
		for _, engines := range [][]*browser.Engine{all[:1], all} {
			b.Run(fmt.Sprintf("%s/browsers=%d", body.name, len(engines)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					har, size := sample.HAR(benchSize, body.size)
					b.SetBytes(size)
					in, err := record.NewReader(har, record.Options{})
					if err != nil {
						b.Fatal(err)
					}
					for r, err := range Judge(context.Background(), in, Options{Engines: engines}, func(r *Result) *Result { return r }) {
						if err != nil || r.Contradicted() {
							b.Fatal(err, r)
						}
					}
				}
			})
		}
	}
}

// BenchmarkByEncodingJSON is what [BenchmarkJudge] is held against: it decodes the
// same into structs and judges nothing.
func BenchmarkByEncodingJSON(b *testing.B) {
	type header struct{ Name, Value string }
	for _, body := range bodies {
		b.Run(body.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				in, size := sample.HAR(benchSize, body.size)
				b.SetBytes(size)
				var har struct {
					Log struct {
						Entries []struct {
							StartedDateTime string
							Time            float64
							PageRef         string
							ResourceType    string `json:"_resourceType"`
							Request         struct {
								Method, URL string
								Headers     []header
							}
							Response struct {
								Status  int
								Headers []header
								Content struct {
									Size           int64
									MIMEType, Text string
								}
								Error *string `json:"_error"`
							}
						}
					}
				}
				if err := json.NewDecoder(in).Decode(&har); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkJudgeLines judges each line by itself, as a filter does.
func BenchmarkJudgeLines(b *testing.B) {
	const n = 100_000
	lines := bytes.Repeat([]byte(sample.Line), n)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		in, err := record.NewReader(bytes.NewReader(lines), record.Options{Format: record.JSONLines})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range Judge(context.Background(), in, Options{Independent: true}, func(r *Result) *Result { return r }) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/line")
}
