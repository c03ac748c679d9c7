package explain

import (
	"fmt"
	"regexp"
	"strings"
)

// doers are the parties as they are addressed.
var doers = map[Party]string{
	ThePage: "for who writes the page", TheServer: "for who runs the server", Intermediary: "for who runs the proxy, gateway or CDN", TheUser: "for who uses the browser",
}

// Addressed returns how the party is addressed, such as "for who runs the server".
func (p Party) Addressed() string { return doers[p] }

// Kind says whether a failure is of the CORS protocol, or something else that is taken
// for it: "cors", "not-cors", "unclear" where the text does not tell, "warning" where
// nothing was refused.
func (e *Explanation) Kind() string {
	if len(e.Causes) == 0 {
		return "cors"
	}
	switch texts[e.Causes[0].ID].kind {
	case notCORS:
		return "not-cors"
	case unclear:
		return "unclear"
	case warns:
		return "warning"
	}
	return "cors"
}

// verdicts are the kinds as people are told them.
var verdicts = map[string]string{"cors": "BLOCKED by CORS", "not-cors": "NOT CORS", "unclear": "CANNOT TELL yet", "warning": "A WARNING, nothing was blocked"}

// Verdict is Kind in words.
func (e *Explanation) Verdict() string { return verdicts[e.Kind()] }

// Told returns the explanation as everybody is told it: why, what to do and for whom, what
// the response needs, what else it may be, and a command that shows more. Terms are
// explained the first time that g sees them.
func (e *Explanation) Told(g *Glossary, all bool) (lines []string) {
	if len(e.Causes) == 0 {
		return nil
	}
	say := func(format string, args ...any) { lines = append(lines, g.explain(fmt.Sprintf(format, args...))) }
	first := e.Causes[0]
	say("Most likely: %s", first.whySeen())
	say("What to do, %s: %s", doers[first.Who], first.Do())
	for _, c := range e.Causes[1:] {
		if c.Confidence > Possible && c.ID != "not-your-server" {
			say("Also: %s %s", c.whySeen(), c.Do())
		}
	}
	for _, c := range e.Causes[1:] {
		// Whoever can fix it in the page need not own the server.
		if c.ID == "not-your-server" && (first.Who != ThePage || first.Confidence < Certain) {
			say("%s %s", c.Why(), c.Do())
		}
	}
	lines = append(lines, e.needs()...)
	var others []string
	for _, c := range e.Causes[1:] {
		switch {
		case c.Confidence > Possible, first.Confidence == Certain && texts[c.ID].about == texts[first.ID].about:
		case c.ID == "not-your-server":
		default:
			others = append(others, c.String())
		}
	}
	if len(others) > 0 {
		say("It may also be:")
		most := mostOthers
		if len(first.Evidence) > 0 {
			most /= 2
		}
		for i, other := range others {
			if i == most && !all {
				break
			}
			say("  - %s", other)
		}
	}
	for _, c := range e.Causes {
		if c.Try() != "" {
			lines = append(lines, "Try: "+c.Try())
			break
		}
	}
	return lines
}

// mostOthers is how many causes are told that are no more than possible, where nothing speaks for the
// first but that it is common; half as many where something does.
const mostOthers = 4

// whySeen says why, and by what evidence.
func (c Cause) whySeen() string {
	if seen := c.Seen(); seen != "" {
		return c.Why() + " (" + seen + ")"
	}
	return c.Why()
}

// needs returns what the response must have, where that is the remedy of a cause that is
// more than possible.
func (e *Explanation) needs() (lines []string) {
	helps := false
	for _, c := range e.Causes {
		helps = helps || c.HeadersHelp() && (c.Confidence > Possible || len(e.Causes) == 1)
	}
	if !helps {
		return nil
	}
	for i := range e.Advice {
		lines = append(lines, e.Advice[i].Lines()...)
	}
	return lines
}

// Glossary explains terms of the standards the first time that they are used.
type Glossary struct{ said map[string]bool }

// terms are the words that not everybody knows, as they begin in a sentence.
var terms = []struct {
	word    *regexp.Regexp
	name    string
	meaning string
}{
	{regexp.MustCompile(`\bpreflights?\b`), "preflight", "the OPTIONS request by which a browser asks for permission before the real one"},
	{regexp.MustCompile(`\borigins?\b`), "origin", "scheme, host and port of an address, such as https://app.example"},
	{regexp.MustCompile(`\bcredentials\b`), "credentials", "cookies, or a login that the browser has stored"},
	{regexp.MustCompile(`\bopaque\b`), "opaque", "of which script may read nothing"},
	{regexp.MustCompile(`\bsafelisted\b`), "safelisted", "on a short list that needs no permission"},
}

// explain adds the meaning behind each term that g has not seen, unless the line itself
// gives it.
func (g *Glossary) explain(line string) string {
	if g == nil {
		return line
	}
	if g.said == nil {
		g.said = map[string]bool{}
	}
	for _, t := range terms {
		if g.said[t.name] {
			continue
		}
		at := t.word.FindStringIndex(line)
		for at != nil && unexplainable(line, at[0], at[1]) {
			next := t.word.FindStringIndex(line[at[1]:])
			if next == nil {
				at = nil
				break
			}
			at = []int{at[1] + next[0], at[1] + next[1]}
		}
		if at == nil {
			continue
		}
		g.said[t.name] = true
		if strings.HasPrefix(line[at[1]:], " (") || strings.HasSuffix(line[:at[0]], "(a ") || strings.HasSuffix(line[:at[0]], "(the ") {
			continue
		}
		line = line[:at[1]] + " (" + t.meaning + ")" + line[at[1]:]
	}
	return line
}

// unexplainable reports whether a word is a part of a header's name, a command or code,
// or within parentheses, where no others would be read.
func unexplainable(line string, start, end int) bool {
	return start > 0 && strings.ContainsRune("-/.\"'_", rune(line[start-1])) || end < len(line) && strings.ContainsRune("-/_:=\"'", rune(line[end])) ||
		strings.LastIndexByte(line[:start], '<') > strings.LastIndexByte(line[:start], '>') ||
		strings.Count(line[:start], "(") > strings.Count(line[:start], ")") && !strings.HasSuffix(line[:start], "(a ")
}
