package record

import (
	"strings"
	"testing"
	"time"
)

const charlesTransaction = `{"status":"COMPLETE","method":"GET","protocolVersion":"HTTP/1.1","scheme":"https","host":"b.test","port":null,"actualPort":443,"path":"/1","query":"a=b",
"tunnel":false,"keptAlive":false,"webSocket":false,"remoteAddress":"b.test/10.0.0.1","clientAddress":"/127.0.0.1","times":{"start":"2026-01-02T03:04:05.678+01:00"},"durations":{"total":12},
"request":{"sizes":{"headers":70,"body":0},"header":{"firstLine":"GET /1?a=b HTTP/1.1","headers":[{"name":"Host","value":"b.test"},{"name":"Origin","value":"https://a.test"}]}},
"response":{"status":200,"sizes":{"headers":50,"body":3},"mimeType":"text/plain","header":{"firstLine":"HTTP/1.1 200 OK","headers":[{"name":"Access-Control-Allow-Origin","value":"*"}]},"body":{"text":"abc","charset":"UTF-8"}}}`

func TestCharles(t *testing.T) {
	const head = "GET https://b.test/1?a=b [host=b.test origin=https://a.test] -> "
	failed := strings.NewReplacer(`"COMPLETE"`, `"FAILED"`, `"port":null`, `"port":8443`, `"host":"b.test"`, `"host":"::1"`, `"query":"a=b"`, `"query":null`).Replace(charlesTransaction)
	failed = failed[:strings.Index(failed, `"response"`)] + `"response":null}`
	for input, want := range map[string]string{
		"[" + charlesTransaction + "]": "transaction 1: " + head + "200 [access-control-allow-origin=*]: complete\n",
		"[" + charlesTransaction + "," + failed + "]": "transaction 1: " + head + "200 [access-control-allow-origin=*]: complete\n" +
			"transaction 2: GET https://[::1]:8443/1 [host=b.test origin=https://a.test] -> 0 []: no response recorded\n",
		`[{"status":"COMPLETE","protocolVersion":"HTTP/1.1"}]`: "*record.EntryError transaction 1 (byte 1): request.url is missing, so that there is nothing to say about the entry\n",
		"[" + charlesTransaction + ",7]":                       "transaction 1: " + head + "200 [access-control-allow-origin=*]: complete\n*record.EntryError transaction 2 (byte 750): is a number, not an object\n",
	} {
		if got := summary(strings.NewReader(input), Options{}); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
	in, err := NewReader(strings.NewReader("["+failed+"]"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	if e.Error != "Charles: failed" || e.Duration != 12*time.Millisecond || e.Started.IsZero() || in.Log().Creator != "Charles" || e.AddressSpace.String() != "local" {
		t.Errorf("%+v", e)
	}
}
