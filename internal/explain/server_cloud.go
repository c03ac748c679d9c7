package explain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// indented writes what configurations in JSON are made of, which cannot fail.
func indented(v any) string {
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(out) + "\n"
}

// apiGateway writes the CORS configuration of an HTTP API.
func apiGateway(n *need) ([]Part, []string, error) {
	config := struct {
		AllowOrigins, AllowMethods []string
		AllowHeaders               []string `json:",omitempty"`
		AllowCredentials           bool     `json:",omitempty"`
		ExposeHeaders              []string `json:",omitempty"`
		MaxAge                     int      `json:",omitempty"`
	}{n.Origins, n.Methods, n.Headers, n.Credentials, n.Expose, n.MaxAge}
	return []Part{{"cors.json, for aws apigatewayv2 update-api --api-id ID --cors-configuration file://cors.json", indented(config)}}, []string{
		"API Gateway answers preflights itself then, and overwrites the CORS headers of the integration.",
	}, nil
}

// s3 writes a bucket's rules, which know five methods.
func s3(n *need) ([]Part, []string, error) {
	for _, m := range n.Methods {
		if !slices.Contains([]string{"GET", "HEAD", "PUT", "POST", "DELETE"}, m) {
			return nil, nil, fmt.Errorf("its rules know no method %s, only GET, HEAD, PUT, POST and DELETE", m)
		}
	}
	type rule struct {
		AllowedOrigins, AllowedMethods []string
		AllowedHeaders                 []string `json:",omitempty"`
		ExposeHeaders                  []string `json:",omitempty"`
		MaxAgeSeconds                  int      `json:",omitempty"`
	}
	config := struct{ CORSRules []rule }{[]rule{{n.Origins, n.Methods, n.Headers, n.Expose, n.MaxAge}}}
	notes := []string{"With CloudFront in front, have its cache key and origin request include Origin."}
	if !n.Credentials {
		notes = append(notes, "S3 allows credentials to every origin that is not \"*\"; that cannot be had otherwise.")
	}
	return []Part{{"cors.json, for aws s3api put-bucket-cors --bucket BUCKET --cors-configuration file://cors.json", indented(config)}}, notes, nil
}

// cloudflare writes a Worker in front of the origin server.
func cloudflare(n *need) ([]Part, []string, error) {
	return []Part{{"The Worker's module", text(
		"const allowed = new Set(["+quoted(n.Origins)+"]);",
		"\n",
		"export default {",
		"  async fetch(request) {",
		`    const origin = request.headers.get("Origin");`,
		when(n.preflight, "    const preflight = request.method === \"OPTIONS\" && request.headers.has(\"Access-Control-Request-Method\");"),
		when(n.preflight, "    const response = preflight ? new Response(null, { status: 204 }) : new Response(...await answer(request));"),
		when(!n.preflight, "    const response = new Response(...await answer(request));"),
		"    const headers = response.headers;",
		`    headers.delete("Access-Control-Allow-Origin");`,
		`    headers.append("Vary", "Origin");`,
		"    if (allowed.has(origin)) {",
		`      headers.set("Access-Control-Allow-Origin", origin);`,
		when(n.Credentials, `      headers.set("Access-Control-Allow-Credentials", "true");`),
		whenf(len(n.Expose) > 0, `      headers.set("Access-Control-Expose-Headers", %q);`, commas(n.Expose)),
		"    }",
		when(n.preflight, "    if (preflight) {"),
		whenf(len(n.listed) > 0, `      headers.set("Access-Control-Allow-Methods", %q);`, commas(n.listed)),
		whenf(len(n.Headers) > 0, `      headers.set("Access-Control-Allow-Headers", %q);`, commas(n.Headers)),
		whenf(n.MaxAge > 0, `      headers.set("Access-Control-Max-Age", "%d");`, n.MaxAge),
		when(n.preflight, "    }"),
		"    return response;",
		"  },",
		"};",
		"\n",
		"// The origin server's answer, as what a changeable Response is made of.",
		"async function answer(request) {",
		"  const response = await fetch(request);",
		"  return [response.body, response];",
		"}",
	)}}, nil, nil
}

// firebase writes a function that uses the package cors and, where headers that
// are always the same will do, Hosting's configuration.
func firebase(n *need) ([]Part, []string, error) {
	options := strings.TrimSuffix(text(
		"  origin: ["+quoted(n.Origins)+"],",
		"  methods: ["+quoted(n.Methods)+"],",
		"  allowedHeaders: ["+quoted(n.Headers)+"],",
		when(n.Credentials, "  credentials: true,"),
		whenf(len(n.Expose) > 0, "  exposedHeaders: [%s],", quoted(n.Expose)),
		whenf(n.MaxAge > 0, "  maxAge: %d,", n.MaxAge),
	), "\n")
	parts := []Part{{"functions/index.js (npm install cors)", text(
		`const { onRequest } = require("firebase-functions/v2/https");`,
		`const cors = require("cors")({`,
		options,
		"});",
		"\n",
		"exports.api = onRequest((request, response) => {",
		"  cors(request, response, () => {",
		`    response.json({ });`,
		"  });",
		"});",
	)}}
	notes := []string{"Leave onRequest's own option cors away: the headers would stand twice."}
	if n.several() || n.preflight {
		return parts, append(notes, "Hosting's headers are always the same, and it answers no preflight: use a function."), nil
	}
	type header struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	list := []header{{"Access-Control-Allow-Origin", n.Origins[0]}}
	if n.Credentials {
		list = append(list, header{"Access-Control-Allow-Credentials", "true"})
	}
	if len(n.Expose) > 0 {
		list = append(list, header{"Access-Control-Expose-Headers", commas(n.Expose)})
	}
	type rule struct {
		Source  string   `json:"source"`
		Headers []header `json:"headers"`
	}
	hosting := map[string]any{"hosting": map[string]any{"headers": []rule{{"**", list}}}}
	return append(parts, Part{"firebase.json, if Hosting serves it", indented(hosting)}), notes, nil
}
