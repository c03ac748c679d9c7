package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
)

// What is written about one entry grows with the entry, not with its square: of many header names
// that one value does not allow, each is a reason.
func TestLinesGrowWithTheirEntry(t *testing.T) {
	line := func(names int) (in, out int) {
		asked := make([]string, names)
		for i := range asked {
			asked[i] = fmt.Sprintf("x-%05d", i)
		}
		list := strings.Join(asked, ",")
		recording := `{"request":{"method":"OPTIONS","url":"https://api.example/","headers":[["origin","https://app.example"],` +
			`["access-control-request-method","PUT"],["access-control-request-headers","` + list + `"]]},` +
			`"response":{"status":204,"headers":[["access-control-allow-origin","*"],["access-control-allow-headers","` + strings.ReplaceAll(list, "x", "y") + `"]]}}`
		reader, err := record.NewReader(strings.NewReader(recording), record.Options{})
		if err != nil {
			t.Fatal(err)
		}
		o := &Options{}
		for text, err := range replay.Judge(t.Context(), reader, replay.Options{Engines: browser.All()}, func(r *replay.Result) []byte { return Line(nil, r, o) }) {
			if err != nil {
				t.Fatal(err)
			}
			out += len(text)
		}
		return len(recording), out
	}
	in, out := line(400)
	more, grown := line(1600)
	if float64(grown)/float64(out) > 1.5*float64(more)/float64(in) {
		t.Errorf("%d bytes give %d, %d bytes give %d", in, out, more, grown)
	}
}
