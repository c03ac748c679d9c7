package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/redact"
)

// A clause is a word that may appear after a path, with what belongs to it.
type clause struct {
	word string
	// of is the kind of promise in which it has a meaning: "allow", "block", "" for both.
	of, meaningless string
	parse           func(*parser, *Promise, word) bool
	// write returns the words of the clause, nil where the promise does not have it.
	write func(*Promise) []string
}

const (
	ofAllow = "allow"
	ofBlock = "block"
)

// clauses are in the order in which they are written.
var clauses []clause

func init() { // they refer to the parser, which refers to them
	noResponse := "script gets no response at all"
	clauses = []clause{
		{word: "json", parse: (*parser).parseJSON, write: func(p *Promise) []string {
			switch {
			case p.JSON && p.Body != "":
				return []string{"json=" + quoteIfNeeded(p.Body)}
			case p.JSON:
				return []string{"json"}
			}
			return nil
		}},
		{word: "text", parse: bodyOf("text"), write: bodyWords("text")},
		{word: "form", parse: bodyOf("form"), write: bodyWords("form")},
		{word: "crossorigin", parse: (*parser).parseCrossOrigin, write: func(p *Promise) []string {
			if !p.CrossOrigin {
				return nil
			}
			return []string{"crossorigin"}
		}},
		flag("credentials", "", "", func(p *Promise) *bool { return &p.Credentials }),
		{word: "cookie", parse: (*parser).parseCookie, write: func(p *Promise) (words []string) {
			for _, c := range p.Cookies {
				words = append(words, "cookie", quoteIfNeeded(c))
			}
			return words
		}},
		{word: "header", parse: (*parser).parseHeader, write: func(p *Promise) (words []string) {
			for _, h := range p.Headers {
				words = append(words, "header", h.Name+"="+quoteIfNeeded(h.Value))
			}
			return words
		}},
		flag("preflight", "", "", func(p *Promise) *bool { return &p.Preflight }),
		flag("no-preflight", "", "", func(p *Promise) *bool { return &p.NoPreflight }),
		{word: "status", of: ofAllow, meaningless: noResponse, parse: (*parser).parseStatus, write: func(p *Promise) []string {
			if p.Status == 0 {
				return nil
			}
			return []string{"status", strconv.Itoa(p.Status)}
		}},
		{word: "contains", of: ofAllow, meaningless: noResponse, parse: (*parser).parseContains, write: func(p *Promise) (words []string) {
			for _, text := range p.Contains {
				words = append(words, "contains", `"`+escape(text)+`"`)
			}
			return words
		}},
		names("expose", noResponse, func(p *Promise) *[]string { return &p.Expose }),
		names("hide", noResponse, func(p *Promise) *[]string { return &p.Hide }),
		flag("unsent", ofBlock, "what is allowed is sent", func(p *Promise) *bool { return &p.Unsent }),
		{word: "because", of: ofBlock, meaningless: "nothing is refused", parse: (*parser).parseBecause, write: func(p *Promise) []string {
			if p.Because == nil {
				return nil
			}
			all := make([]string, len(p.Because))
			for i, reason := range p.Because {
				all[i] = reason.String()
			}
			return []string{"because", strings.Join(all, ", ")}
		}},
	}
}

// flag is a clause of one word.
func flag(name, of, meaningless string, field func(*Promise) *bool) clause {
	return clause{word: name, of: of, meaningless: meaningless, parse: func(p *parser, promise *Promise, w word) bool {
		if *field(promise) {
			p.fail(w, "%s is there twice", name)
			return false
		}
		*field(promise) = true
		return true
	}, write: func(p *Promise) []string {
		if !*field(p) {
			return nil
		}
		return []string{name}
	}}
}

// names is a clause with a list of response headers.
func names(name, meaningless string, field func(*Promise) *[]string) clause {
	return clause{word: name, of: ofAllow, meaningless: meaningless, parse: func(p *parser, promise *Promise, w word) bool {
		return p.parseList(w, func(n word) bool {
			if !headers.IsToken(n.text) || n.text == "*" {
				p.fail(n, "%q is no header name", n.text)
				return false
			}
			*field(promise) = append(*field(promise), n.text)
			return true
		})
	}, write: func(p *Promise) []string {
		if *field(p) == nil {
			return nil
		}
		return []string{name, strings.Join(*field(p), ", ")}
	}}
}

// clauseNamed returns the clause that a word begins, and nil for none.
func clauseNamed(name string) *clause {
	if i := slices.IndexFunc(clauses, func(c clause) bool { return c.word == name }); i >= 0 {
		return &clauses[i]
	}
	return nil
}

// clauseWords are the words that begin clauses, as a sentence has them.
func clauseWords() string {
	all := make([]string, len(clauses))
	for i := range clauses {
		all[i] = clauses[i].word
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}

// parseClause reads what may appear after a path.
func (p *parser) parseClause(promise *Promise, w word) bool {
	name, _, _ := strings.Cut(w.text, "=")
	c := clauseNamed(name)
	if c == nil || name != w.text && !slices.Contains([]string{"json", "text", "form"}, name) {
		p.fail(w, "%q is not one of %s", w.text, clauseWords())
		return false
	}
	if c.of != "" && (c.of == ofBlock) != promise.Block {
		p.fail(w, "%s has no meaning in a promise to %s: %s", c.word, promise.verb(), c.meaningless)
		return false
	}
	return c.parse(p, promise, w)
}

// value returns what is behind "=" in a word.
func (p *parser) value(w word) (value string, given, ok bool) {
	_, value, given = strings.Cut(w.text, "=")
	if strings.HasPrefix(value, `"`) {
		if value, ok = unquote(value); !ok {
			p.fail(w, "the value must end with its closing quote")
			return "", true, false
		}
	}
	return value, given, true
}

func (p *parser) parseJSON(promise *Promise, w word) bool {
	value, _, ok := p.value(w)
	if ok && (promise.JSON || promise.BodyType != "") {
		p.fail(w, "the request has a body already")
		return false
	}
	promise.JSON, promise.Body = true, value
	return ok
}

// bodyOf reads a body of another type.
func bodyOf(kind string) func(*parser, *Promise, word) bool {
	return func(p *parser, promise *Promise, w word) bool {
		value, given, ok := p.value(w)
		switch {
		case !ok:
			return false
		case !given:
			p.fail(w, `%s needs a value, as in %[1]s="a=b"`, kind)
			return false
		case promise.JSON || promise.BodyType != "":
			p.fail(w, "the request has a body already")
			return false
		}
		promise.BodyType, promise.Body = kind, value
		return true
	}
}

func bodyWords(kind string) func(*Promise) []string {
	return func(p *Promise) []string {
		if p.BodyType != kind {
			return nil
		}
		return []string{kind + "=" + quoteIfNeeded(p.Body)}
	}
}

func (p *parser) parseCrossOrigin(promise *Promise, w word) bool {
	if promise.CrossOrigin || !promise.Loads {
		p.fail(w, "crossorigin is for what an element loads, once, as in \"allow image /i.png crossorigin\"")
		return false
	}
	promise.CrossOrigin = true
	return true
}

// quotable returns the next word, without the quotes that it may be in.
func (p *parser) quotable() (text string, ok bool) {
	w, ok := p.next()
	if ok && strings.HasPrefix(w.text, `"`) {
		return unquote(w.text)
	}
	return w.text, ok
}

// parseCookie reads a cookie, by its name and value or as Set-Cookie has it.
func (p *parser) parseCookie(promise *Promise, w word) bool {
	text, ok := p.quotable()
	if name, _, named := strings.Cut(text, "="); !ok || !named || name == "" {
		p.fail(w, `cookie needs a name and a value, as in "cookie session=1" or "cookie \"session=1; SameSite=Lax\""`)
		return false
	}
	promise.Cookies = append(promise.Cookies, text)
	return true
}

func (p *parser) parseStatus(promise *Promise, w word) bool {
	next, _ := p.next()
	code, err := strconv.Atoi(next.text)
	switch {
	case err != nil || code < 200 || 599 < code:
		p.fail(w, "status needs a number from 200 to 599, as in \"status 201\"")
		return false
	case promise.Status != 0:
		p.fail(w, "status is there twice")
		return false
	}
	promise.Status = code
	return true
}

func (p *parser) parseContains(promise *Promise, w word) bool {
	text, ok := p.quotable()
	if !ok || text == "" {
		p.fail(w, `contains needs a text, as in "contains \"id\""`)
		return false
	}
	promise.Contains = append(promise.Contains, text)
	return true
}

func (p *parser) parseBecause(promise *Promise, w word) bool {
	return p.parseList(w, func(name word) bool {
		reason, ok := cors.ParseReason(name.text)
		if !ok {
			p.fail(name, "%q is no reason%s", name.text, closest(name.text))
			return false
		}
		promise.Because = append(promise.Because, reason)
		return true
	})
}

// withoutSecrets returns a promise as it may be shown: without values on which CORS does not
// depend.
func (p *Promise) withoutSecrets() *Promise {
	q := *p
	q.Path, q.Headers, q.Cookies = redact.Text(p.Path), p.Headers.Clone(), slices.Clone(p.Cookies)
	for i := range q.Headers {
		h := &q.Headers[i]
		h.Value = redact.Header(h.Name, h.Value)
	}
	for i, c := range q.Cookies {
		q.Cookies[i] = redact.Header("Set-Cookie", c)
	}
	if q.Body != "" {
		q.Body = "…"
	}
	return &q
}
