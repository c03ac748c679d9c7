package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
)

var quirksCommand = &command{
	name: "quirks", summary: "say where browsers differ, from the standard and each other",
	arguments: "[flags] [ID…]",
	help: `Prints the points on which Chromium, Firefox and WebKit differ from the Fetch standard,
and so from each other: what each does, and what a server should send to fare the same
in all of them. With one or more IDs it prints those alone, and with --since VERSION
those that a browser changed after that version. What it says is held against the data that --browser runs on, and against what the real browsers did.`,
	examples: `  simulate quirks
  simulate quirks --since firefox@140
  simulate quirks --html quirks.html
  simulate quirks authorization-under-wildcard
  simulate quirks --scenarios authorization-under-wildcard | simulate run --browser webkit -`,
	values: quirkIDs,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		var scenarios bool
		var since *browser.Engine
		var page string
		f.define(0, "since", "BROWSER@VERSION", "only what changed in the browser after that version", func(name string) (err error) {
			since, err = browser.Find(name)
			return err
		}).takesFrom(browserValues)
		f.text(&page, 0, "html", "FILE", "write them as a page")
		f.yes(&scenarios, 0, "scenarios", "print scenarios that show them, for simulate run")
		return func(ctx context.Context, std *streams, args []string) (int, error) {
			quirks, err := quirksNamed(args)
			if err != nil {
				return exitUsage, err
			}
			if since != nil {
				if quirks, err = changedSince(since, quirks); err != nil {
					return exitUsage, err
				}
			}
			if page != "" {
				outputs := newOutputs(std, "", nil)
				defer outputs.discard()
				out := outputs.open("html", page)
				if err := outputs.opened(); err != nil {
					return exitUsage, err
				}
				if err := writeQuirksPage(out, quirks); err != nil {
					return exitUsage, err
				}
				return exitAllowed, outputs.commit(ctx)
			}
			write := browser.WriteQuirks
			if scenarios {
				write = writeScenarios
			}
			if err := write(std.out, quirks); err != nil {
				return exitUsage, err
			}
			return exitAllowed, nil
		}
	},
}

// changedSince returns the quirks of which a browser's newest version differs from the given one, or any version between.
func changedSince(since *browser.Engine, quirks []browser.Quirk) ([]browser.Quirk, error) {
	newest, err := browser.Find(since.Name() + "@newest")
	if err != nil {
		return nil, err
	}
	ids := browser.Changed(since, newest)
	return slices.DeleteFunc(quirks, func(q browser.Quirk) bool { return !slices.Contains(ids, q.ID) }), nil
}

// quirkIDs are the ids of the quirks.
func quirkIDs() (ids []string) {
	for _, q := range browser.Quirks() {
		ids = append(ids, q.ID)
	}
	return ids
}

// quirksNamed returns the quirks with the ids, all where there is none.
func quirksNamed(ids []string) ([]browser.Quirk, error) {
	all := browser.Quirks()
	if len(ids) == 0 {
		return all, nil
	}
	var named []browser.Quirk
	for _, id := range ids {
		i := slices.IndexFunc(all, func(q browser.Quirk) bool { return q.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("there is no quirk %q%s; without an ID all are listed", id, didYouMean(id, "", quirkIDs()))
		}
		named = append(named, all[i])
	}
	return named, nil
}

func writeScenarios(w io.Writer, quirks []browser.Quirk) error {
	for _, q := range quirks {
		if _, err := io.WriteString(w, strings.Join(q.Scenarios, "\n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}
