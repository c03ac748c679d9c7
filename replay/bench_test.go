package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/record"
)

// sampleEntry is an entry as Chromium's DevTools write it: every fourth request
// needs a preflight, which follows it, and every eighth is a same-origin one.
func sampleEntry(b *strings.Builder, i, body int) {
	entry := func(kind, method, url, status string, request, response []string, text string) {
		fmt.Fprintf(b, `{"_connectionId":"%d","_initiator":{"type":"%s","stack":{"callFrames":[{"functionName":"load","scriptId":"12","url":"https://app.example/assets/index-4f2a9c.js","lineNumber":4,"columnNumber":90211}]}},"_priority":"High","_resourceType":"%s","cache":{},"connection":"443","pageref":"page_1","request":{"method":"%s","url":"%s","httpVersion":"h2","headers":[`,
			i, map[bool]string{true: "preflight", false: "script"}[kind == "preflight"], kind, method, url)
		list := func(h []string) {
			for j := 0; j < len(h); j += 2 {
				if j > 0 {
					b.WriteByte(',')
				}
				fmt.Fprintf(b, `{"name":"%s","value":"%s"}`, h[j], h[j+1])
			}
		}
		list(request)
		fmt.Fprintf(b, `],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":0},"response":{"status":%s,"statusText":"","httpVersion":"h2","headers":[`, status)
		list(response)
		fmt.Fprintf(b, `],"cookies":[],"content":{"size":%d,"mimeType":"application/json","text":"%s"},"redirectURL":"","headersSize":-1,"bodySize":-1,"_transferSize":1402,"_error":null},"serverIPAddress":"192.0.2.1","startedDateTime":"2026-11-22T07:41:%02d.123Z","time":83.68,"timings":{"blocked":9.125,"dns":-1,"ssl":-1,"connect":-1,"send":0.4,"wait":60.1,"receive":14.06}}`, len(text), text, i%60)
	}
	common := []string{
		":authority", "api.example", ":scheme", "https", "accept", "application/json, text/plain, */*", "accept-encoding", "gzip, deflate, br, zstd",
		"accept-language", "en-GB,en;q=0.9,de;q=0.8", "origin", "https://app.example", "priority", "u=1, i", "referer", "https://app.example/",
		"sec-fetch-dest", "empty", "sec-fetch-mode", "cors", "sec-fetch-site", "cross-site",
		"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	}
	answer := []string{
		"access-control-allow-credentials", "true", "access-control-allow-origin", "https://app.example", "cache-control", "private, max-age=0",
		"content-type", "application/json; charset=utf-8", "date", "Sun, 22 Nov 2026 07:41:40 GMT", "vary", "Origin, Accept-Encoding",
	}
	const piece = `{\"id\":1234,\"name\":\"A thing of some length\",\"price\":{\"amount\":\"12.99\",\"currency\":\"EUR\"},\"note\":\"one\\ntwo\"},\n`
	text := strings.Repeat(piece, body/len(piece))
	url := fmt.Sprintf("https://api.example/v1/things/%d?expand=owner&fields=id,name,price", i)
	switch {
	case i%8 == 1:
		entry("fetch", "GET", strings.Replace(url, "api", "app", 1), "200", append(common[:len(common):len(common)], "sec-fetch-site", "same-origin"), answer, text)
	case i%4 == 0:
		entry("fetch", "PUT", url, "200", append(common[:len(common):len(common)], "content-type", "application/json"), answer, text)
		b.WriteByte(',')
		asks := append(common[:len(common):len(common)], "access-control-request-method", "PUT", "access-control-request-headers", "content-type")
		grants := append(answer[:len(answer):len(answer)], "access-control-allow-methods", "PUT, DELETE", "access-control-allow-headers", "content-type")
		entry("preflight", "OPTIONS", url, "204", asks, grants, "")
	default:
		entry("fetch", "GET", url, "200", common, answer, text)
	}
}

// sampleHAR streams a HAR of about size bytes.
func sampleHAR(size, body int) (io.Reader, int64) {
	const head = `{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[{"startedDateTime":"2026-11-22T07:41:40.000Z","id":"page_1","title":"https://app.example/","pageTimings":{}}],"entries":[`
	const tail = `{"request":{"method":"GET","url":"data:,"},"response":{}}]}}`
	var block strings.Builder
	for i := 0; block.Len() < min(size, 16<<20); i++ {
		sampleEntry(&block, i, body)
		block.WriteString(",\n")
	}
	n := max(1, size/block.Len())
	readers := []io.Reader{strings.NewReader(head)}
	for range n {
		readers = append(readers, strings.NewReader(block.String()))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...), int64(len(head) + n*block.Len() + len(tail))
}

const benchSize = 300 << 20

// The bodies of the benchmarks: a file of an API, whose bodies are most of it,
// and one exported without content.
var bodies = []struct {
	name string
	size int
}{{"bodies=40kB", 40_000}, {"bodies=0", 0}}

func BenchmarkJudge(b *testing.B) {
	all := []*browser.Engine{browser.Standard, browser.Chromium, browser.Firefox, browser.WebKit}
	for _, body := range bodies {
		for _, engines := range [][]*browser.Engine{all[:1], all} {
			b.Run(fmt.Sprintf("%s/browsers=%d", body.name, len(engines)), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					har, size := sampleHAR(benchSize, body.size)
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
				in, size := sampleHAR(benchSize, body.size)
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
	const line = `{"request":{"method":"GET","url":"https://api.example/things","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["access-control-allow-origin","*"]]}}` + "\n"
	const n = 100_000
	lines := bytes.Repeat([]byte(line), n)
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
