// Package recordings has what the options of replay are called, for the command and for its page.
package recordings

import (
	"fmt"

	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/weburl"
)

// CredentialsNamed returns what a credentials mode, as script names it, is taken to include.
func CredentialsNamed(mode string) (replay.Credentials, error) {
	switch mode {
	case "omit", "same-origin":
		return replay.CredentialsNotIncluded, nil
	case "include":
		return replay.CredentialsIncluded, nil
	}
	return 0, fmt.Errorf("there is no credentials mode %q, only omit, same-origin, include", mode)
}

// Asked completes what is said of the request of responses that were recorded alone, as by
// curl -i; nil where nothing is.
func Asked(r record.Request) (*record.Request, error) {
	if r.URL == "" {
		return nil, nil
	}
	if u, err := weburl.Parse(r.URL); err != nil || !u.IsHTTP() {
		return nil, fmt.Errorf("%q is no URL of http or https", r.URL)
	}
	if r.Method == "" {
		r.Method = "GET"
	}
	return &r, nil
}
