package fetch

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

// manyHeaders is from how many on headers are found by a map of their names: few are found faster without.
const manyHeaders = 32

// A combining is a header list that is made header by header, in which each name is once. Its cost grows with
// the headers alone, however many there are and however often one is there.
type combining struct {
	list   headers.List
	places map[string]int   // of names in lower case, once there are many
	values map[int][]string // by place, of headers that have several
}

// find returns the place of a name, -1 for none.
func (c *combining) find(name string) int {
	if len(c.list) < manyHeaders {
		for i := range c.list {
			if headers.EqualFold(c.list[i].Name, name) {
				return i
			}
		}
		return -1
	}
	if c.places == nil {
		c.places = make(map[string]int, 2*manyHeaders)
		for i, h := range c.list {
			c.places[headers.Lower(h.Name)] = i
		}
	}
	if i, ok := c.places[headers.Lower(name)]; ok {
		return i
	}
	return -1
}

// append adds a header of a name that is not there.
func (c *combining) append(h headers.Header) {
	c.list = append(c.list, h)
	if c.places != nil {
		c.places[headers.Lower(h.Name)] = len(c.list) - 1
	}
}

// combine adds to the value of a header that is there, or adds the header.
//
// https://fetch.spec.whatwg.org/#concept-header-list-combine
func (c *combining) combine(h headers.Header) {
	i := c.find(h.Name)
	if i < 0 {
		c.append(h)
		return
	}
	if c.values == nil {
		c.values = make(map[int][]string)
	}
	if c.values[i] == nil {
		c.values[i] = []string{c.list[i].Value}
	}
	c.values[i] = append(c.values[i], h.Value)
}

// set replaces the value of the header at a place.
func (c *combining) set(i int, value string) {
	delete(c.values, i)
	c.list[i].Value = value
}

// isEmpty reports whether the header at a place has the empty value.
func (c *combining) isEmpty(i int) bool { return c.list[i].Value == "" && c.values[i] == nil }

// finished returns the list.
func (c *combining) finished() headers.List {
	for i, values := range c.values {
		c.list[i].Value = strings.Join(values, ", ")
	}
	c.values = nil
	return c.list
}
