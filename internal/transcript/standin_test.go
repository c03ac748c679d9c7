package transcript

import (
	"testing"

	"github.com/corsim/corsim/origin"
)

func TestStandIn(t *testing.T) {
	for _, test := range []struct {
		base, url string
		want      origin.AddressSpace
	}{
		{"http://127.0.0.1:3000/api", "http://127.0.0.1:3000/api/things", origin.SpaceUnknown},
		{"http://127.0.0.1:3000", "http://localhost:3000/", origin.SpaceLoopback},
		{"http://192.168.1.1", "http://192.168.1.1/", origin.SpaceLocal},
		{"https://api.example", "http://[::1]/", origin.SpaceLoopback},
		{"", "https://api.example/", origin.SpaceUnknown},
	} {
		if got, err := StandIn(test.base, nil)(t.Context(), test.url); got != test.want || err != nil {
			t.Errorf("%s at %q: %v, %v, want %v", test.url, test.base, got, err, test.want)
		}
	}
}
