package explain

import "fmt"

// netHTTP writes a handler around a handler.
func netHTTP(n *need) ([]Part, []string, error) {
	allowed := ""
	for _, o := range n.Origins {
		allowed += fmt.Sprintf("\t\t%q: true,\n", o)
	}
	return []Part{{"cors.go", text(
		"package main",
		"\n",
		`import "net/http"`,
		"\n",
		"// withCORS lets script of the pages at some origins use what next answers.",
		"func withCORS(next http.Handler) http.Handler {",
		"	allowed := map[string]bool{\n"+allowed+"\t}",
		"	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {",
		"		h := w.Header()",
		`		h.Add("Vary", "Origin")`,
		`		if origin := r.Header.Get("Origin"); allowed[origin] {`,
		`			h.Set("Access-Control-Allow-Origin", origin)`,
		when(n.Credentials, `			h.Set("Access-Control-Allow-Credentials", "true")`),
		whenf(len(n.Expose) > 0, `			h.Set("Access-Control-Expose-Headers", %q)`, commas(n.Expose)),
		"		}",
		when(n.preflight, `		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {`),
		whenf(len(n.listed) > 0, `			h.Set("Access-Control-Allow-Methods", %q)`, commas(n.listed)),
		whenf(len(n.Headers) > 0, `			h.Set("Access-Control-Allow-Headers", %q)`, commas(n.Headers)),
		whenf(n.MaxAge > 0, `			h.Set("Access-Control-Max-Age", "%d")`, n.MaxAge),
		when(n.preflight, "			w.WriteHeader(http.StatusNoContent)\n			return\n		}"),
		"		next.ServeHTTP(w, r)",
		"	})",
		"}",
	)}}, []string{"Put it around the whole handler, authentication included: http.ListenAndServe(address, withCORS(mux))."}, nil
}

// rsCORS writes a use of github.com/rs/cors. It has default headers where none are
// listed; Accept is one that needs no permission anyway.
func rsCORS(n *need) ([]Part, []string, error) {
	names := n.Headers
	if len(names) == 0 {
		names = []string{"accept"}
	}
	return []Part{{"In the program (go get github.com/rs/cors@v1.11.1)", text(
		"handler := cors.New(cors.Options{",
		"	AllowedOrigins: []string{"+quoted(n.Origins)+"},",
		"	AllowedMethods: []string{"+quoted(n.Methods)+"},",
		"	AllowedHeaders: []string{"+quoted(names)+"},",
		when(n.Credentials, "	AllowCredentials: true,"),
		whenf(len(n.Expose) > 0, "	ExposedHeaders: []string{%s},", quoted(n.Expose)),
		whenf(n.MaxAge > 0, "	MaxAge: %d,", n.MaxAge),
		"}).Handler(mux)",
	)}}, []string{"Serve handler, not mux."}, nil
}
