package headers

import (
	"net/textproto"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzEqualFold(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"Origin", "oRIGIN"}, {"a", "ab"}, {"@[`{", "`{@["}, {"\xC0", "\xE0"}, {"K", "\u212A"}, {"s", "\u017F"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, b := range []string{b, strings.ToUpper(a), twinLower(a)} {
			if got, want := EqualFold(a, b), twinEqualFold(a, b); got != want {
				t.Errorf("EqualFold(%q, %q) = %v; step by step %v", a, b, got, want)
			}
		}
	})
}

// FuzzSyntax compares everything that takes one string of bytes.
func FuzzSyntax(f *testing.F) {
	for _, seed := range []string{
		"", "ALL lower UP", "\t\r\n x\x00y \n", " \xFF\t", "x-\u00E9", "\u0100", "accept-LANGUAGE", "\x80", "a b", "-a--b",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := Lower(s), twinLower(s); got != want {
			t.Errorf("Lower(%q) = %q; step by step %q", s, got, want)
		}
		if got, want := Normalize(s), twinNormalize(s); got != want {
			t.Errorf("Normalize(%q) = %q; step by step %q", s, got, want)
		}
		if got, want := TrimTabOrSpace(s), strings.Trim(s, "\t "); got != want {
			t.Errorf("TrimTabOrSpace(%q) = %q; step by step %q", s, got, want)
		}
		if got, want := IsName(s), twinIsName(s); got != want {
			t.Errorf("IsName(%q) = %v; step by step %v", s, got, want)
		}
		if got, want := IsValue(s), twinIsValue(s); got != want {
			t.Errorf("IsValue(%q) = %v; step by step %v", s, got, want)
		}
		if got, want := canonical(s), textproto.CanonicalMIMEHeaderKey(s); got != want {
			t.Errorf("canonical(%q) = %q; net/textproto has %q", s, got, want)
		}
		decoded := IsomorphicDecode(s)
		if want := string(isomorphicDecode(s).codePoints); decoded != want {
			t.Errorf("IsomorphicDecode(%q) = %q; step by step %q", s, decoded, want)
		}
		if encoded, ok := IsomorphicEncode(decoded); encoded != s || !ok {
			t.Errorf("IsomorphicEncode(IsomorphicDecode(%q)) = %q, %v", s, encoded, ok)
		}
		if encoded, ok := IsomorphicEncode(s); ok && IsomorphicDecode(encoded) != s {
			t.Errorf("IsomorphicEncode(%q) = %q, which decodes to %q", s, encoded, IsomorphicDecode(encoded))
		} else if latin1 := utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r > 0xFF }); ok != latin1 {
			t.Errorf("IsomorphicEncode(%q) has ok = %v", s, ok)
		}
	})
}

func FuzzIsForbiddenRequestHeader(f *testing.F) {
	for _, name := range []string{
		"Accept-Charset", "Access-Control-Request-Headers", "Access-Control-Request-Method", "Cookie2", "DNT", "Sec-", "sec",
		"PROXY-x", "Proxy", "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "Via", "TE", "X",
	} {
		for _, value := range []string{"", "GET", "trace", `GET,"x",CONNECT`, `"TRACK"`, "GET , TrAcK\t", "TRACE\n"} {
			f.Add(name, value)
		}
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		if got, want := IsForbiddenRequestHeader(name, value), twinIsForbiddenRequestHeader(name, value); got != want {
			t.Errorf("IsForbiddenRequestHeader(%q, %q) = %v; step by step %v", name, value, got, want)
		}
	})
}

// safelistedNames have a case of their own in the CORS-safelisted request-headers.
var safelistedNames = []string{"Accept", "Accept-Language", "Content-Language", "Content-Type", "Range"}

func FuzzIsCORSSafelistedRequestHeader(f *testing.F) {
	for _, value := range []string{
		"", "*/*", "en-US,en;q=0.5", "text/plain", " TEXT/plain ;x", "multipart/form-data; boundary=x", "text/plain,text/plain",
		"application/x-www-form-urlencoded;charset=UTF-8", "application/json", "bytes=0-", "bytes=1-0", "bytes=-1", "a\x7F",
		"bytes=18446744073709551616-18446744073709551615", "\xFF", strings.Repeat("a", 128), strings.Repeat("a", 129),
	} {
		f.Add("x-a", value)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		for _, name := range append(safelistedNames, name) {
			if got, want := IsCORSSafelistedRequestHeader(name, value), twinIsCORSSafelistedRequestHeader(name, value); got != want {
				t.Errorf("IsCORSSafelistedRequestHeader(%q, %q) = %v; step by step %v", name, value, got, want)
			}
		}
		if got, want := ContainsCORSUnsafeRequestHeaderByte(value), twinContainsCORSUnsafeRequestHeaderByte(value); got != want {
			t.Errorf("ContainsCORSUnsafeRequestHeaderByte(%q) = %v; step by step %v", value, got, want)
		}
		if got, want := isSafelistedLanguage(value), twinIsSafelistedLanguage(value); got != want {
			t.Errorf("isSafelistedLanguage(%q) = %v; step by step %v", value, got, want)
		}
	})
}

func FuzzParseSingleRangeHeaderValue(f *testing.F) {
	for _, seed := range []string{
		"bytes=0-", "bytes=-500", "bytes=0-499", "bytes=5-4", "bytes=-", "bytes \t=\t 1 - 2", "Bytes=0-", "bytes=0-1,2-3",
		"bytes=9223372036854775807-9223372036854775808", "bytes=99999999999999999999-99999999999999999998", "bytes=007-7",
		"bytes=010-9", "bytes", "bytes=", "bytes=1", "bytes=+1-2",
	} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, value string, allowWhitespace bool) {
		got, gotOK := ParseSingleRangeHeaderValue(value, allowWhitespace)
		start, end, ok := twinParseSingleRangeHeaderValue(value, allowWhitespace)
		want := Range{}
		if ok {
			want = Range{clamped(start), clamped(end)}
		}
		if got != want || gotOK != ok {
			t.Errorf("ParseSingleRangeHeaderValue(%q, %v) = %v, %v; step by step %v, %v", value, allowWhitespace, got, gotOK, want, ok)
		}
	})
}

func FuzzGetDecodeAndSplit(f *testing.F) {
	for _, seed := range []string{
		"", ",", " ,\t, ", `text/html;", x/x`, `x/x;test="hi",y/y`, "x / x,,,1", `"1,2", 3`, `"\",",a`, `a"b"c"d,e`, `"\`, "\xFF\" ,",
		" \n,", `,"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got, want := GetDecodeAndSplit(value), twinGetDecodeAndSplit(value); !slices.Equal(got, want) {
			t.Errorf("GetDecodeAndSplit(%q) = %q; step by step %q", value, got, want)
		}
	})
}

func FuzzParseMIMEType(f *testing.F) {
	for _, seed := range []string{
		"", "/", "a/", "text/html", " TEXT/html ; Charset=\"g\\bk\"x;charset=2", "x/x;a=\"\\", "x/x;a=;b", "x/x;a=\"\";a=b", "x/x;=1;a= 1 ",
		"x/x;a=1;b=2;c=3;d=4;e=5;f=6;g=7;h=8;h=0;i=9;i=0;a=0;j=10;I=0", "x/x;\xFF=1;a=\xFF", "x/x;a=\x00;b=\"\x00\"", "x/x;a=b;", "x/x;a=b;c=", "x / x", "x/x\x0C", "\n\rx/x\t;\n a=b\r", "*/*", "x/y/z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, gotOK := ParseMIMEType(s)
		want, ok := twinParseMIMEType(s)
		if gotOK != ok || !reflect.DeepEqual(got, want) {
			t.Fatalf("ParseMIMEType(%q) = %q, %v; step by step %q, %v", s, got, gotOK, want, ok)
		}
		if !ok {
			return
		}
		if again, ok := ParseMIMEType(got.String()); !ok || !reflect.DeepEqual(again, got) {
			t.Errorf("%q parses as %q, whose serialization %q parses as %q, %v", s, got, got.String(), again, ok)
		}
		switch got.Essence() {
		case "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
			if !isSafelistedMIMEType(s) {
				t.Errorf("isSafelistedMIMEType(%q) = false; it parses as %q", s, got)
			}
		default:
			if isSafelistedMIMEType(s) {
				t.Errorf("isSafelistedMIMEType(%q) = true; it parses as %q", s, got)
			}
		}
	})
}

func FuzzExtractMIMEType(f *testing.F) {
	f.Add("text/plain;charset=gbk, text/html", "")
	f.Add("text/html;charset=gbk;a=b", "text/html;x=y")
	f.Add("text/html;charset=gbk", "x/x, text/html;x=y")
	f.Add("text/html", "*/*;charset=gbk")
	f.Add("text/html;x=\"", "text/plain")
	f.Add("x/x;charset=\"\"", "bogus, x/x")
	f.Fuzz(func(t *testing.T, first, second string) {
		for _, list := range []List{{}, {{"content-TYPE", first}}, {{"Content-Type", first}, {"A", ""}, {"content-type", second}}} {
			got, gotOK := list.ExtractMIMEType()
			want, ok := twinExtractMIMEType(list)
			if gotOK != ok || !reflect.DeepEqual(got, want) {
				t.Errorf("%q.ExtractMIMEType() = %q, %v; step by step %q, %v", list, got, gotOK, want, ok)
			}
		}
	})
}

func FuzzExtractTokenList(f *testing.F) {
	for _, seed := range [][3]string{
		{"", "", ""}, {"a", "A", "a"}, {"a, b,\tc ,,", " , d", "C"}, {"a b", "", ""}, {"*", "x", "*"}, {"a,b", "\"c\"", "c"},
		{"a;q=1", "", ""}, {"\xFF", "", "\xFF"}, {"a\n", "", ""}, {",", ",,", ""},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, first, second, token string) {
		for _, lines := range [][]string{nil, {first}, {first, second}, {second, first, second}} {
			list, bad, gotOK := ExtractTokenList(LinesOf(lines))
			want, ok := twinExtractTokenList(lines)
			if gotOK != ok {
				t.Fatalf("ExtractTokenList(%q): ok = %v; step by step %v", lines, gotOK, ok)
			}
			if ok == (bad != "") || IsToken(bad) {
				t.Errorf("ExtractTokenList(%q): ok = %v, bad = %q", lines, ok, bad)
			}
			if got := slices.Collect(list.All()); !slices.Equal(got, want) {
				t.Errorf("ExtractTokenList(%q) holds %q; step by step %q", lines, got, want)
			}
			if got, want := list.IsNull(), !ok || len(lines) == 0; got != want {
				t.Errorf("ExtractTokenList(%q): IsNull() = %v", lines, got)
			}
			for _, token := range append(want, token, strings.ToUpper(token)) {
				if got := list.Has(token); got != slices.Contains(want, token) {
					t.Errorf("%q.Has(%q) = %v", want, token, got)
				}
				if got := list.HasFold(token); got != matchesOneOf(token, want...) {
					t.Errorf("%q.HasFold(%q) = %v", want, token, got)
				}
			}
		}
	})
}

func FuzzExtractDeltaSeconds(f *testing.F) {
	for _, seed := range []string{
		"", "0", "00600", "9223372036854775806", "9223372036854775807", "9223372036854775808", "92233720368547758070", "-1", "+1", "1 ", "1,1",
		"1.5", "\u0661", strings.Repeat("9", 300),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, lines := range [][]string{nil, {value}, {value, value}} {
			got, gotOK := ExtractDeltaSeconds(LinesOf(lines))
			n, ok := twinExtractDeltaSeconds(lines)
			want := int64(0)
			if ok {
				want = clamped(n)
			}
			if got != want || gotOK != ok {
				t.Errorf("ExtractDeltaSeconds(%q) = %d, %v; step by step %d, %v", lines, got, gotOK, want, ok)
			}
		}
	})
}

// parseList reads one header a line, its name up to the first colon.
func parseList(s string) List {
	var list List
	for line := range strings.Lines(s) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		list = append(list, Header{name, value})
	}
	return list
}

func FuzzSortAndCombine(f *testing.F) {
	f.Add("")
	f.Add("B:1\na:2\nb:3\nA:4")
	f.Add("Set-Cookie:1\nset-cookie2:2\nSET-COOKIE:3\nset-cookie2:4\nset-cooki:5")
	f.Add("-:1\n_:2\n.:\n-:\xFF\n\xC0:\n\xE0:")
	f.Fuzz(func(t *testing.T, s string) {
		list := parseList(s)
		before := list.Clone()
		if got, want := list.SortAndCombine(), twinSortAndCombine(list); !slices.Equal(got, want) {
			t.Errorf("%q.SortAndCombine() = %q; step by step %q", list, got, want)
		}
		if !slices.Equal(list, before) {
			t.Errorf("SortAndCombine made %q of the list %q", list, before)
		}
	})
}

func FuzzIsCORSSafelistedResponseHeaderName(f *testing.F) {
	for _, seed := range [][2]string{
		{"cache-CONTROL", ""}, {"Content-Language", ""}, {"Content-Length", ""}, {"Content-Type", ""}, {"Expires", ""}, {"Last-Modified", ""},
		{"Pragma", ""}, {"Pragmata", "pragmata"}, {"Set-Cookie", "set-cookie, Set-Cookie2"}, {"set-cookie2", "Set-Cookie2"}, {"X-A", "x-b, x-a"},
		{"", ",,"}, {"*", "*"}, {"X", "*"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, exposed string) {
		list, _, _ := ExtractTokenList(LinesOf([]string{exposed}))
		items, _ := twinExtractTokenList([]string{exposed})
		for _, name := range append(items, name) {
			got, want := IsCORSSafelistedResponseHeaderName(name, list), twinIsCORSSafelistedResponseHeaderName(name, items)
			if got != want {
				t.Errorf("IsCORSSafelistedResponseHeaderName(%q, %q) = %v; step by step %v", name, items, got, want)
			}
		}
	})
}

// FuzzList runs a program of list operations, one a line: its verb, a name, a
// colon and a value.
func FuzzList(f *testing.F) {
	f.Add("")
	f.Add("+A:1\n+a:2\n+b:3\n=A:4\n-B\n&a:5\n&c:6")
	f.Add("+a:1\n+b:2\n+A:3\n+B:4\n+a:5\n=a:x\n-b\n+B:6")
	f.Add("=Set-Cookie:1\n+set-cookie:2\n-SET-COOKIE\n-x")
	f.Fuzz(func(t *testing.T, program string) {
		var list, twin List
		for line := range strings.Lines(program) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" {
				continue
			}
			name, value, _ := strings.Cut(line[1:], ":")
			switch line[0] {
			case '+':
				list.Append(name, value)
				twin = twinAppend(twin, name, value)
			case '=':
				list.Set(name, value)
				twin = twinSet(twin, name, value)
			case '-':
				list.Delete(name)
				twin = twinDelete(twin, name)
			case '&':
				list.Combine(name, value)
				twin = twinCombine(twin, name, value)
			}
			if !slices.Equal(list, twin) {
				t.Fatalf("after %q the list is %q; step by step %q", line, list, twin)
			}
			got, gotOK := list.Get(name)
			want, ok := twinGet(twin, name)
			if got != want || gotOK != ok || list.Contains(name) != ok {
				t.Fatalf("%q.Get(%q) = %q, %v; step by step %q, %v", list, name, got, gotOK, want, ok)
			}
			lines := list.Lines(name)
			if got, gotOK := lines.Get(); got != want || gotOK != ok {
				t.Fatalf("%q.Lines(%q).Get() = %q, %v; step by step %q, %v", list, name, got, gotOK, want, ok)
			}
			for i, value := range list.Values(name) {
				if lines.At(i) != value || lines.Len() != len(list.Values(name)) {
					t.Fatalf("%q.Lines(%q) differs from Values, %q, at %d", list, name, list.Values(name), i)
				}
			}
			if got, want := list.GetDecodeAndSplit(name), twinGetDecodeAndSplit(want); ok && !slices.Equal(got, want) || !ok && got != nil {
				t.Fatalf("%q.GetDecodeAndSplit(%q) = %q", list, name, got)
			}
		}
	})
}

// FuzzHeaders states what holds for the list behind a guard whatever script does.
func FuzzHeaders(f *testing.F) {
	for g := GuardNone; g <= GuardImmutable; g++ {
		f.Add(uint8(g), "+A: 1\n=Cookie:2\n+Set-Cookie:3\n-A")
		f.Add(uint8(g), "+Accept:1\n+Accept:(\n=Range:bytes=0-\n+X-HTTP-Method:trace\n-Range")
		f.Add(uint8(g), "+accept:"+strings.Repeat("a", 100)+"\n+ACCEPT:"+strings.Repeat("a", 26)+"\n+Accept:b\n+b:\x00")
	}
	f.Fuzz(func(t *testing.T, guard uint8, program string) {
		h, err := NewHeaders(Guard(guard)%(GuardImmutable+1), nil)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(program) {
			line = strings.TrimSuffix(line, "\n")
			if line == "" {
				continue
			}
			name, value, _ := strings.Cut(line[1:], ":")
			before := h.list.Clone()
			var err error
			switch line[0] {
			case '+':
				err = h.Append(name, value)
			case '=':
				err = h.Set(name, value)
			case '-':
				value = ""
				err = h.Delete(name)
			default:
				continue
			}
			valid := twinIsName(name) && twinIsValue(twinNormalize(value))
			if want := !valid || h.guard == GuardImmutable; want != (err != nil) {
				t.Fatalf("guard %v: %q gave the error %v", h.guard, line, err)
			}
			if err != nil && !slices.Equal(h.list, before) {
				t.Fatalf("guard %v: %q failed and changed %q to %q", h.guard, line, before, h.list)
			}
		}
		for _, x := range h.list {
			combined, _ := twinGet(h.list, x.Name)
			switch {
			case !twinIsName(x.Name) || !twinIsValue(x.Value):
				t.Errorf("guard %v let in %q", h.guard, x)
			case h.guard == GuardImmutable,
				h.guard == GuardRequest && twinIsForbiddenRequestHeader(x.Name, x.Value),
				h.guard == GuardResponse && matchesOneOf(x.Name, "Set-Cookie", "Set-Cookie2"),
				h.guard == GuardRequestNoCORS && (matchesOneOf(x.Name, "Range") || !twinIsCORSSafelistedRequestHeader(x.Name, combined)):
				t.Errorf("guard %v let in %q, in all %q", h.guard, x, combined)
			}
		}
		if got, want := h.Entries(), twinSortAndCombine(h.list); !slices.Equal(got, want) {
			t.Errorf("Entries() = %q; step by step %q", got, want)
		}
	})
}
