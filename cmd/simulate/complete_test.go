package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCandidates completes the last word, which is behind the last blank.
func TestCandidates(t *testing.T) {
	for line, want := range map[string]string{
		"simulate che":                                     "check",
		"simulate help exit":                               "exit-status",
		"simulate check --brow":                            "--browser",
		"simulate check --browser fire":                    "firefox firefox@140.12.0 firefox@153.7.0 firefox@159.0",
		"simulate check --browser=firefox@":                "--browser=firefox@140.12.0 --browser=firefox@153.7.0 --browser=firefox@159.0",
		"simulate check --browser al":                      "all all-versions",
		"simulate check -k --cred":                         "--credentials",
		"simulate check -kH --credentials --credentials i": "include",
		"simulate check --as image,vid":                    "image,video",
		"simulate check --permission local-network=":       "local-network=granted local-network=denied local-network=prompt",
		"simulate check --answer x":                        ":files",
		"simulate check -d @x":                             ":files",
		"simulate check https://api":                       "",
		"simulate check --no-such ":                        "",
		"simulate replay -- --js":                          ":files",
		"simulate replay cust":                             ":files",
		"simulate replay --format ne":                      "netlog",
		"simulate replay --color a":                        "auto always",
		"simulate explain --server ngin":                   "nginx nginx-",
		"simulate explain --cause options-not-r":           "options-not-routed",
		"simulate explain --reason missing":                "missing-allow-origin",
		"simulate quirks authorization-under":              "authorization-under-wildcard",
		"simulate servers caddyf":                          "caddyfile",
		"simulate man prob":                                "probe",
		"simulate completion z":                            "zsh",
		"simulate nothing --x":                             "",
	} {
		var got []string
		for _, c := range candidates(strings.Split(line, " ")) {
			got = append(got, c.value)
		}
		if line == "simulate explain --server ngin" {
			if !slices.Contains(got, "nginx") || slices.ContainsFunc(got, func(s string) bool { return !strings.HasPrefix(s, "ngin") }) {
				t.Errorf("%q: %q", line, got)
			}
			continue
		}
		if diff := cmp.Diff(strings.Fields(want), got); diff != "" && want+strings.Join(got, "") != "" {
			t.Errorf("%q: -want +got:\n%s", line, diff)
		}
	}
}

// A flag whose value is one of a list, as what it is called says, tells the list.
func TestEveryFlagIsCompleted(t *testing.T) {
	listed := []string{"MODE", "SETTING", "SPACE", "STATE", "NAME=STATE", "WHEN", "FORMAT", "BROWSER"}
	for _, c := range commands() {
		f, _ := c.flags(new(colorMode))
		for _, d := range f.flags {
			if d.values != nil && len(d.values()) == 0 {
				t.Errorf("simulate %s --%s: no values", c.name, d.long)
			}
			if d.values == nil && (slices.Contains(listed, d.argument) || d.long == "browser" || d.long == "server") {
				t.Errorf("simulate %s --%s: tell what %s may be, by takes or takesFrom", c.name, d.long, d.argument)
			}
			if d.values != nil && d.set != nil {
				for _, v := range d.values() {
					if strings.ContainsAny(v, " \t\n'\"$") {
						t.Errorf("simulate %s --%s: the value %q is for a shell to quote", c.name, d.long, v)
					}
				}
			}
		}
	}
}

// What completion proposes is accepted.
func TestValuesAreAccepted(t *testing.T) {
	for _, c := range commands() {
		f, _ := c.flags(new(colorMode))
		for _, d := range f.flags {
			if d.values == nil {
				continue
			}
			for _, v := range d.values() {
				if err := d.set(v); err != nil {
					t.Errorf("simulate %s --%s %s: %v", c.name, d.long, v, err)
				}
			}
		}
	}
}
