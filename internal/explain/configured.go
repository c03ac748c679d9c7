package explain

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
)

// configured returns the causes that a server's code and configuration show which are in the text,
// given the origin of the page
// and for what it was refused.
func configured(text, pageOrigin string, reason cors.Reason) (list []Cause) {
	if found := slashBehindAllowed(text, pageOrigin); found != "" {
		list = append(list, NewCause("slash-in-list", Likely, Evidence{What: found, Where: "the configuration"}).With("right", strings.TrimRight(strings.TrimSuffix(found, "*"), "/")))
	}
	if match := allowedWithoutScheme.FindStringSubmatch(text); match != nil && !strings.Contains(match[0], "://") {
		list = append(list, NewCause("scheme-missing-in-list", Likely, Evidence{What: match[1], Where: "the configuration"}).With("value", match[1]))
	}
	for i := range wildcards {
		w := &wildcards[i]
		all, credentials := w.all.FindString(text), w.credentials.FindString(text)
		if all == "" || credentials == "" || w.only != 0 && w.only != reason {
			continue
		}
		confidence := Likely
		if w.only != 0 {
			confidence = Certain
		}
		list = append(list, NewCause(w.id, confidence, Evidence{What: oneLine(all) + ", and " + oneLine(credentials), Where: "the code"}).With("framework", w.name, "does", w.does, "instead", strings.ReplaceAll(w.instead, "ORIGIN", cmp.Or(pageOrigin, "https://www.example.com"))))
		break
	}
	for i := range orders {
		o := &orders[i]
		layer := o.layer.FindStringIndex(text)
		if layer == nil {
			continue
		}
		if first := o.before.FindStringIndex(text[:layer[0]]); first != nil {
			list = append(list, NewCause("layer-too-late", Likely, Evidence{What: oneLine(text[first[0]:first[1]]) + " comes before " + oneLine(text[layer[0]:layer[1]]), Where: "the code"}).With("layer", o.name, "first", o.first))
			break
		}
	}
	return list
}

// allowedOrigins is how a list of allowed origins begins, in code, environments and files.
const allowedOrigins = `(?i)(?:origins?\w*|origin_whitelist|whitelist|frontend_url|client_url)["']?\s*(?:\]\s*)?[:=(]+\s*(?:\w+\.\w+\(\s*)?[\[({]*\s*(?:(?:"[^"\n]*"|'[^'\n]*')\s*,\s*){0,9}["'` + "`" + `]?`

var (
	allowedWithSlash     = regexp.MustCompile(allowedOrigins + `(https?://[^\s/"'` + "`" + `,*]+/\*?)(?:["'` + "`" + `,\s]|$)`)
	allowedWithoutScheme = regexp.MustCompile(`(?i)(?:allowed_?origins?|origin_whitelist|withorigins|\borigin)["']?\s*[:=(]+\s*[\[(]*\s*["'](localhost(?::\d+)?|(?:www\.)?[a-z0-9-]+\.(?:com|org|net|io|dev|app))["']`)
)

// slashBehindAllowed returns an allowed origin that has a slash behind it, or a path, "" for none.
func slashBehindAllowed(text, pageOrigin string) string {
	for _, match := range allowedWithSlash.FindAllStringSubmatch(text, 20) {
		if pageOrigin == "" || pageOrigin == unknownOrigin || strings.HasPrefix(match[1], pageOrigin+"/") {
			return match[1]
		}
	}
	return ""
}

// orders are where a framework's CORS layer must come before what answers.
var orders = []struct {
	layer, before *regexp.Regexp
	name, first   string
}{
	{regexp.MustCompile(`\.use\(\s*cors\(`), regexp.MustCompile(`\bapp\.(?:get|post|put|patch|delete|all)\(\s*["'` + "`" + `][^\n]*|\bapp\.use\(\s*["'` + "`" + `]/[^\n]*`), "app.use(cors(…))", "routes and routers"},
	{regexp.MustCompile(`\.UseCors\(`), regexp.MustCompile(`\.(?:UseEndpoints|UseMvc\w*|MapControllers|UseSignalR|UseAuthorization|MapHub\w*)\b[^\n]*`), "UseCors", "UseAuthorization, UseMvc and the endpoints (and behind UseRouting)"},
	{regexp.MustCompile(`["']corsheaders\.middleware\.CorsMiddleware["']`), regexp.MustCompile(`["']django\.middleware\.(?:common\.CommonMiddleware|csrf\.\w+)["']|["']django\.contrib\.auth[^\n]*Middleware["']`), "CorsMiddleware", "CommonMiddleware and all that can answer"},
}

// wildcards are how configurations allow every origin together with credentials, and what each
// framework makes of that.
var wildcards = []struct {
	all, credentials        *regexp.Regexp
	only                    cors.Reason // that it explains; 0 for all
	id, name, does, instead string
}{
	{all: regexp.MustCompile(`\.?(?:allowedOrigins|addAllowedOrigin|setAllowedOrigins)\((?:\w+\.\w+\()?"\*"`), credentials: regexp.MustCompile(`(?i)allowCredentials\(true\)`),
		id: "wildcard-refused-by-framework"},
	{all: regexp.MustCompile(`AllowAnyOrigin\(\)`), credentials: regexp.MustCompile(`AllowCredentials\(\)`),
		id: "wildcard-refused-by-framework"},
	{all: regexp.MustCompile(`allow_origins\s*=\s*\[\s*["']\*["']\s*\]`), credentials: regexp.MustCompile(`allow_credentials\s*=\s*True`), only: cors.WildcardAllowOriginWithCredentials,
		id: "wildcard-configured", name: "Starlette (FastAPI)", does: `answers with "*" unless the request has a cookie`, instead: `allow_origins=["ORIGIN"]`},
	{all: regexp.MustCompile(`\borigin["']?\s*:\s*["']\*["']`), credentials: regexp.MustCompile(`\bcredentials["']?\s*:\s*true`), only: cors.WildcardAllowOriginWithCredentials,
		id: "wildcard-configured", name: "the cors package (Express, NestJS, socket.io)", does: `sends "*" as it is written, and credentials beside it`, instead: `origin: ["ORIGIN"]`},
}

// oneLine shortens code to what fits into a sentence.
func oneLine(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	return shorten(code)
}

// causesByName are the causes that the recipes of servers stand for which a text names.
var causesByName = []struct{ recipe, cause string }{
	{"s3", "s3-bucket"}, {"r2", "s3-bucket"}, {"minio", "s3-bucket"}, {"gcs", "google-bucket"}, {"firebase-storage", "google-bucket"}, {"azure-blob", "azure-blob"},
	{"supabase-functions", "supabase-function"}, {"api-gateway", "api-gateway"}, {"lambda-url", "lambda-url"}, {"google-functions", "google-function"},
	{"keycloak", "keycloak-web-origins"}, {"socketio", "socket-io-setting"},
}

// isCauseByName reports whether a recipe's server stands for a cause of its own.
func isCauseByName(id string) bool {
	return slices.ContainsFunc(causesByName, func(n struct{ recipe, cause string }) bool { return n.recipe == id }) ||
		slices.ContainsFunc(programs, func(p program) bool { return p.recipe == id })
}

// byName adds what is known of a server that the text names, where no address tells it.
func (q *inquiry) byName(add teller) {
	for _, id := range q.servers {
		for _, n := range causesByName {
			if n.recipe == id {
				confidence, order := Likely, hinted+1
				if n.cause == "s3-bucket" && q.Status == 403 {
					confidence, order = Likely, shown+5
				}
				add(confidence, order, n.cause, seen("the text names it"), "bucket", "BUCKET")
				return
			}
		}
		if at := slices.IndexFunc(programs, func(p program) bool { return p.recipe == id }); at >= 0 && q.Reason <= refusesOrigin {
			p := &programs[at]
			add(p.confidence(q.Status), p.order(q.Status), "program-setting", seen("the text names %s", p.name), "program", p.name, "setting", p.setting)
			return
		}
	}
}
