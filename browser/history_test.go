package browser

import (
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/quirks"
)

func TestHistory(t *testing.T) {
	h := &history{
		name: "test", numbers: 2, oldest: "8",
		builds:  []build{{"9.1", "2026-01-02"}, {"10.0.2", "2026-02-03"}, {"10.1", "2026-03-04"}},
		product: func(version string) quirks.Product { return quirks.Product{UserAgent: version} },
		facts: []fact{
			{"a", span{since: "10"}, "", func(r *quirks.Engine) { r.CORS.MaxAgeLimit += 1 }},
			{"b", span{since: "9.1..10.0.2", until: "10.0.2..10.1"}, "", func(r *quirks.Engine) { r.CORS.MaxAgeLimit += 10 }},
			{"c", span{until: "10.1"}, "", func(r *quirks.Engine) { r.CORS.MaxAgeLimit += 100 }},
			{"d", always, "", func(r *quirks.Engine) { r.CORS.MaxAgeLimit += 1000 }},
		},
	}
	for _, test := range []struct {
		version, found string
		limit          int64
	}{
		{"9", "9.1", 1100}, {"10", "10.1", 1001}, {"10.0", "10.0.2", 1111}, {"10.0.2", "10.0.2", 1111}, {"10.1", "10.1", 1001},
		{"8", "8", 1100}, {"9.2", "9.2", 1100}, {"10.0.1", "10.0.1", 1101}, {"10.0.7", "10.0.7", 1111}, {"10.1.5", "10.1.5", 1001},
		{"1", "", 0}, {"", "", 0}, {"10.2", "", 0}, {"11", "", 0}, {"9.x", "", 0}, {"9.", "", 0}, {"+9", "", 0}, {"-9", "", 0},
	} {
		e := h.find(test.version)
		switch {
		case e == nil:
			if test.found != "" {
				t.Errorf("%s: found nothing", test.version)
			}
		case e.Version() != test.found || e.rules.CORS.MaxAgeLimit != test.limit:
			t.Errorf("%s: %s, limit %d; want %s, %d", test.version, e, e.rules.CORS.MaxAgeLimit, test.found, test.limit)
		}
	}
	if h.newest() != h.find("10.1") || h.find("9").rules.Product.UserAgent != "9.1" || h.find("9.2.1").rules.Product.UserAgent != "9.2" {
		t.Error("the newest build, or a product, is not found")
	}
	if again := h.find("9.2"); again != h.find("9.2") {
		t.Error("an engine of a version is made twice")
	}
	for version, want := range map[string]string{
		"9.1": "observed on 2026-01-02", "8": "not observed: 9.1 is the oldest that was; what changed before is from published data",
		"9.2": "not observed: between 9.1 and 10.0.2, which were and differ in a, b", "10.1.5": "not observed itself: as 10.1, which was",
	} {
		if got := h.basis(h.find(version)); got != want {
			t.Errorf("%s: %q, want %q", version, got, want)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"9", "10", -1}, {"10.0", "10", 0}, {"2.50", "2.5", 1}, {"153.7.0", "153.7", 0}, {"1.2.3", "1.2.4", -1}} {
		if got := compareVersions(test.a, test.b); (got < 0) != (test.want < 0) || (got > 0) != (test.want > 0) {
			t.Errorf("%s and %s: %d", test.a, test.b, got)
		}
	}
}

func TestFind(t *testing.T) {
	for name, want := range map[string]string{
		"firefox": "firefox@153.7.0", "firefox@newest": "firefox@159.0", "webkit@newest": "webkit@2.54.3", "firefox@153": "firefox@153.7.0", "firefox@155": "firefox@155", "firefox@145": "firefox@145", "chrome@143": "chromium@143.0.7499.0", "chromium@145": "chromium@145", "firefox@153.8.0": "firefox@153.8.0",
		"chrome@156": "chromium@156.0.8078.79", "edge": "chromium@156.0.8078.79", "webkit@2.54": "webkit@2.54.3", "safari": "webkit@2.50", "safari@newest": "webkit@2.54.3",
		"safari@26": "webkit@2.50", "safari@26.2": "webkit@2.50", "safari@26.5": "webkit@2.52.6", "safari@27.1": "webkit@2.54.3", "standard": "standard",
	} {
		if e, err := Find(name); err != nil || e.String() != want {
			t.Errorf("%s is %v (%v), want %s", name, e, err, want)
		}
	}
	for _, name := range []string{"standard@1", "lynx", "firefox@160", "firefox@1", "firefox@59", "firefox@", "safari@11", "safari@28", "safari@x", "webkit@2.55", "chromium@156a"} {
		if e, err := Find(name); err == nil {
			t.Errorf("%s is %s", name, e)
		}
	}
	older, newer := firefox.find("140"), firefox.find("159")
	if ids := Changed(older, newer); len(ids) == 0 || Changed(newer, newer) != nil || Changed(older, WebKit()) != nil {
		t.Errorf("what changed is %q", ids)
	}
}

// What changed before the oldest version that was observed is from published data.
func TestOldVersions(t *testing.T) {
	type facts struct{ wildcard, exposed, metadata, lax, noneInsecure bool }
	for name, want := range map[string]facts{
		"chrome@62": {}, "chrome@63": {wildcard: true}, "chrome@65": {wildcard: true, exposed: true}, "chrome@79": {wildcard: true, exposed: true, metadata: true},
		"chrome@80": {true, true, true, true, true}, "firefox@68": {}, "firefox@69": {wildcard: true, exposed: true},
		"firefox@130": {wildcard: true, exposed: true, metadata: true}, "firefox@131": {true, true, true, false, true},
		"safari@12": {}, "safari@13": {wildcard: true, exposed: true}, "safari@16.4": {wildcard: true, exposed: true, metadata: true},
	} {
		e, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		got := facts{!e.rules.CORS.WildcardIsName, !e.rules.CORS.ExposedWildcardIsName, !e.rules.Headers.NoMetadata, e.rules.Cookies.DefaultLax, !e.rules.Cookies.AllowSameSiteNoneInsecure}
		if e.Name() == "webkit" {
			got.noneInsecure = false // which all old ones allow
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if !strings.HasPrefix(e.Basis(), "not observed: ") {
			t.Errorf("%s: %s", name, e.Basis())
		}
	}
	for name, want := range map[string]int64{"chrome@75": 600, "chrome@76": 7200, "firefox@60": 86400} {
		if e, err := Find(name); err != nil || e.rules.CORS.MaxAgeLimit != want {
			t.Errorf("%s: a limit of %d (%v)", name, e.rules.CORS.MaxAgeLimit, err)
		}
	}
}

// Every version that is known says when it was observed.
func TestObserved(t *testing.T) {
	for _, e := range Known() {
		if _, err := time.Parse(time.DateOnly, e.Observed()); (err != nil) != (e == Standard()) {
			t.Errorf("%s was observed on %q", e, e.Observed())
		}
	}
}
