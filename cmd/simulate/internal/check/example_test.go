package check_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/corsim/corsim/cmd/simulate/internal/check"
)

// A page asks an API with PUT, which the API's answer to the preflight forgets.
func ExampleRun() {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
	}))
	defer api.Close()

	report, err := check.Run(context.Background(), check.Options{
		URL: api.URL + "/things", Origin: "https://app.example", Method: "PUT",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Verdict, report.Failure)
	for _, h := range report.Advice[0].Headers {
		fmt.Println(h.Name+":", h.Value)
	}
	// Output:
	// blocked preflight: method PUT is not in Access-Control-Allow-Methods (absent) (it was sent first because method PUT is not one of GET, HEAD, POST)
	// Access-Control-Allow-Methods: PUT
}
