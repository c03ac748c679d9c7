package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/replay"
)

// JUnit writes JUnit's XML, which continuous integration reads: a test suite for
// each recording, and in it a test case for each request and browser. A blocked
// request is a failure, one that the recording contradicts or that cannot be read
// an error, an undecidable one is skipped. What is not subject to CORS is left
// out. It keeps all cases until the end, because their number stands before them.
//
// https://github.com/testmoapp/junitxml
type JUnit struct {
	Out     io.Writer
	Options *Options

	suites                []byte
	file                  string
	cases                 bytes.Buffer
	tests, failures, errs int
	skipped               int
	allTests, allFail     int
	allErrors, allSkipped int
	begun                 bool
}

// Begin implements [Sink].
func (j *JUnit) Begin(file string) {
	j.end()
	j.file, j.begun = j.Options.clean(file), true
}

func (j *JUnit) end() {
	if !j.begun {
		return
	}
	j.suites = fmt.Appendf(j.suites, "  <testsuite name=%s tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n%s  </testsuite>\n",
		xmlAttribute(j.file), j.tests, j.failures, j.errs, j.skipped, j.cases.Bytes())
	j.allTests, j.allFail, j.allErrors, j.allSkipped = j.allTests+j.tests, j.allFail+j.failures, j.allErrors+j.errs, j.allSkipped+j.skipped
	j.tests, j.failures, j.errs, j.skipped = 0, 0, 0, 0
	j.cases.Reset()
}

// Add implements [Sink].
func (j *JUnit) Add(r *replay.Result) {
	o, e := j.Options, r.Exchange
	name := e.Entry + ": " + e.Request.Method + " " + e.Request.URL
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		if v.Outcome == replay.NotSubject {
			continue
		}
		j.tests++
		fmt.Fprintf(&j.cases, "    <testcase classname=%s name=%s", xmlAttribute(v.Engine.Name), xmlAttribute(o.clean(name)))
		text := o.clean(strings.Join(messages(v), "; "))
		message := o.clean(Reason(v))
		switch {
		case v.Agreement == replay.Contradicted:
			j.errs++
			j.element("error", "contradicted", "the verdict is "+v.Outcome.String()+", and the recording says: "+o.clean(told(e)), text)
		case v.Outcome == replay.Blocked:
			j.failures++
			j.element("failure", v.Err.Reason.String(), message, text+"\n"+v.Err.Reason.Anchor())
		case v.Outcome == replay.Undecidable:
			j.skipped++
			fmt.Fprintf(&j.cases, "><skipped message=%s/></testcase>\n", xmlAttribute("undecidable: "+message))
		default:
			j.cases.WriteString("/>\n")
		}
	}
}

func (j *JUnit) element(name, kind, message, text string) {
	fmt.Fprintf(&j.cases, "><%s type=%s message=%s>%s</%[1]s></testcase>\n", name, xmlAttribute(kind), xmlAttribute(message), xmlText(text))
}

// Bad implements [Sink].
func (j *JUnit) Bad(err error) {
	j.tests++
	j.errs++
	fmt.Fprintf(&j.cases, "    <testcase classname=\"reading\" name=%s", xmlAttribute("error "+itoa(j.errs)))
	j.element("error", "unreadable", j.Options.clean(err.Error()), "")
}

// Finish implements [Sink].
func (j *JUnit) Finish() error {
	j.end()
	_, err := fmt.Fprintf(j.Out, "%s<testsuites tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n%s</testsuites>\n",
		xml.Header, j.allTests, j.allFail, j.allErrors, j.allSkipped, j.suites)
	return err
}

func xmlText(s string) string {
	if plainXML(s) {
		return s
	}
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}

func xmlAttribute(s string) string { return `"` + xmlText(s) + `"` }

// plainXML reports whether s stands in XML as it is.
func plainXML(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || strings.IndexByte(`<>&"'`, c) >= 0 {
			return false
		}
	}
	return true
}
