package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// The exit statuses.
const (
	exitAllowed     = 0 // everything is allowed
	exitBlocked     = 1 // something is blocked
	exitUsage       = 2 // bad usage, or input that cannot be read
	exitUndecidable = 3 // nothing is blocked, but something could not be decided

	exitInterrupted = 130 // as of what a shell says that an interrupt ended
)

// exitStatuses says what each means, for the help, the manual and the documents.
var exitStatuses = []struct {
	status  int
	meaning string
}{
	{exitAllowed, "all is allowed, each promise is kept, the message is recognized"},
	{exitBlocked, "something is blocked, a promise is broken, probe found a danger of medium severity or worse"},
	{exitUsage, "bad usage, input that cannot be read, or output that cannot be written; standard error says which"},
	{exitUndecidable, "nothing is blocked, but something cannot be decided, or the user is asked for a permission"},
	{exitInterrupted, "interrupted (SIGINT, SIGTERM, SIGHUP); no half of a file is left"},
	{exitClosed, "who read the output stopped reading"},
}

// groups are what one wants, with the commands for it, in the order of the help. A command
// that is in no group is listed behind them.
var groups = []struct {
	title    string
	commands []string
}{
	{"Solve a CORS error", []string{"explain", "check", "probe", "serve"}},
	{"Test a server", []string{"test"}},
	{"Judge recordings and logs", []string{"replay", "cost"}},
	{"Look something up", []string{"quirks", "servers", "docs", "schema"}},
	{"Drive it from a program", []string{"stdio", "run", "wpt"}},
	{"The command itself", []string{"version", "completion", "man"}},
}

// grouped calls group for each group with the commands in it.
func grouped(group func(title string, commands []*command)) {
	rest := commands()
	for _, g := range groups {
		var members []*command
		for _, name := range g.commands {
			if c := find(name); c != nil {
				members = append(members, c)
				rest = slices.DeleteFunc(rest, func(r *command) bool { return r.name == c.name })
			}
		}
		if members != nil {
			group(g.title, members)
		}
	}
	if len(rest) > 0 {
		group("More", rest)
	}
}

// topics are what else "simulate help" explains.
var topics = []struct {
	name, summary string
	print         func(io.Writer)
}{
	{"exit-status", "what the exit statuses mean", printExitStatuses},
	{"environment", "the variables that are looked at", printEnvironment},
}

// environment are the variables that are looked at.
var environment = []struct{ names, meaning string }{
	{"NO_COLOR", "no colours, if it is not empty"},
	{"CLICOLOR_FORCE", "colours even in a file or pipe, if it is neither empty nor 0; NO_COLOR is stronger, and --color stronger than both"},
	{"TERM", "dumb: no colours and no progress bar"},
	{"COLUMNS", "how wide tables may be; by default as wide as the terminal"},
	{"http_proxy, https_proxy, all_proxy, no_proxy", "the proxies that check, probe, test and stdio use, as curl does; --proxy is stronger"},
	{"SSL_CERT_FILE, SSL_CERT_DIR", "the authorities that are trusted, where the system looks there"},
}

func help(std *streams, args []string) int {
	if len(args) == 0 {
		printOverview(std.out)
		return exitAllowed
	}
	for _, topic := range topics {
		if topic.name == args[0] {
			topic.print(std.out)
			return exitAllowed
		}
	}
	c := find(args[0])
	if c == nil {
		fmt.Fprintf(std.err, "simulate help: %s\n", unknownCommand(args[0]))
		return exitUsage
	}
	c.print(std.out)
	return exitAllowed
}

// helpNames are what "simulate help" explains.
func helpNames() (names []string) {
	for _, c := range commands() {
		names = append(names, c.name)
	}
	for _, topic := range topics {
		names = append(names, topic.name)
	}
	return names
}

// unknownCommand says that there is no such command, and which was meant.
func unknownCommand(name string) string {
	if strings.HasPrefix(name, "-") {
		return fmt.Sprintf("%s is given where the command must be; flags follow it, as in \"simulate check --help\"", name)
	}
	return fmt.Sprintf("unknown command %q%s; \"simulate help\" lists them", name, didYouMean(name, "", append(helpNames(), "help")))
}

func printOverview(w io.Writer) {
	fmt.Fprint(w, "simulate does what a browser does about CORS, and says why.\n\nUsage: simulate COMMAND [flags]\n")
	grouped(func(title string, commands []*command) {
		fmt.Fprintf(w, "\n%s\n", title)
		for _, c := range commands {
			fmt.Fprintf(w, "  %-11s %s\n", c.name, c.summary)
		}
	})
	fmt.Fprint(w, "\n\"simulate help COMMAND\" has the flags of each, with examples; and\n")
	for _, topic := range topics {
		fmt.Fprintf(w, "  %-28s %s\n", "simulate help "+topic.name, topic.summary)
	}
	fmt.Fprint(w, "\nExit status: 0 all allowed, 1 something blocked, 2 bad usage or unreadable input,\n3 only undecidable.\n")
}

func printExitStatuses(w io.Writer) {
	fmt.Fprint(w, "The exit status of every command:\n\n")
	for _, s := range exitStatuses {
		fmt.Fprintf(w, "  %3d  %s\n", s.status, s.meaning)
	}
}

func printEnvironment(w io.Writer) {
	fmt.Fprint(w, "These variables of the environment are looked at:\n")
	for _, v := range environment {
		fmt.Fprintf(w, "\n  %s\n      %s\n", v.names, v.meaning)
	}
}

func (c *command) print(w io.Writer) {
	fmt.Fprintf(w, "simulate %s: %s\n\nUsage: %s\n\n%s\n\nFlags:\n", c.name, c.summary, c.usage(), c.help)
	f, _ := c.flags(new(colorMode))
	f.print(w)
	fmt.Fprintf(w, "      --help                  print this\n\nExamples:\n%s\n", c.examples)
}

// usage is the line that says how the command is called.
func (c *command) usage() string {
	return strings.TrimSpace("simulate " + c.name + " " + c.arguments)
}
