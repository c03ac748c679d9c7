package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/corsim/corsim/cmd/simulate/internal/check"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/recipe"
)

var probeCommand = &command{
	name: "probe", summary: "find out what a server allows, and whether that is too much",
	arguments: "[flags] URL --origin ORIGIN",
	help: `One response cannot tell whether a server knows nothing of CORS or refuses this
page; a handful can. Sends at most eight requests, OPTIONS, GET and HEAD only, to
the one URL, and follows no redirect: the method that -X names is asked about, not
sent. Says what the server makes of the request, by which evidence, and what is
dangerous: origins that are repeated whatever they are, "null", comparisons of a
part of the origin, http for https, a missing Vary, names of internal hosts.

The exit status is 1 if the request is refused or a danger is of medium severity or
worse, 3 if there was no answer.`,
	examples: `  simulate probe https://api.example/things --origin https://app.example --dry-run
  simulate probe https://api.example/things --origin https://app.example \
      -X PUT -H 'Content-Type: application/json' --credentials include
  simulate probe https://api.example/things --origin https://app.example --server nginx`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		p := new(probeRun)
		o := &p.options
		f.text(&o.Origin, 0, "origin", "ORIGIN", "the origin of the page")
		f.text(&o.Method, 'X', "request", "METHOD", "the method that script would use")
		f.list(&p.headers, 'H', "header", "'NAME: VALUE'", "a header that script would set; repeatable. Sent with GET,\nnamed in preflights")
		f.define(0, "credentials", "MODE", "omit, same-origin or include; no cookies are sent", func(value string) (err error) {
			o.Credentials, err = includes(value)
			return err
		}).takes(credentialsModes...)
		p.network.define(f)
		f.define('m', "timeout", "SECONDS", "how long all of it may take; 30 by default", seconds(&o.Timeout))
		f.yes(&p.dryRun, 0, "dry-run", "send nothing, show what may be sent")
		defineServer(f, &p.server)
		f.yes(&p.json, 0, "json", "write the report as JSON")
		f.yes(&p.verbose, 'v', "verbose", "show all headers, and all that a refusal may mean")
		return p.run
	},
}

// probeRun is a run of simulate probe.
type probeRun struct {
	options               probe.Options
	headers               []string
	network               networkFlags
	server                string
	dryRun, json, verbose bool
}

func (p *probeRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if len(args) != 1 {
		if len(args) == 0 {
			return exitUsage, errors.New("no URL is given")
		}
		return exitUsage, fmt.Errorf("%d URLs are given; one is probed", len(args))
	}
	p.options.URL = args[0]
	for _, line := range p.headers {
		h, err := check.ParseHeader(line)
		if err != nil {
			return exitUsage, fmt.Errorf("-H: %w", err)
		}
		p.options.Headers = append(p.options.Headers, h)
	}
	if p.dryRun {
		plan, err := probe.Plan(p.options)
		if err != nil {
			return exitUsage, err
		}
		return exitAllowed, probe.Print(std.out, plan)
	}
	if err := p.network.load(); err != nil {
		return exitUsage, err
	}
	network, err := p.network.open()
	if err != nil {
		return exitUsage, err
	}
	defer network.Close()
	p.options.Network = network
	r, err := probe.Run(ctx, p.options)
	if err != nil {
		return exitUsage, err
	}
	if err := p.print(std, r); err != nil {
		return exitUsage, err
	}
	switch {
	case r.Conclusion == probe.Unreachable:
		return exitUndecidable, nil
	case !r.Conclusion.Passes() || r.Dangerous():
		return exitBlocked, nil
	}
	return exitAllowed, nil
}

func (p *probeRun) print(std *streams, r *probe.Report) error {
	if p.json {
		return r.JSON(std.out)
	}
	if err := r.Print(std.out, probe.View{Verbose: p.verbose}); err != nil {
		return err
	}
	if hint := trustHint(r.Failure); hint != "" {
		fmt.Fprintf(std.out, "\n%s\n", hint)
	}
	if p.server == "" {
		if id := r.Server(); id != "" && r.Failure != nil {
			fmt.Fprintf(std.out, "\nThe change as configuration: --server %s, by what the answers say of their server.\n", id)
		}
		return nil
	}
	config, err := recipe.Configure(p.server, r.Need())
	if err != nil {
		return fmt.Errorf("--server: %w", err)
	}
	_, err = fmt.Fprintf(std.out, "\n%s", config)
	return err
}
