package replay

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
)

// harOf is a recording with a request by a program that wrote it.
func harOf(creator, version, agent string) string {
	return fmt.Sprintf(`{"log":{"version":"1.2","creator":{"name":%q,"version":%q},"entries":[{"startedDateTime":"2026-01-02T03:04:05Z","time":1,
"request":{"method":"GET","url":"https://api.example/x","headers":[{"name":"Origin","value":"https://app.example"},{"name":"User-Agent","value":%q}]},
"response":{"status":200,"statusText":"OK","headers":[{"name":"Access-Control-Allow-Origin","value":"*"}],"content":{"size":0}}}]}}`, creator, version, agent)
}

// The engine of a browser without a version is that of the version that was recorded.
func TestRecordedVersion(t *testing.T) {
	const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%s.0.0.0 Safari/537.36"
	const safari = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"
	for _, test := range []struct {
		recording, asked, judged string
		given                    bool
	}{
		{harOf("Firefox", "140.4.0", ""), "firefox", "firefox@140", false},
		{harOf("Firefox", "140.4.0", ""), "firefox", "firefox", true},
		{harOf("Firefox", "140.4.0", ""), "chromium", "chromium", false},
		{harOf("Firefox", "999.0", ""), "firefox", "firefox", false},
		{harOf("Firefox", "x", ""), "firefox", "firefox", false},
		{harOf("WebInspector", "537.36", fmt.Sprintf(chrome, "143")), "chromium", "chromium@143", false},
		{harOf("WebInspector", "537.36", fmt.Sprintf(chrome, "156")), "chromium", "chromium", false},
		{harOf("WebInspector", "537.36", "curl/8"), "chromium", "chromium", false},
		{harOf("WebInspector", "537.36", fmt.Sprintf(chrome, "143")), "chromium@150", "chromium@150", false},
		{harOf("WebKit Web Inspector", "1.0", safari), "webkit", "webkit", false},
		{harOf("WebKit Web Inspector", "1.0", strings.Replace(safari, "Version/26.0", "Version/27.0", 1)), "webkit", "webkit@2.54", false},
		{harOf("mitmproxy", "10", fmt.Sprintf(chrome, "143")), "chromium", "chromium", false},
	} {
		engine, err := browser.Find(test.asked)
		if err != nil {
			t.Fatal(err)
		}
		in, err := record.NewReader(strings.NewReader(test.recording), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for r, err := range Judge(context.Background(), in, Options{Engines: []*browser.Engine{engine}, VersionsAsGiven: test.given}, func(r *Result) *Result { return r }) {
			if n++; err != nil || r.Verdicts[0].Engine.Label() != test.judged {
				t.Errorf("%s of %.60s: %v, judged as %s, want %s", test.asked, test.recording, err, r.Verdicts[0].Engine.Label(), test.judged)
			}
		}
		if n != 1 {
			t.Errorf("%.60s: %d results", test.recording, n)
		}
	}
}
