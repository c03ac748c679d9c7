package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// syntheticEntry is an entry as Chromium's DevTools export it, with the bytes of
// body in its response.
func syntheticEntry(i, body int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `    {
      "_connectionId": "%d",
      "_initiator": {
        "type": "script",
        "stack": {
          "callFrames": [
            {"functionName": "load", "scriptId": "12", "url": "https://app.example/assets/index-4f2a9c.js", "lineNumber": 4, "columnNumber": 90211},
            {"functionName": "", "scriptId": "12", "url": "https://app.example/assets/index-4f2a9c.js", "lineNumber": 17, "columnNumber": 1402}
          ]
        }
      },
      "_priority": "High",
      "_resourceType": "fetch",
      "cache": {},
      "connection": "443",
      "pageref": "page_1",
      "request": {
        "method": "GET",
        "url": "https://api.example/v1/things/%d?expand=owner&fields=id,name,price",
        "httpVersion": "h2",
        "headers": [`, i, i)
	request := []string{
		":authority", "api.example", ":method", "GET", ":path", fmt.Sprintf("/v1/things/%d?expand=owner&fields=id,name,price", i), ":scheme", "https",
		"accept", "application/json, text/plain, */*", "accept-encoding", "gzip, deflate, br, zstd", "accept-language", "en-GB,en;q=0.9,de;q=0.8",
		"authorization", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
		"origin", "https://app.example", "priority", "u=1, i", "referer", "https://app.example/",
		"sec-ch-ua", `\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"`, "sec-ch-ua-mobile", "?0", "sec-ch-ua-platform", `\"Linux\"`,
		"sec-fetch-dest", "empty", "sec-fetch-mode", "cors", "sec-fetch-site", "cross-site",
		"user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	}
	response := []string{
		"access-control-allow-credentials", "true", "access-control-allow-origin", "https://app.example", "access-control-expose-headers", "x-request-id, etag",
		"cache-control", "private, max-age=0", "content-encoding", "br", "content-type", "application/json; charset=utf-8",
		"date", "Sun, 22 Nov 2026 07:41:40 GMT", "etag", `W/\"5d8c72a5edda8d6a\"`, "server", "nginx", "strict-transport-security", "max-age=63072000; includeSubDomains",
		"vary", "Origin, Accept-Encoding", "x-request-id", fmt.Sprintf("01JD8W%020d", i),
	}
	list := func(h []string) {
		for j := 0; j < len(h); j += 2 {
			if j > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "\n          {\n            \"name\": \"%s\",\n            \"value\": \"%s\"\n          }", h[j], h[j+1])
		}
	}
	list(request)
	b.WriteString("\n        ],\n        \"queryString\": [{\"name\": \"expand\", \"value\": \"owner\"}, {\"name\": \"fields\", \"value\": \"id%2Cname%2Cprice\"}],\n        \"cookies\": [],\n        \"headersSize\": -1,\n        \"bodySize\": 0\n      },\n      \"response\": {\n        \"status\": 200,\n        \"statusText\": \"\",\n        \"httpVersion\": \"h2\",\n        \"headers\": [")
	list(response)
	b.WriteString("\n        ],\n        \"cookies\": [],\n        \"content\": {\n          \"size\": 20000,\n          \"mimeType\": \"application/json\",\n          \"text\": \"")
	const piece = `{\"id\":1234,\"name\":\"A thing of some length\",\"price\":{\"amount\":\"12.99\",\"currency\":\"EUR\"},\"note\":\"one\\ntwo\"},\n`
	for n := 0; n < body; n += len(piece) {
		b.WriteString(piece)
	}
	b.WriteString("\"\n        },\n        \"redirectURL\": \"\",\n        \"headersSize\": -1,\n        \"bodySize\": -1,\n        \"_transferSize\": 1402,\n        \"_error\": null\n      },\n      \"serverIPAddress\": \"192.0.2.1\",\n      \"startedDateTime\": \"2026-11-22T07:41:40.123Z\",\n      \"time\": 83.68799998424947,\n      \"timings\": {\"blocked\": 9.125, \"dns\": -1, \"ssl\": -1, \"connect\": -1, \"send\": 0.4, \"wait\": 60.1, \"receive\": 14.06, \"_blocked_queueing\": 7.2}\n    }")
	return b.String()
}

const (
	harHead = `{
  "log": {
    "version": "1.2",
    "creator": {"name": "WebInspector", "version": "537.36"},
    "pages": [{"startedDateTime": "2026-11-22T07:41:40.000Z", "id": "page_1", "title": "https://app.example/", "pageTimings": {"onContentLoad": 120, "onLoad": null}}],
    "entries": [
`
	harTail = "\n    ]\n  }\n}\n"
)

// repeated gives head, then block n times, then tail.
type repeated struct {
	head, tail []byte
	block      []byte
	n          int
	pos        int // in block
}

func newRepeated(blockSize, total, body int) *repeated {
	var block bytes.Buffer
	for i := 0; block.Len() < blockSize; i++ {
		block.WriteString(syntheticEntry(i, body))
		block.WriteString(",\n")
	}
	n := max(1, total/block.Len())
	// A last entry without a comma behind it.
	tail := syntheticEntry(0, body) + harTail
	return &repeated{head: []byte(harHead), tail: []byte(tail), block: block.Bytes(), n: n}
}

func (r *repeated) size() int64 {
	return int64(len(r.head)) + int64(r.n)*int64(len(r.block)) + int64(len(r.tail))
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.head) > 0 {
		n := copy(p, r.head)
		r.head = r.head[n:]
		return n, nil
	}
	if r.n > 0 {
		n := copy(p, r.block[r.pos:])
		if r.pos += n; r.pos == len(r.block) {
			r.pos = 0
			r.n--
		}
		return n, nil
	}
	if len(r.tail) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.tail)
	r.tail = r.tail[n:]
	return n, nil
}

func readAll(tb testing.TB, r io.Reader) int {
	reader, err := NewReader(r, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	for _, err := range reader.All() {
		if err != nil {
			tb.Fatal(err)
		}
		n++
	}
	return n
}

// inParallel decodes on all cores, with the exchanges in order.
func inParallel(tb testing.TB, r io.Reader) int {
	reader, err := NewReader(r, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	type batch struct {
		raws      []Raw
		exchanges []*Exchange
		done      chan struct{}
	}
	work := make(chan *batch)
	order := make(chan *batch, 2*runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		go func() {
			for b := range work {
				for _, raw := range b.raws {
					e, _ := raw.Decode()
					b.exchanges = append(b.exchanges, e)
				}
				close(b.done)
			}
		}()
	}
	go func() {
		defer close(order)
		defer close(work)
		for {
			b := &batch{done: make(chan struct{})}
			for len(b.raws) < 64 {
				raw, err := reader.NextRaw()
				if err != nil {
					break
				}
				b.raws = append(b.raws, raw)
			}
			if len(b.raws) == 0 {
				return
			}
			order <- b
			work <- b
		}
	}()
	n := 0
	for b := range order {
		<-b.done
		for _, e := range b.exchanges {
			if e == nil || e.Index != n {
				tb.Fatalf("exchange %d came out of order: %v", n, e)
			}
			n++
		}
	}
	return n
}

// harOfJSON is what a reader by encoding/json needs for the same.
type harOfJSON struct {
	Log struct {
		Creator struct{ Name, Version string }
		Pages   []struct{ ID, Title string }
		Entries []struct {
			StartedDateTime string
			Time            float64
			PageRef         string
			ResourceType    string `json:"_resourceType"`
			Initiator       struct {
				Type      string
				RequestID string
			} `json:"_initiator"`
			Request struct {
				Method, URL, HTTPVersion string
				Headers                  []struct{ Name, Value string }
				BodySize                 int64
				PostData                 *struct{ MIMEType, Text string }
			}
			Response struct {
				Status                               int
				StatusText, HTTPVersion, RedirectURL string
				Headers                              []struct{ Name, Value string }
				Content                              struct {
					Size           int64
					MIMEType, Text string
				}
				BodySize int64
				Error    *string `json:"_error"`
			}
		}
	}
}

// The bodies of the benchmarks: a file of an API, whose bodies are most of it,
// and one exported without content.
var bodies = []struct {
	name string
	size int
}{{"bodies=40kB", 40_000}, {"bodies=0", 0}}

const benchSize = 300 << 20

func BenchmarkHAR(b *testing.B) {
	for _, body := range bodies {
		for _, reader := range []struct {
			name string
			read func(testing.TB, io.Reader) int
		}{{"one", readAll}, {"all", inParallel}} {
			b.Run(body.name+"/cores="+reader.name, func(b *testing.B) {
				input := newRepeated(30<<20, benchSize, body.size)
				b.SetBytes(input.size())
				for b.Loop() {
					again := *input
					reader.read(b, &again)
				}
			})
		}
	}
}

// BenchmarkHARByEncodingJSON is what [BenchmarkHAR] is held against.
func BenchmarkHARByEncodingJSON(b *testing.B) {
	for _, body := range bodies {
		b.Run(body.name, func(b *testing.B) {
			input := newRepeated(30<<20, benchSize, body.size)
			b.SetBytes(input.size())
			for b.Loop() {
				again := *input
				var har harOfJSON
				if err := json.NewDecoder(&again).Decode(&har); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
