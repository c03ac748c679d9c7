package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
)

// A Reply is a response as somebody has typed or pasted it.
type Reply struct {
	Status     int
	StatusText string
	Headers    headers.List
	Body       string
	// Method is that of the request, where the text tells it (curl -v does); "" for unknown.
	Method string
}

// MaxReplies is how many answers [ParseReplies] reads of one text: more than any browser
// follows redirects.
const MaxReplies = 32

// ParseReplies reads responses as curl -i and curl -v print them: one after the other, each
// with a status line, header lines, an empty line and the body. Interim responses and the
// answer of a proxy to CONNECT are left out. Lines before the first status line that are no
// header are ignored. An error names the line and what was expected.
func ParseReplies(text string) ([]Reply, error) {
	p := &answerParser{}
	text = strings.TrimPrefix(text, "\ufeff")
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		if err := p.line(strings.TrimSuffix(line, "\r")); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	p.finish()
	if len(p.answers) == 0 {
		return nil, fmt.Errorf("there is no answer in it: paste what curl -i prints, which begins with a line such as HTTP/1.1 200 OK")
	}
	return p.answers, nil
}

// answerParser reads line by line.
type answerParser struct {
	answers []Reply
	current *Reply
	body    strings.Builder
	inBody  bool
	verbose bool   // the lines are those of curl -v
	method  string // of the request that curl -v has shown last
}

func (p *answerParser) line(line string) error {
	if rest, ok := curlVerbose(line, '>'); ok {
		p.verbose = true
		if method, _, ok := strings.Cut(rest, " "); ok && strings.Contains(rest, " HTTP/") {
			p.finish()
			p.method = method
		}
		return nil
	}
	if rest, ok := curlVerbose(line, '<'); ok {
		line = rest
	} else if p.verbose && (strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "{ [") || strings.HasPrefix(line, "} [")) {
		return nil
	}
	if status, text, ok := statusLine(line); ok && (!p.inBody || p.body.Len() == 0 || p.verbose || strings.HasSuffix(p.body.String(), "\n")) {
		p.finish()
		if len(p.answers) == MaxReplies {
			return fmt.Errorf("there are more than %d answers", MaxReplies)
		}
		p.current = &Reply{Status: status, StatusText: text, Method: p.method}
		return nil
	}
	switch {
	case p.current == nil:
		return p.beforeStatus(line)
	case p.inBody:
		p.body.WriteString(line + "\n")
	case strings.TrimSpace(line) == "":
		p.inBody = true
	default:
		return p.header(line)
	}
	return nil
}

// beforeStatus takes what is before the first status line: headers without one are an
// answer with status 200.
func (p *answerParser) beforeStatus(line string) error {
	name, _, ok := strings.Cut(line, ":")
	if !ok || !headers.IsToken(strings.TrimSpace(name)) || len(p.answers) > 0 {
		return nil
	}
	if !strings.HasPrefix(headers.Lower(name), "access-control-") && !headers.EqualFold(name, "Vary") && !headers.EqualFold(name, "Content-Type") {
		return nil
	}
	p.current = &Reply{Status: 200, Method: p.method}
	return p.header(line)
}

func (p *answerParser) header(line string) error {
	if (line[0] == ' ' || line[0] == '\t') && len(p.current.Headers) > 0 {
		last := &p.current.Headers[len(p.current.Headers)-1]
		last.Value = strings.TrimSpace(last.Value + " " + strings.TrimSpace(line))
		return nil
	}
	name, value, ok := strings.Cut(strings.TrimLeft(line, " \t"), ":")
	if !ok || !headers.IsToken(name) {
		return fmt.Errorf("%q is not a header: write NAME: VALUE, and an empty line before the body", shorten(line))
	}
	p.current.Headers.Append(name, strings.Trim(value, " \t"))
	return nil
}

// finish ends the current answer.
func (p *answerParser) finish() {
	if a := p.current; a != nil && a.Status >= 200 && !strings.EqualFold(a.StatusText, "Connection established") {
		a.Body = strings.TrimRight(p.body.String(), "\n")
		p.answers = append(p.answers, *a)
	}
	p.current, p.inBody = nil, false
	p.body.Reset()
}

// curlVerbose returns what is behind the mark of a line of curl -v.
func curlVerbose(line string, mark byte) (rest string, ok bool) {
	if len(line) > 0 && line[0] == mark && (len(line) == 1 || line[1] == ' ') {
		return strings.TrimPrefix(line[1:], " "), true
	}
	return line, false
}

// statusLine reads HTTP/1.1 200 OK, HTTP/2 200 and the like.
func statusLine(line string) (status int, text string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimLeft(line, " \t"), "HTTP/")
	if !ok {
		return 0, "", false
	}
	_, rest, ok = strings.Cut(rest, " ")
	if !ok {
		return 0, "", false
	}
	code, text, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	return status, text, err == nil && 100 <= status && status <= 999
}

func shorten(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
