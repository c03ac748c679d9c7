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
)

// flagSet holds the flags of a subcommand. Its syntax is curl's: long flags with
// two dashes, short ones with one, the argument behind a blank, behind "=" after a
// long name, or right behind a short one; flags and other arguments in any order;
// "--" ends the flags. Package flag has neither -XPUT nor flags after arguments.
type flagSet struct {
	flags []flagDefinition
	given []string // the long names of those that parse has met
}

type flagDefinition struct {
	short    byte // 0 for none
	long     string
	argument string // what the argument is called in the help; "" for no argument
	usage    string
	set      func(value string) error
}

// errHelp says that the help was asked for.
var errHelp = errors.New("help")

func (f *flagSet) define(short byte, long, argument, usage string, set func(string) error) {
	f.flags = append(f.flags, flagDefinition{short, long, argument, usage, set})
}

func (f *flagSet) text(to *string, short byte, long, argument, usage string) {
	f.define(short, long, argument, usage, func(value string) error { *to = value; return nil })
}

func (f *flagSet) list(to *[]string, short byte, long, argument, usage string) {
	f.define(short, long, argument, usage, func(value string) error { *to = append(*to, value); return nil })
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
	for i := range f.flags {
		d := &f.flags[i]
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
		f.given = append(f.given, name)
		return args, named("--"+name, d.set(value))
	}
	return nil, fmt.Errorf("unknown flag --%s%s", name, f.suggestion(name))
}

func (f *flagSet) parseShort(flags string, args []string) ([]string, error) {
next:
	for i := range len(flags) {
		for j := range f.flags {
			d := &f.flags[j]
			if d.short != flags[i] {
				continue
			}
			f.given = append(f.given, d.long)
			if d.argument == "" {
				if err := d.set(""); err != nil {
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
			return args, named("-"+flags[i:i+1], d.set(value))
		}
		if flags[i] == 'h' {
			return nil, errHelp
		}
		return nil, fmt.Errorf("unknown flag -%c", flags[i])
	}
	return args, nil
}

func named(flag string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", flag, err)
	}
	return err
}

// suggestion proposes the flag that begins as name does.
func (f *flagSet) suggestion(name string) string {
	for n := min(len(name), 4); n >= 2; n-- {
		for i := range f.flags {
			if strings.HasPrefix(f.flags[i].long, name[:n]) {
				return "; did you mean --" + f.flags[i].long + "?"
			}
		}
	}
	return ""
}

// print writes what the help says about the flags, with the usages in a column.
func (f *flagSet) print(w io.Writer) {
	const column = 30
	for i := range f.flags {
		d := &f.flags[i]
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
