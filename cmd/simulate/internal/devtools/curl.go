package devtools

import (
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/cmd/simulate/internal/duration"
	"github.com/corsim/corsim/headers"
)

// parseCurl reads the first curl command of src.
func parseCurl(src string, kind Kind) (*Request, *problem) {
	// What stands before the command need not be one at all. On its own line it may
	// matter, but to cmd.exe, whose prompt would read as a redirection.
	read, pos := cmdCommand, indexCurl(src)
	if kind == CurlBash {
		read, pos = posixCommand, strings.LastIndexByte(src[:pos], '\n')+1
	}
	for {
		cmd, err := read(src, pos)
		if err != nil {
			return nil, err
		}
		args, ok := curlArguments(cmd.words)
		if !ok {
			if cmd.end == len(src) {
				return nil, unrecognized(src)
			}
			pos = cmd.end
			continue
		}
		if cmd.problem != nil {
			return nil, cmd.problem
		}
		c := &curl{Request: &Request{Source: kind}}
		if err := c.arguments(args); err != nil {
			return nil, err
		}
		if err := c.finish(cmd.words[len(cmd.words)-len(args)-1].pos); err != nil {
			return nil, err
		}
		if cmd.redirected {
			c.notef("the redirection of curl's input or output was ignored")
		}
		c.noteRest(src, cmd)
		return c.Request, nil
	}
}

// curlArguments returns what follows the command's name where that is curl. What
// people copy with a command is skipped: a prompt, variables, sudo.
func curlArguments(words []word) ([]word, bool) {
	for i, w := range words {
		name := w.text[strings.LastIndexAny(w.text, `/\`)+1:]
		if name == "curl" || name == "curl.exe" {
			return words[i+1:], true
		}
		if w.text != "$" && w.text != "%" && w.text != "sudo" && w.text != "time" && w.text != "command" && w.text != "exec" &&
			strings.IndexByte(w.text, '=') <= 0 {
			return nil, false
		}
	}
	return nil, false
}

// noteRest notes what stands behind the command.
func (c *curl) noteRest(src string, cmd command) {
	rest := strings.Trim(src[cmd.end:], " \t\n;")
	if rest == "" || rest == ")" {
		return
	}
	line, _ := place(src, cmd.end+strings.Index(src[cmd.end:], rest))
	if cmd.operator == "&" && strings.IndexByte(" \t\n", src[cmd.end]) < 0 && c.Source == CurlBash {
		c.notef("line %d: the shell ends the command at the & before %s, which was ignored; quote the URL if that belongs to it", line, quote(firstLine(rest)))
		return
	}
	c.notef("line %d: only the first curl command was read; %s and what follows it was ignored", line, quote(firstLine(rest)))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// A curl is a curl command that is being read.
type curl struct {
	*Request

	url     *word
	more    int // further URLs
	globoff bool
	method  *word
	head    *word
	get     bool
	query   []string // of --url-query

	data     *strings.Builder
	file     *word
	fileText bool
	json     bool

	agent, referer *word
	cookies        []string
	bearer         *word
	custom         headers.List // of -H
	removed        []string     // by -H 'Name:'
}

// An option is one of curl's.
type option struct {
	long  string
	short byte
	// value says that the option takes a value. The function gets the value or,
	// without one, a word that is empty for --no-long and not empty otherwise.
	value bool
	do    func(c *curl, w word) *problem
}

// arguments reads options and URLs.
func (c *curl) arguments(args []word) *problem {
	for len(args) > 0 {
		w := args[0]
		args = args[1:]
		var err *problem
		switch {
		case w.text == "--next":
			c.notef("only the first request of the command was read; --next and what follows it was ignored")
			return nil
		case w.text == "--":
			for _, w := range args {
				c.addURL(w)
			}
			return nil
		case strings.HasPrefix(w.text, "--"):
			args, err = c.long(w, args)
		case strings.HasPrefix(w.text, "-") && len(w.text) > 1:
			args, err = c.short(w, args)
		case w.text != "":
			c.addURL(w)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// long reads an option such as --name, --no-name or --name=value. Its value may be the first of
// the arguments after it; what is left of those is returned.
func (c *curl) long(w word, after []word) ([]word, *problem) {
	name, value, attached := strings.Cut(w.text[2:], "=")
	o, on := longOption(name)
	switch {
	case o == nil:
		return after, problemf(w.pos, "--%s is not an option of curl's that is known here; leave it out, if the request does not depend on it", shorten(name))
	case !o.value && attached:
		return after, problemf(w.pos, "--%s takes no value", name)
	case !o.value && on:
		value = "yes"
	case o.value && !attached:
		if len(after) == 0 {
			return after, problemf(w.pos, "--%s needs a value, and the command ends after it", name)
		}
		return after[1:], o.do(c, after[0])
	}
	return after, o.do(c, word{value, w.pos})
}

// short reads a bundle of options of one letter, such as -sS or -XPUT. The value of the last may
// be the first of the arguments after it; what is left of those is returned.
func (c *curl) short(w word, after []word) ([]word, *problem) {
	for j := 1; j < len(w.text); j++ {
		o := shortOption(w.text[j])
		switch {
		case o == nil:
			return after, problemf(w.pos, "-%s is not an option of curl's that is known here; leave it out, if the request does not depend on it", firstCharacter(w.text[j:]))
		case o.value && j+1 < len(w.text):
			return after, o.do(c, word{w.text[j+1:], w.pos})
		case o.value && len(after) == 0:
			return after, problemf(w.pos, "-%c needs a value, and the command ends after it", o.short)
		case o.value:
			return after[1:], o.do(c, after[0])
		}
		if err := o.do(c, word{"yes", w.pos}); err != nil {
			return after, err
		}
	}
	return after, nil
}

func firstCharacter(s string) string {
	for _, r := range s {
		return string(r)
	}
	return s
}

func longOption(name string) (o *option, on bool) {
	for i := range options {
		if options[i].long == name {
			return &options[i], true
		}
	}
	if positive, ok := strings.CutPrefix(name, "no-"); ok {
		if o, _ := longOption(positive); o != nil && !o.value {
			return o, false
		}
	}
	return nil, false
}

func shortOption(c byte) *option {
	for i := range options {
		if options[i].short == c {
			return &options[i]
		}
	}
	return nil
}

func (c *curl) addURL(w word) *problem {
	if c.url == nil {
		c.url = &w
	} else {
		c.more++
	}
	return nil
}

// header reads -H. As curl has it, "Name;" is a header without a value and "Name:"
// takes away a header that curl itself would send.
func (c *curl) header(w word) *problem {
	if strings.HasPrefix(w.text, "@") {
		return problemf(w.pos, "headers are not read from a file (%s); give each as -H 'Name: value'", quote(w.text))
	}
	from := 0
	if strings.HasPrefix(w.text, ":") {
		from = 1 // a pseudo-header of HTTP/2, as older browsers copied it
	}
	i := strings.IndexByte(w.text[from:], ':') + from
	if i < from {
		name, ok := strings.CutSuffix(headers.Normalize(w.text), ";")
		if !ok {
			return problemf(w.pos, "%s is no header; write 'Name: value', 'Name;' for an empty one, or 'Name:' for none", quote(w.text))
		}
		return c.addHeader(w.pos, name, "")
	}
	name, value := w.text[:i], headers.Normalize(w.text[i+1:])
	if value == "" {
		c.removed = append(c.removed, headers.Lower(name))
		c.notef("%s", "-H "+quote(w.text)+": curl then sends no such header of its own; use "+quote(name+";")+" to send an empty one")
		return nil
	}
	return c.addHeader(w.pos, name, value)
}

func (c *curl) addHeader(pos int, name, value string) *problem {
	if err := checkHeader(pos, name, value); err != nil {
		return err
	}
	c.custom = append(c.custom, headers.Header{Name: name, Value: value})
	return nil
}

// checkHeader says what is wrong with a header. Pseudo-headers are let through.
func checkHeader(pos int, name, value string) *problem {
	if !headers.IsName(strings.TrimPrefix(name, ":")) {
		return problemf(pos, "%s is no header's name; a name consists of letters, digits and -, ., _ and the like", quote(name))
	}
	if i := headers.IndexNonValue(value); i >= 0 {
		return problemf(pos, "the value of the header %s holds %s, which no header's value can", quote(name), quote(value[i:i+1]))
	}
	return nil
}

// addData joins the body with a further piece. The pieces of --json follow each
// other; the others are separated by &.
func (c *curl) addData(pos int, piece string, separator string) *problem {
	if c.file != nil {
		return problemf(pos, "the body is the file %s and cannot be joined with more; give the whole body once", quote(c.file.text))
	}
	if c.data == nil {
		c.data = &strings.Builder{}
	} else {
		c.data.WriteString(separator)
	}
	c.data.WriteString(piece)
	return nil
}

// dataOrFile reads -d, --data-binary and --json, for which @ begins a file's name.
func (c *curl) dataOrFile(w word, text bool, separator string) *problem {
	name, ok := strings.CutPrefix(w.text, "@")
	switch {
	case !ok:
		return c.addData(w.pos, w.text, separator)
	case name == "":
		return problemf(w.pos, "after @ there should be the name of the file that holds the body")
	case c.data != nil || c.file != nil:
		return problemf(w.pos, "the body from the file %s cannot be joined with other data; give the whole body once", quote(name))
	}
	c.file, c.fileText = &word{name, w.pos}, text
	return nil
}

// dataURLEncode reads --data-urlencode: content, =content, name=content, and, with
// a file, @name and name@name.
func (c *curl) dataURLEncode(w word) *problem {
	i := strings.IndexAny(w.text, "=@")
	switch {
	case i < 0:
		return c.addData(w.pos, urlEncode(w.text), "&")
	case w.text[i] == '@':
		return problemf(w.pos, "--data-urlencode %s: a file is not read to be encoded; give its content, encoded, with --data-raw", quote(w.text))
	case i == 0:
		return c.addData(w.pos, urlEncode(w.text[1:]), "&")
	}
	return c.addData(w.pos, w.text[:i+1]+urlEncode(w.text[i+1:]), "&")
}

// urlEncode percent-encodes as curl does: all but unreserved characters, a space as +.
func urlEncode(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte('+')
		case c < 0x80 && c != '$' && isIdentifier(c), strings.IndexByte("-.~", c) >= 0:
			b.WriteByte(c)
		default:
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

func (c *curl) maxTime(w word) *problem {
	seconds, err := strconv.ParseFloat(w.text, 64)
	d, ok := duration.Of(seconds, time.Second)
	if err != nil || !ok && seconds != 0 { // which is no bound
		return problemf(w.pos, "--max-time %s: this is no number of seconds", quote(w.text))
	}
	c.MaxTime = d
	return nil
}

func (c *curl) cookie(w word) *problem {
	if w.text == "" {
		return nil // which turns on curl's own store of cookies
	}
	if headers.IndexNonValue(w.text) >= 0 {
		return problemf(w.pos, "%s holds a line break or NUL, which no header's value can", quote(w.text))
	}
	if !strings.Contains(w.text, "=") {
		return problemf(w.pos, "-b %s: without = this is the name of a file, which is not read; give the cookies as -b 'name=value; name=value'", quote(w.text))
	}
	c.cookies = append(c.cookies, strings.Trim(w.text, "; "))
	return nil
}

// finish puts together what the options said. pos is the place of the word curl.
func (c *curl) finish(pos int) *problem {
	if c.url == nil {
		return problemf(pos, "the curl command has no URL")
	}
	if err := c.finishURL(); err != nil {
		return err
	}
	if c.more > 0 {
		c.notef("only the first URL was read; %d more ignored", c.more)
	}
	if c.head != nil && (c.data != nil || c.file != nil) && !c.get {
		return problemf(c.head.pos, "-I asks for HEAD and the data asks for POST; curl takes only one of them: leave one out, or add -G to send the data in the URL")
	}
	if c.data != nil && !c.get {
		body := c.data.String()
		c.Body = &body
	}
	if c.file != nil {
		c.BodyFile, c.BodyFileText = c.file.text, c.fileText
	}
	c.finishMethod()

	for _, w := range []*word{c.agent, c.referer, c.bearer} {
		if w != nil && headers.IndexNonValue(w.text) >= 0 {
			return problemf(w.pos, "%s holds a line break or NUL, which no header's value can", quote(w.text))
		}
	}

	list := c.custom
	add := func(name, value string) {
		if !list.Contains(name) && !c.isRemoved(name) {
			list = append(list, headers.Header{Name: name, Value: value})
		}
	}
	if c.agent != nil && c.agent.text != "" {
		add("User-Agent", c.agent.text)
	}
	if c.referer != nil && c.referer.text != "" {
		add("Referer", c.referer.text)
	}
	if c.bearer != nil {
		add("Authorization", "Bearer "+c.bearer.text)
	}
	if c.json {
		add("Content-Type", "application/json")
		add("Accept", "application/json")
	} else if c.Body != nil || c.BodyFile != "" {
		add("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.User != "" && list.Contains("Authorization") {
		c.User = ""
		c.notef("-u: ignored, as curl prefers the Authorization header")
	}
	if len(c.cookies) > 0 {
		list = append(list, headers.Header{Name: "Cookie", Value: strings.Join(c.cookies, "; ")})
	}
	c.separate(list, hasBrowserHeader(list))
	return nil
}

func (c *curl) isRemoved(name string) bool {
	for _, removed := range c.removed {
		if headers.EqualFold(removed, name) {
			return true
		}
	}
	return false
}

// finishURL undoes curl's globbing, puts the scheme before a URL that has none, and
// adds the data of -G. Browsers copy a bracket or brace of a URL as \[, which is how
// one tells curl that it means itself.
func (c *curl) finishURL() *problem {
	url := c.url.text
	if !c.globoff {
		var b strings.Builder
		authority := authorityEnd(url)
		for i := 0; i < len(url); i++ {
			switch ch := url[i]; {
			case ch == '\\' && i+1 < len(url) && strings.IndexByte("[]{}", url[i+1]) >= 0:
				i++
				b.WriteByte(url[i])
			case (ch == '{' || ch == '[') && i >= authority:
				return problemf(c.url.pos, "curl takes %q in a URL for a pattern of several URLs; write \\%c, or add --globoff if it is meant literally", ch, ch)
			default:
				b.WriteByte(ch)
			}
		}
		url = b.String()
	}
	if !hasScheme(url) {
		url = "http://" + url
		c.notef("the URL has no scheme: http:// is put before it, as curl does")
	}
	query := c.query
	if c.get && c.data != nil {
		query = append(query, c.data.String())
	}
	if c.get && c.file != nil {
		return problemf(c.file.pos, "-G with the file %s: a file is not read to be put into the URL; write its content into the URL", quote(c.file.text))
	}
	if len(query) > 0 {
		before, fragment, found := strings.Cut(url, "#")
		separator := "?"
		if strings.Contains(before, "?") {
			separator = "&"
		}
		url = before + separator + strings.Join(query, "&")
		if found {
			url += "#" + fragment
		}
	}
	c.URL = url
	return nil
}

// hasScheme reports whether url begins with a scheme and "://".
func hasScheme(url string) bool {
	scheme, _, found := strings.Cut(url, "://")
	return found && scheme != "" && !strings.ContainsAny(scheme, "/?#:@")
}

// authorityEnd returns the index in url after its host and port. Brackets before it are
// those of an IPv6 address, which curl leaves alone.
func authorityEnd(url string) int {
	start := 0
	if i := strings.Index(url, "://"); i >= 0 {
		start = i + 3
	}
	if !strings.HasPrefix(url[start:], "[") {
		return 0
	}
	if i := strings.IndexAny(url[start:], "/?#"); i >= 0 {
		return start + i
	}
	return len(url)
}

func (c *curl) finishMethod() {
	switch {
	case c.method != nil:
		c.Method, c.MethodGiven = c.method.text, true
	case c.head != nil:
		c.Method = "HEAD"
	case c.Body != nil || c.BodyFile != "":
		c.Method = "POST"
	default:
		c.Method = "GET"
	}
}
