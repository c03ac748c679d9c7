package observe

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/internal/scenario"
)

// framingServers are where the responses come from: over http and over TLS.
var framingServers = [...]string{"http://b.test:18001/x", "https://b.test:18444/x"}

// framings are responses as bytes, each of which breaks a rule of HTTP/1.1 about where a
// message or a part of it ends, or comes close to it. Those with cut are cut off at every byte
// as well.
var framings = []struct {
	name string
	raw  string
	cut  bool
}{
	{"length", "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 5\r\n\r\nhello", true},
	{"close", "HTTP/1.1 200 OK\r\nA: 1\r\n\r\nhello", true},
	{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", true},
	{"lf", "HTTP/1.1 200 OK\nA: 1\nContent-Length: 5\n\nhello", true},
	{"error", "HTTP/1.1 500 Wrong\r\nA: 1\r\nContent-Length: 5\r\n\r\nhello", true},
	{"trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nB: 2\r\n\r\n", true},
}

// oddChunks are bodies in the chunked coding that are not as they should be.
var oddChunks = []string{
	"5\nhello\n0\n\n", "05\r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n",
	"-5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "5\t\r\nhello\r\n0\r\n\r\n",
	"5;x\r\nhello\r\n0\r\n\r\n", "5 ;x=1\r\nhello\r\n0\r\n\r\n", "5;x=\"a;b\"\r\nhello\r\n0\r\n\r\n", "5x\r\nhello\r\n0\r\n\r\n",
	"5 x\r\nhello\r\n0\r\n\r\n", "5,\r\nhello\r\n0\r\n\r\n", "\r\nhello\r\n0\r\n\r\n", "hello", "zz\r\nhello\r\n0\r\n\r\n",
	"5\r\nhello0\r\n\r\n", "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\r0\r\n\r\n", "5\rhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
	"4\r\nhello\r\n0\r\n\r\n", "6\r\nhello\r\n0\r\n\r\n", "7fffffffffffffff\r\nhello", "8000000000000000\r\nhello", "ffffffffffffffff\r\nhello",
	"10000000000000000\r\nhello", "00000000000000005\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n00\r\n\r\n", "5\r\nhello\r\n0", "5\r\nhello\r\n0\r\n",
	"5\r\nhello\r\n0\r\nB: 2\r\n", "5\r\nhello\r\n0\r\nno colon\r\n\r\n", "5\r\nhello\r\n0\r\n\r\nmore", "5\r\nhello\r\n0 \r\n\r\n",
	"5\r\nhello\r\n0;x\r\n\r\n", "5\r\nhello\r\n-0\r\n\r\n", "5\r\nhello\r\n\r\n0\r\n\r\n", "0\r\n\r\n", "0\r\nhello", "", "A\r\nhellohello\r\n0\r\n\r\n", "a\r\nhellohello\r\n0\r\n\r\n",
}

// oddLengths are values of Content-Length before the body "hello"; a line break makes two
// lines of one.
var oddLengths = []string{
	"5", "05", "+5", "-5", " 5 ", "5x", "x5", "0x5", "5.0", "5e0", "", " ", "x", "5,5", "5, 5", "5,6", "5,", ",5", "5 5", "5;5", "\"5\"",
	"5\n5", "5\n6", "6\n5", "\n5", "5\n", "x\n5", "5\nx", "3", "0", "00", "-0", "4", "6", "9223372036854775807", "9223372036854775808", "18446744073709551615",
	"18446744073709551616", "99999999999999999999", "\v5", "5\f", "\xa05", "5\x00",
}

// oddCodings are values of Transfer-Encoding, before "hello" in the chunked coding.
var oddCodings = []string{
	"chunked", "Chunked", "CHUNKED", " chunked ", "chunked,chunked", "chunked, identity", "identity, chunked", "identity", "gzip, chunked", "chunked, gzip",
	"xchunked", "chunkedx", "chunked;x", "\"chunked\"", "", "chunked\nchunked", "identity\nchunked", "chunked\nidentity", "x", "chunked,", ",chunked", "\vchunked", "chunked\v", "x chunked",
}

// oddHeads are heads of responses whose body is "hello".
var oddHeads = []string{
	"HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1\t200 OK\r\n", "HTTP/1.1 99 Low\r\n", "HTTP/1.1 2 Low\r\n", "HTTP/1.1 2000 High\r\n", "HTTP/1.1 600 High\r\n",
	"HTTP/1.1 999 High\r\n", "HTTP/1.1 000 Zero\r\n", "HTTP/1.1 0200 OK\r\n", "HTTP/1.1 +200 OK\r\n", "HTTP/1.1 200OK\r\n", "HTTP/1.1 200.5 OK\r\n", "HTTP/1.1 OK\r\n", "HTTP/1.1\r\n", "HTTP/1.1 \r\n",
	"HTTP/1.0 200 OK\r\n", "HTTP/1.2 200 OK\r\n", "HTTP/0.9 200 OK\r\n", "HTTP/2 200 OK\r\n", "HTTP/2.0 200 OK\r\n", "HTTP/3.0 200 OK\r\n", "HTTP/11 200 OK\r\n", "HTTP/1 200 OK\r\n", "HTTP/01.1 200 OK\r\n", "HTTP/x 200 OK\r\n", "HTTP 200 OK\r\n", "http/1.1 200 ok\r\n",
	"ICY 200 OK\r\n", "SHOUTCAST/1.0 200 OK\r\n", "\r\nHTTP/1.1 200 OK\r\n", "\nHTTP/1.1 200 OK\r\n", "   HTTP/1.1 200 OK\r\n", "xxxxHTTP/1.1 200 OK\r\n", "xxxxxHTTP/1.1 200 OK\r\n", "hello\r\n",
	"HTTP/1.1 200 OK\r\nno colon\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\n: no name\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA : 1\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA B: 1\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\n A: 1\r\nB: 2\r\n",
	"HTTP/1.1 200 OK\r\nA: 1\r\n  2\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA: 1\r\n\t2\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA:\r\n 2\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA: 1\rB: 2\r\n", "HTTP/1.1 200 OK\r\nA: 1\n\rB: 2\r\n", "HTTP/1.1 200 OK\rA: 1\r\nB: 2\r\n",
	"HTTP/1.1 200 OK\r\nA: 1\x00\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA\x00: 1\r\nB: 2\r\n", "HTTP/1.1 200 O\x00K\r\n", "HTTP/1.1 200 O\xe9K\r\n", "HTTP/1.1 200 OK\r\nA\xe9: 1\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA(: 1\r\nB: 2\r\n", "HTTP/1.1 200 OK\r\nA:1\r\nA:\t2\t\r\nB:\v3\r\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", "HTTP/1.1 103 Early\r\nA: 1\r\n\r\nHTTP/1.1 200 OK\r\nB: 2\r\n", "HTTP/1.1 199 X\r\n\r\nHTTP/1.1 200 OK\r\n", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nHTTP/1.1 200 OK\r\n",
	"HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n", "HTTP/1.1 205 Reset Content\r\n",
}

// A framingCase is a response, and how its connection ends.
type framingCase struct {
	id, raw   string
	tls       bool
	truncated bool
}

// framingCases are all responses, over http and over TLS; cut-off ones over TLS with a
// close_notify and without.
func framingCases() (cases []framingCase) {
	add := func(id, raw string, bothEnds bool) {
		cases = append(cases, framingCase{id + " http", raw, false, false}, framingCase{id + " tls", raw, true, false})
		if bothEnds {
			cases = append(cases, framingCase{id + " tls truncated", raw, true, true})
		}
	}
	const head = "HTTP/1.1 200 OK\r\n"
	for _, f := range framings {
		if !f.cut {
			continue
		}
		for n := 1; n <= len(f.raw); n++ {
			add(fmt.Sprintf("framing-cut-%s-%03d", f.name, n), f.raw[:n], true)
		}
	}
	for i, body := range oddChunks {
		add(fmt.Sprintf("framing-chunk-%02d", i), head+"Transfer-Encoding: chunked\r\n\r\n"+body, false)
	}
	for i, value := range oddLengths {
		lines := ""
		for v := range strings.SplitSeq(value, "\n") {
			lines += "Content-Length: " + v + "\r\n"
		}
		add(fmt.Sprintf("framing-length-%02d", i), head+lines+"\r\nhello", false)
	}
	for i, value := range oddCodings {
		lines := ""
		for v := range strings.SplitSeq(value, "\n") {
			lines += "Transfer-Encoding: " + v + "\r\n"
		}
		const chunks = "5\r\nhello\r\n0\r\n\r\n"
		add(fmt.Sprintf("framing-coding-%02d", i), head+lines+"\r\n"+chunks, false)
		add(fmt.Sprintf("framing-coding-length-%02d", i), head+lines+"Content-Length: 3\r\n\r\n"+chunks, false)
		add(fmt.Sprintf("framing-coding-1.0-%02d", i), "HTTP/1.0 200 OK\r\n"+lines+"\r\n"+chunks, false)
	}
	for i, start := range oddHeads {
		add(fmt.Sprintf("framing-head-%02d", i), start+"\r\nhello", false)
	}
	return cases
}

// GenerateFraming returns scenarios in which the bytes of a response are not framed as they should
// be, a line of JSON each. A page asks its own origin: in mode "no-cors" it could see nothing of
// them.
func GenerateFraming() [][]byte {
	var lines [][]byte
	for _, c := range framingCases() {
		url := framingServers[0]
		if c.tls {
			url = framingServers[1]
		}
		bytesAsText := make([]rune, len(c.raw))
		for i := range len(c.raw) {
			bytesAsText[i] = rune(c.raw[i])
		}
		lines = append(lines, (&spec{
			ID: c.id, Source: "framing", Client: clientSpec{URL: strings.TrimSuffix(url, "x") + "page.html"},
			Servers: []serverSpec{{URL: url, Answers: []answerSpec{{Raw: string(bytesAsText), Truncated: c.truncated}}}},
			Steps:   []stepSpec{{URL: url, Cache: "no-store"}},
		}).line())
	}
	return lines
}

// FramingScenarios is [GenerateFraming] with the scenarios decoded.
func FramingScenarios() ([]*scenario.Scenario, error) { return decodeAll(GenerateFraming()) }
