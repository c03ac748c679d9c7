package main

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
)

// testServer is what the scripts talk to.
type testServer struct {
	web, tls, raw string // addresses, host and port
	ca            []byte
	close         func()
}

func newTestServer() *testServer {
	web, secure := httptest.NewServer(http.HandlerFunc(handle)), httptest.NewTLSServer(http.HandlerFunc(handle))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of certificates that are not trusted
	raw, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	done := make(chan struct{})
	go serveRaw(raw, done)
	return &testServer{
		web: web.Listener.Addr().String(), tls: secure.Listener.Addr().String(), raw: raw.Addr().String(),
		ca: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}),
		close: func() {
			close(done)
			raw.Close()
			web.CloseClientConnections()
			web.Close()
			secure.CloseClientConnections()
			secure.Close()
		},
	}
}

// handle answers by path.
func handle(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Date"] = nil
	preflight := r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != ""
	allow := func() {
		h.Set("Access-Control-Allow-Origin", "http://app.test")
		if r.TLS != nil {
			h.Set("Access-Control-Allow-Origin", "https://app.test")
		}
		h.Set("Access-Control-Allow-Credentials", "true")
		h.Set("Vary", "Origin")
	}
	switch r.URL.Path {
	case "/open":
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("X-Request-Id", "7")
		fmt.Fprint(w, "hi")
	case "/closed":
		fmt.Fprint(w, "hi")
	case "/things":
		allow()
		if preflight {
			h.Set("Access-Control-Allow-Methods", "PUT, DELETE")
			h.Set("Access-Control-Allow-Headers", "content-type")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("Access-Control-Expose-Headers", "X-Request-Id")
		h.Set("X-Request-Id", "7")
		h.Set("Set-Cookie", "session=verysecret; Path=/; HttpOnly")
		fmt.Fprint(w, "{}")
	case "/no-options":
		if preflight {
			http.NotFound(w, r)
			return
		}
		allow()
		fmt.Fprint(w, "{}")
	case "/anonymous":
		h.Set("Access-Control-Allow-Origin", "*")
		if preflight {
			h.Set("Access-Control-Allow-Methods", "*")
			h.Set("Access-Control-Allow-Headers", "*")
		}
	case "/moved":
		h.Set("Access-Control-Allow-Origin", "*")
		http.Redirect(w, r, "/open?token=verysecret", http.StatusFound)
	case "/away":
		h.Set("Access-Control-Allow-Origin", "*")
		http.Redirect(w, r, "http://cdn.test/echo", http.StatusFound)
	case "/loop":
		h.Set("Access-Control-Allow-Origin", "*")
		http.Redirect(w, r, "/loop", http.StatusFound)
	case "/echo":
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		fmt.Fprintf(w, "%s %s", r.Method, r.Header.Get("Content-Type"))
	case "/endless-body":
		h.Set("Access-Control-Allow-Origin", "*")
		for err := error(nil); err == nil; {
			_, err = w.Write(make([]byte, 32<<10))
		}
	default:
		if !resource(w, r.URL.Path) {
			http.NotFound(w, r)
		}
	}
}

// resource answers with what an element wants, by the extension, for everybody or for its own pages.
func resource(w http.ResponseWriter, path string) bool {
	name, extension, _ := strings.Cut(path, ".")
	is, ok := map[string][2]string{
		"png": {"image/png", "\x89PNG\r\n\x1a\n"}, "webm": {"video/webm", "\x1aE\xdf\xa3"}, "woff2": {"font/woff2", "wOF2"},
		"js": {"text/javascript", "f()"}, "json": {"application/json", "{}"},
	}[extension]
	if ok && name == "/open" {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	}
	if !ok {
		return false
	}
	w.Header().Set("Content-Type", is[0])
	fmt.Fprint(w, is[1])
	return ok
}

// serveRaw answers by path what no HTTP server would.
func serveRaw(listener net.Listener, done <-chan struct{}) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			line, _ := bufio.NewReader(c).ReadString('\n')
			_, path, _ := strings.Cut(line, " ")
			switch path, _, _ = strings.Cut(path, " "); path {
			case "/garbage":
				io.WriteString(c, "220 mail.test ESMTP\r\n")
			case "/hang":
				<-done
			case "/early":
				io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Or")
			case "/truncated":
				io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 100\r\n\r\nhalf")
			case "/escape":
				io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: \xff\t\xc2\x9b31m\r\n\r\n")
			case "/endless-headers":
				io.WriteString(c, "HTTP/1.1 200 OK\r\n")
				for err := error(nil); err == nil; {
					_, err = io.WriteString(c, "X-Filler: "+strings.Repeat("x", 1000)+"\r\n")
				}
			}
		}()
	}
}
