package scenario

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/nearest"
)

// unknownField says that there is no field of that name, and which was meant.
func unknownField(name string, known []string) string {
	best, least := "", 1+min(len(name), 32)/3
	if len(name) <= 32 {
		for _, k := range known {
			if n := nearest.Distance(headers.Lower(name), headers.Lower(k)); n < least+1 {
				best, least = k, n-1
			}
		}
	}
	if best != "" {
		return fmt.Sprintf("there is no such field; did you mean %q?", best)
	}
	return "there is no such field; there are " + strings.Join(known, ", ")
}
