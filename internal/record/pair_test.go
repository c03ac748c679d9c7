package record

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/headers"
)

// exchange makes one of "METHOD url" or, for a preflight, "OPTIONS url METHOD".
func exchange(index int, s string) *Exchange {
	e := &Exchange{Index: index}
	for i, word := range strings.Fields(s) {
		switch key, value, _ := strings.Cut(word, "="); {
		case i == 0:
			e.Request.Method = word
		case i == 1:
			e.Request.URL = word
			if !strings.Contains(word, "://") {
				e.Request.URL = "https://b.test/" + word
			}
		case key == "for":
			e.Request.Headers = append(e.Request.Headers, headers.Header{Name: "access-control-request-method", Value: value})
		case key == "origin":
			if len(value) == 1 {
				value = "https://" + value + ".test"
			}
			e.Request.Headers = append(e.Request.Headers, headers.Header{Name: "origin", Value: value})
		case key == "at":
			seconds, _ := strconv.Atoi(value)
			e.Started = time.Unix(int64(seconds), 0)
		case key == "asks":
			e.Request.Headers = append(e.Request.Headers, headers.Header{Name: "access-control-request-headers", Value: value})
		case key == "has":
			e.Request.Headers = append(e.Request.Headers, headers.Header{Name: value, Value: "x"})
		case word == "cors":
			e.Request.Headers = append(e.Request.Headers, headers.Header{Name: "sec-fetch-mode", Value: word})
		case word == "preflight":
			e.ResourceType = word
		case key == "id":
			e.ID = value
		case key == "by":
			e.InitiatorID = value
		case word == "chromium":
			e.RequestFirst = true
		case word == "wire":
			e.Request.Headers = append(e.Request.Headers, headers.Header{Name: "host", Value: "b.test"})
		case word == "unsent":
			e.Initiator = "preflight"
		case word == "cached":
			e.FromCache = true
		}
	}
	e.Response.HasResponse = true
	return e
}

func TestPairer(t *testing.T) {
	tests := []struct{ name, exchanges, want string }{
		{"before", "OPTIONS x for=PUT origin=a, PUT x origin=a", "1←0"},
		{"behind", "PUT x origin=a, OPTIONS x for=PUT origin=a chromium", "0←1"},
		{"behind, each its own", "PUT x origin=a, OPTIONS x for=PUT origin=a chromium, PUT x origin=a, OPTIONS x for=PUT origin=a chromium", "0←1 2←3"},
		{"before, each its own", "OPTIONS x for=PUT origin=a, PUT x origin=a, OPTIONS x for=PUT origin=a, PUT x origin=a", "1←0 3←2"},
		{"the nearest", "OPTIONS x for=PUT origin=a, OPTIONS x for=PUT origin=a, PUT x origin=a", "←0 2←1"},
		{"two at once", "OPTIONS x for=PUT origin=a, OPTIONS y for=PUT origin=a, PUT x origin=a, PUT y origin=a", "2←0 3←1"},
		{"once", "OPTIONS x for=PUT origin=a, PUT x origin=a, PUT x origin=a", "1←0 2"},
		{"failed", "OPTIONS x for=PUT origin=a, GET x origin=a", "←0 1"},
		{"by id", "PUT x origin=a id=1, PUT x origin=a id=2, OPTIONS x for=PUT origin=a by=1 chromium", "0←2! 1"},
		{"by id, before", "OPTIONS x for=PUT origin=a by=2, PUT x origin=a id=1, PUT x origin=a id=2", "1 2←0!"},
		{"id that no entry has", "PUT x origin=a, OPTIONS x for=PUT origin=a by=1 chromium", "0←1"},
		{"other URL", "OPTIONS x for=PUT origin=a, PUT y origin=a", "←0 1"},
		{"other fragment", "OPTIONS x for=PUT origin=a, PUT x#y origin=a", "1←0"},
		{"other origin", "OPTIONS x for=PUT origin=a, PUT x origin=b", "←0 1"},
		{"other method", "OPTIONS x for=PUT origin=a, POST x origin=a", "←0 1"},
		{"other case of the method", "OPTIONS x for=patch origin=a, PATCH x origin=a", "←0 1"},
		{"origin not recorded, from the cache", "GET x cached, OPTIONS x for=GET origin=a chromium", "0←1"},
		{"origin not recorded, of a worker", "GET x, OPTIONS x for=GET origin=a chromium", "0←1"},
		{"origin not sent", "GET x wire, OPTIONS x for=GET origin=a chromium", "0 ←1"},
		{"redirected in Firefox, which asks for the page's origin", "PUT x origin=null, OPTIONS x for=PUT origin=a chromium", "0←1"},
		{"redirected in Firefox, on the wire", "OPTIONS x for=PUT origin=a, PUT x origin=null", "1←0"},
		{"never sent", "PUT x origin=a id=1, OPTIONS x by=1 unsent chromium", "0←1!"},
		{"never sent, without an id", "PUT x origin=a, OPTIONS x by=1 unsent chromium", "0 ←1"},
		{"not a preflight", "OPTIONS x origin=a, PUT x origin=a", "0 1"},
		{"without an Origin", "OPTIONS x for=PUT, PUT x origin=a", "1←0"},
		{"Origin removed from both", "OPTIONS x for=PUT wire, PUT x wire", "1←0"},
		{"Origin removed from the request", "OPTIONS x for=PUT origin=a wire, PUT x wire", "1←0"},
		{"Origin removed from a GET with what is asked for", "OPTIONS x for=GET origin=a asks=X-A, GET x wire has=x-a", "1←0"},
		{"Origin removed from a GET in mode cors", "OPTIONS x for=GET origin=a asks=x-a, GET x wire cors", "1←0"},
		{"a GET without an Origin of its own", "OPTIONS x for=GET origin=a asks=x-a, GET x wire has=x-b", "←0 1"},
		{"another's, which was refused", "OPTIONS x for=GET origin=a asks=x-a, GET x has=user-agent origin=a", "←0 1"},
		{"another's, and its own", "OPTIONS x for=GET origin=a asks=x-a, OPTIONS x for=GET origin=a asks=x-b, GET x has=user-agent origin=a has=x-b, GET x has=user-agent origin=a has=x-a", "2←1 3←0"},
		{"of a log, which has some headers only", "OPTIONS x for=GET origin=a asks=x-a, GET x origin=a", "1←0"},
		{"for what is removed", "OPTIONS x for=GET origin=a asks=authorization, GET x has=user-agent origin=a", "1←0"},
		{"Origin redacted in the request", "OPTIONS x for=PUT origin=a, PUT x origin=[redacted]", "1←0"},
		{"Origin redacted in the preflight", "OPTIONS x for=PUT origin=REDACTED, PUT x origin=a", "1←0"},
		{"Origin redacted in its host", "OPTIONS x for=PUT origin=https://redacted.test, PUT x origin=https://***", "1←0"},
		{"all headers removed, by id", "PUT x id=1, OPTIONS x by=1 preflight wire chromium", "0←1!"},
		{"method redacted", "OPTIONS x for=[redacted] origin=a, PUT x origin=a", "←0 1"},
		{"method redacted, by id", "PUT x id=1 origin=a, OPTIONS x for=*** origin=a by=1 chromium", "0←1!"},
		{"in time", "OPTIONS x for=PUT origin=a at=1, PUT x origin=a at=1", "1←0"},
		{"not in time", "OPTIONS x for=PUT origin=a at=2, PUT x origin=a at=1", "←0 1"},
		{"a preflight without a time", "OPTIONS x for=PUT origin=a, PUT x origin=a at=1", "1←0"},
		{"a request without a time", "OPTIONS x for=PUT origin=a at=1, PUT x origin=a", "1←0"},
		{"behind, a request without a time", "PUT x origin=a, OPTIONS x for=PUT origin=a at=1 chromium", "0←1"},
		{"behind, a preflight without a time", "PUT x origin=a at=1, OPTIONS x for=PUT origin=a chromium", "0←1"},
		{"URL spelled otherwise", "OPTIONS HTTPS://B.example for=PUT origin=a, PUT https://b.example:443/ origin=a", "1←0"},
		{"no URLs", "OPTIONS https://[#x for=PUT origin=a, PUT https://[#y origin=a", "1←0"},
		{"preflighted OPTIONS", "OPTIONS x for=OPTIONS origin=a, OPTIONS x origin=a", "1←0"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var p Pairer
			var pairs []Pair
			for i, s := range strings.Split(test.exchanges, ",") {
				pairs = append(pairs, p.Add(exchange(i, s))...)
			}
			pairs = append(pairs, p.Flush()...)
			var got []string
			for _, pair := range pairs {
				s := ""
				if pair.Exchange != nil {
					s = fmt.Sprint(pair.Exchange.Index)
				}
				if pair.Preflight != nil {
					s += fmt.Sprint("←", pair.Preflight.Index)
				}
				if pair.ByID {
					s += "!"
				}
				got = append(got, s)
			}
			if s := strings.Join(got, " "); s != test.want {
				t.Errorf("got %s, want %s", s, test.want)
			}
		})
	}
}

// What is held back is bounded, and everything comes out once, in order.
func TestPairerWindow(t *testing.T) {
	var p Pairer
	next := 0
	take := func(pairs []Pair) {
		for _, pair := range pairs {
			if pair.Exchange == nil || pair.Exchange.Index != next {
				t.Fatalf("got %+v, want exchange %d", pair, next)
			}
			next++
		}
	}
	for i := range 1000 {
		e := exchange(i, "GET x")
		if i > 500 {
			e.Request.Headers = headers.List{{Name: "x", Value: strings.Repeat("y", 1<<20)}}
		}
		take(p.Add(e))
		if len(p.window) > pairWindow || i > 600 && len(p.window) > 8 {
			t.Fatalf("%d held back", len(p.window))
		}
	}
	take(p.Flush())
	if next != 1000 {
		t.Errorf("%d came out", next)
	}
}
