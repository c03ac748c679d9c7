package server

import (
	"bytes"
	"compress/gzip"
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
)

// pipe applies what the file's name (".sub.") and the query's pipe parameter
// ask for to the response.
func pipe(q *request, p *response, path string) {
	if strings.Contains(path, ".sub.") {
		escape := "none"
		switch path[strings.LastIndexByte(path, '.'):] {
		case ".html", ".htm", ".xht", ".xhtml", ".xml", ".svg":
			escape = "html"
		}
		sub(q, p, escape)
	}
	for _, step := range parsePipe(pipeParam(q.query)) {
		step.apply(q, p)
	}
}

// pipeParam returns the last pipe parameter that has a value.
func pipeParam(query string) (pipe string) {
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); value != "" && unquotePlus(name) == "pipe" {
			pipe = strings.ReplaceAll(value, "+", " ")
		}
	}
	return unquoteText(pipe)
}

type pipeStep struct {
	name string
	args []string
}

// parsePipe parses name(argument,argument)|name|…; a backslash in an argument
// escapes the byte after it.
func parsePipe(s string) []pipeStep {
	var steps []pipeStep
	var name strings.Builder
	end := func() {
		if name.Len() > 0 {
			steps = append(steps, pipeStep{name: name.String()})
			name.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '|':
			end()
		case '(':
			steps = append(steps, pipeStep{name: name.String()})
			name.Reset()
			i = steps[len(steps)-1].parseArgs(s, i+1)
		default:
			name.WriteByte(s[i])
		}
	}
	end()
	return steps
}

// parseArgs parses arguments from s[i:] and returns the index of the ")" that
// ends them, or the end of s.
func (step *pipeStep) parseArgs(s string, i int) int {
	var arg strings.Builder
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ',':
			step.args = append(step.args, arg.String())
			arg.Reset()
		case ')':
			step.args = append(step.args, arg.String())
			return i
		case '\\':
			if i++; i == len(s) {
				fail(500, "pipe %q ends in an escape", s)
			}
			c = s[i]
			if at := strings.IndexByte("nrt", c); at >= 0 {
				c = "\n\r\t"[at]
			}
			arg.WriteByte(c)
		default:
			arg.WriteByte(c)
		}
	}
	step.args = append(step.args, arg.String())
	return i
}

func (step *pipeStep) apply(q *request, p *response) {
	arity := map[string][2]int{"status": {1, 1}, "header": {2, 3}, "trickle": {1, 1}, "slice": {1, 2}, "sub": {0, 1}, "gzip": {0, 0}}
	want, ok := arity[step.name]
	if n := len(step.args); !ok || n < want[0] || n > want[1] {
		fail(500, "pipe %s with %d arguments: there is no such pipe", step.name, n)
	}
	switch step.name {
	case "status":
		p.status(integer(step.args[0]))
	case "header":
		value := step.args[1]
		if len(step.args) == 3 && pipeBool(step.args[2]) {
			p.add(step.args[0], value)
		} else {
			p.set(step.args[0], value)
		}
	case "trickle":
		trickle(p, step.args[0])
	case "slice":
		slice(p, step.args)
	case "sub":
		escape := "html"
		if len(step.args) == 1 {
			escape = step.args[0]
		}
		sub(q, p, escape)
	case "gzip":
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		w.Write([]byte(p.body.String())) // a bytes.Buffer takes everything
		w.Close()
		p.set("Content-Encoding", "gzip")
		p.content(b.String())
		p.set("Content-Length", strconv.Itoa(b.Len()))
	}
}

func pipeBool(s string) bool {
	switch headers.Lower(s) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	}
	fail(500, "pipe argument %q: want true or false", s)
	return false
}

// trickle splits the body: a number sends as many bytes, d and a number waits
// as many seconds, and r and a number at the end repeats as many of the steps
// before it until everything is sent.
func trickle(p *response, delays string) {
	type step struct {
		kind  byte // 'd', 'r' or 'b' for bytes
		value float64
	}
	var steps []step
	for _, item := range strings.Split(delays, ":") {
		next := step{kind: 'b'}
		switch {
		case strings.HasPrefix(item, "d"):
			next = step{'d', decimal(item[1:])}
		case strings.HasPrefix(item, "r"):
			if next = (step{'r', float64(integer(item[1:]))}); integer(item[1:])%2 != 0 {
				fail(500, "trickle(%s): the number of steps to repeat is odd", delays)
			}
		default:
			next.value = float64(integer(item))
		}
		steps = append(steps, next)
	}
	if !p.headers.Contains("Cache-Control") && !p.headers.Contains("Pragma") && !p.headers.Contains("Expires") {
		p.set("Cache-Control", "no-cache, no-store, must-revalidate")
		p.set("Pragma", "no-cache")
		p.set("Expires", "0")
	}
	rest := p.body.String()
	var sent body
	var wait time.Duration
	run := func(steps []step) {
		for _, s := range steps {
			switch s.kind {
			case 'd':
				wait += time.Duration(s.value * float64(time.Second))
			case 'b':
				n := max(0, min(int(s.value), len(rest)))
				sent.chunks = append(sent.chunks, chunk{wait, rest[:n]})
				rest, wait = rest[n:], 0
			}
		}
	}
	run(steps)
	if last := steps[len(steps)-1]; last.kind == 'r' {
		again := steps[max(0, len(steps)-1-int(last.value)) : len(steps)-1]
		for before := -1; len(rest) > 0 && before != len(rest); {
			before = len(rest) // steps that send nothing would go on for ever
			run(again)
		}
	}
	sent.chunks = append(sent.chunks, chunk{wait, rest})
	p.body = sent
}

// slice keeps a range of the body. Negative offsets count from the end, and
// null is the end.
func slice(p *response, args []string) {
	content := p.body.String()
	offset := func(arg string, null int) int {
		if headers.Lower(arg) == "null" {
			return null
		}
		n := integer(arg)
		if n < 0 {
			n += len(content)
		}
		return max(0, min(n, len(content)))
	}
	start, end := offset(args[0], 0), len(content)
	if len(args) == 2 {
		end = offset(args[1], len(content))
	}
	p.content(content[start:max(start, end)])
	p.set("Content-Length", strconv.Itoa(max(start, end)-start))
}

// sub replaces each {{…}} of the body.
func sub(q *request, p *response, escape string) {
	quote := func(s string) string { return s }
	switch escape {
	case "none":
	case "html":
		quote = func(s string) string {
			// Python and Go spell the same two references otherwise.
			return strings.NewReplacer("&#39;", "&#x27;", "&#34;", "&quot;").Replace(html.EscapeString(s))
		}
	default:
		fail(500, "sub(%s): want html or none", escape)
	}
	p.content(expand(q, p.body.String(), quote))
}
