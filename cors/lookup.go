package cors

import "github.com/corsim/corsim/headers"

// A lookup answers which names are in a list of names, in any case. The server
// decides how long the list is, and the page or again the server how many names
// are looked up: to search the list for each would take their product.
type lookup struct {
	list  headers.TokenList
	index map[string]struct{} // lower-case; nil where the list is searched
}

// few is up to how many headers searching beats an index.
const few = 32

// lookupIn returns a lookup in list that is good for n names.
func lookupIn(list headers.TokenList, n int) lookup {
	l := lookup{list: list}
	if n > few {
		l.index = make(map[string]struct{})
		for name := range list.All() {
			l.index[headers.Lower(name)] = struct{}{}
		}
	}
	return l
}

func (l *lookup) has(name string) bool {
	if l.index == nil {
		return l.list.HasFold(name)
	}
	_, ok := l.index[headers.Lower(name)]
	return ok
}
