package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/corsim/corsim/internal/contract"
	"github.com/corsim/corsim/internal/schema"
)

// contractSchema is the name of what describes contracts, which are text.
const contractSchema = "contract"

// schemaNames are what there is a schema of.
func schemaNames() []string {
	return slices.Sorted(slices.Values(append(schema.Names(), contractSchema)))
}

var schemaCommand = &command{
	name: "schema", summary: "print the schema of what a command prints or reads as JSON",
	arguments: "[NAME]",
	help: `Prints the JSON Schema (draft 2020-12) of what --json of a command prints, of the outcomes
that run prints ("run") and of the scenarios that it reads ("scenario"); and the format of
contracts ("contract"). Without a name it lists them.

What a schema says stays as long as "v" in the output does. Members may be added: ignore
those that you do not know. What is printed is held against the schemas in tests.`,
	examples: `  simulate schema
  simulate schema replay > replay.schema.json`,
	values: schemaNames,
	define: func(*flagSet) func(context.Context, *streams, []string) (int, error) {
		return func(_ context.Context, std *streams, args []string) (int, error) {
			switch {
			case len(args) > 1:
				return exitUsage, errors.New("name one schema")
			case len(args) == 0:
				for _, name := range schemaNames() {
					fmt.Fprintln(std.out, name)
				}
				return exitAllowed, nil
			case args[0] == contractSchema:
				_, err := std.out.Write([]byte(contract.Reference))
				return exitAllowed, err
			}
			text, err := schema.Get(args[0])
			if err != nil {
				return exitUsage, fmt.Errorf("%w%s", err, didYouMean(args[0], "", schemaNames()))
			}
			_, err = std.out.Write(text)
			return exitAllowed, err
		}
	},
}
