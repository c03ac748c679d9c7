package explain

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/weburl"
)

// assumedStatus stands for the status of an answer of which only headers are shown.
const (
	assumedStatus   = 200
	assumedRedirect = 302 // where they have Location
)

// transcripts reads what tools show of requests and answers.
type transcripts struct {
	answers []shownAnswer
	asked   Seen // the last request that a command or a tool tells of
	current shownAnswer
	state   transcriptState
	name    string // of a header whose value is in the next line
	hint    string // OPTIONS where a line before says that it is about that
	hintAge int
	blank   bool // an empty line came in an answer without a status line
}

type transcriptState int

const (
	outside transcriptState = iota
	inRequest
	inResponse
	inBody
	afterCommand
)

var (
	requestLine   = regexp.MustCompile(`^(?:> )?(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+) HTTP/[\d.]+$`)
	curlCommand   = regexp.MustCompile(`^\W*(?:\S*[$#%>] ?)?curl(?:\.exe)?\s`)
	devToolsLine  = regexp.MustCompile(`(?i)^(request url|request method|status code|url|method|status)\s*:\s*(.*)$`)
	devToolsTitle = regexp.MustCompile(`(?i)^[#*\s]*(general|response headers|request headers)\b`)
	aboutOptions  = regexp.MustCompile(`(?i)\boptions\b|pre-?flight`)
	headerLine    = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*)\s*:(?:\s+|$|\s*)(.*)$`)
)

func readTranscripts(text string) *transcripts {
	t := new(transcripts)
	for line := range strings.SplitSeq(joinedCommands(text), "\n") {
		t.line(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), `\r`)))
	}
	t.finish()
	return t
}

// joinedCommands joins the lines of commands that go on in the next one.
func joinedCommands(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\\\r\n", " ", "\\\n", " ", " ^\n", " ", " `\n", " ").Replace(text)
}

func (t *transcripts) line(line string) {
	marked := strings.HasPrefix(line, "< ")
	if marked {
		line = line[2:]
	}
	if t.hintAge--; t.hintAge < 0 {
		t.hint = ""
	}
	if status, _, ok := statusLine(strings.TrimPrefix(line, "> ")); ok { // in a quotation, too
		t.status(status)
		return
	}
	switch match := requestLine.FindStringSubmatch(line); {
	case match != nil:
		t.finish()
		t.current = shownAnswer{Seen: Seen{Method: match[1], URL: t.resolved(match[2])}, whole: true}
		t.state = inRequest
	case curlCommand.MatchString(line):
		t.finish()
		t.current = shownAnswer{Seen: curlRequest(line), whole: true}
		t.asked = t.current.Seen
		t.state = afterCommand
	case t.devTools(line):
	case line == "" || strings.HasPrefix(line, "```") || line == "<" || line == ">":
		t.pause(line)
	case aboutOptions.MatchString(line) && t.state != inResponse && t.state != inBody && !strings.HasPrefix(line, "> ") && !headerLine.MatchString(line):
		t.hint, t.hintAge = "OPTIONS", 4
	default:
		t.header(strings.TrimPrefix(line, "> "), strings.HasPrefix(line, "> ") && t.state != inResponse && t.state != inBody)
	}
}

// status begins the answer with a status.
func (t *transcripts) status(status int) {
	if t.current.Status != 0 {
		whole := t.current.whole
		request := Seen{Method: t.current.Method, URL: t.current.URL, Request: t.current.Request}
		if t.current.redirects() {
			request.URL = t.resolved(t.current.header("Location"))
		}
		t.finish()
		t.current = shownAnswer{Seen: request, whole: whole}
	}
	t.current.Status = status
	t.state = inResponse
}

// pause is an empty line, or the end of a block.
func (t *transcripts) pause(line string) {
	switch {
	case strings.HasPrefix(line, "```"):
		if t.current.Status != 0 {
			t.finish()
		}
		if t.state != inRequest {
			t.state = outside
		}
	case t.state == inResponse && t.current.bare:
		t.blank = true
	case t.state == inResponse && len(t.current.Response) > 0:
		t.state = inBody
	}
}

// devTools reads what the Network tab calls General.
func (t *transcripts) devTools(line string) bool {
	if match := devToolsTitle.FindStringSubmatch(line); match != nil {
		switch strings.ToLower(match[1]) {
		case "request headers":
			t.state = inRequest
		case "response headers":
			if t.current.Status == 0 && t.current.URL != "" {
				t.current.Status, t.current.bare = assumedStatus, true
			}
			t.state = inResponse
		}
		return true
	}
	match := devToolsLine.FindStringSubmatch(line)
	if match == nil {
		return false
	}
	value := strings.TrimSpace(match[2])
	switch strings.ToLower(match[1]) {
	case "request url", "url":
		if !strings.Contains(value, "://") {
			return false
		}
		if t.current.Status != 0 {
			t.finish()
		}
		t.current.URL = strings.Fields(value)[0]
		t.asked.URL = t.current.URL
	case "request method", "method":
		method, _, _ := strings.Cut(strings.Trim(value, `"',`), " ")
		if !slices.Contains(knownMethods, method) || t.state == inBody {
			return false
		}
		t.current.Method = method
		if method != "OPTIONS" {
			t.asked.Method = method
		}
	default:
		digits := strings.IndexFunc(value, func(r rune) bool { return '0' <= r && r <= '9' })
		if digits < 0 || len(value) < digits+3 || t.current.URL == "" && !strings.HasPrefix(strings.ToLower(line), "status code") {
			return false
		}
		status, err := strconv.Atoi(value[digits : digits+3])
		if err != nil || status < 100 || status > 599 {
			return false
		}
		t.current.Status = status
		t.state = inResponse
	}
	return true
}

var knownMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// header takes a line that may be a header, of a request where it is marked so.
func (t *transcripts) header(line string, ofRequest bool) {
	match := headerLine.FindStringSubmatch(line)
	if t.state == inBody {
		if len(t.current.Body) < 400 {
			t.current.Body += line + "\n"
		}
		return
	}
	if match == nil {
		switch {
		case t.name != "" && t.state == inResponse:
			t.current.Response.Append(t.name, line)
		case t.name != "" && t.state == inRequest:
			t.current.Request.Append(t.name, line)
		case t.state == inResponse && t.current.bare || t.state == afterCommand:
			t.finish()
		}
		t.name = ""
		return
	}
	name, value := match[1], strings.TrimSpace(match[2])
	t.name = ""
	if t.blank && !isResponseHeader(name) {
		t.finish()
	}
	t.blank = false
	if value == "" && t.state != outside && t.state != afterCommand {
		t.name = name
		return
	}
	switch {
	case ofRequest || t.state == inRequest && !isResponseHeader(name):
		t.current.Request.Append(name, value)
		if headers.EqualFold(name, "host") && strings.HasPrefix(t.current.URL, "/") {
			t.current.URL = schemeOf(value) + value + t.current.URL
		}
	case t.state == inResponse || t.state == inRequest && t.current.Status != 0:
		t.current.Response.Append(name, value)
	case t.state == afterCommand:
		t.current.Status, t.current.bare = assumedStatus, true
		t.current.Response.Append(name, value)
		t.state = inResponse
	case isResponseHeader(name) && looksLikeValue(name, value), headers.EqualFold(name, "location") && strings.HasPrefix(value, "http"):
		t.finish()
		t.current = shownAnswer{Seen: Seen{Method: t.hint, Status: assumedStatus}, bare: true}
		if !isResponseHeader(name) {
			t.current.Status = assumedRedirect
		}
		t.current.Response.Append(name, value)
		t.state = inResponse
	}
}

// schemeOf returns the scheme that a host most likely has.
func schemeOf(host string) string {
	if name, _, _ := strings.Cut(host, ":"); isLoopback(name) || isPrivate(name) {
		return "http://"
	}
	return "https://"
}

// isResponseHeader reports whether only the CORS protocol's responses have a header.
func isResponseHeader(name string) bool {
	name = headers.Lower(name)
	return strings.HasPrefix(name, "access-control-") && !strings.HasPrefix(name, "access-control-request-")
}

// looksLikeValue reports whether something is the value of such a header, and not the rest of a
// sentence about it.
func looksLikeValue(name, value string) bool {
	if headers.EqualFold(name, allowOrigin) {
		return !strings.Contains(strings.ReplaceAll(value, ", ", ","), " ") && (value == "*" || strings.Contains(value, ".") || strings.Contains(value, "localhost") || strings.EqualFold(value, "null"))
	}
	return !strings.ContainsAny(value, "?!")
}

// resolved returns an address that may be a path of the one before.
func (t *transcripts) resolved(address string) string {
	base, err := weburl.Parse(cmp.Or(t.current.URL, t.asked.URL))
	if err != nil {
		return address
	}
	u, err := base.Parse(address)
	if err != nil {
		return address
	}
	return u.String()
}

// finish ends the current answer.
func (t *transcripts) finish() {
	a := t.current
	a.Body = strings.TrimSpace(a.Body)
	if a.Status >= 200 && len(a.Response)+len(a.Body) > 0 && len(t.answers) < MaxReplies {
		if a.Method == "" {
			a.either = t.hint == ""
			a.Method = cmp.Or(t.hint, "GET")
		}
		if t.asked.Request == nil && a.Method != "OPTIONS" {
			t.asked.Request = a.Request
		}
		t.answers = append(t.answers, a)
	} else if a.Status == 0 && len(a.Request) > 0 && t.asked.Request == nil {
		t.asked.Request = a.Request
		t.asked.Method = cmp.Or(t.asked.Method, a.Method)
	}
	t.current, t.state, t.name, t.blank = shownAnswer{}, outside, "", false
}

var (
	curlMethod = regexp.MustCompile(`(?:-X|--request)[ =]?['"]?([A-Z]+)`)
	curlHeader = regexp.MustCompile(`(?:-H|--header)[ =]?(?:'([^'\n]+)'|"([^"\n]+)"|(\S+:\S+))`)
	curlURL    = regexp.MustCompile(`https?://[^\s'"]+`)
	curlData   = regexp.MustCompile(`\s(?:-d|--data\S*|--json|-F)[ =]`)
	curlHead   = regexp.MustCompile(`\s(?:-I|-[a-z]*I[a-z]*|--head)\b`)
)

// curlRequest returns the request of a curl command.
func curlRequest(line string) (s Seen) {
	s.Method = "GET"
	switch {
	case curlMethod.MatchString(line):
		s.Method = curlMethod.FindStringSubmatch(line)[1]
	case curlData.MatchString(line):
		s.Method = "POST"
	case curlHead.MatchString(line):
		s.Method = "HEAD"
	}
	for _, match := range curlHeader.FindAllStringSubmatch(line, 40) {
		name, value, ok := strings.Cut(cmp.Or(match[1], match[2], match[3]), ":")
		if ok {
			s.Request.Append(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	for _, url := range curlURL.FindAllString(curlHeader.ReplaceAllString(line, ""), 1) {
		s.URL = url
	}
	return s
}
