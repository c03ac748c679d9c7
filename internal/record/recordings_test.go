package record

import (
	"os"
	"path/filepath"
	"testing"
)

// The recordings that browsers, a proxy and curl made, as far as they are beside the
// package: entries, how many preflights found their request, and what their
// dialect leaves out.
func TestRecordings(t *testing.T) {
	tests := map[string]struct {
		format         Format
		entries, pairs int
		all, none      Fidelity // bits of all entries, and bits of no entry
	}{
		"chromium-devtools.har":           {HAR, 58, 10, CookiesRemoved | OrderLost, RepeatsMerged | PseudoMismatch | PreflightsHidden | BytesUnsure},
		"chromium-devtools-sensitive.har": {HAR, 58, 10, OrderLost, CookiesRemoved | RepeatsMerged | PseudoMismatch | PreflightsHidden},
		"chromium-playwright.har":         {HAR, 48, 0, PreflightsHidden | OrderLost, CookiesRemoved | RepeatsMerged},
		"chromium-playwright-minimal.har": {HAR, 48, 0, PreflightsHidden | OrderLost, CookiesRemoved | RepeatsMerged},
		"firefox.har":                     {HAR, 61, 11, 0, CookiesRemoved | RepeatsMerged | OrderLost | PreflightsHidden},
		"webkit.har":                      {HAR, 26, 0, RepeatsJoined | OrderLost | PreflightsHidden, CookiesRemoved | RepeatsMerged | NoResponse | RequestHeadersMissing},
		"mitmproxy-chromium.har":          {HAR, 48, 4, RepeatsJoined, CookiesRemoved | RepeatsMerged | OrderLost | PreflightsHidden | NoResponse},
		"mitmproxy-firefox.zhar":          {HAR, 48, 4, RepeatsJoined, CookiesRemoved | RepeatsMerged | OrderLost | PreflightsHidden | NoResponse},
		"curl-get.txt":                    {CurlVerbose, 1, 0, 0, fidelityEnd - 1},
		"curl-get-blocked.txt":            {CurlVerbose, 1, 0, 0, fidelityEnd - 1},
		"curl-preflight.txt":              {CurlVerbose, 2, 1, 0, fidelityEnd - 1},
		"curl-preflight-blocked.txt":      {CurlVerbose, 1, 0, 0, fidelityEnd - 1},
		"curl-redirect.txt":               {CurlVerbose, 2, 0, 0, fidelityEnd - 1},
	}
	files, err := filepath.Glob("../../testdata/recordings/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		test, ok := tests[filepath.Base(file)]
		if !ok {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			reader, err := NewReader(f, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if reader.Format() != test.format {
				t.Errorf("taken for %v", reader.Format())
			}
			var p Pairer
			var all []Pair
			entries := 0
			for e, err := range reader.All() {
				if err != nil {
					t.Fatal(err)
				}
				entries++
				if !e.Fidelity.Has(test.all) || e.Fidelity&test.none != 0 {
					t.Errorf("%s: %v", e.Entry, e.Fidelity)
				}
				all = append(all, p.Add(e)...)
			}
			all = append(all, p.Flush()...)
			pairs := 0
			for _, pair := range all {
				if pair.Exchange != nil && pair.Preflight != nil {
					pairs++
				}
			}
			if entries != test.entries || pairs != test.pairs {
				t.Errorf("%d entries with %d preflights paired, want %d with %d", entries, pairs, test.entries, test.pairs)
			}
		})
	}
}
