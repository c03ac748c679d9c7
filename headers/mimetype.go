package headers

import (
	"slices"
	"strings"
)

// A MIMEType is a parsed MIME type. Type, Subtype and parameter names are lower
// case; values are bytes.
//
// https://mimesniff.spec.whatwg.org/#mime-type
type MIMEType struct {
	Type, Subtype string
	Parameters    []Parameter
}

// A Parameter is one parameter of a MIME type.
type Parameter struct{ Name, Value string }

// ParseMIMEType parses a MIME type from bytes, which stand for their isomorphic
// decoding. It returns false where parsing gives failure.
//
// https://mimesniff.spec.whatwg.org/#parse-a-mime-type
func ParseMIMEType(input string) (m MIMEType, ok bool) {
	typ, subtype, rest, ok := cutEssence(input)
	if !ok {
		return MIMEType{}, false
	}
	m = MIMEType{Type: Lower(typ), Subtype: Lower(subtype)}
	var names parameterNames
	for rest != "" {
		rest = rest[1:]
		for rest != "" && isWhitespace(rest[0]) {
			rest = rest[1:]
		}
		i := strings.IndexAny(rest, ";=")
		if i < 0 {
			break
		}
		name := Lower(rest[:i])
		if rest[i] == ';' {
			rest = rest[i:]
			continue
		}
		rest = rest[i+1:]
		var value string
		if rest != "" && rest[0] == '"' {
			var end int
			value, end = unquote(rest, 0)
			rest = rest[end:]
			rest = rest[indexOrEnd(rest, ';'):]
		} else {
			end := indexOrEnd(rest, ';')
			value, rest = trimTrailingWhitespace(rest[:end]), rest[end:]
			if value == "" {
				continue
			}
		}
		if IsToken(name) && isQuotedStringValue(value) && !names.has(name, m.Parameters) {
			m.Parameters = append(m.Parameters, Parameter{name, value})
		}
	}
	return m, true
}

// parameterNames looks up the names of a growing list of parameters. A server
// decides how long it gets: past a few, the names are hashed.
type parameterNames map[string]struct{}

// has reports whether parameters has the name; the caller appends it if not.
func (n *parameterNames) has(name string, parameters []Parameter) bool {
	const few = 8
	if len(parameters) < few {
		return slices.ContainsFunc(parameters, func(p Parameter) bool { return p.Name == name })
	}
	if *n == nil {
		*n = make(parameterNames)
		for _, p := range parameters {
			(*n)[p.Name] = struct{}{}
		}
	}
	_, has := (*n)[name]
	(*n)[name] = struct{}{}
	return has
}

// cutEssence cuts type and subtype, in their original case, from a MIME type;
// rest is empty or begins with the ";" of the first parameter.
func cutEssence(input string) (typ, subtype, rest string, ok bool) {
	s := Normalize(input)
	typ, s, ok = strings.Cut(s, "/")
	if !ok || !IsToken(typ) {
		return "", "", "", false
	}
	end := indexOrEnd(s, ';')
	subtype = trimTrailingWhitespace(s[:end])
	if !IsToken(subtype) {
		return "", "", "", false
	}
	return typ, subtype, s[end:], true
}

// Essence returns the type, "/", and the subtype.
//
// https://mimesniff.spec.whatwg.org/#mime-type-essence
func (m MIMEType) Essence() string { return m.Type + "/" + m.Subtype }

// Parameter returns the value of the parameter called name, which is lower case.
func (m MIMEType) Parameter(name string) (value string, ok bool) {
	for _, p := range m.Parameters {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// SetParameter sets the parameter called name, which is lower case.
func (m *MIMEType) SetParameter(name, value string) {
	for i := range m.Parameters {
		if m.Parameters[i].Name == name {
			m.Parameters[i].Value = value
			return
		}
	}
	m.Parameters = append(m.Parameters, Parameter{name, value})
}

// String serializes m; a parameter's value is quoted unless it is a token.
//
// https://mimesniff.spec.whatwg.org/#serialize-a-mime-type
func (m MIMEType) String() string {
	var b strings.Builder
	b.WriteString(m.Essence())
	for _, p := range m.Parameters {
		b.WriteByte(';')
		b.WriteString(p.Name)
		b.WriteByte('=')
		if IsToken(p.Value) {
			b.WriteString(p.Value)
			continue
		}
		b.WriteByte('"')
		for i := 0; i < len(p.Value); i++ {
			if c := p.Value[i]; c == '"' || c == '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(p.Value[i])
		}
		b.WriteByte('"')
	}
	return b.String()
}

// IsJavaScript reports whether m is a JavaScript MIME type.
//
// https://mimesniff.spec.whatwg.org/#javascript-mime-type
func (m MIMEType) IsJavaScript() bool {
	switch m.Type {
	case "text":
		switch m.Subtype {
		case "ecmascript", "javascript", "javascript1.0", "javascript1.1", "javascript1.2", "javascript1.3",
			"javascript1.4", "javascript1.5", "jscript", "livescript", "x-ecmascript", "x-javascript":
			return true
		}
	case "application":
		switch m.Subtype {
		case "ecmascript", "javascript", "x-ecmascript", "x-javascript":
			return true
		}
	}
	return false
}

// ExtractMIMEType extracts a MIME type from the Content-Type headers of l. It
// returns false where that gives failure.
//
// https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
func (l List) ExtractMIMEType() (m MIMEType, ok bool) {
	var charset, essence string
	hasCharset := false
	for _, value := range l.GetDecodeAndSplit("content-type") {
		t, parsed := ParseMIMEType(value)
		if !parsed || t.Essence() == "*/*" {
			continue
		}
		m, ok = t, true
		if m.Essence() != essence {
			charset, hasCharset = m.Parameter("charset")
			essence = m.Essence()
		} else if _, has := m.Parameter("charset"); !has && hasCharset {
			m.SetParameter("charset", charset)
		}
	}
	return m, ok
}

func isQuotedStringValue(s string) bool {
	for i := 0; i < len(s); i++ {
		if class[s[i]]&quotedByte == 0 {
			return false
		}
	}
	return true
}

func indexOrEnd(s string, c byte) int {
	if i := strings.IndexByte(s, c); i >= 0 {
		return i
	}
	return len(s)
}

func trimTrailingWhitespace(s string) string {
	for s != "" && isWhitespace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}
