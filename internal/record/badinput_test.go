package record

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"

	"github.com/corsim/corsim/headers"
)

// The rule for bad input, whatever the format: no panic; an error that says what is
// wrong and where; the good entries before and after are delivered; after its last
// error a reader gives the same one again.

// outcomes reads input to its end: what came of each entry, without its place, and
// the error that ended the reading.
func outcomes(t *testing.T, input io.Reader, opts Options) (entries []string, last error) {
	t.Helper()
	reader, err := NewReader(input, opts)
	if err != nil {
		return nil, err
	}
	for {
		e, err := reader.Next()
		bad, ok := errors.AsType[*EntryError](err)
		switch {
		case err == nil:
			entries = append(entries, fmt.Sprintf("%s %s %s -> %d %s: %v", e.Request.Method, e.Request.URL, lines(e.Request.Headers), e.Response.Status, lines(e.Response.Headers), e.Fidelity))
		case ok:
			if place := fmt.Sprintf("%s (byte %d): ", bad.Entry, bad.Offset); bad.Entry == "" || !strings.HasPrefix(bad.Error(), place) || bad.Problem == "" {
				t.Errorf("does not say where or what: %v", bad)
			}
			entries = append(entries, "refused: "+strings.TrimSpace(bad.Field+" "+bad.Problem))
		default:
			for range 2 {
				if _, again := reader.Next(); again != err {
					t.Errorf("after %v comes %v", err, again)
				}
			}
			return entries, err
		}
	}
}

// asked is the request of what curl -i prints.
var asked = Request{Method: "GET", URL: "https://b.test/asked", Headers: headers.List{{Name: "origin", Value: "https://a.test"}}}

// written is an exchange as the tests write it in each format, right or wrong.
type written struct {
	method, url, status string
	request, response   [][2]string
}

func good(n int) written {
	return written{"GET", fmt.Sprintf("https://b.test/%d", n), "200", [][2]string{{"host", "b.test"}, {"origin", "https://a.test"}}, [][2]string{{"access-control-allow-origin", "*"}}}
}

// jsonString quotes s, and leaves its bytes as they are.
func jsonString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range []byte(s) {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String() + `"`
}

func (w written) json() string {
	list := func(headers [][2]string) string {
		var s []string
		for _, h := range headers {
			s = append(s, `{"name":`+jsonString(h[0])+`,"value":`+jsonString(h[1])+`}`)
		}
		return "[" + strings.Join(s, ",") + "]"
	}
	return fmt.Sprintf(`{"request":{"method":%s,"url":%s,"headers":%s},"response":{"status":%s,"headers":%s}}`,
		jsonString(w.method), jsonString(w.url), list(w.request), w.status, list(w.response))
}

// heads are the request and the response, each line after a mark.
func (w written) heads(sent, received, end string) (request, response string) {
	list := func(mark, start string, headers [][2]string) string {
		s := mark + start + end
		for _, h := range headers {
			s += mark + h[0] + ": " + h[1] + end
		}
		return s + strings.TrimRight(mark, " ") + end
	}
	return list(sent, w.method+" "+w.url+" HTTP/1.1", w.request), list(received, "HTTP/1.1 "+w.status+" x", w.response)
}

func each(all []written, write func(w written) string, between string) string {
	var s []string
	for _, w := range all {
		s = append(s, write(w))
	}
	return strings.Join(s, between)
}

// kinds are the formats, and the forms of one that differ to its reader.
var kinds = []struct {
	name   string
	format Format
	write  func(all ...written) string
}{
	{"HAR", HAR, func(all ...written) string { return har(each(all, written.json, ",")) }},
	{"JSON lines", JSONLines, func(all ...written) string { return each(all, written.json, "\n") + "\n" }},
	{"HTTP messages", Messages, func(all ...written) string {
		return each(all, func(w written) string {
			request, response := w.heads("", "", "\r\n")
			return request + response
		}, "")
	}},
	{"txtar", Messages, func(all ...written) string {
		return each(all, func(w written) string {
			request, response := w.heads("", "", "\n")
			return "-- request --\n" + request + "-- response --\n" + response
		}, "")
	}},
	{"curl -i", Messages, func(all ...written) string {
		return each(all, func(w written) string {
			_, response := w.heads("", "", "\r\n")
			return response
		}, "")
	}},
	{"curl -v", CurlVerbose, func(all ...written) string {
		return "* Connected to b.test (192.0.2.1) port 443\n" + each(all, func(w written) string {
			request, response := w.heads("> ", "< ", "\r\n")
			return request + response
		}, "")
	}},
	{"NetLog", NetLog, func(all ...written) string {
		var events []string
		for i, w := range all {
			list := func(status string, headers [][2]string) string {
				s := status
				for _, h := range headers {
					s += "," + jsonString(h[0]+": "+h[1])
				}
				return `"headers":[` + strings.TrimPrefix(s, ",") + "]"
			}
			events = append(events, netEvent(i+1, 4, 1, `"url":`+jsonString(w.url)+`,"method":`+jsonString(w.method)),
				netEvent(i+1, 5, 0, list("", w.request)), netEvent(i+1, 6, 0, list(jsonString("HTTP/1.1 "+w.status+" x"), w.response)), netEvent(i+1, 2, 2, ""))
		}
		return netLog(events...)
	}},
	{"Burp", Burp, func(all ...written) string {
		return burpHead + each(all, func(w written) string {
			request, response := w.heads("", "", "\r\n")
			return strings.Replace(burpItem(request, response), "<![CDATA[https://b.test/1]]>", "", 1)
		}, "") + "</items>"
	}},
}

// One entry that is bad between two that are good.
func TestBadEntry(t *testing.T) {
	header := func(name, value string) func(w *written) {
		return func(w *written) { w.response = append(w.response, [2]string{name, value}) }
	}
	status := func(s string) func(w *written) { return func(w *written) { w.status = s } }
	url := func(s string) func(w *written) { return func(w *written) { w.url = s } }
	method := func(s string) func(w *written) { return func(w *written) { w.method = s } }
	const (
		none       = `-> %s \[access-control-allow-origin=\*\]: (request headers missing, )?no response recorded`
		noStatus   = `^refused: .*no status line`
		noRequest  = `^refused: .*no request line`
		tooLarge   = `^refused: .*(larger than 4 MiB|too long)`
		notNumber  = `^refused: response.status is .*, not a number`
		noName     = `^refused: .*(a header without a name|not "name: value"|neither "name: value")`
		brokenLine = `^refused: .*line \d+ \(1 byte\) is `
	)
	tests := []struct {
		name   string
		change func(w *written)
		json   string // what comes of it in HAR, JSON lines and, except netLog, NetLogs
		text   string // in the others; the same if empty
		netLog string // the same if empty
	}{
		{"status 0", status("0"), fmt.Sprintf(none, "0"), "", ""},
		{"status 000", status("000"), fmt.Sprintf(none, "0"), "", ""},
		{"status -1", status("-1"), fmt.Sprintf(none, "-1"), "", ""},
		{"status -999", status("-999"), fmt.Sprintf(none, "-999"), "", ""},
		{"status null", status("null"), fmt.Sprintf(none, "0"), noStatus, noStatus},
		{"status of no use", status("-99"), fmt.Sprintf(none, "-99"), noStatus, noStatus},
		{"huge status", status("99999999999999999999"), notNumber, noStatus, noStatus},
		{"infinite status", status("1e999"), notNumber, noStatus, noStatus},

		{"URL without a host", url("https://"), `^GET https:// \[host=`, "", ""},
		{"URL with a port too high", url("https://b.test:99999/"), `^GET https://b.test:99999/ \[host=`, "", ""},
		{"URL with NUL", url("https://b.test/\x00"), `^GET https://b.test/\x00 \[host=`, "", ""},
		{"URL with invalid UTF-8", url("https://b.test/\xFF"), `^GET https://b.test/\x{FFFD} \[host=`, "", ""},
		{"URL with a space", url("https://b.test/a b"), `^GET https://b.test/a b \[host=`, noRequest, ""},
		{"URL with a newline", url("https://b.test/\nb"), `^GET https://b.test/\nb \[host=`, noRequest, ""},
		{"URL empty", url(""), `^refused: request.url is missing`, noRequest, `^refused: has no URL`},
		{"URL too long", url("https://b.test/" + strings.Repeat("x", MaxEntryBytes)), tooLarge, "", ""},

		{"method empty", method(""), `^refused: request.method is missing`, noRequest, `^refused: has no method`},
		{"method with a space", method("G T"), `^G T https`, noRequest, ""},
		{"method with NUL", method("G\x00"), `^G\x00 https`, noRequest, ""},
		{"method that is no token", method("é"), `^é https`, noRequest, ""},

		{"name empty", header("", "x"), noName, "", ""},
		{"name with a space", header("a b", "x"), `\* a b=x\]`, "", ""},
		{"name with NUL", header("a\x00", "x"), `\* a\x00=x\]`, "", ""},
		{"name above ASCII", header("ä", "x"), `\* (ä|\x{FFFD})=x\]`, "", ""},
		{"pseudo-header in a response", header(":status", "x"), `-> 200 \[access-control-allow-origin=\*\]: `, "", ""},
		{"pseudo-header that contradicts", func(w *written) { w.request = append(w.request, [2]string{":method", "PUT"}) }, `pseudo-headers contradict the request$`, "", ""},
		{"duplicate", header("Access-Control-Allow-Origin", "*"), `\[access-control-allow-origin=\* access-control-allow-origin=\*\]`, "", ""},
		{"no headers", func(w *written) { w.request, w.response = nil, nil }, `request headers missing, response headers missing$`, `response headers missing|no Host header|^GET`, ""},

		{"value with a newline", header("a", "b\nc"), `\* a=b a=c\]`, brokenLine, ""},
		{"value with CRLF", header("a", "b\r\nc"), `\* a=b a=c\]`, brokenLine, ""},
		{"value with CR", header("a", "b\rc"), `\* a=b\rc\]`, "", ""},
		{"value with NUL", header("a", "b\x00c"), `\* a=b\x00c\]`, "", ""},
		{"value with invalid UTF-8", header("a", "b\xFFc"), `\* a=b\x{FFFD}c\]: bytes of a header value unsure`, `\* a=b\x{FFFD}c\]: (complete|request)`, ""},
		{"value of several bytes a character", header("a", "b€c"), `\* a=b€c\]: bytes of a header value unsure`, `\* a=b€c\]: (complete|request)`, ""},
		{"value too long", header("a", strings.Repeat("x", MaxEntryBytes)), tooLarge, "", ""},
	}
	for _, test := range tests {
		for _, kind := range kinds {
			t.Run(test.name+"/"+kind.name, func(t *testing.T) {
				w := good(2)
				test.change(&w)
				if kind.name == "curl -i" && (slices.Equal(w.response, good(2).response) && w.status == good(2).status || w.status == "null") {
					return // a request is not in it, and such a line may be one of the body before
				}
				want := test.json
				switch {
				case kind.format == NetLog && test.netLog != "":
					want = test.netLog
				case kind.format != NetLog && kind.format != HAR && kind.format != JSONLines && test.text != "":
					want = test.text
				}
				opts := Options{Format: kind.format, Request: &asked}
				whole, err := outcomes(t, strings.NewReader(kind.write(good(1), good(3))), opts)
				if err != io.EOF || len(whole) != 2 || strings.HasPrefix(whole[0], "refused") {
					t.Fatalf("%q, %v", whole, err)
				}
				got, err := outcomes(t, strings.NewReader(kind.write(good(1), w, good(3))), opts)
				if err != io.EOF || len(got) != 3 || got[0] != whole[0] || got[2] != whole[1] {
					t.Fatalf("got %.300q, %v\nbeside %q", got, err, whole)
				}
				if !regexp.MustCompile(want).MatchString(strings.ToValidUTF8(got[1], "\uFFFD")) {
					t.Errorf("got %.300q, want %s", got[1], want)
				}
			})
		}
	}
}

// Entries in JSON that lack or twist what they should have, between two that are good.
func TestBadJSON(t *testing.T) {
	goodSum := strings.TrimSuffix(getSum, "\n")
	tests := []struct{ name, entry, want string }{
		{"null", "null", `refused: is null, not an object`},
		{"a number", "17", `refused: is a number, not an object`},
		{"a string", `"x"`, `refused: is a string of 1 byte, not an object`},
		{"a list", "[]", "refused: is a list, not an object"},
		{"nothing in it", `{}`, "refused: request.url is missing, so that there is nothing to say about the entry"},
		{"request null", `{"request":null}`, "refused: request is null, not an object"},
		{"request a list", `{"request":[]}`, "refused: request is a list, not an object"},
		{"URL null", `{"request":{"method":"GET","url":null}}`, "refused: request.url is missing, so that there is nothing to say about the entry"},
		{"URL an object", `{"request":{"method":"GET","url":{}}}`, "refused: request.url is an object, not a string"},
		{"method missing", `{"request":{"url":"u"}}`, "refused: request.method is missing"},
		{"everything else missing", `{"request":{"method":"GET","url":"u"}}`, "GET u [] -> 0 []: request headers missing, no response recorded"},
		{"response null", `{"request":{"method":"GET","url":"u","headers":null},"response":null}`, "GET u [] -> 0 []: request headers missing, no response recorded"},
		{"response a string", `{"request":{"method":"GET","url":"u"},"response":"x"}`, "refused: response is a string of 1 byte, not an object"},
		{"status 0 with headers", with(``, `,"status":0`), "GET https://b.test/1 [a=b] -> 0 [c=d]: no response recorded"},
		{"status -1", with(``, `,"status":-1,"headers":[]`), "GET https://b.test/1 [a=b] -> -1 []: no response recorded"},
		{"status -999", with(``, `,"status":-999`), "GET https://b.test/1 [a=b] -> -999 [c=d]: no response recorded"},
		{"status a string", with(``, `,"status":"204"`), "GET https://b.test/1 [a=b] -> 204 [c=d]: complete"},
		{"status with a fraction", with(``, `,"status":2.01e2`), "GET https://b.test/1 [a=b] -> 201 [c=d]: complete"},
		{"status null", with(``, `,"status":null`), "GET https://b.test/1 [a=b] -> 0 [c=d]: no response recorded"},
		{"status a word", with(``, `,"status":"OK"`), "refused: response.status is a string of 2 bytes, not a number"},
		{"status of no use", with(``, `,"status":1e12`), "refused: response.status is a number, not a status"},
		{"response without headers", with(``, `,"headers":[]`), "GET https://b.test/1 [a=b] -> 200 []: response headers missing"},
		{"last of duplicate members", with(`,"url":"https://c.test/","headers":[{"name":"e","value":"f"}]`, `,"status":404`), "GET https://c.test/ [e=f] -> 404 [c=d]: complete"},
		{"duplicate request", `{"request":{"url":"x","method":"PUT"},"request":{"url":"y","method":"GET"}}`, "GET y [] -> 0 []: request headers missing, no response recorded"},
		{"headers not a list", with(`,"headers":"a: b"`, ``), "refused: request.headers is a string of 4 bytes, not a list of headers"},
		{"headers an object", with(`,"headers":{"A":"b","C":["d","e"],"F":7}`, ``), "GET https://b.test/1 [a=b c=d c=e f=7] -> 200 [c=d]: complete"},
		{"response headers an object", with(``, `,"headers":{"A":"b","C":["d","e"]}`), "GET https://b.test/1 [a=b] -> 200 [a=b c=d c=e]: repeated headers merged"},
		{"response headers an object with a line for each value", with(``, `,"headers":{"A":["b"],"C":["d","e"],"F":[]}`), "GET https://b.test/1 [a=b] -> 200 [a=b c=d c=e]: complete"},
		{"response headers an object, then a list", with(``, `,"headers":{"A":["b"]},"headers":[{"name":"c","value":"d"}]`), "GET https://b.test/1 [a=b] -> 200 [c=d]: complete"},
		{"headers as pairs", with(`,"headers":[["A","b"],["A","c","junk"],["d"]]`, ``), "GET https://b.test/1 [a=b a=c d=] -> 200 [c=d]: complete"},
		{"header a string", with(`,"headers":["a: b"]`, ``), "refused: request.headers has a member that is a string of 4 bytes, not an object with name and value"},
		{"header without name", with(``, `,"headers":[{"value":"x"}]`), "refused: response.headers has a header without a name"},
		{"header value a list", with(``, `,"headers":[{"name":"x","value":[1]}]`), "refused: response.headers has a value that is a list"},
		{"header value missing", with(``, `,"headers":[{"name":"x"},{"value":"y","name":"Z","comment":{}}]`), "GET https://b.test/1 [a=b] -> 200 [x= z=y]: complete"},
		{"header value null or a number", with(``, `,"headers":[{"name":"x","value":null},{"name":"y","value":600}]`), "GET https://b.test/1 [a=b] -> 200 [x= y=600]: complete"},
		{"lines joined", with(``, `,"headers":[{"name":"Set-Cookie","value":"a=1\nb=2\n"},{"name":"X","value":"\r\n y \t\n"}]`), "GET https://b.test/1 [a=b] -> 200 [set-cookie=a=1 set-cookie=b=2 x= x=y]: complete"},
		{"escapes", with(``, `,"h\u0065aders":[{"name":"\u0058-\u0041","value":"\"\\\/\b\f\t\u00e9\u000"}]`), "GET https://b.test/1 [a=b] -> 200 [x-a=\"\\/\b\f\t\xE9\\u000]: complete"},
		{"bytes", with(``, `,"headers":[{"name":"x","value":"ÿ"},{"name":"y","value":"€ÿ"},{"name":"z","value":"\uD83D\uDE00\uD83D"}]`), "GET https://b.test/1 [a=b] -> 200 [x=\xFF y=€ÿ z=😀\uFFFD]: bytes of a header value unsure"},
		{"broken UTF-8", with(``, `,"headers":[{"name":"x","value":"`+"\xE9"+`"}]`), "GET https://b.test/1 [a=b] -> 200 [x=\xE9]: bytes of a header value unsure"},
		{"redacted", with(``, `,"headers":[{"name":"x","value":"[X REDACTED]"}]`), "GET https://b.test/1 [a=b] -> 200 [x=[X REDACTED]]: header values redacted"},
		{"pseudo-headers", with(`,"headers":[{"name":":authority","value":"b.test:443"},{"name":":method","value":"GET"},{"name":":scheme","value":"https"},{"name":":path","value":"/1"},{"name":"a","value":"b"}]`, ``), "GET https://b.test/1 [a=b] -> 200 [c=d]: complete"},
		{"other authority", with(`,"headers":[{"name":":authority","value":"c.test"}]`, ``), "GET https://b.test/1 [] -> 200 [c=d]: request headers missing, pseudo-headers contradict the request"},
		{"other method", with(`,"headers":[{"name":":method","value":"PUT"},{"name":"a","value":"b"}]`, ``), "GET https://b.test/1 [a=b] -> 200 [c=d]: pseudo-headers contradict the request"},
		{"empty timings", `{"timings":{},"cache":{},"time":null,"startedDateTime":"soon",` + get[1:], goodSum},
		{"bodies", with(`,"postData":{"mimeType":"x","text":"`+strings.Repeat(`\\\"`, 999)+`"}`, `,"content":{"size":5,"text":"\\"}`), "GET https://b.test/1 [a=b] -> 200 [c=d]: complete"},
		{"body left out", with(``, `,"content":{"size":5}`), "GET https://b.test/1 [a=b] -> 200 [c=d]: body cut or left out"},
		{"junk, deep", `{"junk":` + strings.Repeat(`[{"a":`, 50_000) + `0` + strings.Repeat(`}]`, 50_000) + `,` + get[1:], goodSum},
	}
	for _, test := range tests {
		for name, input := range map[string]string{"HAR": har(get + "," + test.entry + "," + get), "JSON lines": get + "\n" + test.entry + "\n" + get + "\n"} {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				got, err := outcomes(t, strings.NewReader(input), Options{})
				if want := []string{goodSum, test.want, goodSum}; err != io.EOF || !slices.Equal(got, want) {
					t.Errorf("got %q, %v\nwant %q", got, err, want)
				}
			})
		}
	}
}

// packings are the ways in which a recording may come.
func packings() map[string]func(s string) string {
	through := func(s string, w io.WriteCloser, b *bytes.Buffer) string {
		io.WriteString(w, s)
		w.Close()
		return b.String()
	}
	wide := func(s string, order func(u uint16) []byte) string {
		var b []byte
		for _, u := range utf16.Encode([]rune("\uFEFF" + s)) {
			b = append(b, order(u)...)
		}
		return string(b)
	}
	return map[string]func(s string) string{
		"plain":           func(s string) string { return s },
		"byte-order mark": func(s string) string { return "\xEF\xBB\xBF" + s },
		"gzip":            func(s string) string { var b bytes.Buffer; return through(s, gzip.NewWriter(&b), &b) },
		"zlib":            func(s string) string { var b bytes.Buffer; return through(s, zlib.NewWriter(&b), &b) },
		"zstd": func(s string) string {
			var b bytes.Buffer
			w, _ := zstd.NewWriter(&b)
			return through(s, w, &b)
		},
		"UTF-16, little endian": func(s string) string { return wide(s, func(u uint16) []byte { return []byte{byte(u), byte(u >> 8)} }) },
		"UTF-16, big endian":    func(s string) string { return wide(s, func(u uint16) []byte { return []byte{byte(u >> 8), byte(u)} }) },
	}
}

// However a recording is packed, the same comes out.
func TestPackings(t *testing.T) {
	for _, kind := range kinds {
		text := kind.write(good(1), good(2), good(3))
		want, err := outcomes(t, strings.NewReader(text), Options{Request: &asked})
		if err != io.EOF || len(want) != 3 {
			t.Fatalf("%s: %q, %v", kind.name, want, err)
		}
		for name, pack := range packings() {
			for _, format := range []Format{AnyFormat, kind.format} {
				if got, err := outcomes(t, strings.NewReader(pack(text)), Options{Request: &asked, Format: format}); err != io.EOF || !slices.Equal(got, want) {
					t.Errorf("%s as %s: got %q, %v\nwant %q", kind.name, name, got, err, want)
				}
			}
		}
	}
}

// Wherever an input is cut off, what comes before the place is delivered as from the
// whole, and the reader says so, as far as it can be known: JSON lines may end after
// any, and messages have no mark at their end.
func TestCutOff(t *testing.T) {
	for _, kind := range kinds {
		for name, pack := range packings() {
			t.Run(kind.name+"/"+name, func(t *testing.T) {
				opts := Options{Format: kind.format, Request: &asked}
				text := pack(kind.write(good(1), good(2), good(3)))
				all, _ := outcomes(t, strings.NewReader(text), opts)
				step := 1
				if name != "plain" {
					step = 13
				}
				compressed := name == "gzip" || name == "zlib" || name == "zstd"
				for n := len(text) - 1; n > 0; n -= step {
					got, err := outcomes(t, strings.NewReader(text[:n]), opts)
					whole := len(got)
					if whole > 0 && !slices.Equal(got, all[:whole]) {
						whole-- // the last may be incomplete
					}
					if !slices.Equal(got[:whole], all[:whole]) {
						t.Fatalf("cut off at %d of %d: got %q\nwant %q", n, len(text), got, all)
					}
					told := err != io.EOF || whole < len(got) && strings.HasPrefix(got[whole], "refused: ")
					if err != io.EOF {
						syntax, cut := errors.AsType[*SyntaxError](err)
						_, format := errors.AsType[*FormatError](err)
						if cut && (!syntax.CutOff || syntax.Entries != len(got)) || !cut && (!format || len(got) > 0) {
							t.Fatalf("cut off at %d of %d: %v", n, len(text), err)
						}
					}
					switch {
					case told:
					case compressed:
						t.Fatalf("cut off at %d of %d, and nothing says so", n, len(text))
					case kind.format == JSONLines && whole == len(got):
					case kind.format == Messages:
					case kind.format == CurlVerbose && (whole == len(got) || strings.Contains(got[whole], "-> 0 []")):
					case kind.format == CurlVerbose && strings.HasSuffix(strings.Trim(text[:n], " \r\x00"), "<"): // as the line that ends headers
					default:
						t.Fatalf("cut off at %d of %d, and nothing says so: %q", n, len(text), got)
					}
				}
			})
		}
	}
}

// What is no recording at all, or not of the format that it is said to be, is never
// taken for an empty one.
func TestNoRecording(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	tests := map[string]string{
		"empty": "", "white space": " \r\n\t\n", "a byte-order mark": "\xEF\xBB\xBF", "an odd byte of UTF-16": "\xFF\xFE{",
		"NUL": "\x00", "many NULs": strings.Repeat("\x00", 1<<20), "invalid UTF-8": "\xC3(\xA0\xFF\n", "an endless line": long, "endless white space": strings.Repeat(" ", 1<<20),
		"a number": "17", "a huge number": strings.Repeat("9", 1<<20), "a word": "true", "an empty object": "{}", "an object of others": `{"a":{"b":[1,2]}}`,
		"an endless string": `{"` + long, "an endless name": `{"` + long + `":1}`, "an endless tag": "<" + long, "an endless header": "GET / HTTP/1.1\r\na: " + long,
		"lists in lists": strings.Repeat("[", 1<<20), "objects in objects": strings.Repeat(`{"log":`, 100_000), "elements in elements": "<items>" + strings.Repeat("<item>", 100_000),
		"HTML": "<!DOCTYPE html><p>Not found", "XML": "<?xml version=\"1.0\"?><items/>", "an image": "\x89PNG\r\n\x1A\n\x00\x00\x00\rIHDR",
		"gzip": "\x1F\x8B", "gzip that is none": "\x1F\x8Babcdefghijkl", "zlib": "\x78\x9C", "zlib that is none": "\x78\x9Cabcdefghijkl", "zstd": "\x28\xB5\x2F\xFD", "zstd that is none": "\x28\xB5\x2F\xFDabcdefghijkl",
		"zip": "PK\x03\x04", "zip that is none": "PK\x03\x04" + strings.Repeat("x", 100), "an empty zip": "PK\x05\x06" + strings.Repeat("\x00", 18), "a zip without HARs": archive(t, zip.Deflate, "x.png", "y"),
	}
	for _, kind := range kinds {
		tests["a recording: "+kind.name] = kind.write(good(1), good(2))
	}
	for name, input := range tests {
		for format := AnyFormat; format <= Burp; format++ {
			t.Run(name+"/"+format.String(), func(t *testing.T) {
				got, err := outcomes(t, strings.NewReader(input), Options{Format: format, Request: &asked})
				if len(got) == 0 && err == io.EOF && !(format == JSONLines && strings.Trim(strings.TrimPrefix(input, "\xEF\xBB\xBF"), " \r\n\t") == "") {
					t.Error("taken for an empty recording")
				}
				if err != io.EOF && len(err.Error()) > 400 {
					t.Errorf("a message of %d bytes", len(err.Error()))
				}
			})
		}
	}
}

// A mark between entries, as where files were put together, is passed over.
func TestMarkBetween(t *testing.T) {
	const mark = "\xEF\xBB\xBF"
	for _, input := range []string{har(get) + mark + har(get), mark + get + "\n" + mark + get + "\n"} {
		if got, err := outcomes(t, strings.NewReader(input), Options{}); len(got) != 2 || got[0] != got[1] || err != io.EOF {
			t.Errorf("%q, %v", got, err)
		}
	}
}

// Compressed input in which a bit was changed, or which was cut off, gives the same
// or says that it does not.
func TestDamage(t *testing.T) {
	text := har(get + "," + get + "," + get)
	want, _ := outcomes(t, strings.NewReader(text), Options{})
	all := packings()
	inputs := map[string]string{
		"gzip": all["gzip"](text), "zlib": all["zlib"](text), "zstd": all["zstd"](text),
		"zip": archive(t, zip.Deflate, "x", "y", "1.har", text), "zip, stored": archive(t, zip.Store, "x", "y", "1.har", text),
	}
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			check := func(input, how string, i int) {
				got, err := outcomes(t, strings.NewReader(input), Options{Format: HAR})
				if err == io.EOF && !slices.Equal(got, want) {
					t.Errorf("byte %d of %d %s: %q, and nothing is said", i, len(input), how, got)
				}
			}
			for i := range len(input) {
				check(input[:i], "missing, and all behind it", i)
				changed := []byte(input)
				changed[i] ^= 1 << (i % 8)
				check(string(changed), "changed", i)
			}
		})
	}
}

// Errors are shown where recordings are not, so they hold nothing of a recording,
// whatever is wrong with it.
func TestErrorsQuoteNothing(t *testing.T) {
	const secret = "SEKRIT"
	w := written{"GET", "https://b.test/" + secret + "?token=" + secret, "200 " + secret,
		[][2]string{{"host", "b.test"}, {"authorization", "Bearer " + secret}, {"cookie", secret + "=" + secret}},
		[][2]string{{"set-cookie", secret}}}
	inputs := map[string][]string{"": {
		secret, "Cookie: " + secret, "\x00" + secret, "[" + secret, `"` + secret + `"`, "<" + secret + ">",
		"GET /a?token=" + secret + " HTTP/1.1\n\n", "GET /a?token=" + secret + "\n\n", "HTTP/1.1 " + secret + "\n\n",
	}}
	for _, kind := range kinds {
		w := w
		if kind.format == HAR || kind.format == JSONLines {
			w.status = "200" // which is in no quotes there
		}
		whole := kind.write(w)
		all := []string{whole, strings.ReplaceAll(whole, `{"name":"authorization","value":"Bearer `+secret+`"}`, `"authorization: Bearer `+secret+`"`)}
		for i := 0; i < len(whole); i += 2 {
			for _, put := range []string{"", "\n", "\"", " ", ":", "{", "]", "\x00", "\n" + secret + "\n"} {
				all = append(all, whole[:i]+put+whole[i+1:], whole[:i]+put+whole[i:])
			}
			all = append(all, whole[:i])
		}
		inputs[kind.name] = all
	}
	read := func(input string, format Format) {
		reader, err := NewReader(strings.NewReader(input), Options{Format: format})
		if err == nil {
			for _, problem := range reader.All() {
				err = errors.Join(err, problem)
			}
		}
		if err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("%v of %q: %v", format, input, err)
		}
	}
	for name, list := range inputs {
		for _, kind := range kinds {
			if name == "" || name == kind.name {
				for _, input := range list {
					read(input, kind.format)
				}
			}
		}
		for i, input := range list {
			if i < 16 {
				read(input, AnyFormat)
			}
		}
	}
}
