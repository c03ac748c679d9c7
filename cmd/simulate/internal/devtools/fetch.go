package devtools

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
)

// indexFetch returns where, from pos on, the first call of fetch begins, and -1 where
// there is none. A method of that name is one only of the global object.
func indexFetch(src string, pos int) int {
	for {
		i := strings.Index(src[pos:], "fetch")
		if i < 0 {
			return -1
		}
		i += pos
		pos = i + len("fetch")
		if !strings.HasPrefix(strings.TrimLeft(src[pos:], " \t\n"), "(") {
			continue
		}
		before := src[:i]
		for _, global := range []string{"window.", "self.", "globalThis."} {
			before = strings.TrimSuffix(before, global)
		}
		if before == "" || !isIdentifier(before[len(before)-1]) && before[len(before)-1] != '.' {
			return i
		}
	}
}

// parseFetch reads the call of fetch at pos.
func parseFetch(src string, pos int) (*Request, *problem) {
	r := &Request{Source: Fetch}
	if before := src[:pos]; !isPrelude(before) {
		line, _ := place(src, pos)
		r.notef("what stands before the call of fetch in line %d was ignored", line)
	}
	p := &js{src: src, pos: pos + len("fetch")}
	args, err := p.arguments()
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		return nil, problemf(pos, "fetch needs a URL: fetch(\"https://…\")")
	}
	if len(args) > 2 {
		return nil, problemf(args[2].pos, "fetch takes a URL and options, and no third argument")
	}
	if r.URL, err = fetchURL(args[0]); err != nil {
		return nil, err
	}
	r.Method = "GET"
	f := &fetchCall{Request: r}
	if len(args) == 2 && args[1].kind != undefined && args[1].kind != null {
		if args[1].kind != object {
			return nil, problemf(args[1].pos, "fetch's options are %s; write them as { … }", args[1].describe())
		}
		for _, m := range args[1].members {
			if err := f.option(m); err != nil {
				return nil, err
			}
		}
	}
	if f.Body != nil && f.contentType != "" && !f.list.Contains("Content-Type") {
		f.list = append(f.list, headers.Header{Name: "Content-Type", Value: f.contentType})
	}
	r.separate(f.list, hasBrowserHeader(f.list) || len(args) == 2 && isCopiedOptions(args[1]))
	noteAfterFetch(r, src, p.pos)
	return r, nil
}

// isPrelude reports whether before is nothing but the beginning of the statement that
// the call belongs to: const response = await window.
func isPrelude(before string) bool {
	for _, field := range strings.FieldsFunc(before, func(r rune) bool { return strings.ContainsRune(" \t\n=(>;", r) }) {
		switch field {
		case "await", "return", "void", "const", "let", "var", "window.", "self.", "globalThis.":
		default:
			if strings.Trim(field, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") != "" || !strings.Contains(before, "=") {
				return false
			}
		}
	}
	return true
}

// isCopiedOptions reports whether developer tools wrote the options: they are JSON
// and name both method and mode.
func isCopiedOptions(v value) bool {
	method, mode := false, false
	for _, m := range v.members {
		if !m.quoted {
			return false
		}
		method = method || m.name == "method"
		mode = mode || m.name == "mode"
	}
	return method && mode
}

func fetchURL(v value) (string, *problem) {
	switch v.kind {
	case text, url:
		return v.text, nil
	}
	return "", problemf(v.pos, "fetch's first argument is %s; write the URL as a string", v.describe())
}

// noteAfterFetch notes what follows the call, at pos.
func noteAfterFetch(r *Request, src string, pos int) {
	rest := strings.Trim(src[pos:], " \t\n;)")
	if rest == "" {
		return
	}
	calls := 0
	for i := indexFetch(rest, 0); i >= 0; i = indexFetch(rest, i+len("fetch")) {
		calls++
	}
	line, _ := place(src, pos+strings.Index(src[pos:], rest))
	switch {
	case calls > 0:
		r.notef("line %d: only the first call of fetch was read; %d more ignored", line, calls)
	case strings.HasPrefix(rest, ".then"):
		r.notef("line %d: what is done with the response (.then) was ignored", line)
	default:
		r.notef("line %d: what follows the call of fetch was ignored", line)
	}
}

// A fetchCall is a call of fetch that is being read.
type fetchCall struct {
	*Request
	list        headers.List
	contentType string // of the body, unless there is another
}

// option reads a member of fetch's options.
//
// https://fetch.spec.whatwg.org/#requestinit
func (f *fetchCall) option(m member) *problem {
	v := m.value
	if v.kind == undefined {
		return nil // as if it were not there
	}
	switch m.name {
	case "method":
		if v.kind != text || !headers.IsMethod(v.text) {
			return problemf(v.pos, "method is %s; write a method, like \"PUT\"", v.describe())
		}
		f.Method, f.MethodGiven = v.text, true
	case "headers":
		return f.headers(v)
	case "body":
		return f.body(v)
	case "mode":
		return enum(m, &f.Mode, "cors", "no-cors", "same-origin")
	case "credentials":
		return enum(m, &f.Credentials, "omit", "same-origin", "include")
	case "cache":
		return enum(m, &f.Cache, "default", "no-store", "reload", "no-cache", "force-cache", "only-if-cached")
	case "redirect":
		return enum(m, &f.Redirect, "follow", "error", "manual")
	case "referrerPolicy":
		return enum(m, &f.ReferrerPolicy, "", "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin",
			"strict-origin", "origin-when-cross-origin", "strict-origin-when-cross-origin", "unsafe-url")
	case "referrer":
		return str(m, &f.Referrer)
	case "integrity":
		return str(m, &f.Integrity)
	case "keepalive":
		if v.kind != boolean {
			return problemf(v.pos, "keepalive is %s; write true or false", v.describe())
		}
		f.Keepalive = v.truth
	case "signal", "window":
		if v.kind != null {
			return problemf(v.pos, "%s is %s; leave it out", m.name, v.describe())
		}
	case "priority", "duplex", "targetAddressSpace", "attributionReporting", "browsingTopics", "adAuctionHeaders", "privateToken", "sharedStorageWritable":
		f.notef("%s: ignored", m.name)
	default:
		f.notef("%s is no option of fetch; a browser ignores it", quote(m.name))
	}
	return nil
}

func str(m member, field **string) *problem {
	if m.value.kind != text {
		return problemf(m.value.pos, "%s is %s; write a string", m.name, m.value.describe())
	}
	*field = &m.value.text
	return nil
}

func enum(m member, field **string, allowed ...string) *problem {
	if err := str(m, field); err != nil {
		return err
	}
	if !slices.Contains(allowed, m.value.text) {
		return problemf(m.value.pos, "%s is %s, and a browser takes only %q", m.name, quote(m.value.text), allowed)
	}
	return nil
}

// headers reads what the Headers constructor takes: an object, or pairs.
func (f *fetchCall) headers(v value) *problem {
	switch v.kind {
	case object:
		for _, m := range v.members {
			if err := f.header(m.pos, m.name, m.value); err != nil {
				return err
			}
		}
		return nil
	case array:
		for _, pair := range v.elements {
			if pair.kind != array || len(pair.elements) != 2 || pair.elements[0].kind != text {
				return problemf(pair.pos, "a header in a list is written [\"name\", \"value\"]; this is %s", pair.describe())
			}
			if err := f.header(pair.pos, pair.elements[0].text, pair.elements[1]); err != nil {
				return err
			}
		}
		return nil
	}
	return problemf(v.pos, "headers is %s; write { \"name\": \"value\" }", v.describe())
}

func (f *fetchCall) header(pos int, name string, v value) *problem {
	s, ok := v.primitive()
	if !ok {
		return problemf(v.pos, "the value of the header %s is %s; write a string", quote(name), v.describe())
	}
	value, ok := headers.IsomorphicEncode(s)
	if !ok {
		return problemf(v.pos, "the value of the header %s has a character above U+00FF, for which a browser throws a TypeError", quote(name))
	}
	value = headers.Normalize(value)
	if err := checkHeader(pos, name, value); err != nil {
		return err
	}
	f.list = append(f.list, headers.Header{Name: name, Value: value})
	return nil
}

// body reads the body: https://fetch.spec.whatwg.org/#concept-bodyinit-extract
func (f *fetchCall) body(v value) *problem {
	switch v.kind {
	case null:
		return nil
	case object, array:
		return problemf(v.pos, "body is %s, of which a browser sends no more than what String() makes of it; write JSON.stringify(…) around it", v.describe())
	case params:
		f.contentType = "application/x-www-form-urlencoded;charset=UTF-8"
	default:
		f.contentType = "text/plain;charset=UTF-8"
	}
	s, ok := v.primitive()
	if !ok {
		return problemf(v.pos, "body is %s; write a string", v.describe())
	}
	f.Body = &s
	return nil
}
