//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/lab/demo"
)

// An actionStep is a step of action.yml that runs something.
type actionStep struct {
	run string
	env map[string]string // by the variable, the input whose value it is
}

// readAction returns the steps that run something, and the inputs' defaults.
func readAction(t *testing.T) (steps []actionStep, defaults map[string]string) {
	t.Helper()
	content, err := os.ReadFile("../../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	inputs, rest, _ := strings.Cut(string(content), "\noutputs:\n")
	defaults = map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+):\n    description: .*\n    default: (.*)$`).FindAllStringSubmatch(inputs, -1) {
		defaults[m[1]] = strings.Trim(m[2], `"`)
	}
	for _, text := range strings.Split(rest, "\n    - ")[1:] {
		s := actionStep{env: map[string]string{}}
		for _, m := range regexp.MustCompile(`(?m)^        (\w+): \$\{\{ inputs\.(\w+) \}\}$`).FindAllStringSubmatch(text, -1) {
			s.env[m[1]] = m[2]
		}
		if _, block, ok := strings.Cut(text, "      run: |\n"); ok {
			s.run = regexp.MustCompile(`(?m)^        `).ReplaceAllString(block, "")
		} else if _, line, ok := strings.Cut(text, "      run: "); ok {
			s.run, _, _ = strings.Cut(line, "\n")
		}
		if s.run != "" {
			steps = append(steps, s)
		}
	}
	return steps, defaults
}

// TestAction runs the steps of action.yml as GitHub's runner would: each by bash with its
// variables, in the workspace, until one fails.
func TestAction(t *testing.T) {
	server := httptest.NewServer(demo.Handler())
	defer server.Close()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	steps, defaults := readAction(t)
	if len(steps) != 2 || len(defaults) != 6 {
		t.Fatalf("%d steps, %d inputs", len(steps), len(defaults))
	}
	temp := t.TempDir()
	contract := "base " + server.URL + "\npage " + demo.Page + "\n  allow GET /open\n  allow PATCH /open json\n"
	for _, tt := range []struct {
		name              string
		inputs            map[string]string
		exit              int
		printed, summary  []string
		rules             []string
		lineOfFirstResult float64
	}{
		{"a broken promise", map[string]string{"contract": "cors.contract"}, 1,
			[]string{"::error file=cors.contract,line=4,col=3,title=CORS%3A method-not-allowed::page http://localhost:3000: allow PATCH /open json: blocked"},
			[]string{"### CORS contract: broken", "| broken | 4 | http://localhost:3000 | `allow PATCH /open json` |", "Access-Control-Request-Method: PATCH"}, []string{"method-not-allowed"}, 4},
		{"a URL", map[string]string{"url": server.URL + "/open", "origin": demo.Page}, 0, nil, []string{"### CORS contract: kept"}, nil, 0},
		{"a URL that no page may read", map[string]string{"url": server.URL + "/closed?a=b", "origin": demo.Page}, 1,
			[]string{"title=CORS%3A missing-allow-origin::page http://localhost:3000: allow GET /closed?a=b: blocked"}, []string{"### CORS contract: broken"}, []string{"missing-allow-origin"}, 3},
		{"nothing", nil, 2, []string{"::error title=CORS contract::give contract, or url"}, nil, nil, 0},
		{"shell in an input", map[string]string{"url": "http://x/$(touch owned)", "origin": "`touch owned`\n;touch owned"}, 2, []string{"::error title=CORS contract::"}, nil, nil, 0},
		{"more arguments", map[string]string{"contract": "cors.contract", "arguments": "--browser\nfirefox\n"}, 1, []string{"blocked: method-not-allowed in firefox"}, nil, []string{"method-not-allowed"}, 4},
	} {
		workspace := t.TempDir()
		if err := os.WriteFile(filepath.Join(workspace, "cors.contract"), []byte(contract), 0o666); err != nil {
			t.Fatal(err)
		}
		outputs, summary := filepath.Join(workspace, ".outputs"), filepath.Join(workspace, ".summary")
		printed, exit := "", 0
		for _, s := range steps {
			cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.run)
			cmd.Dir = workspace
			cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "GITHUB_ACTION_PATH="+root, "GITHUB_OUTPUT="+outputs, "GITHUB_STEP_SUMMARY="+summary, "NO_PROXY=*")
			for variable, input := range s.env {
				value, given := tt.inputs[input]
				if !given {
					value = defaults[input]
				}
				cmd.Env = append(cmd.Env, variable+"="+value)
			}
			out, err := cmd.CombinedOutput()
			printed += string(out)
			if err != nil {
				exit = cmd.ProcessState.ExitCode()
				break
			}
		}
		if exit != tt.exit {
			t.Errorf("%s: exit status %d, want %d:\n%s", tt.name, exit, tt.exit, printed)
		}
		if _, err := os.Stat(filepath.Join(workspace, "owned")); err == nil {
			t.Errorf("%s: an input is run as shell", tt.name)
		}
		for _, want := range tt.printed {
			if !strings.Contains(printed, want) {
				t.Errorf("%s: no %q in\n%s", tt.name, want, printed)
			}
		}
		got, _ := os.ReadFile(summary)
		for _, want := range tt.summary {
			if !strings.Contains(string(got), want) {
				t.Errorf("%s: no %q in the summary\n%s", tt.name, want, got)
			}
		}
		if out, err := os.ReadFile(outputs); err != nil || !strings.Contains(string(out), "status="+string(rune('0'+tt.exit))+"\n") {
			t.Errorf("%s: the outputs are %q, error %v", tt.name, out, err)
		}
		if tt.exit == 2 {
			continue
		}
		var log struct {
			Version string
			Runs    []struct {
				Results []struct {
					RuleID    string
					Locations []struct {
						PhysicalLocation struct {
							Region struct{ StartLine float64 }
						}
					}
				}
			}
		}
		sarif, err := os.ReadFile(filepath.Join(workspace, "cors.sarif"))
		if err == nil {
			err = json.Unmarshal(sarif, &log)
		}
		if err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != len(tt.rules) {
			t.Errorf("%s: the SARIF: %v\n%s", tt.name, err, sarif)
			continue
		}
		for i, r := range log.Runs[0].Results {
			if r.RuleID != tt.rules[i] || r.Locations[0].PhysicalLocation.Region.StartLine != tt.lineOfFirstResult {
				t.Errorf("%s: the SARIF has %+v", tt.name, r)
			}
		}
	}
}

// TestGitLab runs the script of the GitLab template, with simulate installed.
func TestGitLab(t *testing.T) {
	server := httptest.NewServer(demo.Handler())
	defer server.Close()
	template, err := os.ReadFile("../../../templates/cors.gitlab-ci.yml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", dir, "../../../cmd/simulate").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "my.contract"), []byte("base https://api.example\npage "+demo.Page+"\n  allow GET /open\n  allow PATCH /open json\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(template), "  script:\n")
	script, _, _ = strings.Cut(script, "  artifacts:\n")
	script = regexp.MustCompile(`(?m)^    - `).ReplaceAllString(script, "")
	cmd := exec.Command("bash", "-eo", "pipefail", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "CORS_CONTRACT=my.contract", "CORS_BASE="+server.URL, "CORS_VERSION=latest", "NO_PROXY=*")
	out, _ := cmd.CombinedOutput()
	if exit := cmd.ProcessState.ExitCode(); exit != 1 {
		t.Errorf("exit status %d, want 1:\n%s", exit, out)
	}
	junit, err := os.ReadFile(filepath.Join(dir, "cors.junit.xml"))
	if err != nil || !strings.Contains(string(junit), `tests="2" failures="1"`) || !strings.Contains(string(junit), `<failure type="method-not-allowed"`) {
		t.Errorf("the JUnit report: %v\n%s", err, junit)
	}
}
