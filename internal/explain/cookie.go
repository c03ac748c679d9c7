package explain

import "strings"

// cookieTexts are the causes of being allowed and still logged out, by id.
var cookieTexts = map[string]causeText{
	"cookie-not-kept": {title: "the browser does not keep a cookie", who: TheServer,
		why: "The cookie {cookie} that the answer sets is not stored ({engines}): {why}. Script gets the answer, and the next request comes without the cookie, so that the user stays logged out.",
		do:  "{remedy}."},
	"cookie-without-credentials": {title: "a cookie without credentials", who: ThePage,
		why: "The answer sets the cookie {cookie}, and it is not stored: a request to another origin neither sends nor stores cookies unless script asks for that.",
		do:  `Set credentials: "include" (axios and XMLHttpRequest: withCredentials = true) on this request and on those that need the cookie; the server must then send Access-Control-Allow-Credentials: true and name the origin.`},
}

func init() {
	for id, row := range cookieTexts {
		texts[id] = row
	}
}

// cookieRemedies say what to do where a browser does not store a cookie, by a part of why
// it does not.
var cookieRemedies = []struct{ why, do string }{
	{"SameSite=None without Secure", "Add Secure to the cookie, and serve the API over https."},
	{"SameSite", "Have the server set it with SameSite=None; Secure, which needs https; or serve the API from the page's own site (api.app.example for app.example), where SameSite=Lax will do."},
	{"Secure and the URL is http", "Serve the API over https; in development omit Secure, and let page and API be of one site (both localhost)."},
	{"Partitioned without Secure", "Add Secure to the cookie, and serve the API over https."},
	{"third-party", "Add Partitioned (SameSite=None; Secure; Partitioned), which keeps it for this one page's site; or serve the API from the page's own site; or ask the user by document.requestStorageAccess()."},
	{"public suffix", "Set Domain to a domain of your own, or omit it: no site may set cookies for all that is below a public suffix."},
	{"Domain", "Omit Domain, or set it to the API's own host or to a domain that its host ends with."},
	{"prefix", "Set what the prefix of its name demands (__Secure-: Secure; __Host-: Secure, Path=/ and no Domain), or rename the cookie."},
	{"a Secure cookie of that name", "Serve the API over https, or give the cookie another name."},
	{"HttpOnly", "Omit HttpOnly, or set the cookie by a response only."},
}

// CookieNotKept returns the cause of a cookie that is not stored, given its name, why, and
// in which engines.
func CookieNotKept(cookie, why, engines string) Cause {
	remedy := "Change the attribute of the Set-Cookie header that this names."
	for _, r := range cookieRemedies {
		if strings.Contains(why, r.why) {
			remedy = r.do
			break
		}
	}
	return NewCause("cookie-not-kept", Certain).With("cookie", cookie, "why", why, "engines", engines, "remedy", strings.TrimSuffix(remedy, "."))
}

// CookieWithoutCredentials returns the cause of a cookie that comes in answer to a request
// without credentials.
func CookieWithoutCredentials(cookie string) Cause {
	return NewCause("cookie-without-credentials", Certain).With("cookie", cookie)
}

// ToldBesides returns the lines about what goes wrong though nothing was blocked.
func (c Cause) ToldBesides() []string {
	return []string{"But: " + c.whySeen(), "What to do, " + doers[c.Who] + ": " + c.Do()}
}
