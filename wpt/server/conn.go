package server

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
)

// A failure ends a handler with an error response. Handlers raise it with fail
// because they are ports of functions that raise exceptions; serve catches it.
type failure struct {
	code    int
	message string
}

func fail(code int, format string, args ...any) {
	panic(failure{code, fmt.Sprintf(format, args...)})
}

// serveConn answers the requests of one connection, in turn, until the client
// or a response ends it.
func (s *Server) serveConn(c net.Conn, at site) {
	r, w := bufio.NewReader(c), bufio.NewWriter(c)
	defer w.Flush()
	for {
		q, err := readRequest(r, c)
		if err != nil {
			if bad := badRequest(""); errors.As(err, &bad) {
				fmt.Fprintf(w, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n%v", bad)
			}
			return
		}
		q.place(at)
		q.client = c.RemoteAddr().String()
		q.stash = &s.stash
		q.root = s.root
		p := &response{code: 200, head: q.method == "HEAD", w: w, stop: s.done}
		serve(q, p)
		if !p.written {
			p.writeAll()
		}
		if w.Flush() != nil || p.close || !q.keepAlive {
			return
		}
	}
}

// serve runs the handler for q and the pipes that it asks for.
func serve(q *request, p *response) {
	defer func() {
		switch raised := recover().(type) {
		case nil:
		case failure:
			p.fails(raised.code, raised.message)
		default: // a mistake in a handler, told to who asked like any error
			p.fails(500, fmt.Sprint("internal error: ", raised))
		}
	}()
	path := unquote(q.path)
	for strings.Contains(path, "//") { // upstream looks paths up as those of files
		path = strings.ReplaceAll(path, "//", "/")
	}
	handle, ok := handlers[path]
	if !ok && strings.HasSuffix(path, ".py") {
		fail(404, "404")
	}
	if ok {
		handle(q, p)
		if p.returned {
			pipe(q, p, "")
		}
		pipe(q, p, path)
		return
	}
	if q.method != "GET" && q.method != "HEAD" {
		fail(404, "")
	}
	if raw, ok := asIs[path]; ok {
		p.write(raw)
		p.close = true
		return
	}
	serveFile(q, p, path)
	pipe(q, p, path)
}
