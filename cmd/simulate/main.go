// Command simulate does what a browser does about CORS, and says why.
//
//	simulate check    ask a live URL, as a page's script would
//	simulate explain  say what a browser's console message means
//	simulate probe    find out what a server allows, and whether that is too much
//	simulate replay   judge the requests of a recording
//	simulate cost     count the preflights, and what a better max-age saves
//	simulate run      run scenarios against scripted servers
//	simulate test     check that a live server keeps what a contract promises
//	simulate quirks   say where browsers differ, from the standard and each other
//	simulate serve    open the page to try all this on, in a browser
//	simulate servers  list the servers that --server writes a configuration for
//	simulate wpt      run the ported web-platform-tests
//	simulate stdio    be driven by another program, over standard input and output
//
// "simulate help COMMAND" has the flags of each, with examples.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"

	"github.com/corsim/corsim/internal/redact"
)

// The exit statuses.
const (
	exitAllowed     = 0 // everything is allowed
	exitBlocked     = 1 // something is blocked
	exitUsage       = 2 // bad usage, or input that cannot be read
	exitUndecidable = 3 // nothing is blocked, but something could not be decided

	exitInterrupted = 130 // as of what a shell says that an interrupt ended
)

// A command is a subcommand.
type command struct {
	name    string
	summary string
	// arguments is what follows the name in its usage line.
	arguments string
	// help explains the command, above its flags; examples stand below them.
	help, examples string
	// define adds the command's flags to f, and returns what runs it once they are
	// set, with the arguments that are no flags. An error is one of usage or input.
	define func(f *flagSet) func(ctx context.Context, std *streams, args []string) (exit int, err error)
}

// commands are the subcommands, in the order of the help.
func commands() []*command {
	return []*command{checkCommand, explainCommand, probeCommand, replayCommand, costCommand, runCommand, testCommand, quirksCommand, serversCommand, serveCommand, wptCommand, stdioCommand}
}

// streams are the standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	os.Exit(simulate(untilSignal(), &streams{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:]))
}

// simulate runs the command line and returns the exit status.
func simulate(ctx context.Context, std *streams, args []string) int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out := &output{w: std.out, stop: stop}
	exit := runLine(ctx, &streams{std.in, out, std.err}, args)
	switch err := out.failure(); {
	case errors.Is(err, syscall.EPIPE):
		return exitClosed
	case err != nil:
		fmt.Fprintf(std.err, "simulate: what it says could not be written: %v\n", err)
		return exitUsage
	}
	return exit
}

// runLine runs a command line whose standard output is looked after.
func runLine(ctx context.Context, std *streams, args []string) int {
	if len(args) == 0 {
		printOverview(std.err)
		return exitUsage
	}
	switch args[0] {
	case "help", "--help", "-h":
		return help(std, args[1:])
	case "version", "--version", "-V":
		fmt.Fprintln(std.out, version())
		return exitAllowed
	}
	c := find(args[0])
	if c == nil {
		fmt.Fprintf(std.err, "simulate: unknown command %q; \"simulate help\" lists them\n", args[0])
		return exitUsage
	}
	f := new(flagSet)
	run := c.define(f)
	rest, err := f.parse(args[1:])
	if err == errHelp {
		c.print(std.out)
		return exitAllowed
	}
	exit := exitUsage
	if err == nil {
		exit, err = run(ctx, std, rest)
	}
	if out, ok := std.out.(*output); ok && out.failure() != nil {
		return exitUsage // and that is why
	}
	if err != nil {
		fmt.Fprintf(std.err, "simulate %s: %s\n", c.name, redact.Lines(err.Error()))
		if ctx.Err() != nil {
			return exitInterrupted
		}
	}
	return exit
}

func find(name string) *command {
	for _, c := range commands() {
		if c.name == name {
			return c
		}
	}
	return nil
}

func help(std *streams, args []string) int {
	if len(args) == 0 {
		printOverview(std.out)
		return exitAllowed
	}
	c := find(args[0])
	if c == nil {
		fmt.Fprintf(std.err, "simulate help: unknown command %q\n", args[0])
		return exitUsage
	}
	c.print(std.out)
	return exitAllowed
}

func printOverview(w io.Writer) {
	fmt.Fprint(w, "simulate does what a browser does about CORS, and says why.\n\nUsage: simulate COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprintf(w, "  %-9s %s\n  %-9s %s\n", "help", "explain a command", "version", "print the version")
	fmt.Fprint(w, "\nExit status: 0 all allowed, 1 something blocked, 2 bad usage or unreadable input,\n3 only undecidable.\n")
}

func (c *command) print(w io.Writer) {
	fmt.Fprintf(w, "simulate %s: %s\n\nUsage: simulate %s %s\n\n%s\n\nFlags:\n", c.name, c.summary, c.name, c.arguments, c.help)
	f := new(flagSet)
	c.define(f)
	f.print(w)
	fmt.Fprintf(w, "      --help                  print this\n\nExamples:\n%s\n", c.examples)
}

// version returns the version of the module that the command was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "simulate (unknown version)"
	}
	return "simulate " + info.Main.Version
}
