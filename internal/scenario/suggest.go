package scenario

import (
	"fmt"
	"strings"

	"github.com/corsim/corsim/internal/nearest"
)

// unknownField says that there is no field of that name, and which was meant.
func unknownField(name string, known []string) string {
	if best := nearest.Of(name, known); best != "" {
		return fmt.Sprintf("there is no such field; did you mean %q?", best)
	}
	return "there is no such field; there are " + strings.Join(known, ", ")
}
