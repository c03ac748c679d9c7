package observe

import (
	"slices"
	"testing"
	"time"
)

func TestParseConsole(t *testing.T) {
	for _, test := range []struct {
		name  string
		parse func(string) (string, bool)
		line  string
		want  string
		ok    bool
	}{
		{"chromium", chromiumParser(), `[1:2:1122/081500.1:INFO:CONSOLE:1] "a "b", source: c", source: http://a.test/ (12)`, `a "b", source: c`, true},
		{"chromium before 130", chromiumParser(), `[1122/081500.1:INFO:CONSOLE(1)] "a", source: http://a.test/ (1)`, "a", true},
		{"its own page", chromiumParser(), `[1:2:1122/081500.1:INFO:CONSOLE:0] "Slow", source: chrome://omnibox/ (0)`, "", false},
		{"its log", chromiumParser(), `[1:2:1122/081500.1:ERROR:dbus/bus.cc:405] Failed`, "", false},
		{"no log", chromiumParser(), `DevTools listening`, "", false},
		{"firefox", parseFirefox, `{"category":"SOP","text":"no","source":"x"}`, "[SOP] no", true},
		{"its mark", parseFirefox, `{"category":"content javascript","text":"Error: error:observed step 1;","source":"x"}`, "Error: error:observed step 1;", true},
		{"its own code", parseFirefox, `{"category":"chrome javascript","text":"no","source":"x"}`, "", false},
		{"not JSON", parseFirefox, `x`, "", false},
		{"webkit", parseWebKit, "CONSOLE SECURITY ERROR no", "SECURITY ERROR no", true},
		{"webkit with a source", parseWebKit, "http://a.test:18000/page.html:1:16: CONSOLE LOG x", "LOG x", true},
		{"its log", parseWebKit, "Gtk-WARNING", "", false},
	} {
		if got, ok := test.parse(test.line); got != test.want || ok != test.ok {
			t.Errorf("%s: %q is %q, %v", test.name, test.line, got, ok)
		}
	}
}

func TestParseConsoleLines(t *testing.T) {
	parse := chromiumParser()
	if text, ok := parse(`[1:2:1122/081500.1:INFO:CONSOLE:0] "one`); ok {
		t.Errorf("half an entry is %q", text)
	}
	if text, ok := parse(`", source:  (0)`); text != "one\n" || !ok {
		t.Errorf("the whole is %q, %v", text, ok)
	}
	if text, ok := parse(`[1:2:1122/081500.1:INFO:CONSOLE:0] "two", source:  (0)`); text != "two" || !ok {
		t.Errorf("the next is %q, %v", text, ok)
	}
}

func TestCollect(t *testing.T) {
	p := newProcess("observed")
	for _, text := range []string{"late observed step 1;", "one", "two", "LOG observed step 2;", "three"} {
		p.messages <- text
	}
	got, ok := p.collect("observed step 2;", time.Second)
	if want := []string{"one", "two"}; !ok || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, not %q", got, ok, want)
	}
	if got, ok := p.collect("observed step 3;", time.Millisecond); ok || !slices.Equal(got, []string{"three"}) {
		t.Errorf("without a mark, got %q, %v", got, ok)
	}
}

func TestVersionIn(t *testing.T) {
	for output, want := range map[string]string{
		"Chromium 156.0.8078.79 built on Debian GNU/Linux 12": "156.0.8078.79", "Mozilla Firefox 153.7.0esr\n": "153.7.0", "\nWebKitGTK 2.50.6\n": "2.50.6",
	} {
		if got, err := versionIn([]byte(output)); got != want || err != nil {
			t.Errorf("%q is version %q (%v)", output, got, err)
		}
	}
	if got, err := versionIn([]byte("no")); err == nil {
		t.Errorf("no version was read as %q", got)
	}
}
