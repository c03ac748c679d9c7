package cors_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

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

// A server allows another origin than the page's.
func ExampleCheck() {
	request := &cors.Request{Origin: "https://app.example", Method: "GET"}
	response := http.Header{"Access-Control-Allow-Origin": {"https://www.app.example"}}
	err := cors.Check(request, response)
	fmt.Println(err)
	fmt.Println(errors.Is(err, cors.AllowOriginMismatch))
	// Output:
	// Access-Control-Allow-Origin is "https://www.app.example", not https://app.example
	// true
}

// A PUT of JSON, and the answer to its preflight.
func ExampleValidatePreflight() {
	request := &cors.Request{
		Origin: "https://app.example", Method: "PUT",
		Headers: headers.List{{Name: "Content-Type", Value: "application/json"}},
	}
	fmt.Println(cors.NeedsPreflight(request))
	for _, h := range cors.PreflightHeaders(request) {
		fmt.Println(h.Name+":", h.Value)
	}
	permissions, err := cors.ValidatePreflight(request, 204, headers.List{
		{Name: "Access-Control-Allow-Origin", Value: "https://app.example"},
		{Name: "Access-Control-Allow-Methods", Value: "GET, PUT"},
		{Name: "Access-Control-Max-Age", Value: "600"},
	})
	fmt.Println(slices.Collect(permissions.Methods()), permissions.MaxAge)
	fmt.Println(err)
	// Output:
	// true
	// Accept: */*
	// Access-Control-Request-Method: PUT
	// Access-Control-Request-Headers: content-type
	// [GET PUT] 600
	// preflight: request header content-type is not in Access-Control-Allow-Headers (absent)
}
