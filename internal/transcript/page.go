package transcript

import (
	"errors"
	"fmt"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/weburl"
)

// OpenPage returns the page that a test or a contract calls by its origin or its URL.
// "null" stands for one that was opened from nowhere: its origin is opaque, and it has
// no referrer.
func OpenPage(url string, options *fetch.PageOptions) (*fetch.Page, error) {
	if url == "null" {
		url = "about:blank"
	}
	if err := checkPage(url); err != nil {
		return nil, err
	}
	if options != nil && options.TopLevel != "" {
		if err := checkPage(options.TopLevel); err != nil {
			return nil, fmt.Errorf("the top-level document: %w", err)
		}
	}
	return fetch.NewPage(url, options)
}

// checkPage says what is wrong with the URL of a page. What "localhost:3000" is to a
// URL parser, a page of the scheme "localhost:", has an opaque origin: servers refuse
// that one whatever they think of the one that was meant.
func checkPage(url string) error {
	u, err := weburl.Parse(url)
	if err != nil {
		problem := err.Error()
		if e, ok := errors.AsType[*weburl.Error](err); ok {
			problem = e.Problem
		}
		return fmt.Errorf("%q is no origin, such as https://app.example, and no URL of a page: %s", url, problem)
	}
	if u.IncludesCredentials() {
		return errors.New("the page's URL has a username or password, which its origin does not: leave them out")
	}
	switch u.Scheme() {
	case "about", "data", "blob":
		return nil
	}
	if strings.HasPrefix(u.String()[len(u.Scheme()):], "://") {
		return nil
	}
	problem := fmt.Sprintf("%q is a URL of the scheme \"%s:\", whose origin is opaque", url, u.Scheme())
	if _, err := weburl.Parse("http://" + url); err == nil {
		return fmt.Errorf("%s: did you mean http://%s?", problem, url)
	}
	return fmt.Errorf("%s: an origin is scheme://host[:port], such as https://app.example", problem)
}
