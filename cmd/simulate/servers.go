package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/internal/recipe"
)

var serversCommand = &command{
	name: "servers", summary: "list the servers that --server writes a configuration for",
	arguments: "[NAME…]",
	help: `Prints the names that --server of explain, check and probe takes, by kinds of server;
those after "also" are other names for the same. "proven" are those which the project's
tests start with the configuration as it is written, and ask with real browsers; of the
others the syntax of what is written is checked. With NAMEs it prints those alone.`,
	examples: `  simulate servers
  simulate servers next spring`,
	values: serverNames,
	define: func(*flagSet) func(context.Context, *streams, []string) (int, error) {
		return func(_ context.Context, std *streams, args []string) (int, error) {
			list := recipe.All()
			if len(args) > 0 {
				list = nil
			}
			for _, name := range args {
				r, err := recipe.Find(name)
				if err != nil {
					return exitUsage, err
				}
				list = append(list, r)
			}
			if err := printServers(std.out, list); err != nil {
				return exitUsage, err
			}
			return exitAllowed, nil
		}
	},
}

// serverNames are the names that --server takes.
func serverNames() (names []string) {
	for _, r := range recipe.All() {
		names = append(append(names, r.ID), r.Aliases...)
	}
	return names
}

func printServers(w io.Writer, list []*recipe.Recipe) error {
	var b strings.Builder
	for i, r := range list {
		if i == 0 || list[i-1].Layer != r.Layer {
			if i > 0 {
				b.WriteByte('\n')
			}
			fmt.Fprintln(&b, r.Layer)
		}
		more := ""
		if r.Proof != nil {
			more = " (proven)"
		}
		if len(r.Aliases) > 0 {
			more += ", also " + strings.Join(r.Aliases, ", ")
		}
		fmt.Fprintf(&b, "  %-18s %s%s\n", r.ID, r.Name, more)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
