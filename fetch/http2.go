package fetch

import (
	"errors"
	"slices"
	"strconv"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/internal/status"
	"github.com/corsim/corsim/wire"
)

// roundTrip sends a request and returns its response. Where the server resets its stream the request is sent again,
// as often as the engine does so.
//
// https://httpwg.org/specs/rfc9113.html#Reliability
func (f *fetching) roundTrip(n *NetworkRequest) (*NetworkResponse, error) {
	rules := &f.client.rules().HTTP2
	origin := f.request.currentURL().Origin()
	_, n.HTTP1 = f.client.http1Only.Load(origin)
	for tries := 1; ; tries++ {
		response, err := f.client.network().RoundTrip(f.ctx, n)
		if err == nil {
			return response, nil
		}
		reset, ok := errors.AsType[*wire.StreamError](err)
		again := false
		switch {
		case n.Body != nil && n.GetBody == nil:
		case !ok:
			// A connection that ends without a response is tried again where one is that was reset.
			again = n.HTTP1 && tries > 1 && tries < rules.ErrorTries && n.Method != "POST"
		case reset.Code == "NO_ERROR" && rules.NoErrorHangs:
			return nil, &cors.Error{Reason: cors.Timeout, Err: err}
		case reset.Code == "HTTP_1_1_REQUIRED" && rules.FallsBack:
			f.client.http1Only.Store(origin, true)
			n.HTTP1, again = true, true
		case reset.Code == "REFUSED_STREAM":
			if rules.RefusedTries == quirks.Endless && tries == maxRefused {
				return nil, &cors.Error{Reason: cors.Timeout, Err: err}
			}
			again = tries < rules.RefusedTries
		case reset.Code != "CANCEL" && reset.Code != "NO_ERROR":
			again = tries < rules.ErrorTries
		}
		if !again {
			return nil, err
		}
		if n.GetBody != nil {
			n.Body = n.GetBody()
		}
	}
}

// maxRefused is how often a request is sent that some engines send without end.
const maxRefused = 100

// overHTTP2 changes a response over HTTP/2 to what the engine makes of it.
func (f *fetching) overHTTP2(n *NetworkResponse) error {
	rules := &f.client.rules().HTTP2
	if n.StatusText = ""; rules.StatusTextMadeUp {
		n.StatusText = soupPhrase(n.Status)
	}
	for _, h := range n.Headers {
		if slices.Contains(rules.RefusedHeaders, headers.Lower(h.Name)) {
			return errors.New("a response over HTTP/2 has the header " + h.Name)
		}
	}
	if rules.TrailersHang && (n.HasTrailers || hasWrongLength(n)) {
		n.Body = endlessBody{}
		if r := &f.request; r.preflighted {
			f.client.preflights().Clear(r.preflightKey(f.client.rules()))
		}
	}
	if rules.SpdyHeader {
		n.Headers = append(slices.Clip(n.Headers), headers.Header{Name: "X-Firefox-Spdy", Value: "h2"})
	}
	return nil
}

// An endlessBody never ends, which nobody waits for.
type endlessBody struct{}

// Read says that the time is over.
func (endlessBody) Read([]byte) (int, error) { return 0, &cors.Error{Reason: cors.Timeout} }

// Close has nothing to release.
func (endlessBody) Close() error { return nil }

// hasWrongLength reports whether the body of a response is known to have another length than its Content-Length says.
func hasWrongLength(n *NetworkResponse) bool {
	body, ok := n.Body.(*stringBody)
	value, has := n.Headers.Get("content-length")
	return ok && has && value != strconv.Itoa(body.Len())
}

// soupPhrase returns the reason phrase that libsoup knows for a status.
func soupPhrase(code int) string {
	switch code {
	case 208, 226, 306, 418, 421, 425, 426, 428, 429, 431, 451, 506, 508, 511:
		return "Unknown Error"
	}
	if phrase := status.Text(code); phrase != "" {
		return phrase
	}
	return "Unknown Error"
}
