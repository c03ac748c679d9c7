// Package demo is the server that the documentation asks: one path of it knows CORS.
package demo

import (
	"io"
	"net/http"
)

// Page is the origin that may use [Handler].
const Page = "http://localhost:3000"

// Handler answers /open with what lets [Page] read it and send PUT with JSON; the other paths know
// nothing of CORS.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello\n") })
	mux.HandleFunc("/open", func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Vary", "Origin")
		if r.Header.Get("Origin") == Page {
			h.Set("Access-Control-Allow-Origin", Page)
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Expose-Headers", "X-Total-Count")
		}
		if r.Method == http.MethodOptions {
			h.Set("Access-Control-Allow-Methods", "PUT")
			h.Set("Access-Control-Allow-Headers", "content-type")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.Set("X-Total-Count", "7")
		io.WriteString(w, "{}\n")
	})
	return mux
}
