package observe

import (
	"crypto/rand"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// A prefix is a path that every URL of a scenario begins with on the wire, and
// that nothing recorded shows. It is random, so that no preflight cache, HTTP
// cache or cookie of one scenario has to do with another.
type prefix struct {
	path string // such as "/k3v9x0aq2m1c"

	// rewritten are header values that were sent otherwise than the scenario has
	// them: what was sent, and what it stands for.
	rewritten [][2]string
}

func newPrefix() *prefix {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	var random [12]byte
	rand.Read(random[:])
	for i, b := range random {
		random[i] = letters[b%32]
	}
	return &prefix{path: "/" + string(random[:])}
}

// add returns ref, a URL that is resolved against base, with the prefix. A
// browser resolves what it returns against wireBase, which is base with or
// without the prefix. It keeps the spelling of ref, which browsers may read each
// in their own way, unless there is no other way to get the prefix in. A ref that
// is no http(s) URL is returned as it is.
func (p *prefix) add(ref string, base, wireBase *weburl.URL) string {
	resolved, err := base.Parse(ref)
	if err != nil || !resolved.IsHTTP() {
		return ref
	}
	want := p.serialize(resolved)
	for _, candidate := range []string{ref, p.insert(ref)} {
		if got, err := wireBase.Parse(candidate); err == nil && got.String() == want {
			return candidate
		}
	}
	return want
}

// addSocket is add, for URLs of WebSockets as well, which meet the servers of http.
func (p *prefix) addSocket(ref string, client *weburl.URL) string {
	rest, ok := strings.CutPrefix(ref, "ws")
	if !ok || !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "s:") {
		return p.add(ref, client, client)
	}
	return "ws" + strings.TrimPrefix(p.add("http"+rest, client, client), "http")
}

// serialize returns an http(s) URL with the prefix.
func (p *prefix) serialize(u *weburl.URL) string {
	href, tail := u.String(), u.Path()
	if query, ok := u.Query(); ok {
		tail += "?" + query
	}
	if fragment, ok := u.Fragment(); ok {
		tail += "#" + fragment
	}
	return strings.TrimSuffix(href, tail) + p.path + tail
}

// insert returns ref with the prefix where its text has the path begin.
func (p *prefix) insert(ref string) string {
	isSlash := func(c byte) bool { return c == '/' || c == '\\' }
	at := 0
	for at < len(ref) && ref[at] <= ' ' {
		at++
	}
	if colon := strings.IndexAny(ref, ":/\\?#"); colon > at && ref[colon] == ':' {
		at = colon + 1
	}
	if at+1 < len(ref) && isSlash(ref[at]) && isSlash(ref[at+1]) {
		for at < len(ref) && isSlash(ref[at]) {
			at++
		}
		for at < len(ref) && !strings.ContainsRune(`/\?#`, rune(ref[at])) {
			at++
		}
	}
	if at < len(ref) && isSlash(ref[at]) {
		return ref[:at] + p.path + ref[at:]
	}
	return ref[:at] + p.path + "/" + ref[at:]
}

// headers returns the headers of an answer to a request for requestURL, which is
// without the prefix, as they go over the wire: with the prefix in Location
// values and cookie paths.
func (p *prefix) headers(list headers.List, requestURL string) headers.List {
	base, err := weburl.Parse(requestURL)
	if err != nil {
		return list
	}
	var wireBase *weburl.URL // parsed only where it is needed
	wire := list
	for i, h := range list {
		value := h.Value
		switch headers.Lower(h.Name) {
		case "location":
			if wireBase == nil {
				if wireBase, err = weburl.Parse(p.serialize(base)); err != nil {
					return list
				}
			}
			value = p.add(value, base, wireBase)
		case "set-cookie":
			value = p.cookie(value)
		}
		if value == h.Value {
			continue
		}
		if &wire[0] == &list[0] {
			wire = append(headers.List(nil), list...)
		}
		wire[i].Value = value
		p.rewritten = append(p.rewritten, [2]string{value, h.Value})
	}
	return wire
}

// cookie returns a Set-Cookie value with the prefix in its Path attributes. A
// cookie without any is for the directory of the request's path, which has the
// prefix already.
func (p *prefix) cookie(value string) string {
	parts := strings.Split(value, ";")
	for i, part := range parts[1:] {
		name, path, _ := strings.Cut(part, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "path") {
			continue
		}
		path = strings.TrimSpace(path)
		switch {
		case path == "/":
			parts[i+1] = name + "=" + p.path
		case strings.HasPrefix(path, "/"):
			parts[i+1] = name + "=" + p.path + path
		}
	}
	return strings.Join(parts, ";")
}

// cut returns the URL of a request on the wire without the prefix, and whether
// it had it.
func (p *prefix) cut(target string) (string, bool) {
	rest, ok := strings.CutPrefix(target, p.path)
	if !ok || rest != "" && rest[0] != '/' && rest[0] != '?' {
		return "", false
	}
	if rest == "" || rest[0] == '?' {
		rest = "/" + rest
	}
	return rest, true
}

// strip returns a text that a browser showed, such as a URL or a message,
// without the prefix.
func (p *prefix) strip(text string) string { return strings.ReplaceAll(text, p.path, "") }

// stripValue is strip for the value of a response header, of which it knows what
// it stands for.
func (p *prefix) stripValue(value string) string {
	if !strings.Contains(value, p.path) {
		return value
	}
	for _, r := range p.rewritten {
		value = strings.ReplaceAll(value, r[0], r[1])
	}
	return p.strip(value)
}
