package weburl_test

import (
	"fmt"

	"github.com/corsim/corsim/weburl"
)

// A URL is parsed as a browser parses it, which is not as net/url does.
func ExampleParse() {
	for _, input := range []string{" HTTPS://App.Example:443/a/../b?q=ä#top", "http://0x7f.1/", "https://münchen.example", "https://a b.example"} {
		u, err := weburl.Parse(input)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(u)
	}
	// Output:
	// https://app.example/b?q=%C3%A4#top
	// http://127.0.0.1/
	// https://xn--mnchen-3ya.example/
	// "https://a b.example" is not a URL: the host "a b.example" has ' ' in it
}
