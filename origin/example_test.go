package origin_test

import (
	"fmt"

	"github.com/corsim/corsim/origin"
)

func ExampleParse() {
	page, err := origin.Parse("https://app.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, header := range []string{"http://app.example", "https://www.app.example", "https://app.example/"} {
		other, err := origin.Parse(header)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(other, "same origin:", other.SameOrigin(page), "same site:", other.SameSite(page))
	}
	// Output:
	// http://app.example same origin: false same site: false
	// https://www.app.example same origin: false same site: true
	// "https://app.example/" is not a serialized origin: byte 19: not allowed in a host
}
