package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/headers"
)

// A Difference is a field in which two outcomes differ.
type Difference struct {
	Step  int    // the index of the step, counted from 0; -1 for a field of the outcome itself
	Field string // such as "status" or "requests[1].headers"

	// Want and Got are JSON, or "absent"; of "steps" their number; of "requests", where their number differs,
	// method and URL; of headers those between what both begin and end with.
	Want, Got string
}

// Agree reports whether two outcomes agree: where all their fields but console
// and reason are equal, or where one of them could not be measured.
func Agree(a, b *Outcome) bool {
	if a.Error != "" || b.Error != "" {
		return true
	}
	return a.ID == b.ID && slices.EqualFunc(a.Steps, b.Steps, func(a, b StepOutcome) bool {
		return a.Result == b.Result && a.Type == b.Type && a.Status == b.Status && a.StatusText == b.StatusText &&
			a.URL == b.URL && a.Redirected == b.Redirected && slices.Equal(a.Headers, b.Headers) && a.Body == b.Body && a.Loaded.equal(&b.Loaded) &&
			slices.EqualFunc(a.Requests, b.Requests, sameRequest)
	})
}

func sameRequest(a, b Request) bool {
	return a.Method == b.Method && a.URL == b.URL && slices.Equal(a.Headers, b.Headers)
}

// Diff returns the fields in which two outcomes differ, in the order of the
// format, and none if and only if they [Agree].
func Diff(want, got *Outcome) []Difference {
	if Agree(want, got) {
		return nil
	}
	d := differ{step: -1}
	d.text("id", want.ID, got.ID)
	d.number("steps", len(want.Steps), len(got.Steps))
	for i := range min(len(want.Steps), len(got.Steps)) {
		d.step = i
		d.stepOutcome(&want.Steps[i], &got.Steps[i])
	}
	return d.found
}

type differ struct {
	step  int
	found []Difference
}

func (d *differ) stepOutcome(want, got *StepOutcome) {
	d.text("result", want.Result, got.Result)
	d.text("type", want.Type, got.Type)
	d.number("status", want.Status, got.Status)
	if want.StatusText != got.StatusText {
		d.add("statusText", string(appendBytes(nil, want.StatusText)), string(appendBytes(nil, got.StatusText)))
	}
	d.text("url", want.URL, got.URL)
	if want.Redirected != got.Redirected {
		d.add("redirected", strconv.FormatBool(want.Redirected), strconv.FormatBool(got.Redirected))
	}
	d.headers("headers", want.Headers, got.Headers)
	if want.Body != got.Body {
		d.add("body", showBody(want.Body), showBody(got.Body))
	}
	if !want.Loaded.equal(&got.Loaded) {
		d.add("loaded", string(want.Loaded.appendJSON(nil)), string(got.Loaded.appendJSON(nil)))
	}
	if len(want.Requests) != len(got.Requests) {
		d.add("requests", showRequests(want.Requests), showRequests(got.Requests))
		return
	}
	for i := range want.Requests {
		w, g := &want.Requests[i], &got.Requests[i]
		if sameRequest(*w, *g) {
			continue
		}
		field := fmt.Sprintf("requests[%d].", i)
		d.text(field+"method", w.Method, g.Method)
		d.text(field+"url", w.URL, g.URL)
		d.headers(field+"headers", w.Headers, g.Headers)
	}
}

func (d *differ) add(field, want, got string) {
	d.found = append(d.found, Difference{d.step, field, want, got})
}

func (d *differ) number(field string, want, got int) {
	if want != got {
		d.add(field, strconv.Itoa(want), strconv.Itoa(got))
	}
}

func (d *differ) text(field, want, got string) {
	if want != got {
		d.add(field, string(appendText(nil, want)), string(appendText(nil, got)))
	}
}

func (d *differ) headers(field string, want, got headers.List) {
	if slices.Equal(want, got) {
		return
	}
	for len(want) > 0 && len(got) > 0 && want[0] == got[0] {
		want, got = want[1:], got[1:]
	}
	for len(want) > 0 && len(got) > 0 && want[len(want)-1] == got[len(got)-1] {
		want, got = want[:len(want)-1], got[:len(got)-1]
	}
	d.add(field, string(appendHeaders(nil, want)), string(appendHeaders(nil, got)))
}

func showBody(body Optional[string]) string {
	if !body.Given {
		return "absent"
	}
	return string(appendBytes(nil, body.Value))
}

// showRequests shows which requests there were: where their number differs,
// that tells more than their headers.
func showRequests(requests []Request) string {
	var b strings.Builder
	for i := range requests {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(requests[i].Method + " " + requests[i].URL)
	}
	return "[" + b.String() + "]"
}
