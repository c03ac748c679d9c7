// Command simulate does what a browser does about CORS, and says why.
//
//	simulate explain  say what a browser's console message means
//	simulate check    ask a live URL, as a page's script would
//	simulate probe    find out what a server allows, and whether that is too much
//	simulate test     check that a live server keeps what a contract promises
//	simulate replay   judge the requests of a recording
//	simulate quirks   say where browsers differ, from the standard and each other
//	simulate serve    open the page to try all this on, in a browser
//	simulate stdio    be driven by another program, over standard input and output
//
// "simulate help" has them all, grouped by what one wants.
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
	// values returns what the arguments that are no flags may be, for completion; nil
	// where no list has it all.
	values func() []string
}

// flags returns the command's flags with those of every command, and what runs it once
// they are set.
func (c *command) flags(color *colorMode) (*flagSet, func(context.Context, *streams, []string) (int, error)) {
	f := new(flagSet)
	run := c.define(f)
	defineColor(f, color)
	return f, run
}

// commands are the subcommands.
func commands() []*command {
	return []*command{
		checkCommand, explainCommand, probeCommand, replayCommand, costCommand, runCommand, testCommand, quirksCommand, serversCommand,
		serveCommand, wptCommand, stdioCommand, versionCommand, completionCommand, manCommand(), schemaCommand, docsCommand,
	}
}

// streams are the standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// memoryLimit is how much memory the garbage collector may let accumulate, in bytes. What is kept is bounded
// everywhere, and is less; without a limit, as much again is garbage.
const memoryLimit = 112 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(simulate(untilSignal(), &streams{os.Stdin, os.Stdout, os.Stderr}, os.Args[1:]))
}

// simulate runs the command line and returns the exit status.
func simulate(ctx context.Context, std *streams, args []string) int {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	out := &output{w: std.out, stop: stop}
	exit := runLine(ctx, &streams{std.in, out, &printable{std.err}}, args)
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
	case "--version", "-V":
		args = append([]string{versionCommand.name}, args[1:]...)
	case completeWord:
		return complete(std, args[1:])
	}
	c := find(args[0])
	if c == nil {
		fmt.Fprintf(std.err, "simulate: %s\n", unknownCommand(args[0]))
		return exitUsage
	}
	color := colorAuto
	f, run := c.flags(&color)
	rest, err := f.parse(args[1:])
	if err == errHelp {
		c.print(std.out)
		return exitAllowed
	}
	out, looked := std.out.(*output)
	if looked {
		out.color = color
	}
	exit := exitUsage
	if err == nil {
		exit, err = run(ctx, std, rest)
	}
	if looked && out.failure() != nil {
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
