package server

// originRedirectAndStash lists the Origin header of each request under stash,
// and gives the list with dump.
func originRedirectAndStash(q *request, p *response) {
	key := q.need("stash")
	list, seen := q.take(key).([]string)
	if q.has("dump") {
		p.set("Content-Type", "application/json")
		p.content("null")
		if seen {
			p.content(jsonArray(list))
		}
		return
	}
	q.put(key, append(list, jsonString(q.headerOr("Origin", "no Origin header"))))
	if location, ok := q.params.get("location"); ok {
		if q.has("dummyJS") {
			location += "&dummyJS"
		}
		p.status(308)
		p.set("Location", location)
		return
	}
	p.set("Content-Type", "text/html")
	p.set("Access-Control-Allow-Origin", "*")
	if q.has("dummyJS") {
		p.content("console.log('dummy JS')")
	} else {
		p.content(notify("loaded"))
	}
}

func originReferrerPolicy(q *request, p *response) {
	if policy, ok := q.params.get("referrerPolicy"); ok {
		p.set("Referrer-Policy", policy)
	}
	p.status(200)
	p.set("Content-Type", "text/html")
	p.content(notify("action"))
}

// notify is a document that sends its parent a message.
func notify(message string) string {
	return "<meta charset=utf-8>\n<script>parent.postMessage('" + message + "','*')</script>"
}
