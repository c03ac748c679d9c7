package fetch

import (
	"context"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
)

// answers is a network with a response for each URL.
type loadNetwork map[string]*NetworkResponse

func (n loadNetwork) RoundTrip(_ context.Context, r *NetworkRequest) (*NetworkResponse, error) {
	response, ok := n[r.URL]
	if !ok {
		return nil, cors.Transport
	}
	copied := *response
	return &copied, nil
}

func answer(body string, lines ...string) *NetworkResponse {
	r := &NetworkResponse{Status: 200, StatusText: "OK", Body: StringBody(body)}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Headers.Append(name, value)
	}
	return r
}

// What an element makes of a response of another origin, with the attribute crossorigin and without.
func TestLoad(t *testing.T) {
	const png = "\x89PNG\r\n\x1a\n"
	anonymous, include := "anonymous", "use-credentials"
	const allowed = "Access-Control-Allow-Origin: https://app.example"
	for _, test := range []struct {
		name      string
		initiator Initiator
		attribute *string
		answer    *NetworkResponse
		opaque    bool
		reason    cors.Reason
	}{
		{"an image without CORS taints", InitiatorImage, nil, answer(png), true, 0},
		{"an image with crossorigin needs the header", InitiatorImage, &anonymous, answer(png), false, cors.MissingAllowOrigin},
		{"and does not taint with it", InitiatorImage, &anonymous, answer(png, allowed), false, 0},
		{"what is no image", InitiatorImage, nil, answer("<html>"), false, cors.MIMEType},
		{"credentials need more", InitiatorScript, &include, answer("x()", allowed), false, cors.AllowCredentialsNotTrue},
		{"a module is always in mode cors", InitiatorModule, nil, answer("x()", "Content-Type: text/javascript"), false, cors.MissingAllowOrigin},
		{"and needs its type", InitiatorModule, nil, answer("x()", allowed), false, cors.MIMEType},
		{"so is a font", InitiatorFont, nil, answer("wOF2"), false, cors.MissingAllowOrigin},
		{"a track is same-origin", InitiatorTrack, nil, answer("WEBVTT\n"), false, cors.SameOriginMode},
		{"a worker is same-origin", InitiatorWorker, nil, answer("x()"), false, cors.SameOriginMode},
	} {
		page, err := NewPage("https://app.example/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := NewLoad(page, test.initiator, "https://cdn.example/x", &Attributes{CrossOrigin: test.attribute})
		if err != nil {
			t.Fatal(err)
		}
		client := &Client{Network: loadNetwork{"https://cdn.example/x": test.answer}}
		loaded, err := client.Load(t.Context(), r)
		if cors.ReasonOf(err) != test.reason || err == nil && loaded.Opaque != test.opaque {
			t.Errorf("%s: %+v, %v", test.name, loaded, err)
		}
	}
}
