package check

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/transcript"
)

// A redactor takes secrets out of what is shown. The zero value shows everything.
type redactor struct{ secrets *redact.Shown }

// redactorOf returns what a view of reports shows.
func redactorOf(view View, reports ...*Report) redactor {
	if view.ShowSecrets {
		return redactor{}
	}
	secrets := new(redact.Shown)
	for _, r := range reports {
		for _, step := range r.Steps {
			if x := step.Exchange; x != nil {
				secrets.Learn(x.Headers)
				secrets.Learn(x.ResponseHeaders)
			}
		}
		for _, x := range r.Asked {
			secrets.Learn(x.Response)
		}
		secrets.Learn(r.secrets)
	}
	return redactor{secrets}
}

// text takes the secrets out of a text.
func (r redactor) text(s string) string {
	if r.secrets == nil {
		return s
	}
	return r.secrets.Text(s)
}

// statusText returns a reason phrase as it can be shown.
func (r redactor) statusText(status int, text string) string {
	if r.secrets == nil {
		return text
	}
	return redact.StatusText(status, text)
}

// received returns the value of a response header as it can be shown.
func (r redactor) received(h headers.Header) string {
	if r.secrets == nil {
		return h.Value
	}
	return r.secrets.Header(h.Name, h.Value)
}

// sent returns the value of a request header as it can be shown: what is the browser's own
// is no secret, except cookies and credentials.
func (r redactor) sent(x *transcript.Exchange, h headers.Header) string {
	switch {
	case r.secrets == nil:
		return h.Value
	case x.AuthorSet[headers.Lower(h.Name)]:
		return r.secrets.Header(h.Name, h.Value)
	}
	return r.secrets.OwnHeader(h.Name, h.Value)
}
