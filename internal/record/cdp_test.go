package record

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// event is an event as automation logs it.
func event(method, params string) string {
	return `{"method":"Network.` + method + `","params":{"requestId":"1.1",` + params + "}}\n"
}

var (
	willBeSent    = event("requestWillBeSent", `"documentURL":"https://a.test/","request":{"url":"https://b.test/1","method":"GET","headers":{"Accept":"*/*"}},"timestamp":10,"wallTime":1767322800.5,"initiator":{"type":"script"},"type":"Fetch"`)
	sentExtra     = event("requestWillBeSentExtraInfo", `"headers":{"Accept":"*/*","Origin":"https://a.test",":path":"/1"}`)
	receivedExtra = event("responseReceivedExtraInfo", `"headers":{"Access-Control-Allow-Origin":"https://x.test\nhttps://y.test"},"statusCode":200`)
	failed        = event("loadingFailed", `"timestamp":10.25,"type":"Fetch","errorText":"net::ERR_FAILED","canceled":false,"corsErrorStatus":{"corsError":"MultipleAllowOriginValues","failedParameter":"x"}`)
)

const eventSum = "request 1.1: GET https://b.test/1 [accept=*/* origin=https://a.test] -> 200 [access-control-allow-origin=https://x.test access-control-allow-origin=https://y.test]: complete\n"

// In whatever a log of events is wrapped, and in whichever order what was on the wire is told.
func TestNetworkEvents(t *testing.T) {
	list := func(events ...string) string {
		return "[" + strings.Join(events, ",") + "]"
	}
	// A driver's log, of which each entry has the event as a text.
	driver := func(event string) string {
		message, err := json.Marshal(map[string]any{"message": json.RawMessage(event), "webview": "X"})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(string(message))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf(`{"level":"INFO","timestamp":1,"message":%s}`, text)
	}
	redirect := event("requestWillBeSent", `"documentURL":"https://a.test/","redirectHasExtraInfo":true,"redirectResponse":{"status":302,"statusText":"Found","headers":{"location":"/2"}},"request":{"url":"https://b.test/2","method":"GET","headers":{}},"timestamp":10.1,"type":"Fetch"`)
	for name, test := range map[string][2]string{
		"lines":         {willBeSent + sentExtra + receivedExtra + failed, eventSum},
		"a list":        {list(willBeSent, sentExtra, receivedExtra, failed), eventSum},
		"another order": {receivedExtra + willBeSent + failed + sentExtra, eventSum},
		"other domains": {`{"method":"Page.frameStartedLoading","params":{"frameId":"1"}}` + "\n" + willBeSent + sentExtra + `{"id":3,"result":{}}` + receivedExtra + failed, eventSum},
		"a driver's":    {list(driver(willBeSent), driver(sentExtra), driver(receivedExtra), driver(failed)), eventSum},
		"cut off":       {(willBeSent + sentExtra + receivedExtra + failed)[:len(willBeSent+sentExtra+receivedExtra)+20], eventSum + "*record.SyntaxError"},
		"redirected": {willBeSent + sentExtra + event("responseReceivedExtraInfo", `"headers":{"location":"/2"},"statusCode":302`) + redirect + sentExtra + receivedExtra + failed,
			"request 1.1: GET https://b.test/1 [accept=*/* origin=https://a.test] -> 302 [location=/2]: complete\n" + strings.Replace(eventSum, "b.test/1", "b.test/2", 1)},
		"without what was on the wire": {willBeSent + failed, "request 1.1: GET https://b.test/1 [accept=*/*] -> 0 []: no response recorded\n"},
		"no URL":                       {event("requestWillBeSent", `"request":{"method":"GET"}`), "*record.EntryError request 1.1 (byte 0): has no URL\n"},
		"nothing":                      {list(`{"method":"Network.enable","params":{}}`), ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := summary(strings.NewReader(test[0]), Options{})
			if cut := strings.HasSuffix(test[1], "Error"); got != test[1] && !(cut && strings.HasPrefix(got, test[1])) {
				t.Errorf("got\n%swant\n%s", got, test[1])
			}
		})
	}
	in, err := NewReader(strings.NewReader(willBeSent+failed), Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	if e.CORSError != "MultipleAllowOriginValues" || e.CORSParameter != "x" || e.Error != "net::ERR_FAILED" || e.ResourceType != "fetch" || e.Page.URL != "https://a.test/" || e.Duration.Milliseconds() != 250 || e.Started.UnixMilli() != 1767322800500 {
		t.Errorf("%+v", e)
	}
}

// However many requests are never over, few are held.
func TestNetworkEventsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 3 * maxHops {
		b.WriteString(strings.ReplaceAll(willBeSent, `"1.1"`, fmt.Sprintf(`"9.%d"`, i)))
	}
	in, err := NewReader(strings.NewReader(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		if r := in.entries.(*eventReader); len(r.hops) > maxHops || len(r.requests) > maxSources {
			t.Fatalf("%d requests are held", len(r.hops))
		}
		n++
	}
	if n != 3*maxHops {
		t.Errorf("%d of %d requests", n, 3*maxHops)
	}
}

// Of what Chromium logged, each request is there, with its preflight.
func TestRecordedNetworkEvents(t *testing.T) {
	f, err := os.Open("../../testdata/recordings/chromium-events.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in, err := NewReader(f, Options{})
	if err != nil {
		t.Fatal(err)
	}
	requests, preflights, refused := 0, 0, 0
	for e, err := range in.All() {
		if err != nil {
			t.Fatal(err)
		}
		requests++
		if e.IsPreflight() {
			preflights++
		} else if e.CORSError != "" {
			refused++
		}
	}
	if requests != 58 || preflights != 10 || refused != 16 || in.Format() != NetworkEvents {
		t.Errorf("%d requests, of them %d preflights, %d refused", requests, preflights, refused)
	}
}
