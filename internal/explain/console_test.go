package explain

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/corsim/corsim/cors"
)

var update = flag.Bool("update", false, "write what is recognized in the consoles beside them")

// is reports whether a message is about a reason, or does not tell it apart.
func (m *Message) is(reason cors.Reason) bool {
	return m.Reason == reason || slices.Contains(m.Or, reason)
}

// What package browser renders, which is held against real browsers, is recognized
// as what it was rendered from.
func TestRecognizeWhatBrowsersLog(t *testing.T) {
	files, err := filepath.Glob("../../browser/testdata/messages-*.txt")
	if err != nil || len(files) != 3 {
		t.Fatalf("%d files of messages, error %v", len(files), err)
	}
	// Of these the engines log nothing by which to tell them, or nothing at all.
	silent := map[string]string{
		"chromium": "redirect-mode redirect-location redirect-count redirect-body invalid-data-url bad-port only-if-cached cross-origin-resource-policy " +
			"proxy-authentication transport same-origin-mode no-cors-redirect-mode redirect-scheme scheme-not-http",
		"firefox": "redirect-mode redirect-location redirect-scheme redirect-count redirect-body redirect-credentials no-cors-redirect-mode " +
			"invalid-data-url bad-port only-if-cached proxy-authentication same-origin-mode transport invalid-argument preflight-redirect",
		"webkit": "redirect-mode redirect-location redirect-body only-if-cached proxy-authentication transport invalid-data-url invalid-argument " +
			"cross-origin-resource-policy redirect-scheme redirect-count same-origin-mode",
	}
	for _, file := range files {
		engine := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "messages-"), ".txt")
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for section := range strings.SplitSeq(string(content), "\n# ") {
			title, body, _ := strings.Cut(section, "\n")
			name, _, _ := strings.Cut(strings.TrimPrefix(title, "# "), ",")
			name, _, _ = strings.Cut(name, " ")
			reason, ok := cors.ParseReason(name)
			if !ok {
				continue
			}
			byAPI := map[string]string{}
			for line := range strings.SplitSeq(body, "\n") {
				if api, text, ok := strings.Cut(line, " "); ok && (api == "fetch" || api == "xhr") {
					byAPI[api] += strings.TrimSpace(text) + "\n"
				}
			}
			for api, text := range byAPI {
				messages := Recognize(text)
				found := slices.ContainsFunc(messages, func(m Message) bool { return m.is(reason) })
				if !found && !strings.Contains(" "+silent[engine]+" ", " "+name+" ") {
					t.Errorf("%s, %s, %s: %+v\n%s", engine, title, api, messages, text)
				}
				for _, m := range messages {
					if found && m.Engine != engine {
						t.Errorf("%s, %s, %s is taken for %s's:\n%s", engine, title, api, m.Engine, text)
					}
					if m.Reason != 0 && m.Reason != cors.Transport && !m.is(reason) && !related(reason, m.Reason) {
						t.Errorf("%s, %s, %s is taken for %v:\n%s", engine, title, api, m.Reason, text)
					}
				}
			}
		}
	}
}

// related reports whether an engine cannot tell the first reason from the second.
func related(reason, got cors.Reason) bool {
	redirects := []cors.Reason{
		cors.RedirectScheme, cors.RedirectLocation, cors.RedirectCount, cors.RedirectBody, cors.RedirectCredentials, cors.RedirectMode,
		cors.SchemeNotHTTP, cors.SameOriginMode, cors.PreflightRedirect,
	}
	if reason == cors.PreflightRedirect && got == cors.AllowOriginMismatch {
		return true // Firefox logs both
	}
	return slices.Contains(redirects, reason) && slices.Contains(redirects, got)
}

// TestWordings checks one line for each wording of the catalogue of messages.
func TestWordings(t *testing.T) {
	content, err := os.ReadFile("testdata/wordings.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		fields := strings.SplitN(line, " ", 3)
		engine, want, text := fields[0], fields[1], strings.TrimSpace(fields[2])
		messages := Recognize(text)
		if len(messages) != 1 {
			t.Errorf("%d messages in %q: %+v", len(messages), text, messages)
			continue
		}
		m := messages[0]
		got := string(m.Topic)
		if m.Reason != 0 {
			got = m.Reason.String()
		}
		if m.Engine != engine || got != want {
			t.Errorf("%s %s in %q, want %s %s", m.Engine, got, text, engine, want)
		}
	}
	if n < 70 {
		t.Errorf("only %d wordings", n)
	}
}

// TestConsoles checks whole consoles as people paste them, with what stands around
// the messages. A console whose list of messages is empty is an unrelated one.
func TestConsoles(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/consoles.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		for i := 0; i+1 < len(archive.Files); i += 2 {
			var want []byte
			for _, m := range Recognize(string(archive.Files[i].Data)) {
				line, err := json.Marshal(asMap(m))
				if err != nil {
					t.Fatal(err)
				}
				want = append(append(want, line...), '\n')
			}
			archive.Files[i+1].Data = want
		}
		if err := os.WriteFile("testdata/consoles.txtar", txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	related, unrelated := 0, 0
	for i := 0; i+1 < len(archive.Files); i += 2 {
		console, wanted := archive.Files[i], archive.Files[i+1]
		if wanted.Name != console.Name+".want" {
			t.Fatalf("%s is followed by %s", console.Name, wanted.Name)
		}
		t.Run(console.Name, func(t *testing.T) {
			want := []map[string]any{}
			for line := range strings.Lines(string(wanted.Data)) {
				var m map[string]any
				if err := json.Unmarshal([]byte(line), &m); err != nil {
					t.Fatal(err)
				}
				want = append(want, m)
			}
			if len(want) == 0 {
				unrelated++
			} else {
				related++
			}
			got := []map[string]any{}
			for _, m := range Recognize(string(console.Data)) {
				got = append(got, asMap(m))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if related < 20 || unrelated < 7 {
		t.Errorf("%d consoles with messages and %d without", related, unrelated)
	}
}

// asMap returns what a message tells, as JSON has it.
func asMap(m Message) map[string]any {
	out := map[string]any{}
	v := reflect.ValueOf(m)
	for i := range v.NumField() {
		f := v.Field(i)
		if !v.Type().Field(i).IsExported() || f.IsZero() {
			continue
		}
		name := strings.ToLower(v.Type().Field(i).Name)
		switch value := f.Interface().(type) {
		case cors.Reason:
			out[name] = value.String()
		case []cors.Reason:
			// what an engine does not tell apart is the catalogue's matter
		case int:
			out[name] = float64(value)
		case Topic:
			out[name] = string(value)
		default:
			out[name] = value
		}
	}
	return out
}

// Every message gives a failure that can be explained, whatever it lacks.
func TestMessagesAreExplained(t *testing.T) {
	for _, template := range allTemplates() {
		if template.reason == 0 {
			continue
		}
		m := Message{Engine: template.engine, Reason: template.reason}
		m.settle()
		failure, request := m.Failure("https://app.example")
		if e := Explain(failure, request, Exchange{}); len(e.Causes) == 0 || len(e.Advice) == 0 {
			t.Errorf("%q: %d causes, %d advice", template.text, len(e.Causes), len(e.Advice))
		}
	}
}

// FuzzRecognize checks that no text upsets it, that what it returns is said in the
// text, and that blanks between words make no difference.
func FuzzRecognize(f *testing.F) {
	f.Add("Access to fetch at 'https://api.example/x' from origin 'https://app.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.")
	f.Add("Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example/. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.")
	f.Add("Bloccata richiesta (cross-origin): da https://api.example/. Motivo: header CORS “Access-Control-Allow-Origin” mancante. Codice di stato: 200.")
	f.Add("GET https://img.example/a.png net::ERR_BLOCKED_BY_RESPONSE.NotSameOrigin 200 (OK)\nhttps://x:1 Failed to load resource: net::ERR_FAILED")
	f.Add(`{"text":"Access to fetch at 'https:\/\/api.example\/x' from origin 'http:\/\/localhost:3000' has been bl...`)
	f.Add("Origin https://app.example is not allowed by Access-Control-Allow-Origin. Status code: 404\nFetch API cannot load https://api.example/ due to access control checks.")
	f.Fuzz(func(t *testing.T, text string) {
		messages := Recognize(text)
		for _, m := range messages {
			if m.Engine == "" || (m.Reason == 0) == (m.Topic == "") {
				t.Errorf("%+v", m)
			}
			for _, s := range []string{m.URL, m.Origin, m.Subject} {
				if m.Topic != TopicUnknown && s != "" && !strings.Contains(plainConsole(text), s) && s != "null" && !strings.Contains(s, "://") {
					t.Errorf("%q is not in the text", s)
				}
			}
		}
		if again := recognize(plainBlanks(plainConsole(text))); len(again) != len(messages) {
			t.Errorf("%d messages, and %d in plain form", len(messages), len(again))
		}
	})
}
