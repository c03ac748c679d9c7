package explain

import (
	"strconv"
	"strings"
)

// django writes settings of django-cors-headers.
func django(n *need) ([]Part, []string, error) {
	return []Part{{"settings.py (pip install django-cors-headers)", text(
		`INSTALLED_APPS += ["corsheaders"]`,
		`MIDDLEWARE.insert(0, "corsheaders.middleware.CorsMiddleware")`,
		"CORS_ALLOWED_ORIGINS = ["+quoted(n.Origins)+"]",
		"CORS_ALLOW_METHODS = ["+quoted(n.Methods)+"]",
		"CORS_ALLOW_HEADERS = ["+quoted(n.Headers)+"]",
		when(n.Credentials, "CORS_ALLOW_CREDENTIALS = True"),
		whenf(len(n.Expose) > 0, "CORS_EXPOSE_HEADERS = [%s]", quoted(n.Expose)),
		whenf(n.MaxAge > 0, "CORS_PREFLIGHT_MAX_AGE = %d", n.MaxAge),
	)}}, []string{"Before them: INSTALLED_APPS and MIDDLEWARE, as lists."}, nil
}

// flask writes a use of flask-cors, which takes a string with a bracket in it for
// a pattern.
func flask(n *need) ([]Part, []string, error) {
	var origins []string
	for _, o := range n.Origins {
		if strings.Contains(o, "[") {
			o = "^" + strings.NewReplacer("[", `\[`, "]", `\]`).Replace(o) + "$"
		}
		origins = append(origins, strconv.Quote(o))
	}
	return []Part{{"In the application (pip install flask-cors)", text(
		"from flask_cors import CORS",
		"\n",
		"CORS(",
		"    app,",
		"    origins=["+strings.Join(origins, ", ")+"],",
		"    methods=["+quoted(n.Methods)+"],",
		"    allow_headers=["+quoted(n.Headers)+"],",
		when(n.Credentials, "    supports_credentials=True,"),
		whenf(len(n.Expose) > 0, "    expose_headers=[%s],", quoted(n.Expose)),
		whenf(n.MaxAge > 0, "    max_age=%d,", n.MaxAge),
		")",
		"\n",
		"# For caches: flask-cors says so only where it allows the origin.",
		"@app.after_request",
		"def vary_by_origin(response):",
		`    response.vary.add("Origin")`,
		"    return response",
	)}}, nil, nil
}

// fastAPI writes a use of Starlette's CORSMiddleware.
func fastAPI(n *need) ([]Part, []string, error) {
	return []Part{{"In the application", text(
			"from fastapi.middleware.cors import CORSMiddleware",
			"\n",
			"app.add_middleware(",
			"    CORSMiddleware,",
			"    allow_origins=["+quoted(n.Origins)+"],",
			"    allow_methods=["+quoted(n.Methods)+"],",
			"    allow_headers=["+quoted(n.Headers)+"],",
			when(n.Credentials, "    allow_credentials=True,"),
			whenf(len(n.Expose) > 0, "    expose_headers=[%s],", quoted(n.Expose)),
			whenf(n.MaxAge > 0, "    max_age=%d,", n.MaxAge),
			")",
			"\n",
			"# For caches: the middleware says so only where it allows the origin.",
			`@app.middleware("http")`,
			"async def vary_by_origin(request, call_next):",
			"    response = await call_next(request)",
			`    response.headers.add_vary_header("Origin")`,
			"    return response",
		)}}, []string{
			"Add them last: the middleware added last is the outermost.",
			"The answer to an exception that nothing handles is made outside of it, without the headers: handle exceptions.",
		}, nil
}
