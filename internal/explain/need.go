package explain

import (
	"cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/weburl"
)

// NeedOf returns what a server must permit for the request to an address to pass.
func NeedOf(address string, r *cors.Request) recipe.Need {
	return recipe.Need{
		Host: HostOf(address), Origins: []string{r.Origin}, Methods: []string{r.Method}, Headers: askedNames(r), Credentials: r.IncludeCredentials,
	}
}

// HostOf returns the host of an address, "" where it has none.
func HostOf(address string) string {
	u, err := weburl.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host()
}

// Need returns what the server must permit, as far as a message tells; pageOrigin
// is as for [Message.Explain], and where neither tells the origin it is
// [recipe.UnknownOrigin]. ok is false where the server's CORS configuration can do
// nothing about it.
func (m *Message) Need(pageOrigin string) (n recipe.Need, ok bool) {
	n = recipe.Need{
		Host: HostOf(m.URL), Origins: []string{cmp.Or(m.Origin, pageOrigin, recipe.UnknownOrigin)}, Preflight: m.Preflight, Credentials: m.Credentials,
	}
	if m.Method != "" {
		n.Methods = []string{m.Method}
	}
	if failure, r := m.Failure(pageOrigin); failure != nil && failure.Reason <= cors.PreflightRedirect {
		n.Headers, n.Credentials = askedNames(r), r.IncludeCredentials
		if r.Method != "GET" {
			n.Methods = []string{r.Method}
		}
	}
	switch {
	case m.Topic == TopicNotExposed:
		n.Expose = []string{m.Subject}
	case m.Topic == TopicAuthorizationWildcard:
		n.Headers = []string{"authorization"}
	case m.Reason == cors.MethodNotAllowed && m.Subject != "":
		n.Methods = []string{m.Subject}
	case (m.Reason == cors.HeaderNotAllowed || m.Reason == cors.NonWildcardHeaderNotAllowed) && m.Subject != "":
		n.Headers, n.FirstHeaderOnly = []string{m.Subject}, true
	case !m.Reason.IsCORS() && (m.Reason != 0 || m.Topic != TopicUnknown):
		return recipe.Need{}, false
	}
	return n, true
}
