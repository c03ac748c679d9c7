package server

import "time"

func eventSourceMessage(q *request, p *response) {
	newline := "\n\n"
	if q.paramOr("newline", "") == "none" {
		newline = ""
	}
	p.add("Content-Type", q.paramOr("mime", "text/event-stream"))
	if ms := integer(q.paramOr("sleep", "0")); ms != 0 {
		p.pause(time.Duration(ms) * time.Millisecond)
	}
	p.reply(q.paramOr("message", "data: data") + newline + "\n")
}

// eventSourceCORS adds CORS headers to what another handler answers.
func eventSourceCORS(q *request, p *response) {
	p.add("Access-Control-Allow-Origin", q.paramOr("origin", q.needHeader("Origin")))
	p.add("Access-Control-Allow-Credentials", q.paramOr("credentials", "true"))
	switch run := q.need("run"); run {
	case "status-reconnect", "message":
		handlers["/eventsource/resources/"+run+".py"](q, p)
	case "redirect":
		handlers["/common/redirect.py"](q, p)
	case "cache-control":
		p.set("Content-Type", "text/event-stream")
		p.content(files["/eventsource/resources/cache-control.event_stream"].content)
		sub(q, p, "html")
	}
}

// eventSourceCORSCookie tells in a first event that it set a cookie, in a
// second that it deleted it, and then stops.
func eventSourceCORSCookie(q *request, p *response) {
	last := q.headerOr("Last-Event-Id", "")
	name := q.paramOr("ident", "test")
	origin := q.paramOr("origin", q.needHeader("Origin"))
	credentials := q.paramOr("credentials", "true")
	cookie := "NO_COOKIE"
	if _, ok := q.cookies().get(name); ok {
		cookie = "COOKIE"
	}
	mime, data := "text/event-stream", ""
	switch last {
	case "":
		p.cookie(name, "COOKIE", "; Path=/")
		data = "id: 1\nretry: 200\ndata: first " + cookie + "\n\n"
	case "1":
		long := time.Date(2001, 7, 27, 12, 0, 0, 0, time.UTC)
		p.cookie(name, "COOKIE", "; "+expires(time.Until(long))+"; Path=/")
		data = "id: 2\ndata: second " + cookie + "\n\n"
	default:
		mime = "stop"
		data = "data: " + last + cookie + "\n\n"
	}
	if origin != "none" {
		p.add("Access-Control-Allow-Origin", origin)
	}
	if credentials != "none" {
		p.add("Access-Control-Allow-Credentials", credentials)
	}
	p.add("Content-Type", mime)
	p.reply(data)
}

func eventSourceLastEventID(q *request, p *response) {
	p.set("Content-Type", "text/event-stream")
	if last, _ := q.header("Last-Event-ID"); last != "" {
		p.reply("data: " + last + "\n\n")
		return
	}
	p.reply("id: " + q.paramOr("idvalue", "…") + "\nretry: 200\ndata: hello\n\n")
}

func eventSourceStatusError(q *request, p *response) {
	code := q.paramOr("status", "404")
	p.statusText(integer(code), "HAHAHAHA")
	p.add("Content-Type", "text/event-stream")
	if code == "204" || code == "205" {
		p.reply("")
	} else {
		p.reply("data: data\n\n")
	}
}

// eventSourceStatusReconnect fails with the status once and then, told by a
// cookie, answers.
func eventSourceStatusReconnect(q *request, p *response) {
	code := q.paramOr("status", "204")
	name := "request" + q.paramOr("id", code)
	if seen, _ := q.cookies().get(name); seen == code {
		p.deleteCookie(name)
		p.add("Content-Type", "text/event-stream")
		p.reply("data: data\n\n")
		return
	}
	p.cookie(name, code, "; Path=/")
	p.statusText(integer(code), "TEST")
	p.add("Content-Type", "text/event-stream")
	body := "retry: 2\n"
	if q.has("ok_first") {
		body += "data: ok\n\n"
	}
	p.reply(body)
}
