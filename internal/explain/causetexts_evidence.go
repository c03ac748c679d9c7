package explain

// evidenceTexts are the causes that answers themselves show, by id. {by} is who made the
// answer, {setting} where that is configured.
var evidenceTexts = map[string]causeText{
	// A CORS layer refuses, in its own words.
	"origin-refused-by": {title: "the CORS layer refuses the origin", who: TheServer, about: whichAnswer,
		why: "The server's CORS layer ({by}) works, and refuses the origin of the page, {page}: it is not among those that it allows.",
		do:  "Add {page}, exactly as it is written here (scheme, host and port, no slash behind it), to {setting}, and restart the server."},
	"method-refused-by": {title: "the CORS layer refuses the method", who: TheServer, about: whichPermission,
		why: "The server's CORS layer ({by}) allows the origin, and refuses the method {method}.",
		do:  "Add {method} to the methods that are there already in {setting}."},
	"headers-refused-by": {title: "the CORS layer refuses a request header", who: TheServer, about: whichPermission,
		why: "The server's CORS layer ({by}) allows the origin, and refuses a request header that script sets ({names}).",
		do:  "Add the names to those that are there already in {setting}, or do not set the header in script."},
	"part-refused-by": {title: "the CORS layer refuses the method or a header", who: TheServer, about: whichPermission,
		why: "The server's CORS layer ({by}) allows the origin, and refuses the method {method} or a request header ({names}).",
		do:  "Allow the method and the headers in {setting}, in addition to what is there."},
	"layer-refuses": {title: "the CORS layer refuses the request", who: TheServer, about: whichAnswer,
		why: "The server's CORS layer ({by}) refuses the request, and does not say whether by its origin, its method or its headers: the origin {page} most often.",
		do:  "Compare {page}, the method {method} and the request headers with what {setting} allows, and add what is missing.",
		try: "simulate probe {url} --origin {origin} -X {method}"},

	// What answers OPTIONS is not a CORS layer.
	"headers-on-preflight-only": {title: "only OPTIONS is answered with the headers", who: TheServer, about: whichAnswer, headers: true,
		why: "The preflight (OPTIONS) is answered with the CORS headers, and the response to the request itself is not: both need Access-Control-Allow-Origin, so the CORS configuration reaches OPTIONS alone.",
		do:  "Have the handler of the request itself add Access-Control-Allow-Origin too (a Lambda function behind API Gateway and a Supabase function must do it themselves; an nginx add_header inside an if for OPTIONS must be repeated outside of it)."},
	"error-without-headers": {title: "the error response lacks the headers", who: TheServer, about: whichAnswer, headers: true,
		why: "CORS is configured (OPTIONS is answered with permission), but the request itself failed with status {status}, and that error response lacks the CORS headers: script sees a CORS failure instead of the error.",
		do:  "Fix the error first (the server's log has it), and have the CORS headers added to error responses too: the CORS middleware goes before everything that can fail, and nginx needs add_header … always."},
	"headers-not-always": {title: "not every answer has the headers", who: TheServer, about: whichAnswer, headers: true,
		why: "The answer that is shown permits the page, and the one that failed did not: the headers are not on every answer. Mostly it is the answer to OPTIONS (by which the browser asks first), an error, a redirect or a refusal without login (401) that lacks them, or a copy in a cache.",
		do:  "Look at the failed request itself in the Network tab, and at the OPTIONS before it: its status tells which. Then have the CORS layer come before all that can answer: routes, login, error handlers.",
		try: "simulate probe {url} --origin {origin}"},
	"headers-on-response-only": {title: "OPTIONS is answered without the headers", who: TheServer, about: whichAnswer, headers: true,
		why: "The CORS configuration works for other methods, but OPTIONS, by which the browser asks first (a preflight), does not reach it: something else answers OPTIONS.",
		do:  "Have what adds the CORS headers answer OPTIONS too, with status 204, before routes and login; in a framework with routes by method use its CORS middleware for the whole application instead of setting the header in a handler."},
	"options-by-framework": {title: "the framework answers OPTIONS itself", who: TheServer, about: whichAnswer, headers: true,
		why: "OPTIONS is answered by {by} itself, which lists the methods in Allow but knows nothing of CORS: no CORS middleware is active for this URL.",
		do:  "Switch on {setting}, for the whole application and before the routes."},
	"options-no-route": {title: "no route for OPTIONS", who: TheServer, about: whichAnswer, headers: true,
		why: "{by} has no route for OPTIONS at this path, so that the preflight (the question that the browser asks first) gets an error: no CORS middleware is active, or it comes behind the routes.",
		do:  "Switch on {setting}, before the routes."},
	"no-such-path": {title: "nothing is at this path", who: ThePage, about: whichAnswer,
		why: "Nothing is at this path: OPTIONS and {method} are both answered with 404, so that the URL is wrong (a prefix such as /api or /v1, a version, a typing mistake) or the route is not there.",
		do:  "Correct the URL first, by a look at the server's routes; only then can CORS be judged."},
	"gateway-no-route": {title: "the gateway has no such route", who: Intermediary, about: whichAnswer, headers: true,
		why: "{by} has no route for this method and path: OPTIONS is not configured there, or the path or stage in the URL is wrong. The application behind it was not asked.",
		do:  "Compare the URL's path with the routes (stage and base path included), and {setting}."},
	"options-refused-in-front": {title: "a rule forbids OPTIONS", who: TheServer, about: whichAnswer, headers: true,
		why: "{by} forbids OPTIONS by a rule of its own, before CORS: the preflight, which carries neither cookies nor Authorization, is refused.",
		do:  "Let OPTIONS pass: {setting}."},
	"key-in-front": {title: "the gateway wants a key first", who: Intermediary, about: whichAnswer, headers: true,
		why: "{by} refuses requests without a key or token before it comes to CORS, and a preflight (OPTIONS) never carries one.",
		do:  "Exempt OPTIONS: {setting}. If it is the request itself that is refused, send the key, and have the gateway add CORS headers to its errors."},
	"csrf-refused": {title: "a protection against CSRF refuses it", who: TheServer, about: whichAnswer, headers: true,
		why: "{by} refuses requests from other origins as forged (a protection against CSRF). That is not its CORS configuration, which is needed besides.",
		do:  "Trust {page} in {setting}."},
	"host-refused": {title: "the host name is refused", who: TheServer, about: whichAnswer,
		why: "{by} does not answer for the host name {host}: it guards against requests under names that are not its own, before it comes to CORS.",
		do:  "Add the host to {setting}."},
	"output-before-headers": {title: "the header came too late", who: TheServer, about: whichAnswer,
		why: "The program does set headers, but too late: PHP had sent output before it (\"headers already sent\"), so that the CORS header was dropped.",
		do:  "Call header() before any output: remove what is before <?php (a blank line, a byte order mark), echo and warnings; the message in the answer names file and line."},
	"program-failed": {title: "the program failed", who: TheServer, about: whichAnswer,
		why: "The program failed ({by}), and its error page lacks the CORS headers: script sees a CORS failure instead of the error.",
		do:  "Fix the error, which the answer and the server's log name; then have the CORS headers added to error responses too."},

	"redirect-to-http": {title: "a redirect from https to http", who: TheServer, about: whichAnswer,
		why: "The server redirects https to http: it stands behind a proxy that ends TLS, and takes itself to be at http.",
		do:  "Tell the application that the proxy ends TLS (X-Forwarded-Proto, and the setting by which it trusts that header), so that its redirects keep https; or request the URL that needs no redirect, with its slash."},
	"redirect-www": {title: "a redirect to www, or from it", who: ThePage, about: whichAnswer,
		why: "The server redirects to the same site under another name (with or without www), before it comes to CORS.",
		do:  "Request the URL with the name that it redirects to."},
	"headers-too-large": {title: "the request's headers are too large", who: TheUser, about: whichAnswer,
		why: "The server refuses the request because its headers are too large, mostly by cookies that have piled up, or by a very long token; its error page lacks the CORS headers.",
		do:  "Delete the cookies of {host} and try again; who runs the server raises the limit or sets fewer cookies."},

	// Something in front.
	"challenge": {title: "a check for robots", who: Intermediary, about: whichAnswer,
		why: "{by} answers in place of the server with a check for robots, which only a person at a page can pass, not a script.",
		do:  "Exempt the API's path, or at least OPTIONS, from {setting}. Who does not run that site has no remedy but an API that its owner offers."},
	"firewall": {title: "a firewall refuses it", who: Intermediary, about: whichAnswer,
		why: "{by} refuses the request by a rule of its own, before it comes to the application and to CORS.",
		do:  "Look the request up in {setting}, and exempt it (OPTIONS above all, which has no cookies and no Authorization)."},
	"portal": {title: "a login in front of the server", who: Intermediary, about: whichAnswer,
		why: "{by} is in front of the server and wants a login first. A script cannot pass its page, and a preflight (OPTIONS) never carries cookies.",
		do:  "Log in by opening the URL in a tab, and send credentials with the request; let OPTIONS pass without login: {setting}."},
	"answered-by": {title: "something in front of the application answers", who: Intermediary, about: whichAnswer,
		why: "The answer is not the application's: {by} made it, because the application did not answer (it is not running, crashed, listens elsewhere, or is too slow). Its error page has no CORS headers, so this looks like CORS and is not.",
		do:  "Start the application, and see {setting} for why it was not reached; CORS need not be changed."},
	"not-deployed": {title: "nothing is deployed at this address", who: TheServer, about: whichAnswer,
		why: "{by} has nothing at this address: the name, the project or the deployment in the URL does not exist (any more), so that its own error page answers, without CORS headers.",
		do:  "Correct the address in the page, or deploy there: {setting}."},
	"cdn-cache-key": {title: "a CDN's answer for somebody else", who: Intermediary, about: whichAnswer,
		why: "{by} answers from its cache with what was made for another origin, or for a request without one: Origin is not a part of its cache key (that by which it tells requests apart).",
		do:  "Have the answer depend on the origin, or on nothing: {how}. Then empty the cache."},

	// Buckets.
	"bucket-unconfigured": {title: "the bucket has no CORS configuration", who: TheServer, about: whichAnswer,
		why: "The bucket has no CORS configuration at all: {by} says so itself.",
		do:  "Give it one: {setting}."},
	"bucket-rule-misses": {title: "no CORS rule of the bucket fits", who: TheServer, about: whichAnswer,
		why: "The bucket has CORS rules, and none allows this origin with this method and these headers: {by} says so itself.",
		do:  "Add {page}, {method} and the request headers ({names}) to one rule: {setting}."},
	"bucket-elsewhere": {title: "the bucket is in another region", who: ThePage, about: whichAnswer,
		why: "The bucket is not in the region that the URL names: {by} redirects to another address, which a preflight may not follow.",
		do:  "Use the address of the bucket's own region in the page: {setting}."},

	// The address is wrong.
	"page-for-api": {title: "a page answers instead of the API", who: ThePage, about: whichAnswer,
		why: "The address is that of a page and not of an API: {by} answers every path that it does not know with the page (index.html).",
		do:  "Correct the URL: host, port and path of the API; or add its path to {setting}."},
	"wrong-port": {title: "another program answers there", who: ThePage, about: whichAnswer,
		why: "The address is wrong: {by} answers there, which is not the API.",
		do:  "Use {setting} in the page."},

	// The user's network.
	"users-network": {title: "the user's network refuses it", who: TheUser, about: whichAnswer,
		why: "The answer does not come from the server but from something in the user's own network ({by}: a company's or school's filter, a proxy, an antivirus program): it blocks the address.",
		do:  "Try another network (a telephone's), or a window without VPN; ask who runs the network to allow the host. The server need not be changed."},
	"captive-portal": {title: "the network wants a login first", who: TheUser, about: whichAnswer,
		why: "The network itself wants a login first (a captive portal, as in hotels and trains): its page answers for every address.",
		do:  "Open any http page in a tab, log in to the network there, and try again."},

	// A value that is not one.
	"leaked-value": {title: "a missing setting in the header", who: TheServer, about: whichOrigin, headers: true,
		why: "The header holds {value}: that is what a program writes where a setting is missing, or is a switch or a list instead of a text.",
		do:  "Set the variable or setting from which the server makes the header, and have it written as a text: one origin."},
	"pattern-fits": {title: "a pattern in the header", who: TheServer, about: whichOrigin, headers: true,
		why: "The header holds the pattern {value}, which would fit the page's origin, but no browser reads patterns: it takes one whole origin, or * by itself.",
		do:  "Have the server compare the request's Origin with the pattern itself, and answer with {page}, and with Vary: Origin."},
	"quoted-origin": {title: "quotes in the header", who: TheServer, about: whichOrigin, headers: true,
		why: "The header's value has quotes or brackets around it ({value}), as a configuration file writes a text or a list: they became a part of it.",
		do:  "Remove the quotes and brackets where the header is configured."},
}

func init() {
	for id, row := range evidenceTexts {
		if _, twice := texts[id]; twice {
			panic("explain: two texts for the cause " + id)
		}
		texts[id] = row
	}
}
