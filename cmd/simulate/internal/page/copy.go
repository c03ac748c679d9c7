package page

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/cmd/simulate/internal/check"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/contract"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/internal/redact"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/weburl"
)

// copies are a request and what came of it, to be put elsewhere.
type copies struct {
	Corstest string `json:"corstest"`
	Contract string `json:"contract"`
	Curl     string `json:"curl"`
	Markdown string `json:"markdown"`
	Command  string `json:"command"`
}

func copyRequest(ctx context.Context, c *Call, d *description) (any, error) {
	reports, err := d.run(ctx, c)
	if err != nil {
		return nil, err
	}
	options, err := d.options()
	if err != nil {
		return nil, err
	}
	o := &options
	sent, err := check.Run(ctx, dry(options))
	if err != nil {
		return nil, err
	}
	words := []string{"simulate"}
	for _, word := range d.command() {
		words = append(words, recipe.ShellWord(word))
	}
	return &copies{
		Corstest: corstestLines(o, reports), Contract: contractLines(o, reports), Curl: curlLines(o, sent),
		Markdown: markdown(o, reports), Command: strings.Join(words, " "),
	}, nil
}

// dry returns the options under which nothing is sent.
func dry(o check.Options) check.Options {
	o.DryRun, o.Answers, o.Network = true, nil, nil
	return o
}

// asking returns the page that asks, as its URL or its origin.
func asking(o *check.Options) string { return cmp.Or(o.Page, o.Origin) }

// method is the request's, as it is sent.
func method(reports []*check.Report) string { return reports[0].Method }

// today says in a few words what browsers make of a request.
func today(reports []*check.Report) string {
	var parts []string
	for i, r := range reports {
		at := slices.IndexFunc(reports, func(other *check.Report) bool { return other.Verdict == r.Verdict && other.Summary() == r.Summary() })
		if at < i {
			continue
		}
		var names []string
		for _, other := range reports {
			if other.Verdict == r.Verdict && other.Summary() == r.Summary() {
				names = append(names, other.Browser)
			}
		}
		text := string(r.Verdict) + ", " + r.Summary()
		if len(names) < len(reports) {
			text = strings.Join(names, ", ") + ": " + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// loaders are the functions of corstest for what is no call of fetch(), by what it is called.
var loaders = map[string]string{
	"image": "Image", "script": "Script", "module": "Module", "style": "Style", "font": "Font", "video": "Media", "audio": "Media",
	"worker": "Worker", "eventsource": "EventSource",
}

// corstestLines are a test that the request is allowed.
func corstestLines(o *check.Options, reports []*check.Report) string {
	call := fetchCall(o, reports)
	if o.As != "" {
		if call = loadCall(o); call == "" {
			return "// package corstest has no function for what a page loads as " + o.As + "\n"
		}
	}
	comment := ""
	if slices.ContainsFunc(reports, func(r *check.Report) bool { return r.Verdict != check.Allowed && r.Verdict != check.NotSent }) {
		comment = " // today: " + today(reports)
	}
	return fmt.Sprintf("page := corstest.Page(t, %s, newServer()) // your http.Handler\npage.%s%s\n", goString(asking(o)), call, comment)
}

// loadCall is the call for an element, "" where there is none.
func loadCall(o *check.Options) string {
	name := loaders[o.As]
	if name == "" {
		return ""
	}
	args := []string{goString(o.URL)}
	if o.CrossOrigin != nil && name != "Font" && name != "Worker" {
		args = append(args, "corstest.CrossOrigin("+goString(*o.CrossOrigin)+")")
	}
	if o.Integrity != "" && (name == "Script" || name == "Module" || name == "Style") {
		args = append(args, "corstest.Integrity("+goString(o.Integrity)+")")
	}
	return name + "(" + strings.Join(args, ", ") + ").Loads()"
}

// fetchCall is the call for fetch().
func fetchCall(o *check.Options, reports []*check.Report) string {
	args := []string{goString(method(reports) + " " + o.URL)}
	list := o.Headers
	if o.Body != nil {
		option := "Text"
		switch contentType, _ := list.Get("Content-Type"); contentType {
		case "application/json":
			option, list = "JSON", without(list, "Content-Type")
		case textType:
			list = without(list, "Content-Type")
		}
		args = append(args, "corstest."+option+"("+goString(*o.Body)+")")
	}
	for _, h := range list {
		args = append(args, fmt.Sprintf("corstest.Header(%s, %s)", goString(h.Name), goString(h.Value)))
	}
	if o.Credentials == fetch.CredentialsInclude {
		args = append(args, "corstest.Credentials()")
	}
	if o.Mode != "" && o.Mode != fetch.ModeCORS {
		args = append(args, "corstest.Mode("+goString(string(o.Mode))+")")
	}
	if o.Redirect != "" && o.Redirect != fetch.RedirectFollow {
		args = append(args, "corstest.Redirect("+goString(string(o.Redirect))+")")
	}
	return "Fetch(" + strings.Join(args, ", ") + ").Allowed()"
}

// goString writes a string as Go does, with a raw literal where that is easier to read.
func goString(s string) string {
	if strings.ContainsAny(s, "\"\\") && strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// without returns a list without a header.
func without(list headers.List, name string) headers.List {
	list = list.Clone()
	list.Delete(name)
	return list
}

// contractLines are a contract that promises the request what it gets.
func contractLines(o *check.Options, reports []*check.Report) string {
	const none = "# a contract has no words for this request\n"
	url, err := weburl.Parse(o.URL)
	if err != nil {
		return none
	}
	base := url.Origin().String()
	promise := contract.Promise{
		Method: method(reports), Path: strings.TrimPrefix(url.StringExcludingFragment(), base), Credentials: o.Credentials == fetch.CredentialsInclude,
		Headers: slices.DeleteFunc(o.Headers.Clone(), func(h headers.Header) bool { return headers.IsForbiddenRequestHeader(h.Name, h.Value) }),
	}
	if o.As != "" {
		promise.Loads, promise.Method, promise.Headers = true, o.As, nil
		promise.CrossOrigin, promise.Credentials = o.CrossOrigin != nil, o.CrossOrigin != nil && *o.CrossOrigin == "use-credentials"
	} else if o.Body != nil {
		promiseBody(&promise, *o.Body)
	}
	written := contract.Contract{Base: base, Pages: []contract.Page{{URL: asking(o), Promises: []contract.Promise{promise}}}}
	text := written.String()
	if _, err := contract.Parse("", text); err != nil {
		return none
	}
	if reports[0].Verdict == check.Blocked {
		text = "# today: " + today(reports) + "\n" + text
	}
	return text
}

// promiseBody puts a body into a promise.
func promiseBody(p *contract.Promise, body string) {
	p.Body = body
	contentType, _ := p.Headers.Get("Content-Type")
	switch contentType {
	case "application/json":
		if p.JSON = true; body == "{}" {
			p.Body = ""
		}
	case textType:
		p.BodyType = "text"
	case "application/x-www-form-urlencoded", "application/x-www-form-urlencoded;charset=UTF-8":
		p.BodyType = "form"
	default:
		p.BodyType = "text"
		return // the header stays
	}
	p.Headers.Delete("Content-Type")
}

// curlLines ask the server as a browser would, a command for each request; -i shows the headers.
func curlLines(o *check.Options, sent *check.Report) string {
	var b strings.Builder
	for _, step := range sent.Steps {
		x := step.Exchange
		if x == nil {
			continue
		}
		words := []string{"curl", "-i"}
		if x.Method != "GET" && (x.Method != "POST" || o.Body == nil || x.Preflight) {
			words = append(words, "-X", recipe.ShellWord(x.Method))
		}
		words = append(words, recipe.ShellWord(x.URL))
		for _, h := range x.Headers {
			if isAsked(x, h.Name) {
				line := h.Name + ": " + h.Value
				if h.Value == "" {
					line = h.Name + ";"
				}
				words = append(words, "-H", recipe.ShellWord(line))
			}
		}
		if o.Body != nil && !x.Preflight {
			words = append(words, "--data-raw", recipe.ShellWord(*o.Body))
		}
		b.WriteString(strings.Join(words, " ") + "\n")
	}
	return b.String()
}

// isAsked reports whether a header of a request is one that a server's answer about CORS depends on.
func isAsked(x *transcript.Exchange, name string) bool {
	lower := headers.Lower(name)
	return lower == "origin" || lower == "cookie" || strings.HasPrefix(lower, "access-control-request-") || x.AuthorSet[lower]
}

// markdown is for an issue: the verdicts, and what happened, without secrets.
func markdown(o *check.Options, reports []*check.Report) string {
	var b, text strings.Builder
	first := reports[0]
	fmt.Fprintf(&b, "**%s** `%s %s`, asked by `%s`\n\n| browser | verdict | why |\n| --- | --- | --- |\n", strings.ToUpper(string(first.Verdict)), first.Method, redact.Text(first.URL), asking(o))
	for _, r := range reports {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.Browser, r.Verdict, strings.ReplaceAll(r.Summary(), "|", "\\|"))
	}
	first.Text(&text, check.View{Configured: true}) // a strings.Builder takes everything
	fmt.Fprintf(&b, "\n<details><summary>What is sent and decided</summary>\n\n```text\n%s```\n\n</details>\n", text.String())
	return b.String()
}
