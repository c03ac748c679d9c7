package server

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
)

// A static is a plain file and what its .headers file adds.
type static struct {
	content string
	headers headers.List
}

// pixel replaces every image: tests of fetching ask for no more of one
// than that it is an image.
var pixel = func() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err) // encoding a pixel into memory cannot fail
	}
	return b.String()
}()

// files are small equivalents of upstream's files, the same to the byte where
// tests compare what they got.
var files = func() map[string]static {
	with := func(name, value string) headers.List { return headers.List{{Name: name, Value: value}} }
	all := map[string]static{
		"/common/blank-with-cors.html":                            {"", with("Access-Control-Allow-Origin", "*")},
		"/common/blank.html":                                      {},
		"/common/dummy.json":                                      {content: "{}\n"},
		"/common/dummy.xhtml":                                     {content: `<html xmlns="http://www.w3.org/1999/xhtml"/>` + "\n"},
		"/common/dummy.xml":                                       {content: "<foo/>\n"},
		"/common/text-plain.txt":                                  {content: "plain text\n"},
		"/eventsource/resources/accept.event_stream":              {content: "data: {{headers[accept]}}\n\n"},
		"/eventsource/resources/cache-control.event_stream":       {content: "data: {{headers[cache-control]}}\n\n"},
		"/fetch/api/request/resources/hello.txt":                  {content: "hello\n"},
		"/fetch/api/resources/basic.html":                         {content: "<!DOCTYPE html>\n"},
		"/fetch/api/resources/cors-top.txt":                       {"top", with("Access-Control-Allow-Origin", "*")},
		"/fetch/api/resources/data.json":                          {content: `{"key": "value"}` + "\n"},
		"/fetch/api/resources/empty.txt":                          {},
		"/fetch/api/resources/top.txt":                            {content: "top"},
		"/fetch/cross-origin-resource-policy/resources/green.png": {content: pixel},
		"/images/apng.png":                                        {content: pixel},
		"/images/blue.png":                                        {content: pixel},
		"/images/green-1x1.png":                                   {content: pixel},
		"/images/red.png":                                         {content: pixel},
		"/xhr/folder.txt":                                         {content: "top\n"},
		"/xhr/resources/folder.txt":                               {content: "bottom\n"},
		"/xhr/resources/image.gif":                                {content: "GIF89a\x01\x00\x01\x00\x00\x00\x00;"},
		"/xhr/resources/img.jpg":                                  {content: "\xFF\xD8\xFF\xD9"},
		"/xhr/resources/nocors/folder.txt":                        {content: "not CORS-enabled"},
		"/xhr/resources/pass.txt":                                 {content: "PASS\n"},
		"/xhr/resources/top.txt":                                  {content: "top"},
		"/xhr/resources/utf16-bom.json":                           {content: "\xFF\xFE" + utf16LE(`{"foo":"bar"}`+"\n")},
		"/xhr/resources/well-formed.xml":                          {content: `<html xmlns="http://www.w3.org/1999/xhtml"/>` + "\n"},
	}
	for name, policy := range map[string]headers.Header{
		"csp-blocked":                       {Name: "Content-Security-Policy", Value: "connect-src 'none';"},
		"nested-policy":                     {Name: "Referrer-Policy", Value: "no-referrer"},
		"referrer-no-referrer":              {Name: "Referrer-Policy", Value: "no-referrer"},
		"referrer-origin":                   {Name: "Referrer-Policy", Value: "origin"},
		"referrer-origin-when-cross-origin": {Name: "Referrer-Policy", Value: "origin-when-cross-origin"},
		"referrer-unsafe-url":               {Name: "Referrer-Policy", Value: "unsafe-url"},
	} {
		for _, extension := range []string{".html", ".js"} {
			all["/fetch/api/policies/"+name+extension] = static{"", headers.List{policy}}
		}
	}
	delete(all, "/fetch/api/policies/nested-policy.html") // there is only the script
	return all
}()

func utf16LE(ascii string) string { return strings.Join(strings.Split(ascii, ""), "\x00") + "\x00" }

// asIs are responses that go out as their files are, line ends included.
var asIs = map[string]string{
	"/cors/resources/cors-headers.asis": "HTTP/1.1 200 OK\r\n" +
		"Access-Control-Allow-Origin: *\r\n" +
		"Access-Control-Expose-Headers: X-Custom-Header, X-Custom-Header-Empty, X-Custom-Header-Comma, X-Custom-Header-Bytes\r\n" +
		"Access-Control-Expose-Headers: X-Second-Expose\r\n" +
		"Access-Control-Expose-Headers: Date\r\n" +
		"Content-Type: text/plain\r\n" +
		"Content-Length: 4\n" +
		"X-Custom-Header: test\r\n" +
		"X-Custom-Header: test\r\n" +
		"Set-Cookie: test1=t1;max-age=2\r\n" +
		"Set-Cookie2: test2=t2;Max-Age=2\r\n" +
		"X-Custom-Header-Empty: \r\n" +
		"X-Custom-Header-Comma: 1\r\n" +
		"X-Custom-Header-Comma: 2\r\n" +
		"X-Custom-Header-Bytes: …\r\n" +
		"X-Nonexposed: unicorn\r\n" +
		"X-Second-Expose: flyingpig\r\n" +
		"Cache-Control: no-cache\r\n" +
		"Content-Language: nn\r\n" +
		"Expires: Thu, 01 Dec 1994 16:00:00 GMT\r\n" +
		"Last-Modified: Thu, 01 Dec 1994 10:00:00 GMT\r\n" +
		"Pragma: no-cache\r\n" +
		"Date: Wed, 22 Oct 2013 10:00:00 GMT\r\n" +
		"\r\nTEST\n",
	"/fetch/content-length/resources/identical-duplicates.asis": "HTTP/1.1 200 BLAH\n" +
		"Test: x\nTest: x\nContent-Type: text/plain\nContent-Type: text/plain\n" +
		"Content-Length: 6\nContent-Length: 6\n\nTest.\n",
	"/fetch/h1-parsing/resources/blue-with-0x00-in-a-header.asis": "HTTP/1.1 200 AN IMAGE\r\n" +
		"Content-Type: image/png\r\nCustom: \x00\r\n\r\n" + pixel,
	"/xhr/resources/header-content-length-twice.asis": "HTTP/1.0 200 NANANA\nCONTENT-LENGTH:  0\ncontent-length:\t 0\n",
	"/xhr/resources/header-content-length.asis":       "HTTP/1.0 200 NANANA\nCONTENT-LENGTH:  0\n",
	"/xhr/resources/headers-basic.asis":               "HTTP/1.1 280 HELLO\nfoo-test: 1\nfoo-test: 2\nfoo-test: 3\n",
	"/xhr/resources/headers-double-empty.asis":        "HTTP/1.1 444 HI\ndouble-trouble:\ndouble-trouble:\n",
	"/xhr/resources/headers-some-are-empty.asis":      "HTTP/1.0 200 MEH\nHEYA:\t \nHEYA: \v\f\nHEYA: 1\t\nHEYA:\nHEYA:\t\nHEYA: \t2\n",
	"/xhr/resources/headers-www-authenticate.asis":    "HTTP/1.1 280 HELLO\nwww-authenticate: 1\nwww-authenticate: 2\nwww-authenticate: 3, 4\n",
	"/xhr/resources/headers.asis":                     "HTTP/1.1 200 YAYAYAYA\nfoo-TEST: 1\nFOO-test: 2\n__Custom: token\nALSO-here: Mr. PB\newok: lego\n",
}

// contentTypes are the types that upstream gives to file names.
var contentTypes = map[string]string{
	"css": "text/css", "event_stream": "text/event-stream", "gif": "image/gif", "html": "text/html",
	"jpg": "image/jpeg", "js": "text/javascript", "json": "application/json", "png": "image/png",
	"txt": "text/plain", "xhtml": "application/xhtml+xml", "xml": "application/xml",
}

// serveFile describes the file's contents, or the range of it that is asked
// for. The length of a whole file is not told.
func serveFile(q *request, p *response, path string) {
	file, ok := files[path]
	if !ok {
		file, ok = readStatic(q.root, path)
	}
	if !ok {
		fail(404, "404")
	}
	if !file.headers.Contains("Content-Type") {
		p.add("Content-Type", contentTypes[path[strings.LastIndexByte(path, '.')+1:]])
	}
	p.addAll(file.headers)
	p.body = body{chunks: []chunk{{data: file.content}}}
	if asked, ok := q.header("Range"); ok {
		from, to := byteRange(asked, len(file.content))
		p.status(206)
		p.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, len(file.content)))
		p.content(file.content[from:to])
	}
}

// readStatic reads the file at a path of an upstream tree, and the .headers file
// beside it.
func readStatic(root fs.FS, path string) (file static, ok bool) {
	name := strings.TrimPrefix(path, "/")
	if root == nil || !fs.ValidPath(name) {
		return static{}, false
	}
	content, err := fs.ReadFile(root, name)
	if err != nil {
		return static{}, false
	}
	file.content = string(content)
	lines, err := fs.ReadFile(root, name+".headers")
	if err != nil {
		return file, true
	}
	for line := range strings.Lines(string(lines)) {
		if name, value, ok := strings.Cut(line, ":"); ok {
			file.headers.Append(headers.TrimTabOrSpace(name), strings.TrimSpace(value))
		}
	}
	return file, true
}

// byteRange returns the range that a Range header with one range stands for.
func byteRange(asked string, size int) (from, to int) {
	unsatisfiable := func() (int, int) { fail(416, "416"); return 0, 0 }
	spec, ok := strings.CutPrefix(asked, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !ok || !dash || strings.ContainsAny(last, ",-") {
		return unsatisfiable()
	}
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(last)
	switch {
	case first == "" && last == "":
		from, to = 0, size
	case first == "" && errB == nil:
		from, to = max(0, size-b), size
	case last == "" && errA == nil:
		from, to = a, size
	case errA == nil && errB == nil:
		from, to = a, min(size, b+1)
	default:
		return unsatisfiable()
	}
	if from >= to || from >= size {
		return unsatisfiable()
	}
	return from, to
}
