package recipe

import (
	"strings"
)

// A language says how a string is written in a kind of configuration. What it has
// to write is printable ASCII: origins with nothing in them but letters, digits
// and -_:/.+[], methods and header names, which are tokens, and what a template
// puts around them.
type language struct {
	// quote returns the literal of a string.
	quote func(string) string
	// refuses are the bytes that no literal can hold without a meaning of their own.
	refuses string
	// unparsed says that there is no parser for it, because people type it into a
	// form.
	unparsed bool
}

// languages are the languages by the names that recipes call them. All that
// begins a meaning inside of a literal is escaped or refused, even where only
// what follows it would give it one.
var languages = map[string]*language{
	"javascript": double(`\`, ""), "typescript": double(`\`, ""), "json": double(`\`, ""), "go": double(`\`, ""), "java": double(`\`, ""), "csharp": double(`\`, ""),
	"python": double(`\`, ""), "rust": double(`\`, ""), "toml": double(`\`, ""), "yaml": double(`\`, ""),
	"hocon": double(`\`, ""), "swift": double(`\`, ""),
	"kotlin": double(`\$`, ""), "ruby": double(`\#`, ""), "elixir": double(`\#`, ""),
	"php": single, "perl": single,
	"shell": {quote: func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }},
	// A symbol of Ruby. Without quotes its grammar has no hyphen: :x-exit subtracts.
	"ruby-symbol": {quote: rubySymbol},
	"xml":         {quote: xmlEscape.Replace},
	// The value of a variable begins at any $, and nothing escapes one. In front of
	// the values of a map, ~ begins a regular expression and \ hides it.
	"nginx": double(`\`, "$~"),
	// mod_headers reads % as a format; the configuration itself reads ${NAME}.
	"apache":      {quote: func(s string) string { return dquote(strings.ReplaceAll(s, "%", "%%"), `\`) }, refuses: "$"},
	"apache-word": double(`\`, "$"),
	"apache-expr": {quote: quoted("'", `\`, `\'`), refuses: "$%'\""},
	// A log-format reads %, and a quotation reads $.
	"haproxy": {quote: func(s string) string { return dquote(strings.ReplaceAll(s, "%", "%%"), `\$`) }},
	// A pattern of HAProxy: % is only itself there.
	"haproxy-word": double(`\$`, ""),
	"caddyfile":    double("", "{}`\\"),
	"vcl":          double("", `"%\`),
	"lighttpd":     double("", `"\$%`),
	"properties":   {quote: func(s string) string { return s }, refuses: `\$#!=`},
	"ini":          {quote: func(s string) string { return s }, refuses: "\"#%';=`\\|$"},
	// The rest of a line, or a word, in files that know no quotes.
	"word": {quote: func(s string) string { return s }, refuses: "!\"#$%&'()*;<=>?\\^`{|}~", unparsed: true},
	// What people type into a field of a form or read in a sentence.
	"form": {quote: func(s string) string { return s }, unparsed: true},
}

var xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;")

var single = &language{quote: quoted("'", `\`, `\'`)}

// double is a language of double quotes, with a backslash before those and before
// the bytes of escape.
func double(escape, refuses string) *language {
	return &language{quote: func(s string) string { return dquote(s, escape) }, refuses: refuses}
}

func dquote(s, escape string) string { return quoted(`"`, `\`, `"`+escape)(s) }

// quoted returns the function that puts quotes around a string, and a sign before
// the bytes to escape.
func quoted(quote, sign, escape string) func(string) string {
	return func(s string) string {
		var b strings.Builder
		b.WriteString(quote)
		for i := range len(s) {
			if strings.IndexByte(escape, s[i]) >= 0 {
				b.WriteString(sign)
			}
			b.WriteByte(s[i])
		}
		b.WriteString(quote)
		return b.String()
	}
}

func rubySymbol(s string) string {
	for i := range len(s) {
		if c := s[i]; !('a' <= c && c <= 'z' || c == '_' || i > 0 && '0' <= c && c <= '9') {
			return ":" + dquote(s, `\#`)
		}
	}
	return ":" + s
}

// ShellWord returns a string as a word of a POSIX shell, in quotes where it needs
// them.
func ShellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !plain(c) && !strings.ContainsRune(":/.,%@+=~", c) }) {
		return s
	}
	return languages["shell"].quote(s)
}
