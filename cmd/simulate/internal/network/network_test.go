package network

import (
	"strings"
	"testing"
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

func TestCACert(t *testing.T) {
	if _, err := New(Options{CACert: []byte("no certificate")}); err == nil {
		t.Error("a file without certificates is taken")
	}
}
