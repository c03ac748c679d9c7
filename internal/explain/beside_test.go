package explain

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/cors"
)

const preflightMessage = "Access to fetch at 'https://api.shop.test/v1/cart' from origin 'https://www.shop.test' has been blocked by CORS policy: Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.\n"

// What script and tools show of the request is in what the response must have: whoever adds only
// what the message names finds the next thing missing.
func TestRequestBeside(t *testing.T) {
	for name, tt := range map[string]struct{ text, method, headers, credentials string }{
		"fetch": {text: preflightMessage + `fetch("https://api.shop.test/v1/cart", {
  method: "PUT", credentials: "include",
  headers: { "Content-Type": "application/json", Authorization: "Bearer " + token },
})`, method: "PUT", headers: "authorization, content-type", credentials: "true"},
		"axios":           {text: preflightMessage + `axios.patch(url, data, { headers: { 'X-Shop': 1 } })`, method: "PATCH", headers: "x-shop"},
		"XMLHttpRequest":  {text: preflightMessage + `var x = new XMLHttpRequest(); x.open('DELETE', url); x.setRequestHeader('X-Shop', 'a'); x.send()`, method: "DELETE", headers: "x-shop"},
		"curl":            {text: preflightMessage + "curl 'https://api.shop.test/v1/cart' -X PUT \\\n -H 'Authorization: Bearer x'", method: "PUT", headers: "authorization"},
		"a form's type":   {text: preflightMessage + `fetch(u, {method: "POST", headers: {"Content-Type": "text/plain"}})`},
		"a server's list": {text: preflightMessage + `res.setHeader("x", "y"); app.use(cors({ allowedHeaders: ["Content-Type", "Authorization"] }))`},
		"a server's code": {text: preflightMessage + `return new Response(body, { headers: { "Content-Type": "application/json" } })`},
		"words":           {text: preflightMessage + "I am sending a PUT request from my page.", method: "PUT"},
	} {
		list := Recognize(tt.text)
		if len(list) != 1 {
			t.Fatalf("%s: %d messages", name, len(list))
		}
		advice := list[0].Explain("").Advice
		value := func(header string) string {
			for _, h := range advice[0].Headers {
				if h.Name == header {
					return h.Value
				}
			}
			return ""
		}
		got := [...]string{value(allowMethods), value(allowHeaders), value(allowCredentials)}
		if want := [...]string{tt.method, tt.headers, tt.credentials}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		hinted := strings.Contains(strings.Join(advice[0].Text, " "), "what the request asks for")
		if hinted != (tt.method == "" && tt.headers == "") {
			t.Errorf("%s: %q", name, advice[0].Text)
		}
		need, _ := list[0].Need("")
		if tt.headers != "" && strings.Join(need.Headers, ", ") != tt.headers || tt.method != "" && !slices.Contains(need.Methods, tt.method) {
			t.Errorf("%s: need %+v", name, need)
		}
	}
}

// The address is taken from what is beside the message where only one can be meant.
func TestURLBeside(t *testing.T) {
	for text, want := range map[string]string{
		"TypeError: Failed to fetch\nfetch('https://api.shop.test/v1/cart')":                                                                                                                        "https://api.shop.test/v1/cart",
		"TypeError: Failed to fetch\nsee https://developer.mozilla.org/x and https://stackoverflow.com/q/1":                                                                                         "",
		"TypeError: Failed to fetch\nfetch('https://api.shop.test/a'); fetch('https://other.test/b')":                                                                                               "",
		"TypeError: Failed to fetch\nimport x from 'https://cdn.shop.test/x.js'\nfetch('https://api.shop.test/v1/cart')":                                                                            "https://api.shop.test/v1/cart",
		"from origin 'https://www.shop.test' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.\nRequest URL: https://api.shop.test/v1": "https://api.shop.test/v1",
	} {
		if list := Recognize(text); len(list) != 1 || list[0].URL != want {
			t.Errorf("%+v, want %q, of\n%s", list, want, text)
		}
	}
}

// What a person says of an answer does not contradict the message: an answer that permits is not the
// one that failed.
func TestAnswersBeside(t *testing.T) {
	text := strings.Replace(preflightMessage, "Response to preflight request doesn't pass access control check: ", "", 1) +
		"HTTP/1.1 200 OK\naccess-control-allow-origin: https://www.shop.test\ncontent-type: text/html\n"
	list := Recognize(text)
	if len(list) != 1 || list[0].Reason != cors.MissingAllowOrigin {
		t.Fatalf("%+v", list)
	}
	failure, r := list[0].Failure("")
	if x := list[0].exchange(failure, r); x.Response != nil || len(x.Others) != 1 {
		t.Errorf("%+v", x)
	}
}

// A text names a server by its code, or else by its name.
func TestServersBeside(t *testing.T) {
	for text, want := range map[string]string{
		preflightMessage + "const express = require('express')":                                  "express",
		preflightMessage + "add_header Access-Control-Allow-Origin *; in front of our Rails app": "nginx",
		preflightMessage + "I use Spring Boot.":                                                  "spring",
		preflightMessage + "import { NestFactory } from '@nestjs/core'\napp.use(cors())":         "nestjs",
		preflightMessage + "I express my thanks, the flask is empty":                             "flask",
		preflightMessage + "CORS_ALLOWED_ORIGINS = ['https://www.shop.test']":                    "django", // and not cors_allowed_origins
		preflightMessage: "",
		strings.Replace(preflightMessage, "https://api.shop.test/v1", "http://localhost/socket.io", 1) + "const express = require('express')": "socketio",
		strings.Replace(preflightMessage, "api.shop.test", "api.openai.com", 1) + "const express = require('express')":                        "",
	} {
		list := Recognize(text)
		got := ""
		if ids := list[0].Servers(); len(ids) > 0 {
			got = ids[0]
		}
		if got != want {
			t.Errorf("%q, want %q, of\n%s", got, want, text)
		}
	}
}
