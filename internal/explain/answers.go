package explain

import "sync"

// questions are what people ask, and how they are answered: what is listed first wins
// where two fit alike.
var questions = sync.OnceValue(func() []asked {
	return []asked{
		{Answer{
			ID: "header-on-the-page", Question: "I set Access-Control-Allow-Origin in my page or request. Why does it not help?",
			Lines: []string{
				"It belongs on the other side: the server that is asked must send Access-Control-Allow-Origin in its answer.",
				"In a request (fetch, axios, $.ajax headers, a <meta> tag) it does nothing, but it makes the request one that needs permission first (a preflight, an OPTIONS request), so that more fails than before.",
				"Page: remove the header from the script and from the HTML.",
				"Server: answer with Access-Control-Allow-Origin: the page's origin (scheme, host and port), or * if everybody may read it without cookies.",
				"If the server is not yours, its owner must do it; otherwise let a server of your own ask it.",
			},
			Try: "simulate explain --reason missing-allow-origin --origin ORIGIN --server nginx",
		}, []askedWay{
			way(`<header>`, `<page>`, `\b(?:set|add|put|send|include|pass|specif|configur|use|using|writ|give|have|where|which side|side|in my)`),
			way(`<header>`, `\b(?:which|what) side|client or (?:the )?server|server or (?:the )?client|front[- ]?end or|back[- ]?end or|where (?:do|should|to|does|must)`),
			way(`<header>`, `meta|html`),
			way(`the header`, `<page>`, `\b(?:set|add|put)`, `why|n't|not`),
			way(`\bcors\b`, `\b(?:fix|enable|solve|add|allow|handle)`, `from (?:the )?(?:client|front[- ]?end|browser|javascript|js)|on (?:the )?(?:client|front[- ]?end)|client[- ]side|(?:in|with) (?:react|angular|vue|jquery|axios|fetch|javascript)`),
			way(`mode: ?.?cors|"cors"`, `\b(?:set|use|add|help|work)`),
		}},
		{Answer{
			ID: "works-elsewhere", Question: "Why does it work in the address bar, in curl or in Postman, and not in my page?",
			Lines: []string{
				"CORS is a rule of browsers, for pages: it decides whether a script may read an answer of another origin. curl, Postman, servers and the address bar run no script of a page, so that it does not apply to them.",
				"So the server works, and lacks the header by which it lets pages of your origin read its answer; what you see in Postman is no proof that a page may.",
				"Often the request differs too: a page sends Origin, and for JSON, Authorization or PUT first an OPTIONS request (a preflight) without cookies or login. Postman never sends that.",
				"Server: answer OPTIONS and the request itself with Access-Control-Allow-Origin. Not your server: ask it from one of your own.",
			},
			Try: "simulate check URL --origin ORIGIN -X POST -H 'Content-Type: application/json' -d '{}'",
		}, []askedWay{
			way(`!<other>`, `<works>`, `\bbut\b|\bnot\b|fail|\bcors\b|why|block|n't|error`, `page|browser|axios|fetch|javascript|chrome|firefox|safari|react|angular|app\b|localhost|\bcors\b|ajax|\bjs\b|front|vue|svelte|script`),
			way(`!postman|insomnia`, `\bwhy\b|\bbut\b`),
			way(`!!postman|\bcurl\b|reqbin|insomnia`, `cors (?:error|has|is|should)|blocked|same-origin`, `should|expected|supposed|shouldn't|to get an error`),
			way(`works? (?:in|with|from|on|when)`, `\b(?:but not|fails?|not in|doesn't|does not|blocked|except)`, `browser|page|javascript|fetch|axios`),
			way(`!postman|\bcurl\b|address bar`, `\bcors\b`, `\bwhy|does cors|apply|matter`),
		}},
		{Answer{
			ID: "allow-nobody", Question: "How do I allow nobody? Is Access-Control-Allow-Origin: null that?",
			Lines: []string{
				"Send no CORS header at all: without Access-Control-Allow-Origin no page of another origin can read the answer. That is the default, and the standard has no other way to say no.",
				`Never send "null" for it: null is an origin, that of sandboxed frames and local files, which anybody can make, so that it allows exactly the wrong pages.`,
				"Nor an empty value, \"none\" or \"false\": they allow nobody, but are errors in every console.",
				"This hides answers from pages, it stops no requests: a form or another program can still send them. Whoever must not do something needs a login and a check for forged requests (CSRF).",
			},
			Try: "simulate probe URL --origin https://stranger.example",
		}, []askedWay{
			way(`<nobody>`, `<cors>`, `\bhow|what|can|want|should|is\b|does|value|configure|set`, `access|request|origins?\b|endpoint|api|server|\bcors\b|everyone|nobody|header`),
			way(`!allow nobody|means? nobody|no one at all`),
			way(`<nobody>`, `read|access|call|use`, `\bapi\b|response|endpoint|header`, `how|which|what|can`),
			way(`!<null>`, `allow-origin|access-control`, `nobody|mean|safe|danger|use|allow|value|set|same as|block|deny|none|should|is\b`),
			way(`\b(?:disable|turn off|switch off)`, `\bcors\b`, `server|api|endpoint|express|spring|nginx|apache|django|my (?:app|backend)`),
		}},
		{Answer{
			ID: "open-to-all", Question: "Is it wrong to open an API to every origin (*)?",
			Lines: []string{
				"For what everybody may read without logging in, * is right: Access-Control-Allow-Origin: * gives pages nothing that curl could not get.",
				"With * browsers never send or accept cookies for the request (credentials), so nobody's session can be misused.",
				"It is wrong where the network is the protection (an intranet, a router, a program on the user's computer): then every page that a user opens could read it.",
				"It is dangerous to answer with whatever Origin was sent and Access-Control-Allow-Credentials: true: then every page reads what the user may read.",
				"APIs with a token in the Authorization header can use * as well; list the header by its name.",
			},
			Try: "simulate probe URL --origin https://stranger.example --credentials include",
		}, []askedWay{
			way(`<star>`, `<safe>`, `<cors>`),
			way(`(?:open|public|allow)`, `<star>|public|every`, `<safe>`, `api|<cors>|header`),
			way(`public api|open api`, `<cors>|\*`),
			way(`!<safe>`, `allow(?:ing)? (?:all|any|every)|(?:all|any|every)(?:one|body)? `, `<cors>|origins?`),
			way(`!reflect|echo|mirror`, `origin`),
		}},
		{Answer{
			ID: "jsonp", Question: "What of JSONP, instead of CORS?",
			Lines: []string{
				"JSONP is from before CORS: the page loads a <script> of the other server, which calls a function with the data. Do not use it for anything new.",
				"It hands your page to that server (the script may do anything in it), knows only GET, tells no errors, and sends cookies along whether you want it or not.",
				"If a server offers both, ask it by fetch() without ?callback=; if it offers only JSONP and you trust it, it still works.",
				"A server that answers plain JSON to dataType: \"jsonp\" gives \"Unexpected token ':'\", and ORB (net::ERR_BLOCKED_BY_ORB) may block it.",
				"Server: drop the callback and send Access-Control-Allow-Origin.",
			},
			Try: "simulate check URL --origin ORIGIN",
		}, []askedWay{
			way(`!jsonp|json-p|json with padding|callback=`),
		}},
		{Answer{
			ID: "crossdomain-xml", Question: "Do Flash's crossdomain.xml and clientaccesspolicy.xml matter?",
			Lines: []string{
				"No. crossdomain.xml was for Flash and PDF, clientaccesspolicy.xml for Silverlight; browsers have none of them any more, and CORS never read them.",
				"Remove the files: nothing reads them but scanners, which report a * in them.",
				"For fetch and XMLHttpRequest each answer must have its own Access-Control-Allow-Origin header; there is no file for the whole server.",
			},
			Try: "simulate check URL --origin ORIGIN",
		}, []askedWay{
			way(`!!<flash>`),
		}},
		{Answer{
			ID: "frames", Question: "Does CORS let me read, or embed, a frame of another origin?",
			Lines: []string{
				"No. CORS is for requests; what a frame holds can be read only by a page of its own origin, and no header changes that.",
				"To talk to a frame use window.postMessage(), and let both sides check event.origin.",
				"Whether a page may be embedded at all is said by that page: X-Frame-Options, or frame-ancestors in its Content-Security-Policy. Only its owner can change them.",
				"To show foreign data, fetch it (with CORS, or from a server of your own) instead of embedding the page.",
			},
			Try: "curl -sI URL | grep -i -e x-frame-options -e content-security-policy",
		}, []askedWay{
			way(`!!\biframes?\b`),
			way(`!!\bframes?\b`, `<cors>|access|read|x-frame|origin|domain|embed`),
			way(`!contentwindow|contentdocument|x-frame-options|frame-ancestors`),
		}},
		{Answer{
			ID: "max-age", Question: "How is Access-Control-Max-Age written, and what does it do?",
			Lines: []string{
				"As a bare number of seconds: Access-Control-Max-Age: 600. A semicolon, quotes or a unit (\"1728000;\", \"10 min\") make it invalid: browsers then remember for 5 seconds, or not at all.",
				"It says for how long the browser may remember the answer to OPTIONS (the preflight) for that URL, and belongs into that answer only.",
				"Browsers have a limit of their own: Chrome 7,200 (2 hours), Firefox 86,400 (a day), Safari 600 (10 minutes). 1728000 is 20 days and is cut down to that.",
				"0 or -1 makes the browser ask each time. After a change of the server a remembered answer can be wrong until it ends: test in a private window.",
			},
			Try: "simulate check URL --origin ORIGIN -X PUT -v",
		}, []askedWay{
			way(`!!!access-control-max-age:? ?[0-9]+ ?;`),
			way(`!access-control-max-age|max-?age|1728000`, `access-control|preflight|options|\bcors\b|;`),
			way(`!<options>`, `cache|cached|remember|how long|expire`),
		}},
		{Answer{
			ID: "expose-or-allow", Question: "Access-Control-Expose-Headers or Access-Control-Allow-Headers?",
			Lines: []string{
				"Allow-Headers is for headers that the page sends; Expose-Headers for headers of the answer that the page reads.",
				"Access-Control-Allow-Headers belongs into the answer to OPTIONS (the preflight) and lists request headers: Authorization, Content-Type, X-Api-Key.",
				"Access-Control-Expose-Headers belongs into the answer to the request itself and lists response headers that script shall see: X-Total-Count, Content-Disposition, ETag.",
				"Without it script sees only Cache-Control, Content-Language, Content-Length, Content-Type, Expires, Last-Modified and Pragma, though the Network tab shows all.",
				"* works in both only without credentials (cookies), and Authorization must always be named.",
			},
			Try: "simulate check URL --origin ORIGIN -H 'X-Api-Key: x'",
		}, []askedWay{
			way(`!!!(?:\bno\b|\bnot\b|n't|cannot|missing|undefined|null)[^.]{0,40}(?:authorization|custom|token|content-disposition|\bx-[a-z-]+)[^.]{0,20}headers?[^.]{0,30}\b(?:in|from|of)\b (?:the |my )?response`, `\bcors\b|axios|fetch|angular|browser`),
			way(`!expose[- ]headers?|expose or allow|allow or expose|expose headers`),
			way(`difference`, `<allowed>`),
			way(`!headers\.get\(|getresponseheader|response\.headers`, `null|only|undefined|missing|empty|why`),
			way(`!expose-headers`),
			way(`!(?:custom |response\.?)headers?\b|response headers?|content-disposition|x-total-count|headers\.get|getresponseheader`, `read|get|see|access|null|undefined|missing`, `<cors>|fetch|axios|xhr`),
		}},
		{Answer{
			ID: "switch-off", Question: "How do I switch CORS off in the browser?",
			Lines: []string{
				"Only for your own tests, and only in your own browser: nobody who visits your page can be asked to do it.",
				"Better in development: let the dev server pass the API's paths on (a proxy), so that page and API have one origin: Vite server.proxy, webpack devServer.proxy, Angular --proxy-config, Next.js rewrites.",
				"A Chrome without web security: chrome --disable-web-security --user-data-dir=/tmp/unsafe. Use it for nothing else: every page in it can read everything. Extensions (\"Allow CORS\") do the same to every page that you visit, and hide the real fault.",
				"In production the server must send the header, or a server of your own asks it.",
			},
			Try: "simulate explain --reason missing-allow-origin --origin http://localhost:3000 --server express",
		}, []askedWay{
			way(`<disable>`, `\bcors\b|same[- ]origin|web[- ]security|cross[- ]?origin`, `\bhow|can|is there|way|want|need|should|chrome|firefox|safari|edge|browser|local|develop|extension`),
			way(`!without (?:cors|web security)|cors checks`, `chrome|firefox|safari|browser|launch|start`),
			way(`!disable-web-security|allow cors|cors unblock|moesif|cors everywhere`),
			way(`extension`, `\bcors\b`, `fix|bypass|allow|unblock|disable|solve|work`),
		}},
		{Answer{
			ID: "mode-no-cors", Question: `Why do I get nothing with mode "no-cors"?`,
			Lines: []string{
				`mode: "no-cors" does not switch CORS off. It promises that the page will not read the answer: it is opaque, with status 0, no headers and an empty body.`,
				"It also allows only GET, HEAD and POST with a few headers, so that Authorization and Content-Type: application/json are dropped.",
				"It is for caches and beacons. Remove it; the error that comes back then names what the server must send.",
				"Server: Access-Control-Allow-Origin for the page. Not your server: ask it from one of your own.",
			},
			Try: "simulate check URL --origin ORIGIN",
		}, []askedWay{
			way(`!!!mode: ?.?no-cors`, `unexpected end of|opaque|status:? ?0|empty|undefined|null|error|cannot read|not work`),
			way(`!no-cors|no cors mode|nocors`),
			way(`!opaque`, `response|fetch|cors`),
		}},
		{Answer{
			ID: "why-options", Question: "Why is there an OPTIONS request, and can it be avoided?",
			Lines: []string{
				"The browser asks for permission first (a preflight) before it sends what a plain form could not: PUT, PATCH or DELETE, a header such as Authorization, or Content-Type: application/json.",
				"It carries no cookies and no login; the server must answer it with 200 to 299 and the CORS headers, before it checks who asks.",
				"It is avoided by a request that a form could send: GET or POST, no headers of one's own, Content-Type text/plain or a form's. Or by one origin for page and API (a proxy), or remembered for a while by Access-Control-Max-Age.",
				"It is not an error, and nothing is wrong if the Network tab shows two requests.",
			},
			Try: "simulate check URL --origin ORIGIN -X PUT --dry-run",
		}, []askedWay{
			way(`<options>`, `\bwhy|avoid|skip|prevent|disable|stop|without|<twice>|what is|what are|purpose|need|necessary|explain|when|error|normal`, `request|browser|cors|preflight|post|network|before|backend`),
			way(`!\boptions\b`, `before|instead of|trigger|sends?|sent|call`, `post|put\b|delete|chrome|firefox|browser|request|preflight|cors`),
			way(`!preflight`, `\bwhy|avoid|skip|prevent|what is|when`),
			way(`<twice>`, `\bcors\b|options|cross[- ]?origin`, `why|how|stop|avoid`),
		}},
		{Answer{
			ID: "several-origins", Question: "How do I allow several origins, or all subdomains?",
			Lines: []string{
				"The header holds one origin, or *. A list, two headers or a pattern (https://*.example.com) are invalid: browsers refuse the answer.",
				"So the server compares the request's Origin with its own list, and answers with that one origin if it is there, and with no header if not; Vary: Origin must go with it, for the sake of caches.",
				"Compare whole origins, or with a pattern that is anchored at both ends and escapes dots; never whether it contains or ends with a name (evilexample.com).",
				"Most frameworks take a list in their settings and do just this.",
			},
			Try: "simulate explain --reason allow-origin-mismatch --origin https://a.example --server nginx",
		}, []askedWay{
			way(`<several>`, `origins?|domains?|sites|subdomains?|allow-origin values`, `allow|cors|access-control|header|permit|whitelist|configure|set|specif`, `how|can|need|list|comma`),
			way(`(?:pattern|regex|wildcard)`, `subdomains?|\*\.`, `origin|cors|allow`),
			way(`!\*\.[a-z]`, `<cors>`),
			way(`!\b(?:[2-9]|two|three|four) (?:front[- ]?ends|domains|sites|origins|apps|clients)|them all|all my (?:front[- ]?ends|domains)`, `<cors>`),
			way(`!more than once|multiple origins|several (?:origins|domains)|two (?:origins|domains)|all subdomains`, `<cors>`),
		}},
		{Answer{
			ID: "cookies", Question: "CORS is allowed. Why are cookies not sent or kept (I stay logged out)?",
			Lines: []string{
				"Four things must be right at once, and CORS is only the first two.",
				`Page: fetch(url, {credentials: "include"}), axios withCredentials: true, on the login request too.`,
				"Server: Access-Control-Allow-Credentials: true and the page's exact origin; * is not enough with cookies.",
				"Cookie: if page and API are of different sites it needs SameSite=None; Secure, over https. Different ports of localhost, or subdomains of one domain, are one site.",
				"Browser: Safari, Firefox and private windows block or partition cookies of other sites whatever you do. Serve the API under the page's own domain, or use a token instead of a cookie.",
			},
			Try: "simulate check URL --origin ORIGIN --credentials include",
		}, []askedWay{
			way(`<cookie>`, `not (?:sent|set|being|stored|saved|kept|work|included)|n't|missing|lost|logged out|log(?:s|ged)? me out|how (?:do|can|to)|why|ignored|dropped|disappear|send|include|pass`, `<cors>|credentials|fetch|axios|samesite`),
			way(`!!cookies? (?:is |are )?(?:still )?(?:not|missing|ignored|lost)|not send the session|set-cookie is|logged out`, `<cors>|credentials|fetch|axios`),
			way(`!!!no cookies? (?:is|are|was|gets?) (?:set|sent|stored|saved)|cookies? (?:session )?(?:is |are |was |were )?(?:not|never|no longer|isn't|aren't|won't) (?:being |getting )?(?:set|sent|stored|saved|kept|working)|(?:not|never|doesn't|won't|can't|cannot|can.t) (?:set|store|save|send|keep)s? (?:the |a |any |my )?cookies?`, `axios|fetch|cross|\bcors\b|withcredentials|chrome|browser|samesite`),
			way(`!!!postman`, `cookies? .{0,40}(?:saved?|set|stored|getting)|cookie .{0,30}postman|postman.{0,40}cookie`, `not work|n't|axios|fetch|browser`),
			way(`!samesite`, `<cors>|cookie`),
			way(`withcredentials|credentials: ?.?include`),
		}},
		{Answer{
			ID: "star-with-credentials", Question: "Why is * not enough with cookies or a login?",
			Lines: []string{
				"With credentials (cookies, or a stored login) the server must name who may read the answer: * would hand every user's data to every page.",
				"Server: answer with the page's own origin instead of *, add Vary: Origin and Access-Control-Allow-Credentials: true, and list methods and headers by name.",
				"Page: if no cookie is needed, omit credentials: \"include\" (withCredentials): then * is enough. A token in the Authorization header is no credentials in this sense.",
			},
			Try: "simulate check URL --origin ORIGIN --credentials include",
		}, []askedWay{
			way(`!\*|star\b|wildcard|asterisk`, `cookies?|credentials|withcredentials|session`, `<cors>|why|header`),
		}},
		{Answer{
			ID: "what-it-protects", Question: "What is CORS for? Does it protect my API?",
			Lines: []string{
				"It protects users, not servers: a page that you visit must not read, with your cookies or from your network, what other sites show only to you (the same-origin policy). CORS is how a server makes exceptions.",
				"It keeps nobody from sending requests: curl, other servers and forms do not ask. An API needs a login, and a check against forged requests (CSRF tokens, SameSite).",
				"It does not hide a key that is in a page, and Origin can be forged outside of browsers.",
				"So open it for the pages that should read, and do not count on it for anything else.",
			},
			Try: "simulate probe URL --origin https://stranger.example",
		}, []askedWay{
			way(`\bcors\b|same[- ]origin`, `<protects>`, `\bwhy|what|does|is|can|how|do\b|purpose|point`),
			way(`what(?:'s| is| does| are)?`, `what is (?:a |the )?cors\b|what'?s cors|\bcors\b mean|stand for|explain`),
			way(`!explain`, `\bcors\b`),
			way(`!!csrf`, `\bcors\b`),
			way(`!!why have (?:it|cors)|useless|pointless|what(?:.s| is) the (?:point|use) of`, `\bcors\b`),
			way(`!fake|forge|spoof`, `origin`),
			way(`!!!(?:post|put|delete|request|data|call)s?(?: data)? (?:is |are |was |were )?still (?:went|go(?:es)?|passes|reach\w*|executed|processed|sent)|still (?:went|goes|go|gets) through`, `\bcors\b|cross[- ]?origin`),
		}},
		{Answer{
			ID: "same-origin-or-not", Question: "Are two ports, a subdomain, or http and https the same origin?",
			Lines: []string{
				"No. An origin is scheme, host and port together; if one differs it is another: localhost:3000 and localhost:8080, example.com and www.example.com, http and https, localhost and 127.0.0.1.",
				"The path does not matter, and the default port is left out (https://a.example:443 is https://a.example).",
				"So a front end and an API on two ports of one computer need CORS, or a dev server's proxy that makes them one.",
				"For cookies something wider counts, the site: subdomains of one domain and all ports of a host are one site.",
			},
			Try: "simulate check http://localhost:8080/ --origin http://localhost:3000",
		}, []askedWay{
			way(`<port>`, `same[- ]origin|cross[- ]?origin|\bcors\b|different origin|same origin`, `\bsame|differ|count|consider|why|both|is\b|are\b|need|between|treated`),
		}},
		{Answer{
			ID: "cors-proxy", Question: "May I use a CORS proxy?",
			Lines: []string{
				"A public one (cors-anywhere, allorigins, corsproxy.io) for a trial, without keys, cookies or anything private: whoever runs it sees and can change everything, and it may be gone tomorrow.",
				"A proxy of your own is the right way if the API is not yours: a route of your back end or a serverless function that asks the API, keeps the key, and lets only your page in.",
				"In development the dev server has one: Vite server.proxy, webpack devServer.proxy, Angular --proxy-config, \"proxy\" in package.json.",
				"Do not build one that fetches any URL for anybody: it would be misused, and reach into your own network.",
			},
			Try: "simulate check URL --origin ORIGIN",
		}, []askedWay{
			way(`!cors[- ]?(?:proxy|anywhere)|corsproxy|allorigins|crossorigin\.me|cors\.sh|public proxy`),
			way(`!proxy`, `\bcors\b|cross[- ]?origin`, `\bhow|can|should|need|safe|which|use|work|set`),
		}},
		{Answer{
			ID: "page-from-file", Question: "I open my page from a file. Why does it fail?",
			Lines: []string{
				`A page from file:// has the origin "null", and no server can name it safely; scripts of type="module", fetch() of local files and fonts fail altogether.`,
				"Serve the folder instead, and open http://localhost:8000.",
				"Do not allow null on the server, and do not start the browser with --allow-file-access-from-files for more than a look.",
			},
			Try: "python3 -m http.server 8000",
		}, []askedWay{
			way(`!<file>`, `\bcors\b|cross[- ]?origin|origin|module|fetch|load`),
		}},
		{Answer{
			ID: "not-a-browser", Question: "Does CORS apply to servers, mobile apps and other programs?",
			Lines: []string{
				"No. Only browsers apply it, to the scripts of pages: servers, native apps, curl and cron jobs read whatever they get.",
				"An app that shows pages in a web view (Capacitor, Cordova, Electron, Tauri) is a browser in this sense; let its native side make the request.",
				"So a server of your own can ask any API for your page, and needs no CORS header from it.",
			},
			Try: "curl -i URL",
		}, []askedWay{
			way(`!<machine>`, `\bcors\b|cross[- ]?origin`, `\bdo|is|are|need|apply|affect|why|how|have|work`),
		}},
		{Answer{
			ID: "web-sockets", Question: "Do WebSockets need CORS?",
			Lines: []string{
				"No: a WebSocket may be opened to any server, and no CORS header is read. The browser sends Origin, and the server must decide by it whether to accept.",
				"If it refuses (403) add the page's origin to the WebSocket library's own list: CheckOrigin, allowed_origins, cors of socket.io.",
				"socket.io begins with ordinary requests (polling), to which CORS does apply: set cors.origin in the server's options.",
				"A server that does not check Origin can be used by every page with the user's cookies.",
			},
			Try: `curl -i -H "Connection: Upgrade" -H "Upgrade: websocket" -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: dGVzdA==" -H "Origin: ORIGIN" URL`,
		}, []askedWay{
			way(`!<socket>`, `\bcors\b|cross[- ]?origin|origin`),
		}},
		{Answer{
			ID: "local-network", Question: "Why does the browser ask for access to the local network, or refuse it?",
			Lines: []string{
				"Since version 142 Chrome asks the user before a page from the internet may reach this computer (localhost) or the local network: Local Network Access. It is not CORS, which applies besides.",
				"Local are 127.0.0.0/8, 10/8, 172.16/12, 192.168/16, 169.254/16, 100.64/10 (carrier-grade NAT, which some clouds use) and their like of IPv6: a public name that resolves to one of them counts.",
				"The page must be https; the user answers Allow, or later in the site's settings. A frame needs allow=\"local-network-access\" too.",
				"No header of the server spares the question. A company can set the policy LocalNetworkAccessAllowedForUrls.",
				"To avoid it, serve the page from the same network, or give the server a public address.",
			},
			Try: "simulate check URL --origin ORIGIN --browser chromium",
		}, []askedWay{
			way(`!!!local network access|private network access|connect to any device on your local network|apps and services on this device`, `prompt|permission|ask|why|block|den|chrome|how|request`),
		}},
		{Answer{
			ID: "images-and-scripts", Question: "Why do images and scripts of other sites load, and fetch does not?",
			Lines: []string{
				"Showing is not reading: <img>, <script>, <link> and <video> may show or run what comes from anywhere, since the page cannot read it.",
				"fetch() and XMLHttpRequest give the answer to the script, so that the server must permit it by Access-Control-Allow-Origin.",
				`What makes an element readable needs it too: crossorigin="anonymous" on the element, for canvas, WebGL, Web Audio, integrity and error messages. Fonts and modules always need it.`,
			},
			Try: "simulate check URL --origin ORIGIN",
		}, []askedWay{
			way(`!<image>`, `load|work|show|display|allowed|fine|without`, `\bwhy|how|but|does|not`, `fetch|ajax|xhr|xmlhttprequest|cors|cross[- ]?origin`),
			way(`!crossorigin(?:=| attribute|\b["' ])`, `attribute|anonymous|use-credentials|canvas|what|when|why|need`),
		}},
	}
})
