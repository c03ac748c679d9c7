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
	help: `Reads recordings of traffic (HAR, also zipped, JSON lines, HTTP messages, the output of
curl -v, a NetLog of Chromium, Burp's saved items; plain or compressed by gzip or zstd) and says of each request whether a browser would have
let its page have the response: allowed, blocked (why), undecidable (what the
recording lacks), or not subject to CORS. What the recording contradicts comes
first, then what is blocked, by endpoint and reason. Entries that cannot be read are reported on standard error; the rest is
judged, and the exit status is 2.

A report that is written to "-" takes the place of the table.

With --json each request is an object on a line of its own: "go doc
github.com/corsim/corsim/replay/report Line" has its members. With --format jsonl
as well, each line of input makes one line of output, judged by itself: without
the preflights and redirects on other lines, so that any split of the input gives
the same lines.

Cookies and request header values are never printed, and tokens in URLs only with
--show-secrets. --redact writes a HAR without secrets, bodies, titles and parameter
values, of which replay says the same.`,
	examples: `  simulate replay customer.har
  simulate replay --browser all --all customer.har
  simulate replay --origin https://staging.example customer.har
  simulate replay --redact shared.har customer.har
  simulate replay --html report.html --sarif report.sarif customer.har
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
		f.define(0, "format", "NAME", "what the input is, not recognized by itself: har, jsonl, http,\ncurl, netlog, burp", func(value string) (err error) {
			r.format, err = formatNamed(value)
			return err
		})
		f.yes(&r.all, 0, "all", "list also what is not subject to CORS")
		f.yes(&r.list, 0, "list", "one line a request, not an endpoint and reason")
		f.yes(&r.json, 0, "json", "one JSON object a line")
		f.text(&r.html, 0, "html", "FILE", "write a page to look at and to pass on")
		f.text(&r.markdown, 0, "markdown", "FILE", "write Markdown, as for a pull request")
		f.text(&r.junit, 0, "junit", "FILE", "write JUnit's XML")
		f.text(&r.sarif, 0, "sarif", "FILE", "write SARIF 2.1.0")
		f.yes(&r.github, 0, "github", "print annotations of GitHub Actions as well")
		f.yes(&r.verbose, 'v', "verbose", "explain every kind of failure, with all that it may mean")
		f.text(&r.redact, 0, "redact", "OUT.har", "judge nothing, but write a copy that can be shared")
		f.yes(&r.exitZero, 0, "exit-zero", "exit with 0 whatever the verdicts, and with 2 only if\nan input cannot be read to its end")
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
	case "burp":
		return record.Burp, nil
	case "netlog":
		return record.NetLog, nil
	}
	return 0, fmt.Errorf("there is no format %q, only har, jsonl, http, curl, netlog, burp", name)
}

// replayRun is a run over recordings.
type replayRun struct {
	options                      replay.Options
	format                       record.Format
	all, list, json, showSecrets bool
	github, exitZero             bool
	html, markdown, junit, sarif string // the files of the reports
	redact                       string // the file of the copy

	out    *bufio.Writer
	err    io.Writer
	width  int
	color  bool
	quiet  bool // neither table nor JSON lines
	totals report.Totals
	// explanations are for people; verbose prints all of them.
	explanations report.Explanations
	verbose      bool
	// report is what the outputs have in common; its File is set where several
	// recordings are read.
	report report.Options
	sinks  []report.Sink
}

func (r *replayRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if len(args) == 0 {
		return exitUsage, errors.New(`no file is given; "-" is standard input`)
	}
	if r.redact != "" {
		return r.share(ctx, std, args)
	}
	r.out, r.err, r.width, r.color = bufio.NewWriterSize(std.out, 64<<10), std.err, columns(std.out), colored(std.out)
	r.options.Independent = r.json && r.format == record.JSONLines
	r.report = report.Options{ShowSecrets: r.showSecrets, Independent: r.options.Independent, Assumptions: r.options.Assumptions()}
	reports, err := r.openReports()
	if err != nil {
		return exitUsage, err
	}
	defer reports.remove()
	if r.table() {
		for _, assumption := range r.options.Assumptions() {
			fmt.Fprintf(r.out, "assumed: %s\n", assumption)
		}
	}
	failed := false
	for _, arg := range args {
		if len(args) > 1 && r.table() {
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
	if r.table() {
		r.totals.Print(r.out, r.width)
		r.explanations.Print(r.out, &r.report, r.width, r.verbose)
	}
	for _, sink := range r.sinks {
		if err := sink.Finish(); err != nil {
			return exitUsage, err
		}
	}
	if err := errors.Join(r.out.Flush(), reports.close()); err != nil {
		return exitUsage, err
	}
	switch {
	case failed:
		return exitUsage, nil
	case r.exitZero:
		return exitAllowed, nil
	case r.totals.Unreadable > 0:
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

// table reports whether people read standard output.
func (r *replayRun) table() bool { return !r.json && !r.quiet }

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
	for _, sink := range r.sinks {
		sink.Begin(name)
	}
	fail := func(err error) error {
		for _, sink := range r.sinks {
			sink.Bad(err)
		}
		return fmt.Errorf("%s: %w", name, err)
	}
	shown := r.progress(std, file)
	defer shown.stop()
	in, err := record.NewReader(shown, record.Options{Format: r.format})
	if err != nil {
		return fail(err)
	}
	options := r.report
	if several {
		options.File = name
	}
	table := &report.Table{Out: r.out, Width: r.width, All: r.all, Color: r.color}
	var groups report.Groups
	text := func(result *replay.Result) judged { return judged{result: result} }
	switch {
	case r.json:
		text = func(result *replay.Result) judged {
			return judged{result, append(report.Line(nil, result, &options), '\n')}
		}
	case r.list && !r.quiet:
		text = func(result *replay.Result) judged { return judged{result, table.Rows(result, &options)} }
	}
	for j, err := range replay.Judge(ctx, in, r.options, text) {
		if _, bad := errors.AsType[*record.EntryError](err); bad {
			r.totals.Unreadable++
			shown.clear()
			fmt.Fprintf(r.err, "%s: %v\n", name, err)
			if r.json {
				r.out.Write(append(report.BadLine(nil, err, &options), '\n'))
			}
			for _, sink := range r.sinks {
				sink.Bad(err)
			}
			continue
		}
		if err != nil {
			shown.stop()
			table.Finish()
			groups.Print(table)
			return fail(err)
		}
		r.totals.Add(j.result)
		if r.table() {
			r.explanations.Add(j.result)
		}
		for _, sink := range r.sinks {
			sink.Add(j.result)
		}
		switch {
		case r.json:
			_, err = r.out.Write(j.text)
		case r.list:
			err = table.Add(j.text, j.result)
		case !r.quiet:
			groups.Add(options.File, j.result, &options, r.all)
		}
		if err != nil {
			return err
		}
	}
	shown.stop()
	return errors.Join(table.Finish(), groups.Print(table))
}

// share writes the copy of one recording.
func (r *replayRun) share(ctx context.Context, std *streams, args []string) (int, error) {
	name, file, err := openInput(std, args)
	if err != nil {
		return exitUsage, err
	}
	defer file.Close()
	in, err := record.NewReader(contextReader{ctx, file}, record.Options{Format: r.format})
	if err != nil {
		return exitUsage, fmt.Errorf("%s: %w", name, err)
	}
	var files reportFiles
	out := io.Writer(std.out)
	if r.redact != "-" {
		if out, err = files.create(r.redact); err != nil {
			return exitUsage, err
		}
		defer files.remove()
	}
	exit := exitAllowed
	err = report.Share(out, in, func(err error) {
		fmt.Fprintf(std.err, "%s: %v\n", name, err)
		exit = exitUsage
	})
	if _, cut := errors.AsType[*record.SyntaxError](err); err != nil && !cut {
		return exitUsage, fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		// What could be read is shared.
		fmt.Fprintf(std.err, "simulate replay: %s: %v\n", name, err)
		exit = exitUsage
	}
	return exit, files.close()
}

// A contextReader reads until its context ends.
type contextReader struct {
	ctx context.Context
	in  io.Reader
}

// Read returns the context's error once it has ended, of which the input knows nothing.
func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(b)
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
