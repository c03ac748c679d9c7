package monitor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/corsim/corsim/monitor"
)

// A handler is watched: which pages' requests do browsers refuse, and why?
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.HandleFunc("/things", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "https://app.example")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Vary", "Origin")
	})
	watched := monitor.Handler(mux, monitor.Options{})

	for _, page := range []string{"https://app.example", "https://staging.example"} {
		request := httptest.NewRequest("GET", "https://api.example/things", nil)
		request.Header.Set("Origin", page)
		watched.ServeHTTP(httptest.NewRecorder(), request)
	}
	for _, series := range watched.Stats().Series {
		fmt.Printf("%d from %s: %s %q\n", series.Count, series.Origin, series.Verdict, series.Cause)
	}
	// Output:
	// 1 from https://app.example: allowed ""
	// 1 from https://staging.example: blocked "fixed-origin"
}
