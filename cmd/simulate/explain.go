package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/internal/redact"
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
Questions in plain words are answered too.

The exit status is 0 if a message or question was recognized, about CORS or not, and
2 if none was.`,
	examples: `  xclip -o | simulate explain
  simulate explain --server nginx console.txt
  simulate explain why does it work in Postman and not in my page
  simulate explain "Access to fetch at 'https://api.example/' from origin 'https://app.example'
      has been blocked by CORS policy: Method PUT is not allowed by
      Access-Control-Allow-Methods in preflight response."
  simulate explain -v --reason missing-allow-origin --origin https://app.example`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		e := new(explainRun)
		f.define(0, "origin", "ORIGIN", "the page's origin, where the text does not tell it; repeatable:\nwith --server each is allowed", func(value string) error {
			_, err := origin.Parse(value)
			e.origin = cmp.Or(e.origin, value)
			e.origins = append(e.origins, value)
			return err
		})
		f.text(&e.method, 'X', "request", "METHOD", "the request's method, where the text does not tell it")
		f.list(&e.headers, 'H', "header", "NAME", "a request header to permit as well, with --server; repeatable")
		f.define(0, "credentials", "MODE", "omit, same-origin or include: whether to permit them as well", func(value string) (err error) {
			e.credentials, err = includes(value)
			return err
		})
		f.text(&e.reason, 0, "reason", "NAME", "explain a reason, such as missing-allow-origin, instead of text")
		defineServer(f, &e.server)
		f.yes(&e.verbose, 'v', "verbose", "all that it may mean, and the rule")
		f.yes(&e.json, 0, "json", "one JSON object a line")
		return e.run
	},
}

// defineServer adds --server.
func defineServer(f *flagSet, to *string) {
	f.define(0, "server", "NAME", "add the change as the configuration of a server, such as nginx,\nexpress or laravel; simulate servers lists them all", func(value string) error {
		r, err := recipe.Find(value)
		if err == nil {
			*to = r.ID
		}
		return err
	})
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
	origin, method, reason, server string
	headers, origins               []string
	credentials, verbose, json     bool
}

func (e *explainRun) run(ctx context.Context, std *streams, args []string) (int, error) {
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
		if err := e.answer(out, answer); err != nil {
			return exitUsage, err
		}
		return exitAllowed, out.Flush()
	}
	words := new(explain.Glossary)
	for i := range messages {
		if m := &messages[i]; e.json {
			err = e.printJSON(out, m)
		} else {
			if i > 0 {
				fmt.Fprintln(out)
			}
			e.print(out, m, words)
		}
		if err != nil {
			return exitUsage, err
		}
	}
	if e.server != "" && !e.json {
		if err := e.configure(out, messages); err != nil {
			out.Flush()
			return exitUsage, err
		}
	}
	return exitAllowed, out.Flush()
}

// nothingKnown says what to paste instead of a text in which nothing is recognized.
const nothingKnown = "nothing in this text is a message, or a question about CORS, that is known here.\n" +
	"Open the browser's developer tools (F12), Console, and copy the whole red line that names the URL, with the lines before and after it;\n" +
	"or ask the server itself: simulate check URL --origin ORIGIN"

// answer answers a question in plain words.
func (e *explainRun) answer(w io.Writer, a *explain.Answer) error {
	if e.json {
		return encodeLine(w, struct {
			V        int      `json:"v"`
			Answer   string   `json:"answer"`
			Question string   `json:"question"`
			Lines    []string `json:"lines"`
			Try      string   `json:"try"`
		}{1, a.ID, a.Question, a.Lines, a.Try})
	}
	fmt.Fprintln(w, a.Question)
	for _, line := range a.Lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
	_, err := fmt.Fprintf(w, "  Try: %s\n", a.Try)
	return err
}

// encodeLine writes a value as one line of JSON.
func encodeLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// messages returns what the input holds, and its text.
func (e *explainRun) messages(ctx context.Context, std *streams, args []string) ([]explain.Message, string, error) {
	if e.reason != "" {
		reason, ok := cors.ParseReason(e.reason)
		if !ok || len(args) > 0 {
			var names []string
			for _, r := range cors.Reasons() {
				names = append(names, r.String())
			}
			return nil, "", fmt.Errorf("--reason %s: give one reason and no text; the reasons are %s", e.reason, strings.Join(names, ", "))
		}
		return []explain.Message{{Reason: reason, Origin: e.origin, Method: e.method}}, "", nil
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

// browsers are what the engines are called by those who paste their messages.
var browsers = map[string]string{"chromium": "Chrome", "firefox": "Firefox", "webkit": "Safari", "ie": "Internet Explorer"}

func about(m *explain.Message) string {
	if m.Reason != 0 {
		return m.Reason.String()
	}
	return string(m.Topic)
}

// print tells people what a message means: the verdict, why, what to do, and then what it
// is known by.
func (e *explainRun) print(w io.Writer, m *explain.Message, words *explain.Glossary) {
	x := m.Explain(e.origin)
	line := func(indent, s string) { fmt.Fprintf(w, "%s%s\n", indent, terminalSafe(redact.Text(s))) }
	title := x.Verdict() + ": " + about(m)
	if m.URL != "" {
		title += "  " + m.URL
	}
	if m.Origin != "" {
		title += ", asked by " + m.Origin
	}
	if name := browsers[m.Engine]; name != "" {
		title += "  [" + name + "]"
	}
	line("", title)
	for _, s := range x.Told(words, e.verbose) {
		line("  ", s)
	}
	if len(x.Saw) > 0 {
		line("  ", "Seen: "+strings.Join(x.Saw, " "))
	}
	if e.verbose && x.Rule != "" {
		line("  ", "The rule: "+x.Rule+"  "+x.Anchor)
	}
	if x.MDN != "" && e.verbose {
		line("  ", "More: "+x.MDN)
	}
}

// need returns what a server must permit for all messages and what the flags add; ok
// is false where its configuration of CORS can do nothing about any.
func (e *explainRun) need(messages ...explain.Message) (need recipe.Need, ok bool) {
	need = recipe.Need{Headers: e.headers, Credentials: e.credentials}
	for i := range messages {
		n, helps := messages[i].Need(e.origin)
		if !helps {
			continue
		}
		ok = true
		need.Host = cmp.Or(need.Host, n.Host)
		need.Origins = append(need.Origins, n.Origins...)
		need.Methods = append(need.Methods, n.Methods...)
		if n.Methods == nil && e.method != "" {
			need.Methods = append(need.Methods, e.method)
		}
		need.Headers = append(need.Headers, n.Headers...)
		need.Expose = append(need.Expose, n.Expose...)
		need.Preflight = need.Preflight || n.Preflight
		need.FirstHeaderOnly = need.FirstHeaderOnly || n.FirstHeaderOnly
		need.Credentials = need.Credentials || n.Credentials
	}
	need.Origins = append(need.Origins, e.origins...)
	return need, ok
}

// configure prints one configuration for all messages.
func (e *explainRun) configure(w io.Writer, messages []explain.Message) error {
	need, ok := e.need(messages...)
	if !ok {
		return fmt.Errorf("--server %s: no configuration of CORS fixes this", e.server)
	}
	config, err := recipe.Configure(e.server, need)
	if err != nil {
		return fmt.Errorf("--server: %w", err)
	}
	fmt.Fprintf(w, "\n%s", config)
	return nil
}

func (e *explainRun) printJSON(w io.Writer, m *explain.Message) error {
	x := m.Explain(e.origin)
	out := struct {
		V      int               `json:"v"`
		Kind   string            `json:"kind"`
		Engine string            `json:"engine,omitempty"`
		About  string            `json:"about"`
		URL    string            `json:"url,omitempty"`
		Origin string            `json:"origin,omitempty"`
		Saw    []string          `json:"saw"`
		Rule   string            `json:"rule"`
		Anchor string            `json:"anchor"`
		MDN    string            `json:"mdn"`
		Causes []explain.Cause   `json:"causes"`
		Advice []string          `json:"advice"`
		Config map[string]string `json:"config,omitempty"`
		Notes  []string          `json:"configNotes,omitempty"`
	}{V: 1, Kind: x.Kind(), Engine: m.Engine, About: about(m), URL: redact.Text(m.URL), Origin: redact.Text(m.Origin), Rule: x.Rule, Anchor: x.Anchor, MDN: x.MDN, Saw: []string{}, Causes: []explain.Cause{}, Advice: []string{}}
	for _, s := range x.Saw {
		out.Saw = append(out.Saw, redact.Text(s))
	}
	for _, c := range x.Causes {
		out.Causes = append(out.Causes, c.Map(redact.Text))
	}
	for i := range x.Advice {
		for _, line := range x.Advice[i].Lines() {
			out.Advice = append(out.Advice, redact.Text(line))
		}
	}
	if need, ok := e.need(*m); ok && e.server != "" {
		config, err := recipe.Configure(e.server, need)
		if err != nil {
			return fmt.Errorf("--server: %w", err)
		}
		out.Config = map[string]string{}
		for _, part := range config.Parts {
			out.Config[part.Where] = part.Text
		}
		out.Notes = config.Notes
		if len(out.Config) == 0 {
			out.Config = nil
		}
	}
	return encodeLine(w, out)
}

// terminalSafe replaces what could upset a terminal.
func terminalSafe(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, s)
}
