package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/google/go-cmp/cmp"
)

// parse returns a response as one line to compare, and the error of its headers or
// body.
func parse(t *testing.T, method, raw string) (string, error) {
	t.Helper()
	response, err := ParseResponse(bufio.NewReader(strings.NewReader(raw)), method)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	s := fmt.Sprintf("%d %q", response.Status, response.StatusText)
	for _, h := range response.Headers {
		s += fmt.Sprintf(" %s=%q", h.Name, h.Value)
	}
	return s + fmt.Sprintf(" body=%q", body), err
}

// TestStatusLine has the cases of fetch/h1-parsing/status-code.window.js among
// others.
func TestStatusLine(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"HTTP/1.1 200 OK", `200 "OK"`},
		{"HTTP/1.1 200", `200 ""`},
		{"HTTP/1.1 200 ", `200 ""`},
		{"HTTP/1.1   200   all  is well ", `200 "all  is well"`},
		{"HTTP/1.1 0 OK", `0 "OK"`},
		{"HTTP/1.1 1 OK", `1 "OK"`},
		{"HTTP/1.1 99 NOT OK", `99 "NOT OK"`},
		{"HTTP/1.1 077 77", `77 "77"`},
		{"HTTP/1.1 099 HELLO", `99 "HELLO"`},
		{"HTTP/1.1 999 DOES IT MATTER", `999 "DOES IT MATTER"`},
		{"HTTP/1.1 200 \xe9", `200 "\xe9"`},
		{"HTTP/1.1", `200 "OK"`},
		{"http/1.1 200 OK", `200 "OK"`},
		{"HTTP/9.9 200 OK", `200 "OK"`},
		{"HTTP/one 200 OK", `200 "OK"`},
		{"HTTP/ 200 OK", `200 "OK"`},
		{"\r\n\r\nHTTP/1.1 200 OK", `200 "OK"`},
		{"junkHTTP/1.1 200 OK", `200 "OK"`},
		{"HTTP/1.1 200\rOK", `200 "OK"`},

		{"HTTP/1.1 ", ""},
		{"HTTP/1.1 BLAH", ""},
		{"HTTP/1.1 1000 BOO", ""},
		{"HTTP/1.1 0200 BOO", ""},
		{"HTTP/1.1 65736 NOT 200 OR SOME SUCH", ""},
		{"HTTP/1.1 131072 HI", ""},
		{"HTTP/1.1 -200 TEST", ""},
		{"HTTP/1.1 0xA", ""},
		{"HTTP/1.1 C8", ""},
		{"HTTP/1.1 200OK", ""},
		{"HTTP/1.1\t200 OK", ""},
		{"HTTP/1.1\r200 OK", ""},
		{"HTTP/1.1 101 Switching Protocols", ""},
		{"HTTP/1.1 200 \x00", ""},
		{"junk.HTTP/1.1 200 OK", ""},
		{"HTTP 200 OK", ""},
		{"ICY 200 OK", ""},
		{"<!doctype html>", ""},
		{"SSH-2.0-OpenSSH_9.6", ""},
		{"", ""},
		{"\n", ""},
	} {
		got, err := parse(t, "GET", test.line+"\r\ncontent-length: 0\r\n\r\n")
		want := ""
		if test.want != "" {
			want = test.want + ` content-length="0" body=""`
		}
		if got != want {
			t.Errorf("%q: got %s (%v), want %s", test.line, got, err, want)
		}
		if _, ok := errors.AsType[*MalformedError](err); ok != (want == "") {
			t.Errorf("%q: error is %T %v", test.line, err, err)
		}
	}
}

func TestHeaderBlock(t *testing.T) {
	for _, test := range []struct {
		name, block string
		want        headers.List
	}{
		{"order, spelling and repeats are kept", "b: 1\r\nA: 2\r\nB: 3\r\na: 4\r\n", headers.List{{Name: "b", Value: "1"}, {Name: "A", Value: "2"}, {Name: "B", Value: "3"}, {Name: "a", Value: "4"}}},
		{"LF alone", "a: 1\nb: 2\n\nc: 3\n", headers.List{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}}},
		{"no line break at the end", "a: 1", headers.List{{Name: "a", Value: "1"}}},
		{"whitespace around values", "a:1\nb: \t 2 \t \nc:\nd: \t\n", headers.List{{Name: "a", Value: "1"}, {Name: "b", Value: "2"}, {Name: "c"}, {Name: "d"}}},
		{"bytes of values", "a: \x01\x0b\x0c\x1f\x7f\x80\xff: x\t y\n", headers.List{{Name: "a", Value: "\x01\x0b\x0c\x1f\x7f\x80\xff: x\t y"}}},
		{"every token character", "!#$%&'*+-.^_`|~09AZaz: 1\n", headers.List{{Name: "!#$%&'*+-.^_`|~09AZaz", Value: "1"}}},
		{"no colon", "foo\na: 1\n", headers.List{{Name: "a", Value: "1"}}},
		{"names that are no tokens", ": 1\nx y: 1\nx\xe9: 1\n\x01: 1\n\"x\": 1\n(x): 1\na: 1\n", headers.List{{Name: "a", Value: "1"}}},
		{"whitespace before the colon", "x : 1\nx\t: 1\na: 1\n", headers.List{{Name: "a", Value: "1"}}},
		{"continued", "a: 1\r\n 2\r\n\t 3 \r\nb: 4\r\n", headers.List{{Name: "a", Value: "1 2 3"}, {Name: "b", Value: "4"}}},
		{"continued from nothing", "a:\r\n 1\r\n", headers.List{{Name: "a", Value: "1"}}},
		{"continued with nothing", "a: 1 \r\n \r\n\t\r\n 2\r\n", headers.List{{Name: "a", Value: "1   2"}}},
		{"a continued line that is skipped", "x y: 1\n a: 2\nfoo\n : 3\nb: 4\n", headers.List{{Name: "b", Value: "4"}}},
		{"a first line that continues nothing", " a: 1\n\tb: 2\nc: 3\n", headers.List{{Name: "c", Value: "3"}}},
		{"CR within a value", "a: 1\r2\nb: 1\r\r2\r\n", headers.List{{Name: "a", Value: "1 2"}, {Name: "b", Value: "1  2"}}},
		{"CR around a value", "a:\r1\r\r\n", headers.List{{Name: "a", Value: "1"}}},
		{"CR in a name", "\ra: 1\nb\r: 1\nc: 1\n", headers.List{{Name: "c", Value: "1"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseHeaderBlock(test.block)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%q (-want +got)\n%s", test.block, diff)
			}
		})
	}
}

func TestHeaderBlockRefusesNUL(t *testing.T) {
	_, err := ParseHeaderBlock("a: 1\r\n 2\r\nb: \x00\r\n")
	want := `line 3: headers must not contain NUL (byte 3 of the line): "b: \x00"`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestContentLength has the cases of fetch/content-length/parsing.window.js. The
// body has 42 bytes; a want of -1 is a network error.
func TestContentLength(t *testing.T) {
	const body = "Fact: this is really forty-two bytes long."
	for _, test := range []struct {
		lines string
		want  int
	}{
		{"Content-Length: 42", 42},
		{"Content-Length: 42,42", 42},
		{"Content-Length: 42\r\nContent-Length: 42", 42},
		{"Content-Length: 42\r\nContent-Length: 42,42", 42},
		{"Content-Length: 30", 30},
		{"Content-Length: 30,30", 30},
		{"Content-Length: 30\r\nContent-Length: 30", 30},
		{"Content-Length: 30\r\nContent-Length: 30,30", 30},
		{"Content-Length: 30,30\r\nContent-Length: 30,30", 30},
		{"Content-Length: 30,30,  30  \r\nContent-Length: 30  ", 30},
		{"Content-Length: 30,42\r\nContent-Length: 30", -1},
		{"Content-Length: 30,42\r\nContent-Length: 30,42", -1},
		{"Content-Length: 42,30", -1},
		{"Content-Length: 30,42", -1},
		{"Content-Length: 42\r\nContent-Length: 30", -1},
		{"Content-Length: 30\r\nContent-Length: 42", -1},
		{"Content-Length: 30,", -1},
		{"Content-Length: ,30", -1},
		{"Content-Length: 30\r\nContent-Length: \t", -1},
		{"Content-Length: \r\nContent-Length: 30", -1},
		{"Content-Length: aaaah\r\nContent-Length: nah", -1},
		{"Content-Length: aaaah, nah", -1},
		{"Content-Length: aaaah\r\nContent-Length: aaaah", 42},
		{"Content-Length: aaaah, aaaah", 42},
		{"Content-Length: aaaah", 42},
		{"Content-Length: 42s", 42},
		{"Content-Length: 30s", 42},
		{"Content-Length: -1", 42},
		{"Content-Length: 0x20", 42},
		{"Content-Length: 030", 30},
		{"Content-Length: 030\r\nContent-Length: 30", -1},
		{"Content-Length: 030, 30", -1},
		{"Content-Length: \"30\"", 42},
		{"Content-Length:30\r\nContent-Length:,\r\nContent-Length:30", -1},
		{"Content-Length: ", 42},
		{"Content-Length: +30", 42},
		{"Content-Length: 99999999999999999999", 42},
		{"Content-Length: 0", 0},
	} {
		response, err := ParseResponse(bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\n"+test.lines+"\r\n\r\n"+body)), "GET")
		if test.want < 0 {
			if _, ok := errors.AsType[*MalformedError](err); !ok {
				t.Errorf("%q: error is %T %v, want a MalformedError", test.lines, err, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", test.lines, err)
			continue
		}
		got, err := io.ReadAll(response.Body)
		if string(got) != body[:test.want] || err != nil {
			t.Errorf("%q: got %q (%v), want %d bytes", test.lines, got, err, test.want)
		}
	}
}

func TestBody(t *testing.T) {
	for _, test := range []struct {
		name, method, raw, want string
		err                     error
	}{
		{"ends with the connection", "GET", "HTTP/1.1 200 OK\n\nBODY", "BODY", nil},
		{"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nBODY\r\nA;x=\"y\"\r\n0123456789\r\n0\r\n\r\n", "BODY0123456789", nil},
		{"chunked, with LF, spaces, trailers", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: CHUNKED\n\n0004  \nBODY\n0\nA: b\nnonsense\n\n", "BODY", nil},
		{"chunked besides another coding", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: foo, chunked\n\n4\nBODY\n0\n\n", "BODY", nil},
		{"chunked wins over lengths", "GET", "HTTP/1.1 200 OK\nContent-Length: 1\nContent-Length: 2\nTransfer-Encoding: chunked\n\n4\nBODY\n0\n\n", "BODY", nil},
		{"chunked means nothing in HTTP/1.0", "GET", "HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n4\nBODY", "4\nBODY", nil},
		{"another transfer coding", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: identity\nContent-Length: 2\n\nBODY", "BO", nil},
		{"a content coding is left", "GET", "HTTP/1.1 200 OK\nContent-Encoding: gzip\n\nBODY", "BODY", nil},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\nContent-Length: 4\nContent-Encoding: gzip\n\nBODY", "", nil},
		{"204", "GET", "HTTP/1.1 204 No\n\nBODY", "", nil},
		{"205", "GET", "HTTP/1.1 205 No\nTransfer-Encoding: chunked\n\n4\nBODY", "", nil},
		{"304", "GET", "HTTP/1.1 304 No\nContent-Length: 4\n\nBODY", "", nil},
		{"interim responses", "GET", "HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early\nLink: x\n\nHTTP/1.1 200 OK\n\nBODY", "BODY", nil},

		{"too short", "GET", "HTTP/1.1 200 OK\nContent-Length: 5\n\nBODY", "BODY", &TruncatedError{4, 5}},
		{"too short, chunked", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nBODY", "BODY", &TruncatedError{4, -1}},
		{"without a last chunk", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nBODY\n", "BODY", &TruncatedError{4, -1}},
		{"without an end of the trailers", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nBODY\n0\nA: b\n", "BODY", &TruncatedError{4, -1}},
		{"chunk too long", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nBODY!\n0\n\n", "BODY", errMalformed},
		{"chunk without a size", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n\nBODY", "", errMalformed},
		{"size that is no number", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0x4\nBODY", "", errMalformed},
		{"size that is negative", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n-4\nBODY", "", errMalformed},
		{"size that is too large", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n8000000000000000\nBODY", "", errMalformed},
		{"extension that is too long", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4;" + strings.Repeat("x", MaxChunkLineBytes) + "\nBODY\n0\n\n", "", errMalformed},
		{"trailers that are too long", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\n" + strings.Repeat("x: y\n", MaxHeaderBytes/5+1) + "\n", "", errMalformed},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, slow := range []bool{false, true} {
				var r io.Reader = strings.NewReader(test.raw)
				if slow {
					r = iotest.OneByteReader(r)
				}
				response, err := ParseResponse(bufio.NewReader(r), test.method)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(response.Body)
				if string(got) != test.want && test.err != io.ErrUnexpectedEOF {
					t.Errorf("body is %q, want %q", got, test.want)
				}
				_, malformed := errors.AsType[*MalformedError](err)
				switch want := test.err.(type) {
				case *TruncatedError:
					if diff := cmp.Diff(error(want), err); diff != "" || !errors.Is(err, io.ErrUnexpectedEOF) {
						t.Errorf("error (-want +got)\n%s", diff)
					}
				default:
					if !errors.Is(err, want) && !(want == errMalformed && malformed) {
						t.Errorf("error is %T %v, want %v", err, err, want)
					}
				}
			}
		})
	}
}

// errMalformed stands for any MalformedError.
var errMalformed = errors.New("malformed")

func TestHeadersThatBreakOff(t *testing.T) {
	const whole = "HTTP/1.1 200 OK\r\na: b\r\n\r\n"
	for i := range whole {
		_, err := parse(t, "GET", whole[:i])
		_, malformed := errors.AsType[*MalformedError](err)
		switch {
		case i == 0 && err != ErrNoResponse:
			t.Errorf("of nothing: %v", err)
		case i > 0 && whole[i-1] == '\n':
			if err != nil { // whole lines are headers, without the blank one too
				t.Errorf("of %q: %v", whole[:i], err)
			}
		case i > 0 && !malformed:
			t.Errorf("of %q: %v", whole[:i], err)
		case i >= len("HTTP/") && !errors.Is(err, io.ErrUnexpectedEOF):
			t.Errorf("of %q: %v is no io.ErrUnexpectedEOF", whole[:i], err)
		}
	}
}

func TestHeaderBounds(t *testing.T) {
	block := func(n int) string {
		const start, end = "HTTP/1.1 200 OK\r\na: ", "\r\n\r\n"
		return start + strings.Repeat("x", n-len(start)-len(end)) + end
	}
	if _, err := parse(t, "GET", block(MaxHeaderBytes)); err != nil {
		t.Errorf("as many bytes as are allowed: %v", err)
	}
	_, err := parse(t, "GET", block(MaxHeaderBytes+1))
	if !errors.Is(err, cors.ResponseTooLarge) {
		t.Errorf("one byte more: %v", err)
	}
	interim := strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", MaxInterimResponses)
	if _, err := parse(t, "GET", interim+"HTTP/1.1 200 OK\r\n\r\n"); err != nil {
		t.Errorf("as many interim responses as are allowed: %v", err)
	}
	_, err = parse(t, "GET", interim+"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
	if _, ok := errors.AsType[*MalformedError](err); !ok {
		t.Errorf("one interim response more: %v", err)
	}
}

// A response leaves what follows it alone, so that a recording of several can be
// read one after the other.
func TestParseResponseReadsOnlyItsOwn(t *testing.T) {
	br := bufio.NewReader(strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab" +
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ncd\r\n0\r\n\r\n" + "HTTP/1.1 204 No Content\r\n\r\n" + "rest"))
	for _, want := range []string{"ab", "cd", ""} {
		response, err := ParseResponse(br, "GET")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(response.Body); string(got) != want || err != nil {
			t.Errorf("body is %q (%v), want %q", got, err, want)
		}
	}
	if rest, _ := io.ReadAll(br); string(rest) != "rest" {
		t.Errorf("what follows is %q", rest)
	}
}
