package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/record"
	"github.com/corsim/corsim/replay"
	"github.com/corsim/corsim/replay/report"
)

var replayCommand = &command{
	name: "replay", summary: "judge the requests of a recording",
	arguments: "[flags] FILE…|-",
	help: `Reads recordings of traffic (HAR, JSON lines, HTTP messages, the output of curl -v;
plain or compressed by gzip) and says of each request whether a browser would have
let its page have the response: allowed, blocked (why), undecidable (what the
recording lacks), or not subject to CORS. What the recording contradicts comes
first. Entries that cannot be read are reported on standard error; the rest is
judged, and the exit status is 2.

With --json each request is an object on a line of its own: "go doc
github.com/corsim/corsim/replay/report Line" has its members. With --format jsonl
as well, each line of input makes one line of output, judged by itself: without
the preflights and redirects on other lines, so that any split of the input gives
the same lines.

Cookies and request header values are never printed, and tokens in URLs only with
--show-secrets.`,
	examples: `  simulate replay customer.har
  simulate replay --browser all --all customer.har
  simulate replay --origin https://staging.example customer.har
  zcat access.jsonl.gz | simulate replay --format jsonl --json -`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		r := new(replayRun)
		defineBrowsers(f, &r.options.Engines)
		f.define(0, "origin", "ORIGIN", "what if the page stood there", func(value string) error {
			o, err := origin.Parse(value)
			if err == nil {
				r.options.Origin = o.String()
			}
			return err
		})
		f.define(0, "credentials", "MODE", "what if all requests had it: omit, same-origin, include", func(value string) (err error) {
			r.options.Credentials, err = credentialsNamed(value)
			return err
		})
		f.define(0, "format", "NAME", "what the input is, not recognized by itself: har, jsonl, http, curl", func(value string) (err error) {
			r.format, err = formatNamed(value)
			return err
		})
		f.yes(&r.all, 0, "all", "list also what is not subject to CORS")
		f.yes(&r.json, 0, "json", "one JSON object a line")
		f.yes(&r.showSecrets, 0, "show-secrets", "print tokens in URLs")
		return r.run
	},
}

func credentialsNamed(mode string) (replay.Credentials, error) {
	switch mode {
	case "omit", "same-origin":
		return replay.CredentialsNotIncluded, nil
	case "include":
		return replay.CredentialsIncluded, nil
	}
	return 0, fmt.Errorf("there is no credentials mode %q, only omit, same-origin, include", mode)
}

func formatNamed(name string) (record.Format, error) {
	switch name {
	case "har":
		return record.HAR, nil
	case "jsonl":
		return record.JSONLines, nil
	case "http":
		return record.Messages, nil
	case "curl":
		return record.CurlVerbose, nil
	}
	return 0, fmt.Errorf("there is no format %q, only har, jsonl, http, curl", name)
}

// replayRun is a run over recordings.
type replayRun struct {
	options                replay.Options
	format                 record.Format
	all, json, showSecrets bool

	out    *bufio.Writer
	err    io.Writer
	width  int
	totals report.Totals
}

func (r *replayRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if len(args) == 0 {
		return exitUsage, errors.New(`no file is given; "-" is standard input`)
	}
	r.out, r.err, r.width = bufio.NewWriterSize(std.out, 64<<10), std.err, columns(std.out)
	r.options.Independent = r.json && r.format == record.JSONLines
	if !r.json {
		for _, assumption := range r.options.Assumptions() {
			fmt.Fprintf(r.out, "assumed: %s\n", assumption)
		}
	}
	failed := false
	for _, arg := range args {
		if len(args) > 1 && !r.json {
			fmt.Fprintln(r.out, arg)
		}
		if err := r.file(ctx, std, arg, len(args) > 1); err != nil {
			if ctx.Err() != nil {
				r.out.Flush()
				return exitUsage, err
			}
			r.out.Flush()
			fmt.Fprintf(r.err, "simulate replay: %v\n", err)
			failed = true
		}
	}
	if !r.json {
		r.totals.Print(r.out, r.width)
	}
	if err := r.out.Flush(); err != nil {
		return exitUsage, err
	}
	if failed || r.totals.Unreadable > 0 {
		return exitUsage, nil
	}
	switch r.totals.Outcome() {
	case replay.Blocked:
		return exitBlocked, nil
	case replay.Undecidable:
		return exitUndecidable, nil
	}
	return exitAllowed, nil
}

// judged is a result with what is written about it.
type judged struct {
	result *replay.Result
	text   []byte
}

// file judges one file.
func (r *replayRun) file(ctx context.Context, std *streams, arg string, several bool) error {
	name, file, err := openInput(std, []string{arg})
	if err != nil {
		return err
	}
	defer file.Close()
	in, err := record.NewReader(file, record.Options{Format: r.format})
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	options := &report.Options{ShowSecrets: r.showSecrets, Independent: r.options.Independent, Assumptions: r.options.Assumptions()}
	if several {
		options.File = name
	}
	table := &report.Table{Out: r.out, Width: r.width, All: r.all}
	text := func(result *replay.Result) judged { return judged{result, table.Rows(result, options)} }
	if r.json {
		text = func(result *replay.Result) judged {
			return judged{result, append(report.Line(nil, result, options), '\n')}
		}
	}
	for j, err := range replay.Judge(ctx, in, r.options, text) {
		if _, bad := errors.AsType[*record.EntryError](err); bad {
			r.totals.Unreadable++
			fmt.Fprintf(r.err, "%s: %v\n", name, err)
			if r.json {
				r.out.Write(append(report.BadLine(nil, err, options), '\n'))
			}
			continue
		}
		if err != nil {
			table.Finish()
			return fmt.Errorf("%s: %w", name, err)
		}
		r.totals.Add(j.result)
		if r.json {
			_, err = r.out.Write(j.text)
		} else {
			err = table.Add(j.text, j.result)
		}
		if err != nil {
			return err
		}
	}
	return table.Finish()
}

// columns returns how wide a table on w may be.
func columns(w io.Writer) int {
	const unlimited = 132 // for files and pipes
	file, ok := w.(*os.File)
	if !ok {
		return unlimited
	}
	if n := terminalColumns(file); n > 0 {
		return n
	}
	return unlimited
}
