package explain

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/recipe"
)

// Every reason can be configured away on every server, or is not one of the
// server's CORS configuration.
func TestEveryReasonOnEveryServer(t *testing.T) {
	for _, reason := range cors.Reasons() {
		e := &cors.Error{Reason: reason, Subject: "PUT", URL: "https://api.example/"}
		r := &cors.Request{Origin: "https://app.example", Method: "PUT", Headers: headers.List{{Name: "X-A", Value: "1"}}}
		if x := Explain(e, r, Exchange{}); len(x.Causes) == 0 {
			t.Fatalf("%v is not explained", reason)
		}
		for _, s := range recipe.All() {
			c, err := recipe.Configure(s.ID, NeedOf(e.URL, r))
			if err != nil || len(c.Parts) == 0 || !strings.Contains(c.String(), "x-a") {
				t.Errorf("%v, %s: %v", reason, s.ID, err)
			}
		}
	}
}
