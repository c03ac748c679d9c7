package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/redact"
)

// AccessLogCreator is the [Log.Creator] of access logs: servers write down what reached them.
const AccessLogCreator = "access log"

// isLogMember reports whether an object with a member of this name is a line of an access log: the
// first is of the formats that this module documents, the others are Caddy's and Traefik's.
func isLogMember(name string) bool {
	switch name {
	case "accessLog", "logger", "resp_headers", "ClientAddr", "DownstreamStatus":
		return true
	}
	return false
}

// isLogLine reports whether a line of text is one of an access log: before it, a log may have what is
// left of a line where it was cut, or what a server said as it started.
func isLogLine(line []byte) bool {
	if len(line) == 0 || line[0] != '{' {
		return false
	}
	t := &scanner{buf: line, pos: 1, end: len(line), srcErr: io.EOF}
	for {
		name, ok := t.member()
		if !ok {
			return false
		}
		if isLogMember(string(name)) {
			return true
		}
		if !t.skip() {
			return false
		}
	}
}

// logReader reads access logs of servers that are JSON, one request a line: Caddy's as it is by
// default, Traefik's with its headers kept, and those that nginx, Apache, HAProxy and Envoy write
// in the formats of docs/watch-production.md. A broken line costs that line.
type logReader struct {
	s    *scanner
	line []byte
}

func (l *logReader) next(index int) (Raw, error) {
	for {
		if !l.s.fill() {
			return Raw{}, l.s.atEnd()
		}
		if l.s.ahead(len(mark)) == string(mark) { // logs that are put together have one in the middle
			l.s.pos += len(mark)
			continue
		}
		raw := Raw{index: index, offset: l.s.offset(), line: l.s.line()}
		raw.entry = "line " + strconv.FormatInt(raw.line, 10)
		line, cut, ok := l.s.textLine(&l.line)
		if !ok {
			return Raw{}, l.s.atEnd()
		}
		switch line = bytes.TrimSpace(line); {
		case len(line) == 0:
			continue
		case cut:
			raw.problem = "is longer than " + strconv.Itoa(maxLine) + " bytes"
		case line[0] != '{':
			raw.problem = "is no JSON object, as the lines of an access log are"
		default:
			raw.logged = bytes.Clone(line)
		}
		return raw, nil
	}
}

// A logLine is a line of an access log in any of the formats.
type logLine struct {
	AccessLog string      `json:"accessLog"` // who wrote it, such as "nginx/1.28.0"
	TS        logNumber   `json:"ts"`        // seconds since 1970
	Duration  logNumber   `json:"duration"`  // in seconds
	Request   logRequest  `json:"request"`
	Response  logResponse `json:"response"`
	// Caddy's.
	Status      logNumber  `json:"status"`
	RespHeaders logHeaders `json:"resp_headers"`
}

type logRequest struct {
	Method  string          `json:"method"`
	Scheme  string          `json:"scheme"`
	Host    string          `json:"host"`
	URI     string          `json:"uri"`
	Line    string          `json:"line"` // the whole request line, instead of method and URI
	Proto   string          `json:"proto"`
	TLS     json.RawMessage `json:"tls"`
	Headers logHeaders      `json:"headers"`
}

type logResponse struct {
	Status  logNumber  `json:"status"`
	Headers logHeaders `json:"headers"`
}

// A logNumber is a number, perhaps in quotes; 0 for what is not one.
type logNumber float64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *logNumber) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(bytes.Trim(b, `"`)), 64)
	if err == nil {
		*n = logNumber(f)
	}
	return nil
}

// logHeaders are [name, value] pairs, or an object of values or lists of values. What a server
// writes where there is no such header ("", "-" or null) is left out.
type logHeaders struct {
	list  headers.List
	known bool // the member is there
}

// UnmarshalJSON implements [json.Unmarshaler].
func (h *logHeaders) UnmarshalJSON(b []byte) error {
	h.known = true
	if len(b) > 0 && b[0] == '[' {
		return h.readPairs(b)
	}
	var object map[string]logValues
	if err := json.Unmarshal(b, &object); err != nil {
		return err
	}
	for name, values := range object {
		for _, value := range values {
			h.add(name, value)
		}
	}
	slices.SortStableFunc(h.list, func(a, b headers.Header) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// readPairs reads a list of pairs, which is valid JSON. There are some twenty on each line, so that it
// must be cheap.
func (h *logHeaders) readPairs(b []byte) error {
	h.list = make(headers.List, 0, 8)
	var pair [2]string
	count := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '[':
			count = 0
		case ']':
			if count == 2 && pair[1] != "" && pair[1] != "-" {
				h.add(pair[0], pair[1])
			}
			count = 0
		case '"':
			end := i + 1
			for b[end] != '"' {
				if b[end] == '\\' {
					end++
				}
				end++
			}
			if count < 2 {
				pair[count] = string(b[i+1 : end])
				if strings.IndexByte(pair[count], '\\') >= 0 {
					pair[count] = unescape(pair[count])
				}
			}
			count++
			i = end
		case 'n': // null
			if count < 2 {
				pair[count] = ""
			}
			count++
			i += len("ull")
		case '{', 't', 'f', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			return errors.New("a header is no pair of strings")
		}
	}
	return nil
}

func (h *logHeaders) add(name, value string) {
	value, _ = headerBytes(value)
	h.list = append(h.list, headers.Header{Name: headers.Lower(name), Value: headers.Normalize(value)})
}

// logValues are the values of a header: a list of them, or one.
type logValues []string

// UnmarshalJSON implements [json.Unmarshaler].
func (v *logValues) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		if err := json.Unmarshal(b, (*[]string)(v)); err != nil || len(*v) > 0 {
			return err
		}
		*v = logValues{redact.Redacted} // so Caddy before 2.7 writes cookies and credentials
		return nil
	}
	var one *string
	if err := json.Unmarshal(b, &one); err != nil || one == nil || *one == "" || *one == "-" {
		return err
	}
	*v = logValues{*one}
	return nil
}

// decodeLogged decodes a line of an access log.
func (r *Raw) decodeLogged() (*Exchange, error) {
	bad := func(field, problem string) (*Exchange, error) {
		return nil, &EntryError{r.index, r.entry, r.offset, r.line, field, problem}
	}
	var line logLine
	var err error
	if isTraefik(r.logged) {
		err = line.readTraefik(r.logged)
	} else {
		err = json.Unmarshal(validEscapes(r.logged), &line)
	}
	if err != nil {
		return bad("", "is broken JSON, or a member is of another kind than in an access log")
	}
	e := &Exchange{Index: r.index, Entry: r.entry, Offset: r.offset, Line: r.line}
	e.Request = Request{Method: line.Request.Method, HTTPVersion: line.Request.Proto, Headers: line.Request.Headers.list, BodySize: -1}
	e.Response = Response{Status: int(line.Status), Headers: line.RespHeaders.list, BodySize: -1}
	known := line.RespHeaders.known
	if line.Response.Status != 0 || line.Response.Headers.known {
		e.Response.Status, e.Response.Headers, known = int(line.Response.Status), line.Response.Headers.list, line.Response.Headers.known
	}
	target := line.Request.URI
	if line.Request.Line != "" {
		e.Request.Method, target, _ = strings.Cut(line.Request.Line, " ")
		target, e.Request.HTTPVersion, _ = strings.Cut(target, " ")
	}
	switch {
	case e.Request.Method == "-", target == "-":
		// A connection that was closed before it had sent a request, as health checks do.
		e.Request.Method, target = "<none>", "/"
	case e.Request.Method == "":
		return bad("request.method", "is missing")
	case target == "":
		return bad("request.uri", "is missing, so that there is nothing to say about the entry")
	case line.Request.Host == "" && strings.HasPrefix(target, "/"):
		return bad("request.host", "is missing")
	}
	e.Request.URL = target
	if strings.HasPrefix(target, "/") || target == "*" {
		scheme := line.Request.Scheme
		if scheme == "" && len(line.AccessLog) == 0 { // Caddy tells it so
			if scheme = "http"; len(line.Request.TLS) > 0 && string(line.Request.TLS) != "null" {
				scheme = "https"
			}
		}
		e.locate(line.Request.Host, scheme)
	}
	if line.TS > 0 {
		e.Started = time.UnixMicro(int64(float64(line.TS) * 1e6)).UTC()
	}
	e.Duration = milliseconds(float64(line.Duration) * 1000)
	if !e.Request.Headers.Contains("host") {
		e.Request.Headers = append(e.Request.Headers, headers.Header{Name: "host", Value: line.Request.Host})
	}
	if known && !e.Response.Headers.Contains("server") && line.AccessLog != "" {
		// The format names each header that decides: those that are not there were not sent.
		e.Response.Headers = append(e.Response.Headers, headers.Header{Name: "server", Value: line.AccessLog})
	}
	e.Request.bodyFromHeaders()
	e.Fidelity |= logFidelity(line.AccessLog)
	for _, list := range [...]headers.List{e.Request.Headers, e.Response.Headers} {
		if slices.ContainsFunc(list, func(h headers.Header) bool { return Redacted(h.Value) }) {
			e.Fidelity |= ValuesRedacted
		}
	}
	e.conclude()
	return e, nil
}

// logFidelity returns what a server's own way of writing headers loses.
func logFidelity(server string) Fidelity {
	name, version, _ := strings.Cut(server, "/")
	switch name {
	case "nginx":
		// Before 1.23 $sent_http_name is the first header of that name; since then all, joined.
		major, rest, _ := strings.Cut(version, ".")
		minor, _, _ := strings.Cut(rest, ".")
		if n, err := strconv.Atoi(minor); major == "1" && err == nil && n < 23 {
			return RepeatsMerged
		}
		return RepeatsJoined
	case "apache", "envoy":
		return RepeatsMerged // the first one of a name
	case "traefik":
		return RepeatsJoined
	}
	return 0
}

// validEscapes makes Apache's \xhh, which JSON has not, \u00hh.
func validEscapes(line []byte) []byte {
	if !bytes.Contains(line, []byte(`\x`)) {
		return line
	}
	out := make([]byte, 0, len(line)+16)
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' || i+1 == len(line) {
			out = append(out, line[i])
			continue
		}
		if i++; line[i] == 'x' {
			out = append(out, `\u00`...)
		} else {
			out = append(out, '\\', line[i])
		}
	}
	return out
}

// isTraefik reports whether a line is of Traefik, all of whose members are in one object.
func isTraefik(line []byte) bool { return bytes.Contains(line, []byte(`"DownstreamStatus":`)) }

// readTraefik reads a line of Traefik's JSON, with headers kept.
func (l *logLine) readTraefik(line []byte) error {
	var t struct {
		StartUTC       time.Time
		Duration       int64 // in nanoseconds
		RequestMethod  string
		RequestScheme  string
		RequestAddr    string
		RequestPath    string
		RequestProto   string `json:"RequestProtocol"`
		DownstreamCode int    `json:"DownstreamStatus"`
	}
	if err := json.Unmarshal(line, &t); err != nil {
		return err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(line, &all); err != nil {
		return err
	}
	*l = logLine{AccessLog: "traefik", TS: logNumber(float64(t.StartUTC.UnixMicro()) / 1e6), Duration: logNumber(float64(t.Duration) / 1e9)}
	l.Request = logRequest{Method: t.RequestMethod, Scheme: t.RequestScheme, Host: t.RequestAddr, URI: t.RequestPath, Proto: t.RequestProto}
	l.Response.Status = logNumber(t.DownstreamCode)
	for name, raw := range all {
		var value string
		if json.Unmarshal(raw, &value) != nil {
			continue
		}
		if request, ok := strings.CutPrefix(name, "request_"); ok {
			l.Request.Headers.add(request, value)
		} else if response, ok := strings.CutPrefix(name, "downstream_"); ok {
			l.Response.Headers.known = true
			l.Response.Headers.add(response, value)
		}
	}
	byName := func(a, b headers.Header) int { return strings.Compare(a.Name, b.Name) }
	slices.SortStableFunc(l.Request.Headers.list, byName)
	slices.SortStableFunc(l.Response.Headers.list, byName)
	return nil
}
