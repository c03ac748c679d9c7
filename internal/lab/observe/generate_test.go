package observe

import (
	"bytes"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/scenario"
	"github.com/corsim/corsim/weburl"
)

func TestGenerateIsDeterministic(t *testing.T) {
	long := Generate(5, 400)
	if again := Generate(5, 400); !slices.EqualFunc(long, again, bytes.Equal) {
		t.Error("the same seed gave other scenarios")
	}
	if short := Generate(5, 40); !slices.EqualFunc(short, long[:40], bytes.Equal) {
		t.Error("a smaller number of scenarios gave others, rather than fewer")
	}
	same := 0
	for i, line := range Generate(6, 400) {
		// Apart from what names the seed.
		if bytes.Equal(bytes.ReplaceAll(line, []byte("seed=6"), []byte("seed=5"))[20:], long[i][20:]) {
			same++
		}
	}
	if same > 20 {
		t.Errorf("%d of 400 scenarios are the same under another seed", same)
	}
}

func TestGeneratedScenarios(t *testing.T) {
	const n = 3000
	scenarios, err := GenerateScenarios(1, n)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	ids := map[string]bool{}
	for _, s := range scenarios {
		_, name, ok := strings.Cut(s.Source, "feature=")
		if !ok || !strings.HasSuffix(s.ID, "-"+name) {
			t.Errorf("%s has the source %q, which does not name its feature", s.ID, s.Source)
		}
		count[name]++
		if ids[s.ID] {
			t.Errorf("two scenarios have the id %s", s.ID)
		}
		ids[s.ID] = true
		if len(s.Steps) == 0 || len(s.Servers) == 0 {
			t.Errorf("%s has %d steps and %d servers", s.ID, len(s.Steps), len(s.Servers))
		}
		if _, err := portsOf(s); err != nil {
			t.Errorf("%s cannot be observed: %v", s.ID, err)
		}
		for i := range s.Servers {
			checkAnswers(t, s.ID, &s.Servers[i])
		}
	}
	for _, name := range Features() {
		if count[name] < n/100 {
			t.Errorf("%d of %d scenarios are about %s", count[name], n, name)
		}
		delete(count, name)
	}
	if len(count) > 0 {
		t.Errorf("features that Features does not list: %v", count)
	}
}

// checkAnswers checks that answers can be sent and be asked for.
func checkAnswers(t *testing.T, id string, server *scenario.Server) {
	t.Helper()
	u, err := weburl.Parse(server.URL)
	if err != nil || u.String() != server.URL {
		t.Errorf("%s: no request is for %q, as URLs are serialized otherwise (%v)", id, server.URL, err)
	}
	for _, a := range server.Answers {
		if a.NotBytes != nil {
			t.Errorf("%s: %s has an answer that cannot be sent: %v", id, server.URL, a.NotBytes)
		}
		if a.Status < 200 {
			t.Errorf("%s: %s answers with status %d, after which browsers wait for another", id, server.URL, a.Status)
		}
		for _, h := range a.Headers {
			if strings.ContainsAny(h.Name+h.Value, "\r\n") {
				t.Errorf("%s: %s has the header %q: %q, which is more than a line", id, server.URL, h.Name, h.Value)
			}
		}
	}
}

// What the features are to vary does vary.
func TestGeneratedVariety(t *testing.T) {
	seen := map[string]int{}
	note := func(what string, ok bool) {
		if ok {
			seen[what]++
		}
	}
	scenarios, err := GenerateScenarios(2, 3000)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		note("opaque client", s.Client.Origin == "null")
		note("secure client", strings.HasPrefix(s.Client.URL, "https:"))
		note("document policy", s.Client.ReferrerPolicy != "")
		note("several steps", len(s.Steps) > 1)
		for i := range s.Servers {
			for _, a := range s.Servers[i].Answers {
				for _, name := range []string{
					"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods", "Access-Control-Allow-Headers",
					"Access-Control-Expose-Headers", "Access-Control-Max-Age",
				} {
					values := a.Headers.Values(name)
					note(name, len(values) > 0)
					note("repeated "+name, len(values) > 1)
					for _, v := range values {
						note("odd "+name, strings.ContainsAny(v, "\t\"; \u00e9"))
					}
				}
				note("redirect", a.Status >= 300 && a.Status < 400 && a.Headers.Contains("location"))
				note("cookie", a.Headers.Contains("set-cookie"))
			}
		}
		for i := range s.Steps {
			step := &s.Steps[i]
			note("api "+step.API, true)
			note("mode "+step.Mode.Value, step.Mode.Given)
			note("credentials "+step.Credentials.Value, step.Credentials.Given)
			note("redirect "+step.Redirect.Value, step.Redirect.Given)
			note("cache "+step.Cache.Value, step.Cache.Given)
			note("referrer", step.Referrer.Given)
			note("policy "+step.ReferrerPolicy.Value, step.ReferrerPolicy.Given)
			note("wait", step.Wait > 0)
			note("no byte string", step.NotByteString != nil)
			note("body as bytes", !step.ContentTypeFromBody.Or(true))
			note("upload listener", step.UploadListener)
			note("withCredentials", step.WithCredentials)
			note("keepalive", step.Keepalive)
			note("lower-case method", step.Method.Given && step.Method.Value != strings.ToUpper(step.Method.Value))
			for _, h := range step.Headers {
				note("128 bytes", len(h.Value) == 128)
				note("129 bytes", len(h.Value) == 129)
			}
		}
	}
	wanted := []string{
		"opaque client", "secure client", "document policy", "several steps", "redirect", "cookie", "api fetch", "api xhr", "mode cors", "mode no-cors",
		"mode same-origin", "credentials omit", "credentials same-origin", "credentials include", "redirect manual", "redirect error", "redirect follow",
		"cache no-store", "cache reload", "cache no-cache", "cache force-cache", "cache only-if-cached", "cache default", "referrer", "wait", "no byte string",
		"body as bytes", "upload listener", "withCredentials", "keepalive", "lower-case method", "128 bytes", "129 bytes",
	}
	for _, policy := range referrerPolicies {
		wanted = append(wanted, "policy "+policy)
	}
	for _, name := range []string{"Origin", "Credentials", "Methods", "Headers"} {
		wanted = append(wanted, "Access-Control-Allow-"+name, "repeated Access-Control-Allow-"+name, "odd Access-Control-Allow-"+name)
	}
	for _, name := range []string{"Expose-Headers", "Max-Age"} {
		wanted = append(wanted, "Access-Control-"+name, "repeated Access-Control-"+name, "odd Access-Control-"+name)
	}
	for _, what := range wanted {
		if seen[what] == 0 {
			t.Errorf("no scenario of 3000 has %s", what)
		}
	}
}

// TestGenerateElements holds that scenarios of elements follow from their seed, are all different, and are about every
// API that the runner has.
func TestGenerateElements(t *testing.T) {
	const n = 2000
	list, again := GenerateElements(1, n), GenerateElements(1, n)
	if !reflect.DeepEqual(list, again) {
		t.Error("the same seed gives other scenarios")
	}
	apis, ids := map[string]int{}, map[string]bool{}
	for _, s := range list {
		ids[s.ID] = true
		for i := range s.Steps {
			apis[s.Steps[i].API]++
		}
		outcome := scenario.Run(t.Context(), s, nil)
		if outcome.Error != "" || len(outcome.Steps) != len(s.Steps) {
			t.Errorf("%s: %d outcomes of %d steps, %s", s.ID, len(outcome.Steps), len(s.Steps), outcome.Error)
		}
	}
	if len(ids) != n {
		t.Errorf("%d scenarios have %d ids", n, len(ids))
	}
	for _, api := range regexp.MustCompile(`"([a-z-]+)": (?:load|send|perform|open|submit)[A-Z]`).FindAllStringSubmatch(elementsScript, -1) {
		if apis[api[1]] == 0 && api[1] != "css-mask" { // which shows nothing
			t.Errorf("no scenario is about %s", api[1])
		}
	}
}
