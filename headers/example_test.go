package headers_test

import (
	"fmt"

	"github.com/corsim/corsim/headers"
)

// Script may fill the headers of a request, but not those that are the user
// agent's; it gets a TypeError only for what no header can hold.
func ExampleHeaders() {
	h, err := headers.NewHeaders(headers.GuardRequest, headers.List{
		{Name: "X-Token", Value: " 1 "},
		{Name: "Cookie", Value: "session=1"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := h.Append("x-token", "2"); err != nil {
		fmt.Println(err)
	}
	if err := h.Set("X-Note", "two\nlines"); err != nil {
		fmt.Println(err)
	}
	for _, header := range h.Entries() {
		fmt.Printf("%s: %s\n", header.Name, header.Value)
	}
	// Output:
	// value of header "X-Note": byte 3 ('\n') cannot be in a header value
	// x-token: 1, 2
}

// In a no-cors request script may set only what needs no preflight.
func ExampleHeaders_noCORS() {
	h, err := headers.NewHeaders(headers.GuardRequestNoCORS, headers.List{
		{Name: "Accept", Value: "text/csv"},
		{Name: "Authorization", Value: "Bearer 1"},
		{Name: "Content-Type", Value: "application/json"},
	})
	fmt.Println(h.List(), err)
	// Output:
	// [{Accept text/csv}] <nil>
}

func ExampleList_ExtractMIMEType() {
	response := headers.List{
		{Name: "Content-Type", Value: "text/html;charset=gbk;a=b"},
		{Name: "Content-Type", Value: "*/*"},
		{Name: "content-type", Value: "text/html;x=y"},
	}
	m, ok := response.ExtractMIMEType()
	fmt.Println(m, m.Essence(), ok)
	// Output:
	// text/html;x=y;charset=gbk text/html true
}

// Commas in quoted strings do not separate.
func ExampleGetDecodeAndSplit() {
	for _, value := range headers.GetDecodeAndSplit(`x/x;test="a,b", y/y,`) {
		fmt.Printf("%q\n", value)
	}
	// Output:
	// "x/x;test=\"a,b\""
	// "y/y"
	// ""
}

// What a server exposes is read as a list of tokens; the safelisted names need
// not be in it.
func ExampleIsCORSSafelistedResponseHeaderName() {
	response := headers.List{{Name: "Access-Control-Expose-Headers", Value: "ETag, Set-Cookie"}}
	exposed, bad, ok := headers.ExtractTokenList(response.Lines("access-control-expose-headers"))
	if !ok {
		fmt.Printf("%q is not a header name\n", bad)
		return
	}
	for _, name := range []string{"etag", "Content-Type", "Set-Cookie", "Server"} {
		fmt.Println(name, headers.IsCORSSafelistedResponseHeaderName(name, exposed))
	}
	// Output:
	// etag true
	// Content-Type true
	// Set-Cookie false
	// Server false
}
