package transcript

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/fetch"
)

// A Judgement says in which user agents something does not hold.
type Judgement struct {
	// Problems are what is wrong, each with the attempts of which it is, in their
	// order.
	Problems []Problem
	held     []string // the names of the engines in which it holds
}

// A Problem is what is wrong with some attempts.
type Problem struct {
	Text     string
	Attempts []*Attempt
}

// Judge puts attempts to a check, which says what is wrong, "" for nothing.
func Judge(attempts []*Attempt, check func(*Attempt) string) *Judgement {
	j := new(Judgement)
	for _, a := range attempts {
		text := check(a)
		if text == "" {
			j.held = append(j.held, a.Engine)
			continue
		}
		i := slices.IndexFunc(j.Problems, func(p Problem) bool { return p.Text == text })
		if i < 0 {
			i = len(j.Problems)
			j.Problems = append(j.Problems, Problem{Text: text})
		}
		j.Problems[i].Attempts = append(j.Problems[i].Attempts, a)
	}
	return j
}

// OK reports whether nothing is wrong.
func (j *Judgement) OK() bool { return len(j.Problems) == 0 }

// Engines returns the names of the user agents that have a problem.
func (p *Problem) Engines() []string {
	names := make([]string, len(p.Attempts))
	for i, a := range p.Attempts {
		names[i] = a.Engine
	}
	return names
}

// Text returns what is wrong, where, and the transcript of one attempt of each
// kind, in lines that begin with indent.
func (j *Judgement) Text(indent string) string {
	var b strings.Builder
	for i := range j.Problems {
		p := &j.Problems[i]
		w := writer{secrets: p.Attempts[0].secrets()}
		b.WriteString(indent + "got  " + w.text(p.Text) + "\n" + indent + "in   " + strings.Join(p.Engines(), ", "))
		if i == len(j.Problems)-1 && len(j.held) > 0 {
			b.WriteString("; not in " + strings.Join(j.held, ", "))
		}
		b.WriteString("\n\n" + p.Attempts[0].Text(indent+"  "))
		if i < len(j.Problems)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Together returns the transcripts of all attempts, those that are alike once.
func Together(attempts []*Attempt) string {
	var b strings.Builder
	j := Judge(attempts, func(a *Attempt) string { return a.Outcome() + "\n\n" + a.Text("    ") })
	for i := range j.Problems {
		p := &j.Problems[i]
		outcome, text, _ := strings.Cut(p.Text, "\n\n")
		b.WriteString("  " + outcome + "\n  in   " + strings.Join(p.Engines(), ", ") + "\n\n" + text)
		if i < len(j.Problems)-1 {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Differently says how a server answered requests that are alike, where that differs; "" where it
// does not.
func Differently(attempts []*Attempt) string {
	seen := make(map[string][]string)
	var order []string
	for _, a := range attempts {
		times := make(map[string]int)
		for x := range a.exchanges() {
			_, key := keyOf(&fetch.NetworkRequest{Method: x.Method, URL: x.URL, Headers: x.Headers, Preflight: x.Preflight})
			key = fmt.Sprint(times[key], key)
			times[key]++
			if !x.Answered {
				continue
			}
			answer := fmt.Sprintf("status %d", x.Status)
			if _, known := seen[key]; !known {
				order = append(order, key)
			}
			if !slices.Contains(seen[key], answer) {
				seen[key] = append(seen[key], answer)
			}
		}
	}
	for _, key := range order {
		if len(seen[key]) > 1 {
			return strings.Join(seen[key], ", then ")
		}
	}
	return ""
}
