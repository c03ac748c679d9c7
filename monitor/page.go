package monitor

import (
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
	"time"
)

// Page returns a handler that shows the [Stats] to people, and to programs that accept
// "application/json" as JSON. It shows no secrets, but the server's routes and who uses them:
// whoever must not know these must not reach it.
func (m *Monitor) Page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		if strings.Contains(r.Header.Get("Accept"), "application/json") || r.URL.Query().Get("format") == "json" {
			h.Set("Content-Type", "application/json")
			enc := json.NewEncoder(w)
			enc.SetIndent("", "  ")
			enc.Encode(m.Stats())
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		page.Execute(w, summarize(m.Stats()))
	})
}

// summary is what the page shows: the counters by what they mean.
type summary struct {
	Since                         time.Time
	Requests, Refused             uint64
	Blocked, Mistakes, Unknown    []Series
	AllowedCount, NotSubjectCount uint64
	Routes                        []Route
}

func summarize(s Stats) summary {
	p := summary{Since: s.Since.Round(time.Second), Routes: s.Routes}
	for _, c := range s.Series {
		if c.Verdict != "" {
			p.Requests += c.Count
		}
		switch c.Verdict {
		case blocked:
			p.Refused += c.Count
			p.Blocked = append(p.Blocked, c)
		case undecidable:
			p.Unknown = append(p.Unknown, c)
		case allowed:
			p.AllowedCount += c.Count
		case notSubject:
			p.NotSubjectCount += c.Count
		default:
			p.Mistakes = append(p.Mistakes, c)
		}
	}
	return p
}

var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>What browsers refuse</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-top: 1px solid #8886; overflow-wrap: anywhere }
td:first-child { font-variant-numeric: tabular-nums; text-align: right }
small { display: block; opacity: .8 }
</style>
<h1>{{if .Refused}}Browsers refused {{.Refused}} of {{.Requests}} answers to pages of other origins{{else}}Browsers refused nothing of {{.Requests}} answers to pages of other origins{{end}}</h1>
<p>Since {{.Since.Format "2006-01-02 15:04:05 MST"}}: allowed {{.AllowedCount}}, not subject to CORS {{.NotSubjectCount}}.
{{define "table"}}<table><tr><th>Count<th>Cause<th>Route<th>Page<th>Browsers<th>Last example</tr>
{{range .}}<tr><td>{{.Count}}<td>{{.Cause}}<td>{{.Route}}<td>{{.Origin}}<td>{{.Browsers}}<td>{{with .Example}}{{.Method}} {{.URL}}{{if .Status}} → {{.Status}}{{end}}{{if .Saw}}<small>{{.Saw}}</small>{{end}}<small>{{.Why}}</small>{{if .Do}}<small>{{.Do}}</small>{{end}}{{end}}
{{end}}</table>{{end}}
{{if .Blocked}}<h2>Refused</h2>{{template "table" .Blocked}}{{end}}
{{if .Mistakes}}<h2>Mistakes beside that</h2>{{template "table" .Mistakes}}{{end}}
{{if .Unknown}}<h2>What the server cannot know</h2>{{template "table" .Unknown}}{{end}}
{{if .Routes}}<h2>Preflights</h2><p>A longer Access-Control-Max-Age would have saved those that the same client had sent before.
<table><tr><th>Preflights<th>Route<th>Requests<th>Could be saved<th>Max-age, seconds</tr>
{{range .Routes}}<tr><td>{{.Preflights}}<td>{{.Route}}<td>{{.Requests}}<td>{{.Saved}}<td>{{.MaxAge}}
{{end}}</table>{{end}}
</html>
`))
