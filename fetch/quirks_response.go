package fetch

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// retryMisdirected makes a request again, over another connection, that was
// answered by a 421.
func (f *fetching) retryMisdirected(misdirected *response) (*response, error) {
	response, err := f.httpNetworkOrCacheFetch(true)
	if err != nil || f.client.quirks().MisdirectedRetry != browser.MisdirectedRetryAsGecko {
		return response, err
	}
	if f.request.method == "HEAD" {
		response.body.Close()
		return nil, f.networkError(cors.Timeout)
	}
	if contentType, ok := misdirected.headers.Get("content-type"); ok {
		response.headers = append(headers.List{{Name: "Content-Type", Value: contentType}}, response.headers...)
	}
	return response, nil
}

// shortBody is a body that ends well even where it is shorter than was said.
type shortBody struct{ io.ReadCloser }

// Read takes an early end for the end.
func (b shortBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// exposed extracts what a response exposes to the page. The engine that lets a
// "*" count before what is no name does so for fetch() alone.
func (f *fetching) exposed(response *response) cors.Exposed {
	c, policy := f.request.cors(), f.client.policy()
	if policy != nil && policy.WildcardBeforeInvalid && f.request.xhr {
		whole := *policy
		whole.WildcardBeforeInvalid = false
		policy = &whole
	}
	return policy.ExposedHeaderNames(&c, &response.headers)
}

var (
	errNUL              = errors.New("a header of the response has a NUL byte")
	errTransferEncoding = errors.New("the response's Transfer-Encoding is not chunked, or its Content-Length no number")
	errRepeatedLocation = errors.New("the response has more than one Location, which differ")
)

// readHeaders returns the headers of a response as the engine has them.
func readHeaders(list headers.List, method string, quirks *browser.Fetch) (headers.List, error) {
	if quirks.NULIsError && slices.ContainsFunc(list, func(h headers.Header) bool { return strings.Contains(h.Value, "\x00") }) {
		return nil, errNUL
	}
	if quirks.OnlyChunked && method != "HEAD" && !isFramed(list) {
		return nil, errTransferEncoding
	}
	if quirks.RepeatedLocation == browser.RepeatedLocationEqual {
		locations := list.Lines("location")
		for i := 1; i < locations.Len(); i++ {
			if locations.At(i) != locations.At(0) {
				return nil, errRepeatedLocation
			}
		}
	}
	if quirks.ReplaceInvalidUTF8 {
		list = replaceInvalidUTF8(list)
	}
	return list, nil
}

// isFramed reports whether the last header that says where a body ends is one that
// libsoup knows.
func isFramed(list headers.List) bool {
	framed := true
	for _, h := range list {
		switch {
		case headers.EqualFold(h.Name, "transfer-encoding"):
			framed = headers.EqualFold(h.Value, "chunked") || headers.EqualFold(h.Value, "identity")
		case headers.EqualFold(h.Name, "content-length"):
			framed = strings.Trim(strings.TrimLeft(h.Value, "+-"), "0123456789") == ""
		}
	}
	return framed
}

// combineAsGecko drops what Firefox drops of headers that stand more than once.
func combineAsGecko(list headers.List) headers.List {
	combined := make(headers.List, 0, len(list))
	for _, h := range list {
		i := slices.IndexFunc(combined, func(earlier headers.Header) bool { return headers.EqualFold(earlier.Name, h.Name) })
		switch {
		case i < 0:
			combined = append(combined, h)
		case headers.EqualFold(h.Name, "proxy-authenticate"):
			combined = slices.Delete(combined, i, i+1)
		case combined[i].Value == "":
			combined[i].Value = h.Value
		case h.Value == "", headers.EqualFold(h.Name, "content-length"),
			headers.EqualFold(h.Name, "content-disposition"), headers.EqualFold(h.Name, "location"):
		case headers.EqualFold(h.Name, "content-type"):
			combined[i].Value += "," + h.Value
		default:
			combined = append(combined, h)
		}
	}
	return combined
}

// replaceInvalidUTF8 writes U+FFFD for each byte from 0x80 of a value that is not
// UTF-8.
func replaceInvalidUTF8(list headers.List) headers.List {
	var replaced headers.List
	for i, h := range list {
		if utf8.ValidString(h.Value) {
			continue
		}
		if replaced == nil {
			replaced = list.Clone()
		}
		replaced[i].Value = string([]rune(h.Value))
	}
	if replaced == nil {
		return list
	}
	return replaced
}

// isBlank reports whether a header is absent or empty.
func isBlank(lines headers.Lines) bool {
	value, _ := lines.Get()
	return value == ""
}
