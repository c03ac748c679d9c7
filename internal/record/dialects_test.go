package record

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is read of the dialects that no recording is at hand of.
func TestDialects(t *testing.T) {
	const (
		app   = "origin=https://app.example"
		allow = "access-control-allow-origin=https://app.example access-control-allow-credentials=true"
	)
	tests := map[string]string{
		"charles": "entry 1: CONNECT https://api.example [host=api.example:443 proxy-connection=keep-alive user-agent=Mozilla/5.0] -> 200 []: response headers missing\n" +
			"entry 2: GET https://api.example/things?= [" + app + " user-agent=Mozilla/5.0] -> 200 [" + allow + " content-type=application/json]: complete\n" +
			"entry 3: GET https://api.example/refused [" + app + "] -> 200 [content-type=application/json]: complete\n" +
			"entry 4: OPTIONS https://api.example/put [host=api.example " + app + " access-control-request-method=PUT access-control-request-headers=content-type] -> 204 [" + allow + " access-control-allow-methods=PUT access-control-allow-headers=content-type]: complete\n" +
			"entry 5: PUT https://api.example/put [host=api.example " + app + " content-type=application/json content-length=2] -> 200 [" + allow + "]: complete\n" +
			"entry 6: GET https://api.example/image [referer=https://app.example/] -> 200 [content-type=image/png]: complete\n" +
			"entry 7: GET https://api.example/no-answer [host=api.example " + app + "] -> 0 []: no response recorded\n",
		"insomnia": "entry 1: GET https://api.example/things [] -> 200 [" + allow + "]: complete\n" +
			"entry 2: GET https://api.example/other [] -> 200 [access-control-allow-origin=https://other.example]: complete\n" +
			"entry 3: POST https://api.example/things [content-type=application/json x-key=1] -> 201 [access-control-allow-origin=*]: complete\n" +
			"entry 4: GET https://api.example/never-asked [] -> 0 []: no response recorded\n",
		"har-1.1": "entry 1: GET https://api.example/things [host=api.example " + app + "] -> 200 [" + allow + "]: complete\n",
		"har-1.3": "entry 1: POST https://api.example/things [host=api.example " + app + "] -> 200 [" + allow + "]: complete\n",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open("../../testdata/dialects/" + name + ".har")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if diff := cmp.Diff(want, summary(f, Options{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
