package check

import (
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/transcript"
)

// What script set may be a secret, and what the browser sends by itself is none.
func TestShownHeaders(t *testing.T) {
	x := &transcript.Exchange{
		Headers: headers.List{
			{Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64)"}, {Name: "Cookie", Value: "sid=SECRET-0123"}, {Name: "X-Trace", Value: "abc"},
			{Name: "Accept", Value: "application/json"}, {Name: "Authorization", Value: "Bearer TOKEN-4567"},
		},
		AuthorSet:       map[string]bool{"x-trace": true, "accept": true, "authorization": true},
		ResponseHeaders: headers.List{{Name: "Set-Cookie", Value: "next=SECRET-8901; Path=/"}, {Name: "Vary", Value: "Origin"}, {Name: "Location", Value: "/TOKEN-4567/SECRET-0123/SECRET-8901"}},
	}
	report := &Report{Steps: []transcript.Step{{Exchange: x}}}
	sent := []string{"Mozilla/5.0 (X11; Linux x86_64)", "sid=REDACTED", "REDACTED", "application/json", "Bearer REDACTED"}
	received := []string{"next=REDACTED; Path=/", "Origin", "/REDACTED/REDACTED/REDACTED"}
	hides, shows := redactorOf(View{}, report), redactorOf(View{ShowSecrets: true}, report)
	for i, h := range x.Headers {
		if got := hides.sent(x, h); got != sent[i] {
			t.Errorf("%s is shown as %s, want %s", h.Name, got, sent[i])
		}
		if got := shows.sent(x, h); got != h.Value {
			t.Errorf("%s is shown as %s where secrets are asked for", h.Name, got)
		}
	}
	for i, h := range x.ResponseHeaders {
		if got := hides.received(h); got != received[i] {
			t.Errorf("%s is shown as %s, want %s", h.Name, got, received[i])
		}
	}
}
