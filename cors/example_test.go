package cors_test

import (
	"fmt"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// These names are what a preflight lists in Access-Control-Request-Headers.
func ExampleCORSUnsafeRequestHeaderNames() {
	request := headers.List{
		{Name: "X-Requested-With", Value: "XMLHttpRequest"},
		{Name: "Accept", Value: "*/*"},
		{Name: "Content-Type", Value: "application/json"},
		{Name: "Authorization", Value: "Bearer 1"},
	}
	fmt.Println(cors.CORSUnsafeRequestHeaderNames(request))
	// Output:
	// [authorization content-type x-requested-with]
}
