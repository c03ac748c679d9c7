package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/corsim/corsim/cmd/simulate/internal/console"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/origin"
)

var explainCommand = &command{
	name: "explain", summary: "say what a browser's console message means",
	arguments: "[flags] [FILE|-|TEXT…]",
	help: `Reads what was copied from the console of a browser, of any age and, of Firefox, in
any language, or what a framework or server said, with anything around it: from a
file, from the arguments, or from standard input. Says of each failure in it whether
it is about CORS, why it is most likely, and what to do, and who can; with --server
as that server's configuration. What is not about CORS is named as what it is.
Paste the rest too: the answer that curl -i or the Network tab shows, the script that
asks, the server's code. They are evidence, and tell which server it is.
Questions in plain words are answered too.

The exit status is 0 if a message or question was recognized, about CORS or not, and
2 if none was.`,
	examples: `  xclip -o | simulate explain
  simulate explain --server nginx console.txt
  simulate explain why does it work in Postman and not in my page
  simulate explain "Access to fetch at 'https://api.example/' from origin 'https://app.example'
      has been blocked by CORS policy: Method PUT is not allowed by
      Access-Control-Allow-Methods in preflight response."
  simulate explain -v --reason missing-allow-origin --origin https://app.example
  simulate explain --cause options-not-routed`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		e := new(explainRun)
		f.define(0, "origin", "ORIGIN", "the page's origin, where the text does not tell it; repeatable:\nwith --server each is allowed", func(value string) error {
			_, err := origin.Parse(value)
			e.options.Origin = cmp.Or(e.options.Origin, value)
			e.options.Origins = append(e.options.Origins, value)
			return err
		})
		f.text(&e.options.Method, 'X', "request", "METHOD", "the request's method, where the text does not tell it")
		f.list(&e.options.Headers, 'H', "header", "NAME", "a request header to permit as well, with --server; repeatable")
		f.define(0, "credentials", "MODE", "omit, same-origin or include: whether to permit them as well", func(value string) (err error) {
			e.options.Credentials, err = includes(value)
			return err
		}).takes(credentialsModes...)
		f.text(&e.reason, 0, "reason", "NAME", "explain a reason, such as missing-allow-origin, instead of text").takesFrom(reasonNames)
		f.text(&e.cause, 0, "cause", "ID", "say what a cause means that --json of any command names").takesFrom(explain.CauseIDs)
		defineServer(f, &e.options.Server)
		f.yes(&e.options.Verbose, 'v', "verbose", "all that it may mean, and the rule")
		f.yes(&e.json, 0, "json", "one JSON object a line")
		return e.run
	},
}

// reasonNames are the names of the reasons for which something is blocked.
func reasonNames() (names []string) {
	for _, r := range cors.Reasons() {
		names = append(names, r.String())
	}
	return names
}

// defineServer adds --server.
func defineServer(f *flagSet, to *string) {
	f.define(0, "server", "NAME", "add the change as the configuration of a server, such as nginx,\nexpress or laravel; simulate servers lists them all", func(value string) error {
		r, err := recipe.Find(value)
		if err == nil {
			*to = r.ID
		}
		return err
	}).takesFrom(serverNames)
}

// includes reports whether a credentials mode includes them.
func includes(mode string) (bool, error) {
	switch mode {
	case "include":
		return true, nil
	case "omit", "same-origin":
		return false, nil
	}
	return false, fmt.Errorf("there is no credentials mode %q, only omit, same-origin, include", mode)
}

// explainRun is a run of simulate explain.
type explainRun struct {
	options       console.Options
	reason, cause string
	json          bool
}

func (e *explainRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if e.cause != "" {
		return e.explainCause(std.out, args)
	}
	messages, text, err := e.messages(ctx, std, args)
	if err != nil {
		return exitUsage, err
	}
	out := bufio.NewWriter(std.out)
	if len(messages) == 0 {
		answer, ok := explain.Ask(text)
		if !ok {
			return exitUsage, errors.New(nothingKnown)
		}
		print := console.PrintAnswer
		if e.json {
			print = console.AnswerJSON
		}
		if err := print(out, answer); err != nil {
			return exitUsage, err
		}
		return exitAllowed, out.Flush()
	}
	if !e.json {
		err = e.options.Print(out, messages)
	}
	for i := range messages {
		if e.json && err == nil {
			err = e.options.JSON(out, &messages[i])
		}
	}
	if err != nil {
		out.Flush()
		return exitUsage, err
	}
	return exitAllowed, out.Flush()
}

// explainCause says what a cause means, with {name} where a failure has a value.
func (e *explainRun) explainCause(w io.Writer, args []string) (int, error) {
	if !slices.Contains(explain.CauseIDs(), e.cause) {
		return exitUsage, fmt.Errorf("--cause: there is no cause %q%s", e.cause, didYouMean(e.cause, "", explain.CauseIDs()))
	}
	if len(args) > 0 || e.reason != "" {
		return exitUsage, errors.New("--cause explains a cause: give no text and no --reason")
	}
	c := explain.NewCause(e.cause, explain.Possible)
	if e.json {
		return exitAllowed, encodeLine(w, struct {
			V     int           `json:"v"`
			Cause explain.Cause `json:"cause"`
		}{1, c})
	}
	_, err := fmt.Fprintf(w, "%s: %s\n  %s\n  What to do, %s: %s\n", c.ID, c.Title(), c.Why(), c.Who.Addressed(), c.Do())
	return exitAllowed, err
}

// nothingKnown says what to paste instead of a text in which nothing is recognized.
const nothingKnown = "nothing in this text is a message, or a question about CORS, that is known here.\n" +
	"Open the browser's developer tools (F12), Console, and copy the whole red line that names the URL, with the lines before and after it;\n" +
	"or ask the server itself: simulate check URL --origin ORIGIN"

// messages returns what the input holds, and its text.
func (e *explainRun) messages(ctx context.Context, std *streams, args []string) ([]explain.Message, string, error) {
	if e.reason != "" {
		reason, ok := cors.ParseReason(e.reason)
		if !ok || len(args) > 0 {
			return nil, "", fmt.Errorf("--reason %s: give one reason and no text; the reasons are %s%s", e.reason, strings.Join(reasonNames(), ", "), didYouMean(e.reason, "", reasonNames()))
		}
		return []explain.Message{{Reason: reason, Origin: e.options.Origin, Method: e.options.Method}}, "", nil
	}
	text := strings.Join(args, " ")
	if len(args) == 0 {
		args = []string{"-"}
	}
	if len(args) == 1 {
		name := args[0]
		if _, err := os.Stat(name); name == "-" || err == nil {
			_, file, err := openInput(std, args)
			if err != nil {
				return nil, "", err
			}
			defer file.Close()
			content, err := io.ReadAll(io.LimitReader(interruptible(ctx, file), explain.MaxConsole+1))
			if err != nil {
				return nil, "", err
			}
			text = string(content)
		}
	}
	if len(text) > explain.MaxConsole {
		// A line that is cut would be another one.
		end := strings.LastIndexByte(text[:explain.MaxConsole], '\n') + 1
		if end == 0 {
			end = explain.MaxConsole
		}
		text = text[:end]
		fmt.Fprintf(std.err, "simulate explain: only the first %d bytes are read, and this is longer: what is behind them is not explained; give it in pieces\n", end)
	}
	return explain.Recognize(text), text, nil
}
