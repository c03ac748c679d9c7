package cors

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

func TestCORSUnsafeRequestHeaderNames(t *testing.T) {
	accept := func(n int) headers.Header { return headers.Header{Name: "Accept", Value: strings.Repeat("a", n)} }
	full := slices.Repeat(headers.List{accept(128)}, 8) // 1024 bytes
	for _, test := range []struct {
		does string
		list headers.List
		want []string
	}{
		{"nothing", nil, nil},
		{"safelisted only", headers.List{{Name: "Accept", Value: "*/*"}, {Name: "Content-Type", Value: "text/plain"}, {Name: "Range", Value: "bytes=0-"}}, nil},
		{"lower-case, sorted, once", headers.List{{Name: "X-b", Value: ""}, {Name: "x-a", Value: ""}, {Name: "X-B", Value: ""}, {Name: "Authorization", Value: "a"}}, []string{"authorization", "x-a", "x-b"}},
		{"the value decides", headers.List{{Name: "Content-Type", Value: "application/json"}, {Name: "Accept", Value: "("}, {Name: "Range", Value: "bytes=-1"}}, []string{"accept", "content-type", "range"}},
		{"one unsafe of two of a name", headers.List{{Name: "Accept", Value: "*/*"}, {Name: "ACCEPT", Value: "("}}, []string{"accept"}},
		{"each line is safelisted alone", headers.List{{Name: "Content-Type", Value: "text/plain"}, {Name: "Content-Type", Value: "text/plain"}}, nil},
		{"1024 bytes", full, nil},
		{"1025 bytes", append(full.Clone(), headers.Header{Name: "Accept-Language", Value: "a"}), []string{"accept", "accept-language"}},
		{"1024 bytes and an empty value", append(full.Clone(), headers.Header{Name: "Accept-Language", Value: ""}), nil},
		{"unsafe values do not count", append(full.Clone(), headers.Header{Name: "X-A", Value: strings.Repeat("a", 2000)}), []string{"x-a"}},
		{"over 128 bytes counts as unsafe alone", append(full.Clone(), headers.Header{Name: "Content-Language", Value: strings.Repeat("a", 129)}), []string{"content-language"}},
		{"over the total, unsafe ones among them", append(headers.List{{Name: "X-A", Value: ""}, accept(1)}, full...), []string{"accept", "x-a"}},
	} {
		if got := CORSUnsafeRequestHeaderNames(test.list); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.does, got, test.want)
		}
	}
}
