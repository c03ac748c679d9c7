package explain

import (
	"regexp"
	"strings"

	"github.com/corsim/corsim/internal/recipe"
)

// An Answer answers a question that people ask about CORS in their own words.
type Answer struct {
	// ID is machine-readable, such as "header-on-the-page".
	ID string
	// Question is the question as it is answered.
	Question string
	// Lines are the answer, at most ten lines; the first says it.
	Lines []string
	// Try is a command that shows it.
	Try string
	// Servers are the ids of the recipes of the servers whose configuration is asked for, the likeliest
	// first.
	Servers []string
}

// maxQuestion is how long a text may be that is a question: whoever pastes more wants
// something else.
const maxQuestion = 4000

// Ask returns the answer to a question in plain words; ok says that it is known.
func Ask(text string) (answer *Answer, ok bool) {
	if len(text) > maxQuestion {
		return nil, false
	}
	servers := recipe.Named(text)
	if len(servers) > 0 && wantsCORS.MatchString(text) {
		return &Answer{ID: configureServer.ID, Question: configureServer.Question, Lines: configureServer.Lines, Try: configureServer.Try, Servers: servers}, true
	}
	whole := text
	text = " " + strings.ToLower(strings.ReplaceAll(plainConsole(text), "\n", " ")) + " "
	code := isCode.MatchString(text) && !strings.Contains(text, "?")
	isQuestion := asks.MatchString(text) && !code
	best := 0
	known := questions()
	for i := range known {
		for _, way := range known[i].ways {
			if n := way.fits(text); n > best && (isQuestion || n >= asksByItself) {
				best, answer = n, &known[i].Answer
			}
		}
	}
	if best > 0 {
		if best < asksByItself && isReport(whole) {
			if general, ok := inGeneral(whole, isQuestion, servers); ok {
				return general, true
			}
		}
		return answer, true
	}
	if code {
		return inGeneral(whole, isQuestion, servers)
	}
	id, alike := phrasings().nearest(text)
	if alike < surelyNear && (alike < nearEnough || !isQuestion || hasFailed.MatchString(text) || !namesCORS.MatchString(text)) {
		return inGeneral(whole, isQuestion, servers)
	}
	for i := range known {
		if known[i].ID == id {
			return &known[i].Answer, true
		}
	}
	return nil, false
}

// hasFailed is who tells of an error rather than asking.
var hasFailed = regexp.MustCompile(`\bcors (?:errors? (?:on|in|for|with|when)|issues? (?:on|in|with|when))\b`)

// wantsCORS is who wants to know how a server permits it.
var wantsCORS = regexp.MustCompile(`(?i)(?:how|where|way|can i|need)\b[^.?\n]{0,50}\b(?:allow|enable|configure|set(?:ting)? ?up|set|add|activate|turn on|switch on|support|handle)\b[^.?\n]{0,30}(?:\bcors\b|cross[- ]?origin|allow-origin)`)

var configureServer = Answer{
	ID: "configure-server", Question: "How does this server permit pages of other origins (CORS)?",
	Lines: []string{
		"By its own setting, which is below; give your page's origin (scheme, host and port, without a slash behind it) by --origin, and what the page sends by -X and -H.",
		"Both the request itself and OPTIONS, by which the browser asks first (a preflight), must be answered with the headers.",
	},
	Try: "simulate check URL --origin ORIGIN",
}

var cannotTell = Answer{
	ID: "in-general", Question: "Something fails, and CORS seems to be why. What now?",
	Lines: []string{
		"CORS is how a server lets pages of other origins (scheme, host and port) read its answers; without its permission the browser withholds them from the page's script.",
		"What exactly is missing is told in one place only: the browser's developer tools (F12), Console, the red line with the URL. Paste that, with the lines around it.",
		"Or ask the server as the browser would: the command below names what is missing, and how it is fixed.",
		"Page: headers such as Access-Control-Allow-Origin do nothing in a request; they belong into the server's answer.",
		"Not your server? Then let a server of your own ask it: nothing in the page can change the answer.",
	},
	Try: "simulate check URL --origin ORIGIN",
}

// mentionsCORS is who names it.
var mentionsCORS = regexp.MustCompile(`(?i)\bcors\b|\baccess-control-`)

// isReport reports whether a text is a pasted report rather than a question: it has lines, or code.
func isReport(text string) bool {
	return strings.Count(strings.TrimSpace(text), "\n") >= 3 || len(text) > 500
}

// somebody is who tells of what has happened, in some languages.
var somebody = regexp.MustCompile(`(?i)\b(?:i|we|our|it seems|please|anyone|any idea|il y a|une erreur|fehler|ich|wir|ошибк\w*|erro|problema|ayuda)\b|[？?]|报错|错误|失败|解决|请问|エラー|오류`)

// inGeneral answers who has trouble with CORS and does not say which.
func inGeneral(text string, isQuestion bool, servers []string) (*Answer, bool) {
	if !isQuestion && !somebody.MatchString(text) || !complains.MatchString(text) && !(isQuestion && mentionsCORS.MatchString(text)) {
		return nil, false
	}
	answer := cannotTell
	answer.Servers = servers
	return &answer, true
}

// namesCORS are words that only a question about CORS or its neighbours has.
var namesCORS = regexp.MustCompile(`\bcors\b|cross[- ]?(?:origin|domain|site)|access[- ]control|allow-origin|same[- ]origin|jsonp|preflight|no-cors|\borigins?\b|options requests?|withcredentials|samesite|iframe|other domain|postman|\bcurl\b|\bxhr\b|\bfetch\b|axios`)

// asks are the signs of a question: its mark, the word with which it begins, or what
// somebody says who does not get on.
var asks = regexp.MustCompile(`\?|\b(?:why|how|what|where|when|which|who)\b|(?:^|[.:;,!] ?| and | but )\s*(?:can|could|should|shall|does|do|did|is|are|will|would|may|am)\b|\b(?:explain|difference|vs\.?|versus|help|tell me|i want|i need|want to|need to|trying|tried|cannot|can't|doesn't|does not|isn't|not work|fails|still|instead|or|but|nothing|i set|i put|i add|i have|i used|i am|i'm|i get|my)\b`)

// isCode are the signs of code, settings and headers, in which nobody asks anything.
var isCode = regexp.MustCompile(`\(\{|= ?\[|=>|\);|^ [a-z-]+: [^?]*$`)

// asked is an answer, and how its question is known.
type asked struct {
	Answer
	ways []askedWay
}

// askedWay is a set of expressions that all occur in a question. Each counts one, and
// decisive if nothing else is asked of what it names.
type askedWay []askedWord

type askedWord struct {
	expression *regexp.Regexp
	weight     int
}

const (
	// decisive is the weight of a word that no other question has.
	decisive = 3
	// asksByItself is that of what is a question without being put as one.
	asksByItself = decisive * decisive * decisive
)

// fits returns how much of a question the way is, 0 where not all of it occurs.
func (w askedWay) fits(text string) (n int) {
	for _, word := range w {
		if !word.expression.MatchString(text) {
			return 0
		}
		n += word.weight
	}
	return n
}

// way makes a way of expressions, in which <words> stand for what people say instead, and
// "!" is before a decisive one, and "!!" before one that decides against those.
func way(expressions ...string) (w askedWay) {
	for _, e := range expressions {
		weight := 1
		for strings.HasPrefix(e, "!") {
			e, weight = e[1:], weight*decisive
		}
		for name, words := range vocabulary {
			e = strings.ReplaceAll(e, "<"+name+">", "(?:"+words+")")
		}
		w = append(w, askedWord{regexp.MustCompile(e), weight})
	}
	return w
}

// vocabulary are the words by which people call a thing.
var vocabulary = map[string]string{
	"cors":     `\bcors\b|cross[- ]?(?:origin|domain|site)|access[- ]control|allow-origin|same[- ]origin`,
	"header":   `access-control-allow-origin|access control allow origin|allow-origin|cors headers?|acao|access-control-[a-z-]*`,
	"page":     `my (?:page|site|website|front[- ]?end|client|app|script|javascript|js|html|code|react|angular|vue|request|fetch|axios|ajax|jquery)|front[- ]?end|client[- ]side|client|html|meta tag|<meta|in (?:the )?(?:fetch|axios|request|ajax|jquery|xhr|javascript|browser)|request headers?|fetch (?:call|options|request)|axios|\bajax\b|jquery|setrequestheader|angular|react\b|headers? object`,
	"server":   `server|back[- ]?end|api`,
	"other":    `postman|insomnia|reqbin|typ(?:e|ing) the url|enter(?:ing)? the (?:url|address)|typed? into the browser|(?:link|url) (?:into|in) (?:the|my) browser|\bcurl\b|wget|httpie|address bar|url bar|browser (?:tab|bar|directly)|directly in (?:the|my|a)|new tab|open(?:ing)? (?:the|that|it) (?:url|link)|paste (?:the|it)|swagger|python|node(?:\.?js)?\b|server[- ]side|mobile app|soapui|thunder client|visit(?:ing)? (?:the|it)|rest client|http client`,
	"works":    `work|fine|gets? (?:a|the) response|ok\b|okay|succe|return|no (?:problem|issue|error)|get (?:the|a) (?:data|response|result)|respond`,
	"star":     `\*|star|wildcard|asterisk|any origin|all origins|everyone|everybody|anyone`,
	"cookie":   `cookies?|phpsessid|jsessionid|session|logged|login|credentials|authenticated`,
	"safe":     `safe|secur|danger|risk|bad|wrong|harm|vulnerab|problem|okay|ok\b|evil|attack|hack|insecure`,
	"disable":  `disabl|turn(?:ing)? off|switch(?:ing)? off|bypass|ignor|get (?:around|rid)|circumvent|avoid|deactivat|remov`,
	"several":  `multiple|several|two|more than one|many|list of|different|a few|both|comma|array|subdomains?`,
	"nobody":   `no (?:other |web ?)?(?:site|page|domain)s?|nobody else|other (?:sites|pages|domains|websites)|nobody|no one|no-one|none\b|deny|block (?:all|every|any)|forbid|disallow|reject|refuse|prevent|not allow|no origins?|lock down|only (?:my|same)`,
	"jsonp":    `jsonp|json-p|json with padding|callback=|script tag`,
	"frame":    `i?frames?\b|embed`,
	"flash":    `flash|crossdomain\.xml|cross-domain\.xml|crossdomain policy|silverlight|clientaccesspolicy`,
	"options":  `\boptions\b|preflights?|pre-flights?`,
	"twice":    `two requests|twice|2 requests|double|extra request|additional request|second request|another request|first request|sent first|sends? an?|making an?|make an?`,
	"null":     `\bnull\b`,
	"exposed":  `expose`,
	"allowed":  `allow-headers|allow headers|allowed headers`,
	"maxage":   `max-age|max age|maxage|1728000`,
	"nocors":   `no-cors|no cors|nocors|opaque`,
	"proxy":    `cors[- ]?(?:proxy|anywhere)|corsproxy|allorigins|crossorigin\.me|cors\.sh|public proxy|proxy`,
	"protects": `protect|secure my|security|prevent|stop|for what|what is cors for|point of|purpose|why does cors exist|why do we need|attack|csrf|hacker`,
	"port":     `ports?\b|localhost|127\.0\.0\.1|subdomains?|http and https|www\b`,
	"file":     `file:|local file|from (?:the |my )?(?:disk|desktop|hard ?drive|file ?system)|double[- ]click|html file|index\.html|without (?:a )?(?:web ?)?server`,
	"socket":   `web ?sockets?|wss?://|socket\.io`,
	"image":    `images?|<img|scripts?\b|<script|css|stylesheets?`,
	"machine":  `server[- ]to[- ]server|mobile|android|ios\b|native|desktop app|back[- ]?end to back[- ]?end|microservices?|lambda calls|between servers|cron`,
}
