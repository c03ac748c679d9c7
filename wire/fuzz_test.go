package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

var seeds = []string{
	"",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n2;x=y\r\nok\r\n0\r\nA: b\r\n\r\n",
	"HTTP/1.0 404 Not Found\nX: 1\nx: 2\nY:\t3 \n\nrest",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nA: b\r\n c\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
	"junkHTTP/1.1 200\r\nx y: z\r\nno colon\r\n : \r\na\r: b\rc\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Encoding: deflate, gzip\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nA: \x00\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
}

// FuzzParseResponse: whatever a server sends gives a response or an error of a known
// kind, and what comes out could be written again and means the same.
func FuzzParseResponse(f *testing.F) {
	for _, raw := range seeds {
		f.Add("GET", []byte(raw))
		f.Add("HEAD", []byte(raw))
	}
	f.Fuzz(func(t *testing.T, method string, raw []byte) {
		response, err := ParseResponse(bufio.NewReader(bytes.NewReader(raw)), method)
		if err != nil {
			_, known := errors.AsType[*MalformedError](err)
			if !known && err != ErrNoResponse && !errors.Is(err, cors.ResponseTooLarge) {
				t.Fatalf("unknown error %T %v", err, err)
			}
			return
		}
		if response.Status < 0 || response.Status > 999 || response.Status/100 == 1 {
			t.Errorf("status %d", response.Status)
		}
		if response.Headers.Contains("content-encoding") {
			// Little can unpack to much.
			response.Body = io.NopCloser(io.LimitReader(response.Body, 1<<20))
		}
		if n, _ := io.Copy(io.Discard, response.Body); !response.Headers.Contains("content-encoding") && n > int64(len(raw)) {
			t.Errorf("a body of %d bytes out of %d", n, len(raw))
		}
		var again strings.Builder
		for _, h := range response.Headers {
			if !headers.IsName(h.Name) || !headers.IsValue(h.Value) {
				t.Errorf("%q: %q is no header", h.Name, h.Value)
			}
			again.WriteString(h.Name + ":" + h.Value + "\r\n")
		}
		reparsed, err := ParseHeaderBlock(again.String() + "\r\nmore: x\r\n")
		if err != nil || !slices.Equal(reparsed, response.Headers) {
			t.Errorf("%q becomes %q, %v", response.Headers, reparsed, err)
		}
	})
}

// FuzzLikeNetHTTP: where net/http accepts a plain response and its body, we read the
// same.
func FuzzLikeNetHTTP(f *testing.F) {
	for _, raw := range seeds {
		f.Add("GET", []byte(raw))
		f.Add("HEAD", []byte(raw))
	}
	f.Fuzz(func(t *testing.T, method string, raw []byte) {
		// Browsers have rules of their own for NUL, for CR within a line, for 205, and
		// for versions before 1.0.
		if bytes.IndexByte(raw, 0) >= 0 || bytes.Count(raw, []byte("\r")) != bytes.Count(raw, []byte("\r\n")) {
			return
		}
		theirs, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), &http.Request{Method: method})
		if err != nil || theirs.StatusCode/100 == 1 || theirs.StatusCode == 205 || theirs.ProtoMajor == 0 {
			return
		}
		theirBody, err := io.ReadAll(theirs.Body)
		if err != nil || theirs.Header["Content-Encoding"] != nil {
			return
		}
		ours, err := ParseResponse(bufio.NewReader(bytes.NewReader(raw)), method)
		if err != nil {
			t.Fatal(err)
		}
		ourBody, err := io.ReadAll(ours.Body)
		if err != nil || !bytes.Equal(ourBody, theirBody) {
			t.Errorf("body is %q, %v; net/http has %q", ourBody, err, theirBody)
		}
		_, reason, _ := strings.Cut(theirs.Status, " ")
		if ours.Status != theirs.StatusCode || ours.StatusText != strings.Trim(reason, " \t") {
			t.Errorf("status is %d %q; net/http has %s", ours.Status, ours.StatusText, theirs.Status)
		}
		got := http.Header(ours.Headers.Map())
		// net/http takes these away, or makes others of them.
		for _, name := range []string{"Transfer-Encoding", "Content-Length", "Trailer", "Pragma", "Cache-Control"} {
			got.Del(name)
			theirs.Header.Del(name)
		}
		// It refuses some lines that are no headers, and keeps others.
		maps.DeleteFunc(theirs.Header, func(name string, _ []string) bool { return !headers.IsName(name) })
		// It counts the spaces of lines that continue others in a way of its own.
		folded := bytes.Contains(raw, []byte("\n ")) || bytes.Contains(raw, []byte("\n\t"))
		for name := range theirs.Header {
			for i := range theirs.Header[name] {
				if folded && i < len(got[name]) {
					got[name][i] = strings.Join(strings.Fields(got[name][i]), " ")
					theirs.Header[name][i] = strings.Join(strings.Fields(theirs.Header[name][i]), " ")
				}
			}
			if !slices.Equal(got[name], theirs.Header[name]) {
				t.Errorf("%s is %q; net/http has %q", name, got[name], theirs.Header[name])
			}
		}
		if len(got) != len(theirs.Header) {
			t.Errorf("headers are %q; net/http has %q", got, theirs.Header)
		}
	})
}
