package network

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
)

func TestResolver(t *testing.T) {
	tests := []struct {
		rules         []string
		address, want string
	}{
		{nil, "api.example:443", "api.example:443"},
		{[]string{"api.example:443:127.0.0.1"}, "api.example:443", "127.0.0.1:443"},
		{[]string{"api.example:443:127.0.0.1"}, "API.example:443", "127.0.0.1:443"},
		{[]string{"api.example:443:127.0.0.1"}, "api.example:80", "api.example:80"},
		{[]string{"*:443:127.0.0.1:8443"}, "x.example:443", "127.0.0.1:8443"},
		{[]string{"*:*:::1"}, "x.example:80", "[::1]:80"},
		{[]string{"*:*:[::1]:81"}, "x.example:80", "[::1]:81"},
		{[]string{"[::2]:80:127.0.0.1"}, "[::2]:80", "127.0.0.1:80"},
		{[]string{"a:80:127.0.0.2", "*:80:127.0.0.3"}, "a:80", "127.0.0.2:80"},
		{nil, "app.localhost:80", "localhost:80"},
	}
	for _, tt := range tests {
		var r Resolver
		for _, rule := range tt.rules {
			if err := r.Add(rule); err != nil {
				t.Fatal(err)
			}
		}
		if got := r.address(tt.address); got != tt.want {
			t.Errorf("%q: %s leads to %s, want %s", tt.rules, tt.address, got, tt.want)
		}
	}
	for _, bad := range []string{"", "a", "a:80", "a:x:127.0.0.1", ":80:127.0.0.1", "a:80:b.example", "a:80:127.0.0.1:99999", "a:65536:127.0.0.1"} {
		var r Resolver
		if err := r.Add(bad); err == nil || !strings.Contains(err.Error(), "HOST:PORT:ADDRESS") {
			t.Errorf("Add(%q) = %v, want an error that says the form", bad, err)
		}
	}
}

func TestEndlessHeader(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		bufio.NewReader(c).ReadString('\n')
		for s := "HTTP/1.1 200 OK\r\n"; err == nil; s = "X: 0123456789012345678901234567890123456789\r\n" {
			_, err = c.Write([]byte(s))
		}
	}()
	n, closeIdle, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer closeIdle()
	_, err = n.RoundTrip(context.Background(), &fetch.NetworkRequest{Method: "GET", URL: "http://" + listener.Addr().String() + "/"})
	if !errors.Is(err, cors.ResponseTooLarge) {
		t.Errorf("an endless header gives %v", err)
	}
}

func TestCACert(t *testing.T) {
	if _, _, err := New(Options{CACert: []byte("no certificate")}); err == nil {
		t.Error("a file without certificates is taken")
	}
}
