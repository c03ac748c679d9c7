package browser_test

import (
	"fmt"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

// An engine gives its rules to whatever takes rules, and a client all of them.
func ExampleFind() {
	engine, err := browser.Find("firefox")
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &fetch.Client{Engine: engine}
	fmt.Println(client.Engine.Name())

	_, err = browser.Find("firefix")
	fmt.Println(err)
	// Output:
	// firefox
	// there is no browser "firefix", only standard, chromium, firefox, webkit, chrome, edge, safari
}

// A page sets Save-Data: is a preflight sent? That is not the same in each browser.
func ExampleEngine_CORS() {
	request := &cors.Request{
		Origin: "https://app.example", Method: "GET",
		Headers: headers.List{{Name: "Save-Data", Value: "on"}},
	}
	for _, engine := range browser.All() {
		policy := engine.CORS()
		fmt.Println(engine.Name(), policy.NeedsPreflight(request))
	}
	// Output:
	// standard true
	// chromium false
	// firefox true
	// webkit true
}
