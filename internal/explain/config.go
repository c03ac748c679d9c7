package explain

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

// Need is what a server is to permit: that, and nothing more.
type Need struct {
	// Origins are serialized origins, or "null"; at least one.
	Origins []string
	// Methods are those that script uses, the safelisted ones included; none
	// stands for GET.
	Methods []string
	// Headers are the request headers that need permission.
	Headers []string
	// Credentials says that the request includes them.
	Credentials bool
	// Expose are the response headers that script is to read beside the
	// safelisted ones.
	Expose []string
	// MaxAge is for how many seconds browsers may remember a preflight; 0 leaves
	// it to them.
	MaxAge int
}

// Config is a server's configuration.
type Config struct {
	// Server is the server's id, Name what it is called.
	Server, Name string
	// Parts are the pieces of text.
	Parts []Part
	// Notes are what else to mind, a sentence each.
	Notes []string
	// Tested says that servers are started with this configuration in the
	// project's tests, and asked by browsers; otherwise only its syntax is checked.
	Tested bool
}

// Part is a piece of configuration and where it belongs.
type Part struct {
	Where, Text string
}

// Server is a server whose configuration can be written.
type Server struct {
	// ID is what it is called on a command line, Name in sentences.
	ID, Name string
	// Tested is as in [Config].
	Tested bool

	configure func(n *need) ([]Part, []string, error)
}

// Servers returns the servers in the order of the documentation.
func Servers() []Server { return slices.Clone(servers) }

var servers = []Server{
	{"apache", "Apache httpd", true, apache},
	{"htaccess", "Apache httpd, .htaccess", true, htaccess},
	{"nginx", "nginx", true, nginx},
	{"caddy", "Caddy", true, caddy},
	{"haproxy", "HAProxy", true, haproxy},
	{"express", "Express", true, express},
	{"go", "Go, net/http", true, netHTTP},
	{"rs-cors", "Go, rs/cors", true, rsCORS},
	{"django", "Django", true, django},
	{"flask", "Flask", true, flask},
	{"fastapi", "FastAPI", true, fastAPI},
	{"rails", "Rails", true, rails},
	{"tomcat", "Tomcat's CORS filter", true, tomcat},
	{"cloudflare", "Cloudflare Workers", true, cloudflare},
	{"spring", "Spring", false, spring},
	{"vertx", "Vert.x", false, vertx},
	{"aspnetcore", "ASP.NET Core", false, aspNetCore},
	{"iis", "IIS, web.config", false, iis},
	{"api-gateway", "AWS API Gateway, HTTP API", false, apiGateway},
	{"s3", "AWS S3", false, s3},
	{"firebase", "Firebase", false, firebase},
}

// Configure returns the configuration by which a server permits what is needed,
// and nothing else. The error says which part of the need is wrong or cannot be
// had from that server, or which servers there are.
func Configure(server string, n Need) (*Config, error) {
	at := slices.IndexFunc(servers, func(s Server) bool { return s.ID == server })
	if at < 0 {
		ids := make([]string, len(servers))
		for i, s := range servers {
			ids[i] = s.ID
		}
		return nil, fmt.Errorf("there is no configuration for %q, only for %s", server, strings.Join(ids, ", "))
	}
	s := servers[at]
	checked, err := n.check()
	if err != nil {
		return nil, err
	}
	parts, notes, err := s.configure(checked)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return &Config{Server: s.ID, Name: s.Name, Parts: parts, Notes: notes, Tested: s.Tested}, nil
}

// need is a Need that was checked.
type need struct {
	Need
	// listed are the methods that a preflight's response has to list.
	listed []string
	// preflight says that preflights come.
	preflight bool
}

// check returns the need without what stands twice. Whatever could have a meaning
// in the syntax of some configuration is refused rather than escaped.
func (n Need) check() (*need, error) {
	out := &need{Need: Need{Credentials: n.Credentials, MaxAge: n.MaxAge}}
	if len(n.Origins) == 0 {
		return nil, errors.New("no origin is to be allowed: say which")
	}
	for _, o := range n.Origins {
		if _, err := origin.Parse(o); err != nil {
			return nil, err
		}
		if i := strings.IndexFunc(o, func(c rune) bool { return !plain(c) && !strings.ContainsRune(":/.[]", c) }); i >= 0 {
			return nil, fmt.Errorf("the origin %q has %q in it, which no configuration is written with", o, o[i])
		}
		out.Origins = appendOnce(out.Origins, o)
	}
	for _, m := range n.Methods {
		if err := checkWord("method", m); err != nil {
			return nil, err
		}
		out.Methods = appendOnce(out.Methods, m)
		if !headers.IsCORSSafelistedMethod(m) {
			out.listed = appendOnce(out.listed, m)
		}
	}
	if out.Methods == nil {
		out.Methods = []string{"GET"}
	}
	for _, h := range n.Headers {
		if err := checkWord("header", h); err != nil {
			return nil, err
		}
		out.Headers = appendOnce(out.Headers, headers.Lower(h))
	}
	for _, h := range n.Expose {
		if err := checkWord("header", h); err != nil {
			return nil, err
		}
		out.Expose = appendOnce(out.Expose, h)
	}
	if n.MaxAge < 0 {
		return nil, fmt.Errorf("a preflight cannot be remembered for %d seconds", n.MaxAge)
	}
	out.preflight = len(out.listed) > 0 || len(out.Headers) > 0
	if !out.preflight {
		out.MaxAge = 0
	}
	return out, nil
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

func plain(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

func checkWord(what, s string) error {
	if s == "" || strings.ContainsFunc(s, func(c rune) bool { return !plain(c) }) {
		return fmt.Errorf("the %s %q is not of letters, digits, - and _; write it into the configuration by hand", what, s)
	}
	return nil
}

// NeedOf returns the need of a request.
func NeedOf(r *cors.Request) Need {
	return Need{
		Origins: []string{r.Origin}, Methods: []string{r.Method}, Headers: askedNames(r), Credentials: r.IncludeCredentials,
	}
}

// Guess returns the ids of the servers that the headers of a response point to,
// the likeliest first: what made the response before what passed it on.
func Guess(response headers.List) (ids []string) {
	add := func(id string) { ids = appendOnce(ids, id) }
	for _, sign := range signs {
		for _, h := range response {
			if headers.EqualFold(h.Name, sign.header) && strings.Contains(headers.Lower(h.Value), sign.value) {
				add(sign.id)
			}
		}
	}
	return ids
}

// signs are what servers tell of themselves, those of applications before those
// of what stands in front of them.
var signs = []struct{ header, value, id string }{
	{"X-Powered-By", "express", "express"},
	{"X-Powered-By", "asp.net", "iis"},
	{"Server", "kestrel", "aspnetcore"},
	{"Server", "werkzeug", "flask"},
	{"Server", "wsgiserver", "django"},
	{"Server", "uvicorn", "fastapi"},
	{"Server", "puma", "rails"},
	{"X-Powered-By", "phusion passenger", "rails"},
	{"X-Runtime", "", "rails"},
	{"Server", "coyote", "tomcat"},
	{"Server", "tomcat", "tomcat"},
	{"X-Application-Context", "", "spring"},
	{"Apigw-Requestid", "", "api-gateway"},
	{"X-Amz-Apigw-Id", "", "api-gateway"},
	{"Server", "amazons3", "s3"},
	{"Server", "microsoft-iis", "iis"},
	{"Server", "apache", "apache"},
	{"Server", "nginx", "nginx"},
	{"Server", "openresty", "nginx"},
	{"Server", "caddy", "caddy"},
	{"Via", "caddy", "caddy"},
	{"Server", "haproxy", "haproxy"},
	{"Via", "haproxy", "haproxy"},
	{"Server", "google frontend", "firebase"},
	{"Server", "cloudflare", "cloudflare"},
}

// text joins lines, leaving out empty ones unless they are a single "\n".
func text(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		switch line {
		case "":
		case "\n":
			b.WriteByte('\n')
		default:
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// when returns the line where the condition holds, and "" otherwise.
func when(condition bool, line string) string {
	if condition {
		return line
	}
	return ""
}

// whenf is when, of a line with values in it.
func whenf(condition bool, format string, args ...any) string {
	return when(condition, fmt.Sprintf(format, args...))
}

// quoted returns the members, each in double quotes, with commas between them.
func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, ", ")
}

func commas(list []string) string { return strings.Join(list, ", ") }

// several reports whether the answer depends on the request's Origin.
func (n *need) several() bool { return len(n.Origins) > 1 }

// String returns the configuration as text for a terminal.
func (c *Config) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "For %s", c.Name)
	if !c.Tested {
		b.WriteString(" (checked for its syntax only)")
	}
	b.WriteByte('\n')
	for _, p := range c.Parts {
		fmt.Fprintf(&b, "  %s:\n", p.Where)
		for line := range strings.Lines(p.Text) {
			if strings.TrimSpace(line) != "" {
				b.WriteString("    ")
			}
			b.WriteString(line)
		}
	}
	for _, note := range c.Notes {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	return b.String()
}
