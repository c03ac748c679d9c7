package record

import (
	"io"
	"strconv"
	"strings"
)

// harReader finds the entries of HAR.
//
// http://www.softwareishard.com/blog/har-12-spec/
type harReader struct {
	c     collector
	state harState
	list  bool // the input is a list of entries, without a log around it
	found bool // a log, or such a list
	// called: the file is the argument of a function, as HARP is.
	called bool
	log    **Log
	again  func() (io.ReadCloser, error) // nil once it was used
	// pagesOnly: the entries are not looked at.
	pagesOnly bool
}

type harState uint8

const (
	betweenFiles harState = iota
	inFile
	inLog
	inEntries
)

// call passes the name of a function whose first byte is b, up to the parenthesis before its argument, and reports
// whether there is one: a HAR that a script of any origin can load (HARP) is the argument of onInputData.
//
// http://www.softwareishard.com/har/viewer/
func (h *harReader) call(b byte) bool {
	c, ok := &h.c, true
	for n := 0; ok && isNameByte(b) && n < maxCallName; n++ {
		c.pos++
		b, ok = c.next()
	}
	h.called = ok && b == '('
	return h.called
}

// maxCallName bounds the name of the function around a HAR.
const maxCallName = 100

func isNameByte(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_' || b == '$' || b == '.'
}

func (h *harReader) next(index int) (Raw, error) {
	c := &h.c
	for c.err == nil {
		switch h.state {
		case betweenFiles:
			c.passMark()
			b, ok := c.next()
			switch {
			case !ok && c.err == nil && !h.found:
				return Raw{}, &FormatError{`the input is JSON without the member "log": not a HAR`}
			case !ok:
				return Raw{}, c.atEnd()
			case b == '{':
				h.state, h.list = inFile, false
				*h.log = new(Log)
			case b == '[':
				h.state, h.list, h.found = inEntries, true, true
				*h.log = new(Log)
			case h.called && (b == ')' || b == ';'):
			case h.call(b):
			case h.found:
				c.fail("want the end of the file, or another HAR")
				continue
			default:
				return Raw{}, &FormatError{"the input does not begin with an object, but with " + kindOf(b) + ": not a HAR"}
			}
			c.pos++
		case inFile:
			name, ok := c.member()
			switch {
			case !ok && h.pagesOnly:
				return Raw{}, io.EOF // the next file has pages of its own
			case !ok:
				h.state = betweenFiles
			case string(name) != "log":
				c.skip()
			default:
				b, ok := c.need()
				if !ok {
					break
				}
				if b != '{' {
					return Raw{}, h.wrong("log", "an object", b)
				}
				c.pos++
				h.state, h.found = inLog, true
			}
		case inLog:
			name, ok := c.member()
			switch {
			case !ok:
				h.state = inFile
			case string(name) == "entries" && !h.pagesOnly:
				b, ok := c.need()
				switch {
				case !ok:
				case b == '[':
					c.pos++
					h.state = inEntries
				case b == 'n': // null: no entries
					c.skip()
				default:
					return Raw{}, h.wrong("log.entries", "a list", b)
				}
			default:
				h.about(string(name))
			}
		case inEntries:
			b, ok := c.element()
			if !ok {
				h.state = inLog
				if h.list {
					h.state = betweenFiles
				}
				continue
			}
			entry := "entry " + strconv.Itoa(index+1)
			raw, ok := c.entry(b, Raw{index: index, entry: entry, log: *h.log})
			if !ok {
				continue
			}
			if h.again != nil {
				h.lookAhead(&raw)
			}
			return raw, nil
		}
	}
	return Raw{}, c.err
}

// lookAhead finds the pages of the first file that stand behind its entries, if the first entry
// names one.
func (h *harReader) lookAhead(first *Raw) {
	again := h.again
	h.again = nil
	if len((*h.log).Pages) > 0 || !first.namesPage() {
		return
	}
	in, err := again()
	if err != nil {
		return // the entries do without
	}
	defer in.Close()
	src, err := open(in)
	if err != nil {
		return
	}
	pages := new(Log)
	ahead := &harReader{c: collector{scanner: newScanner(src, src.dropped)}, log: &pages, pagesOnly: true}
	ahead.next(0) // to the end of the file, or to what is wrong in it, which the entries lead to as well
	log := **h.log
	log.Pages, log.pageIndex = pages.Pages, pages.pageIndex
	*h.log, first.log = &log, &log
}

func (h *harReader) wrong(what, want string, b byte) error {
	return &FormatError{"not a HAR: its " + what + " should be " + want + " and is " + kindOf(b) + " (byte " + strconv.FormatInt(h.c.offset(), 10) + ")"}
}

// entry collects one entry, which begins with b, into raw.
func (c *collector) entry(b byte, raw Raw) (Raw, bool) { return c.entryOf(&entryNode, b, raw) }

// entryOf is entry for what n says is wanted.
func (c *collector) entryOf(n *node, b byte, raw Raw) (Raw, bool) {
	raw.offset, raw.line = c.offset(), c.line()
	c.reset()
	if b != '{' {
		if !c.one(noField, b) {
			return raw, false
		}
		it, _ := nextItem(string(c.items))
		raw.problem = it.describe() + ", not an object"
		return raw, true
	}
	c.pos++
	if !c.members(n) {
		return raw, false
	}
	if c.tooBig != noField {
		raw.field = path(c.tooBig)
		raw.problem = "makes the entry larger than " + strconv.Itoa(MaxEntryBytes>>20) + " MiB without its bodies"
		return raw, true
	}
	raw.items, raw.requests, raw.responses, raw.cookies = string(c.items), c.requests, c.response, c.cookies
	return raw, true
}

// about reads a member of the log that is not its entries. Snapshots of the log
// are in the hands of entries already: it is replaced, not changed.
func (h *harReader) about(name string) {
	c := &h.c
	c.reset()
	log := **h.log
	switch name {
	case "version":
		if c.value(&node{field: fVersion}) {
			log.Version = h.product().version
		}
	case "creator":
		if c.value(&productNode) {
			p := h.product()
			log.Creator, log.CreatorVersion = p.name, p.version
			log.setDialect()
		}
	case "browser":
		if c.value(&productNode) {
			p := h.product()
			log.Browser, log.BrowserVersion = p.name, p.version
		}
	case "pages":
		b, ok := c.need()
		if !ok || b != '[' {
			c.skip()
			return
		}
		c.pos++
		log.Pages, log.pageIndex = nil, make(map[string]int)
		for {
			if b, ok = c.element(); !ok {
				break
			}
			if b != '{' || len(log.Pages) == MaxPages {
				if !c.skip() {
					return
				}
				continue
			}
			c.reset()
			if !c.value(&pageNode) {
				return
			}
			page := h.page()
			log.pageIndex[page.ID] = len(log.Pages)
			log.Pages = append(log.Pages, page)
		}
	default:
		c.skip()
		return
	}
	*h.log = &log
}

type product struct{ name, version string }

func (h *harReader) product() (p product) {
	for items := string(h.c.items); items != ""; {
		var it item
		it, items = nextItem(items)
		switch it.field {
		case fName:
			p.name, _ = it.text()
		case fVersion:
			p.version, _ = it.text()
		}
	}
	return p
}

func (h *harReader) page() (p Page) {
	// Titles are for people, and a page that long is none.
	const most = 4096
	for items := string(h.c.items); items != ""; {
		var it item
		it, items = nextItem(items)
		s, _ := it.text()
		s = strings.Clone(s[:min(len(s), most)])
		switch it.field {
		case fID:
			p.ID = s
		case fTitle:
			p.Title = s
		case fURL:
			p.URL = s
		}
	}
	if !isHTTPURL(p.URL) {
		p.URL = ""
		if isHTTPURL(p.Title) {
			p.URL = p.Title
		}
	}
	return p
}

func isHTTPURL(s string) bool {
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// setDialect notes what the creator is known to do.
func (l *Log) setDialect() {
	l.dialect = dialect{}
	switch name := l.Creator; {
	case strings.HasPrefix(name, "WebKit Web Inspector"): // Safari's
		l.dialect = dialect{joins: true, sorts: true, hides: true}
	case strings.HasPrefix(name, "WebInspector"): // Chromium's
		l.dialect = dialect{sorts: true, sanitizes: true, requestFirst: true}
	case strings.HasPrefix(name, "Firefox"), strings.HasPrefix(name, "Firebug"):
		l.dialect = dialect{requestFirst: true}
	case strings.HasPrefix(name, "Playwright"):
		l.dialect = dialect{sorts: true, hides: true}
	case name == "mitmproxy har_dump": // its later writers keep repeated headers
		l.dialect = dialect{joins: true}
	case strings.HasPrefix(name, "Insomnia"):
		l.dialect = dialect{authorOnly: true}
	}
}

// A dialect is what the creators of HAR do differently.
type dialect struct {
	joins        bool // repeated headers
	sorts        bool // headers by name
	hides        bool // preflights
	sanitizes    bool // unless asked not to
	requestFirst bool // lists preflights behind their requests
	authorOnly   bool // request headers are those that its user set, all of them
}

func (l *dialect) fidelity() (f Fidelity) {
	if l.joins {
		f |= RepeatsJoined
	}
	if l.sorts {
		f |= OrderLost
	}
	if l.hides {
		f |= PreflightsHidden
	}
	return f
}
