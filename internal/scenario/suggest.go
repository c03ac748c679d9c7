package scenario

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/headers"
)

// unknownField says that there is no field of that name, and which was meant.
func unknownField(name string, known []string) string {
	best, least := "", 1+min(len(name), 32)/3
	if len(name) <= 32 {
		for _, k := range known {
			if n := distance(headers.Lower(name), headers.Lower(k)); n < least+1 {
				best, least = k, n-1
			}
		}
	}
	if best != "" {
		return fmt.Sprintf("there is no such field; did you mean %q?", best)
	}
	return "there is no such field; there are " + strings.Join(known, ", ")
}

// distance returns how many bytes must be inserted, removed or replaced to make
// one string of the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
