package stdio

import (
	"errors"
	"strconv"

	"github.com/corsim/corsim/weburl"
)

// urlOp parses a URL, and returns the attributes of its URL object.
//
// https://url.spec.whatwg.org/#api
func urlOp(m *message) (any, error) {
	var r struct {
		URL  *string `json:"url"`
		Base *string `json:"base"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	if r.URL == nil {
		return nil, errors.New("url: is missing")
	}
	parsed, err := parseURL(*r.URL, r.Base)
	if err != nil {
		return struct {
			URL any `json:"url"`
		}{}, nil
	}
	a := struct {
		Href     string `json:"href"`
		Origin   string `json:"origin"`
		Protocol string `json:"protocol"`
		Username string `json:"username"`
		Password string `json:"password"`
		Host     string `json:"host"`
		Hostname string `json:"hostname"`
		Port     string `json:"port"`
		Pathname string `json:"pathname"`
		Search   string `json:"search"`
		Hash     string `json:"hash"`
	}{
		Href: parsed.String(), Origin: parsed.Origin().String(), Protocol: parsed.Scheme() + ":",
		Username: parsed.Username(), Password: parsed.Password(), Host: parsed.Host(), Hostname: parsed.Host(),
		Pathname: parsed.Path(),
	}
	if port := parsed.Port(); port >= 0 {
		a.Port = strconv.Itoa(port)
		a.Host += ":" + a.Port
	}
	if query, _ := parsed.Query(); query != "" {
		a.Search = "?" + query
	}
	if fragment, _ := parsed.Fragment(); fragment != "" {
		a.Hash = "#" + fragment
	}
	return a, nil
}

func parseURL(url string, base *string) (*weburl.URL, error) {
	if base == nil {
		return weburl.Parse(url)
	}
	parsed, err := weburl.Parse(*base)
	if err != nil {
		return nil, err
	}
	return parsed.Parse(url)
}
