package wire_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/wire"
)

func ExampleParseResponse() {
	recorded := "HTTP/1.1 200 OK\nvary: Origin\nAccess-Control-Allow-Origin : *\nX-B: 1\nx-b: 2\n\nhello"
	response, err := wire.ParseResponse(bufio.NewReader(strings.NewReader(recorded)), "GET")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	fmt.Println(response.Status, response.StatusText, response.Headers, string(body))
	// Output: 200 OK [{vary Origin} {X-B 1} {x-b 2}] hello
}

// A server that puts a space before the colon: package net/http refuses its whole
// response, a browser skips the line.
func ExampleNetwork() {
	server := func(c net.Conn) {
		defer c.Close()
		bufio.NewReader(c).ReadString('\n')
		io.WriteString(c, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin : *\r\nContent-Length: 0\r\n\r\n")
	}
	network := &wire.Network{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		go server(far)
		return near, nil
	}}
	defer network.Close()

	client := &fetch.Client{Network: network}
	page, err := fetch.NewPage("http://app.example/", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Fetch(context.Background(), page, "http://api.example/", nil)
	fmt.Println(err)
	// Output: the response has no Access-Control-Allow-Origin header
}
