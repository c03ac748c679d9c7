package check

import (
	"net/http/cookiejar"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/weburl"
)

// jar returns a jar with the cookies that the options give for the host of a URL.
func (o *Options) jar(requestURL string) (fetch.CookieJar, error) {
	inner, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	jar := fetch.HTTPJar(inner)
	url, err := weburl.Parse(requestURL)
	if err != nil || !url.IsHTTP() {
		return jar, nil
	}
	attributes := "; Path=/; SameSite=None"
	if url.Scheme() == "https" {
		attributes += "; Secure"
	}
	var set []string
	for pair := range strings.SplitSeq(o.Cookies, ";") {
		if pair = strings.Trim(pair, " \t"); pair == "" {
			continue
		}
		if strings.IndexByte(pair, '=') <= 0 {
			return nil, &ArgumentError{"cookie", "write NAME=VALUE, several with ';' between them"}
		}
		set = append(set, pair+attributes)
	}
	jar.SetCookies(&fetch.CookieContext{URL: url.StringExcludingFragment(), Method: "GET"}, set)
	return jar, nil
}
