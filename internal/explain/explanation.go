package explain

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/weburl"
)

// An Exchange is what is known of the exchange that failed. The zero value stands
// for nothing.
type Exchange struct {
	// Page is the URL of the page that asked.
	Page string
	// Response holds the headers of the response that failed; nil where they are
	// not known.
	Response headers.List
	// From is the URL that redirected to the one that failed, and API what asked, in the
	// browser's words, such as "manifest": where a message told them.
	From, API string
	// CachedFrom says which earlier request, one without CORS, got the response that the browser's cache
	// answered with, such as "entry 3"; "" where none is known.
	CachedFrom string
	// Body is the beginning of the failed response's body, "" where it is not known.
	Body string
	// Others are the other exchanges that were observed, in order: the preflight, the
	// redirects before, and what was asked besides.
	Others []Seen
	// Text is what people have pasted, with code and configuration in it, and Servers the ids of the
	// recipes of servers that it names.
	Text    string
	Servers []string
	// Asked is the method by which script asks, "" where it is not told.
	Asked string
}

// An Explanation says what a failure means.
type Explanation struct {
	// Reason is the first requirement that was not met.
	Reason cors.Reason
	// Saw is what the browser saw, a sentence for each requirement not met.
	Saw []string
	// Rule is that requirement in words, Anchor its address in the standard, and
	// MDN that of the page which describes it for developers.
	Rule, Anchor, MDN string
	// Causes are what the failure commonly comes from, that for which most speaks
	// first. There is at least one.
	Causes []Cause
	// Advice is the smallest change, as of [Fix].
	Advice []Advice
}

// Explain returns what a failure means. r is as for [Fix], x what is known of the
// exchange besides.
func Explain(err *cors.Error, r *cors.Request, x Exchange) *Explanation {
	return explainAs(err, r, x, func(*Explanation) {})
}

// explainAs is Explain, with a function that may add causes before they are ranked.
func explainAs(err *cors.Error, r *cors.Request, x Exchange, add func(*Explanation)) *Explanation {
	e := &Explanation{
		Reason: err.Reason, Rule: err.Reason.Requirement(), Anchor: err.Reason.Anchor(), MDN: MDN(err.Reason),
		Advice: Fix(err, r),
	}
	foremost, more := Foremost(err)
	for _, failure := range foremost {
		e.Saw = append(e.Saw, saw(failure))
	}
	if more > 0 {
		e.Saw = append(e.Saw, fmt.Sprintf("… and %d more of these.", more))
	}
	e.Causes = causes(err, r, x)
	add(e)
	e.Causes = withFixes(addressed(Rank(e.Causes...), err.URL, r.Origin, err.Subject), e.Advice)
	return e
}

// maxForemost is how many failures with one reason are told: each of the request headers that one list lacks is
// a failure, with the whole list.
const maxForemost = 20

// Foremost returns the failures that are told to somebody, the first of each reason, and how many others there are.
func Foremost(err *cors.Error) (foremost []*cors.Error, others int) {
	counts := map[cors.Reason]int{}
	for _, failure := range err.All() {
		if counts[failure.Reason]++; counts[failure.Reason] <= maxForemost {
			foremost = append(foremost, failure)
		} else {
			others++
		}
	}
	return foremost, others
}

// saw says in a sentence what the browser saw.
func saw(e *cors.Error) string {
	s := *e
	s.Preflight = false
	if reason, same := e.Err.(cors.Reason); same && reason == e.Reason {
		s.Err = nil
	}
	text := s.Detail()
	if e.Preflight {
		return "Asked for permission by a preflight: " + text + "."
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// inquiry is what the causes of one failure are looked for in.
type inquiry struct {
	*cors.Error
	request  *cors.Request
	page     string
	response headers.List
	known    bool   // the response is
	from     string // URL that redirected here
	api      string // what asked
	body     string
	others   []Seen
	text     string
	servers  []string
	asked    string
	copied   string // the earlier request whose response the browser's cache has
}

func (q *inquiry) header(name string) string {
	value, _ := q.response.Get(name)
	return value
}

// redirects reports whether the status is one of a redirect.
func (q *inquiry) redirects() bool { return 300 <= q.Status && q.Status <= 399 && q.Status != 304 }

// causes returns the causes of a failure and of what it has in Also.
func causes(err *cors.Error, r *cors.Request, x Exchange) (found []Cause) {
	foremost, _ := Foremost(err)
	for i, e := range foremost {
		q := &inquiry{Error: e, request: r, page: x.Page, response: x.Response, known: x.Response != nil, from: x.From, api: x.API, body: x.Body, others: x.Others, copied: x.CachedFrom, text: x.Text, servers: x.Servers, asked: x.Asked}
		if i > 0 && unanswered(err) && !e.Present {
			continue // what is not there at all was not left out of a list
		}
		list := q.candidates()
		if i == 0 {
			list = settled(append(list, q.circumstances()...), q.evident())
		}
		for _, c := range list {
			if _, has := c.values["subject"]; !has && e.Subject != "" {
				c = c.With("subject", e.Subject) // of this failure, not of the first
			}
			c.order -= 100 * min(i, 2) // what is said of the first failure comes first
			found = append(found, c)
		}
	}
	return found
}

// unanswered reports whether a failure is that no CORS layer has answered, or that it
// refused to.
func unanswered(err *cors.Error) bool {
	switch err.Reason {
	case cors.MissingAllowOrigin, cors.AllowOriginMismatch, cors.PreflightStatus, cors.PreflightRedirect:
		return true
	}
	return false
}

// addressed fills in the addresses in the sentences and commands of causes.
func addressed(causes []Cause, url, pageOrigin, subject string) []Cause {
	if url == "" {
		url = "URL"
	}
	if subject == "" {
		subject = "this one"
	}
	shown := pageOrigin
	if pageOrigin == "" || pageOrigin == unknownOrigin {
		pageOrigin, shown = "ORIGIN", unknownOrigin
	}
	match := "https://HOST/*"
	if u, err := weburl.Parse(url); err == nil {
		match = u.Scheme() + "://" + u.Host() + "/*"
	}
	for i := range causes {
		c := &causes[i]
		for name, value := range map[string]string{
			"url": recipe.ShellWord(url), "origin": recipe.ShellWord(pageOrigin), "httpurl": recipe.ShellWord(strings.Replace(url, "ws", "http", 1)), "match": match, "page": shown, "subject": subject,
		} {
			if _, has := c.values[name]; !has {
				*c = c.With(name, value)
			}
		}
	}
	return causes
}

// withFixes gives each cause what to do about it: the header lines where they are the
// remedy, and its own words.
func withFixes(causes []Cause, advice []Advice) []Cause {
	for i := range causes {
		c := &causes[i]
		c.Fix = append(c.Fix, Remedy{Text: c.Do()})
		if !c.HeadersHelp() {
			continue
		}
		for j := range advice {
			c.Fix = append(c.Fix, Remedy{Lines: &advice[j]})
		}
	}
	return causes
}

// mdn are the pages about each reason, behind the address of the documentation.
var mdn = map[cors.Reason]string{
	cors.MissingAllowOrigin:                 "HTTP/Guides/CORS/Errors/CORSMissingAllowOrigin",
	cors.WildcardAllowOriginWithCredentials: "HTTP/Guides/CORS/Errors/CORSNotSupportingCredentials",
	cors.MultipleAllowOrigin:                "HTTP/Guides/CORS/Errors/CORSMultipleAllowOriginNotAllowed",
	cors.InvalidAllowOrigin:                 "HTTP/Guides/CORS/Errors/CORSAllowOriginNotMatchingOrigin",
	cors.AllowOriginMismatch:                "HTTP/Guides/CORS/Errors/CORSAllowOriginNotMatchingOrigin",
	cors.AllowCredentialsNotTrue:            "HTTP/Guides/CORS/Errors/CORSMissingAllowCredentials",
	cors.PreflightStatus:                    "HTTP/Guides/CORS/Errors/CORSPreflightDidNotSucceed",
	cors.PreflightRedirect:                  "HTTP/Guides/CORS/Errors/CORSExternalRedirectNotAllowed",
	cors.InvalidAllowMethods:                "HTTP/Guides/CORS/Errors/CORSInvalidAllowMethod",
	cors.InvalidAllowHeaders:                "HTTP/Guides/CORS/Errors/CORSInvalidAllowHeader",
	cors.MethodNotAllowed:                   "HTTP/Guides/CORS/Errors/CORSMethodNotFound",
	cors.NonWildcardHeaderNotAllowed:        "HTTP/Reference/Headers/Access-Control-Allow-Headers",
	cors.HeaderNotAllowed:                   "HTTP/Guides/CORS/Errors/CORSMissingAllowHeaderFromPreflight",
	cors.RedirectMode:                       "API/RequestInit",
	cors.RedirectLocation:                   "HTTP/Reference/Headers/Location",
	cors.RedirectScheme:                     "HTTP/Guides/CORS/Errors/CORSRequestNotHttp",
	cors.RedirectCount:                      "HTTP/Guides/Redirections",
	cors.RedirectCredentials:                "HTTP/Guides/Redirections",
	cors.RedirectBody:                       "HTTP/Guides/Redirections",
	cors.SameOriginMode:                     "API/Request/mode",
	cors.NoCORSRedirectMode:                 "API/Request/mode",
	cors.SchemeNotHTTP:                      "HTTP/Guides/CORS/Errors/CORSRequestNotHttp",
	cors.InvalidDataURL:                     "URI/Reference/Schemes/data",
	cors.BadPort:                            "API/Window/fetch",
	cors.MixedContent:                       "Security/Mixed_content",
	cors.ContentSecurityPolicy:              "HTTP/Guides/CSP",
	cors.LocalNetworkPrompt:                 "HTTP/Reference/Headers/Permissions-Policy/local-network-access",
	cors.LocalNetworkDenied:                 "HTTP/Reference/Headers/Permissions-Policy/local-network-access",
	cors.LocalNetworkInsecure:               "HTTP/Reference/Headers/Permissions-Policy/local-network-access",
	cors.TargetAddressSpace:                 "HTTP/Reference/Headers/Permissions-Policy/local-network-access",
	cors.CrossOriginResourcePolicy:          "HTTP/Reference/Headers/Cross-Origin-Resource-Policy",
	cors.NoSniff:                            "HTTP/Reference/Headers/X-Content-Type-Options",
	cors.MIMEType:                           "HTTP/Guides/MIME_types",
	cors.UnrequestedRange:                   "HTTP/Reference/Status/206",
	cors.KeepaliveLimit:                     "API/RequestInit",
	cors.OnlyIfCached:                       "API/Request/cache",
	cors.ProxyAuthentication:                "HTTP/Reference/Status/407",
	cors.Integrity:                          "Security/Subresource_Integrity",
	cors.ContentCoding:                      "HTTP/Reference/Headers/Content-Encoding",
	cors.RequestBody:                        "API/Window/fetch",
	cors.Transport:                          "HTTP/Guides/CORS/Errors/CORSDidNotSucceed",
	cors.ResponseTooLarge:                   "HTTP/Guides/CORS/Errors/CORSDidNotSucceed",
	cors.Timeout:                            "HTTP/Guides/CORS/Errors/CORSDidNotSucceed",
	cors.Aborted:                            "API/AbortController",
	cors.InvalidArgument:                    "API/Window/fetch",
}

const mdnBase = "https://developer.mozilla.org/en-US/docs/Web/"

// MDN returns the address of the page about a reason in Mozilla's documentation,
// and "" for what is no reason.
func MDN(r cors.Reason) string {
	if page := mdn[r]; page != "" {
		return mdnBase + page
	}
	return ""
}

// Short returns the explanation in two lines: why, by the likeliest cause and what
// speaks for it, and what to do.
func (e *Explanation) Short() []string {
	if len(e.Causes) == 0 {
		return nil
	}
	c := e.Causes[0]
	why := c.Why()
	if seen := c.Seen(); seen != "" {
		why += " (" + seen + ")"
	}
	return []string{why, c.Do()}
}

// Long returns all of it but the advice, in lines.
func (e *Explanation) Long() (lines []string) {
	lines = append(lines, "What the browser saw")
	for _, s := range e.Saw {
		lines = append(lines, "  "+s)
	}
	if e.Rule != "" {
		lines = append(lines, "The rule", "  "+strings.ToUpper(e.Rule[:1])+e.Rule[1:]+".", "  "+e.Anchor, "  "+e.MDN)
	}
	lines = append(lines, "What it commonly means, the likeliest first")
	for _, c := range e.Causes {
		lines = append(lines, "  - "+c.String())
	}
	return lines
}
