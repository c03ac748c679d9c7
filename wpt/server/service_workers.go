package server

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

// serviceWorkerAccessControl takes CORS headers from the query, may want
// authentication, and tells the whole request as the argument of a script's
// function call. Its videos and uploaded files are not ported.
func serviceWorkerAccessControl(q *request, p *response) {
	p.add("X-ServiceWorker-ServerHeader", "SetInTheServer")
	if origins, ok := q.params.get("ACAOrigin"); ok {
		for _, origin := range strings.Split(origins, ",") {
			p.add("Access-Control-Allow-Origin", origin)
		}
	}
	for _, suffix := range [...]string{"Headers", "Methods", "Credentials"} {
		if value, ok := q.params.get("ACA" + suffix); ok {
			p.add("Access-Control-Allow-"+suffix, value)
		}
	}
	if exposed, ok := q.params.get("ACEHeaders"); ok {
		p.add("Access-Control-Expose-Headers", exposed)
	}
	user, password, authorized := q.auth()
	if q.has("Auth") && user == "" || q.has("AuthFail") {
		p.add("WWW-Authenticate", `Basic realm="Restricted"`)
		p.status(401)
		p.reply("Authentication canceled")
		return
	}
	if q.has("PNGIMAGE") {
		p.add("Content-Type", "image/png")
		p.reply(pixel)
		return
	}
	if !authorized || user == "" {
		user, password = "undefined", "undefined"
	}
	cookie, ok := q.cookies().get("cookie")
	if !ok {
		cookie = "undefined"
	}
	fields, _ := q.form()
	var told values
	tell := func(name, value string) { told = append(told, headers.Header{Name: name, Value: value}) }
	tell("jsonpResult", `"success"`)
	tell("method", jsonString(q.method))
	tell("headers", jsonStrings(q.headers()))
	tell("body", jsonString(string(q.body)))
	tell("files", "[]")
	tell("GET", jsonStrings(q.params.firsts()))
	tell("POST", jsonStrings(fields.firsts()))
	tell("username", jsonString(user))
	tell("password", jsonString(password))
	tell("cookie", jsonString(cookie))
	p.reply("report( " + jsonObject(told) + " )")
}
