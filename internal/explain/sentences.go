package explain

import (
	"fmt"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// sentences returns what there is to say about a failure beyond its header lines.
func sentences(e *cors.Error, r *cors.Request) []string {
	switch e.Reason {
	case cors.MissingAllowOrigin:
		return append(nullOrigin(r), missing(e)...)
	case cors.WildcardAllowOriginWithCredentials:
		return append(nullOrigin(r), `Or leave credentials "include" away, if the request needs no cookies: "*" is enough then.`)
	case cors.MultipleAllowOrigin:
		return append(nullOrigin(r), secondLayer)
	case cors.InvalidAllowOrigin:
		return append(nullOrigin(r), "An origin is written scheme://host[:port], in lower case, without a path or a final slash.")
	case cors.AllowOriginMismatch:
		return append(nullOrigin(r), originMismatch(e, r)...)
	case cors.PreflightStatus:
		return []string{preflightStatus(e.Status)}
	case cors.PreflightRedirect:
		return []string{"Answer OPTIONS at this URL itself, or request the URL that the redirect leads to: a missing slash, http for https and a login page are the usual causes."}
	case cors.InvalidAllowMethods, cors.InvalidAllowHeaders:
		return []string{"The value is a list with commas between its members; each member is a token."}
	case cors.MethodNotAllowed:
		return methodNotAllowed(e)
	case cors.NonWildcardHeaderNotAllowed:
		return []string{`List authorization by its name: "*" does not cover it.`}
	case cors.RedirectMode:
		return []string{`Answer without a redirect, request the URL that it leads to, or use redirect mode "follow".`}
	case cors.RedirectLocation:
		return []string{"Send one Location header, and have it hold one URL."}
	case cors.RedirectScheme:
		return []string{"Redirect to an http or https URL."}
	case cors.RedirectCount:
		return []string{"End the redirects: browsers follow 20."}
	case cors.RedirectCredentials:
		return []string{"Redirect to a URL without a username and password."}
	case cors.RedirectBody:
		return []string{"Answer with 303, or send a body that can be sent again instead of a stream."}
	case cors.SameOriginMode:
		return []string{`Use mode "cors", or request a URL of the page's own origin.`}
	case cors.NoCORSRedirectMode:
		return []string{`Use redirect mode "follow", or mode "cors".`}
	case cors.SchemeNotHTTP:
		return []string{"Request an http or https URL."}
	case cors.InvalidDataURL:
		return []string{"Write the URL as data:TYPE,DATA or data:TYPE;base64,DATA."}
	case cors.BadPort:
		return []string{"Have the server listen at another port: browsers never connect to this one."}
	case cors.MixedContent:
		return []string{"Serve the URL over https: a page that came over https cannot ask for anything over http."}
	case cors.ContentSecurityPolicy:
		return []string{"Add the URL's origin to connect-src in the page's own Content-Security-Policy; the server that is asked has no part in it."}
	case cors.LocalNetworkPrompt:
		return []string{`The user answers "Allow" when the browser asks; nothing that the server sends spares the question.`}
	case cors.LocalNetworkDenied:
		return []string{`The user permits it in the site's settings; a frame needs allow="local-network; loopback-network" from the page around it, too.`}
	case cors.LocalNetworkInsecure:
		return []string{"Serve the page over https: then the browser asks the user. Or serve the page from the same network."}
	case cors.TargetAddressSpace:
		return []string{"Correct targetAddressSpace in the call of fetch(), or omit it."}
	case cors.NoSniff:
		return []string{"Send the Content-Type that the destination needs."}
	case cors.MIMEType:
		return []string{"Send what is asked for, with its Content-Type: for a script or module a JavaScript MIME type, for an image, font or style sheet its own."}
	case cors.UnrequestedRange:
		return []string{"Answer with 206 only where the request has a Range header."}
	case cors.KeepaliveLimit:
		return []string{"Send less than 64 KiB with keepalive, or omit keepalive."}
	case cors.OnlyIfCached:
		return []string{`Use another cache mode: nothing is in the cache.`}
	case cors.ProxyAuthentication:
		return []string{"A proxy on the way asks for credentials (407). No browser hands that to a page."}
	case cors.Integrity:
		return []string{"Correct the integrity metadata, or the body."}
	case cors.ContentCoding:
		return []string{"Have Content-Encoding say what the body is, or omit it; send only codings that the request's Accept-Encoding lists."}
	case cors.RequestBody:
		return []string{"The server has no part in it: what was to give the body failed."}
	case cors.Transport:
		return []string{transport(e.Err)}
	case cors.ResponseTooLarge:
		return []string{"Send less: browsers refuse responses whose headers have more than 256 KiB."}
	case cors.Timeout:
		return []string{"No complete answer came in time, so that there is nothing to judge. A browser would have waited longer."}
	case cors.Aborted:
		return []string{"It was ended before an answer came, so that there is nothing to judge."}
	case cors.InvalidArgument:
		return []string{"Correct the argument: script gets a TypeError for it, and nothing is sent."}
	}
	return nil
}

const secondLayer = "Look for a second layer that adds the header too, such as a proxy before the application, and let one of them do it."

// nullOrigin warns of what allowing the origin "null" means.
func nullOrigin(r *cors.Request) []string {
	if r.Origin != "null" {
		return nil
	}
	return []string{`The origin is "null": a redirect led from one foreign origin to another, or the page is sandboxed. ` +
		`Whoever allows "null" allows every sandboxed page, so that it is better to request the last URL directly, or to give the page its origin.`}
}

// missing names the usual causes that a status gives away.
func missing(e *cors.Error) []string {
	switch {
	case e.Preflight: // its status is a failure of its own
	case e.Status == 401 || e.Status == 403:
		return []string{fmt.Sprintf("The status is %d: something may have refused the request before the CORS layer saw it. Its answers need the headers too.", e.Status)}
	case 300 <= e.Status && e.Status <= 399:
		return []string{"It is the redirect itself that lacks the header: each response on the way needs it."}
	case e.Status >= 400:
		return []string{fmt.Sprintf("The status is %d: error responses need the headers too, or script cannot tell that error from a CORS failure.", e.Status)}
	}
	return nil
}

func originMismatch(e *cors.Error, r *cors.Request) []string {
	if len(headers.GetDecodeAndSplit(e.Value)) > 1 {
		return []string{secondLayer}
	}
	if headers.EqualFold(e.Value, r.Origin) {
		return []string{"The values are compared byte for byte: write the origin in lower case."}
	}
	return []string{"If several origins are allowed, compare the request's Origin with a list, and answer with the one that is there."}
}

func preflightStatus(status int) string {
	switch {
	case status == 401 || status == 403 || status == 407:
		return fmt.Sprintf("The status is %d: a preflight carries no cookies and no Authorization, so let OPTIONS through before asking for them.", status)
	case status == 404 || status == 405 || status == 501:
		return fmt.Sprintf("The status is %d: nothing handles OPTIONS at this URL. Route it to what adds the CORS headers.", status)
	case status >= 500:
		return fmt.Sprintf("The status is %d: the server fails before it comes to CORS. See its log.", status)
	}
	return "Answer OPTIONS requests that have Access-Control-Request-Method with 204."
}

func methodNotAllowed(e *cors.Error) []string {
	for method := range headers.TokenListOf(e.Value).All() {
		if method != e.Subject && headers.EqualFold(method, e.Subject) {
			return []string{fmt.Sprintf("Methods are compared with their case: %s is not %s. Script that asks for %s gets by without a change of the server.", e.Subject, method, method)}
		}
	}
	return nil
}

// resourcePolicy returns the narrowest value that lets the origin use the response.
func resourcePolicy(e *cors.Error, r *cors.Request) string {
	from, err := origin.Parse(r.Origin)
	url, urlErr := weburl.Parse(e.URL)
	if err == nil && urlErr == nil && url.Origin().SchemelesslySameSite(from) &&
		(from.Scheme() == "https" || url.Scheme() == "http") {
		return "same-site"
	}
	return "cross-origin"
}
