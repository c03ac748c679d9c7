package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/corsim/corsim/cmd/simulate/internal/devtools"
	"github.com/corsim/corsim/fetch"
)

// readFrom fills the options that no flag has set from a copied request, and
// returns what there is to mind about it.
func (c *checkFlags) readFrom(std *streams) (notes []string, err error) {
	text, err := readFile(std, c.from, maxCopied)
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	if devtools.IsElement(text) {
		return nil, c.readElement(text)
	}
	r, err := devtools.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("--from %s: %w", c.from, err)
	}
	notes = r.Notes
	o := &c.options
	o.URL, o.Headers, o.Keepalive = r.URL, r.Headers, r.Keepalive
	if c.data == nil || r.MethodGiven {
		fill(&o.Method, r.Method)
	}
	fillFrom(&o.Mode, r.Mode)
	fillFrom(&o.Credentials, r.Credentials)
	fillFrom(&o.Redirect, r.Redirect)
	fillFrom(&o.Cache, r.Cache)
	fillFrom(&o.ReferrerPolicy, r.ReferrerPolicy)
	o.Referrer = r.Referrer
	if o.Mode == fetch.ModeNavigate || o.Mode == "websocket" {
		return nil, fmt.Errorf("--from %s: the request has mode %q, which CORS does not govern; to check what fetch() would get, add --mode cors", c.from, o.Mode)
	}
	if err := c.fillPage(r); err != nil {
		return nil, fmt.Errorf("--from %s: %w", c.from, err)
	}
	fill(&o.Cookies, r.Cookie)
	switch {
	case o.Credentials != "":
	case r.Cookie != "":
		o.Credentials = fetch.CredentialsInclude
	case r.FromBrowser && r.Source != devtools.Fetch:
		notes = append(notes, `The copied request has no cookies, so that credentials mode "same-origin" is taken; --credentials include if script says so.`)
	}
	if r.User != "" {
		o.Headers.Append("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(r.User)))
	}
	if err := c.fillBody(std, r); err != nil {
		return nil, fmt.Errorf("--from %s: %w", c.from, err)
	}
	return notes, c.fillNetwork(r)
}

// readElement fills the options from an HTML element.
func (c *checkFlags) readElement(text string) error {
	e, err := devtools.ParseElement(text)
	if err != nil {
		return fmt.Errorf("--from %s: %w", c.from, err)
	}
	o := &c.options
	if o.Origin == "" && o.Page == "" {
		return fmt.Errorf("--from %s: an element does not say which page it is in; add --page or --origin", c.from)
	}
	o.URL = e.URL
	fill(&o.As, e.As)
	fill(&o.Integrity, e.Integrity)
	fill(&o.PreloadAs, e.PreloadAs)
	if o.CrossOrigin == nil {
		o.CrossOrigin = e.CrossOrigin
	}
	fillFrom(&o.ReferrerPolicy, &e.ReferrerPolicy)
	if e.As == "form" && e.Method == "" {
		e.Method = "GET" // as the attribute has it
	}
	if c.data == nil {
		fill(&o.Method, e.Method)
	}
	return nil
}

// fillPage sets who asks.
func (c *checkFlags) fillPage(r *devtools.Request) error {
	o := &c.options
	if o.Origin != "" || o.Page != "" {
		return nil
	}
	referer := r.Referer
	if referer == "" && r.Referrer != nil && strings.Contains(*r.Referrer, "://") {
		referer = *r.Referrer
	}
	o.Origin, o.Page = r.Origin, referer
	if o.Origin == "" && o.Page == "" {
		return errors.New("the request does not say which page asks; add --origin")
	}
	// A Referer of another origin than Origin is that of a page before, say: who
	// asks is Origin alone.
	if page, err := url.Parse(o.Page); err == nil && o.Origin != "" && o.Origin != "null" && page.Scheme+"://"+page.Host != o.Origin {
		o.Page = ""
	}
	return nil
}

func (c *checkFlags) fillBody(std *streams, r *devtools.Request) error {
	switch {
	case c.data != nil:
	case r.Body != nil:
		c.options.Body = r.Body
	case r.BodyFile == "-" && c.from == "-":
		return errors.New("the body must be read from standard input, where the request was; use a file")
	case r.BodyFile != "":
		content, err := readFile(std, r.BodyFile, maxBody)
		if err != nil {
			return err
		}
		if r.BodyFileText {
			content = withoutLineBreaks(content)
		}
		c.options.Body = &content
	}
	return nil
}

// fillNetwork takes over curl's flags about the connection.
func (c *checkFlags) fillNetwork(r *devtools.Request) error {
	n := &c.network
	n.options.Insecure = n.options.Insecure || r.Insecure
	fill(&n.cacert, r.CACert)
	for _, rule := range r.Resolve {
		if err := n.options.Resolve.Add(rule); err != nil {
			return fmt.Errorf("--from %s: --resolve: %w", c.from, err)
		}
	}
	if c.options.Timeout == 0 {
		c.options.Timeout = r.MaxTime
	}
	return nil
}

// fill sets what is not set yet.
func fill(to *string, value string) {
	if *to == "" {
		*to = value
	}
}

func fillFrom[T ~string](to *T, value *string) {
	if *to == "" && value != nil {
		*to = T(*value)
	}
}
