package replay

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
)

// puts records a PUT every so many seconds, all for one URL, the first after its
// preflight, whose answer has a max-age.
func puts(n, every int, maxAge string, urls int) string {
	var b strings.Builder
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	entry := func(method, url, request, response string, at time.Time) {
		fmt.Fprintf(&b, `{"startedDateTime":"%s","time":40,"request":{"method":"%s","url":"%s","headers":[["origin","https://app.example"],["cookie","a=b"]%s]},"response":{"status":200,"headers":[["access-control-allow-origin","https://app.example"],["access-control-allow-credentials","true"]%s]}}`+"\n",
			at.Format(time.RFC3339Nano), method, url, request, response)
	}
	for i := range n {
		url := fmt.Sprintf("https://api.example/%d", i%urls)
		if i == 0 {
			entry("OPTIONS", url, `,["access-control-request-method","PUT"]`, `,["access-control-allow-methods","PUT"]`+maxAge, at)
		}
		entry("PUT", url, "", "", at.Add(50*time.Millisecond))
		at = at.Add(time.Duration(every) * time.Second)
	}
	return b.String()
}

func TestCosts(t *testing.T) {
	tests := []struct {
		name, recording string
		better          time.Duration
		want            string // by Chromium, Firefox, WebKit: requests, sent, better
	}{
		{"no max-age", puts(60, 60, "", 1), 0, "60 60 1, 60 60 1, 60 60 6"},
		{"ten minutes, said once", puts(60, 60, `,["access-control-max-age","600"]`, 1), 0, "60 6 1, 60 6 1, 60 6 6"},
		{"longer than browsers keep it", puts(150, 60, `,["access-control-max-age","999999"]`, 1), 0, "150 2 2, 150 1 1, 150 15 15"},
		{"better is no more", puts(60, 60, `,["access-control-max-age","600"]`, 1), 60 * time.Second, "60 6 6, 60 6 6, 60 6 6"},
		{"each for another URL", puts(20, 1, "", 20), 0, "20 20 20, 20 20 20, 20 20 20"},
		{"in quick succession", puts(20, 1, "", 1), 0, "20 4 1, 20 4 1, 20 4 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			in, err := record.NewReader(strings.NewReader(test.recording), record.Options{})
			if err != nil {
				t.Fatal(err)
			}
			costs := NewCosts([]*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}, test.better)
			for _, r := range judgeAll(t, in, Options{}) {
				costs.Add(r)
			}
			var got []string
			for _, c := range costs.Costs() {
				got = append(got, fmt.Sprintf("%d %d %d", c.Requests, c.Sent, c.Better))
				if want := time.Duration(c.Sent) * 40 * time.Millisecond; c.Time != want {
					t.Errorf("%s waits %s, want %s", c.Engine.Name(), c.Time, want)
				}
			}
			if diff := cmp.Diff(test.want, strings.Join(got, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A described load costs what the same load costs as a recording.
func TestLoadIsLikeRecording(t *testing.T) {
	for _, maxAge := range []time.Duration{-1, 0, 60 * time.Second, 600 * time.Second, 7200 * time.Second} {
		header := ""
		if maxAge >= 0 {
			header = fmt.Sprintf(`,["access-control-max-age","%.0f"]`, maxAge.Seconds())
		}
		for _, urls := range []int{1, 3, 7} {
			in, err := record.NewReader(strings.NewReader(puts(240, 30, header, urls)), record.Options{})
			if err != nil {
				t.Fatal(err)
			}
			engines := []*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()}
			costs := NewCosts(engines, 0)
			for _, r := range judgeAll(t, in, Options{}) {
				costs.Add(r)
			}
			load := Load{Requests: 2, URLs: urls, Session: 2 * time.Hour, Users: 1, MaxAge: maxAge}
			for i, want := range costs.Costs() {
				got := load.Cost(engines[i], 0)
				if got.Requests != want.Requests || got.Sent != want.Sent || got.Better != want.Better {
					t.Errorf("%s, max-age %s, %d URLs: of a load %d %d %d, of a recording %d %d %d", engines[i].Name(), maxAge, urls, got.Requests, got.Sent, got.Better, want.Requests, want.Sent, want.Better)
				}
			}
		}
	}
}

// What the preflight cache does not permit costs a preflight, and so does what it has cleared.
func TestCostsFollowTheCache(t *testing.T) {
	entry := func(at int, method, request, response string) string {
		return fmt.Sprintf(`{"startedDateTime":"2026-11-22T08:00:%02dZ","request":{"method":"%s","url":"https://api.example/","headers":[["origin","https://app.example"]%s]},"response":{"status":200,"headers":[["x","y"]%s]}}`+"\n",
			at, method, request, response)
	}
	const allowed = `,["access-control-allow-origin","*"]`
	preflight := func(at int, names string) string {
		return entry(at, "OPTIONS", `,["access-control-request-method","PUT"],["access-control-request-headers","`+names+`"]`,
			allowed+`,["access-control-allow-methods","PUT"],["access-control-allow-headers","`+names+`"],["access-control-max-age","600"]`)
	}
	for _, test := range []struct {
		name, recording, want string // by the standard and WebKit
	}{
		{"another header", preflight(0, "x-a") + entry(1, "PUT", `,["x-a","1"]`, allowed) + preflight(2, "x-b") + entry(3, "PUT", `,["x-b","1"]`, allowed), "2 of 2, 2 of 2"},
		{"the same header", preflight(0, "x-a") + entry(1, "PUT", `,["x-a","1"]`, allowed) + entry(3, "PUT", `,["x-a","2"]`, allowed), "1 of 2, 1 of 2"},
		{"after a response that is refused", preflight(0, "x-a") + entry(1, "PUT", `,["x-a","1"]`, "") + entry(3, "PUT", `,["x-a","2"]`, allowed), "2 of 2, 1 of 2"},
		{"in another cache mode", preflight(0, "x-a") + entry(1, "PUT", `,["x-a","1"]`, allowed) + entry(3, "PUT", `,["x-a","2"],["pragma","no-cache"],["cache-control","no-cache"]`, allowed), "1 of 2, 1 of 2"},
	} {
		in, err := record.NewReader(strings.NewReader(test.recording), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		costs := NewCosts([]*browser.Engine{browser.Standard(), browser.WebKit()}, 0)
		for _, r := range judgeAll(t, in, Options{}) {
			costs.Add(r)
		}
		var got []string
		for _, c := range costs.Costs() {
			got = append(got, fmt.Sprintf("%d of %d", c.Sent, c.Requests))
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: %v, want %s", test.name, got, test.want)
		}
	}
}
