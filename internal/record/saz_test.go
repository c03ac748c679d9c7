package record

import (
	"archive/zip"
	"strings"
	"testing"
	"time"
)

const (
	sazRequest  = "GET https://b.test/1 HTTP/1.1\r\nHost: b.test\r\nOrigin: https://a.test\r\n\r\n"
	sazResponse = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\r\nHTTP/1.1 500 a body\r\n\r\n"
	sazAspect   = `<?xml version="1.0" encoding="utf-8"?><Session SID="1" BitFlags="0"><SessionTimers ClientConnected="2026-01-02T03:04:05.0000000+01:00" ClientBeginRequest="2026-01-02T03:04:05.5000000+01:00" ClientDoneResponse="2026-01-02T03:04:06.0000000+01:00" /></Session>`
)

// The files are named as Fiddler's documentation of the format has them.
func TestSAZ(t *testing.T) {
	const head = "GET https://b.test/1 [host=b.test origin=https://a.test] -> "
	for _, test := range []struct {
		name  string
		files []string
		want  string
	}{
		{"sessions in their order", []string{"[Content_Types].xml", "<Types/>", "_index.htm", "<html>", "raw/10_c.txt", strings.Replace(sazRequest, "/1", "/10", 1), "raw/10_s.txt", sazResponse, "raw/9_c.txt", sazRequest, "raw/9_s.txt", sazResponse, "raw/9_m.xml", sazAspect},
			"session 9: " + head + "200 [access-control-allow-origin=* set-cookie=a=b set-cookie=c=d]: complete\n" + "session 10: " + strings.Replace(head, "/1", "/10", 1) + "200 [access-control-allow-origin=* set-cookie=a=b set-cookie=c=d]: complete\n"},
		{"with backslashes", []string{`raw\1_c.txt`, sazRequest, `raw\1_s.txt`, sazResponse}, "session 1: " + head + "200 [access-control-allow-origin=* set-cookie=a=b set-cookie=c=d]: complete\n"},
		{"a tunnel", []string{"raw/1_c.txt", "CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n", "raw/1_s.txt", "HTTP/1.1 200 Connection Established\r\n\r\n"}, ""},
		{"no answer", []string{"raw/1_c.txt", sazRequest}, "session 1: " + head + "0 []: no response recorded\n"},
		{"Fiddler's own answer", []string{"raw/1_c.txt", sazRequest, "raw/1_s.txt", "HTTP/1.1 502 Fiddler - DNS Lookup Failed\r\nContent-Type: text/html\r\n\r\nno"}, "session 1: " + head + "0 []: no response recorded\n"},
		{"a broken session beside another", []string{"raw/1_c.txt", "\x16\x03\x01", "raw/2_c.txt", sazRequest, "raw/2_s.txt", sazResponse},
			"*record.EntryError session 1 (byte 0): the request begins with a line of 3 bytes that is no request line\nsession 2: " + head + "200 [access-control-allow-origin=* set-cookie=a=b set-cookie=c=d]: complete\n"},
		{"without a request", []string{"raw/1_s.txt", sazResponse}, "*record.EntryError session 1 (byte 0): the session has no request\n"},
	} {
		if got := summary(strings.NewReader(archive(t, zip.Deflate, test.files...)), Options{}); got != test.want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, test.want)
		}
	}
	if got := summary(strings.NewReader(har(get)), Options{Format: SAZ}); !strings.Contains(got, "raw/1_c.txt") {
		t.Error(got)
	}

	in, err := NewReader(strings.NewReader(archive(t, zip.Deflate, "raw/1_c.txt", sazRequest+"body", "raw/1_m.xml", sazAspect)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := in.Next()
	if err != nil {
		t.Fatal(err)
	}
	if !e.Started.Equal(time.Date(2026, 1, 2, 2, 4, 5, 500_000_000, time.UTC)) || e.Duration != 500*time.Millisecond || !e.Request.HasBody || in.Log().Creator != "Fiddler" {
		t.Errorf("%+v", e)
	}
}
