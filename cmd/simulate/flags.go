package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/cmd/simulate/internal/duration"
	"github.com/corsim/corsim/internal/nearest"
)

// flagSet holds the flags of a subcommand. Its syntax is curl's: long flags with
// two dashes, short ones with one, the argument behind a blank, behind "=" after a
// long name, or right behind a short one; flags and other arguments in any order;
// "--" ends the flags. Package flag has neither -XPUT nor flags after arguments.
//
// Help, completion, man pages and the suggestions of errors are all made from these
// definitions.
type flagSet struct {
	flags []*flagDefinition
	given []string // the long names of those that parse has met, without the common ones
}

type flagDefinition struct {
	short    byte // 0 for none
	long     string
	argument string // what the argument is called in the help; "" for no argument
	usage    string
	set      func(value string) error
	// values returns what the argument may be, for completion and for suggestions; nil
	// where no list has it all.
	values func() []string
	common bool // of every subcommand
}

// takes tells the values that a flag takes. What checks them is the flag's set.
func (d *flagDefinition) takes(values ...string) *flagDefinition {
	return d.takesFrom(func() []string { return values })
}

// takesFrom tells what lists the values that a flag takes.
func (d *flagDefinition) takesFrom(values func() []string) *flagDefinition {
	d.values = values
	return d
}

// takesFile reports whether the argument names a file, as what it is called says.
func (d *flagDefinition) takesFile() bool { return namesFile(d.argument) }

// namesFile reports whether what an argument is called says that it names a file: FILE,
// FILE|-, DATA|@FILE, OUT.har, RECORDING.
func namesFile(argument string) bool {
	for _, word := range strings.FieldsFunc(argument, func(c rune) bool { return strings.ContainsRune("|[]… @", c) }) {
		name, _, _ := strings.Cut(word, ".")
		if slices.Contains([]string{"FILE", "OUT", "DIR", "RECORDING"}, name) {
			return true
		}
	}
	return false
}

// errHelp says that the help was asked for.
var errHelp = errors.New("help")

func (f *flagSet) define(short byte, long, argument, usage string, set func(string) error) *flagDefinition {
	d := &flagDefinition{short: short, long: long, argument: argument, usage: usage, set: set}
	f.flags = append(f.flags, d)
	return d
}

func (f *flagSet) text(to *string, short byte, long, argument, usage string) *flagDefinition {
	return f.define(short, long, argument, usage, func(value string) error { *to = value; return nil })
}

func (f *flagSet) list(to *[]string, short byte, long, argument, usage string) *flagDefinition {
	return f.define(short, long, argument, usage, func(value string) error { *to = append(*to, value); return nil })
}

// oneOf defines a flag that takes one of a few values.
func (f *flagSet) oneOf(short byte, long, argument, usage string, set func(string), values ...string) *flagDefinition {
	return f.define(short, long, argument, usage, func(value string) error {
		if !slices.Contains(values, value) {
			return fmt.Errorf("there is no %q, only %s", value, strings.Join(values, ", "))
		}
		set(value)
		return nil
	}).takes(values...)
}

func (f *flagSet) yes(to *bool, short byte, long, usage string) {
	f.define(short, long, "", usage, func(string) error { *to = true; return nil })
}

// except returns the first of the flags that were given that is not one of names, as it is
// written; "" for none.
func (f *flagSet) except(names ...string) string {
	for _, name := range f.given {
		if !slices.Contains(names, name) {
			return "--" + name
		}
	}
	return ""
}

// parse sets the flags that args give, and returns the other arguments.
func (f *flagSet) parse(args []string) (rest []string, err error) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			return append(rest, args...), nil
		case strings.HasPrefix(arg, "--"):
			args, err = f.parseLong(arg[2:], args)
		case len(arg) > 1 && arg[0] == '-':
			args, err = f.parseShort(arg[1:], args)
		default:
			rest = append(rest, arg)
		}
		if err != nil {
			return nil, err
		}
	}
	return rest, nil
}

func (f *flagSet) parseLong(flag string, args []string) ([]string, error) {
	name, value, given := strings.Cut(flag, "=")
	if name == "help" {
		return nil, errHelp
	}
	for _, d := range f.flags {
		if d.long != name {
			continue
		}
		switch {
		case d.argument == "" && given:
			return nil, fmt.Errorf("--%s takes no value", name)
		case d.argument != "" && !given:
			if len(args) == 0 {
				return nil, fmt.Errorf("--%s needs a value: %s", name, d.argument)
			}
			value, args = args[0], args[1:]
		}
		return args, named("--"+name, f.give(d, value))
	}
	return nil, fmt.Errorf("unknown flag --%s%s", name, didYouMean(name, "--", f.names()))
}

func (f *flagSet) parseShort(flags string, args []string) ([]string, error) {
next:
	for i := range len(flags) {
		for _, d := range f.flags {
			if d.short != flags[i] {
				continue
			}
			if d.argument == "" {
				if err := f.give(d, ""); err != nil {
					return nil, named("-"+flags[i:i+1], err)
				}
				continue next
			}
			value := flags[i+1:]
			if value == "" {
				if len(args) == 0 {
					return nil, fmt.Errorf("-%c needs a value: %s", flags[i], d.argument)
				}
				value, args = args[0], args[1:]
			}
			return args, named("-"+flags[i:i+1], f.give(d, value))
		}
		if flags[i] == 'h' {
			return nil, errHelp
		}
		return nil, fmt.Errorf("unknown flag -%c%s", flags[i], f.meantLong(flags))
	}
	return args, nil
}

func named(flag string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", flag, err)
	}
	return err
}

// give sets a flag. An error about a value proposes the nearest that there is.
func (f *flagSet) give(d *flagDefinition, value string) error {
	if !d.common {
		f.given = append(f.given, d.long)
	}
	err := d.set(value)
	if err == nil || d.values == nil || strings.Contains(err.Error(), "did you mean") {
		return err
	}
	if meant := didYouMean(value, "", d.values()); meant != "" {
		err = fmt.Errorf("%w%s", err, meant)
	}
	return err
}

// names returns the long names, and that of the help.
func (f *flagSet) names() []string {
	names := []string{"help"}
	for _, d := range f.flags {
		names = append(names, d.long)
	}
	return names
}

// meantLong proposes the long flag that was written with one dash.
func (f *flagSet) meantLong(flags string) string {
	name, _, _ := strings.Cut(flags, "=")
	if len(name) > 1 && slices.Contains(f.names(), name) {
		return suggests + "--" + name + "?"
	}
	return ""
}

// suggests is how an error proposes something.
const suggests = "; did you mean "

// didYouMean proposes the name that is nearest to what was written, "" for none.
func didYouMean(written, prefix string, names []string) string {
	if meant := nearest.Of(written, names); meant != "" {
		return suggests + prefix + meant + "?"
	}
	return ""
}

// print writes what the help says about the flags, with the usages in a column.
func (f *flagSet) print(w io.Writer) {
	const column = 30
	for _, d := range f.flags {
		name := "      --" + d.long
		if d.short != 0 {
			name = fmt.Sprintf("  -%c, --%s", d.short, d.long)
		}
		if d.argument != "" {
			name += " " + d.argument
		}
		for j, line := range strings.Split(d.usage, "\n") {
			switch {
			case j > 0:
				name = ""
			case len(name) >= column:
				fmt.Fprintln(w, name)
				name = ""
			}
			fmt.Fprintf(w, "%-*s%s\n", column, name, line)
		}
	}
}

// seconds sets a duration from a number of seconds.
func seconds(to *time.Duration) func(string) error {
	return func(value string) error {
		seconds, err := strconv.ParseFloat(value, 64)
		d, ok := duration.Of(seconds, time.Second)
		if *to = d; err != nil || !ok {
			return fmt.Errorf("%q is no number of seconds", value)
		}
		return nil
	}
}
