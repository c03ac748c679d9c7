package replay

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is said of the dialects that no recording is at hand of.
func TestDialects(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		want    []string
	}{
		{name: "charles", want: []string{
			"not-subject not-from-a-page", "allowed", "blocked missing-allow-origin", "allowed", "not-subject no-cors", "undecidable response"}},
		{name: "fiddler", want: []string{
			"not-subject not-from-a-page", "allowed", "blocked multiple-allow-origin", "blocked preflight: method-not-allowed", "allowed", "allowed",
			"blocked missing-allow-origin", "undecidable response"}},
		{name: "insomnia", want: []string{
			"undecidable page-origin", "undecidable page-origin", "undecidable page-origin", "undecidable page-origin"}},
		{name: "insomnia", options: Options{Origin: "https://app.example", Credentials: CredentialsNotIncluded}, want: []string{
			"allowed", "blocked allow-origin-mismatch", "undecidable preflight", "undecidable response"}},
		{name: "mitmproxy-11", want: []string{
			"allowed", "blocked multiple-allow-origin", "not-subject no-cors", "undecidable response", "undecidable response", "not-subject websocket"}},
		{name: "har-1.1", want: []string{"allowed"}},
		{name: "har-1.3", want: []string{"allowed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, r := range judgeFile(t, "../../testdata/dialects/"+test.name+".har", test.options) {
				got = append(got, say(r))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
