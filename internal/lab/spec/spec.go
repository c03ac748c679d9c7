// Package spec reads the numbered steps of the Fetch standard out of its source, so that
// what this module says of a step can be held against the standard's text: package fetch
// names steps by their numbers, and numbers move when the standard changes.
package spec

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// A Step is a numbered step of an algorithm of the standard.
type Step struct {
	// Algorithm is the id of the algorithm's definition, which is the fragment of its URL.
	Algorithm string
	// Number is its place, such as "4.1" for the first step below step 4. Where a step has
	// several lists below it, those after the first have a letter: "12b.1".
	Number string
	// Hash is a short hash of its text, without markup and white space, that of the steps
	// below it left out.
	Hash string
}

// Snapshot is the commit of github.com/whatwg/fetch whose steps [Known] returns, and which
// this module follows.
const Snapshot = "586cd2a44c2a865b37c166dc0740f3fb8bb220d6"

//go:embed steps.tsv
var known string

// Known returns the steps of the snapshot that this module follows.
func Known() []Step {
	var steps []Step
	for line := range strings.Lines(known) {
		if fields := strings.Split(strings.TrimSpace(line), "\t"); len(fields) == 3 {
			steps = append(steps, Step{fields[0], fields[1], fields[2]})
		}
	}
	return steps
}

// Write writes steps as [Known] reads them.
func Write(w io.Writer, steps []Step) error {
	for _, s := range steps {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\n", s.Algorithm, s.Number, s.Hash); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the steps of all algorithms in the source of the standard (fetch.bs), in its
// order. The error is that of r.
func Read(r io.Reader) ([]Step, error) {
	document, err := html.Parse(r)
	if err != nil {
		return nil, err
	}
	var steps []Step
	defined := make(map[string]int)
	var algorithms func(n *html.Node)
	algorithms = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "div" && attribute(n, "algorithm") != nil {
			if id := definition(n); id != "" {
				if defined[id]++; defined[id] > 1 { // another algorithm of the same name
					id = fmt.Sprint(id, "/", defined[id])
				}
				steps = append(steps, stepsBelow(n, id, "")...)
			}
			return
		}
		for c := range n.ChildNodes() {
			algorithms(c)
		}
	}
	algorithms(document)
	return steps, nil
}

// definition returns the id of what an algorithm defines: of its first dfn that has one, or of
// the term that bikeshed makes one of.
func definition(n *html.Node) string {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == "dfn" {
			if id := attribute(d, "id"); id != nil {
				return *id
			}
			return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(text(d)), "-")), "`", "")
		}
	}
	return ""
}

// stepsBelow returns the steps of the lists below n, whose own number is prefix.
func stepsBelow(n *html.Node, algorithm, prefix string) []Step {
	var steps []Step
	lists := 0
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		for c := range n.ChildNodes() {
			if c.Type != html.ElementNode || c.Data != "ol" {
				walk(c)
				continue
			}
			number := prefix
			if lists > 0 {
				number += string(rune('a' + min(lists, 25)))
			}
			lists++
			if number != "" {
				number += "."
			}
			i := 0
			for li := range c.ChildNodes() {
				if li.Type == html.ElementNode && li.Data == "li" {
					i++
					own := fmt.Sprint(number, i)
					steps = append(steps, Step{algorithm, own, hash(text(li))})
					steps = append(steps, stepsBelow(li, algorithm, own)...)
				}
			}
		}
	}
	walk(n)
	return steps
}

// text returns the text of n, that of lists below it left out, and that of notes.
func text(n *html.Node) string {
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Data == "ol", attribute(n, "class") != nil && slices.Contains(strings.Fields(*attribute(n, "class")), "note"):
			return
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(n)
	return b.String()
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(s), "")))
	return hex.EncodeToString(sum[:4])
}

func attribute(n *html.Node, name string) *string {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			return &n.Attr[i].Val
		}
	}
	return nil
}

// A Change is a difference between two snapshots.
type Change struct {
	Algorithm, Number string
	// What is "changed" (another text at the same place), "moved" (the same text at the place
	// To), "added" or "removed".
	What string
	To   string
}

// Diff returns what became of the steps of before in after, by algorithm and in the order of
// before, and then what is new.
func Diff(before, after []Step) []Change {
	type place struct{ algorithm, number string }
	type content struct{ algorithm, hash string }
	at, of := make(map[place]string), make(map[content][]string)
	for _, s := range after {
		at[place{s.Algorithm, s.Number}] = s.Hash
		of[content{s.Algorithm, s.Hash}] = append(of[content{s.Algorithm, s.Hash}], s.Number)
	}
	kept := make(map[place]bool)
	var changes []Change
	for _, s := range before {
		here, exists := at[place{s.Algorithm, s.Number}]
		switch elsewhere := of[content{s.Algorithm, s.Hash}]; {
		case here == s.Hash:
			kept[place{s.Algorithm, s.Number}] = true
		case len(elsewhere) > 0:
			kept[place{s.Algorithm, elsewhere[0]}] = true
			changes = append(changes, Change{s.Algorithm, s.Number, "moved", elsewhere[0]})
		case exists:
			kept[place{s.Algorithm, s.Number}] = true
			changes = append(changes, Change{Algorithm: s.Algorithm, Number: s.Number, What: "changed"})
		default:
			changes = append(changes, Change{Algorithm: s.Algorithm, Number: s.Number, What: "removed"})
		}
	}
	for _, s := range after {
		if !kept[place{s.Algorithm, s.Number}] {
			changes = append(changes, Change{Algorithm: s.Algorithm, Number: s.Number, What: "added"})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return cmp.Compare(a.Algorithm, b.Algorithm) })
	return changes
}
