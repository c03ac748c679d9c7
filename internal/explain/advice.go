// Package explain turns a failure into what to do about it. What it advises is
// the smallest change that lets the one request pass that failed: it never
// allows an origin, a method or a header that was not asked for.
package explain

import (
	"fmt"

	"github.com/corsim/corsim/headers"
)

// Advice is what to change about one response.
type Advice struct {
	// Preflight says that it is the response to the preflight; otherwise it is
	// that to the request itself. URL is the response's.
	Preflight bool
	URL       string

	// Unseen says that nobody has seen that response yet, as the request was not
	// sent: these are what it must have, not what it lacks.
	Unseen bool

	// Status is the status that the response must have, 0 where it may stay.
	Status int

	// Headers are the headers that the response must have.
	Headers []HeaderLine

	// Text says what headers cannot, a sentence each: what to change elsewhere, or
	// what to mind.
	Text []string
}

// A HeaderLine is a header that a response must have: in place of all that it has
// of that name or, with Add, beside them.
type HeaderLine struct {
	Name, Value string
	Add         bool
}

// Apply returns the status and headers of a response with the advice followed.
func (a *Advice) Apply(status int, list headers.List) (int, headers.List) {
	list = list.Clone()
	if a.Status != 0 {
		status = a.Status
		list.Delete("Location")
	}
	for _, h := range a.Headers {
		if h.Add {
			list.Append(h.Name, h.Value)
		} else {
			list.Set(h.Name, h.Value)
		}
	}
	return status, list
}

// set adds a header line, in place of one of the same name.
func (a *Advice) set(name, value string) {
	for i := range a.Headers {
		if a.Headers[i].Name == name && !a.Headers[i].Add {
			a.Headers[i].Value = value
			return
		}
	}
	a.Headers = append(a.Headers, HeaderLine{Name: name, Value: value})
}

// say adds a sentence, once.
func (a *Advice) say(sentence string) {
	for _, said := range a.Text {
		if said == sentence {
			return
		}
	}
	if sentence != "" {
		a.Text = append(a.Text, sentence)
	}
}

// Lines returns the advice for people: which response needs what, and what else to
// do.
func (a *Advice) Lines() (lines []string) {
	if a.Status != 0 || len(a.Headers) > 0 {
		switch {
		case a.Preflight:
			lines = append(lines, "The response to the preflight needs")
		case a.Unseen:
			lines = append(lines, "The response to the request itself, which was not sent, will need")
		default:
			lines = append(lines, "The response needs")
		}
		if a.Status != 0 {
			lines = append(lines, fmt.Sprintf("    status %d", a.Status))
		}
		for _, h := range a.Headers {
			lines = append(lines, "    "+h.Name+": "+h.Value)
		}
	}
	return append(lines, a.Text...)
}
