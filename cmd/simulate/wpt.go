package main

import (
	"context"
	"fmt"
	"os"

	"github.com/corsim/corsim/wpt"
)

var wptCommand = &command{
	name: "wpt", summary: "run the ported web-platform-tests",
	arguments: "[flags] [PATTERN]",
	help: `Runs the cases ported from web-platform-tests, which are part of this program,
against ports of their servers on loopback sockets, and prints a table by upstream
directory and what failed. PATTERN selects the cases whose "file#subtest" contains
it, or whose file matches it as a glob. An expected failure that passes is a
failure. The exit status is 0 if all came out as expected, 1 if not.`,
	examples: `  simulate wpt
  simulate wpt --browser webkit 'fetch/api/redirect/*'
  simulate wpt --verbose 'cors/origin.htm#Disallow origin: null'`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		var options wpt.Options
		var asJSON, verbose bool
		var inventory string
		defineBrowser(f, &options.Engine)
		f.yes(&asJSON, 0, "json", "print the table and every result as JSON")
		f.yes(&verbose, 0, "verbose", "print what went over the network, of each failure")
		f.text(&inventory, 0, "inventory", "FILE", "run nothing; print what is missing of a table of upstream's tests")
		return func(ctx context.Context, std *streams, args []string) (int, error) {
			if len(args) > 1 {
				return exitUsage, fmt.Errorf("%d patterns are given; there is one at most", len(args))
			}
			if inventory != "" {
				return printInventory(std, inventory)
			}
			if len(args) == 1 {
				options.Pattern = args[0]
			}
			return runWPT(ctx, std, options, asJSON, verbose)
		}
	},
}

func printInventory(std *streams, name string) (int, error) {
	table, err := os.Open(name)
	if err != nil {
		return exitUsage, err
	}
	defer table.Close()
	if err := wpt.Inventory(std.out, table); err != nil {
		return exitUsage, fmt.Errorf("%s: %w", name, err)
	}
	return exitAllowed, nil
}

func runWPT(ctx context.Context, std *streams, options wpt.Options, asJSON, verbose bool) (int, error) {
	report, err := wpt.Run(ctx, options)
	if err != nil {
		return exitUsage, err
	}
	if len(report.Results) == 0 {
		return exitUsage, fmt.Errorf("no case matches %q", options.Pattern)
	}
	if asJSON {
		err = report.WriteJSON(std.out)
	} else {
		err = report.WriteTable(std.out, verbose)
	}
	switch {
	case err != nil:
		return exitUsage, err
	case !report.OK():
		return exitBlocked, nil
	}
	return exitAllowed, nil
}
