package explain

const beforeOthers = "Put it before everything else that answers: routes, static files, authentication."

// express writes a use of the package cors. It would repeat whatever headers a
// preflight asks for if none were listed, so that the list always stands there.
func express(n *need) ([]Part, []string, error) {
	return []Part{{"In the application (npm install cors)", text(
		`const cors = require("cors");`,
		"\n",
		"app.use(cors({",
		"  origin: ["+quoted(n.Origins)+"],",
		"  methods: ["+quoted(n.Methods)+"],",
		"  allowedHeaders: ["+quoted(n.Headers)+"],",
		when(n.Credentials, "  credentials: true,"),
		whenf(len(n.Expose) > 0, "  exposedHeaders: [%s],", quoted(n.Expose)),
		whenf(n.MaxAge > 0, "  maxAge: %d,", n.MaxAge),
		"}));",
	)}}, []string{beforeOthers}, nil
}
