package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/corsim/corsim/headers"
)

var defaultNetwork = RoundTripper(nil)

// RoundTripper returns the Network that an [net/http.RoundTripper] makes; nil
// stands for [net/http.DefaultTransport]. Header names come back in the one
// spelling that net/http gives them, sorted, and a response that net/http
// refuses is an error even where browsers merely skip a line of it.
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
	list := headers.FromMap(response.Header)
	return &NetworkResponse{
		Status: response.StatusCode, StatusText: reason, Headers: list,
		Body: DecodeContent(list, response.Body),
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

// DecodeContent undoes the content codings that a response's Content-Encoding
// lists, as its body is read. A body in a coding that it does not know (it knows
// gzip and deflate) is returned as it is, as browsers do.
//
// https://fetch.spec.whatwg.org/#handle-content-codings
func DecodeContent(list headers.List, body io.ReadCloser) io.ReadCloser {
	codings, _, ok := headers.ExtractTokenList(list.Lines("content-encoding"))
	if !ok || codings.IsNull() {
		return body
	}
	var known []string
	for coding := range codings.All() {
		switch c := headers.Lower(coding); c {
		case "gzip", "x-gzip", "deflate":
			known = append(known, c)
		case "identity":
		default:
			return body
		}
	}
	for i := len(known) - 1; i >= 0; i-- {
		body = &decoder{coding: known[i], encoded: body}
	}
	return body
}

// decoder undoes one content coding. It begins with the first read, so that a
// response can be had before its body.
type decoder struct {
	coding  string
	encoded io.ReadCloser
	decoded io.Reader
	err     error
}

// Read reads what is decoded. An error of the coding stays.
func (d *decoder) Read(p []byte) (int, error) {
	if d.decoded == nil && d.err == nil {
		d.decoded, d.err = d.open()
	}
	if d.err != nil {
		return 0, d.err
	}
	return d.decoded.Read(p)
}

func (d *decoder) open() (io.Reader, error) {
	encoded := bufio.NewReader(d.encoded)
	start, err := encoded.Peek(2)
	if len(start) == 0 && err == io.EOF {
		return encoded, nil
	}
	if d.coding != "deflate" {
		return gzip.NewReader(encoded)
	}
	// Deflate ought to be in zlib's format; many servers leave that out.
	if bytes.HasPrefix(start, []byte{0x78}) {
		return zlib.NewReader(encoded)
	}
	return flate.NewReader(encoded), nil
}

// Close closes the encoded body; the decoders have nothing to release.
func (d *decoder) Close() error { return d.encoded.Close() }
