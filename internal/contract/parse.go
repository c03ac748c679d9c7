package contract

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/transcript"
)

// A SyntaxError says what is wrong with a file, where.
type SyntaxError struct {
	File string
	// Line and Column count from 1; columns are code points.
	Line, Column int
	Problem      string
}

// Error returns the place, as compilers write it, and the problem.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// SyntaxErrors are all that is wrong with a file.
type SyntaxErrors []*SyntaxError

// Error returns the errors, a line each.
func (e SyntaxErrors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the errors.
func (e SyntaxErrors) Unwrap() []error {
	errs := make([]error, len(e))
	for i := range e {
		errs[i] = e[i]
	}
	return errs
}

// Parse reads a contract. The name of its file is for errors. The error is
// [SyntaxErrors]; the contract has then all that is right.
func Parse(file, text string) (*Contract, error) {
	p := &parser{contract: &Contract{File: file}, promised: make(map[string]map[string]int)}
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") {
		p.line = 1
		p.fail(word{column: 1}, "the file is UTF-16, as Windows PowerShell writes: save it as UTF-8")
		return p.contract, p.errs
	}
	text = strings.TrimPrefix(text, "\uFEFF")
	for line := range strings.Lines(text) {
		p.line++
		p.parseLine(strings.TrimRight(line, "\r\n"))
	}
	if len(p.contract.Pages) == 0 && p.errs == nil {
		p.line = max(p.line, 1)
		p.fail(word{column: 1}, "nothing is promised: begin with a line like \"page https://app.example\"")
	}
	for _, page := range p.contract.Pages {
		if len(page.Promises) == 0 && p.errs == nil {
			p.line = page.Line
			p.fail(word{column: 1}, "nothing is promised to this page: go on with a line like \"allow GET /things\"")
		}
	}
	if p.errs != nil {
		return p.contract, p.errs
	}
	return p.contract, nil
}

type parser struct {
	contract *Contract
	line     int
	words    []word
	errs     SyntaxErrors
	// promised has the lines of the promises to each origin, by their requests, so that
	// no two can contradict each other.
	promised map[string]map[string]int
	// origin is that of the current page.
	origin string
	// skipping says that the last page line was wrong.
	skipping bool
}

// A word is a part of a line.
type word struct {
	text   string
	column int
}

func (p *parser) fail(at word, format string, arguments ...any) {
	p.errs = append(p.errs, &SyntaxError{p.contract.File, p.line, at.column, fmt.Sprintf(format, arguments...)})
}

func (p *parser) parseLine(line string) {
	if !p.split(line) || len(p.words) == 0 {
		return
	}
	first := p.words[0]
	p.words = p.words[1:]
	switch first.text {
	case "base":
		p.parseBase(first)
	case "page":
		p.parsePage(first)
	case "allow", "block":
		p.parsePromise(first)
	default:
		p.fail(first, "%q begins no line: that is one of base, page, allow and block", first.text)
	}
}

// split cuts a line into words. It reports whether it is text.
func (p *parser) split(line string) bool {
	p.words = nil
	column, start := 1, -1
	begin := 0
	quoted, escaped := false, false
	for i, r := range line {
		if r == utf8.RuneError || r < ' ' && r != '\t' || r == 0x7f {
			if _, size := utf8.DecodeRuneInString(line[i:]); size == 1 {
				p.fail(word{column: column}, "byte %#02x cannot be in a contract, which is UTF-8 text without control characters", line[i])
				return false
			}
		}
		space := (r == ' ' || r == '\t') && !quoted
		switch {
		case space && start >= 0:
			p.words = append(p.words, word{line[start:i], begin})
			start = -1
		case space:
		case start < 0 && r == '#':
			return true
		case start < 0:
			start, begin = i, column
			quoted = r == '"'
		case escaped:
			escaped = false
		case quoted && r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		}
		column++
	}
	if quoted {
		p.fail(word{column: begin}, "a quote is not closed")
		return false
	}
	if start >= 0 {
		p.words = append(p.words, word{line[start:], begin})
	}
	return true
}

// next returns the next word of the line.
func (p *parser) next() (word, bool) {
	if len(p.words) == 0 {
		return word{}, false
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w, true
}

// end fails where the line goes on.
func (p *parser) end() bool {
	w, ok := p.next()
	if ok {
		p.fail(w, "%q is too much: the line ends before it", w.text)
	}
	return !ok
}

func (p *parser) parseBase(first word) {
	w, ok := p.next()
	name := ""
	if ok && headers.IsToken(w.text) && len(p.words) > 0 {
		name = w.text
		w, _ = p.next()
	}
	before, known := p.contract.Bases[name]
	if name == "" {
		before, known = p.contract.Base, p.contract.Base != ""
	}
	switch {
	case !ok:
		p.fail(first, "base needs a URL, such as https://api.example")
	case known:
		p.fail(first, "there is a base already, %s", before)
	case len(p.contract.Pages) > 0:
		p.fail(first, "base must be before the first page")
	default:
		if err := CheckBase(w.text); err != nil {
			p.fail(w, "%v", err)
			return
		}
		switch {
		case !p.end():
		case name == "":
			p.contract.Base = w.text
		default:
			if p.contract.Bases == nil {
				p.contract.Bases = make(map[string]string)
			}
			p.contract.Bases[name] = w.text
		}
	}
}

// CheckBase says what is wrong with a base.
func CheckBase(base string) error {
	_, rest, _ := strings.Cut(base, "://")
	if authority, _, _ := strings.Cut(rest, "/"); strings.Contains(authority, "@") {
		return errors.New("the base has a username or password, with which no script can ask for it: leave them out")
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("the base %q is no URL like https://api.example: a scheme, a host and, if any, a path", base)
	}
	return nil
}

func (p *parser) parsePage(first word) {
	p.skipping = true
	w, ok := p.next()
	if !ok {
		p.fail(first, "page needs an origin, such as https://app.example")
		return
	}
	opened, err := transcript.OpenPage(w.text, nil)
	if err != nil {
		p.fail(w, "%v", err)
		return
	}
	if !p.end() {
		return
	}
	p.skipping = false
	p.origin = opened.Origin().String()
	if p.promised[p.origin] == nil {
		p.promised[p.origin] = make(map[string]int)
	}
	p.contract.Pages = append(p.contract.Pages, Page{URL: w.text, Line: p.line})
}

func (p *parser) parsePromise(first word) {
	promise := Promise{Line: p.line, Column: first.column, Block: first.text == "block"}
	method, _ := p.next()
	path, ok := p.next()
	if !ok {
		p.fail(first, "%s needs a method and a path, as in \"%[1]s PUT /things/1\", or a kind and a path, as in \"%[1]s font /fonts/a.woff2\"", first.text)
		return
	}
	if !headers.IsToken(method.text) || headers.IsForbiddenMethod(method.text) {
		p.fail(method, "%q is no method that script can use", method.text)
		return
	}
	if method.text == "*" {
		p.fail(method, "a promise is about one method: write a line for each")
		return
	}
	base, _, named := cutBase(path.text)
	switch {
	case named && p.contract.Bases[base] == "":
		p.fail(path, "there is no base %s: write a line like \"base %[1]s https://auth.example\" before the first page", base)
		return
	case !named && !strings.HasPrefix(path.text, "/") && !strings.HasPrefix(path.text, "http://") && !strings.HasPrefix(path.text, "https://"):
		p.fail(path, "the path %q must begin with \"/\", or be a whole URL", path.text)
		return
	}
	if err := checkURL(path.text); err != nil {
		p.fail(path, "%v", err)
		return
	}
	promise.Method, promise.Path = method.text, path.text
	if !p.parseKind(&promise, method) {
		return
	}
	for {
		w, ok := p.next()
		if !ok {
			break
		}
		if !p.parseClause(&promise, w) {
			return
		}
	}
	if promise.Loads && !p.checkLoads(&promise, method) {
		return
	}
	if (promise.JSON || promise.BodyType != "") && (headers.EqualFold(promise.Method, "GET") || headers.EqualFold(promise.Method, "HEAD")) {
		p.fail(method, "%s with a body: browsers refuse a %[1]s request that has one", promise.Method)
		return
	}
	if promise.Preflight && promise.NoPreflight {
		p.fail(first, "preflight and no-preflight exclude each other")
		return
	}
	if p.skipping {
		return // what it is promised to was wrong, and that has been said
	}
	if len(p.contract.Pages) == 0 {
		p.fail(first, "%s needs a page before it: begin with a line like \"page https://app.example\"", first.text)
		return
	}
	if p.duplicate(&promise, first) {
		return
	}
	page := &p.contract.Pages[len(p.contract.Pages)-1]
	page.Promises = append(page.Promises, promise)
}

// parseKind reads a method as the kind of a resource, where it is one.
func (p *parser) parseKind(promise *Promise, w word) bool {
	kind := explain.FindInitiator(w.text)
	if kind == nil || w.text != headers.Lower(w.text) {
		return true
	}
	switch {
	case kind.Navigates:
		p.fail(w, "%s: %s", w.text, explain.OriginMatters)
		return false
	case kind.As == "preload" || kind.As == "modulepreload":
		p.fail(w, "promise what is preloaded, such as a font, instead of the %s", w.text)
		return false
	}
	promise.Loads, promise.Method = true, kind.As
	return true
}

// checkLoads says what has no meaning for a resource.
func (p *parser) checkLoads(promise *Promise, w word) bool {
	kind := explain.FindInitiator(promise.Method)
	for _, given := range []struct {
		clause string
		is     bool
	}{
		{"json", promise.JSON && (kind.As != "beacon" || promise.Body != "")}, {promise.BodyType, promise.BodyType != ""}, {"status", promise.Status != 0}, {"contains", promise.Contains != nil}, {"header", promise.Headers != nil}, {"expose", promise.Expose != nil}, {"hide", promise.Hide != nil},
		{"crossorigin", promise.CrossOrigin && !kind.Attribute}, {"credentials", promise.Credentials && !kind.Attribute && kind.As != "eventsource"},
	} {
		if given.is {
			p.fail(w, "%s has no meaning for %s: the page cannot choose it", given.clause, promise.Method)
			return false
		}
	}
	return true
}

// cutBase cuts the name of a base from a path such as "auth:/login".
func cutBase(path string) (name, rest string, named bool) {
	name, rest, named = strings.Cut(path, ":")
	if !named || !headers.IsToken(name) || !strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "//") {
		return "", path, false
	}
	return name, rest, true
}

// checkURL says what is wrong with a whole URL. A path can be anything.
func checkURL(text string) error {
	if _, _, named := cutBase(text); named || strings.HasPrefix(text, "/") {
		return nil
	}
	page, err := transcript.OpenPage("null", nil)
	if err == nil {
		_, err = fetch.NewRequest(page, text, nil)
	}
	if err != nil {
		why := err.Error()
		return fmt.Errorf("script cannot ask for this URL: %s", why[strings.LastIndex(why, ": ")+len(": "):])
	}
	return nil
}

// duplicate fails where the same request of the same origin was promised something
// before.
func (p *parser) duplicate(promise *Promise, first word) bool {
	request := Promise{
		Method: headers.NormalizeMethod(promise.Method), Path: promise.Path, JSON: promise.JSON, BodyType: promise.BodyType, Body: promise.Body,
		Loads: promise.Loads, CrossOrigin: promise.CrossOrigin, Credentials: promise.Credentials, Cookies: promise.Cookies, Headers: promise.headers().SortAndCombine(),
	}
	key, promised := request.String(), p.promised[p.origin]
	if line, ok := promised[key]; ok {
		p.fail(first, "something is promised of this request already, in line %d", line)
		return true
	}
	promised[key] = p.line
	return false
}

// closest names the reasons that have the most words in common with what was written,
// however that separates them.
func closest(name string) string {
	var near []string
	most := 1
	for _, reason := range cors.Reasons() {
		common := 0
		for part := range strings.SplitSeq(reason.String(), "-") {
			if len(part) > 3 && strings.Contains(headers.Lower(name), part) {
				common++
			}
		}
		if common > most {
			near, most = nil, common
		}
		if common == most {
			near = append(near, reason.String())
		}
	}
	switch {
	case len(near) == 0:
		return ": it is one like missing-allow-origin, of those in internal/contract/README.md"
	case len(near) > 6:
		near = near[:6]
	}
	return ": do you mean " + strings.Join(near, " or ") + "?"
}

func (p *parser) parseHeader(promise *Promise, w word) bool {
	h, ok := p.next()
	if !ok {
		p.fail(w, "header needs a name, as in \"header X-Requested-With=fetch\"")
		return false
	}
	name, value, given := strings.Cut(h.text, "=")
	if !headers.IsToken(name) {
		p.fail(h, "%q is no header name", name)
		return false
	}
	if !given {
		value = "1"
	}
	if strings.HasPrefix(value, `"`) {
		if value, ok = unquote(value); !ok {
			p.fail(h, "the value of %s must end with its closing quote", name)
			return false
		}
	}
	if headers.IsForbiddenRequestHeader(name, value) {
		p.fail(h, "script cannot set the header %s", name)
		return false
	}
	promise.Headers = append(promise.Headers, headers.Header{Name: name, Value: value})
	return true
}

// unquote undoes the quotes around s and the backslashes in it.
func unquote(s string) (string, bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), i == len(s)-1
		case c == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}

// parseList reads a list with commas between its members: it goes on after a word
// that ends with a comma, or before one that begins with one.
func (p *parser) parseList(of word, member func(word) bool) bool {
	count := 0
	for more := true; more; {
		w, ok := p.next()
		if !ok {
			what := "a name"
			if count > 0 {
				what = "another name after the comma"
			}
			p.fail(of, "%s needs %s", of.text, what)
			return false
		}
		more = strings.HasSuffix(w.text, ",") || len(p.words) > 0 && strings.HasPrefix(p.words[0].text, ",")
		column := w.column
		for part := range strings.SplitSeq(w.text, ",") {
			if strings.HasPrefix(part, "#") {
				p.fail(word{part, column}, "a comment needs a space before its \"#\"")
				return false
			}
			if part != "" {
				count++
				if !member(word{part, column}) {
					return false
				}
			}
			column += utf8.RuneCountInString(part) + 1
		}
	}
	if count == 0 {
		p.fail(of, "%s needs a name", of.text)
		return false
	}
	return true
}

// isSafe reports whether a request with a method may go to a live server whose owner
// has said nothing: otherwise only its preflight may.
func isSafe(method string) bool {
	return slices.ContainsFunc([]string{"GET", "HEAD", "OPTIONS"}, func(m string) bool { return headers.EqualFold(m, method) })
}
