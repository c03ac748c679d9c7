package explain

// causeText is all that people are told of a cause.
type causeText struct {
	title string   // what it is, in a few words
	why   string   // what goes wrong, in everyday words: one or two sentences
	do    string   // what to do about it: one or two sentences, for who
	who   Party    // can do it
	try   string   // a command that shows more
	about question // what it answers
	// headers says that other response headers, as [Fix] has them, are the remedy.
	headers bool
	kind    kind
	mdn     string // page of Mozilla's documentation
}

// kind is what a message with this cause is about.
type kind int

const (
	aboutCORS   kind = iota // the CORS protocol refused it
	corsUnclear             // it did, and the text does not say why
	notCORS                 // another rule, or no answer
	unclear                 // the text does not say which
	warns                   // nothing was refused
)

// A question is what causes answer. Two answers to the same one exclude each other;
// the answer to "" excludes nothing.
type question string

const (
	// whichAnswer: what gave an answer that permits nothing, or kept one from coming?
	whichAnswer question = "which answer"
	// whichOrigin: how came that value into Access-Control-Allow-Origin?
	whichOrigin question = "which origin"
	// whichPermission: why is a method, a header or are credentials not permitted?
	whichPermission question = "which permission"
)

// texts are the causes, by id.
var texts = map[string]causeText{
	"not-configured": {
		title: "no CORS configuration", who: TheServer, about: whichAnswer, headers: true,
		why: "The server has no CORS configuration for this URL.",
		do:  "Have the server send the header that names the page's origin.",
	},
	"origin-refused": {
		title: "this origin is not allowed", who: TheServer, about: whichAnswer, headers: true,
		why: "The server knows CORS, and this origin is not among those that it allows.",
		do:  "Add the page's origin to the server's list of allowed origins, exactly as it is written here.",
	},
	"error-response": {
		title: "an error without CORS headers", who: TheServer, about: whichAnswer, headers: true,
		why: "The application failed, and its error responses lack the CORS headers: script sees a CORS failure instead of the error.",
		do:  "Fix the error, which the server's log has, and have the headers added to every response.",
	},
	"unauthorized-response": {
		title: "a refusal without CORS headers", who: TheServer, about: whichAnswer, headers: true,
		why: "The server refused the request (401: it does not know who asks; 403: it does not let them), and that answer lacks the CORS headers, so that script sees a CORS failure instead of it.",
		do:  "Page: send what authenticates it, which may be missing or have ended (the token, or credentials: \"include\" for cookies). Server: let the CORS layer come before authentication, so that refusals carry the headers too.",
	},
	"not-found-response": {
		title: "a wrong address", who: ThePage, about: whichAnswer, headers: true,
		why: "Nothing is at that URL for that method (404: no such path; 405: not by this method), and the error page lacks the CORS headers, so that script sees a CORS failure instead of it.",
		do:  "Compare the URL with the API's: path, version, final slash, and the part that a proxy adds or removes. Then have error pages carry the headers too.",
	},
	"misdirected": {
		title: "a connection for another host", who: Intermediary, about: whichAnswer,
		why: "Status 421: the browser reused a connection for this host that it had opened for another one with the same certificate and address, and the server refused that. The answer lacks the CORS headers.",
		do:  "Give the hosts certificates of their own, or let the proxy serve both; with nginx or Apache several names of one certificate need the same TLS settings.",
	},
	"in-front": {
		title: "something in front of the application answers", who: Intermediary, about: whichAnswer,
		why: "The response is not the application's but of something in front of it (a proxy, gateway, firewall or CDN), which adds no CORS headers.",
		do:  "Look at why it answers instead of the application: its log, and whether the application runs.",
	},
	"redirect-https": {
		title: "a redirect from http to https", who: ThePage, about: whichAnswer,
		why: "The server redirects http to https before it comes to CORS.",
		do:  "Request the https URL.",
	},
	"redirect-slash": {
		title: "a redirect over a slash", who: ThePage, about: whichAnswer,
		why: "The server redirects to the same path with, or without, a final slash before it comes to CORS.",
		do:  "Request the URL that it leads to.",
	},
	"redirect-login": {
		title: "a redirect to a login page", who: TheServer, about: whichAnswer,
		why: "The server redirects to a login page: the session has ended, or the request came without what authenticates it. A login page cannot be read by script.",
		do:  "Log in again. Have the API answer 401, with CORS headers, instead of a redirect, and the page then navigate to the login.",
	},
	"redirect": {
		title: "a redirect", who: ThePage, about: whichAnswer,
		why: "The server redirects before it comes to CORS.",
		do:  "Request the URL that it leads to, or have the redirect carry the headers.",
	},
	"options-not-routed": {
		title: "nothing handles OPTIONS", who: TheServer, about: whichAnswer, headers: true,
		why: "Nothing handles OPTIONS at this URL: routes exist for the other methods only.",
		do:  "Have what adds the CORS headers answer OPTIONS too, before the routes.",
	},
	"options-authentication": {
		title: "OPTIONS needs a login", who: TheServer, about: whichAnswer, headers: true,
		why: "OPTIONS needs authentication, but a preflight never carries cookies or Authorization.",
		do:  "Let preflights through before authentication.",
	},
	"options-server-error": {
		title: "the server fails on OPTIONS", who: TheServer, about: whichAnswer, headers: true,
		why: "The server fails on OPTIONS: a handler that expects a body or a session gets none.",
		do:  "See the server's log, and have OPTIONS answered before that handler.",
	},
	"cached-without-cors": {
		title: "a copy that was loaded without CORS", who: ThePage, about: whichAnswer, headers: true,
		why: "The browser had this URL in its cache from a load without CORS (an <img>, <video>, <link> or CSS url() that has no crossorigin), whose answer lacks the CORS headers, and answered with that copy.",
		do:  "Load the URL with crossorigin everywhere, or under another query for the request with CORS. The server prevents it by sending Vary: Origin with every answer, those to requests without Origin too, or its CORS headers always.",
	},
	"stale-cache": {
		title: "a cache's answer for somebody else", who: Intermediary, about: whichAnswer, headers: true,
		why: "A cache answers with what was made for another origin, or for a request without one: the response lacks Vary: Origin.",
		do:  "Send Vary: Origin with every response of this URL, and empty the cache.",
	},
	"file-page": {
		title: "a page opened from a file", who: ThePage, about: whichAnswer,
		why: `The page was opened from a file: its origin is "null".`,
		do:  `Serve the folder over http and open http://localhost:8000. Do not allow "null" on the server instead: every sandboxed page of anybody has that origin.`,
		try: "python3 -m http.server 8000",
	},
	"sandboxed-page": {
		title: `an origin that is "null"`, who: ThePage, about: whichAnswer,
		why: `The origin is "null": the page is sandboxed, a data: URL or a file, or a redirect led from one foreign origin to another.`,
		do:  `Give the page an origin (serve it over http; add allow-same-origin to the sandbox), or request the last URL directly. Do not allow "null" on the server instead: every sandboxed page of anybody has that origin.`,
	},
	"two-layers": {
		title: "two layers add the header", who: TheServer, about: whichOrigin,
		why: "Two layers each add the header: the application, and a proxy or middleware in front of it.",
		do:  "Leave it to one of them: in the proxy remove the header (nginx: add_header), or in the application.",
	},
	"list-in-header": {
		title: "several origins in one header", who: TheServer, about: whichOrigin, headers: true,
		why: "Several origins are listed in one header. It can hold one.",
		do:  "Compare the request's Origin with a list, and answer with the one that is there.",
	},
	"fixed-origin": {
		title: "one fixed origin", who: TheServer, about: whichOrigin, headers: true,
		why: "The server always answers with one fixed origin, and this page has another.",
		do:  "Compare the request's Origin with a list, and answer with the one that is there.",
	},
	"no-value-shown": {
		title: "a value that is not shown", who: TheServer, about: whichOrigin, headers: true,
		why: "This Firefox (of 2015 to 2020) shows no value for Access-Control-Allow-Origin: the header was missing or empty in the answer that counted, which may be that of a redirect on the way.",
		do:  "Look at the header in the Network tab, for each redirect too, and have the server answer with the page's origin there.",
		try: "simulate check {url} --origin {origin}",
	},
	"scheme-differs": {
		title: "the scheme differs", who: TheServer, about: whichOrigin, headers: true,
		why: "The scheme differs: the server allows {allowed}, the page came over {scheme}.",
		do:  "Allow the origin with its scheme, or open the page by the address that is allowed.",
	},
	"port-differs": {
		title: "the port differs", who: TheServer, about: whichOrigin, headers: true,
		why: "The port differs: the server allows {allowed}, and the page is at {origin}.",
		do:  "Allow the origin with its port, or open the page by the address that is allowed.",
	},
	"loopback-names-differ": {
		title: "localhost is not 127.0.0.1", who: TheServer, about: whichOrigin, headers: true,
		why: "localhost and 127.0.0.1 are different origins: the server allows {allowed}, and the page is at {origin}.",
		do:  "Allow both, or open the page by the address that is allowed.",
	},
	"host-differs": {
		title: "the host differs", who: TheServer, about: whichOrigin, headers: true,
		why: `The host differs within one site, as with and without "www.": the server allows {allowed}.`,
		do:  "Allow the origin with its whole host.",
	},
	"development-left": {
		title: "the origin of development", who: TheServer, about: whichOrigin, headers: true,
		why: "The server still allows the origin of development, {allowed}.",
		do:  "Set the allowed origin for this deployment.",
	},
	"null-sent": {
		title: `the server allows "null"`, who: TheServer, about: whichOrigin, headers: true,
		why: `The server answers with the origin "null": it was made without a request's Origin, or allows sandboxed pages instead of this one.`,
		do:  `Answer with the page's origin; "null" allows every sandboxed page and nobody else.`,
	},
	"allow-origin-empty": {
		title: "an empty header", who: TheServer, about: whichOrigin, headers: true,
		why: "The header is empty: what it is made from is not set.",
		do:  "Set the variable or setting from which the server makes it.",
	},
	"placeholder-in-header": {
		title: "a placeholder in the header", who: TheServer, about: whichOrigin, headers: true,
		why: "A placeholder is in the header that nothing has replaced: the configuration's variable is not set, or its syntax is another program's.",
		do:  "Set the variable, or write the origin itself.",
	},
	"pattern-in-header": {
		title: "a pattern in the header", who: TheServer, about: whichOrigin, headers: true,
		why: `A pattern is in the header. "*" means any origin only by itself.`,
		do:  "Compare the request's Origin with the pattern, and answer with the origin.",
	},
	"switch-in-header": {
		title: "a switch in the header", who: TheServer, about: whichOrigin, headers: true,
		why: "The header holds {value}: it must hold an origin, not a switch.",
		do:  "Answer with the page's origin.",
	},
	"origin-without-scheme": {
		title: "the scheme is missing", who: TheServer, about: whichOrigin, headers: true,
		why: "The scheme is missing in the header: an origin begins with https:// or http://.",
		do:  "Write the whole origin.",
	},
	"slash-behind-origin": {
		title: "a slash behind the origin", who: TheServer, about: whichOrigin, headers: true,
		why: "A final slash is behind the origin: it is {right}.",
		do:  "Remove the slash from the configured origin.",
	},
	"path-behind-origin": {
		title: "a path behind the origin", who: TheServer, about: whichOrigin, headers: true,
		why: "A URL is in the header, with its path: the origin is {right}.",
		do:  "Remove the path from the configured origin.",
	},
	"origin-spelling": {
		title: "the origin's spelling", who: TheServer, about: whichOrigin, headers: true,
		why: "The origin is not written as browsers write it: that is {right}.",
		do:  "Write the configured origin so.",
	},
	"not-an-origin": {
		title: "no origin in the header", who: TheServer, about: whichOrigin, headers: true,
		why: "The value is not an origin: scheme://host[:port], in lower case, without a path.",
		do:  "Answer with the page's origin.",
	},
	"wildcard-credentials": {
		title: `"*" with cookies`, who: TheServer, about: whichPermission, headers: true,
		why: `"*" means anything only without credentials (cookies, or a stored login): with them, everything must be named.`,
		do:  "Name the page's origin, each method and each header, or let the page ask without credentials.",
	},
	"needless-credentials": {
		title: "credentials that nothing needs", who: ThePage,
		why: "The request includes credentials, though it may not need them.",
		do:  `Omit credentials "include" (or withCredentials) if no cookie is used.`,
	},
	"credentials-missing": {
		title: "credentials are not allowed", who: TheServer, about: whichPermission, headers: true,
		why: "The server's CORS configuration does not allow credentials, which is a setting of its own.",
		do:  "Switch it on, with the origin named, or let the page ask without credentials.",
	},
	"credentials-spelling": {
		title: `a value that is not "true"`, who: TheServer, about: whichPermission, headers: true,
		why: `The value is not exactly "true": no other spelling, and no upper case, will do.`,
		do:  "Have the server write true.",
	},
	"method-not-listed": {
		title: "the method is not listed", who: TheServer, about: whichPermission, headers: true,
		why: "The server's CORS configuration lists the methods that it allows, and {subject} is not among them.",
		do:  "Add the method to those that are allowed.",
	},
	"method-case": {
		title: "the method's spelling", who: ThePage, about: whichPermission,
		why: "Methods have a case: script asks for {asked}, and the server allows {allowed}. Only DELETE, GET, HEAD, OPTIONS, POST and PUT are put in upper case by browsers.",
		do:  "Write the method in script as {allowed}.",
	},
	"method-spelling": {
		title: "the method's spelling", who: ThePage, about: whichPermission,
		why: `Methods have a case, and browsers do not put this one in upper case: "patch" is not the method PATCH, which servers allow.`,
		do:  `Write method: "PATCH" in the script; no change of the server is needed if it allows PATCH.`,
	},
	"header-not-listed": {
		title: "the request header is not listed", who: TheServer, about: whichPermission, headers: true,
		why: "The server's CORS configuration lists the request headers that it allows, and {subject} is not among them.",
		do:  "Add the header to those that are allowed, in addition to those that it allows already.",
	},
	"response-header-sent": {
		title: "a response header in a request", who: ThePage, about: whichPermission,
		why: "Script sends a header that belongs into responses. It does nothing in a request but make a preflight necessary.",
		do:  "Remove it from the script; the server sends it.",
	},
	"added-by-library": {
		title: "a header that a library adds", who: ThePage,
		why: "A library, not your own code, adds this header: tracing, monitoring or a default of the HTTP client.",
		do:  "Switch that off for this host, or allow the header.",
	},
	"safelist-left": {
		title: "a Content-Type that needs permission", who: ThePage,
		why: "The header needs a preflight because of its value: Content-Type is safelisted only for form and text types.",
		do:  "Allow content-type, or send a form type.",
	},
	"not-a-list": {
		title: "a value that is not a list", who: TheServer, about: whichPermission, headers: true,
		why: "The value was written by hand and is no comma-separated list of tokens: quotes, semicolons, spaces or URLs are in it.",
		do:  "Write names with commas between them, and nothing else.",
	},
	"stale-preflight": {
		title: "a remembered preflight", who: TheUser,
		why: "The server was changed, and the browser still has the answer to an earlier preflight.",
		do:  "Its cache ends with Access-Control-Max-Age, or with a restart of the browser.",
	},
	"not-exposed": {
		title: "the header is not exposed", who: TheServer, about: whichPermission, headers: true,
		why: "The server sends the header but does not expose it: script can read others than the safelisted ones only where Access-Control-Expose-Headers lists them.",
		do:  "List the header in Access-Control-Expose-Headers of the response to the request itself.",
	},
	"cors-disabled": {
		title: "CORS is switched off in this Firefox", who: TheUser, about: whichAnswer, kind: notCORS,
		why: "A setting of this Firefox, content.cors.disable, refuses every cross-origin request.",
		do:  "Set content.cors.disable to false in about:config.",
	},
	"origin-not-added": {
		title: "the browser could not add Origin", who: TheUser, about: whichAnswer,
		why: "Something in the browser changed the request so that it could not be sent as a CORS request: an extension that changes headers is the usual cause.",
		do:  "Try a window without extensions.",
	},
	"authorization-by-wildcard": {
		title: `"*" will not cover Authorization`, who: TheServer, about: whichPermission, kind: warns,
		why: `The request passed, with a warning: it has Authorization, which "*" in Access-Control-Allow-Headers does not cover by the standard.`,
		do:  "List authorization by its name in Access-Control-Allow-Headers.",
	},
}

// rules adds the causes of what is not about a server's CORS headers, by the reason's
// name: what refuses it is certain, and where it commonly comes from is what helps.
var rules = map[string]causeText{
	"redirect-mode":                {title: "redirect mode error", who: ThePage, why: `Script asked for redirect mode "error", and the server redirects: the URL is an old one.`, do: "Request the URL that the redirect leads to."},
	"redirect-location":            {title: "a broken redirect", who: TheServer, why: "The server makes its Location from parts, one of which is empty or not encoded.", do: "Send one Location header, and have it hold one URL."},
	"redirect-scheme":              {title: "a redirect to another scheme", who: TheServer, why: "A login or payment flow redirects to an app's own scheme, which only a navigation can follow.", do: "Navigate there instead of fetching it, or redirect to an http or https URL."},
	"redirect-count":               {title: "endless redirects", who: TheServer, why: "Two rules redirect to each other, as http to https behind a proxy that ends TLS.", do: "Remove one of the two rules, or tell the application that the proxy ends TLS (X-Forwarded-Proto)."},
	"redirect-credentials":         {title: "a password in a redirect", who: TheServer, why: "A username and password are in the URL that the server redirects to, as in a configuration of an upstream.", do: "Redirect to a URL without a username and password."},
	"redirect-body":                {title: "a redirected upload", who: ThePage, why: "An upload from a stream was redirected: it can be read once only.", do: "Request the URL that the redirect leads to."},
	"same-origin-mode":             {title: "mode same-origin", who: ThePage, why: `Script asked for mode "same-origin", and the URL, or one that it redirects to, is of another origin: its scheme, host or port differs.`, do: `Use mode "cors", or request a URL of the page's own origin.`},
	"no-cors-redirect-mode":        {title: "mode no-cors", who: ThePage, why: `Mode "no-cors" was set to silence a CORS failure; it never lets script read anything.`, do: `Use mode "cors", and have the server permit it.`},
	"scheme-not-http":              {title: "no http URL", who: ThePage, why: "The URL has no http or https scheme: a file opened from disk, localhost:3000 without http:// before it, or an app's own scheme.", do: "Request an http or https URL."},
	"invalid-data-url":             {title: "a broken data: URL", who: ThePage, why: "The data: URL was cut off, or its base64 is the URL-safe kind.", do: "Write the URL as data:TYPE,DATA or data:TYPE;base64,DATA."},
	"bad-port":                     {title: "a port that browsers refuse", who: TheServer, why: "The server listens on a port that belongs to another protocol, such as 6000 or 6667.", do: "Have the server listen at another port: browsers never connect to this one."},
	"mixed-content":                {title: "mixed content", who: TheServer, why: "The page came over https and the API's URL says http: a leftover of development, or a server behind a proxy that takes itself to be at http.", do: "Serve the API over https, and write https in the URL. Behind a proxy that ends TLS, have it send X-Forwarded-Proto: https, and tell the server to trust it, so that it makes https URLs."},
	"cross-origin-resource-policy": {title: "Cross-Origin-Resource-Policy", who: TheServer, why: "A security middleware sends Cross-Origin-Resource-Policy: same-origin by default, or the page's Cross-Origin-Embedder-Policy demands that the resource opts in.", do: "Have the resource's server send Cross-Origin-Resource-Policy: cross-origin.", headers: true},
	"nosniff":                      {title: "nosniff and another type", who: TheServer, why: "The URL answers with an error page, or its file ending has no type in the server's configuration.", do: "Send the Content-Type that the destination needs."},
	"mime-type":                    {title: "another type of file", who: TheServer, why: "The URL answers with something else than the script, image, font or style sheet that is asked for: often an error page.", do: "Send the file with its Content-Type (of a script, text/javascript), or correct the URL."},
	"unrequested-range":            {title: "a part that nobody asked for", who: Intermediary, why: "A cache in between answers with a part that it has of the whole.", do: "Answer with 206 only where the request has a Range header."},
	"keepalive-limit":              {title: "too much with keepalive", who: ThePage, why: "Statistics are sent with keepalive, more at a time than browsers take.", do: "Send less than 64 KiB with keepalive, or omit keepalive."},
	"only-if-cached":               {title: "nothing in the cache", who: ThePage, why: "Nothing has put the URL into the cache before.", do: "Use another cache mode."},
	"proxy-authentication":         {title: "a proxy asks for a password", who: Intermediary, why: "A company's proxy asks for a password, or a server answers 407 where 401 is meant.", do: "Log in to the proxy, or correct the status."},
	"integrity":                    {title: "another file than the hash says", who: ThePage, why: "The file was changed, as by a CDN that minifies it, or the hash is of another version.", do: "Correct the integrity attribute, or load the exact version."},
	"content-coding":               {title: "a wrong Content-Encoding", who: TheServer, why: "The server compresses what is compressed already, says so of what is not, or uses Brotli or zstd for a client that did not ask for it.", do: "Have Content-Encoding say what the body is, or omit it."},
	"request-body":                 {title: "the body could not be read", who: ThePage, why: "The program that gives the body failed, or gave more or less than it had said.", do: "Look at what gives the body: the server has no part in it."},
	"transport":                    {title: "no answer came", who: TheServer, why: "No response came, so that this is not about CORS: the server does not run there, its name, port or certificate is wrong, or an extension, firewall or VPN keeps the request from it.", do: "Open the URL in a tab of its own: what the browser says there is the cause."},
	"response-too-large":           {title: "too large headers", who: TheServer, why: "Cookies or tokens pile up in response headers.", do: "Send less: browsers refuse responses whose headers have more than 256 KiB."},
	"timeout":                      {title: "no answer in time", who: TheServer, why: "The server is slow, or something in between drops the packets.", do: "Try again with a longer time; see the server's log."},
	"aborted":                      {title: "ended before an answer", who: ThePage, why: "The page was left, or script aborted: nothing need be wrong.", do: "Nothing, unless it happens always: then look for what aborts it."},
	"invalid-argument":             {title: "an argument that is not valid", who: ThePage, why: "Script built the method, header or URL from a value that it did not check: an undefined token, a line break at its end.", do: "Correct the argument: script gets a TypeError for it, and nothing is sent."},
}

// partOfCORS are the rules that browsers report as CORS, though no header is missing.
var partOfCORS = map[string]bool{
	"redirect-mode": true, "redirect-location": true, "redirect-scheme": true, "redirect-credentials": true, "same-origin-mode": true,
	"no-cors-redirect-mode": true, "scheme-not-http": true, "integrity": true,
}

func init() {
	for id, row := range rules {
		row.about = whichAnswer
		if !partOfCORS[id] {
			row.kind = notCORS
		}
		texts[id] = row
	}
	for id, row := range circumstancesTexts {
		texts[id] = row
	}
	for id, row := range neighbours {
		if row.about == "" && row.kind != aboutCORS {
			row.about = whichAnswer
		}
		texts[id] = row
	}
}
