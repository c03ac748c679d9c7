package devtools

import (
	"bytes"
	"encoding/json"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth is how deep arrays and objects may be nested, so that the reader's own
// stack is bounded by more than the length of the text.
const maxDepth = 200

type valueKind uint8

const (
	undefined valueKind = iota
	null
	boolean
	number
	text
	array
	object
	url    // new URL("…"), in text
	params // new URLSearchParams(…), in text
)

// A value is what a JavaScript literal evaluates to.
type value struct {
	kind     valueKind
	pos      int
	truth    bool
	number   float64
	text     string
	elements []value
	members  []member
}

// A member is one of an object's, which are in the order in which JavaScript
// enumerates them.
type member struct {
	name   string
	quoted bool
	pos    int
	value  value
}

func (v value) describe() string {
	switch v.kind {
	case undefined:
		return "undefined"
	case null:
		return "null"
	case boolean:
		return strconv.FormatBool(v.truth)
	case number:
		return "the number " + formatNumber(v.number)
	case text:
		return quote(v.text)
	case array:
		return "an array"
	case object:
		return "an object"
	case url:
		return "a URL object"
	}
	return "a URLSearchParams object"
}

// primitive returns String(v) of what is no array or object of the text's own.
func (v value) primitive() (string, bool) {
	switch v.kind {
	case undefined, null, boolean:
		return v.describe(), true
	case number:
		return formatNumber(v.number), true
	case text, url, params:
		return v.text, true
	}
	return "", false
}

// formatNumber returns x as JavaScript writes it.
//
// https://tc39.es/ecma262/#sec-numeric-types-number-tostring
func formatNumber(x float64) string {
	switch abs := math.Abs(x); {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	case x == 0:
		return "0"
	case abs >= 1e21 || abs < 1e-6:
		s := strconv.FormatFloat(x, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// A js reads literals of JavaScript.
//
// https://tc39.es/ecma262/#sec-primary-expression
type js struct {
	src   string
	pos   int
	depth int
}

// arguments reads an argument list: literals, after an opening parenthesis.
func (p *js) arguments() ([]value, *problem) {
	open, err := p.space()
	if err != nil {
		return nil, err
	}
	if !p.take('(') {
		return nil, problemf(open, "there should be ( here")
	}
	return p.list(open, ')')
}

// list reads values up to the closing byte. open is where the list was opened.
func (p *js) list(open int, closing byte) ([]value, *problem) {
	var values []value
	for {
		if _, err := p.space(); err != nil {
			return nil, err
		}
		if p.take(closing) {
			return values, nil
		}
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		values = append(values, v)
		if err := p.comma(open, closing); err != nil {
			return nil, err
		}
	}
}

// comma reads a comma, or sees that the closing byte is next.
func (p *js) comma(open int, closing byte) *problem {
	at, err := p.space()
	switch {
	case err != nil:
		return err
	case at == len(p.src):
		return problemf(open, "the %c that begins here has no %c", p.src[open], closing)
	case p.take(','), p.src[at] == closing:
		return nil
	case p.src[at] == '+':
		return problemf(at, "nothing is computed here; write the sum or the whole string as one literal")
	}
	return problemf(at, "there should be a comma or %c here, and there is %s", closing, quote(firstCharacter(p.src[at:])))
}

// space skips white space and comments, and returns the place behind.
func (p *js) space() (int, *problem) {
	for p.pos < len(p.src) {
		rest := p.src[p.pos:]
		switch r, n := utf8.DecodeRuneInString(rest); {
		case strings.ContainsRune(" \t\n\r\v\f\u00a0\ufeff\u2028\u2029", r):
			p.pos += n
		case strings.HasPrefix(rest, "//"):
			i := strings.IndexByte(rest, '\n')
			if i < 0 {
				i = len(rest)
			}
			p.pos += i
		case strings.HasPrefix(rest, "/*"):
			i := strings.Index(rest, "*/")
			if i < 0 {
				return p.pos, problemf(p.pos, "the comment that begins here has no */")
			}
			p.pos += i + 2
		default:
			return p.pos, nil
		}
	}
	return p.pos, nil
}

func (p *js) take(c byte) bool {
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// value reads a literal, or one of the few expressions that are as good as one.
func (p *js) value() (v value, err *problem) {
	start, err := p.space()
	if err != nil {
		return value{}, err
	}
	if start == len(p.src) {
		return value{}, problemf(start, "the text ends where there should be a value")
	}
	if p.depth++; p.depth > maxDepth {
		return value{}, problemf(start, "more than %d arrays and objects are nested", maxDepth)
	}
	defer func() {
		p.depth--
		v.pos = start
	}()
	switch c := p.src[start]; {
	case c == '"' || c == '\'' || c == '`':
		s, err := p.str()
		return value{kind: text, text: s}, err
	case c == '{':
		return p.object()
	case c == '[':
		p.pos++
		elements, err := p.list(start, ']')
		return value{kind: array, elements: elements}, err
	case '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.':
		x, err := p.number()
		return value{kind: number, number: x}, err
	case isIdentifier(c):
		return p.word()
	}
	return value{}, problemf(start, "there should be a value here, and there is %s", quote(firstCharacter(p.src[start:])))
}

func (p *js) identifier() string {
	start := p.pos
	for p.pos < len(p.src) && isIdentifier(p.src[p.pos]) {
		p.pos++
	}
	return p.src[start:p.pos]
}

// word reads a value that begins with a name.
func (p *js) word() (value, *problem) {
	start := p.pos
	switch name := p.identifier(); name {
	case "true", "false":
		return value{kind: boolean, truth: name == "true"}, nil
	case "null":
		return value{kind: null}, nil
	case "undefined":
		return value{}, nil
	case "NaN":
		return value{kind: number, number: math.NaN()}, nil
	case "Infinity":
		return value{kind: number, number: math.Inf(1)}, nil
	case "JSON":
		if !strings.HasPrefix(p.src[p.pos:], ".stringify") {
			break
		}
		p.pos += len(".stringify")
		args, err := p.arguments()
		if err != nil {
			return value{}, err
		}
		return stringify(start, args)
	case "new":
		return p.construct(start)
	default:
		return value{}, problemf(start, "%s is a name, whose value is not known; write the value itself", shorten(name))
	}
	return value{}, problemf(start, "of JSON, only JSON.stringify(…) is read; write the value itself")
}

// construct reads new Headers(…), new URL("…") and new URLSearchParams(…).
func (p *js) construct(start int) (value, *problem) {
	if _, err := p.space(); err != nil {
		return value{}, err
	}
	switch class := p.identifier(); class {
	case "Headers":
		args, err := p.arguments()
		if err != nil {
			return value{}, err
		}
		if len(args) == 0 {
			return value{kind: object}, nil
		}
		return args[0], nil
	case "URL":
		args, err := p.arguments()
		if err != nil {
			return value{}, err
		}
		if len(args) != 1 || args[0].kind != text {
			return value{}, problemf(start, "new URL is read with one string only; write the whole URL as a string")
		}
		return value{kind: url, text: args[0].text}, nil
	case "URLSearchParams":
		args, err := p.arguments()
		if err != nil {
			return value{}, err
		}
		return searchParams(start, args)
	default:
		return value{}, problemf(start, "new %s is not read; write the value as a string", shorten(class))
	}
}

// object reads an object literal. Of members with the same name the last one
// counts, in the first one's place, and names that are integers come first.
func (p *js) object() (value, *problem) {
	open := p.pos
	p.pos++
	v := value{kind: object}
	index := map[string]int{}
	for {
		at, err := p.space()
		if err != nil {
			return v, err
		}
		if p.take('}') {
			sort.SliceStable(v.members, func(i, j int) bool {
				a, isInteger := integerName(v.members[i].name)
				b, other := integerName(v.members[j].name)
				return isInteger && (!other || a < b)
			})
			return v, nil
		}
		m := member{pos: at}
		if m.name, m.quoted, err = p.name(); err != nil {
			return v, err
		}
		after, err := p.space()
		if err != nil {
			return v, err
		}
		if !p.take(':') {
			if after == len(p.src) {
				return v, problemf(open, "the { that begins here has no }")
			}
			return v, problemf(after, "there should be a colon and a value after %s", quote(m.name))
		}
		if m.value, err = p.value(); err != nil {
			return v, err
		}
		if i, ok := index[m.name]; ok {
			v.members[i] = m
		} else {
			index[m.name] = len(v.members)
			v.members = append(v.members, m)
		}
		if err := p.comma(open, '}'); err != nil {
			return v, err
		}
	}
}

// integerName returns the integer that name is the canonical decimal form of.
func integerName(name string) (uint64, bool) {
	n, err := strconv.ParseUint(name, 10, 32)
	return n, err == nil && n < math.MaxUint32 && strconv.FormatUint(n, 10) == name
}

// name reads the name of a member.
func (p *js) name() (name string, quoted bool, err *problem) {
	if p.pos == len(p.src) {
		return "", false, problemf(p.pos, "the text ends inside an object, where there should be a name or }")
	}
	switch c := p.src[p.pos]; {
	case c == '"' || c == '\'':
		name, err = p.str()
		return name, true, err
	case '0' <= c && c <= '9' || c == '.' && !strings.HasPrefix(p.src[p.pos:], ".."):
		x, err := p.number()
		return formatNumber(x), false, err
	case isIdentifier(c):
		return p.identifier(), false, nil
	case c == '.':
		return "", false, problemf(p.pos, "what ... spreads here is not known; write the members themselves")
	case c == '[':
		return "", false, problemf(p.pos, "a computed name is not known; write the name itself")
	}
	return "", false, problemf(p.pos, "there should be a name or } here, and there is %s", quote(firstCharacter(p.src[p.pos:])))
}

// number reads a number, and its sign.
//
// https://tc39.es/ecma262/#sec-literals-numeric-literals
func (p *js) number() (float64, *problem) {
	start := p.pos
	sign := 1.0
	if p.take('-') {
		sign = -1
	} else {
		p.take('+')
	}
	digits := p.pos
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		exponent := p.pos > digits && p.src[p.pos-1]|0x20 == 'e' && !strings.HasPrefix(p.src[digits:], "0x")
		if !isIdentifier(c) && c != '.' && !(exponent && (c == '+' || c == '-')) {
			break
		}
		p.pos++
	}
	s := p.src[digits:p.pos]
	if s == "Infinity" {
		return math.Inf(int(sign)), nil
	}
	bad := problemf(start, "%s is no number that JavaScript would take", quote(p.src[start:p.pos]))
	if s == "" || !isDigitSeparated(s) {
		return 0, bad
	}
	s = strings.ReplaceAll(s, "_", "")
	if len(s) > 2 && s[0] == '0' && strings.IndexByte("xXoObB", s[1]) >= 0 {
		base := map[byte]uint32{'x': 16, 'o': 8, 'b': 2}[s[1]|0x20]
		x := 0.0
		for _, c := range []byte(s[2:]) {
			d := digit(c)
			if d >= base {
				return 0, bad
			}
			x = x*float64(base) + float64(d)
		}
		return sign * x, nil
	}
	if strings.Trim(s, "0123456789.eE+-") != "" || len(s) > 1 && s[0] == '0' && '0' <= s[1] && s[1] <= '9' {
		return 0, bad
	}
	// A number too large is infinite in both languages.
	x, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(x, 0) {
		return 0, bad
	}
	return sign * x, nil
}

// isDigitSeparated reports whether each _ of s stands between two digits.
func isDigitSeparated(s string) bool {
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || digit(s[i-1]) > 15 || digit(s[i+1]) > 15) {
			return false
		}
	}
	return true
}

// str reads a string, or a template without substitutions. A surrogate without its
// other half becomes U+FFFD, as where the string leaves JavaScript.
//
// https://tc39.es/ecma262/#sec-literals-string-literals
func (p *js) str() (string, *problem) {
	start := p.pos
	mark := p.src[start]
	p.pos++
	var b strings.Builder
	for p.pos < len(p.src) {
		c := p.src[p.pos]
		switch {
		case c == mark:
			p.pos++
			return strings.ToValidUTF8(b.String(), "\ufffd"), nil
		case c == '\n' && mark != '`':
			return "", problemf(start, "the string that begins here has no end on its line")
		case mark == '`' && strings.HasPrefix(p.src[p.pos:], "${"):
			return "", problemf(p.pos, "what ${…} puts in here is not known; write the text itself")
		case c == '\\':
			if err := p.escape(&b, mark); err != nil {
				return "", err
			}
		default:
			b.WriteByte(c)
			p.pos++
		}
	}
	return "", problemf(start, "the string that begins here has no end")
}

// escape reads an escape sequence.
func (p *js) escape(b *strings.Builder, mark byte) *problem {
	start := p.pos
	if p.pos++; p.pos == len(p.src) {
		return nil // and the string has no end
	}
	r, n := utf8.DecodeRuneInString(p.src[p.pos:])
	p.pos += n
	switch r {
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'v':
		b.WriteByte('\v')
	case '\n', '\u2028', '\u2029':
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if r != '0' || p.pos < len(p.src) && '0' <= p.src[p.pos] && p.src[p.pos] <= '9' {
			return problemf(start, "an octal escape like %s is not read; write \\xHH", p.src[start:p.pos])
		}
		b.WriteByte(0)
	case 'x':
		x, ok := p.hex(2)
		if !ok {
			return problemf(start, "after \\x there should be two hexadecimal digits")
		}
		b.WriteRune(x)
	case 'u':
		x, ok := p.codeUnit()
		if !ok {
			return problemf(start, "after \\u there should be four hexadecimal digits, or up to 10FFFF in braces")
		}
		if utf16.IsSurrogate(x) && strings.HasPrefix(p.src[p.pos:], `\u`) {
			back := p.pos
			p.pos += 2
			low, _ := p.codeUnit()
			if pair := utf16.DecodeRune(x, low); pair != utf8.RuneError {
				x = pair
			} else {
				p.pos = back
			}
		}
		b.WriteRune(x)
	default:
		b.WriteString(p.src[p.pos-n : p.pos])
	}
	return nil
}

// codeUnit reads what follows \u.
func (p *js) codeUnit() (rune, bool) {
	if !p.take('{') {
		return p.hex(4)
	}
	x, n := rune(0), 0
	for ; p.pos < len(p.src) && digit(p.src[p.pos]) < 16 && x <= utf8.MaxRune; n++ {
		x = x<<4 | rune(digit(p.src[p.pos]))
		p.pos++
	}
	return x, n > 0 && x <= utf8.MaxRune && p.take('}')
}

func (p *js) hex(n int) (x rune, ok bool) {
	for ; n > 0; n-- {
		if p.pos == len(p.src) || digit(p.src[p.pos]) > 15 {
			return 0, false
		}
		x = x<<4 | rune(digit(p.src[p.pos]))
		p.pos++
	}
	return x, true
}

// stringify evaluates JSON.stringify(value, null, space).
//
// https://tc39.es/ecma262/#sec-json.stringify
func stringify(pos int, args []value) (value, *problem) {
	if len(args) == 0 || len(args) > 3 || len(args) > 1 && args[1].kind != null && args[1].kind != undefined {
		return value{}, problemf(pos, "JSON.stringify is read with a value, null and an indentation only")
	}
	var b bytes.Buffer
	if !writeJSON(&b, args[0]) {
		return value{}, nil // undefined
	}
	indent := ""
	if len(args) == 3 {
		switch space := args[2]; space.kind {
		case number:
			indent = strings.Repeat(" ", int(max(0, min(10, space.number))))
		case text:
			indent = space.text
		}
	}
	// encoding/json takes white space only to indent with, and we no more than ten of it.
	if strings.Trim(indent, " \t\n\r") != "" || len(indent) > 10 {
		return value{}, problemf(args[2].pos, "JSON.stringify is read with at most ten spaces or tabs to indent with")
	}
	if indent == "" {
		return value{kind: text, text: b.String()}, nil
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, b.Bytes(), "", indent); err != nil {
		return value{}, problemf(pos, "JSON.stringify: %v", err)
	}
	return value{kind: text, text: indented.String()}, nil
}

// writeJSON writes v as JSON, and reports false for what JSON has no form for.
func writeJSON(b *bytes.Buffer, v value) bool {
	switch v.kind {
	case undefined:
		return false
	case null, boolean:
		b.WriteString(v.describe())
	case number:
		if math.IsNaN(v.number) || math.IsInf(v.number, 0) {
			b.WriteString("null")
		} else {
			b.WriteString(formatNumber(v.number))
		}
	case text, url:
		writeJSONString(b, v.text)
	case params:
		b.WriteString("{}") // it has no enumerable members
	case array:
		b.WriteByte('[')
		for i, e := range v.elements {
			if i > 0 {
				b.WriteByte(',')
			}
			if !writeJSON(b, e) {
				b.WriteString("null")
			}
		}
		b.WriteByte(']')
	case object:
		b.WriteByte('{')
		first := true
		for _, m := range v.members {
			if m.value.kind == undefined {
				continue
			}
			if !first {
				b.WriteByte(',')
			}
			first = false
			writeJSONString(b, m.name)
			b.WriteByte(':')
			writeJSON(b, m.value)
		}
		b.WriteByte('}')
	}
	return true
}

// https://tc39.es/ecma262/#sec-quotejsonstring
func writeJSONString(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		const hex = "0123456789abcdef"
		switch c := s[i]; c {
		case '"', '\\':
			b.Write([]byte{'\\', c})
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		default:
			if c < 0x20 {
				b.WriteString(`\u00` + string(hex[c>>4]) + string(hex[c&15]))
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('"')
}

// searchParams evaluates new URLSearchParams of a string, an object or pairs.
//
// https://url.spec.whatwg.org/#concept-urlencoded-serializer
func searchParams(pos int, args []value) (value, *problem) {
	v := value{kind: params}
	if len(args) == 0 {
		return v, nil
	}
	var b strings.Builder
	add := func(name string, x value) *problem {
		s, ok := x.primitive()
		if !ok {
			return problemf(x.pos, "the parameter %s is %s; write a string", quote(name), x.describe())
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(formEncode(name) + "=" + formEncode(s))
		return nil
	}
	switch arg := args[0]; arg.kind {
	case object:
		for _, m := range arg.members {
			if err := add(m.name, m.value); err != nil {
				return v, err
			}
		}
	case array:
		for _, pair := range arg.elements {
			if pair.kind != array || len(pair.elements) != 2 || pair.elements[0].kind != text {
				return v, problemf(pair.pos, "a parameter in a list is written [\"name\", \"value\"]; this is %s", pair.describe())
			}
			if err := add(pair.elements[0].text, pair.elements[1]); err != nil {
				return v, err
			}
		}
	default:
		return v, problemf(pos, "new URLSearchParams is read with an object or a list of pairs; write the body as a string")
	}
	v.text = b.String()
	return v, nil
}

// formEncode percent-encodes as application/x-www-form-urlencoded has it, which
// differs from curl's way in * and ~.
func formEncode(s string) string {
	s = urlEncode(s)
	s = strings.ReplaceAll(s, "~", "%7E")
	return strings.ReplaceAll(s, "%2A", "*")
}
