package explain

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/corsim/corsim/internal/recipe"
)

// A Cause is what a failure comes from: the one shape in which every command, report
// and test failure says why. Only [NewCause] makes one, and [Rank] puts several in order.
//
// To add a cause: add a row to [texts] under a new id, with all that people are told,
// and the question that it answers; then call NewCause with that id where the evidence
// is. Nothing else has to know of it. A value from the exchange enters the sentences by
// [Cause.With] and appears in them as {name}. Tests fail for an id without a row,
// for a row that nothing uses, and for a {name} that is not filled in.
type Cause struct {
	// ID is machine-readable and never changes its meaning, such as "two-layers".
	ID string
	// Confidence is how much speaks for it.
	Confidence Confidence
	// Who can act on it.
	Who Party
	// Evidence is what speaks for it, the strongest first; none where it is only common.
	Evidence []Evidence
	// Fix is what to do, what comes first being enough.
	Fix []Remedy

	values map[string]string
	order  int // among causes of the same confidence: the greater comes first
}

// Confidence is how much speaks for a cause.
type Confidence int

// The grades of confidence.
const (
	// Possible: nothing speaks for it but that it occurs.
	Possible Confidence = iota + 1
	// Likely: it is the commonest by far, or something in the exchange points to it.
	Likely
	// Certain: what was seen cannot come from anything else.
	Certain
)

// String returns the grade in a word.
func (c Confidence) String() string { return [...]string{"", "possible", "likely", "certain"}[c] }

// A Party is who can act on a cause.
type Party string

// The parties.
const (
	// ThePage is the page, script or app that asks, and who writes it.
	ThePage Party = "page"
	// TheServer is the server that is asked, and who runs it.
	TheServer Party = "server"
	// Intermediary is what stands between them: a proxy, gateway, firewall or CDN.
	Intermediary Party = "intermediary"
	// TheUser is whoever uses the browser: its settings, extensions and network.
	TheUser Party = "user"
)

// Evidence is something that was seen.
type Evidence struct {
	// What was seen, such as "status 405, and Allow lists GET".
	What string `json:"what"`
	// Where, such as "the answer to OPTIONS", "line 3" or a header's name; "" for the
	// failed response itself.
	Where string `json:"where,omitempty"`
}

// String returns what was seen and where, in one.
func (e Evidence) String() string {
	if e.Where == "" {
		return e.What
	}
	return e.Where + ": " + e.What
}

// A Remedy is one thing to do. One of its members is set.
type Remedy struct {
	// Lines are what a response must have.
	Lines *Advice
	// Config is that as a server's configuration.
	Config *recipe.Config
	// Text is whatever is done elsewhere.
	Text string
}

// NewCause returns a cause. It panics where texts has no row of that id: that is a
// mistake of this program, which a test of every such call finds.
func NewCause(id string, confidence Confidence, evidence ...Evidence) Cause {
	text, ok := texts[id]
	if !ok {
		panic("explain: no text for the cause " + id)
	}
	return Cause{ID: id, Confidence: confidence, Who: text.who, Evidence: evidence}
}

// CauseIDs returns the ids of all causes, in alphabetical order.
func CauseIDs() []string { return slices.Sorted(maps.Keys(texts)) }

// With returns the cause with a value for each {name} in its sentences: name, value,
// name, value and so on.
func (c Cause) With(pairs ...string) Cause {
	values := map[string]string{}
	for name, value := range c.values {
		values[name] = value
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != "" {
			values[pairs[i]] = pairs[i+1]
		}
	}
	c.values = values
	return c
}

// Title says in a few words what it is.
func (c Cause) Title() string { return c.fill(texts[c.ID].title) }

// Why says in everyday words what goes wrong.
func (c Cause) Why() string {
	why := c.fill(texts[c.ID].why)
	if strings.HasPrefix(texts[c.ID].why, "{") { // a value begins the sentence
		return strings.ToUpper(why[:1]) + why[1:]
	}
	return why
}

// Do says what to do about it. [Cause.Who] can.
func (c Cause) Do() string { return c.fill(texts[c.ID].do) }

// Try is a command that shows more, "" where none does.
func (c Cause) Try() string { return c.fill(texts[c.ID].try) }

// HeadersHelp reports whether changing the response's headers, as [Fix] of the
// failure says, is the remedy.
func (c Cause) HeadersHelp() bool { return texts[c.ID].headers }

// AnErrorFirst reports whether an error must be fixed before the headers matter.
func (c Cause) AnErrorFirst() bool {
	switch c.ID {
	case "error-response", "unauthorized-response", "not-found-response", "options-server-error":
		return true
	}
	return false
}

// fill puts the values into a sentence.
func (c Cause) fill(sentence string) string {
	if len(c.values) == 0 {
		return sentence
	}
	pairs := make([]string, 0, 2*len(c.values))
	for name, value := range c.values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// String returns the sentences, and the evidence in parentheses.
func (c Cause) String() string {
	text := c.Why()
	if seen := c.Seen(); seen != "" {
		text += " (" + seen + ")"
	}
	if do := c.Do(); do != "" {
		text += " " + do
	}
	return text
}

// Seen returns the evidence in a line, "" for none.
func (c Cause) Seen() string {
	all := make([]string, len(c.Evidence))
	for i, e := range c.Evidence {
		all[i] = e.String()
	}
	return strings.Join(all, "; ")
}

// Map returns the cause with f applied to everything that comes from the exchange:
// what redacts a report redacts its causes.
func (c Cause) Map(f func(string) string) Cause {
	c.Evidence = slices.Clone(c.Evidence)
	for i := range c.Evidence {
		c.Evidence[i].What = f(c.Evidence[i].What)
	}
	values := map[string]string{}
	for name, value := range c.values {
		values[name] = f(value)
	}
	c.values = values
	c.Fix = slices.Clone(c.Fix)
	for i := range c.Fix {
		c.Fix[i] = c.Fix[i].mapped(f)
	}
	return c
}

func (x Remedy) mapped(f func(string) string) Remedy {
	x.Text = f(x.Text)
	if x.Lines != nil {
		lines := *x.Lines
		lines.URL = f(lines.URL)
		lines.Text = slices.Clone(lines.Text)
		for i := range lines.Text {
			lines.Text[i] = f(lines.Text[i])
		}
		x.Lines = &lines
	}
	return x
}

// MarshalJSON writes the cause as every --json has it.
func (c Cause) MarshalJSON() ([]byte, error) {
	type header struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		Add   bool   `json:"add,omitempty"`
	}
	type fix struct {
		On      string        `json:"on,omitempty"`
		Status  int           `json:"status,omitempty"`
		Headers []header      `json:"headers,omitempty"`
		Config  []recipe.Part `json:"config,omitempty"`
		Text    string        `json:"text,omitempty"`
	}
	fixes := make([]fix, 0, len(c.Fix))
	for _, x := range c.Fix {
		out := fix{Text: x.Text}
		if x.Lines != nil {
			out.On, out.Status, out.Text = "response", x.Lines.Status, strings.Join(x.Lines.Text, " ")
			if x.Lines.Preflight {
				out.On = "preflight"
			}
			for _, h := range x.Lines.Headers {
				out.Headers = append(out.Headers, header(h))
			}
		}
		if x.Config != nil {
			out.Config = x.Config.Parts
		}
		fixes = append(fixes, out)
	}
	return json.Marshal(struct {
		ID         string     `json:"id"`
		Confidence string     `json:"confidence"`
		Who        Party      `json:"who"`
		Title      string     `json:"title"`
		Why        string     `json:"why"`
		Do         string     `json:"do"`
		Try        string     `json:"try,omitempty"`
		Evidence   []Evidence `json:"evidence"`
		Fix        []fix      `json:"fix"`
	}{c.ID, c.Confidence.String(), c.Who, c.Title(), c.Why(), c.Do(), c.Try(), append([]Evidence{}, c.Evidence...), fixes})
}

// Rank puts causes in order, those for which most speaks first, each id once. Causes
// that answer the same question exclude each other: of those only the first stays above
// [Possible]. Every list of causes passes through here, and nowhere else is this decided; so what they
// cite is bounded here.
func Rank(causes ...Cause) []Cause {
	var ranked []Cause
	for _, c := range causes {
		c = c.bounded()
		at := slices.IndexFunc(ranked, func(other Cause) bool { return other.ID == c.ID })
		switch {
		case at < 0:
			ranked = append(ranked, c)
		case before(c, ranked[at]) < 0:
			ranked[at] = c
		}
	}
	slices.SortStableFunc(ranked, before)
	answered := map[question]bool{}
	for i := range ranked {
		about := texts[ranked[i].ID].about
		if about != "" && answered[about] {
			ranked[i].Confidence = Possible
		}
		answered[about] = true
	}
	slices.SortStableFunc(ranked, before)
	return ranked
}

// maxCited bounds each thing that a cause cites of an exchange, in bytes: a name or a value may have megabytes, and is cited
// in several sentences.
const maxCited = 1000

// bounded returns the cause with shorter citations, where one is too long.
func (c Cause) bounded() Cause {
	long := func(s string) bool { return len(s) > maxCited }
	cited := slices.ContainsFunc(c.Evidence, func(e Evidence) bool { return long(e.What) || long(e.Where) })
	for _, value := range c.values {
		cited = cited || long(value)
	}
	if !cited {
		return c
	}
	c.Evidence = slices.Clone(c.Evidence)
	for i, e := range c.Evidence {
		c.Evidence[i] = Evidence{cite(e.What), cite(e.Where)}
	}
	values := make(map[string]string, len(c.values))
	for name, value := range c.values {
		values[name] = cite(value)
	}
	c.values = values
	return c
}

// cite returns the beginning of what is too long, up to a byte where a character ends.
func cite(s string) string {
	if len(s) <= maxCited {
		return s
	}
	return strings.ToValidUTF8(s[:maxCited], "") + "…"
}

// before orders causes: by confidence, and then by what their finder says.
func before(a, b Cause) int {
	return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(b.order, a.order))
}

// seen returns evidence in the failed response itself.
func seen(format string, args ...any) Evidence { return Evidence{What: fmt.Sprintf(format, args...)} }
