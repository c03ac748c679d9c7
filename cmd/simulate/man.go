package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// manCommand is made by a function, since it is about all commands, itself among them.
func manCommand() *command {
	return &command{
		name: "man", summary: "print the manual page of simulate or of a command",
		arguments: "[--all DIR] [COMMAND]",
		help: `Prints a page of the manual for man, in the language of man pages. --all writes that of
each command into a directory, as simulate.1 and simulate-COMMAND.1. The Debian package
installs them. The text is that of the help.`,
		examples: `  simulate man check | man -l -
  simulate man --all ~/.local/share/man/man1`,
		values: commandNames,
		define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
			var dir string
			f.text(&dir, 0, "all", "DIR", "write all pages into this directory")
			return func(_ context.Context, std *streams, args []string) (int, error) {
				switch {
				case dir != "" && len(args) > 0:
					return exitUsage, errors.New("--all writes all pages: name no command")
				case dir != "":
					return exitAllowed, writeManual(dir)
				case len(args) > 1:
					return exitUsage, errors.New("name one command")
				case len(args) == 0:
					_, err := std.out.Write(manualOverview())
					return exitAllowed, err
				}
				c := find(args[0])
				if c == nil {
					return exitUsage, errors.New(unknownCommand(args[0]))
				}
				_, err := std.out.Write(c.manual())
				return exitAllowed, err
			}
		},
	}
}

func commandNames() (names []string) {
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// writeManual writes all pages into a directory, which it makes.
func writeManual(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	pages := map[string][]byte{"simulate.1": manualOverview()}
	for _, c := range commands() {
		pages["simulate-"+c.name+".1"] = c.manual()
	}
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), page, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// roff escapes a line of text for the language of man pages.
func roff(line string) string {
	line = strings.NewReplacer(`\`, `\e`, "-", `\-`, "…", "...", "’", "'", "‘", "'").Replace(line)
	if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
		line = `\&` + line
	}
	return line
}

// manualHead begins a page.
func manualHead(w io.Writer, name, summary string) {
	v := readVersion()
	day, _, _ := strings.Cut(v.Date, "T")
	fmt.Fprintf(w, ".\\\" Made by simulate man.\n.TH %s 1 %q %q \"User Commands\"\n.SH NAME\n%s \\- %s\n", strings.ToUpper(roff(name)), day, "simulate "+v.Version, roff(name), roff(summary))
}

// manualText writes text as the help has it: lines that are indented stay as they are, the
// others are paragraphs.
func manualText(w io.Writer, text string) {
	as := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		indented := strings.HasPrefix(line, "  ")
		switch {
		case indented && !as:
			fmt.Fprint(w, ".PP\n.RS 2\n.nf\n")
		case !indented && as:
			fmt.Fprint(w, ".fi\n.RE\n")
		}
		as = indented
		if line == "" {
			line = ".PP"
		} else {
			line = roff(strings.TrimPrefix(line, "  "))
		}
		fmt.Fprintln(w, line)
	}
	if as {
		fmt.Fprint(w, ".fi\n.RE\n")
	}
}

// manual is the page of a command.
func (c *command) manual() []byte {
	var w bytes.Buffer
	manualHead(&w, "simulate-"+c.name, c.summary)
	fmt.Fprintf(&w, ".SH SYNOPSIS\n.B simulate %s\n%s\n.SH DESCRIPTION\n", roff(c.name), roff(c.arguments))
	manualText(&w, c.help)
	fmt.Fprint(&w, ".SH OPTIONS\n")
	f, _ := c.flags(new(colorMode))
	for _, d := range f.flags {
		d.manual(&w)
	}
	fmt.Fprint(&w, ".TP\n\\fB\\-\\-help\\fR\nprint the help\n.SH EXAMPLES\n")
	manualText(&w, c.examples)
	manualExit(&w)
	fmt.Fprint(&w, ".SH SEE ALSO\n.BR simulate (1)\n")
	return w.Bytes()
}

// manual writes what a page says of a flag.
func (d *flagDefinition) manual(w io.Writer) {
	name := `\fB` + roff("--"+d.long) + `\fR`
	if d.short != 0 {
		name = `\fB` + roff("-"+string(rune(d.short))) + `\fR, ` + name
	}
	if d.argument != "" {
		name += ` \fI` + roff(d.argument) + `\fR`
	}
	fmt.Fprintf(w, ".TP\n%s\n%s\n", name, roff(strings.ReplaceAll(d.usage, "\n", " ")))
}

func manualExit(w io.Writer) {
	fmt.Fprint(w, ".SH EXIT STATUS\n")
	for _, s := range exitStatuses {
		fmt.Fprintf(w, ".TP\n.B %d\n%s\n", s.status, roff(s.meaning))
	}
}

// manualOverview is the page of simulate itself.
func manualOverview() []byte {
	var w bytes.Buffer
	manualHead(&w, "simulate", "does what a browser does about CORS, and says why")
	fmt.Fprint(&w, ".SH SYNOPSIS\n.B simulate\nCOMMAND [flags]\n.SH DESCRIPTION\n")
	manualText(&w, "Each command has a page of its own, such as simulate-check(1), and\n\"simulate help COMMAND\" prints the same.\n")
	fmt.Fprint(&w, ".SH COMMANDS\n")
	grouped(func(title string, commands []*command) {
		fmt.Fprintf(&w, ".SS %s\n", roff(title))
		for _, c := range commands {
			fmt.Fprintf(&w, ".TP\n.BR simulate\\-%s (1)\n%s\n", roff(c.name), roff(c.summary))
		}
	})
	manualExit(&w)
	fmt.Fprint(&w, ".SH ENVIRONMENT\n")
	for _, v := range environment {
		fmt.Fprintf(&w, ".TP\n.B %s\n%s\n", roff(v.names), roff(v.meaning))
	}
	return w.Bytes()
}
