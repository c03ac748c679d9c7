package replay

import (
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
)

// What people take out of recordings before they give them away makes verdicts
// undecidable. It never makes another one, nor one that the recording contradicts.
func TestRedactedRecordings(t *testing.T) {
	engines := []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
	redactions := make(map[string]func(entry map[string]any))
	names := []string{
		"origin", "referer", "cookie", "authorization", "host", "content-type", "sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest",
		"access-control-request-method", "access-control-request-headers", "access-control-allow-origin", "access-control-allow-credentials",
		"access-control-allow-methods", "access-control-allow-headers", "access-control-max-age", "etag", "set-cookie",
	}
	for _, name := range names {
		for _, word := range []string{"[redacted]", "REDACTED", "***"} {
			redactions[name+" is "+word] = func(e map[string]any) { redacting(e, word, name) }
		}
		redactions["no "+name] = func(e map[string]any) { remove(e, name) }
	}
	redactions["no origin, no referer"] = func(e map[string]any) { remove(e, "origin", "referer") }
	redactions["no cookies, no authorization"] = func(e map[string]any) { remove(e, "cookie", "authorization") }
	for _, word := range []string{"[redacted]", "REDACTED", "***", "", "https://redacted.example", "https://[redacted]"} {
		redactions["origin is "+word] = func(e map[string]any) { redacting(e, word, "origin") }
		redactions["origin and referer are "+word] = func(e map[string]any) { redacting(e, word, "origin", "referer") }
	}
	redactions["values of all headers"] = func(e map[string]any) { redacting(e, "[redacted]", names...) }
	redactions["no request headers"] = func(e map[string]any) { e["request"].(map[string]any)["headers"] = []any{} }
	redactions["no errors"] = func(e map[string]any) {
		for _, in := range []map[string]any{e, e["response"].(map[string]any)} {
			delete(in, "_error")
			delete(in, "_failureText")
		}
	}
	redactions["nothing but what HAR has"] = func(e map[string]any) {
		for _, in := range []map[string]any{e, e["request"].(map[string]any), e["response"].(map[string]any)} {
			for name := range in {
				if strings.HasPrefix(name, "_") {
					delete(in, name)
				}
			}
		}
	}
	redactions["no times"] = func(e map[string]any) { delete(e, "startedDateTime") }
	for _, file := range []string{
		"chromium-devtools.har", "chromium-devtools-sensitive.har", "chromium-playwright.har", "firefox.har", "webkit.har", "mitmproxy-chromium.har", "mitmproxy-firefox.zhar",
	} {
		whole := readHAR(t, file)
		want := make(map[string]*Result)
		for _, r := range judgeHAR(t, whole, engines) {
			want[r.Exchange.Entry] = r
		}
		for name, redaction := range redactions {
			if strings.HasPrefix(name, "no origin") && file == "webkit.har" {
				continue // a redirect has lost its Sec-Fetch-Mode: no-cors looks the same
			}
			t.Run(file+"/"+name, func(t *testing.T) {
				har := readHAR(t, file)
				for _, e := range har["log"].(map[string]any)["entries"].([]any) {
					redaction(e.(map[string]any))
				}
				for _, r := range judgeHAR(t, har, engines) {
					was := want[r.Exchange.Entry]
					if was == nil {
						continue // its request
					}
					for i := range r.Verdicts {
						if problem := changed(&was.Verdicts[i], &r.Verdicts[i]); problem != "" {
							t.Errorf("%s %s %s: %s: %s", r.Exchange.Entry, r.Exchange.Request.Method, r.Exchange.Request.URL, engines[i].Name(), problem)
						}
					}
				}
			})
		}
	}
}

// changed says how a verdict differs from the one of the whole recording, unless that
// could not be decided, or this cannot.
func changed(was, is *Verdict) string {
	switch {
	case is.Agreement == Contradicted:
		return fmt.Sprintf("contradicted: %s %v", is.Outcome, is.Err)
	case is.Outcome == Undecidable, was.Outcome == Undecidable, is.Outcome == was.Outcome:
		return ""
	}
	return fmt.Sprintf("%s %s %v, was %s %s %v", is.Outcome, is.Exempt, is.Err, was.Outcome, was.Exempt, was.Err)
}

// redacting replaces the values of headers.
func redacting(entry map[string]any, word string, names ...string) {
	for _, side := range []string{"request", "response"} {
		list, _ := entry[side].(map[string]any)["headers"].([]any)
		for _, h := range list {
			h := h.(map[string]any)
			for _, name := range names {
				if strings.EqualFold(h["name"].(string), name) {
					h["value"] = word
				}
			}
		}
	}
}

// remove removes headers of the request. The lack of one of the response is what
// verdicts are about.
func remove(entry map[string]any, names ...string) {
	request := entry["request"].(map[string]any)
	list, _ := request["headers"].([]any)
	request["headers"] = slices.DeleteFunc(list, func(h any) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(h.(map[string]any)["name"].(string), name) })
	})
}

func readHAR(t *testing.T, name string) (har map[string]any) {
	t.Helper()
	f, err := os.Open("../../testdata/recordings/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".zhar") {
		if r, err = zlib.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := json.NewDecoder(r).Decode(&har); err != nil {
		t.Fatal(err)
	}
	return har
}

func judgeHAR(t *testing.T, har map[string]any, engines []*browser.Engine) []*Result {
	t.Helper()
	data, err := json.Marshal(har)
	if err != nil {
		t.Fatal(err)
	}
	in, err := record.NewReader(strings.NewReader(string(data)), record.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return judgeAll(t, in, Options{Engines: engines})
}
