package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
)

// completeWord is the command that the shells' scripts ask: what may the last of these words
// be? It answers with a line each, a value and, behind a tab, what it means; or with
// completeFiles, where it is the name of a file.
const (
	completeWord  = "__complete"
	completeFiles = ":files"
)

//go:embed completion
var completionFiles embed.FS

// shells are those that there is a script for.
var shells = []string{"bash", "zsh", "fish"}

var completionCommand = &command{
	name: "completion", summary: "print what completes command lines in bash, zsh or fish",
	arguments: "bash|zsh|fish",
	help: `Prints a script for a shell. It asks simulate itself what may come next: commands,
flags, and the values of flags, such as browsers, servers, causes and the ids of
quirks. The Debian package installs the scripts where the shells look for them.`,
	examples: `  source <(simulate completion bash)                      # in ~/.bashrc
  source <(simulate completion zsh)                       # in ~/.zshrc, behind compinit
  simulate completion fish > ~/.config/fish/completions/simulate.fish`,
	values: func() []string { return shells },
	define: func(*flagSet) func(context.Context, *streams, []string) (int, error) {
		return func(_ context.Context, std *streams, args []string) (int, error) {
			if len(args) != 1 {
				return exitUsage, errors.New("name one shell: " + strings.Join(shells, ", "))
			}
			script, err := completionFiles.ReadFile("completion/simulate." + args[0])
			if err != nil {
				return exitUsage, fmt.Errorf("there is no script for %q%s; there is one for %s", args[0], didYouMean(args[0], "", shells), strings.Join(shells, ", "))
			}
			_, err = std.out.Write(script)
			return exitAllowed, err
		}
	},
}

// A candidate is what a word may be, and what that means.
type candidate struct{ value, meaning string }

// complete prints what the last of the words of a command line may be; the first is the
// program.
func complete(std *streams, words []string) int {
	var out bytes.Buffer
	for _, c := range candidates(words) {
		out.WriteString(c.value)
		if c.meaning != "" {
			out.WriteString("\t" + c.meaning)
		}
		out.WriteByte('\n')
	}
	if _, err := std.out.Write(out.Bytes()); err != nil {
		return exitUsage
	}
	return exitAllowed
}

// candidates returns what the last of the words of a command line may be.
func candidates(words []string) []candidate {
	if len(words) < 2 {
		return nil
	}
	last := words[len(words)-1]
	if len(words) == 2 {
		return beginning(last, commandCandidates())
	}
	if words[1] == "help" {
		return beginning(last, valueCandidates(helpNames()))
	}
	c := find(words[1])
	if c == nil {
		return nil
	}
	f, _ := c.flags(new(colorMode))
	switch d, prefix, onlyArguments := f.expected(words[2:]); {
	case d != nil:
		value, _ := strings.CutPrefix(last, prefix)
		list := d.candidates(value)
		if len(list) == 1 && list[0].value == completeFiles {
			return list
		}
		for i := range list {
			list[i].value = prefix + list[i].value
		}
		return beginning(last, list)
	case strings.HasPrefix(last, "-") && !onlyArguments:
		return beginning(last, f.candidates())
	case c.values != nil:
		return beginning(last, valueCandidates(c.values()))
	case namesFile(c.arguments):
		return []candidate{{value: completeFiles}}
	}
	return nil
}

// expected returns the flag whose value is the last of args, with what stands before the
// value in that word; nil where the last word is something else, and then whether no flag
// can be there.
func (f *flagSet) expected(args []string) (d *flagDefinition, prefix string, onlyArguments bool) {
	for i := 0; i < len(args); i++ {
		word, last := args[i], i == len(args)-1
		d, value, apart := f.flagOf(word)
		switch {
		case word == "--" && !last:
			return nil, "", true
		case d == nil || d.argument == "":
		case !apart && last:
			return d, strings.TrimSuffix(word, value), false
		case apart && i == len(args)-2:
			return d, "", false
		case apart:
			i++
		}
	}
	return nil, "", false
}

// flagOf returns the flag that a word gives, with its value as far as it is in the word;
// apart says that the next word is the value.
func (f *flagSet) flagOf(word string) (d *flagDefinition, value string, apart bool) {
	if name, long := strings.CutPrefix(word, "--"); long {
		name, value, given := strings.Cut(name, "=")
		for _, d := range f.flags {
			if d.long == name {
				return d, value, d.argument != "" && !given
			}
		}
		return nil, "", false
	}
	if len(word) < 2 || word[0] != '-' {
		return nil, "", false
	}
	for i := 1; i < len(word); i++ {
		for _, d := range f.flags {
			if d.short == word[i] && d.argument != "" {
				return d, word[i+1:], i+1 == len(word)
			}
		}
	}
	return nil, "", false
}

// candidates returns the flags.
func (f *flagSet) candidates() (list []candidate) {
	for _, d := range f.flags {
		list = append(list, candidate{"--" + d.long, firstLine(d.usage)})
	}
	for _, d := range f.flags {
		if d.short != 0 {
			list = append(list, candidate{"-" + string(rune(d.short)), firstLine(d.usage)})
		}
	}
	return append(list, candidate{"--help", "print the flags, with examples"})
}

// candidates returns the values of a flag. Of a list with commas, value is what there is of
// it, and its last member is completed.
func (d *flagDefinition) candidates(value string) []candidate {
	switch {
	case d.values == nil && d.takesFile():
		return []candidate{{value: completeFiles}}
	case d.values == nil:
		return nil
	}
	list := valueCandidates(d.values())
	if comma := strings.LastIndexByte(value, ',') + 1; comma > 0 {
		for i := range list {
			list[i].value = value[:comma] + list[i].value
		}
	}
	return list
}

func commandCandidates() (list []candidate) {
	grouped(func(_ string, commands []*command) {
		for _, c := range commands {
			list = append(list, candidate{c.name, c.summary})
		}
	})
	return append(list, candidate{"help", "explain a command"})
}

func valueCandidates(values []string) (list []candidate) {
	for _, value := range values {
		list = append(list, candidate{value: value})
	}
	return list
}

// beginning returns the candidates that begin with a word.
func beginning(word string, list []candidate) (those []candidate) {
	for _, c := range list {
		if strings.HasPrefix(c.value, word) {
			those = append(those, c)
		}
	}
	return those
}

// firstLine returns the first line of a usage, with a mark where there are more.
func firstLine(usage string) string {
	line, _, more := strings.Cut(usage, "\n")
	if more {
		line = strings.TrimRight(line, " ,;:") + " …"
	}
	return line
}
