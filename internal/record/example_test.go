package record_test

import (
	"errors"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/corsim/corsim/internal/record"
)

const recording = `{"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "entries": [
{"_resourceType": "fetch",
 "request": {"method": "PUT", "url": "https://api.example/things/1", "headers": [{"name": "Origin", "value": "https://app.example"}]},
 "response": {"status": 0, "headers": [], "_error": "net::ERR_FAILED"}},
{"_resourceType": "preflight",
 "request": {"method": "OPTIONS", "url": "https://api.example/things/1", "headers": [
   {"name": "Origin", "value": "https://app.example"}, {"name": "Access-Control-Request-Method", "value": "PUT"}]},
 "response": {"status": 404, "headers": [{"name": "Content-Type", "value": "text/html"}]}},
{"request": {"method": "GET"}}
]}}`

func Example() {
	reader, err := record.NewReader(strings.NewReader(recording), record.Options{})
	if err != nil {
		log.Fatal(err)
	}
	var pairer record.Pairer
	show := func(pairs []record.Pair) {
		for _, p := range pairs {
			if p.Exchange != nil {
				fmt.Println(p.Exchange.Entry, p.Exchange.Request.Method, p.Exchange.Request.URL, p.Exchange.Response.Status)
			}
			if p.Preflight != nil {
				fmt.Println("  preflight:", p.Preflight.Entry, p.Preflight.Response.Status)
			}
		}
	}
	for {
		exchange, err := reader.Next()
		var bad *record.EntryError
		if errors.As(err, &bad) {
			fmt.Println("left out:", bad)
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		show(pairer.Add(exchange))
	}
	show(pairer.Flush())
	// Output:
	// left out: entry 3 (byte 658): request.url is missing, so that there is nothing to say about the entry
	// entry 1 PUT https://api.example/things/1 0
	//   preflight: entry 2 404
}
