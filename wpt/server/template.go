package server

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// Expand replaces what upstream's ".sub." files and sub pipe know that does not
// hang on a request: {{host}}, {{domains[www1]}}, {{hosts[alt][www]}} and
// {{ports[http][1]}}. Anything else in double braces is an error.
func Expand(text string) (expanded string, err error) {
	defer func() {
		if f, ok := recover().(failure); ok {
			err = fmt.Errorf("wpt server: %s", f.message)
		}
	}()
	return expand(nil, text, func(s string) string { return s }), nil
}

// expand replaces each {{…}} of text by its quoted value, which a name and a
// colon at its begin ({{$id:uuid()}}) keeps for later ones.
func expand(q *request, text string, quote func(string) string) string {
	var b strings.Builder
	variables := make(map[string]string)
	for {
		begin := strings.Index(text, "{{")
		if begin < 0 {
			break
		}
		length := strings.IndexByte(text[begin:], '}')
		if length < 0 || !strings.HasPrefix(text[begin+length:], "}}") {
			b.WriteString(text[:begin+1]) // braces of another kind
			text = text[begin+1:]
			continue
		}
		expression := text[begin+2 : begin+length]
		b.WriteString(text[:begin])
		text = text[begin+length+2:]

		variable, rest, assigned := strings.Cut(expression, ":")
		if !assigned || !strings.HasPrefix(variable, "$") {
			variable, rest = "", expression
		}
		value, ok := variables[rest]
		if !ok {
			value = evaluate(q, rest)
		}
		if variable != "" {
			variables[variable] = value
		}
		if !utf8.ValidString(value) {
			fail(500, "{{%s}} is not UTF-8", expression)
		}
		b.WriteString(quote(value))
	}
	b.WriteString(text)
	return b.String()
}

// evaluate gives the value of name[index][index] or name(argument, argument).
func evaluate(q *request, expression string) string {
	unknown := func() string {
		fail(500, "{{%s}} is not known", expression)
		return ""
	}
	name, args := expression, []string(nil)
	if open := strings.IndexByte(expression, '('); open >= 0 && strings.HasSuffix(expression, ")") {
		name = expression[:open]
		for _, arg := range strings.Split(expression[open+1:len(expression)-1], ",") {
			args = append(args, strings.TrimLeft(arg, " "))
		}
	} else if open := strings.IndexByte(expression, '['); open >= 0 && strings.HasSuffix(expression, "]") {
		name = expression[:open]
		args = strings.Split(expression[open+1:len(expression)-1], "][")
	}
	switch {
	case name == "host" && args == nil:
		return Host
	case name == "domains" && len(args) == 1:
		return domain(args[0], Host)
	case name == "hosts" && len(args) == 2 && args[0] == "":
		return domain(args[1], Host)
	case name == "hosts" && len(args) == 2 && args[0] == "alt":
		return domain(args[1], AltHost)
	case name == "ports" && len(args) == 2:
		n, err := strconv.Atoi(args[1])
		ports := map[string][]int{"http": {HTTPPort, HTTPPort2}, "https": {HTTPSPort, HTTPSPort2}}[args[0]]
		if err != nil || n < 0 || n >= len(ports) {
			return unknown()
		}
		return strconv.Itoa(ports[n])
	case name == "uuid" && len(args) == 1:
		return newUUID()
	case q == nil:
		return unknown()
	case name == "headers" && len(args) == 1:
		return q.needHeader(args[0])
	case name == "header_or_default" && len(args) == 2:
		return q.headerOr(args[0], args[1])
	case name == "GET" && len(args) == 1:
		return q.paramOr(args[0], "")
	case name == "url_base" && args == nil:
		return "/"
	case name == "location" && len(args) == 1:
		hostname, port, _ := strings.Cut(q.host, ":")
		parts := map[string]string{
			"server": q.scheme + "://" + q.host, "scheme": q.scheme, "host": q.host,
			"hostname": hostname, "port": port, "path": q.path, "pathname": q.path,
			"query": "?" + q.query,
		}
		if part, ok := parts[args[0]]; ok {
			return part
		}
	}
	return unknown()
}

// domain returns host with the subdomain, which tests may spell in Unicode.
func domain(subdomain, host string) string {
	switch subdomain {
	case "":
		return host
	case "天気の良い日":
		subdomain = "xn--n8j6ds53lwwkrqhv28a"
	case "élève":
		subdomain = "xn--lve-6lad"
	}
	if subdomain != "nonexistent" && !slices.Contains(Subdomains(), subdomain) && !served(subdomain+"."+host) {
		fail(500, "%q is not a subdomain that is known", subdomain)
	}
	return headers.Lower(subdomain) + "." + host
}

// newUUID returns a random UUID of version 4.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0F|0x40, b[8]&0x3F|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
