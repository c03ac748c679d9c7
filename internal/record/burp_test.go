package record

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	burpHead = "<?xml version=\"1.1\"?>\n<!DOCTYPE items [\n<!ELEMENT items (item*)>\n<!ATTLIST items burpVersion CDATA \"\">\n]>\n<items burpVersion=\"2026.9\">\n"
	burpGet  = "GET /1 HTTP/2\r\nHost: b.test\r\nOrigin: https://a.test\r\n\r\n"
	burpOK   = "HTTP/2 200 OK\r\nAccess-Control-Allow-Origin: *\r\naccess-control-allow-origin: *\r\n\r\n<items>]]"
	burpSum  = "GET https://b.test/1 [host=b.test origin=https://a.test] -> 200 [access-control-allow-origin=* access-control-allow-origin=*]: complete\n"
)

func burpItem(request, response string) string {
	coded := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("  <item>\n    <time>Sun Nov 22 07:41:40 UTC 2026</time>\n    <url><![CDATA[https://b.test/1]]></url>\n    <host ip=\"192.0.2.1\">b.test</host>\n"+
		"    <request base64=\"true\"><![CDATA[%s]]></request>\n    <status>200</status>\n    <response base64=\"true\"><![CDATA[%s]]></response>\n    <comment></comment>\n  </item>\n",
		coded([]byte(request)), coded([]byte(response)))
}

func TestBurp(t *testing.T) {
	tests := []struct{ name, input, want string }{
		{"one", burpHead + burpItem(burpGet, burpOK) + "</items>", "line 6: " + burpSum},
		{"two", burpHead + burpItem(burpGet, burpOK) + burpItem(burpGet, "") + "</items>",
			"line 6: " + burpSum + "line 15: GET https://b.test/1 [host=b.test origin=https://a.test] -> 0 []: no response recorded\n"},
		{"not coded", "<items><item><url>https://b.test/1?a=1&amp;b=2</url><request base64=\"false\"><![CDATA[" + burpGet + "]]></request></item></items>",
			"line 1: GET https://b.test/1?a=1&b=2 [host=b.test origin=https://a.test] -> 0 []: no response recorded\n"},
		{"escaped", "<items><item><request>GET / HTTP/1.1\nHost: b.test\nA: &lt;&quot;\n\nx</request></item></items>",
			"line 1: GET https://b.test/ [host=b.test a=<\"] -> 0 []: no response recorded, URL guessed\n"},
		{"in two sections, single quotes", "<items><item>\n<request\tbase64='false'><![CDATA[GET http://b.test/ HTTP/1.1\nA: ]]]]><![CDATA[>\n\n]]></request></item></items>",
			"line 1: GET http://b.test/ [a=]]>] -> 0 []: no response recorded\n"},
		{"long sections that are not wanted", "<items><item><path><![CDATA[/" + strings.Repeat("x", 5000) + "]]></path><comment><![CDATA[<item>]]></comment><request>GET http://b.test/ HTTP/1.1\nA: b\n\n</request></item></items>",
			"line 1: GET http://b.test/ [a=b] -> 0 []: no response recorded\n"},
		{"no items", burpHead + "</items>", "*record.FormatError the input has no <item>: what can be read is the XML that Burp's \"Save items\" writes\n"},
		{"no request", burpHead + burpItem("", burpOK) + burpItem(burpGet, burpOK) + "</items>", "*record.EntryError line 6 (byte 134): the item has no request\nline 15: " + burpSum},
		{"rubbish in it", burpHead + burpItem("\x00\xff", burpOK) + burpItem(burpGet, burpOK) + "</items>",
			"*record.EntryError line 6 (byte 134): the request begins with a line of 2 bytes that is no request line\nline 15: " + burpSum},
		{"not base64", burpHead + strings.Replace(burpItem(burpGet, burpOK), "[R0VU", "[%%%%", 1) + "</items>", "*record.EntryError line 6 (byte 134): the request is not the base64 that it should be\n"},
		{"cut off in an item", (burpHead + burpItem(burpGet, burpOK) + burpItem(burpGet, burpOK))[:900],
			"line 6: " + burpSum + "*record.SyntaxError line 21, byte 900: the input ends in the middle: it was cut off; the entry before it was read\n"},
		{"other XML", "<?xml version=\"1.0\"?><session/>", "*record.FormatError the input is XML or HTML, but not of Burp's \"Save items\": if it is a session of Charles or Fiddler, export it as HAR\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := summary(strings.NewReader(test.input), Options{}); got != test.want {
				t.Errorf("got  %swant %s", got, test.want)
			}
		})
	}
	reader, err := NewReader(strings.NewReader(burpHead+burpItem(burpGet, burpOK)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e, err := reader.Next(); err != nil || e.Started.Unix() != 1795333300 || reader.Format() != Burp {
		t.Errorf("%+v, %v", e, err)
	}
}

// A body of any size costs nothing.
func TestBurpLargeBody(t *testing.T) {
	input := burpHead + burpItem(burpGet, burpOK+strings.Repeat("x", 2*MaxEntryBytes)) + burpItem(burpGet, burpOK) + "</items>"
	if got, want := summary(strings.NewReader(input), Options{}), "line 6: "+burpSum+"line 15: "+burpSum; got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func FuzzBurp(f *testing.F) {
	f.Add([]byte("<items><item><request>GET / HTTP/1.1</request><url>x&amp;</url></item>"))
	fuzzFormat(f, Burp)
}

func TestJavaDate(t *testing.T) {
	for input, want := range map[string]string{
		"Mon Jan 01 10:00:01 GMT+02:00 2024":      "2024-01-01 08:00:01",
		"Mon Jan 01 10:00:01 GMT-03:30 2024":      "2024-01-01 13:30:01",
		"Mon Jan 01 10:00:01 GMT 2024":            "2024-01-01 10:00:01",
		"Sat Nov 28 09:05:03 UTC 2026":            "2026-11-28 09:05:03",
		" Sat Nov  8 09:05:03 CEST 2026\n":        "2026-11-08 09:05:03",
		"Sat Nov 08 09:05:03 America/Bogota 2026": "2026-11-08 09:05:03",
		"Mon Jan 01 10:00:01 GMT+2 2024":          "0001-01-01 00:00:00",
		"yesterday":                               "0001-01-01 00:00:00",
		"":                                        "0001-01-01 00:00:00",
	} {
		if got := javaDate(input).UTC().Format(time.DateTime); got != want {
			t.Errorf("%q: got %s, want %s", input, got, want)
		}
	}
}
