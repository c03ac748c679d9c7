package server

func corpHello(q *request, p *response) { corpContent(q, p, "hello") }

func corpScript(q *request, p *response) { corpContent(q, p, "") }

func corpContent(q *request, p *response, content string) {
	p.add("Cross-Origin-Resource-Policy", q.need("corp"))
	if origin, ok := q.header("Origin"); ok {
		p.add("Access-Control-Allow-Origin", origin)
	}
	p.reply(content)
}

func corpFrame(q *request, p *response) {
	p.add("Content-Type", "text/html")
	p.add("Cross-Origin-Resource-Policy", q.need("corp"))
	p.reply("<body></body>")
}

func corpImage(q *request, p *response) {
	var first [][2]string
	if policy, ok := q.params.get("corp"); ok {
		first = append(first, [2]string{"cross-origin-resource-policy", policy})
	}
	if origin, ok := q.params.get("acao"); ok {
		first = append(first, [2]string{"access-control-allow-origin", origin})
	}
	bareResponse(q, p, pixel, first...)
}

func corpRedirect(q *request, p *response) {
	p.status(302)
	p.add("Location", q.need("redirectTo"))
	if policy, ok := q.params.get("corp"); ok {
		p.add("Cross-Origin-Resource-Policy", policy)
	}
	p.reply("")
}
