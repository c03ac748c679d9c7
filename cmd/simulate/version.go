package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/corsim/corsim/browser"
)

// What a release is built with: -ldflags "-X main.release=1.2.3 -X main.commit=… -X
// main.date=…". Otherwise what Go notes of the build is used.
var release, commit, date string

// standardCommit is the snapshot of github.com/whatwg/fetch that the engine follows, and
// standardDate its day.
const (
	standardCommit = "586cd2a44c2a865b37c166dc0740f3fb8bb220d6"
	standardDate   = "2026-07-02"
)

// versionInfo is what simulate version says.
type versionInfo struct {
	V        int              `json:"v"`
	Version  string           `json:"version"`
	Commit   string           `json:"commit,omitempty"`
	Date     string           `json:"date,omitempty"` // of the commit
	Modified bool             `json:"modified"`       // the source was changed since the commit
	Go       string           `json:"go"`
	Platform string           `json:"platform"`
	Standard standardInfo     `json:"standard"`
	Browsers []knownToVersion `json:"browsers"`
}

type standardInfo struct {
	Commit string `json:"commit"`
	Date   string `json:"date"`
}

type knownToVersion struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Observed string `json:"observed"`
}

var versionCommand = &command{
	name: "version", summary: "print the version, and the browsers that it knows",
	arguments: "[flags]",
	help: `Prints the version, the commit and its date, the version of Go, the snapshot of the
Fetch standard that is followed, and each version of each browser that --browser takes,
with the day on which the real one was observed.`,
	examples: `  simulate version
  simulate version --json`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		var asJSON bool
		f.yes(&asJSON, 0, "json", "write it as JSON")
		return func(_ context.Context, std *streams, args []string) (int, error) {
			if len(args) > 0 {
				return exitUsage, errors.New("it takes no arguments")
			}
			info := readVersion()
			if asJSON {
				return exitAllowed, encodeLine(std.out, info)
			}
			return exitAllowed, info.print(std.out)
		}
	},
}

func readVersion() *versionInfo {
	v := &versionInfo{
		V: 1, Version: release, Commit: commit, Date: date, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Standard: standardInfo{standardCommit, standardDate},
	}
	if info, ok := debug.ReadBuildInfo(); ok && release == "" {
		v.Version = strings.TrimPrefix(info.Main.Version, "v")
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				v.Commit = s.Value
			case "vcs.time":
				v.Date = s.Value
			case "vcs.modified":
				v.Modified = s.Value == "true"
			}
		}
	}
	if v.Version == "" || v.Version == "(devel)" {
		v.Version = "devel"
	}
	for _, e := range browser.Known() {
		if e.Version() != "" {
			v.Browsers = append(v.Browsers, knownToVersion{e.Name(), e.Version(), e.Observed()})
		}
	}
	return v
}

func (v *versionInfo) print(w io.Writer) error {
	fmt.Fprintf(w, "simulate %s\n", v.Version)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if v.Commit != "" {
		changed := ""
		if v.Modified {
			changed = ", changed since"
		}
		fmt.Fprintf(t, "  commit\t%s%s\n", v.Commit, changed)
	}
	if v.Date != "" {
		fmt.Fprintf(t, "  date\t%s\n", v.Date)
	}
	fmt.Fprintf(t, "  go\t%s %s\n", v.Go, v.Platform)
	fmt.Fprintf(t, "  standard\tFetch, %s (%.7s)\n", v.Standard.Date, v.Standard.Commit)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nBrowsers that it knows, and when each was observed; those between are derived:")
	t = tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, b := range v.Browsers {
		fmt.Fprintf(t, "  %s@%s\t%s\n", b.Name, b.Version, b.Observed)
	}
	return t.Flush()
}
