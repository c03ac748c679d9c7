package server

import "strings"

var nosniff = [2]string{"x-content-type-options", "nosniff"}

func nosniffStyle(q *request, p *response) {
	if _, ok := q.header("If-Modified-Since"); !ok {
		bareResponse(q, p, "/* nothing to see here */", nosniff)
		return
	}
	p.code = 304
	bareResponse(q, p, "", nosniff)
}

func nosniffImage(q *request, p *response) {
	image := pixel
	if strings.Contains(q.paramOr("type", ""), "svg") {
		image = `<svg xmlns="http://www.w3.org/2000/svg"/>`
	}
	bareResponse(q, p, image, nosniff)
}

func nosniffScript(q *request, p *response) {
	call := "p()"
	if q.paramOr("outcome", "f") == "f" {
		call = "log('FAIL: " + q.paramOr("type", "Content-Type missing") + "')"
	}
	bareResponse(q, p, "// nothing to see here\n"+call, nosniff)
}

func nosniffHeader(q *request, p *response) {
	writeRaw(p, "HTTP/1.1 220 YOU HAVE NO POWER HERE\r\n",
		"Content-Length: 22\r\n",
		"Connection: close\r\n",
		"Content-Type: x/x\r\n",
		q.need("nosniff"), "\r\n\r\n",
		"// nothing to see here")
}

func nosniffWorker(q *request, p *response) {
	bareResponse(q, p, "// nothing to see here\nthis.postMessage('hi')", nosniff)
}
