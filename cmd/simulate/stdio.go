package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/corsim/corsim/cmd/simulate/internal/stdio"
	"github.com/corsim/corsim/fetch"
)

var stdioCommand = &command{
	name: "stdio", summary: "be driven by another program, over standard input and output",
	arguments: "[flags]",
	help: `Reads requests from standard input, one JSON object a line, and writes their
answers to standard output, each with the id of its request and not always in the
same order. The ops are fetch, run, headers, request, mime, url, cookies, abort and
reset. Caches, cookies and connections last as long as the process, separately for
each "session". The end of the input ends the process once all is answered.`,
	examples: `  echo '{"id": 1, "op": "url", "url": "../b", "base": "https://a.example/x/"}' | simulate stdio
  echo '{"id": 1, "op": "fetch", "client": {"url": "https://app.example/"},
         "step": {"url": "https://api.example/"}}' | tr -d '\n' | simulate stdio --browser chromium`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		server, network := new(stdio.Server), new(networkFlags)
		defineBrowser(f, &server.Engine)
		network.define(f)
		return func(ctx context.Context, std *streams, args []string) (int, error) {
			if len(args) > 0 {
				return exitUsage, fmt.Errorf("unexpected argument %q", args[0])
			}
			if err := std.checkInput("standard input", std.in); err != nil {
				return exitUsage, err
			}
			if err := network.load(); err != nil {
				return exitUsage, err
			}
			if _, err := network.open(); err != nil {
				return exitUsage, err
			}
			server.NewNetwork = func() fetch.Network {
				opened, _ := network.open() // that it opens is known from above
				return opened
			}
			err := server.Serve(ctx, std.in, std.out)
			switch {
			case ctx.Err() != nil:
				return exitInterrupted, errors.New("interrupted")
			case err != nil:
				return exitUsage, err
			}
			return exitAllowed, nil
		}
	},
}
