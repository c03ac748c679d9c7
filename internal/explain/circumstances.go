package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

// circumstances adds what the URLs and origins of a failure tell by themselves: whose
// server it is, what kind of page asks, and where a redirect led.
func (q *inquiry) circumstances() (list []Cause) {
	add := func(confidence Confidence, order int, id string, evidence Evidence, values ...string) {
		c := NewCause(id, confidence).With(values...)
		c.order = order
		if evidence.What != "" {
			c.Evidence = []Evidence{evidence}
		}
		list = append(list, c)
	}
	q.pageKind(add)
	if !q.aboutAnswer() {
		return list
	}
	for _, c := range configured(q.text, q.request.Origin, q.Reason) {
		c.order = shown + 3
		list = append(list, c)
	}
	url, err := weburl.Parse(q.URL)
	if err != nil { // as where people have replaced parts of it
		_, rest, _ := strings.Cut(q.URL, "//")
		host, _, _ := strings.Cut(rest, "/")
		q.mayBeThePlatform(add, host)
		q.byName(add)
		return list
	}
	if !q.redirected(add, url) {
		q.place(add, url)
	}
	return list
}

// teller adds a cause that circumstances tell.
type teller func(confidence Confidence, order int, id string, evidence Evidence, values ...string)

// aboutAnswer reports whether it is the headers of an answer that did not permit it.
func (q *inquiry) aboutAnswer() bool { return q.Reason != 0 && q.Reason <= cors.HeaderNotAllowed }

// pages are the origins of what is not a web page, by their schemes.
var pages = []struct{ prefix, cause string }{
	{"chrome-extension://", "extension-page"}, {"moz-extension://", "extension-page"}, {"safari-web-extension://", "extension-page"},
	{"capacitor://", "app-page"}, {"ionic://", "app-page"}, {"app://", "desktop-page"}, {"tauri://", "desktop-page"}, {"http://tauri.localhost", "desktop-page"},
	{"https://tauri.localhost", "desktop-page"}, {"vscode-webview://", "desktop-page"}, {"file://", "file-page"},
}

// pageKind tells what kind of page asks: some may do what pages of the web may not.
func (q *inquiry) pageKind(add teller) {
	if !q.aboutAnswer() && q.Reason != cors.SchemeNotHTTP {
		return
	}
	for _, p := range pages {
		if strings.HasPrefix(q.request.Origin, p.prefix) {
			add(Likely, shown, p.cause, seen("the page's origin is %s", q.request.Origin))
			return
		}
	}
	if (q.request.Origin == "http://localhost" || q.request.Origin == "https://localhost") && inAnApp.MatchString(q.text) {
		add(Likely, shown, "app-page", seen("the page's origin is %s, as apps for Android have it", q.request.Origin))
	}
}

// inAnApp is what is said of apps whose pages have an origin that others have too.
var inAnApp = regexp.MustCompile(`(?i)\b(?:capacitor|ionic|cordova|android|apk|webview)\b`)

// redirected tells where a redirect led, where the message has both URLs, and whether it
// is a page at which people sign in.
func (q *inquiry) redirected(add teller, to *weburl.URL) bool {
	if q.known {
		return false
	}
	from, err := weburl.Parse(q.from)
	if q.from == "" || err != nil {
		if q.signIn(to) {
			add(Likely, shown, "sign-in-by-script", seen("%s is a sign-in page", q.URL))
			return true
		}
		return false
	}
	evidence := seen("redirected from %s to %s", q.from, q.URL)
	switch {
	case q.api == "manifest":
		add(Certain, shown, "manifest-credentials", evidence)
	case isLogin(to) && isLogin(from):
		add(Likely, shown, "sign-in-by-script", evidence)
	case isLogin(to):
		add(Certain, shown, "redirect-login", evidence)
	case from.Scheme() == "http" && to.Scheme() == "https" && from.Host() == to.Host():
		add(Likely, shown, "redirect-https", evidence)
	case from.Host() == to.Host() && from.Path() != to.Path() && strings.TrimSuffix(from.Path(), "/") == strings.TrimSuffix(to.Path(), "/"):
		add(Likely, shown, "redirect-slash", evidence)
	default:
		add(Likely, shown, "redirected-there", evidence)
		return false
	}
	return true
}

// signIn reports whether a URL is one at which people sign in.
func (q *inquiry) signIn(u *weburl.URL) bool {
	path := headers.Lower(u.Path())
	if strings.Contains(path, "/token") || strings.Contains(path, "userinfo") || strings.Contains(path, ".well-known") || strings.Contains(path, "/api/") {
		return false
	}
	return strings.HasPrefix(u.Host(), "login.") || strings.HasPrefix(u.Host(), "accounts.") || strings.Contains(path, "/authorize") ||
		strings.Contains(path, "/oauth2/auth") || strings.Contains(path, "/protocol/openid-connect/auth") || strings.Contains(path, "/saml") || strings.Contains(u.Host(), "cloudflareaccess.com")
}

// place tells what is known of the server by its address.
func (q *inquiry) place(add teller, u *weburl.URL) {
	host, path := u.Host(), u.Path()
	for i := range places {
		if p := &places[i]; p.is(host, path) {
			confidence, order, evidence := Likely, hinted+2, seen("the host is %s", host)
			if p.within != "" {
				evidence = seen("the path has %s", p.within)
			}
			if p.cause == "s3-bucket" && (q.Status == 403 || q.Status == 400) {
				// A rule that fits puts the headers on refusals too.
				confidence, order = Certain, shown+5
				evidence.What += fmt.Sprintf(", and its status %d has no CORS header, as where no rule fits", q.Status)
			}
			add(confidence, order, p.cause, evidence, "host", host, "bucket", bucketOf(host, path))
			return
		}
	}
	if !q.known && q.fromElsewhere(host, u.Port()) {
		add(Likely, shown, "localhost-from-elsewhere", Evidence{}, "host", host)
		return
	}
	q.mayBeThePlatform(add, host)
	found := false
	for i := range programs {
		if p := &programs[i]; strconv.Itoa(u.Port()) == p.port && q.Reason <= refusesOrigin {
			add(p.confidence(q.Status), p.order(q.Status), "program-setting", seen("port %s is that of %s", p.port, p.name), "program", p.name, "setting", p.setting)
			found = true
		}
	}
	if !found && (isLoopback(host) || isPrivate(host) || q.sameSite(u)) {
		q.byName(add)
	}
	switch {
	case knownAPI(host):
		add(Certain, shown+10, "not-your-server", seen("%s is an API of somebody else's, most likely", host), "host", host)
	case !isLoopback(host) && !isPrivate(host) && !q.sameSite(u):
		confidence := Possible
		if page, err := origin.Parse(q.request.Origin); err == nil && isLoopback(page.Host()) && !q.known {
			confidence = Likely // a page in development that asks a public server
		}
		add(confidence, 0, "not-your-server", Evidence{}, "host", host)
	}
}

// fromElsewhere reports whether a page of the internet asks the user's own computer, at no port of
// a program that people run there for this.
func (q *inquiry) fromElsewhere(host string, port int) bool {
	page, err := origin.Parse(q.request.Origin)
	return err == nil && !page.IsOpaque() && isLoopback(host) && strings.HasPrefix(page.Scheme(), "http") && !isLoopback(page.Host()) && !isPrivate(page.Host()) &&
		!slices.ContainsFunc(programs, func(p program) bool { return p.port == strconv.Itoa(port) })
}

// platforms are where applications of others run, by the names that their hosts are below.
var platforms = []struct{ suffix, by string }{
	{".herokuapp.com", "Heroku"}, {".onrender.com", "Render"}, {".railway.app", "Railway"}, {".fly.dev", "Fly.io"}, {".azurewebsites.net", "Azure App Service"}, {".glitch.me", "Glitch"},
	{".koyeb.app", "Koyeb"}, {".pythonanywhere.com", "PythonAnywhere"}, {".cyclic.app", "Cyclic"}, {".repl.co", "Replit"}, {".replit.app", "Replit"}, {".ngrok.io", "ngrok"}, {".ngrok-free.app", "ngrok"},
	{".elasticbeanstalk.com", "Elastic Beanstalk"}, {".deno.dev", "Deno Deploy"}, {".vercel.app", "Vercel"}, {".ondigitalocean.app", "DigitalOcean"}, {".up.railway.app", "Railway"},
}

func platformOf(host string) string {
	for _, p := range platforms {
		if strings.HasSuffix(host, p.suffix) {
			return p.by
		}
	}
	return ""
}

// mayBeThePlatform adds that it is not the application that has answered.
func (q *inquiry) mayBeThePlatform(add teller, host string) {
	if by := platformOf(host); by != "" && configuresCORS.MatchString(q.text) {
		add(Likely, hinted+3, "platform-answers", seen("the host is %s", host), "by", by)
	}
}

// configuresCORS is code that configures CORS, or a sentence that says so.
var configuresCORS = regexp.MustCompile(`(?i)cors\(|CORSMiddleware|corsheaders|UseCors|@CrossOrigin|enableCors|cors package|cors headers seem|rack-cors|cors is (?:enabled|configured|set)|enabled cors|added cors|Access-Control-Allow-Origin['"]?\s*[,:]\s*['"]`)

// sameSite reports whether the page is of the URL's site.
func (q *inquiry) sameSite(u *weburl.URL) bool {
	page, err := origin.Parse(q.request.Origin)
	return err == nil && !page.IsOpaque() && u.Origin().SchemelesslySameSite(page)
}

func isPrivate(host string) bool {
	return strings.HasPrefix(host, "192.168.") || strings.HasPrefix(host, "10.") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") || !strings.Contains(host, ".")
}

// hostPlace is a kind of server that its address gives away: one of the suffixes, and a
// path that begins so.
type hostPlace struct {
	suffixes []string
	contains string // in the host
	path     string
	within   string // in the path
	cause    string
}

func (p *hostPlace) is(host, path string) bool {
	if p.suffixes == nil {
		return strings.Contains(path, p.within)
	}
	for _, suffix := range p.suffixes {
		if (host == strings.TrimPrefix(suffix, ".") || strings.HasSuffix(host, suffix)) && strings.Contains(host, p.contains) && strings.HasPrefix(path, p.path) {
			return true
		}
	}
	return false
}

var places = []hostPlace{
	{within: "/protocol/openid-connect/", cause: "keycloak-web-origins"},
	{within: "/_capacitor_", cause: "capacitor-live-reload"},
	{within: "/socket.io/", cause: "socket-io-setting"},
	{suffixes: []string{"firebasestorage.googleapis.com", "storage.googleapis.com", ".storage.googleapis.com", "storage.cloud.google.com", ".firebasestorage.app"}, cause: "google-bucket"},
	{suffixes: []string{".amazonaws.com", ".amazonaws.com.cn"}, contains: "s3", cause: "s3-bucket"},
	{suffixes: []string{".r2.cloudflarestorage.com", ".r2.dev", ".digitaloceanspaces.com", ".backblazeb2.com", ".wasabisys.com"}, cause: "s3-bucket"},
	{suffixes: []string{".blob.core.windows.net"}, cause: "azure-blob"},
	{suffixes: []string{".supabase.co", ".supabase.in"}, path: "/functions/", cause: "supabase-function"},
	{suffixes: []string{".execute-api.us-east-1.amazonaws.com", ".amazonaws.com"}, contains: "execute-api", cause: "api-gateway"},
	{suffixes: []string{".on.aws"}, contains: "lambda-url", cause: "lambda-url"},
	{suffixes: []string{"script.google.com", "script.googleusercontent.com"}, cause: "apps-script"},
	{suffixes: []string{".cloudfunctions.net", ".run.app"}, cause: "google-function"},
	{suffixes: []string{"drive.google.com", "docs.google.com", "drive.usercontent.google.com", "www.dropbox.com", "dl.dropboxusercontent.com", "onedrive.live.com"}, cause: "file-share"},
	{suffixes: []string{"github.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com", "codeload.github.com"}, cause: "github-download"},
}

// bucketOf returns the name of the bucket that an address has, as far as it tells.
func bucketOf(host, path string) string {
	if rest, ok := strings.CutPrefix(path, "/v0/b/"); ok {
		bucket, _, _ := strings.Cut(rest, "/")
		return bucket
	}
	if first, rest, ok := strings.Cut(host, "."); ok && rest != "googleapis.com" && rest != "cloud.google.com" && rest != "amazonaws.com" && !strings.HasPrefix(first, "s3") && first != "storage" && first != "firebasestorage" {
		return first
	}
	bucket, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if bucket == "" {
		return "BUCKET"
	}
	return bucket
}

type program struct{ port, name, setting, recipe string }

// confidence is how much speaks for the program's setting: most answer 403 to an origin that they
// were not told.
func (p *program) confidence(status int) Confidence {
	if status == 403 {
		return Certain
	}
	return Likely
}

func (p *program) order(status int) int {
	if status == 403 {
		return shown + 1
	}
	return hinted
}

// refusesOrigin is the last of the reasons that a program gives by refusing the origin.
const refusesOrigin = cors.AllowOriginMismatch

// programs are what people run themselves and have a setting of its own, by the port on
// which they listen.
var programs = []program{
	{"11434", "Ollama", "OLLAMA_ORIGINS in its environment, with the page's origin (of an extension: chrome-extension://*), and restart it", "ollama"},
	{"1234", "LM Studio", `"Enable CORS" among the settings of its server`, ""},
	{"8188", "ComfyUI", "--enable-cors-header with the page's origin", "comfyui"},
	{"7860", "Stable Diffusion web UI", "--cors-allow-origins with the page's origin", "stable-diffusion-webui"},
	{"9200", "Elasticsearch", "http.cors.enabled: true and http.cors.allow-origin in elasticsearch.yml", "elasticsearch"},
	{"8888", "Jupyter", "c.ServerApp.allow_origin in its configuration", "jupyter"},
	{"8545", "an Ethereum node", "--http.corsdomain with the page's origin", ""},
	{"5001", "IPFS (Kubo)", "API.HTTPHeaders.Access-Control-Allow-Origin, by ipfs config", ""},
	{"8123", "Home Assistant", "http: cors_allowed_origins in configuration.yaml", "home-assistant"},
	{"8983", "Solr", "the cross-origin filter in its web.xml", ""},
	{"15672", "RabbitMQ", "management.cors.allow_origins", ""},
	{"8086", "InfluxDB", "a proxy before it: it has no setting for it", ""},
	{"5984", "CouchDB", "enable_cors and [cors] origins in its configuration", "couchdb"},
	{"7700", "Meilisearch", "a proxy before it, if it was started without CORS", ""},
}

// apis are hosts of APIs whose users are not who runs them. A suffix with a dot before it
// stands for the hosts below it too.
var apis = []string{
	"api.openai.com", "api.anthropic.com", "api.replicate.com", "api.mistral.ai", "api.groq.com", "api.deepseek.com", "api.x.ai", "api.perplexity.ai", "api.together.xyz",
	"api.cohere.ai", "api.cohere.com", "api-inference.huggingface.co", "huggingface.co", "openrouter.ai", "generativelanguage.googleapis.com", "api.stability.ai", "api.elevenlabs.io",
	"maps.googleapis.com", "www.googleapis.com", "oauth2.googleapis.com", "www.google.com", "accounts.google.com", "suggestqueries.google.com", "news.google.com",
	"api.notion.com", "api.airtable.com", "api.trello.com", "slack.com", "hooks.slack.com", "discord.com", "discordapp.com", "api.telegram.org", "graph.facebook.com",
	"graph.instagram.com", "api.instagram.com", "www.instagram.com", "api.twitter.com", "api.x.com", "api.linkedin.com", "www.linkedin.com", "www.reddit.com", "oauth.reddit.com",
	"api.spotify.com", "accounts.spotify.com", "api.stripe.com", "api.paypal.com", "api-m.paypal.com", "api.razorpay.com", "api.mailchimp.com", ".api.mailchimp.com", "api.sendgrid.com",
	"api.mailgun.net", "api.twilio.com", "api.github.com", "github.com", "api.bitbucket.org", "gitlab.com", "dev.azure.com", "login.microsoftonline.com", "graph.microsoft.com",
	".salesforce.com", ".force.com", ".zendesk.com", ".myshopify.com", "api.hubapi.com", "api.hubspot.com", "forms.hubspot.com", "api.zoom.us", "zoom.us", "api.box.com", "api.dropboxapi.com",
	"api.yelp.com", "api.openweathermap.org", "api.darksky.net", "api.weather.gov", "api.coingecko.com", "pro-api.coinmarketcap.com", "api.binance.com", "api.coinbase.com",
	"query1.finance.yahoo.com", "query2.finance.yahoo.com", "www.alphavantage.co", "newsapi.org", "api.nytimes.com", "api.themoviedb.org", "www.omdbapi.com", "api.igdb.com", "id.twitch.tv",
	"api.twitch.tv", ".api.riotgames.com", "api.steampowered.com", "steamcommunity.com", "store.steampowered.com", "api.wordpress.org", "public-api.wordpress.com", "www.wikidata.org",
	"api.zotero.org", "api.crossref.org", "export.arxiv.org", "eutils.ncbi.nlm.nih.gov", "nominatim.openstreetmap.org", "api.amadeus.com", "test.api.amadeus.com", "api.fda.gov", "api.nasa.gov",
	"www.strava.com", "api.fitbit.com", "api.etsy.com", "openapi.etsy.com", "api.ebay.com", "api.clickup.com", "api.asana.com", "app.asana.com", "api.monday.com", "api.cloudflare.com",
	"api.digitalocean.com", "api.vercel.com", "api.netlify.com", "api.heroku.com", "api.upstash.com", "api.intercom.io", "api.pipedrive.com", "api.brevo.com", "api.sendinblue.com",
	"deepl.com", "api.deepl.com", "api-free.deepl.com", "translate.google.com", "translate.googleapis.com", "api.ipify.org", "ipinfo.io", "www.youtube.com", "youtubei.googleapis.com",
}

// knownAPI reports whether a host is known to be of somebody else's API.
func knownAPI(host string) bool {
	for _, known := range apis {
		if host == known || known[0] == '.' && strings.HasSuffix(host, known) {
			return true
		}
	}
	return false
}
