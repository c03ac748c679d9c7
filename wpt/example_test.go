package wpt_test

import (
	"context"
	"fmt"

	"github.com/corsim/corsim/wpt"
)

// Some of the ported web-platform-tests, as the standard has them.
func ExampleRun() {
	report, err := wpt.Run(context.Background(), wpt.Options{Pattern: "cors/origin.htm"})
	if err != nil {
		fmt.Println(err)
		return
	}
	failed := 0
	for _, result := range report.Results {
		if !result.Passed {
			failed++
		}
	}
	fmt.Println(len(report.Results) > 0, failed)
	// Output:
	// true 0
}
