package cors

import (
	"net/http"
	"testing"
)

func TestTAOCheck(t *testing.T) {
	for _, test := range []struct {
		name     string
		request  TAORequest
		response []string // Timing-Allow-Origin lines
		want     bool
	}{
		{name: "absent", request: TAORequest{Origin: app}},
		{name: "empty", request: TAORequest{Origin: app}, response: []string{""}},
		{name: "wildcard", request: TAORequest{Origin: app}, response: []string{"*"}, want: true},
		{name: "the origin", request: TAORequest{Origin: app}, response: []string{app}, want: true},
		{name: "in a list", request: TAORequest{Origin: app}, response: []string{"https://b.example,\t" + app + " ,null"}, want: true},
		{name: "on another line", request: TAORequest{Origin: app}, response: []string{"https://b.example", app}, want: true},
		{name: "quoted", request: TAORequest{Origin: app}, response: []string{`"` + app + `"`}},
		{name: "inside of quotes", request: TAORequest{Origin: app}, response: []string{`"a, *, b"`}},
		{name: "between spaces", request: TAORequest{Origin: app}, response: []string{"https://b.example " + app}},
		{name: "upper case", request: TAORequest{Origin: app}, response: []string{"https://APP.example"}},
		{name: "trailing slash", request: TAORequest{Origin: app}, response: []string{app + "/"}},
		{name: "null", request: TAORequest{Origin: "null"}, response: []string{"null"}, want: true},
		{name: "failed before", request: TAORequest{Origin: app, TimingAllowFailed: true, BasicTainting: true}, response: []string{"*"}},
		{name: "basic", request: TAORequest{Origin: app, BasicTainting: true}, want: true},
		{name: "basic, others listed", request: TAORequest{Origin: app, BasicTainting: true}, response: []string{"null"}, want: true},
		{name: "navigation", request: TAORequest{Origin: app, BasicTainting: true, CrossOriginNavigation: true}},
		{name: "navigation, listed", request: TAORequest{Origin: app, BasicTainting: true, CrossOriginNavigation: true}, response: []string{app}, want: true},
	} {
		response := http.Header{"Timing-Allow-Origin": test.response}
		if got := TAOCheck(&test.request, response); got != test.want {
			t.Errorf("%s: TAOCheck = %v, want %v", test.name, got, test.want)
		}
	}
}
