package cors

import (
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// A Policy is what an engine decides differently in this package. The zero value, and a
// nil *Policy, is the standard. Package browser has those of real engines.
type Policy quirks.CORS

// DefaultMaxAge is how long, in seconds, a preflight's permissions hold where
// its response does not say.
//
// https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
const DefaultMaxAge = 5

// standard is what a nil *Policy stands for.
var standard Policy

func (p *Policy) orStandard() *Policy {
	if p == nil {
		return &standard
	}
	return p
}

// lines looks a header up as the standard combines it.
func lines(response Fields, name string) headers.Lines { return standard.lines(response, name) }

// lines looks a header up as the policy combines it.
func (p *Policy) lines(response Fields, name string) headers.Lines {
	var l headers.Lines
	if list, ok := response.(*headers.List); ok {
		l = list.Lines(name)
	} else {
		l = headers.LinesOf(response.Values(name))
	}
	if p.IgnoreEmptyLines && l.Len() > 1 {
		return withoutEmpty(l)
	}
	return l
}

// withoutEmpty drops the empty lines of l, except one where there is no other.
func withoutEmpty(l headers.Lines) headers.Lines {
	kept := make([]string, 0, l.Len())
	for i := range l.Len() {
		if value := l.At(i); value != "" {
			kept = append(kept, value)
		}
	}
	if len(kept) == 0 {
		kept = append(kept, "")
	}
	return headers.LinesOf(kept)
}
