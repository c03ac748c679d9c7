package report

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

func TestColumns(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "é": 1, "e\u0301": 1, "日本語": 6, "한글": 4, "ｶﾅ": 2, "Ａ": 2, "😀": 2, "→…": 2} {
		if got := columns(s); got != want {
			t.Errorf("%q takes %d columns, want %d", s, got, want)
		}
	}
	for _, test := range []struct {
		s               string
		width           int
		end, middle, to string
	}{
		{"abcdefgh", 5, "abcd…", "ab…gh", "abcdefgh"},
		{"日本語日本語", 7, "日本語…", "日…本語", "日本語日本語"},
		{"日本語日本語", 6, "日本…", "日…語", "日本語日本語"},
		{"日本", 6, "日本", "日本", "日本  "},
	} {
		if got := cut(test.s, test.width); got != test.end {
			t.Errorf("cut(%q, %d) = %q, want %q", test.s, test.width, got, test.end)
		}
		if got := cutMiddle(test.s, test.width); got != test.middle {
			t.Errorf("cutMiddle(%q, %d) = %q, want %q", test.s, test.width, got, test.middle)
		}
		if got := pad(test.s, test.width); got != test.to {
			t.Errorf("pad(%q, %d) = %q, want %q", test.s, test.width, got, test.to)
		}
	}
}

// Whatever is in a recording, and however narrow the terminal is, what is printed of a
// blocked request fits, and is not much.
func TestFits(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for _, value := range []string{long, strings.Repeat("https://a.example, ", 200), strings.Repeat("日本", 900)} {
		entry := `{"request":{"method":"` + long + `","url":"https://日本語.example/` + value + `","headers":[["origin","https://app.example"]]},"response":{"status":200,"headers":[["access-control-allow-origin","` + value + `"]]}}`
		for _, width := range []int{1, 40, 50, 60, 71, 72, 100} {
			table, diagnosed, _, totals := writeBoth(t, entry, width, replay.Options{Engines: everyEngine}, Options{})
			var explained, out strings.Builder
			totals.Print(&out, width)
			var d Diagnosis
			in, err := record.NewReader(strings.NewReader(entry), record.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for r, err := range replay.Judge(t.Context(), in, replay.Options{}, func(r *replay.Result) *replay.Result { return r }) {
				if err != nil {
					t.Fatal(err)
				}
				d.Add(r, &Options{})
			}
			d.Print(&explained, DiagnosisView{Width: width, Terminal: true})
			for line := range strings.Lines(table + diagnosed + out.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > atLeast(width) {
					t.Errorf("%d columns of %d: %s", n, width, line)
				}
			}
			if n := columns(explained.String()); n > 2*maxExplained {
				t.Errorf("an explanation of %d columns: %s", n, &explained)
			}
			for line := range strings.Lines(explained.String()) {
				if n := columns(strings.TrimSuffix(line, "\n")); n > max(atLeast(width), 10+maxWord) || n > atLeast(width) && len(strings.Fields(line)) > 1 {
					t.Errorf("%d columns of %d: %s", n, width, line)
				}
			}
		}
	}
}
