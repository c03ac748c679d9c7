package replay

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
)

// FuzzJudge: random recordings of exchanges that have to do with each other are
// judged without a panic, with a result or a pair for each, the same with one
// worker as with several, and so that what a result says fits together.
func FuzzJudge(f *testing.F) {
	f.Add(uint64(1), "WebInspector", "https://app.example", "x: y")
	f.Add(uint64(2), "", "null", "access-control-allow-origin: \xff")
	f.Add(uint64(3), "Firefox", "", "location: //")
	f.Fuzz(func(t *testing.T, seed uint64, creator, pageOrigin, header string) {
		recording := randomRecording(rand.New(rand.NewPCG(seed, 0)), creator, pageOrigin, header)
		engines := []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()}
		for _, options := range []Options{
			{Engines: engines}, {Independent: true}, {Origin: "https://other.example"}, {Credentials: CredentialsIncluded}, {Credentials: CredentialsNotIncluded},
		} {
			var first []string
			for _, workers := range []int{1, 3} {
				options.Workers = workers
				in, err := record.NewReader(strings.NewReader(recording), record.Options{Format: record.HAR})
				if err != nil {
					t.Fatal(err)
				}
				var all []string
				entries, last := 0, -1
				for _, r := range judgeAll(t, in, options) {
					consistent(t, r)
					if r.Exchange.Index <= last {
						t.Errorf("%s came out of order", r.Exchange.Entry)
					}
					last = r.Exchange.Index
					if entries++; r.Preflight != nil {
						entries++
					}
					all = append(all, r.Exchange.Entry+" "+say(r))
				}
				if entries != recordingSize {
					t.Errorf("%d of %d entries were judged", entries, recordingSize)
				}
				if first == nil {
					first = all
				} else if diff := cmp.Diff(first, all); diff != "" {
					t.Errorf("not the same twice:\n%s", diff)
				}
			}
		}
	})
}

// consistent checks what holds of every result.
func consistent(t *testing.T, r *Result) {
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		switch {
		case (v.Outcome == Blocked || v.Outcome == Asks) != (v.Err != nil), (v.Outcome == Undecidable) != (v.Missing != 0), (v.Outcome == NotSubject) != (v.Exempt != 0):
			t.Errorf("%s: %s with error %v, missing %v, exempt %v", r.Exchange.Entry, v.Outcome, v.Err, v.Missing, v.Exempt)
		case (v.Missing&CredentialsMode != 0) != (len(v.Alternatives) == 2):
			t.Errorf("%s: %v has %d alternatives", r.Exchange.Entry, v.Missing, len(v.Alternatives))
		case v.Outcome == Blocked && !v.Err.Preflight && v.Err.Reason.IsCORS() && !r.Exchange.Response.HasResponse && len(r.Exchange.Response.Headers) == 0:
			t.Errorf("%s: blocked by a response that there is not", r.Exchange.Entry)
		case v.Missing.Text() == "" && v.Missing != 0, v.Agreement != Silent && v.Outcome > Blocked:
			t.Errorf("%s: %+v", r.Exchange.Entry, v)
		}
	}
}

const recordingSize = 40

// randomRecording is a HAR whose entries often are each other's preflights and
// redirects.
func randomRecording(random *rand.Rand, creator, pageOrigin, header string) string {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	urls := []string{"https://api.example/a", "https://api.example/b#f", "https://app.example/c", "http://[::1]:8080/", "data:,x", "wss://api.example/", "https://", ""}
	add := func(list headers.List, chance float64, name string, values ...string) headers.List {
		for random.Float64() < chance {
			list = append(list, headers.Header{Name: name, Value: pick(values...)})
			chance /= 8
		}
		return list
	}
	origins := []string{"https://app.example", "https://app.example", "null", pageOrigin}
	var entries []string
	now := time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC)
	name, value, _ := strings.Cut(header, ": ")
	name = strings.TrimLeft(name, ":") + "x"
	for range recordingSize {
		var request, response headers.List
		request = add(request, .7, "origin", origins...)
		request = add(request, .5, "referer", "https://app.example/", "https://api.example/x", "x")
		request = add(request, .5, "host", "api.example")
		request = add(request, .3, "sec-fetch-mode", "cors", "cors", "no-cors", "navigate", "same-origin", "websocket", "x")
		request = add(request, .3, "sec-fetch-site", "same-origin", "cross-site", "none", "same-site")
		request = add(request, .2, "sec-fetch-dest", "empty", "font", "image", "x")
		request = add(request, .2, "cookie", "a=1", "", "[redacted]")
		request = add(request, .2, "authorization", "Basic x", "Bearer x")
		request = add(request, .3, "content-type", "application/json", "text/plain", "")
		request = add(request, .1, name, value)
		method := pick("GET", "GET", "POST", "PUT", "OPTIONS", "TRACE", "x")
		if method == "OPTIONS" {
			request = add(request, .9, "access-control-request-method", "PUT", "GET", "POST", "")
			request = add(request, .5, "access-control-request-headers", "content-type", "authorization,content-type", ",", value)
		}
		response = add(response, .7, "access-control-allow-origin", append(origins, "*", "[redacted]", value)...)
		response = add(response, .4, "access-control-allow-credentials", "true", "TRUE", value)
		response = add(response, .4, "access-control-allow-methods", "PUT", "*", "PUT,", "\x00", value)
		response = add(response, .4, "access-control-allow-headers", "content-type", "*", "authorization", value)
		response = add(response, .3, "access-control-max-age", "10", "-1", "99999999999999999999", value)
		response = add(response, .3, "location", append(urls, "/b", "https://u:p@api.example/", value)...)
		response = add(response, .1, name, value)
		status := []int{200, 204, 204, 301, 302, 303, 307, 404, 0, -1}[random.IntN(10)]
		now = now.Add(time.Duration(random.IntN(4000)) * time.Millisecond)
		type h = map[string]string
		list := func(l headers.List) (all []h) {
			for _, header := range l {
				all = append(all, h{"name": header.Name, "value": header.Value})
			}
			return all
		}
		members := map[string]any{
			"request":  map[string]any{"method": method, "url": pick(urls[:len(urls)-1]...), "headers": list(request)},
			"response": map[string]any{"status": status, "headers": list(response)},
		}
		for _, m := range []struct {
			name   string
			values []string
		}{
			{"_error", []string{"net::ERR_FAILED", "net::ERR_ABORTED"}}, {"_resourceType", []string{"fetch", "xhr", "image", "font", "document", "x"}},
			{"pageURL", []string{"https://app.example/", "x"}}, {"startedDateTime", []string{now.Format(time.RFC3339Nano)}},
		} {
			if random.Float64() < .3 || m.name == "startedDateTime" {
				members[m.name] = pick(m.values...)
			}
		}
		if random.Float64() < .05 {
			members["_fromCache"] = "disk"
		}
		entry, err := json.Marshal(members)
		if err != nil {
			panic(err)
		}
		entries = append(entries, string(entry))
	}
	creatorJSON, _ := json.Marshal(creator)
	return fmt.Sprintf(`{"log":{"creator":{"name":%s},"entries":[%s]}}`, creatorJSON, strings.Join(entries, ","))
}
