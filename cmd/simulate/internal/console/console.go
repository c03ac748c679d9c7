// Package console says what messages that somebody has copied from a browser's console mean, as
// text and as JSON: what simulate explain prints, and what its page shows.
package console

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/internal/redact"
)

// Options say what the text itself does not tell.
type Options struct {
	// Origin is that of the page, and Method the request's, where a message does not name them.
	Origin, Method string
	// Server is the one for which the change is written as configuration, "" for none.
	Server string
	// Headers, Origins and Credentials are what that configuration permits besides.
	Headers, Origins []string
	Credentials      bool
	// Verbose tells all that a message may mean, and the rule.
	Verbose bool
}

// browsers are what the engines are called by those who paste their messages.
var browsers = map[string]string{"chromium": "Chrome", "firefox": "Firefox", "webkit": "Safari", "ie": "Internet Explorer"}

func about(m *explain.Message) string {
	if m.Reason != 0 {
		return m.Reason.String()
	}
	return string(m.Topic)
}

// Print tells people what messages mean, each: the verdict, why, what to do, and then what it
// is known by; then, where a server is named, one configuration for all of them.
func (o *Options) Print(w io.Writer, messages []explain.Message) error {
	words := new(explain.Glossary)
	for i := range messages {
		if i > 0 {
			fmt.Fprintln(w)
		}
		o.print(w, &messages[i], words)
	}
	if o.Server == "" {
		return o.printNamed(w, messages)
	}
	config, err := o.Configure(messages)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "\n%s", config)
	return err
}

// printNamed adds the configuration of the server that the text itself names, where that is what
// must be changed.
func (o *Options) printNamed(w io.Writer, messages []explain.Message) error {
	for i := range messages {
		servers := messages[i].Servers()
		if len(servers) == 0 {
			continue
		}
		if first := messages[i].Explain(o.Origin).Causes[0]; !first.HeadersHelp() || first.AnErrorFirst() {
			continue
		}
		named := *o
		named.Server = servers[0]
		config, err := named.Configure(messages[i : i+1])
		if err != nil {
			return nil // what the server cannot do is not what was asked
		}
		_, err = fmt.Fprintf(w, "\n%s%s", terminalLines(config.String()), otherServer)
		return err
	}
	return nil
}

// terminalLines is terminalSafe for each line.
func terminalLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = terminalSafe(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (o *Options) print(w io.Writer, m *explain.Message, words *explain.Glossary) {
	x := m.Explain(o.Origin)
	line := func(indent, s string) { fmt.Fprintf(w, "%s%s\n", indent, terminalSafe(redact.Text(s))) }
	title := x.Verdict() + ": " + about(m)
	if m.Topic == explain.TopicScript || m.Topic == explain.TopicUnknown {
		title = x.Verdict() + ": " + x.Causes[0].ID
	}
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
	for _, s := range x.Told(words, o.Verbose) {
		line("  ", s)
	}
	if len(x.Saw) > 0 {
		line("  ", "Seen: "+strings.Join(x.Saw, " "))
	}
	if o.Verbose && x.Rule != "" {
		line("  ", "The rule: "+x.Rule+"  "+x.Anchor)
	}
	if x.MDN != "" && o.Verbose {
		line("  ", "More: "+x.MDN)
	}
}

// PrintAnswer answers a question in plain words.
func PrintAnswer(w io.Writer, a *explain.Answer) error {
	fmt.Fprintln(w, a.Question)
	for _, line := range a.Lines {
		fmt.Fprintf(w, "  %s\n", line)
	}
	if _, err := fmt.Fprintf(w, "  Try: %s\n", a.Try); err != nil || len(a.Servers) == 0 {
		return err
	}
	config, err := recipe.Configure(a.Servers[0], recipe.Need{Origins: []string{recipe.UnknownOrigin}, Preflight: true})
	if err != nil {
		return nil // the recipe says in its own words why not, to who asks for it
	}
	_, err = fmt.Fprintf(w, "\n%s%s", config, otherServer)
	return err
}

// otherServer is said below the configuration of a server that a text names.
const otherServer = "  (The text names it. For another server: simulate explain --server NAME; simulate servers lists them.)\n"

// AnswerJSON writes an answer as one JSON object on a line.
func AnswerJSON(w io.Writer, a *explain.Answer) error {
	return encodeLine(w, struct {
		V        int      `json:"v"`
		Answer   string   `json:"answer"`
		Question string   `json:"question"`
		Lines    []string `json:"lines"`
		Try      string   `json:"try"`
	}{1, a.ID, a.Question, a.Lines, a.Try})
}

// encodeLine writes a value as one line of JSON.
func encodeLine(w io.Writer, value any) error {
	encoder := json.NewEncoder(redact.Escaped(w))
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// Need is what a server must permit for all messages and what the options add; ok is false
// where its configuration of CORS can do nothing about any.
func (o *Options) Need(messages ...explain.Message) (need recipe.Need, ok bool) {
	need = recipe.Need{Headers: o.Headers, Credentials: o.Credentials}
	for i := range messages {
		n, helps := messages[i].Need(o.Origin)
		if !helps {
			continue
		}
		ok = true
		need.Host = cmp.Or(need.Host, n.Host)
		need.Origins = append(need.Origins, n.Origins...)
		need.Methods = append(need.Methods, n.Methods...)
		if n.Methods == nil && o.Method != "" {
			need.Methods = append(need.Methods, o.Method)
		}
		need.Headers = append(need.Headers, n.Headers...)
		need.Expose = append(need.Expose, n.Expose...)
		need.Preflight = need.Preflight || n.Preflight
		need.FirstHeaderOnly = need.FirstHeaderOnly || n.FirstHeaderOnly
		need.Credentials = need.Credentials || n.Credentials
	}
	need.Origins = append(need.Origins, o.Origins...)
	return need, ok
}

// ErrNoConfiguration says that no server's configuration of CORS helps.
var ErrNoConfiguration = errors.New("no configuration of CORS fixes this")

// Configure returns one configuration of the server for all messages.
func (o *Options) Configure(messages []explain.Message) (*recipe.Config, error) {
	need, ok := o.Need(messages...)
	if !ok {
		return nil, fmt.Errorf("--server %s: %w", o.Server, ErrNoConfiguration)
	}
	config, err := recipe.Configure(o.Server, need)
	if err != nil {
		return nil, fmt.Errorf("--server: %w", err)
	}
	return config, nil
}

// JSON writes what a message means as one JSON object on a line.
func (o *Options) JSON(w io.Writer, m *explain.Message) error {
	x := m.Explain(o.Origin)
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
	if need, ok := o.Need(*m); ok && o.Server != "" {
		config, err := recipe.Configure(o.Server, need)
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
		if unicode.IsPrint(c) || c == '\t' {
			return c
		}
		return unicode.ReplacementChar
	}, s)
}
