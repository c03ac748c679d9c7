package browser

import (
	"testing"
	"time"

	"github.com/corsim/corsim/internal/quirks"
)

func TestHistory(t *testing.T) {
	h := &history{
		name:   "test",
		builds: []build{{"9.1", "2026-01-02", quirks.Product{UserAgent: "nine"}}, {"10.0.2", "2026-02-03", quirks.Product{}}, {"10.1", "2026-03-04", quirks.Product{}}},
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
		{"1", "", 0}, {"", "", 0},
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
	if h.newest() != h.find("10.1") || h.find("9").rules.Product.UserAgent != "nine" {
		t.Error("the newest build, or a product, is not found")
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

// Every version that is known says when it was observed.
func TestObserved(t *testing.T) {
	for _, e := range Known() {
		if _, err := time.Parse(time.DateOnly, e.Observed()); (err != nil) != (e == Standard()) {
			t.Errorf("%s was observed on %q", e, e.Observed())
		}
	}
}
