// Corsim-openapi writes a contract of an OpenAPI description to its output:
//
//	corsim-openapi api.yaml --origin https://app.example > cors.contract
//	simulate test cors.contract --base https://staging.example
//
// Each operation is promised to each origin, with the headers and credentials that its security schemes need. The exit
// status is 0, or 2 where there is no contract.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/corsim/corsim/openapi"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "corsim-openapi:", err)
		os.Exit(2)
	}
}

// run is the command.
func run(args []string, out, usage io.Writer) error {
	f := flag.NewFlagSet("corsim-openapi", flag.ContinueOnError)
	f.SetOutput(usage)
	f.Usage = func() {
		fmt.Fprint(usage, "corsim-openapi [flags] FILE writes a contract of an OpenAPI description (JSON or YAML, 3.0 or 3.1):\n"+
			"what pages may do, for simulate test and corstest.Contract.\n\n"+
			"  corsim-openapi api.yaml --origin https://app.example > cors.contract\n\n")
		f.PrintDefaults()
	}
	var o openapi.Options
	f.Func("origin", "the `ORIGIN` of a page that may use every operation; repeatable", appendTo(&o.Origins))
	f.Func("block", "the `ORIGIN` of a page to which every operation is refused; repeatable", appendTo(&o.Others))
	f.StringVar(&o.Base, "base", "", "the `URL` where the service is; that of the description's first server by default")
	f.BoolVar(&o.HideHeaders, "no-expose", false, "do not promise that script can read the response headers that are required")
	var files []string
	for { // flags may follow the file
		if err := f.Parse(args); err != nil {
			return err
		}
		if args = f.Args(); len(args) == 0 {
			break
		}
		files, args = append(files, args[0]), args[1:]
	}
	if len(files) != 1 {
		return fmt.Errorf("there are %d files: give one OpenAPI description; -help says more", len(files))
	}
	doc, err := openapi.Load(files[0])
	if err != nil {
		return fmt.Errorf("%s: %w", files[0], err)
	}
	text, err := openapi.Contract(doc, o)
	if err != nil {
		return fmt.Errorf("%s: %w", files[0], err)
	}
	_, err = io.WriteString(out, text)
	return err
}

func appendTo(list *[]string) func(string) error {
	return func(s string) error {
		*list = append(*list, s)
		return nil
	}
}
