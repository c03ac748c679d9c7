package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/corsim/corsim/cmd/simulate/internal/serve"
)

var serveCommand = &command{
	name: "serve", summary: "open the page to try all this on, in a browser",
	arguments: "[flags] [RECORDING…]",
	help: `Serves a page to your own browser, on this computer only, and prints its address. On it:
paste a message, describe a request, open a recording, look up a quirk, as explain, check,
replay and quirks do. Beyond what the same page does on a web host, it asks servers live
(check, probe), reads the RECORDINGs from the disk, of whatever size, and lets your own
browser send the request, to put what it did beside what is said here.

The address has a token, without which nothing is answered; neither is anything that another
host name or a page of another origin asks for. Until it is interrupted.`,
	examples: `  simulate serve
  simulate serve --port 8080 customer.har
  simulate serve --resolve api.example:443:127.0.0.1 -k`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		r := new(serveRun)
		f.define(0, "port", "NUMBER", "where to listen, on 127.0.0.1; any free port by default", func(value string) error {
			n, err := strconv.ParseUint(value, 10, 16)
			if err != nil {
				return fmt.Errorf("%q is no port", value)
			}
			r.port = int(n)
			return nil
		})
		r.network.define(f)
		return r.run
	},
}

// serveRun is a run of simulate serve.
type serveRun struct {
	port    int
	network networkFlags
}

func (r *serveRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	for _, name := range args {
		if info, err := os.Stat(name); err != nil {
			return exitUsage, err
		} else if info.IsDir() {
			return exitUsage, fmt.Errorf("%s is a directory", name)
		}
	}
	if err := r.network.load(); err != nil {
		return exitUsage, err
	}
	network, err := r.network.open()
	if err != nil {
		return exitUsage, err
	}
	defer network.Close()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)))
	if err != nil {
		return exitUsage, err
	}
	page := &serve.Server{Host: listener.Addr().String(), Token: serve.NewToken(), Recordings: args, Network: network}
	server := &http.Server{Handler: page, ReadHeaderTimeout: 10 * time.Second}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	if _, err := fmt.Fprintf(std.out, "Open this in a browser on this computer:\n\n  %s\n\nIt works until this is interrupted (Ctrl-C).\n", page.URL()); err != nil {
		listener.Close()
		return exitUsage, err
	}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return exitUsage, err
	}
	return exitAllowed, nil
}
