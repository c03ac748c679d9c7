package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cmd/simulate/internal/check"
	"github.com/corsim/corsim/cmd/simulate/internal/recordings"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/report"
	"github.com/corsim/corsim/internal/replay/share"
	"github.com/corsim/corsim/origin"
)

var replayCommand = &command{
	name: "replay", summary: "judge the requests of a recording",
	arguments: "[flags] FILE…|-",
	help: `Reads recordings of traffic (HAR, also zipped, JSON lines, HTTP messages, the output of
curl -v and curl -i, a NetLog of Chromium, Network events of its DevTools Protocol, Burp's
saved items, sessions of Fiddler (.saz) and Charles (.chlsj), access logs as JSON; plain or
compressed by gzip, zstd or zlib; those of Charles by their description alone, not tried on
a file of its own) and says of each request whether a browser would have
let its page have the response: allowed, blocked (why), undecidable (what the
recording lacks), or not subject to CORS. What the recording contradicts comes
first, then what is blocked, by cause, server and page. Entries that cannot be read are
reported on standard error, and the rest is judged.

A report that is written to "-" takes the place of the table.

With --json each request is an object on a line of its own: "go doc
github.com/corsim/corsim/internal/replay/report Line" has its members. With --format jsonl
as well, each line of input makes one line of output, judged by itself: without
the preflights and redirects on other lines, so that any split of the input gives
the same lines, which come as the input does.

curl -i prints responses alone: --url, -X and -H say what the request was.

Cookies and request header values are never printed, and tokens in URLs only with
--show-secrets. --redact writes a HAR without secrets, bodies, titles and parameter
values, of which replay says the same; not of a NetLog, whose decisions a HAR cannot hold.

Exit status: 0 all allowed, 1 something blocked, 3 nothing blocked but something
undecidable; 2 bad usage, or something could not be read; 130 interrupted. With --max-refused it
is 1 if more is refused than that, and 0 if not. What --follow reads ends with the interrupt.`,
	examples: `  simulate replay customer.har
  simulate replay --browser all --all customer.har
  simulate replay --origin https://staging.example customer.har
  simulate replay --redact shared.har customer.har
  simulate replay --html report.html --sarif report.sarif customer.har
  simulate replay --follow --max-refused 0.1% /var/log/caddy/access.log
  zcat access.jsonl.gz | simulate replay --format jsonl --json -
  curl -i -H 'Origin: https://app.example' https://api.example/ |
      simulate replay --url https://api.example/ -H 'Origin: https://app.example' -`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		r := &replayRun{flags: f}
		defineBrowsersGiven(f, &r.options.Engines, &r.options.VersionsAsGiven)
		f.define(0, "origin", "ORIGIN", "what if the page stood there", func(value string) error {
			o, err := origin.Parse(strings.TrimSuffix(value, "/"))
			if err == nil {
				r.options.Origin = o.String()
			}
			return err
		})
		f.define(0, "credentials", "MODE", "what if all requests had it: omit, same-origin, include", func(value string) (err error) {
			r.options.Credentials, err = recordings.CredentialsNamed(value)
			return err
		}).takes(credentialsModes...)
		f.define(0, "permission", "NAME=STATE", "what the user has said: local-network or\nloopback-network, granted, denied or prompt; repeatable", func(value string) error {
			permission, state, err := parsePermission(value)
			if err == nil {
				if r.options.Permissions == nil {
					r.options.Permissions = make(map[string]string)
				}
				r.options.Permissions[string(permission)] = string(state)
			}
			return err
		}).takesFrom(permissionValues)
		f.define(0, "format", "NAME", "what the input is, not recognized by itself:\n"+strings.Join(record.FormatNames(), ", "), func(value string) (err error) {
			r.recording.Format, err = record.FormatNamed(value)
			return err
		}).takesFrom(record.FormatNames)
		f.text(&r.asked.URL, 0, "url", "URL", "of the request, where only the response was recorded")
		f.text(&r.asked.Method, 'X', "request", "METHOD", "of that request; GET by default")
		f.define('H', "header", "'NAME: VALUE'", "of that request; repeatable", func(value string) error {
			h, err := check.ParseHeader(value)
			r.asked.Headers = append(r.asked.Headers, headers.Header{Name: headers.Lower(h.Name), Value: h.Value})
			return err
		})
		f.yes(&r.all, 0, "all", "list also what is not subject to CORS")
		f.yes(&r.list, 0, "list", "one line a request before the diagnosis")
		f.yes(&r.json, 0, "json", "one JSON object a line")
		f.text(&r.html, 0, "html", "FILE", "write a page to look at and to pass on")
		f.text(&r.markdown, 0, "markdown", "FILE", "write Markdown, as for a pull request")
		f.text(&r.junit, 0, "junit", "FILE", "write JUnit's XML")
		f.text(&r.sarif, 0, "sarif", "FILE", "write SARIF 2.1.0")
		f.yes(&r.github, 0, "github", "print annotations of GitHub Actions as well")
		f.yes(&r.verbose, 'v', "verbose", "explain every cause, with all that it may be, and count\nthe verdicts")
		f.text(&r.redact, 0, "redact", "OUT.har", "judge nothing, but write a copy that can be shared")
		f.yes(&r.follow, 0, "follow", "read on as a log grows, until interrupted; each line is judged\nby itself, and totals are printed every so often")
		r.every = time.Minute
		f.define(0, "every", "TIME", "how often, with --follow (1m)", func(value string) (err error) {
			if r.every, err = time.ParseDuration(value); err == nil && r.every <= 0 {
				err = errors.New("is not longer than 0")
			}
			return err
		})
		f.define(0, "max-refused", "SHARE", "exit with 1 only if more of the cross-origin requests are\nblocked, such as 0.1%, and else with 0", r.refused.set)
		f.yes(&r.exitZero, 0, "exit-zero", "exit with 0 whatever the verdicts, and with 2 only if\nan input cannot be read to its end")
		f.yes(&r.report.ShowSecrets, 0, "show-secrets", "print tokens in URLs")
		return r.run
	},
}

// replayRun is a run over recordings.
type replayRun struct {
	flags                        *flagSet
	options                      replay.Options
	versions                     []*browser.Engine // that the names alone do not mean
	recording                    record.Options
	asked                        record.Request // of responses that were recorded alone
	all, list, json              bool
	github, exitZero, follow     bool
	every                        time.Duration
	html, markdown, junit, sarif string // the files of the reports
	redact                       string // the file of the copy

	out   *promptWriter
	err   io.Writer
	width int
	color bool
	// terminal: somebody reads the output as it is printed.
	terminal bool
	quiet    bool // neither table nor JSON lines
	totals   report.Totals
	// diagnosis is for people; verbose prints all of it.
	diagnosis report.Diagnosis
	verbose   bool
	// report is what the outputs have in common; its File is set where several
	// recordings are read.
	report report.Options
	sinks  []report.Sink
	mu     sync.Mutex // of what follows, which is printed while a log grows
	// judged counts the requests of all files.
	judged  int
	refused refusedShare
}

func (r *replayRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if len(args) == 0 {
		return exitUsage, errors.New(`no file is given; "-" is standard input`)
	}
	if err := r.completeAsked(); err != nil {
		return exitUsage, err
	}
	exit, err := exitUsage, error(nil)
	if r.redact != "" {
		exit, err = r.share(ctx, std, args)
	} else {
		exit, err = r.judge(ctx, std, args)
	}
	if err != nil {
		err = errors.New(r.report.Message(err))
	}
	return exit, err
}

// completeAsked checks what the flags say of the request of responses that were recorded
// alone.
func (r *replayRun) completeAsked() error {
	if r.asked.URL == "" && (r.asked.Method != "" || r.asked.Headers != nil) {
		return errors.New("-X and -H are about the request of responses that were recorded alone, as by curl -i: --url says where it went")
	}
	asked, err := recordings.Asked(r.asked)
	r.recording.Request = asked
	return named("--url", err)
}

// judge judges files and writes the reports.
func (r *replayRun) judge(ctx context.Context, std *streams, args []string) (int, error) {
	r.err, r.width, r.color, r.terminal = std.err, columns(std.out), colored(std.out), terminal(std.out)
	r.options.Independent = r.follow || r.json && r.recording.Format == record.JSONLines
	r.out = newPromptWriter(std.out, r.options.Independent)
	defer r.out.stop()
	r.report.Independent, r.report.Assumptions = r.options.Independent, r.options.Assumptions()
	files := newOutputs(std, "the recording", args)
	if err := r.openReports(files); err != nil {
		return exitUsage, err
	}
	defer files.discard()
	if r.table() {
		for _, assumption := range r.options.Assumptions() {
			fmt.Fprintf(r.out, "assumed: %s\n", assumption)
		}
	}
	growing, stop := ctx, func() {}
	if r.follow {
		if len(args) > 1 || r.list {
			return exitUsage, errors.New("--follow reads one log, and prints totals, not a list")
		}
		ctx = context.WithoutCancel(ctx) // an interrupt ends the log, not the report
		stop = sync.OnceFunc(r.printWhileFollowing())
		defer stop()
	}
	failed := false
	for _, arg := range args {
		if len(args) > 1 && r.list && r.table() {
			fmt.Fprintln(r.out, arg)
		}
		err := r.file(ctx, growing, std, arg, len(args) > 1)
		if ctx.Err() != nil {
			return r.interrupted()
		}
		if err != nil {
			r.out.Flush()
			fmt.Fprintf(r.err, "simulate replay: %s\n", r.report.Message(err))
			failed = true
		}
	}
	stop()
	r.printTotals()
	for _, sink := range r.sinks {
		if err := sink.Finish(); err != nil {
			return exitUsage, err
		}
	}
	if err := r.out.Flush(); err != nil {
		return exitUsage, err
	}
	if err := files.commit(ctx); err != nil {
		return exitUsage, err
	}
	switch {
	case failed:
		return exitUsage, nil
	case r.exitZero:
		return exitAllowed, nil
	case r.refused.limited && r.refused.exceeded():
		return exitBlocked, nil
	case r.totals.Unreadable > 0:
		return exitUsage, nil
	case r.refused.limited:
		return exitAllowed, nil
	}
	switch r.totals.Outcome() {
	case replay.Blocked:
		return exitBlocked, nil
	case replay.Undecidable:
		return exitUndecidable, nil
	}
	return exitAllowed, nil
}

// noteVersions notes the engines that are of other versions than the names alone mean.
func (r *replayRun) noteVersions(result *replay.Result) {
	for i := range result.Verdicts {
		if e := result.Verdicts[i].Engine; e.Label() != e.Name() && !slices.Contains(r.versions, e) {
			r.versions = append(r.versions, e)
		}
	}
}

func (r *replayRun) printTotals() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.table() {
		r.diagnosis.Assumed, r.diagnosis.Unreadable = len(r.options.Assumptions()) > 0, r.totals.Unreadable
		for _, e := range r.versions {
			fmt.Fprintf(r.out, "Judged as %s, %s.\n", e, e.Basis())
		}
		r.diagnosis.Print(r.out, report.DiagnosisView{Width: r.width, Terminal: r.terminal, All: r.verbose, Color: r.color})
		if r.verbose {
			r.totals.Print(r.out, r.width)
		}
	}
}

// interrupted says what was done until then. Reports are not written, since half of one
// could be taken for one.
func (r *replayRun) interrupted() (int, error) {
	done := fmt.Sprintf("interrupted; requests judged until then: %d", r.judged)
	if r.table() && r.judged > 0 {
		fmt.Fprintf(r.out, "%s; what is said is about these alone\n", done)
		r.printTotals()
	}
	if len(r.sinks) > 0 {
		done += "; no report is written"
	}
	r.out.Flush()
	return exitInterrupted, errors.New(done)
}

// table reports whether people read standard output.
func (r *replayRun) table() bool { return !r.json && !r.quiet }

// judged is a result with what is written about it.
type judged struct {
	result *replay.Result
	text   []byte
}

// file judges one file.
func (r *replayRun) file(ctx, growing context.Context, std *streams, arg string, several bool) error {
	options := r.report
	name, file, err := openInput(std, []string{arg})
	if err != nil {
		name = arg
	}
	if several {
		options.File = name
	}
	for _, sink := range r.sinks {
		sink.Begin(name)
	}
	fail := func(err error) error {
		if ctx.Err() != nil {
			return err
		}
		for _, sink := range r.sinks {
			sink.Bad(err)
		}
		if r.json && !options.Independent {
			r.out.Write(append(report.BadLine(nil, err, &options), '\n'))
		}
		return err
	}
	if err != nil {
		return fail(err)
	}
	defer file.Close()
	shown := r.progress(std, file)
	shown.in = interruptible(ctx, file)
	if r.follow {
		shown.in = follow(growing, name, file)
	}
	defer shown.stop()
	recording := r.recording
	if !r.follow {
		recording.Again = again(file, name)
	}
	in, err := record.NewReader(shown, recording)
	if err != nil {
		return fmt.Errorf("%s: %w", name, fail(err))
	}
	table := &report.Table{Out: r.out, Width: r.width, Whole: !r.terminal, All: r.all, Color: r.color}
	text := func(result *replay.Result) judged { return judged{result: result} }
	switch {
	case r.json:
		text = func(result *replay.Result) judged {
			return judged{result, append(report.Line(nil, result, &options), '\n')}
		}
	case r.list && !r.quiet:
		text = func(result *replay.Result) judged { return judged{result, table.Rows(result, &options)} }
	}
	unasked := 0
	take := func(j judged, err error) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if _, bad := errors.AsType[*record.EntryError](err); bad {
			r.totals.Unreadable++
			shown.clear()
			fmt.Fprintf(r.err, "%s: %s\n", name, options.Message(err))
			if r.json {
				r.out.Write(append(report.BadLine(nil, err, &options), '\n'))
			}
			for _, sink := range r.sinks {
				sink.Bad(err)
			}
			return nil
		}
		if err != nil {
			shown.stop()
			table.Finish()
			return fmt.Errorf("%s: %w", name, fail(err))
		}
		r.judged++
		if j.result.Exchange.Fidelity.Has(record.RequestMissing) && r.recording.Request == nil {
			unasked++
		}
		r.totals.Add(j.result)
		r.refused.add(j.result)
		r.noteVersions(j.result)
		if r.table() {
			r.diagnosis.Add(j.result, &options)
		}
		for _, sink := range r.sinks {
			sink.Add(j.result)
		}
		switch {
		case r.json:
			_, err = r.out.Write(j.text)
		case r.list:
			err = table.Add(j.text, j.result)
		}
		return err
	}
	for j, err := range replay.Judge(ctx, in, r.options, text) {
		if err := take(j, err); err != nil {
			return err
		}
	}
	shown.stop()
	if unasked > 0 {
		fmt.Fprintf(r.err, "%s: responses recorded without their requests, as curl -i prints them: %d; --url, -X and -H say what was asked\n", name, unasked)
	}
	return table.Finish()
}

// share writes the copy of one recording.
func (r *replayRun) share(ctx context.Context, std *streams, args []string) (int, error) {
	if other := r.flags.except("redact", "format"); other != "" {
		return exitUsage, fmt.Errorf("--redact judges nothing and writes only the copy: run replay without it for %s", other)
	}
	name, file, err := openInput(std, args)
	if err != nil {
		return exitUsage, err
	}
	defer file.Close()
	files := newOutputs(std, "the recording", args)
	out := files.open("--redact", r.redact)
	if err := files.opened(); err != nil {
		return exitUsage, err
	}
	defer files.discard()
	open, done, err := rereadable(ctx, file)
	if err != nil {
		return r.notShared(ctx, name, err)
	}
	defer done()
	exit := exitAllowed
	err = share.Share(out, func() (*record.Reader, error) {
		in, err := open()
		if err != nil {
			return nil, err
		}
		recording := r.recording
		recording.Again = again(file, name)
		return record.NewReader(in, recording)
	}, func(err error) {
		fmt.Fprintf(std.err, "%s: %s\n", name, r.report.Message(err))
		exit = exitUsage
	})
	if ctx.Err() != nil {
		return r.notShared(ctx, name, err)
	}
	if _, cut := errors.AsType[*record.SyntaxError](err); err != nil && !cut {
		return exitUsage, fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		// What could be read is shared.
		fmt.Fprintf(std.err, "simulate replay: %s: %s\n", name, r.report.Message(err))
		exit = exitUsage
	}
	if err := files.commit(ctx); err != nil {
		return exitUsage, err
	}
	return exit, nil
}

// again returns what opens an input once more, nil where that cannot be done.
func again(in io.Reader, name string) func() (io.ReadCloser, error) {
	file, ok := in.(*os.File)
	if !ok {
		return nil
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	return func() (io.ReadCloser, error) { return os.Open(name) }
}

// notShared says why there is no copy.
func (r *replayRun) notShared(ctx context.Context, name string, err error) (int, error) {
	if ctx.Err() != nil {
		return exitInterrupted, errors.New("interrupted; no copy is written")
	}
	return exitUsage, fmt.Errorf("%s: %w", name, err)
}

// openReports opens the files of the reports that the flags ask for.
func (r *replayRun) openReports(files *outputs) error {
	if r.json {
		files.toOutput = append(files.toOutput, "--json")
	}
	if r.list && r.json {
		return errors.New("--list is about the table, and --json takes its place")
	}
	for _, report := range []struct {
		flag, name string
		sink       func(io.Writer) report.Sink
	}{
		{"--html", r.html, func(w io.Writer) report.Sink { return &report.HTML{Out: w, Options: &r.report, All: r.all} }},
		{"--markdown", r.markdown, func(w io.Writer) report.Sink { return &report.Markdown{Out: w, Options: &r.report} }},
		{"--junit", r.junit, func(w io.Writer) report.Sink { return &report.JUnit{Out: w, Options: &r.report} }},
		{"--sarif", r.sarif, func(w io.Writer) report.Sink { return &report.SARIF{Out: w, Options: &r.report} }},
	} {
		out := files.open(report.flag, report.name)
		if report.name == "-" {
			out = r.out
		}
		if out != nil {
			r.sinks = append(r.sinks, report.sink(out))
		}
	}
	r.quiet = len(files.toOutput) > 0
	if r.github {
		if r.json {
			files.err = errors.Join(files.err, errors.New("--github prints no JSON, and --json nothing else"))
		}
		r.sinks = append(r.sinks, &report.GitHub{Out: r.out, Options: &r.report})
	}
	return files.opened()
}
