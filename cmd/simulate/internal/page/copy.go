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

// corstestLines are a test that the request is allowed.
func corstestLines(o *check.Options, reports []*check.Report) string {
	var args []string
	body := o.Body
	list := o.Headers
	if body != nil {
		switch contentType, _ := list.Get("Content-Type"); contentType {
		case "application/json":
			args = append(args, "corstest.JSON("+goString(*body)+")")
			list = without(list, "Content-Type")
		case "text/plain;charset=UTF-8":
			args = append(args, "corstest.Text("+goString(*body)+")")
			list = without(list, "Content-Type")
		default:
			args = append(args, "corstest.Text("+goString(*body)+")")
		}
	}
	for _, h := range list {
		args = append(args, fmt.Sprintf("corstest.Header(%s, %s)", goString(h.Name), goString(h.Value)))
	}
	if o.Credentials == fetch.CredentialsInclude {
		args = append(args, "corstest.Credentials")
	}
	if o.Mode != "" && o.Mode != fetch.ModeCORS {
		args = append(args, "corstest.Mode("+goString(string(o.Mode))+")")
	}
	if o.Redirect != "" && o.Redirect != fetch.RedirectFollow {
		args = append(args, "corstest.Redirect("+goString(string(o.Redirect))+")")
	}
	fetched := strings.Join(append([]string{goString(method(reports) + " " + o.URL)}, args...), ", ")
	comment := ""
	if reports[0].Verdict != check.Allowed || len(reports) > 1 && strings.Contains(today(reports), ": ") {
		comment = " // today: " + today(reports)
	}
	return fmt.Sprintf("page := corstest.Page(t, %s, newServer()) // your http.Handler\npage.Fetch(%s).Allowed()%s\n", goString(asking(o)), fetched, comment)
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
	url, err := weburl.Parse(o.URL)
	if err != nil {
		return "# a contract is about a URL of http or https\n"
	}
	base := url.Origin().String()
	promise := contract.Promise{
		Method: method(reports), Path: strings.TrimPrefix(url.StringExcludingFragment(), base), Credentials: o.Credentials == fetch.CredentialsInclude,
		Headers: o.Headers.Clone(),
	}
	note := ""
	if contentType, _ := o.Headers.Get("Content-Type"); o.Body != nil && contentType == "application/json" {
		promise.JSON = true
		promise.Headers.Delete("Content-Type")
	} else if o.Body != nil {
		note = "# a contract says nothing about this body: the promise is about the request without it\n"
		if contentType == "text/plain;charset=UTF-8" {
			promise.Headers.Delete("Content-Type")
		}
	}
	promise.Headers = slices.DeleteFunc(promise.Headers, func(h headers.Header) bool { return headers.IsForbiddenRequestHeader(h.Name, h.Value) })
	if reports[0].Verdict == check.Blocked {
		note += "# today: " + today(reports) + "\n"
	}
	written := contract.Contract{Base: base, Pages: []contract.Page{{URL: asking(o), Promises: []contract.Promise{promise}}}}
	return note + written.String()
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
