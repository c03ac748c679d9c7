package server

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// secFetch is the object of the request's fetch metadata headers.
func secFetch(q *request) string {
	var members values
	for _, name := range [...]string{"dest", "mode", "site", "user"} {
		members = append(members, headers.Header{Name: name, Value: q.headerOr("Sec-Fetch-"+name, "")})
	}
	return jsonStrings(members)
}

func metadataJSON(q *request, p *response) {
	if q.method == "OPTIONS" && q.headerOr("Sec-Fetch-Mode", "") != "cors" {
		p.statusText(403, "Failed")
		p.reply("")
		return
	}
	p.add("Content-Type", "application/json")
	p.add("Access-Control-Allow-Credentials", "true")
	if origin, ok := q.header("Origin"); ok {
		p.add("Access-Control-Allow-Origin", origin)
	}
	if q.method == "OPTIONS" {
		p.add("Access-Control-Allow-Methods", "*")
		p.add("Access-Control-Allow-Headers", "*")
		p.reply("")
		return
	}
	p.reply(secFetch(q))
}

func metadataScript(q *request, p *response) {
	p.add("Content-Type", "text/javascript")
	p.reply("var header = " + secFetch(q) + ";")
}

func metadataLink(q *request, p *response) {
	p.add("Content-Type", "text/html")
	p.add("Link", "<"+q.need("location")+">; rel="+q.need("rel"))
	p.reply("")
}

func metadataPostToOwner(q *request, p *response) {
	p.add("Content-Type", "text/html")
	p.add("Cache-Control", "no-cache, no-store, must-revalidate")
	p.reply("<!DOCTYPE html><script>(opener || top).postMessage(" + secFetch(q) + ", '*')</script>")
}

// stashKeyOf makes a key of any string.
func stashKeyOf(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func noStore(p *response) {
	p.set("Access-Control-Allow-Origin", "*")
	p.set("Cache-Control", "no-cache, no-store, must-revalidate")
	p.set("Pragma", "no-cache")
	p.set("Expires", "0")
}

// metadataRecord keeps the fetch metadata of a request under file, answers with
// something of the kind that the name begins with, and tells with retrieve.
func metadataRecord(q *request, p *response) {
	var file string
	if len(q.params) > 0 {
		file = q.need("file")
	} else {
		fields, _ := q.form()
		var ok bool
		if file, ok = fields.get("file"); !ok {
			fail(500, "neither the query nor the body has file, which this handler needs")
		}
	}
	key := stashKeyOf(file)
	if q.has("retrieve") {
		recorded := "No header has been recorded"
		if s, ok := q.take(key).(string); ok {
			recorded = s
		}
		p.writeStatus(200, "", false)
		p.writeHeader("Connection", "close")
		p.endHeaders()
		p.write(recorded)
		return
	}
	q.put(key, secFetch(q))
	noStore(p)
	for _, kind := range [...]struct{ prefix, mime, content string }{
		{"image", "image/png", pixel},
		{"track", "", "WEBVTT"},
		{"sharedworker", "application/javascript", "onconnect = e => e.ports[0].postMessage('Ready')"},
		{"font", "application/x-font-ttf", "\x00\x01\x00\x00"},
		{"audio", "audio/mpeg", "ID3"},
		{"video", "video/mp4", "\x00\x00\x00\x08ftyp"},
		{"style", "text/css", "div { }"},
		{"embed", "text/html", "<html>EMBED!</html>"},
		{"object", "text/html", "<html>EMBED!</html>"},
		{"redirect", "image/jpeg", pixel},
		{"worker", "application/javascript", "self.postMessage('loaded');"},
		{"worklet", "application/javascript", ""},
		{"xslt", "text/xsl", `<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0"/>`},
		{"script", "application/javascript", "void 0;"},
	} {
		if strings.HasPrefix(file, kind.prefix) {
			if kind.mime != "" {
				p.set("Content-Type", kind.mime)
			}
			p.reply(kind.content)
			return
		}
	}
	if strings.HasPrefix(file, "serviceworker") {
		p.set("Content-Type", "application/javascript")
	}
}

// metadataRecordAll keeps all headers of a request under key and tells them
// with retrieve.
func metadataRecordAll(q *request, p *response) {
	if q.has("requireOPTIONS") {
		return // upstream compares text with bytes here, which are never equal
	}
	fields, _ := q.form()
	name, ok := q.params.get("key")
	if !ok {
		if name, ok = fields.get("key"); !ok {
			fail(500, "neither the query nor the body has key, which this handler needs")
		}
	}
	key := stashKeyOf(name)
	if q.has("retrieve") {
		recorded, ok := q.take(key).(string)
		p.status(200)
		if !ok {
			p.status(204)
		}
		p.reply(recorded)
		return
	}
	var members values
	for _, h := range q.headers() {
		if !utf8.ValidString(h.Value) {
			fail(500, "the value of %s is not UTF-8", h.Name)
		}
		members = append(members, headers.Header{Name: h.Name, Value: "[" + jsonText(h.Value) + "]"})
	}
	q.put(key, jsonObject(members))
	noStore(p)
	if mime, ok := q.params.get("mime"); ok {
		p.set("Content-Type", mime)
	}
	body, _ := fields.get("body")
	p.reply(q.paramOr("body", body))
}
