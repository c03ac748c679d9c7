package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func invoke(args ...string) (code int, out, errors string) {
	var o, e strings.Builder
	code = run(args, &o, &e)
	return code, o.String(), e.String()
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"nothing"}, {"run", "--nothing"}, {"compare", "one"}, {"compare", "no.jsonl", "no.jsonl"}} {
		if code, out, errors := invoke(args...); code != failed || out != "" || errors == "" {
			t.Errorf("%q: exit code %d, %q, %q", args, code, out, errors)
		}
	}
	if code, _, errors := invoke("help"); code != agreed || !strings.Contains(errors, "observe check") {
		t.Errorf("help: exit code %d, %q", code, errors)
	}
}

func TestGenerate(t *testing.T) {
	code, out, errors := invoke("generate", "--seed", "7", "-n", "3")
	if code != agreed || errors != "" || strings.Count(out, "\n") != 3 || !strings.Contains(out, `"source":"gen:seed=7,n=2,`) {
		t.Errorf("exit code %d, %q, %q", code, out, errors)
	}
}

func TestCompare(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := write("a", `{"id":"x","steps":[{"result":"throws","requests":[]}]}`)
	b := write("b", `{"id":"x","steps":[{"result":"timeout","requests":[]}]}`)
	bad := write("bad", `{"id":"x"}`)
	if code, out, _ := invoke("compare", a, a); code != agreed || out != "want and got agree on 1 of 1 scenarios (100.00 %)\n" {
		t.Errorf("the same: exit code %d, %q", code, out)
	}
	if code, out, _ := invoke("compare", a, b); code != differed || !strings.Contains(out, `got        "timeout"`) {
		t.Errorf("others: exit code %d, %q", code, out)
	}
	if code, _, errors := invoke("compare", a, bad); code != failed || !strings.Contains(errors, bad) {
		t.Errorf("a bad file: exit code %d, %q", code, errors)
	}
}

func TestBrowsers(t *testing.T) {
	if names, err := browsers("all"); err != nil || len(names) != 3 {
		t.Errorf("all are %q, %v", names, err)
	}
	if names, err := browsers("lynx"); err == nil {
		t.Errorf("lynx is %q", names)
	}
}
