package headers

import (
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// This file holds a second implementation of every function of the package that
// is written for speed. A twin follows the standard's text step by step, on code
// points where the text works on code points, and shares nothing with the
// function that it is beside. The targets in fuzz_test.go compare the two.

// input is a string and a position variable for it.
type input struct {
	codePoints []rune
	position   int
}

func isomorphicDecode(s string) *input {
	in := &input{}
	for _, b := range []byte(s) {
		in.codePoints = append(in.codePoints, rune(b))
	}
	return in
}

func isomorphicEncode(codePoints []rune) string {
	var b []byte
	for _, c := range codePoints {
		b = append(b, byte(c))
	}
	return string(b)
}

func (in *input) pastEnd() bool { return in.position >= len(in.codePoints) }

// at reports whether position is not past the end and the code point there is c.
func (in *input) at(c rune) bool { return !in.pastEnd() && in.codePoints[in.position] == c }

func (in *input) collect(while func(rune) bool) []rune {
	var result []rune
	for !in.pastEnd() && while(in.codePoints[in.position]) {
		result = append(result, in.codePoints[in.position])
		in.position++
	}
	return result
}

func (in *input) collectHTTPQuotedString(extractValue bool) []rune {
	positionStart := in.position
	var value []rune
	in.position++ // past U+0022 (")
	for {
		value = append(value, in.collect(func(c rune) bool { return c != '"' && c != '\\' })...)
		if in.pastEnd() {
			break
		}
		quoteOrBackslash := in.codePoints[in.position]
		in.position++
		if quoteOrBackslash == '\\' {
			if in.pastEnd() {
				value = append(value, '\\')
				break
			}
			value = append(value, in.codePoints[in.position])
			in.position++
			continue
		}
		break
	}
	if extractValue {
		return value
	}
	return in.codePoints[positionStart:in.position]
}

func isHTTPTabOrSpace(c rune) bool { return c == 0x09 || c == 0x20 }
func isHTTPWhitespace(c rune) bool { return c == 0x0A || c == 0x0D || isHTTPTabOrSpace(c) }
func isASCIIDigit(c rune) bool     { return 0x30 <= c && c <= 0x39 }
func isASCIIAlpha(c rune) bool     { return 0x41 <= c && c <= 0x5A || 0x61 <= c && c <= 0x7A }
func isQuotedStringToken(c rune) bool {
	return c == 0x09 || 0x20 <= c && c <= 0x7E || 0x80 <= c && c <= 0xFF
}

func isHTTPToken(c rune) bool {
	switch c {
	case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E:
		return true
	}
	return isASCIIDigit(c) || isASCIIAlpha(c)
}

func strip(codePoints []rune, remove func(rune) bool) []rune {
	for len(codePoints) > 0 && remove(codePoints[0]) {
		codePoints = codePoints[1:]
	}
	return stripTrailing(codePoints, remove)
}

func stripTrailing(codePoints []rune, remove func(rune) bool) []rune {
	for len(codePoints) > 0 && remove(codePoints[len(codePoints)-1]) {
		codePoints = codePoints[:len(codePoints)-1]
	}
	return codePoints
}

func solely(codePoints []rune, is func(rune) bool) bool {
	for _, c := range codePoints {
		if !is(c) {
			return false
		}
	}
	return true
}

func asciiLowercase(codePoints []rune) []rune {
	lowered := slices.Clone(codePoints)
	for i, c := range lowered {
		if 0x41 <= c && c <= 0x5A {
			lowered[i] = c + 0x20
		}
	}
	return lowered
}

func twinLower(s string) string {
	return isomorphicEncode(asciiLowercase(isomorphicDecode(s).codePoints))
}

func twinEqualFold(a, b string) bool { return twinLower(a) == twinLower(b) }

func matchesOneOf(name string, names ...string) bool {
	for _, n := range names {
		if twinEqualFold(name, n) {
			return true
		}
	}
	return false
}

func twinNormalize(potentialValue string) string { return strings.Trim(potentialValue, "\t\n\r ") }

func twinIsName(s string) bool {
	return s != "" && solely(isomorphicDecode(s).codePoints, isHTTPToken)
}

func twinIsValue(s string) bool {
	return s == strings.Trim(s, "\t ") && !strings.ContainsAny(s, "\x00\r\n")
}

func twinIsForbiddenMethod(method string) bool {
	return matchesOneOf(method, "CONNECT", "TRACE", "TRACK")
}

func twinIsForbiddenRequestHeader(name, value string) bool {
	if matchesOneOf(name, "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers",
		"Access-Control-Request-Method", "Connection", "Content-Length", "Cookie", "Cookie2", "Date", "DNT",
		"Expect", "Host", "Keep-Alive", "Origin", "Referer", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding",
		"Upgrade", "Via") {
		return true
	}
	if lowered := twinLower(name); strings.HasPrefix(lowered, "proxy-") || strings.HasPrefix(lowered, "sec-") {
		return true
	}
	if matchesOneOf(name, "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override") {
		for _, method := range twinGetDecodeAndSplit(value) {
			if twinIsForbiddenMethod(method) {
				return true
			}
		}
	}
	return false
}

func twinGetDecodeAndSplit(value string) []string {
	in := isomorphicDecode(value)
	var values []string
	var temporaryValue []rune
	for {
		temporaryValue = append(temporaryValue, in.collect(func(c rune) bool { return c != '"' && c != ',' })...)
		if in.at('"') {
			temporaryValue = append(temporaryValue, in.collectHTTPQuotedString(false)...)
			if !in.pastEnd() {
				continue
			}
		}
		values = append(values, isomorphicEncode(strip(temporaryValue, isHTTPTabOrSpace)))
		temporaryValue = nil
		if in.pastEnd() {
			return values
		}
		in.position++ // past U+002C (,)
	}
}

func twinParseMIMEType(s string) (MIMEType, bool) {
	in := &input{codePoints: strip(isomorphicDecode(s).codePoints, isHTTPWhitespace)}
	typ := in.collect(func(c rune) bool { return c != '/' })
	if len(typ) == 0 || !solely(typ, isHTTPToken) {
		return MIMEType{}, false
	}
	if in.pastEnd() {
		return MIMEType{}, false
	}
	in.position++
	subtype := stripTrailing(in.collect(func(c rune) bool { return c != ';' }), isHTTPWhitespace)
	if len(subtype) == 0 || !solely(subtype, isHTTPToken) {
		return MIMEType{}, false
	}
	m := MIMEType{Type: isomorphicEncode(asciiLowercase(typ)), Subtype: isomorphicEncode(asciiLowercase(subtype))}
	for !in.pastEnd() {
		in.position++ // past U+003B (;)
		in.collect(isHTTPWhitespace)
		parameterName := asciiLowercase(in.collect(func(c rune) bool { return c != ';' && c != '=' }))
		if !in.pastEnd() {
			if in.at(';') {
				continue
			}
			in.position++ // past U+003D (=)
		}
		if in.pastEnd() {
			break
		}
		var parameterValue []rune
		if in.at('"') {
			parameterValue = in.collectHTTPQuotedString(true)
			in.collect(func(c rune) bool { return c != ';' })
		} else {
			parameterValue = stripTrailing(in.collect(func(c rune) bool { return c != ';' }), isHTTPWhitespace)
			if len(parameterValue) == 0 {
				continue
			}
		}
		name := isomorphicEncode(parameterName)
		if len(parameterName) > 0 && solely(parameterName, isHTTPToken) && solely(parameterValue, isQuotedStringToken) &&
			!slices.ContainsFunc(m.Parameters, func(p Parameter) bool { return p.Name == name }) {
			m.Parameters = append(m.Parameters, Parameter{name, isomorphicEncode(parameterValue)})
		}
	}
	return m, true
}

func twinExtractMIMEType(list List) (MIMEType, bool) {
	var charset, essence *string
	var mimeType *MIMEType
	value, ok := twinGet(list, "Content-Type")
	if !ok {
		return MIMEType{}, false
	}
	for _, value := range twinGetDecodeAndSplit(value) {
		temporaryMIMEType, ok := twinParseMIMEType(value)
		if !ok || temporaryMIMEType.Type+"/"+temporaryMIMEType.Subtype == "*/*" {
			continue
		}
		mimeType = &temporaryMIMEType
		i := slices.IndexFunc(mimeType.Parameters, func(p Parameter) bool { return p.Name == "charset" })
		if e := mimeType.Type + "/" + mimeType.Subtype; essence == nil || e != *essence {
			charset = nil
			if i >= 0 {
				charset = &mimeType.Parameters[i].Value
			}
			essence = &e
		} else if i < 0 && charset != nil {
			mimeType.Parameters = append(mimeType.Parameters, Parameter{"charset", *charset})
		}
	}
	if mimeType == nil {
		return MIMEType{}, false
	}
	return *mimeType, true
}

func twinIsCORSUnsafeRequestHeaderByte(b byte) bool {
	if b < 0x20 && b != 0x09 {
		return true
	}
	switch b {
	case 0x22, 0x28, 0x29, 0x3A, 0x3C, 0x3E, 0x3F, 0x40, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0x7F:
		return true
	}
	return false
}

func twinContainsCORSUnsafeRequestHeaderByte(value string) bool {
	return slices.ContainsFunc([]byte(value), twinIsCORSUnsafeRequestHeaderByte)
}

func twinIsSafelistedLanguage(value string) bool {
	for _, b := range []byte(value) {
		if !(b >= 0x30 && b <= 0x39) && !(b >= 0x41 && b <= 0x5A) && !(b >= 0x61 && b <= 0x7A) &&
			b != 0x20 && b != 0x2A && b != 0x2C && b != 0x2D && b != 0x2E && b != 0x3B && b != 0x3D {
			return false
		}
	}
	return true
}

func twinIsCORSSafelistedRequestHeader(name, value string) bool {
	if len(value) > 128 {
		return false
	}
	switch twinLower(name) {
	case "accept":
		if twinContainsCORSUnsafeRequestHeaderByte(value) {
			return false
		}
	case "accept-language", "content-language":
		if !twinIsSafelistedLanguage(value) {
			return false
		}
	case "content-type":
		if twinContainsCORSUnsafeRequestHeaderByte(value) {
			return false
		}
		mimeType, ok := twinParseMIMEType(value)
		if !ok {
			return false
		}
		switch mimeType.Type + "/" + mimeType.Subtype {
		case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
		default:
			return false
		}
	case "range":
		rangeStart, _, ok := twinParseSingleRangeHeaderValue(value, false)
		if !ok || rangeStart == nil {
			return false
		}
	default:
		return false
	}
	return true
}

// twinParseSingleRangeHeaderValue returns nil for null.
func twinParseSingleRangeHeaderValue(value string, allowWhitespace bool) (start, end *big.Int, ok bool) {
	data := isomorphicDecode(value)
	if !strings.HasPrefix(string(data.codePoints), "bytes") {
		return nil, nil, false
	}
	data.position = 5
	if allowWhitespace {
		data.collect(isHTTPTabOrSpace)
	}
	if !data.at('=') {
		return nil, nil, false
	}
	data.position++
	if allowWhitespace {
		data.collect(isHTTPTabOrSpace)
	}
	rangeStart := data.collect(isASCIIDigit)
	rangeStartValue := decimal(rangeStart)
	if allowWhitespace {
		data.collect(isHTTPTabOrSpace)
	}
	if !data.at('-') {
		return nil, nil, false
	}
	data.position++
	if allowWhitespace {
		data.collect(isHTTPTabOrSpace)
	}
	rangeEnd := data.collect(isASCIIDigit)
	rangeEndValue := decimal(rangeEnd)
	if !data.pastEnd() {
		return nil, nil, false
	}
	if rangeEndValue == nil && rangeStartValue == nil {
		return nil, nil, false
	}
	if rangeStartValue != nil && rangeEndValue != nil && rangeStartValue.Cmp(rangeEndValue) > 0 {
		return nil, nil, false
	}
	return rangeStartValue, rangeEndValue, true
}

// decimal interprets digits as a decimal number, and gives nil where there are none.
func decimal(digits []rune) *big.Int {
	if len(digits) == 0 {
		return nil
	}
	n, _ := new(big.Int).SetString(string(digits), 10)
	return n
}

// clamped is n as the package returns it: -1 for null, and never more than
// MaxDeltaSeconds.
func clamped(n *big.Int) int64 {
	if n == nil {
		return -1
	}
	if !n.IsInt64() {
		return MaxDeltaSeconds
	}
	return n.Int64()
}

// tokenListABNF is #token as a recipient reads it:
//
//	#element => [ element ] *( OWS "," OWS [ element ] )
var (
	tokenListABNF    = regexp.MustCompile("^(?:" + tokenABNF + ")?(?:[ \t]*,[ \t]*(?:" + tokenABNF + ")?)*$")
	tokens           = regexp.MustCompile(tokenABNF)
	deltaSecondsABNF = regexp.MustCompile("^[0-9]+$")
)

const tokenABNF = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"

// twinExtractTokenList extracts header list values. A header value neither
// begins nor ends with a tab or space; what does is trimmed first, as reading it
// from the network would.
func twinExtractTokenList(lines []string) (values []string, ok bool) {
	for _, line := range lines {
		line = strings.Trim(line, "\t ")
		if !tokenListABNF.MatchString(line) {
			return nil, false
		}
		values = append(values, tokens.FindAllString(line, -1)...)
	}
	return values, true
}

func twinExtractDeltaSeconds(lines []string) (seconds *big.Int, ok bool) {
	if len(lines) != 1 || !deltaSecondsABNF.MatchString(lines[0]) {
		return nil, false
	}
	return decimal([]rune(lines[0])), true
}

func twinContains(list List, name string) bool {
	return slices.ContainsFunc(list, func(h Header) bool { return twinEqualFold(h.Name, name) })
}

func twinGet(list List, name string) (string, bool) {
	if !twinContains(list, name) {
		return "", false
	}
	var values []string
	for _, h := range list {
		if twinEqualFold(h.Name, name) {
			values = append(values, h.Value)
		}
	}
	return strings.Join(values, "\x2C\x20"), true
}

func twinAppend(list List, name, value string) List {
	for _, h := range list {
		if twinEqualFold(h.Name, name) {
			name = h.Name
			break
		}
	}
	return append(slices.Clone(list), Header{name, value})
}

func twinDelete(list List, name string) List {
	var kept List
	for _, h := range list {
		if !twinEqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	return kept
}

func twinSet(list List, name, value string) List {
	if !twinContains(list, name) {
		return append(slices.Clone(list), Header{name, value})
	}
	var result List
	found := false
	for _, h := range list {
		switch {
		case !twinEqualFold(h.Name, name):
			result = append(result, h)
		case !found:
			found = true
			result = append(result, Header{h.Name, value})
		}
	}
	return result
}

func twinCombine(list List, name, value string) List {
	list = slices.Clone(list)
	for i, h := range list {
		if twinEqualFold(h.Name, name) {
			list[i].Value = h.Value + "\x2C\x20" + value
			return list
		}
	}
	return append(list, Header{name, value})
}

func twinSortedLowercaseSet(names []string) []string {
	var set []string
	for _, name := range names {
		if lowered := twinLower(name); !slices.Contains(set, lowered) {
			set = append(set, lowered)
		}
	}
	slices.SortFunc(set, func(a, b string) int { return slices.Compare([]byte(a), []byte(b)) })
	return set
}

func twinSortAndCombine(list List) List {
	var headers List
	var all []string
	for _, h := range list {
		all = append(all, h.Name)
	}
	for _, name := range twinSortedLowercaseSet(all) {
		if name == "set-cookie" {
			for _, h := range list {
				if twinEqualFold(h.Name, name) {
					headers = append(headers, Header{name, h.Value})
				}
			}
			continue
		}
		value, _ := twinGet(list, name)
		headers = append(headers, Header{name, value})
	}
	return headers
}

func twinIsCORSSafelistedResponseHeaderName(name string, list []string) bool {
	if matchesOneOf(name, "Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires",
		"Last-Modified", "Pragma") {
		return true
	}
	for _, item := range list {
		if !matchesOneOf(item, "Set-Cookie", "Set-Cookie2") && twinEqualFold(name, item) {
			return true
		}
	}
	return false
}
