package fetch

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/corsim/corsim/headers"
)

// RoundTripper returns the Network that an [net/http.RoundTripper] makes, for what
// a [wire.Network] has not: HTTP/2, or a transport of your own; nil stands for
// [net/http.DefaultTransport]. Header names come back in the one spelling that
// net/http gives them, sorted, and a response that net/http refuses is an error even
// where browsers merely skip a line of it. It costs more than a wire.Network does.
func RoundTripper(transport http.RoundTripper) Network {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return roundTripper{transport}
}

type roundTripper struct{ transport http.RoundTripper }

// RoundTrip sends n with net/http, without the user information that browsers
// never send in a request target.
func (t roundTripper) RoundTrip(ctx context.Context, n *NetworkRequest) (*NetworkResponse, error) {
	u, err := url.Parse(n.URL)
	if err != nil {
		return nil, err
	}
	u.User = nil
	request := (&http.Request{
		Method: n.Method, URL: u, Host: u.Host, Header: requestHeader(n), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Close: n.NewConnection,
	}).WithContext(ctx)
	if n.Body != nil {
		request.Body, request.ContentLength = readCloser(n.Body), n.ContentLength
		if n.ContentLength == 0 {
			request.Body = http.NoBody
		}
	}
	response, err := t.transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	_, reason, _ := strings.Cut(response.Status, " ")
	return &NetworkResponse{
		Status: response.StatusCode, StatusText: reason, Headers: headers.FromMap(response.Header), Body: response.Body,
	}, nil
}

// requestHeader returns the headers of a request, but for its Content-Length, and
// with those of which net/http would otherwise add its own.
func requestHeader(n *NetworkRequest) http.Header {
	list := make(headers.List, 0, len(n.Headers)+2)
	for _, h := range n.Headers {
		if !headers.EqualFold(h.Name, "content-length") {
			list = append(list, h)
		}
	}
	if !list.Contains("user-agent") {
		list = append(list, headers.Header{Name: "User-Agent"}) // empty, it is not sent
	}
	// A browser undoes content codings; saying which, rather than letting
	// net/http do so, keeps Content-Encoding among the headers of the response.
	if value, _ := list.Get("accept-encoding"); value == "" {
		list.Set("Accept-Encoding", "gzip, deflate")
	}
	return list.Map()
}

// CloseIdleConnections closes the connections that the transport keeps.
func (t roundTripper) CloseIdleConnections() {
	if c, ok := t.transport.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// readCloser returns a body that is closed once it was sent, or will not be, if it
// can be.
func readCloser(body io.Reader) io.ReadCloser {
	if closer, ok := body.(io.ReadCloser); ok {
		return closer
	}
	return io.NopCloser(body)
}
