package record

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// netLog makes a NetLog of events.
func netLog(events ...string) string {
	return `{"constants":{"clientInfo":{"version":"1"},"logEventPhase":{"PHASE_BEGIN":1,"PHASE_END":2,"PHASE_NONE":0},"logSourceType":{"URL_REQUEST":1},"netError":{"ERR_ABORTED":-3},"timeTickOffset":1000,
"logEventTypes":{"CANCELLED":0,"FAILED":1,"REQUEST_ALIVE":2,"CORS_REQUEST":3,"URL_REQUEST_START_JOB":4,"HTTP_TRANSACTION_SEND_REQUEST_HEADERS":5,"HTTP_TRANSACTION_READ_RESPONSE_HEADERS":6,"URL_REQUEST_REDIRECTED":7,"CORS_PREFLIGHT_URL_REQUEST":8,"CHECK_CORS_PREFLIGHT_REQUIRED":9}},
"events":[` + strings.Join(events, ",\n") + `]}`
}

func netEvent(source, kind, phase int, params string) string {
	return fmt.Sprintf(`{"params":{%s},"phase":%d,"source":{"id":%d,"type":1},"time":"5","type":%d}`, params, phase, source, kind)
}

func TestNetLog(t *testing.T) {
	start := func(source int, url string) string {
		return netEvent(source, 4, 1, `"url":"`+url+`","method":"GET","initiator":"https://a.test","load_flags":64`)
	}
	sent := func(source int, header string) string { return netEvent(source, 5, 0, `"headers":["`+header+`"]`) }
	received := func(source int, headers string) string { return netEvent(source, 6, 0, `"headers":[`+headers+`]`) }
	tests := []struct{ name, input, want string }{
		{"nothing", netLog(), ""},
		{"one", netLog(start(1, "https://b.test/"), sent(1, "Host: b.test"), received(1, `"HTTP/1.1 200 OK","A: b","a: c"`)),
			"source 1: GET https://b.test/ [host=b.test] -> 200 [a=b a=c]: complete\n"},
		{"two at once", netLog(start(1, "https://b.test/1"), start(2, "https://b.test/2"), received(2, `"HTTP/1.1 204"`), sent(1, "Host: b.test")),
			"source 1: GET https://b.test/1 [host=b.test] -> 0 []: no response recorded\nsource 2: GET https://b.test/2 [] -> 204 []: request headers missing, response headers missing\n"},
		{"HTTP/2", netLog(start(1, "https://b.test/"), sent(1, ":authority: c.test"), received(1, `"HTTP/1.1 200 "`)),
			"source 1: GET https://b.test/ [] -> 200 []: request headers missing, response headers missing, pseudo-headers contradict the request\n"},
		{"redirect", netLog(start(1, "https://b.test/"), received(1, `"HTTP/1.1 302","location: /x"`), netEvent(1, 7, 0, `"location":"https://b.test/x"`), start(1, "https://b.test/x")),
			"source 1: GET https://b.test/ [] -> 302 [location=/x]: request headers missing\nsource 1: GET https://b.test/x [] -> 0 []: request headers missing, no response recorded\n"},
		{"redirect refused by the preflight of what it leads to", netLog(start(1, "https://b.test/"), received(1, `"HTTP/1.1 307","location: /x"`), netEvent(1, 9, 0, `"preflight_required":true`), netEvent(1, 0, 0, ``)),
			"source 1: GET https://b.test/ [] -> 307 [location=/x]: request headers missing\nsource 1: GET https://b.test/x [] -> 0 []: request headers missing, no response recorded\n"},
		{"stripped", netLog(start(1, "https://b.test/"), sent(1, "cookie: [5 bytes were stripped]")),
			"source 1: GET https://b.test/ [cookie=[5 bytes were stripped]] -> 0 []: header values redacted, no response recorded\n"},
		{"of no request", netLog(received(1, `"HTTP/1.1 200"`), netEvent(2, 99, 0, ``), `7`, `{}`, `{"source":[],"type":{}}`), ""},
		{"bad status line", netLog(start(1, "https://b.test/"), received(1, `"x"`), start(2, "https://b.test/2")),
			"*record.EntryError source 1 (byte 486): has a response whose first line (1 byte) is no status line\nsource 2: GET https://b.test/2 [] -> 0 []: request headers missing, no response recorded\n"},
		{"bad header line", netLog(start(1, "https://b.test/"), sent(1, "x")), "*record.EntryError source 1 (byte 486): has a header (1 byte) that is not \"name: value\"\n"},
		{"no URL", netLog(netEvent(1, 4, 1, ``)), "*record.EntryError source 1 (byte 486): has no URL\n"},
		{"cut off", strings.TrimSuffix(netLog(start(1, "https://b.test/")), "]}"),
			"source 1: GET https://b.test/ [] -> 0 []: request headers missing, no response recorded\n*record.SyntaxError line 3, byte 639: the input ends in the middle: it was cut off; the entry before it was read\n"},
		{"no constants", `{"constants":{},"events":[{}]}`, "*record.FormatError the NetLog has no constants before its events, so that nobody knows what they mean\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := summary(strings.NewReader(test.input), Options{}); got != test.want {
				t.Errorf("got  %swant %s", got, test.want)
			}
		})
	}
}

// Preflights name their requests, decisions are kept, and what ends in an error
// has it.
func TestNetLogFields(t *testing.T) {
	input := netLog(
		netEvent(1, 3, 1, `"url":"https://b.test/","request_headers":{"line":"PUT / HTTP/1.1","headers":["X: y"]}`),
		netEvent(1, 9, 0, `"preflight_required":true`), netEvent(1, 8, 0, `"source_dependency":{"id":2}`),
		netEvent(2, 4, 1, `"url":"https://b.test/","method":"OPTIONS","initiator":"not an origin","load_flags":0`), netEvent(2, 1, 0, `"net_error":-3`), netEvent(1, 0, 0, ``),
	)
	reader, err := NewReader(strings.NewReader(input), Options{})
	if err != nil {
		t.Fatal(err)
	}
	put, err := reader.Next()
	if err != nil || put.Request.Method != "PUT" || put.Decision != PreflightRequired || !put.Cancelled || put.Started.UnixMilli() != 1005 || lines(put.Request.Headers) != "[x=y]" {
		t.Errorf("%+v, %v", put, err)
	}
	preflight, err := reader.Next()
	if err != nil || preflight.InitiatorID != put.ID || preflight.Initiator != "preflight" || preflight.Error != "net::ERR_ABORTED" || !preflight.APIRequest || preflight.Decision != CredentialsIncluded {
		t.Errorf("%+v, %v", preflight, err)
	}
	if log := reader.Log(); log.Creator != "NetLog" || log.BrowserVersion != "1" {
		t.Errorf("%+v", log)
	}
}

// A navigation is known from its start on, before any header is sent.
func TestNetLogNavigation(t *testing.T) {
	for kind, want := range map[string]string{"main frame": "document", "subframe": "document", "other": ""} {
		reader, err := NewReader(strings.NewReader(netLog(netEvent(1, 4, 1, `"url":"https://b.test/","method":"GET","initiator":"https://a.test","request_type":"`+kind+`"`))), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if e, err := reader.Next(); err != nil || e.ResourceType != want || e.APIRequest || e.Page.URL != "https://a.test" {
			t.Errorf("%s: %+v, %v", kind, e, err)
		}
	}
}

// What is decided about a preflight after a redirect is about what the redirect
// leads to.
func TestNetLogRedirectDecisions(t *testing.T) {
	job := func(url string) string {
		return netEvent(1, 4, 1, `"url":"`+url+`","method":"POST","initiator":"null","load_flags":64`)
	}
	reader, err := NewReader(strings.NewReader(netLog(
		netEvent(1, 3, 1, `"url":"https://b.test/","request_headers":{"line":"POST / HTTP/1.1","headers":[]}`), netEvent(1, 9, 0, `"preflight_required":false`), job("https://b.test/"),
		netEvent(1, 6, 0, `"headers":["HTTP/1.1 308","location: https://c.test/"]`),
		netEvent(1, 9, 0, `"preflight_required":true`), netEvent(1, 8, 0, `"source_dependency":{"id":2}`), netEvent(2, 4, 1, `"url":"https://c.test/","method":"OPTIONS"`),
		netEvent(1, 7, 0, `"location":"https://c.test/"`), job("https://c.test/"), netEvent(1, 6, 0, `"headers":["HTTP/1.1 200"]`))), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range reader.All() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(e.ID, e.InitiatorID, " ", e.Request.Method, " ", e.Request.URL, " ", e.Response.Status, " ", e.Decision, e.APIRequest))
	}
	want := []string{
		fmt.Sprint("1 POST https://b.test/ 308 ", PreflightNotRequired|CredentialsNotIncluded, false), fmt.Sprint("1.1 POST https://c.test/ 200 ", PreflightRequired|CredentialsNotIncluded, false),
		fmt.Sprint("21.1 OPTIONS https://c.test/ 0 ", Decision(0), false),
	}
	if s := strings.Join(got, "\n"); s != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", s, strings.Join(want, "\n"))
	}
}

// What never ends is not held for ever.
func TestNetLogIsBounded(t *testing.T) {
	var events []string
	const requests = maxHops + 10
	for i := range requests {
		events = append(events, netEvent(i+1, 4, 1, `"url":"https://b.test/","method":"GET"`))
		if i != maxHops {
			continue
		}
		// Too late for the first, which was given away, and announced without end.
		events = append(events, netEvent(1, 6, 0, `"headers":["HTTP/1.1 200","a: b"]`))
		for j := range maxSources {
			events = append(events, netEvent(2, 8, 0, fmt.Sprintf(`"source_dependency":{"id":%d}`, 1_000_000+j)))
		}
	}
	reader, err := NewReader(strings.NewReader(netLog(events...)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var first *Exchange
	for e, err := range reader.All() {
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = e
		}
		if sources := len(reader.entries.(*netLogReader).sources); sources > maxSources {
			t.Fatalf("%d sources are held", sources)
		}
		if n++; n == 1 && len(reader.entries.(*netLogReader).hops) != maxHops {
			t.Errorf("%d are held", len(reader.entries.(*netLogReader).hops))
		}
	}
	if n != requests {
		t.Errorf("%d of %d", n, requests)
	}
	if first.Response.HasResponse || len(first.Response.Headers) > 0 {
		t.Errorf("the first was changed after it was given away: %+v", first)
	}
}

func FuzzNetLog(f *testing.F) {
	data, err := os.ReadFile("../../testdata/recordings/chromium-netlog.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data[:20_000])
	f.Add([]byte(netLog(netEvent(1, 4, 1, `"url":"https://b.test/","method":"GET"`), netEvent(1, 6, 0, `"headers":["HTTP/1.1 200",":","x"]`))))
	fuzzFormat(f, NetLog)
}
