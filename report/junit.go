package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// The elements of JUnit's XML, in the order and with the attributes that both of the
// schemas in use allow: that of Apache Ant's task (JUnit.xsd, as published by
// windyroad), which is the stricter one, and that of the Jenkins plugin.
type (
	junitSuite struct {
		XMLName    xml.Name    `xml:"testsuite"`
		Name       string      `xml:"name,attr"`
		Timestamp  string      `xml:"timestamp,attr"`
		Hostname   string      `xml:"hostname,attr"`
		Tests      int         `xml:"tests,attr"`
		Failures   int         `xml:"failures,attr"`
		Errors     int         `xml:"errors,attr"`
		Skipped    int         `xml:"skipped,attr"`
		Time       string      `xml:"time,attr"`
		Properties struct{}    `xml:"properties"`
		Cases      []junitCase `xml:"testcase"`
		Out        string      `xml:"system-out"`
		Err        string      `xml:"system-err"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Failure   *junitFailure `xml:"failure"`
		Skipped   *junitSkipped `xml:"skipped"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
)

// JUnit writes a suite as JUnit's XML, with a testsuite as its root. Where a case is
// written stands in its text: the format has no place for it.
func JUnit(w io.Writer, s *Suite) error {
	cases, failed, skipped := s.Counts()
	name := s.Name
	if name == "" {
		name = "corsim" // a suite without a name is not valid
	}
	x := junitSuite{
		Name: printable(name), Timestamp: s.Time.UTC().Format("2006-01-02T15:04:05"), Hostname: "localhost",
		Tests: cases, Failures: failed, Skipped: skipped,
	}
	var total time.Duration
	for i := range s.Cases {
		c := &s.Cases[i]
		total += c.Duration
		group := c.Group
		if group == "" {
			group = name
		}
		j := junitCase{Name: printable(c.Name), ClassName: printable(group), Time: seconds(c.Duration)}
		switch {
		case c.Failure != nil:
			text := c.Failure.Detail
			if at := c.at(s.File); at != "" {
				text = at + ": " + c.Failure.Message + "\n" + text
			}
			j.Failure = &junitFailure{Type: printable(c.Failure.Rule), Message: printable(c.Failure.Message), Text: printable(text)}
		case c.Skipped != "":
			j.Skipped = &junitSkipped{Message: printable(c.Skipped)}
		}
		x.Cases = append(x.Cases, j)
	}
	x.Time = seconds(total)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(&x); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// at says where a case is written.
func (c *Case) at(file string) string {
	if file == "" || c.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", file, c.Line, max(c.Column, 1))
}

// printable replaces what XML cannot hold, not even escaped: servers send it.
func printable(s string) string {
	clean := func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r', ' ' <= r && r <= 0xD7FF, 0xE000 <= r && r <= 0xFFFD, 0x10000 <= r:
			return r
		}
		return utf8.RuneError
	}
	return strings.Map(clean, s)
}
