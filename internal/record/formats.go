package record

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// A Format is a kind of recording.
type Format uint8

// The formats.
const (
	// AnyFormat is for [Options]: the format is recognized from the content.
	AnyFormat Format = iota
	// HAR is an HTTP archive, or just the list that its log.entries is.
	// Several one after another are read as one.
	HAR
	// JSONLines is one entry a line, in the terms of HAR: request.method,
	// request.url, request.headers, response.status, response.headers, and
	// whatever else an entry may have, but only the URL is required. Headers
	// may also be [name, value] pairs, or an object. pageURL is the URL of the
	// document that asked. Each line but the empty ones is an entry, or one that
	// cannot be read, whatever is on the others; only where the format is
	// recognized, not named, may objects be on several lines each.
	JSONLines
	// Messages is raw HTTP: requests and responses as on the wire, one after
	// another, with lines ended by CRLF or LF. Lines "-- name --", as in txtar
	// archives, may stand between them. Responses alone are what curl -i
	// prints; their request is that of [Options].
	Messages
	// CurlVerbose is what curl -v prints, with or without the bodies.
	CurlVerbose
	// NetLog is what Chromium's chrome://net-export and --log-net-log write. It has
	// the browser's own decisions; see [Decision].
	NetLog
	// Burp is the XML of Burp Suite's "Save items".
	Burp
	// AccessLog is the access log of a server, as JSON: that of Caddy, of Traefik, and what nginx,
	// Apache, HAProxy and Envoy write in the formats of docs/watch-production.md.
	AccessLog
	// SAZ is a Session Archive Zip of Fiddler.
	SAZ
	// Charles is a session of Charles in JSON, .chlsj.
	Charles
	// NetworkEvents are the events of the Network domain of the Chrome DevTools Protocol, a
	// list or a line each, as automation logs them.
	NetworkEvents
)

// A formatRow is what there is to know of a format. To add one, add a row to formats, with a
// reader in a file of its own.
type formatRow struct {
	format Format
	option string // its name for programs, as --format takes it
	name   string // its name for people
	// untested: made after public descriptions, without a recording of the software itself.
	untested bool
	// recognize reports whether the beginning of an input shows that it is of this format.
	recognize func(s *sight) bool
	// read returns what reads its entries.
	read func(in *input) entryReader
}

// formats are the formats. Of several that recognize an input the first reads it.
var formats = []formatRow{
	{
		format: HAR, option: "har", name: "HAR",
		recognize: func(s *sight) bool { return s.member == "log" && !s.inList || s.inList && isEntryMember(s.member) },
		read: func(in *input) entryReader {
			return &harReader{c: collector{scanner: in.scanner}, log: in.log, again: in.Again}
		},
	},
	{
		format: JSONLines, option: "jsonl", name: "JSON lines",
		recognize: func(s *sight) bool { return !s.inList && isEntryMember(s.member) },
		read:      func(in *input) entryReader { return newLineReader(in.scanner, in.Format == JSONLines) },
	},
	{
		format: Messages, option: "http", name: "HTTP messages",
		recognize: func(s *sight) bool { _, ok := parseStartLine(s.line); return ok },
		read:      func(in *input) entryReader { return &messageReader{scanner: in.scanner, opts: in.Options} },
	},
	{
		format: CurlVerbose, option: "curl", name: "curl -v",
		recognize: isCurlLine,
		read:      func(in *input) entryReader { return &curlReader{scanner: in.scanner, opts: in.Options} },
	},
	{
		format: NetLog, option: "netlog", name: "NetLog",
		recognize: func(s *sight) bool { return s.member == "constants" && !s.inList },
		read: func(in *input) entryReader {
			return &netLogReader{c: collector{scanner: in.scanner}, log: in.log}
		},
	},
	{
		format: Burp, option: "burp", name: "Burp XML",
		recognize: func(s *sight) bool { return s.element == "items" },
		read:      func(in *input) entryReader { return &burpReader{scanner: in.scanner} },
	},
	{
		format: AccessLog, option: "accesslog", name: "JSON access logs",
		recognize: func(s *sight) bool { return !s.inList && isLogMember(s.member) || isLogLine(s.line) },
		read: func(in *input) entryReader {
			(*in.log).Creator = AccessLogCreator
			return &logReader{s: in.scanner}
		},
	},
	{
		format: SAZ, option: "saz", name: "Fiddler's SAZ",
		recognize: func(*sight) bool { return false }, // open does, by the names of its files
		read: func(in *input) entryReader {
			*in.log = &Log{Creator: "Fiddler"}
			return &sazReader{archive: in.archive, sessions: sazSessions(in.archive)}
		},
	},
	{
		format: Charles, option: "chlsj", name: "Charles's JSON", untested: true,
		recognize: func(s *sight) bool { return s.inList && (s.member == "protocolVersion" || s.member == "actualPort") },
		read: func(in *input) entryReader {
			return &charlesReader{c: collector{scanner: in.scanner}, log: in.log}
		},
	},
	{
		format: NetworkEvents, option: "cdp", name: "Chrome's Network events",
		recognize: isEvent,
		read: func(in *input) entryReader {
			return &eventReader{c: collector{scanner: in.scanner}, log: in.log}
		},
	},
}

// input is what a reader of entries is made of.
type input struct {
	*scanner
	Options
	archive *zipArchive // that the input is, if it is one with other things in it than HARs
	log     **Log       // of the recording, which a reader may replace
}

// rowOf returns the row of a format, nil for AnyFormat.
func rowOf(f Format) *formatRow {
	i := slices.IndexFunc(formats, func(r formatRow) bool { return r.format == f })
	if i < 0 {
		return nil
	}
	return &formats[i]
}

// String returns the format's name.
func (f Format) String() string {
	if r := rowOf(f); r != nil {
		return r.name
	}
	return "unknown"
}

// FormatNamed returns the format of a name, as --format takes it.
func FormatNamed(name string) (Format, error) {
	for i := range formats {
		if formats[i].option == name {
			return formats[i].format, nil
		}
	}
	return AnyFormat, fmt.Errorf("there is no format %q, only %s", name, strings.Join(FormatNames(), ", "))
}

// FormatNames returns the names of the formats, as [FormatNamed] takes them.
func FormatNames() []string {
	names := make([]string, len(formats))
	for i := range formats {
		names[i] = formats[i].option
	}
	return names
}

// Untested returns the names for people of the formats that were made after public
// descriptions alone.
func Untested() (names []string) {
	for i := range formats {
		if formats[i].untested {
			names = append(names, formats[i].name)
		}
	}
	return names
}

// A sight is one thing that the beginning of an input shows. Only one of member, element and
// line is set.
type sight struct {
	// member is the name of a member of the first JSON object, and value what is there of its
	// value, as it is written.
	member string
	value  []byte
	inList bool // the object is in a list
	// element is the name of the first element of XML.
	element string
	// line is a line of text.
	line []byte
}

// isEntryMember reports whether an object with a member of this name is an entry of HAR.
func isEntryMember(name string) bool {
	switch name {
	case "request", "response", "startedDateTime", "pageURL", "_initiator", "_requestId":
		return true
	}
	return false
}

// isEvent reports whether an object is an event of the Chrome DevTools Protocol, or a driver's
// message with one.
func isEvent(s *sight) bool {
	switch s.member {
	case "method":
		domain, _, ok := bytes.Cut(s.value, []byte("."))
		return ok && len(domain) > 1 && len(domain) < 40 && 'A' <= domain[1] && domain[1] <= 'Z' && isText(domain) && !bytes.ContainsAny(domain[1:], " \"{:,")
	case "message":
		return bytes.HasPrefix(s.value, []byte(`"{\"message\"`)) || bytes.HasPrefix(s.value, []byte(`{"method"`))
	}
	return false
}

func isCurlLine(s *sight) bool {
	mark, rest := curlLine(s.line)
	if mark == 0 || mark == '*' {
		return mark == '*'
	}
	_, ok := parseStartLine(rest)
	return ok
}

// foreign are inputs that somebody may take for a recording: a member of their first object, and
// what they are instead.
var foreign = map[string]string{
	"traceEvents": "the input is a trace of DevTools' Performance panel, which has no headers: export a HAR from its Network panel",
	"servers":     scenarioInstead, "steps": scenarioInstead, "client": scenarioInstead,
}

const scenarioInstead = "the input is a scenario, which must be run, not a recording"

// recognize tells the format from what the input begins with. It reads no
// further than it must, so that a pipe can be answered line by line.
func recognize(s *scanner) (Format, error) {
	for {
		head := s.buf[s.pos:s.end]
		format, err := recognizeHead(head, false)
		if format == AnyFormat && err == nil {
			if s.more() {
				continue
			}
			format, err = recognizeHead(head, true)
		}
		if format != AnyFormat || err != nil {
			return format, err
		}
		if err := s.nothing(); err != nil {
			return AnyFormat, err
		}
		switch text := bytes.TrimSpace(head); {
		case len(text) > 0 && text[0] == '{':
			// The log may come after anything; if it never does, the reader
			// of HAR will say so.
			return HAR, nil
		default:
			return AnyFormat, &FormatError{"the input begins with " + beginning(text) +
				" and is not one of the recordings that can be read: " + strings.Join(names(), ", ")}
		}
	}
}

// names are the formats as people are told them.
func names() (all []string) {
	for i := range formats {
		all = append(all, formats[i].name)
	}
	return all
}

// recognizeHead returns AnyFormat if head does not suffice. A line tells only if
// it is there as a whole.
func recognizeHead(head []byte, whole bool) (Format, error) {
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case len(text) == 0:
		return AnyFormat, nil
	case text[0] == '{' || text[0] == '[':
		return recognizeJSON(text, whole)
	case isCall(text):
		return HAR, nil
	case text[0] == '<' && len(text) > 1 && !bytes.HasPrefix(text, []byte("< ")):
		return recognizeXML(text, whole)
	}
	for line := range bytes.Lines(text) {
		if !whole && line[len(line)-1] != '\n' {
			break
		}
		if f := recognized(&sight{line: bytes.TrimRight(line, "\r\n")}); f != AnyFormat {
			return f, nil
		}
	}
	return AnyFormat, nil
}

// isCall reports whether a text begins with a function's name, a parenthesis and an object: a HAR as an argument.
func isCall(text []byte) bool {
	name, argument, ok := bytes.Cut(text[:min(len(text), 2*maxCallName)], []byte("("))
	argument = bytes.TrimLeft(argument, " \t\r\n")
	return ok && len(name) > 0 && len(name) <= maxCallName && !bytes.ContainsFunc(name, func(c rune) bool { return c > 127 || !isNameByte(byte(c)) }) &&
		len(argument) > 0 && argument[0] == '{'
}

// recognized returns the first format that recognizes what is seen.
func recognized(s *sight) Format {
	for i := range formats {
		if formats[i].recognize(s) {
			return formats[i].format
		}
	}
	return AnyFormat
}

// recognizeJSON looks at the members of the first object, in their order.
func recognizeJSON(text []byte, whole bool) (Format, error) {
	t := &scanner{buf: text, pos: 1, end: len(text), srcErr: io.EOF}
	inList, otherwise := text[0] == '[', AnyFormat
	if inList {
		if b, ok := t.next(); !ok && !whole {
			return AnyFormat, nil // what is in the list is still to come
		} else if !ok || b != '{' {
			return HAR, nil // of which the reader will say what is wrong
		}
		t.pos++
		if whole {
			otherwise = HAR
		}
	}
	for {
		name, ok := t.member()
		if !ok && inList && t.pos <= t.end && t.err == nil {
			return HAR, nil // the end of an object in which nothing tells
		}
		if !ok {
			return otherwise, nil
		}
		s := sight{member: string(name), inList: inList}
		if _, ok := t.need(); ok {
			s.value = t.buf[t.pos:t.end]
		}
		if f := recognized(&s); f != AnyFormat {
			return f, nil
		}
		if problem := foreign[s.member]; problem != "" && !inList {
			return AnyFormat, &FormatError{problem}
		}
		if !t.skip() {
			return otherwise, nil
		}
	}
}

// recognizeXML looks at the first element.
func recognizeXML(text []byte, whole bool) (Format, error) {
	root, ok := rootElement(text)
	if !ok && !whole {
		return AnyFormat, nil
	}
	if f := recognized(&sight{element: root}); f != AnyFormat {
		return f, nil
	}
	return AnyFormat, &FormatError{"the input is XML or HTML, but not of Burp's \"Save items\": if it is a session of Charles or Fiddler, export it as HAR"}
}

// rootElement returns the name of the first element of XML; ok is false if that
// is not there as a whole.
func rootElement(text []byte) (name string, ok bool) {
	for {
		i := bytes.IndexByte(text, '<')
		if i < 0 || i+1 == len(text) {
			return "", false
		}
		text = text[i+1:]
		if text[0] != '!' && text[0] != '?' {
			n := bytes.IndexAny(text, " \t\r\n/>")
			return string(text[:max(n, 0)]), n >= 0
		}
	}
}
