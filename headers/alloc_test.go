package headers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// What the functions below return is kept here, so that no call is optimized away.
var (
	sinkBool   bool
	sinkString string
	sinkLines  Lines
	sinkNames  []string
	sinkList   List
	sinkMIME   MIMEType
)

var requestHeaders = List{
	{"Host", "api.example"}, {"Accept", "application/json, text/plain, */*"}, {"Accept-Language", "en-US,en;q=0.5"},
	{"Content-Type", "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"}, {"Range", "bytes=0-1023"},
	{"X-Requested-With", "XMLHttpRequest"}, {"Origin", "https://app.example"},
}

var exposing = List{
	{"Access-Control-Expose-Headers", "X-Request-Id, ETag ,\tLink,X-Total-Count"},
}

// hot is what runs for each header of each exchange: none of it may allocate.
var hot = []struct {
	name string
	call func()
}{
	{"Get of one line", func() { sinkString, sinkBool = requestHeaders.Get("origin") }},
	{"Get of none", func() { sinkString, sinkBool = requestHeaders.Get("x-absent") }},
	{"Contains", func() { sinkBool = requestHeaders.Contains("ORIGIN") }},
	{"Lines of one", func() { sinkLines = requestHeaders.Lines("origin") }},
	{"Lines of none", func() { sinkLines = requestHeaders.Lines("x-absent") }},
	{"Lines.Get of one", func() { sinkString, sinkBool = requestHeaders.Lines("origin").Get() }},
	{"EqualFold", func() { sinkBool = EqualFold("Access-Control-Allow-Origin", "access-control-allow-origin") }},
	{"Lower of lower", func() { sinkString = Lower("access-control-allow-origin") }},
	{"Normalize", func() { sinkString = Normalize(" https://app.example\t") }},
	{"CheckName", func() { sinkBool = CheckName("Access-Control-Allow-Origin") == nil }},
	{"CheckValue", func() { sinkBool = CheckValue("Origin", " https://app.example\t") == nil }},
	{"IsCORSSafelistedRequestHeader", func() {
		for _, h := range requestHeaders {
			sinkBool = IsCORSSafelistedRequestHeader(h.Name, h.Value)
		}
	}},
	{"IsForbiddenRequestHeader", func() {
		for _, h := range requestHeaders {
			sinkBool = IsForbiddenRequestHeader(h.Name, h.Value)
		}
	}},
	{"IsForbiddenResponseHeaderName", func() { sinkBool = IsForbiddenResponseHeaderName("Set-Cookie2") }},
	{"ParseSingleRangeHeaderValue", func() { _, sinkBool = ParseSingleRangeHeaderValue("bytes = 0 - 1023", true) }},
	{"ExtractTokenList and HasFold", func() {
		list, _, _ := ExtractTokenList(exposing.Lines("access-control-expose-headers"))
		sinkBool = list.HasFold("x-total-count")
	}},
	{"TokenList.All", func() {
		for token := range TokenListOf("GET, POST, PUT").All() {
			sinkString = token
		}
	}},
	{"ExtractDeltaSeconds", func() { _, sinkBool = ExtractDeltaSeconds(Lines{first: "86400", n: 1}) }},
	{"IsCORSSafelistedResponseHeaderName", func() {
		exposed := TokenListOf("X-Request-Id, ETag ,\tLink,X-Total-Count")
		for _, h := range requestHeaders {
			sinkBool = IsCORSSafelistedResponseHeaderName(h.Name, exposed)
		}
	}},
	{"NormalizeMethod", func() { sinkString = NormalizeMethod("options") }},
}

func TestHotFunctionsDoNotAllocate(t *testing.T) {
	for _, test := range hot {
		if n := testing.AllocsPerRun(100, test.call); n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
}

// Combining the lines of one name copies each value once, however many they are.
func TestSortAndCombineAllocatesTwice(t *testing.T) {
	l := slices.Repeat(List{{"a", "1"}}, 1000)
	if n := testing.AllocsPerRun(10, func() { sinkList = l.SortAndCombine() }); n > 2 {
		t.Errorf("combining 1000 lines takes %v allocations", n)
	}
}

func BenchmarkHot(b *testing.B) {
	for _, bench := range hot {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.call()
			}
		})
	}
}

func BenchmarkOncePerExchange(b *testing.B) {
	mixed := append(requestHeaders.Clone(), Header{"accept", "*/*"}, Header{"Set-Cookie", "a"})
	contentType := List{{"Content-Type", `text/html;charset="utf-8", text/html;x=y`}}
	for _, bench := range []struct {
		name string
		call func()
	}{
		{"SortAndCombine", func() { sinkList = mixed.SortAndCombine() }},
		{"ExtractMIMEType", func() { sinkMIME, sinkBool = contentType.ExtractMIMEType() }},
		{"GetDecodeAndSplit", func() { sinkNames = GetDecodeAndSplit(`a, "b,c" ,d`) }},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.call()
			}
		})
	}
}

// BenchmarkHostile feeds what a server may send: everything in these is of a
// size that a browser still accepts for a response's headers.
func BenchmarkHostile(b *testing.B) {
	const size = 256 << 10
	commas := LinesOf([]string{strings.Repeat(",", size)})
	blanks := strings.Repeat(" \t", size/2)
	var parameters strings.Builder
	parameters.WriteString("x/x")
	for i := 0; parameters.Len() < size; i++ {
		fmt.Fprintf(&parameters, ";%x=x", i)
	}
	var lines, names List
	for i := range size / 8 {
		lines = append(lines, Header{"A", "b"})
		names = append(names, Header{fmt.Sprintf("%x", i), ""})
	}
	for _, bench := range []struct {
		name string
		call func()
	}{
		{"ExtractTokenList of commas", func() {
			list, _, _ := ExtractTokenList(commas)
			sinkBool = list.HasFold("x")
		}},
		{"GetDecodeAndSplit of commas", func() { sinkNames = GetDecodeAndSplit(commas.At(0)) }},
		{"GetDecodeAndSplit of one quoted string", func() { sinkNames = GetDecodeAndSplit(`"` + strings.Repeat(`\"`, size/2)) }},
		{"Normalize of blanks", func() { sinkString = Normalize(blanks) }},
		{"ParseMIMEType of many parameters", func() { sinkMIME, sinkBool = ParseMIMEType(parameters.String()) }},
		{"SortAndCombine of one name", func() { sinkList = lines.SortAndCombine() }},
		{"SortAndCombine of many names", func() { sinkList = names.SortAndCombine() }},
		{"Append of many names", func() {
			var l List
			for _, h := range names[:len(names)/8] {
				l.Append(h.Name, h.Value)
			}
			sinkList = l
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bench.call()
			}
		})
	}
}
