// Command server is the server that the pages of docs/ ask, on 127.0.0.1:8080.
package main

import (
	"log"
	"net/http"

	"github.com/corsim/corsim/internal/lab/demo"
)

func main() {
	const address = "127.0.0.1:8080"
	log.Printf("http://%s/open is for pages of %s; the other paths know nothing of CORS", address, demo.Page)
	log.Fatal(http.ListenAndServe(address, demo.Handler()))
}
