package fetch

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/headers"
)

// A list that is combined comes to what the standard's algorithm does step by step.
func TestCombining(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var list combining
		var literal headers.List
		for range 3 * manyHeaders {
			h := headers.Header{Name: fmt.Sprintf("%c-%d", "xX"[r.IntN(2)], r.IntN(2*manyHeaders)), Value: fmt.Sprint(r.IntN(3))}
			if i := list.find(h.Name); i >= 0 && r.IntN(4) == 0 {
				list.set(i, "")
				literal.Set(h.Name, "")
				if !list.isEmpty(i) {
					t.Fatal("what was set to the empty value is not empty")
				}
				continue
			}
			list.combine(h)
			literal.Combine(h.Name, h.Value)
		}
		if diff := cmp.Diff(literal, list.finished()); diff != "" {
			t.Fatalf("-literal +got:\n%s", diff)
		}
	}
}
