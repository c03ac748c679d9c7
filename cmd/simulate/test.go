package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/internal/contract"
	"github.com/corsim/corsim/internal/contract/report"
	"github.com/corsim/corsim/wire"
)

var testCommand = &command{
	name: "test", summary: "check that a live server keeps what a contract promises",
	arguments: "[flags] FILE|--init URL",
	help: `A contract is a file that says which pages may do what with a service:

  base https://api.example      # where the service is, unless --base says
  page https://app.example      # who asks: an origin, a URL, or null
    allow GET    /things        expose X-Total-Count hide X-Internal
    allow PUT    /things/1      json credentials
    allow GET    /things?page=2 header X-Api-Key
    block DELETE /things/1      because method-not-allowed
  page https://evil.example
    block GET    /things        credentials

A path is asked for as it is written: nothing in it is a pattern. After it may appear
  json[=VALUE]          a JSON body, {} if no value is given, and its Content-Type
  text=VALUE            a body of text
  form=VALUE            a form as a body, such as form="a=b&c=d"
  credentials           cookies and the like are included
  cookie NAME=VALUE     the browser has this cookie of the server
  header NAME[=VALUE]   script sets this header
  preflight             a preflight is sent first; no-preflight: none is
  status CODE           script gets this status
  contains "TEXT"       the body has this text in it
  expose NAME, NAME     script can read these headers of the response
  hide NAME, NAME       script cannot, though the server sends them
  unsent                (block) the request itself does not reach the server
  because REASON        it is blocked for this reason at least; to be named where
                        the browser sends nothing, as with mixed-content
and https://github.com/corsim/corsim/blob/main/internal/contract/README.md says more.

Each promise must hold in the standard and in all browsers. For methods other than
GET, HEAD and OPTIONS only preflights are sent, unless --send-unsafe is given. With
--init it writes a first contract, from what a URL's server does today. A report
that is written to "-" takes the place of the text. Exit status: 0 all kept, 1 some
broken, 2 bad usage or a contract that cannot be read, 3 some that cannot be told.`,
	examples: `  simulate test cors.contract --base https://staging.example
  simulate test cors.contract --base https://api.example --at localhost:8080
  simulate test cors.contract --junit results.xml --sarif results.sarif
  simulate test --init https://api.example/things --origin https://app.example > cors.contract`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		t := new(contractRun)
		f.list(&t.bases, 0, "base", "[NAME=]URL", "where the service is; the contract's own base by default. With a name: where that base is; repeatable")
		f.text((*string)(&t.options.ThirdPartyCookies), 0, "third-party-cookies", "SETTING", "allowed, blocked or partitioned; as the browsers are shipped by default").takes(thirdPartySettings...)
		f.text(&t.at, 0, "at", "HOST:PORT", "ask the server there in place of the base's, without TLS")
		defineBrowsers(f, &t.options.Engines)
		t.options.Engines = nil // all of them, unless one is named
		f.yes(&t.options.SendUnsafe, 0, "send-unsafe", "send requests whatever their method does")
		f.define('m', "timeout", "SECONDS", "how long each request may take; 30 by default", seconds(&t.options.Timeout))
		f.text(&t.init, 0, "init", "URL", "write a first contract for a URL")
		f.list(&t.origins, 0, "origin", "ORIGIN", "with --init: the page that asks; repeatable")
		f.text(&t.junit, 0, "junit", "FILE", "write JUnit's XML")
		f.text(&t.sarif, 0, "sarif", "FILE", "write SARIF 2.1.0")
		f.text(&t.markdown, 0, "markdown", "FILE", "write Markdown, as for a pull request")
		f.yes(&t.github, 0, "github", "print annotations of GitHub Actions as well")
		t.network.define(f)
		return t.run
	},
}

// contractRun is what the flags of simulate test say.
type contractRun struct {
	options      contract.Options
	network      networkFlags
	init         string
	bases        []string
	origins      []string
	junit, sarif string // the files of the reports
	markdown     string
	github       bool
	at           string
}

func (t *contractRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if err := t.network.load(); err != nil {
		return exitUsage, err
	}
	opened, err := t.network.open()
	if err != nil {
		return exitUsage, err
	}
	defer opened.Close()
	t.options.Network = opened
	t.setBases()
	if t.init != "" {
		if err := t.standIn(opened, t.init); err != nil {
			return exitUsage, err
		}
		if len(args) > 0 || t.options.Base != "" || t.junit+t.sarif+t.markdown != "" || t.github {
			return exitUsage, errors.New("--init writes a contract, for the URL that it is given: it reads none, and reports nothing")
		}
		text, err := contract.Init(ctx, t.init, &contract.InitOptions{Options: t.options, Origins: t.origins})
		if err != nil {
			return exitUsage, err
		}
		_, err = io.WriteString(std.out, text)
		return exitAllowed, err
	}
	if t.origins != nil {
		return exitUsage, errors.New("--origin is for --init: a contract names its pages")
	}
	name, in, err := openInput(std, args)
	if err != nil {
		return exitUsage, fmt.Errorf("%w; --init URL writes a first contract", err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(interruptible(ctx, in), maxContract+1))
	if err != nil {
		return exitUsage, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxContract {
		return exitUsage, fmt.Errorf("%s: a contract has at most %d bytes", name, maxContract)
	}
	c, err := contract.Parse(name, string(text))
	if err != nil {
		return exitUsage, fmt.Errorf("this is no contract:\n%w", err)
	}
	base := t.options.Base
	if base == "" {
		base = c.Base
	}
	if err := t.standIn(opened, base); err != nil {
		return exitUsage, err
	}
	files := newOutputs(std, "the contract", args)
	files.reads("the authorities of --cacert", t.network.cacert)
	write := t.open(files)
	if err := files.opened(); err != nil {
		return exitUsage, err
	}
	defer files.discard()
	found, err := contract.Run(ctx, c, &t.options)
	if ctx.Err() != nil {
		return exitInterrupted, errInterrupted
	}
	if err != nil {
		return exitUsage, err
	}
	err = write(found)
	broken, unknown := found.Broken()
	if len(files.toOutput) == 0 {
		err = errors.Join(err, found.Text(std.out))
		if unknown > 0 {
			fmt.Fprintln(std.out, "What is unknown --send-unsafe would tell, by sending it.")
		}
	}
	if err != nil {
		return exitUsage, err
	}
	if err := files.commit(ctx); err != nil {
		return exitUsage, err
	}
	switch {
	case broken > 0:
		return exitBlocked, nil
	case unknown > 0:
		return exitUndecidable, nil
	}
	return exitAllowed, nil
}

// open opens the files of the reports, and returns what writes them.
func (t *contractRun) open(files *outputs) (write func(*contract.Report) error) {
	type writing struct {
		out   io.Writer
		write func(io.Writer, *contract.Report) error
	}
	var all []writing
	for _, r := range []struct {
		flag, name string
		write      func(io.Writer, *contract.Report) error
	}{{"--junit", t.junit, report.JUnit}, {"--sarif", t.sarif, report.SARIF}, {"--markdown", t.markdown, report.Markdown}} {
		if out := files.open(r.flag, r.name); out != nil {
			all = append(all, writing{out, r.write})
		}
	}
	if t.github {
		if len(files.toOutput) > 0 {
			files.err = errors.Join(files.err, errors.New("--github prints annotations, and a report to \"-\" takes the place of all that is printed"))
		}
		all = append(all, writing{files.std.out, report.GitHub})
	}
	return func(found *contract.Report) (err error) {
		for _, w := range all {
			err = errors.Join(err, w.write(w.out, found))
		}
		return err
	}
}

// setBases tells the bases that have names from the one that has not.
func (t *contractRun) setBases() {
	for _, base := range t.bases {
		name, url, named := strings.Cut(base, "=")
		if !named || strings.Contains(name, ":") {
			t.options.Base = base
			continue
		}
		if t.options.Bases == nil {
			t.options.Bases = make(map[string]string)
		}
		t.options.Bases[name] = url
	}
}

// standIn has the server that --at names replace a URL's.
func (t *contractRun) standIn(opened *wire.Network, url string) error {
	if t.at == "" || contract.CheckBase(url) != nil && t.init == "" {
		return nil // what is wrong with a base is said where it is used
	}
	s, err := newStandIn(opened, url, t.at)
	if err != nil {
		return fmt.Errorf("--at: %w", err)
	}
	t.options.Network = s
	return nil
}

// maxContract is how long a contract may be, in bytes.
const maxContract = 16 << 20
