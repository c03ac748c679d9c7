package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cmd/simulate/internal/check"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/recipe"
	"github.com/corsim/corsim/origin"
)

var checkCommand = &command{
	name: "check", summary: "ask a live URL, as a page's script would",
	arguments: "[flags] URL --origin ORIGIN",
	help: `Sends what a browser would send for fetch(URL, {…}) in a page of ORIGIN, in order,
and shows each exchange, each decision with its reason, the verdict, what script
could read of the response, and what to change. The body of a response is not
shown, and cookies, credentials and tokens are not either.`,
	examples: `  simulate check https://api.example/things --origin https://app.example
  simulate check https://api.example/things --origin https://app.example \
      -X PUT -H 'Content-Type: application/json' -d '{}' --credentials include
  simulate check https://api.example/things --origin https://app.example \
      --resolve api.example:443:127.0.0.1 -k --dry-run
  simulate check https://api.example/things --origin https://app.example \
      -X PUT --answer preflight.txt --answer response.txt   # as curl -i prints them
  simulate check https://cdn.example/clip.mp4 --origin https://app.example \
      --as video,xhr                      # what plays, what fails, and why
  xclip -o | simulate check --from -      # "Copy as cURL" or "Copy as fetch"`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		c := new(checkFlags)
		c.define(f)
		return c.run
	},
}

// checkFlags are the flags of simulate check.
type checkFlags struct {
	options check.Options
	network networkFlags
	engines []*browser.Engine

	thirdParty browser.ThirdPartyCookies

	server  string
	headers []string
	data    []data
	from    string
	answers []string
	json    bool
	verbose bool
	secrets bool
}

// data is what a flag gives of the body.
type data struct {
	value string
	file  bool // "@file" names a file
	text  bool // line breaks of the file are removed
}

func (c *checkFlags) define(f *flagSet) {
	o := &c.options
	f.text(&o.Origin, 0, "origin", "ORIGIN", "the origin of the page that asks, or \"null\"")
	f.text(&o.Page, 0, "page", "URL", "the page's URL; the root of its origin by default")
	f.define(0, "as", "NAME", "what loads it, instead of fetch(); several are compared,\nwith fetch and xhr among them if you like: "+wrapped(check.InitiatorNames(), 44), c.setAs).takesFrom(initiatorNames)
	f.define(0, "crossorigin", "VALUE", "with --as: the element's attribute, anonymous or\nuse-credentials", c.setCrossOrigin).takes("anonymous", "use-credentials")
	f.text(&o.Integrity, 0, "integrity", "METADATA", "with --as: the element's attribute")
	f.text(&o.PreloadAs, 0, "preload-as", "KIND", "with --as preload: its attribute as")
	f.yes(&o.WithCredentials, 0, "with-credentials", "with --as eventsource: withCredentials")
	f.text(&o.Method, 'X', "request", "METHOD", "the method")
	f.list(&c.headers, 'H', "header", "'NAME: VALUE'", "a header that script sets; repeatable; 'NAME;' for an\nempty value")
	f.define('d', "data", "DATA|@FILE", "the body, which makes the method POST; several are joined\nwith &. Unless -H says otherwise, its Content-Type is\napplication/x-www-form-urlencoded, as with curl", c.addData(true, true))
	f.define(0, "data-binary", "DATA|@FILE", "the same, and line breaks of the file stay", c.addData(true, false))
	f.define(0, "data-raw", "DATA", "the same, and @ means nothing", c.addData(false, false))
	f.oneOf(0, "mode", "MODE", "cors, no-cors or same-origin", setText(&o.Mode), "cors", "no-cors", "same-origin")
	f.oneOf(0, "credentials", "MODE", "omit, same-origin or include", setText(&o.Credentials), credentialsModes...)
	f.oneOf(0, "redirect", "MODE", "follow, error or manual", setText(&o.Redirect), "follow", "error", "manual")
	f.text(&o.Cookies, 'b', "cookie", "'NAME=VALUE; …'", "cookies that the browser has for the URL's host,\nfor any site's use (SameSite=None)")
	f.list(&c.answers, 0, "answer", "FILE|-", "judge this answer, as curl -i or curl -v prints it, and\nsend nothing; one for the preflight and one for the\nrequest, in one file or several")
	f.text(&c.from, 0, "from", "FILE|-", "a request as DevTools copies it (cURL or fetch), a curl\ncommand, or an HTML element; flags that are given take\nprecedence")
	c.engines = []*browser.Engine{browser.Standard()}
	f.define(0, "browser", "NAME", "whose behaviour: "+browserNames()+",\nor all, which sends the request once for each", c.setBrowser).takesFrom(browserValuesAll)
	c.network.define(f)
	f.list(&o.ContentSecurityPolicy, 0, "csp", "POLICY", "the page's Content-Security-Policy; repeatable")
	f.list(&o.HSTS, 0, "hsts", "HOST", "a host that is known to want https, subdomains included\n(Strict-Transport-Security); repeatable")
	f.define(0, "permission", "NAME=STATE", "what the user has said: local-network or\nloopback-network, granted, denied or prompt; repeatable", c.addPermission).takesFrom(permissionValues)
	f.define(0, "page-address-space", "SPACE", "where the page was loaded from: public, local or\nloopback; by default what the host of its URL tells", c.setAddressSpace).takes("public", "local", "loopback")
	f.define(0, "third-party-cookies", "SETTING", "allowed, blocked or partitioned; by default as the\nbrowser is shipped", c.setThirdParty).takes(thirdPartySettings...)
	f.define('m', "timeout", "SECONDS", "how long the whole check may take; 30 by default", seconds(&c.options.Timeout))
	defineServer(f, &c.server)
	f.yes(&o.Why, 0, "why", "where that tells the causes of a failure apart, ask up to\nthree times more: OPTIONS, GET and HEAD only")
	f.yes(&o.DryRun, 0, "dry-run", "send nothing, show what would be sent")
	f.yes(&c.json, 0, "json", "write the report as JSON")
	f.yes(&c.verbose, 'v', "verbose", "show all headers")
	f.yes(&c.secrets, 0, "show-secrets", "show cookies, credentials and tokens")
}

func (c *checkFlags) addData(file, text bool) func(string) error {
	return func(value string) error {
		c.data = append(c.data, data{value, file, text})
		return nil
	}
}

// setText sets a mode.
func setText[T ~string](to *T) func(string) {
	return func(value string) { *to = T(value) }
}

func (c *checkFlags) setBrowser(name string) (err error) {
	c.engines, err = enginesByName(name)
	return err
}

func (c *checkFlags) run(ctx context.Context, std *streams, args []string) (int, error) {
	var notes []string
	var err error
	switch {
	case c.from != "" && len(args) > 0:
		return exitUsage, fmt.Errorf("both --from and the URL %s are given; --from has the URL", args[0])
	case len(args) > 1:
		return exitUsage, fmt.Errorf("%d URLs are given, %s and %s among them; one is checked", len(args), args[0], args[1])
	case c.from != "":
		if notes, err = c.readFrom(std); err != nil {
			return exitUsage, err
		}
	case len(args) == 0:
		return exitUsage, errors.New("no URL is given")
	default:
		c.options.URL = args[0]
	}
	if c.options.Why && len(c.answers) > 0 {
		return exitUsage, errors.New("both --why, which asks the server, and --answer, with which nothing is sent, are given")
	}
	if err := c.complete(std); err != nil {
		return exitUsage, err
	}
	for i, e := range c.engines {
		if c.engines[i], err = e.WithThirdPartyCookies(c.thirdParty); err != nil {
			return exitUsage, err
		}
	}
	if err := c.network.load(); err != nil {
		return exitUsage, err
	}
	network, err := c.network.open()
	if err != nil {
		return exitUsage, err
	}
	defer network.Close()
	c.options.Network = network
	if strings.Contains(c.options.As, ",") {
		return c.runEach(ctx, std)
	}
	reports, err := check.RunAll(ctx, c.options, c.engines)
	if err != nil {
		return exitUsage, err
	}
	view := check.View{Verbose: c.verbose, Configured: c.server != "", ShowSecrets: c.secrets, Color: colored(std.out)}
	for _, r := range reports {
		r.Notes = append(append([]string(nil), notes...), r.Notes...)
		if hint := trustHint(r.Failure); hint != "" {
			r.Notes = append(r.Notes, hint)
		}
	}
	return exitOf(reports), c.print(std.out, reports, view)
}

// runEach checks the URL as each of several things, and compares them.
func (c *checkFlags) runEach(ctx context.Context, std *streams) (int, error) {
	if len(c.engines) != 1 {
		return exitUsage, errors.New("both several of --as and several browsers are given; compare one of them at a time")
	}
	reports, err := check.RunEach(ctx, c.options, strings.Split(c.options.As, ","), c.engines[0])
	if err != nil {
		return exitUsage, err
	}
	view := check.View{Verbose: c.verbose, Configured: c.server != "", ShowSecrets: c.secrets, Color: colored(std.out)}
	if c.json {
		return exitOf(reports), c.print(std.out, reports, view)
	}
	return exitOf(reports), check.CompareEach(std.out, reports, view)
}

// initiatorNames are what --as takes, several of which may be joined with commas.
func initiatorNames() []string {
	return append(strings.Split(check.InitiatorNames(), ", "), "fetch", "xhr")
}

func (c *checkFlags) setAs(value string) error {
	c.options.As = value
	for name := range strings.SplitSeq(value, ",") {
		if !slices.Contains(initiatorNames(), name) {
			return fmt.Errorf("a page loads nothing as %q%s; it is one of %s", name, didYouMean(name, "", initiatorNames()), check.InitiatorNames())
		}
	}
	return nil
}

func (c *checkFlags) setCrossOrigin(value string) error {
	c.options.CrossOrigin = &value
	return nil
}

// wrapped breaks a list of names into lines.
func wrapped(names string, width int) string {
	var b strings.Builder
	line := 0
	for name := range strings.SplitSeq(names, ", ") {
		if line > 0 {
			b.WriteString(",")
			if line+len(name) > width {
				b.WriteString("\n")
				line = 0
			} else {
				b.WriteString(" ")
			}
		} else {
			b.WriteString("\n")
		}
		b.WriteString(name)
		line += len(name) + 2
	}
	return b.String()
}

func (c *checkFlags) setAddressSpace(value string) error {
	space, ok := origin.ParseAddressSpace(value)
	if !ok || space == origin.SpaceUnknown {
		return fmt.Errorf("%q is not public, local or loopback", value)
	}
	c.options.AddressSpace = space
	return nil
}

func (c *checkFlags) setThirdParty(value string) error {
	if value == "" {
		return errors.New("the value is empty")
	}
	c.thirdParty = browser.ThirdPartyCookies(value)
	_, err := browser.Standard().WithThirdPartyCookies(c.thirdParty)
	return err
}

// addPermission reads what the user has said of a permission.
func (c *checkFlags) addPermission(value string) error {
	permission, state, err := parsePermission(value)
	if err != nil {
		return err
	}
	if c.options.Permissions == nil {
		c.options.Permissions = make(map[fetch.Permission]fetch.PermissionState)
	}
	c.options.Permissions[permission] = state
	return nil
}

// thirdPartySettings are what --third-party-cookies takes.
var thirdPartySettings = []string{"allowed", "blocked", "partitioned"}

// credentialsModes are the values of a credentials mode.
var credentialsModes = []string{"omit", "same-origin", "include"}

// permissionValues are what --permission takes.
func permissionValues() (values []string) {
	for _, permission := range []fetch.Permission{fetch.PermissionLocalNetwork, fetch.PermissionLoopbackNetwork} {
		for _, state := range []fetch.PermissionState{fetch.PermissionGranted, fetch.PermissionDenied, fetch.PermissionPrompt} {
			values = append(values, string(permission)+"="+string(state))
		}
	}
	return values
}

// parsePermission reads NAME=STATE.
func parsePermission(value string) (fetch.Permission, fetch.PermissionState, error) {
	name, state, _ := strings.Cut(value, "=")
	permission := fetch.Permission(name)
	if permission != fetch.PermissionLocalNetwork && permission != fetch.PermissionLoopbackNetwork {
		return "", "", fmt.Errorf("there is no permission %q, only local-network and loopback-network", name)
	}
	switch s := fetch.PermissionState(state); s {
	case fetch.PermissionGranted, fetch.PermissionDenied, fetch.PermissionPrompt:
		return permission, s, nil
	}
	return "", "", fmt.Errorf("it must be %s=granted, %s=denied or %s=prompt", name, name, name)
}

func (c *checkFlags) print(w io.Writer, reports []*check.Report, view check.View) error {
	if c.json {
		for _, r := range reports {
			if err := r.JSON(w, view); err != nil {
				return err
			}
		}
		return nil
	}
	var err error
	if len(reports) == 1 {
		err = reports[0].Text(w, view)
	} else {
		err = check.Compare(w, reports, view)
	}
	if err != nil {
		return err
	}
	return c.configure(w, reports[0])
}

// configure writes the change as the server's configuration, where one is named.
func (c *checkFlags) configure(w io.Writer, r *check.Report) error {
	if c.server == "" || r.Failure == nil || !r.Failure.Reason.IsCORS() {
		return nil
	}
	config, err := recipe.Configure(c.server, r.Need)
	if err != nil {
		return fmt.Errorf("--server: %w", err)
	}
	_, err = fmt.Fprintf(w, "\n%s", config)
	return err
}

func exitOf(reports []*check.Report) int {
	exit := exitAllowed
	for _, r := range reports {
		switch {
		case r.Verdict == check.Blocked:
			exit = exitBlocked
		case (r.Verdict == check.Undecidable || r.Verdict == check.Asks) && exit == exitAllowed:
			exit = exitUndecidable
		}
	}
	return exit
}

// complete puts into the options what the flags about headers and body give.
func (c *checkFlags) complete(std *streams) error {
	o := &c.options
	var given headers.List
	for _, line := range c.headers {
		h, err := check.ParseHeader(line)
		if err != nil {
			return fmt.Errorf("-H: %w", err)
		}
		given = append(given, h)
	}
	replaced := make(map[string]bool)
	for _, h := range given {
		replaced[headers.Lower(h.Name)] = true
	}
	o.Headers = slices.DeleteFunc(o.Headers, func(h headers.Header) bool { return replaced[headers.Lower(h.Name)] })
	o.Headers = append(o.Headers, given...)
	for _, name := range c.answers {
		text, err := readFile(std, name, maxCopied)
		if err != nil {
			return fmt.Errorf("--answer: %w", err)
		}
		replies, err := explain.ParseReplies(text)
		if err != nil {
			return fmt.Errorf("--answer %s: %w", name, err)
		}
		o.Answers = append(o.Answers, replies...)
	}
	if c.data == nil {
		return nil
	}
	body, err := c.body(std)
	if err != nil {
		return fmt.Errorf("-d: %w", err)
	}
	o.Body = &body
	if o.Method == "" {
		o.Method = "POST"
	}
	if !o.Headers.Contains("content-type") {
		o.Headers.Append("Content-Type", "application/x-www-form-urlencoded")
	}
	return nil
}

// body joins what the flags give of the body.
func (c *checkFlags) body(std *streams) (string, error) {
	var parts []string
	for _, d := range c.data {
		part := d.value
		if file, ok := strings.CutPrefix(d.value, "@"); ok && d.file {
			content, err := readFile(std, file, maxBody)
			if err != nil {
				return "", err
			}
			part = content
			if d.text {
				part = withoutLineBreaks(content)
			}
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "&"), nil
}

// withoutLineBreaks is what curl's -d @FILE makes of a file.
func withoutLineBreaks(s string) string {
	return strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(s)
}

// Bounds of the files that are read as a whole, in bytes: a request or an answer as somebody copied it, the
// authorities of --cacert, and a body.
const (
	maxCopied      = 8 << 20
	maxAuthorities = 8 << 20
	maxBody        = 32 << 20
)

// readFile returns the content of a file that has at most most bytes, "-" for standard input.
func readFile(std *streams, name string, most int64) (string, error) {
	if name == "-" {
		return readAtMost(std.in, "standard input", most)
	}
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return readAtMost(file, name, most)
}

// readAtMost returns what in has, which is called name.
func readAtMost(in io.Reader, name string, most int64) (string, error) {
	var content strings.Builder
	n, err := io.Copy(&content, io.LimitReader(in, most+1))
	if err == nil && n > most {
		return "", fmt.Errorf("%s has more than %d MB, which is the most that is read of it", name, most>>20)
	}
	return content.String(), err
}
