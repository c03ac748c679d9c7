package cors

import (
	"testing"

	"github.com/corsim/corsim/headers"
)

func TestExposedHeaderNames(t *testing.T) {
	response := fields("x-a: 1", "X-B: 2", "X-A: 3", "Content-Type: text/html", "cache-control: no-store", "Content-Language: de",
		"Content-Length: 0", "Expires: 0", "Last-Modified: 0", "Pragma: x", "Set-Cookie: a=b", "set-cookie2: a=b", "*: star", "Date: now")
	safe := []string{"Content-Type", "cache-control", "Content-Language", "Content-Length", "Expires", "Last-Modified", "Pragma"}
	without := func(names ...string) (l []string) { return append(append(l, names...), safe...) }
	for _, test := range []struct {
		name        string
		credentials bool
		lines       []string
		want        []string // names, in any order
	}{
		{name: "none", want: safe},
		{name: "empty", lines: []string{""}, want: safe},
		{name: "names in any case", lines: []string{"X-a, , x-b"}, want: without("x-a", "X-B", "X-A")},
		{name: "lines", lines: []string{"x-b", "", "DATE,"}, want: without("X-B", "Date")},
		{name: "wildcard", lines: []string{"*"}, want: without("x-a", "X-B", "X-A", "*", "Date")},
		{name: "wildcard among names", lines: []string{"x-a", "x-zzz,*"}, want: without("x-a", "X-B", "X-A", "*", "Date")},
		{name: "wildcard, credentials: a header of that name", credentials: true, lines: []string{"*,x-b"}, want: without("X-B", "*")},
		{name: "what is forbidden stays so", lines: []string{"Set-Cookie, set-cookie2, x-b"}, want: without("X-B")},
		{name: "no list exposes nothing", lines: []string{"x-a, x b"}, want: safe},
		{name: "nor does one line of it", lines: []string{"*", `"x-a"`}, want: safe},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := response.Clone()
			for _, line := range test.lines {
				list = append(list, headers.Header{Name: "Access-Control-Expose-Headers", Value: line})
			}
			r := &Request{Origin: app, IncludeCredentials: test.credentials}
			exposed := ExposedHeaderNames(r, &list)
			want := map[string]bool{}
			for _, name := range test.want {
				want[name] = true
			}
			var readable headers.List
			for _, h := range *response {
				if exposed.Has(h.Name) != want[h.Name] {
					t.Errorf("Has(%q) = %v", h.Name, exposed.Has(h.Name))
				}
				if want[h.Name] {
					readable = append(readable, h)
				}
			}
			diff(t, exposed.Filter(*response), readable)
		})
	}
}

func TestExposedZeroValue(t *testing.T) {
	diff(t, Exposed{}.Filter(*fields("X-A: 1", "Pragma: x")), *fields("Pragma: x"))
}
