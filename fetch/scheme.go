package fetch

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// schemeFetch is scheme fetch. There are no blob: URLs, as there is no script to
// make one.
//
// https://fetch.spec.whatwg.org/#scheme-fetch
func (f *fetching) schemeFetch() (*response, error) {
	url := f.request.currentURL()
	switch {
	case url.IsHTTP():
		return f.httpFetch(false)
	case url.Scheme() == "about" && url.Path() == "blank" && !f.client.rules().Request.NoAboutBlank:
		return f.local("text/html;charset=utf-8", ""), nil
	case url.Scheme() == "data":
		mimeType, body, err := ProcessDataURL(url.StringExcludingFragment())
		if err != nil {
			return nil, err
		}
		response := f.local(mimeType.String(), body)
		if f.client.rules().Response.DataURLAsFile {
			if f.request.xhr {
				response.namesKept = true
			} else {
				response.headers.Append("Content-Length", strconv.Itoa(len(body)))
			}
		}
		return response, nil
	}
	return nil, f.networkError(cors.SchemeNotHTTP)
}

// local returns a response that needs no network.
func (f *fetching) local(contentType, body string) *response {
	return &response{
		status: 200, statusText: "OK", headers: headers.List{{Name: "Content-Type", Value: contentType}},
		body: StringBody(body), urlList: f.request.urlList,
	}
}

// ProcessDataURL is the data: URL processor. It takes a serialized data: URL
// without its fragment and returns its MIME type and its body's bytes; the error
// is an *[cors.Error] with the reason [cors.InvalidDataURL].
//
// https://fetch.spec.whatwg.org/#data-url-processor
func ProcessDataURL(dataURL string) (headers.MIMEType, string, error) {
	invalid := func(problem string) (headers.MIMEType, string, error) {
		return headers.MIMEType{}, "", &cors.Error{Reason: cors.InvalidDataURL, Subject: problem}
	}
	mimeType, encodedBody, ok := strings.Cut(strings.TrimPrefix(dataURL, "data:"), ",")
	if !ok {
		return invalid("it has no comma")
	}
	mimeType = strings.Trim(mimeType, " ")
	body := percentDecode(encodedBody)
	if rest, isBase64 := cutBase64(mimeType); isBase64 {
		mimeType = rest
		if body, ok = forgivingBase64Decode(body); !ok {
			return invalid("its body is not base64")
		}
	}
	if strings.HasPrefix(mimeType, ";") {
		mimeType = "text/plain" + mimeType
	}
	m, ok := headers.ParseMIMEType(mimeType)
	if !ok {
		m = headers.MIMEType{Type: "text", Subtype: "plain", Parameters: []headers.Parameter{{Name: "charset", Value: "US-ASCII"}}}
	}
	return m, body, nil
}

// cutBase64 cuts ";", spaces and "base64" from the end of s.
func cutBase64(s string) (rest string, ok bool) {
	const suffix = "base64"
	if len(s) < len(suffix) || !headers.EqualFold(s[len(s)-len(suffix):], suffix) {
		return s, false
	}
	return strings.CutSuffix(strings.TrimRight(s[:len(s)-len(suffix)], " "), ";")
}

// forgivingBase64Decode forgiving-base64 decodes s.
//
// https://infra.spec.whatwg.org/#forgiving-base64-decode
func forgivingBase64Decode(s string) (string, bool) {
	s = strings.Map(func(c rune) rune {
		switch c {
		case ' ', '\t', '\n', '\f', '\r':
			return -1
		}
		return c
	}, s)
	if len(s)%4 == 0 {
		s = strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	}
	if strings.Contains(s, "\n") || len(s)%4 == 1 {
		return "", false
	}
	decoded, err := base64.RawStdEncoding.DecodeString(s)
	return string(decoded), err == nil
}

// percentDecode percent-decodes s.
//
// https://url.spec.whatwg.org/#string-percent-decode
func percentDecode(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			b = append(b, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		} else {
			b = append(b, s[i])
		}
	}
	return string(b)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
