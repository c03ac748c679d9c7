// Package sample makes recordings of any size, to measure with.
package sample

import (
	"fmt"
	"io"
	"strings"
)

// Line is a line of JSON lines with a small exchange.
const Line = `{"request":{"method":"GET","url":"https://api.example/things","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["access-control-allow-origin","*"]]}}` + "\n"

// entries writes an entry as Chromium's DevTools write it: every fourth request
// needs a preflight, which follows it, and every eighth is a same-origin one.
func entries(b *strings.Builder, i, body int) {
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

// HAR streams a HAR of about size bytes.
func HAR(size, body int) (io.Reader, int64) {
	const head = `{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[{"startedDateTime":"2026-11-22T07:41:40.000Z","id":"page_1","title":"https://app.example/","pageTimings":{}}],"entries":[`
	const tail = `{"request":{"method":"GET","url":"data:,"},"response":{}}]}}`
	var block strings.Builder
	for i := 0; block.Len() < min(size, 4<<20); i++ {
		entries(&block, i, body)
		block.WriteString(",\n")
	}
	n := max(1, size/block.Len())
	readers := []io.Reader{strings.NewReader(head)}
	for range n {
		readers = append(readers, strings.NewReader(block.String()))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...), int64(len(head) + n*block.Len() + len(tail))
}
