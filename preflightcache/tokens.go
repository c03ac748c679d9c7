package preflightcache

import (
	"slices"
	"strings"
	"time"
)

// An entry is a method or a header name (lower-case), or "*".
type entry struct {
	token string
	// until is when the entry made by a preflight without and with credentials
	// ends; the zero time where there is none.
	until [2]time.Time
}

const (
	without = 0
	with    = 1
)

// tokens are the methods, or the header names, of a key. A handful, which is
// what servers send, is searched; only beyond that is there an index.
type tokens struct {
	list  []entry
	index map[string]int
}

const searched = 16

func (t *tokens) find(token string) *entry {
	if t.index != nil {
		if i, ok := t.index[token]; ok {
			return &t.list[i]
		}
		return nil
	}
	for i := range t.list {
		if t.list[i].token == token {
			return &t.list[i]
		}
	}
	return nil
}

// add adds an entry. The token is cut from a response's header, which must not be
// kept alive for it.
func (t *tokens) add(token string) *entry {
	token = strings.Clone(token)
	t.list = append(t.list, entry{token: token})
	if t.index != nil {
		t.index[token] = len(t.list) - 1
	} else if len(t.list) > searched {
		t.reindex()
	}
	return &t.list[len(t.list)-1]
}

func (t *tokens) reindex() {
	t.index = make(map[string]int, 2*len(t.list))
	for i := range t.list {
		t.index[t.list[i].token] = i
	}
}

// removeExpired removes the entries whose time has run out.
func (t *tokens) removeExpired(now time.Time) (removed int) {
	n := len(t.list)
	t.list = slices.DeleteFunc(t.list, func(e entry) bool {
		return !now.Before(e.until[without]) && !now.Before(e.until[with])
	})
	if removed = n - len(t.list); removed != 0 && t.index != nil {
		t.reindex()
	}
	return removed
}
