package record

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/corsim/corsim/headers"
)

func TestText(t *testing.T) {
	asked := Request{Method: "GET", URL: "https://b.test/1", Headers: headers.List{{Name: "origin", Value: "https://a.test"}}}
	tests := []struct{ name, input, want string }{
		{"a pair", "GET /1 HTTP/1.1\r\nHost: b.test\r\nOrigin: https://a.test\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\nx:  z \r\n\r\nbody",
			"line 1: GET https://b.test/1 [host=b.test origin=https://a.test] -> 200 [x=y x=z]: URL guessed\n"},
		{"absolute target, no reason phrase", "GET http://b.test/1 HTTP/1.1\nA: b\n\nHTTP/2 204\nC: d\n",
			"line 1: GET http://b.test/1 [a=b] -> 204 [c=d]: complete\n"},
		{"several, in an archive", "-- preflight --\nOPTIONS /1 HTTP/1.1\nHost: localhost:8080\n\n-- answer --\nHTTP/1.1 204 No Content\nA: b\n\n-- request --\nPUT /1 HTTP/1.1\nHost: localhost:8080\n\n{}\n-- answer --\nHTTP/1.1 200 OK\nA: b\n",
			"line 2: OPTIONS http://localhost:8080/1 [host=localhost:8080] -> 204 [a=b]: URL guessed\n" +
				"line 10: PUT http://localhost:8080/1 [host=localhost:8080] -> 200 [a=b]: URL guessed\n"},
		{"body that looks like messages", "POST /1 HTTP/1.1\nHost: b.test:443\nContent-Length: 34\n\nGET /2 HTTP/1.1\n\nHTTP/1.1 200 OK\n\nHTTP/1.1 404 Not Found\nA: b\n\n",
			"line 1: POST https://b.test:443/1 [host=b.test:443 content-length=34] -> 404 [a=b]: URL guessed\n"},
		{"wrong length", "POST /1 HTTP/1.1\nHost: b.test:80\nContent-Length: 7\n\nabc\nHTTP/1.1 404 Not Found\nA: b\nContent-Length: 70000\n\nshort\nGET http://c.test/ HTTP/1.0\nA: b\n\n",
			"line 1: POST http://b.test:80/1 [host=b.test:80 content-length=7] -> 404 [a=b content-length=70000]: URL guessed\n" +
				"line 11: GET http://c.test/ [a=b] -> 0 []: no response recorded\n"},
		{"interim responses", "GET http://b.test/ HTTP/1.1\nA: b\n\nHTTP/1.1 103 Early Hints\nLink: x\n\nHTTP/1.1 200 OK\nC: d\n\n",
			"line 1: GET http://b.test/ [a=b] -> 200 [c=d]: complete\n"},
		{"folded", "GET http://b.test/ HTTP/1.1\nA: b\n  c\n\tD: e\n\n", "line 1: GET http://b.test/ [a=b c D: e] -> 0 []: no response recorded\n"},
		{"bad header", "GET http://b.test/ HTTP/1.1\nwhatever\n\nGET http://c.test/ HTTP/1.1\nA: b\n\n",
			"*record.EntryError line 1 (byte 0): line 2 (8 bytes) is neither \"name: value\" nor the empty line that ends the headers\n" +
				"line 4: GET http://c.test/ [a=b] -> 0 []: no response recorded\n"},
		{"no host", "GET /1 HTTP/1.1\nA: b\n\n", "*record.EntryError line 1 (byte 0): the request has no Host header, so that its URL is not known\n"},
		{"head without end", "GET http://b.test/ HTTP/1.1\nA: b\nHTTP/1.1 200 OK\nC: d\n", "line 1: GET http://b.test/ [a=b] -> 200 [c=d]: complete\n"},
		{"long line in a body", "GET http://b.test/ HTTP/1.1\nA: b\n\nHTTP/1.1 200 OK\nC: d\n\n" + strings.Repeat("x", 2<<20) + "\nGET http://c.test/ HTTP/1.1\nA: b\n\n",
			"line 1: GET http://b.test/ [a=b] -> 200 [c=d]: complete\nline 8: GET http://c.test/ [a=b] -> 0 []: no response recorded\n"},
		{"long header", "GET http://b.test/ HTTP/1.1\nA: " + strings.Repeat("x", 2<<20) + "\n\n", "*record.EntryError line 1 (byte 0): line 2 is too long for a header\n"},

		{"curl -i", "HTTP/2 200 \r\nc: d\r\n\r\nbody\n", "line 1: GET https://b.test/1 [origin=https://a.test] -> 200 [c=d]: request not recorded\n"},
		{"curl -i -L through a proxy", "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 302 \r\nlocation: /2?x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/2 200 \r\nc: d\r\n\r\n",
			"line 3: GET https://b.test/1 [origin=https://a.test] -> 302 [location=/2?x]: request not recorded\n" +
				"line 6: GET https://b.test/2?x [origin=https://a.test] -> 200 [c=d]: URL guessed, request not recorded\n"},

		{"curl -v", "$ curl -v https://b.test/1\n*   Trying 192.0.2.1:443...\n* Connected to b.test (192.0.2.1) port 443\n* ALPN: server accepted http/1.1\n> GET /1 HTTP/1.1\r\n> Host: b.test\r\n> \r\n* Mark bundle\n< HTTP/1.1 200 OK\r\n< C: d\r\n< \r\n{ [4 bytes data]\n> not a header\n< HTML\n",
			"line 5: GET https://b.test/1 [host=b.test] -> 200 [c=d]: complete\n"},
		{"curl -v, HTTP/2, redirect", "* [HTTP/2] [1] OPENED stream for https://b.test/1\n* [HTTP/2] [1] [:method: GET]\n* [HTTP/2] [1] [:scheme: https]\n* [HTTP/2] [1] [:authority: c.test]\n* [HTTP/2] [1] [:path: /1]\n> GET /1 HTTP/2\n> Host: b.test\n>\n< HTTP/2 307\n< location: https://c.test/\n<\n* Issue another request to this URL: 'https://c.test/'\n> GET / HTTP/2\n> Host: c.test\n>\n< HTTP/2 100\n<\n< HTTP/2 200\n< c: d\n<\n",
			"line 6: GET https://b.test/1 [host=b.test] -> 307 [location=https://c.test/]: pseudo-headers contradict the request\n" +
				"line 13: GET https://c.test/ [host=c.test] -> 200 [c=d]: complete\n"},
		{"curl -v with progress meter, no answer", "  % Total    % Received % Xferd\n  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0* Connected to b.test (192.0.2.1) port 80 (#0)\n  0     0    0     0    0     0      0      0 --:--:--  0:00:01 --:--:--     0> GET / HTTP/1.1\n> Host: b.test\n>\n* Empty reply from server\ncurl: (52) Empty reply from server\n",
			"line 3: GET http://b.test/ [host=b.test] -> 0 []: no response recorded\n"},
		{"curl -v, slow, with an upload and its progress meter", "*   Trying 192.0.2.1:443...\n> POST / HTTP/1.1\r\n> Host: b.test\r\n>\r\n} [3 bytes data]\n" +
			"< HTTP/1.1 200 OK\r\n\r100     3    0     0  100     3      0      2  0:00:01  0:00:01 --:--:--     2< A: b\r\n\r100     3    0     0  100     3      0      1  0:00:03  0:00:02  0:00:01     0\r100     3    0     0  100     3      0      1  0:00:03  0:00:02  0:00:01     0< C: d\r\n<\r\n",
			"line 2: POST https://b.test/ [host=b.test] -> 200 [a=b c=d]: complete\n"},
		{"curl -v, headers that the server ended", "> GET http://b.test/ HTTP/1.1\n> Host: b.test\n>\n< HTTP/1.1 200 OK\n< C: d\n* Closing connection 0\n",
			"line 1: GET http://b.test/ [host=b.test] -> 200 [c=d]: complete\n"},
		{"curl -v, a broken line", "> GET http://b.test/ HTTP/1.1\n> Host: b.test\n>\n< HTTP/1.1 200 OK\n< C: d,\n  e\n<\n",
			"*record.EntryError line 1 (byte 0): line 6 (3 bytes) is in the middle of the headers without one of curl's marks: was a long line broken?\n"},
		{"curl -v through a proxy", "> CONNECT b.test:443 HTTP/1.1\n> Host: b.test:443\n>\n< HTTP/1.1 200 Connection established\n<\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n> GET /1 HTTP/1.1\n> Host: b.test\n>\n< HTTP/1.1 200 OK\n< c: d\n<\n",
			"line 7: GET https://b.test/1 [host=b.test] -> 200 [c=d]: complete\n"},
		{"curl -v without a connection", "*   Trying 127.0.0.1:1...\n* connect to 127.0.0.1 port 1 failed: Connection refused\n",
			"*record.FormatError the output of curl -v has no request in it: curl could not connect, or the lines that begin with > and < are missing\n"},
		{"curl -v, bad header", "> GET / HTTP/1.1\n> Host\n>\n< HTTP/1.1 200 OK\n<\n", "*record.EntryError line 1 (byte 0): line 2 (4 bytes) is neither \"name: value\" nor the empty line that ends the headers\n"},
		{"curl -v on a terminal, recorded with script", "Script started on 2026-11-30 [COMMAND=\"curl -v\"]\n*   Trying 192.0.2.1:80...\r\n> GET /1 HTTP/1.1\r\r\n> Host: b.test\r\r\n> \r\r\n< HTTP/1.1 200 OK\r\r\n< C: d\r\r\n< \r\r\nbody\r\n\nScript done\n",
			"line 3: GET http://b.test/1 [host=b.test] -> 200 [c=d]: complete\n"},
		{"curl -i on a terminal", "HTTP/1.1 200 OK\r\r\n\x1b[1mA\x1b[0m: b\r\r\n\x1b[1mContent-Length\x1b[0m: 24\r\r\n\r\r\nGET /2 HTTP/1.1\r\n\r\nend\r\n\r\nScript done on 2026-11-30\n",
			"line 1: GET https://b.test/1 [origin=https://a.test] -> 200 [a=b content-length=24]: request not recorded\n"},
		{"curl -v, a body that looks like curl -v", "> GET http://b.test/1 HTTP/1.1\n> A: b\n>\n< HTTP/1.1 200 OK\n< C: d\n<\nx\n> GET /fake HTTP/1.1\n< HTTP/1.1 404 Fake\n* note\n> G T /x HTTP/1.1\n* Connection #0 to host b.test left intact\n> GET http://b.test/2 HTTP/1.1\n> A: b\n>\n< HTTP/1.0 200 OK\n* HTTP 1.0, assume close after body\n< C: d\n<\n",
			"line 1: GET http://b.test/1 [a=b] -> 200 [c=d]: complete\nline 13: GET http://b.test/2 [a=b] -> 200 [c=d]: complete\n"},
		{"curl -v, a body that is curl -v, of known length", "> GET http://b.test/1 HTTP/1.1\n> A: b\n>\n< HTTP/1.1 200 OK\n< Content-Length: 35\n<\n> GET /fake HTTP/1.1\n> Host: fake\n>\n* Connection #0 to host b.test left intact\n> GET http://b.test/2 HTTP/1.1\n> A: b\n>\n",
			"line 1: GET http://b.test/1 [a=b] -> 200 [content-length=35]: complete\nline 11: GET http://b.test/2 [a=b] -> 0 []: no response recorded\n"},
		{"curl -v, such a body behind the notes, with CRLF", "> GET http://b.test/1 HTTP/1.1\r\n> A: b\r\n>\r\n< HTTP/1.1 200 OK\r\n< Content-Length: 37\r\n<\r\n{ [37 bytes data]\r\n* Connection #0 to host b.test left intact\r\n1\r\n> GET /fake HTTP/1.1\r\n> Host: fake\r\n>\r\n* Found bundle\r\n> GET http://b.test/2 HTTP/1.1\r\n> A: b\r\n>\r\n",
			"line 1: GET http://b.test/1 [a=b] -> 200 [content-length=37]: complete\nline 14: GET http://b.test/2 [a=b] -> 0 []: no response recorded\n"},
		{"curl -v, a body that was not printed", "> GET http://b.test/1 HTTP/1.1\n> A: b\n>\n< HTTP/1.1 200 OK\n< Content-Length: 85\n<\n* Connection #0 to host b.test left intact\n> GET http://b.test/2 HTTP/1.1\n> A: b\n>\n< HTTP/1.1 200 OK\n<\n* Connection #0 to host b.test left intact\n",
			"line 1: GET http://b.test/1 [a=b] -> 200 [content-length=85]: complete\nline 8: GET http://b.test/2 [a=b] -> 200 []: response headers missing\n"},
		{"curl -v, a header without a name", "> GET http://b.test/ HTTP/1.1\n> Origin: 0\n>\n< HTTP/1.1 200 OK\n<  :0\n<\n", "*record.EntryError line 1 (byte 0): line 5 has a header without a name\n"},
		{"curl -v, response only", "< HTTP/1.1 200 OK\n< c: d\n<\n", "line 1: GET https://b.test/1 [origin=https://a.test] -> 200 [c=d]: request not recorded\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opts := Options{Request: &asked}
			if got := summary(strings.NewReader(test.input), opts); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
			if got := summary(iotest.OneByteReader(strings.NewReader(test.input)), opts); got != test.want {
				t.Errorf("byte by byte, got\n%swant\n%s", got, test.want)
			}
		})
	}
}

func TestTextFields(t *testing.T) {
	const input = "POST http://b.test/ HTTP/1.1\nA: b\n\nbody\nHTTP/1.1 302 Moved On\nLocation: /x\n\n"
	reader, err := NewReader(strings.NewReader(input), Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := reader.Next()
	if err != nil {
		t.Fatal(err)
	}
	if !e.Request.HasBody || !e.Request.BodyKnown || e.Request.HTTPVersion != "HTTP/1.1" ||
		e.Response.StatusText != "Moved On" || e.Response.RedirectURL != "/x" || !e.Response.HasResponse {
		t.Errorf("%+v", e)
	}
}
