package main

import (
	"html/template"
	"io"
	"strings"

	"github.com/corsim/corsim/browser"
)

// quirksPage is the table of quirks as a page: it needs nothing besides itself.
var quirksPage = template.Must(template.New("quirks").Parse(`<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Where browsers differ</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; color: #1b1b1b; background: #fff }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #767676; padding: .4rem .6rem; text-align: left; vertical-align: top }
thead th { position: sticky; top: 0; background: #eee }
tbody th { font-weight: 600; min-width: 12rem }
code { font-size: .9em }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } thead th { background: #333 } }
</style>
<h1>Where browsers differ</h1>
<p>Observed in {{.Observed}}. An empty cell: the browser does what the standard has.</p>
<table>
<thead><tr><th scope="col">What</th><th scope="col">The standard</th>{{range .Engines}}<th scope="col">{{.}}</th>{{end}}<th scope="col">What a server should do</th></tr></thead>
<tbody>
{{range .Rows}}<tr id="{{.ID}}"><th scope="row">{{.Title}}<br><code>{{.ID}}</code></th><td>{{.Standard}}</td>{{range .Cells}}<td>{{.What}}{{if .Changed}}<br><small>changed {{.Changed}}</small>{{end}}</td>{{end}}<td>{{.Advice}}</td></tr>
{{end}}</tbody>
</table>
</html>
`))

type quirkCell struct{ What, Changed string }

type quirkRow struct {
	browser.Quirk
	Cells []quirkCell
}

// writeQuirksPage writes quirks as a page.
func writeQuirksPage(w io.Writer, quirks []browser.Quirk) error {
	data := struct {
		Observed string
		Engines  []string
		Rows     []quirkRow
	}{}
	var observed []string
	for _, e := range browser.Known()[1:] {
		observed = append(observed, e.Name()+" "+e.Version())
	}
	data.Observed = strings.Join(observed, ", ")
	for _, e := range browser.All()[1:] {
		data.Engines = append(data.Engines, e.Name()+" "+e.Version())
	}
	for _, q := range quirks {
		row := quirkRow{Quirk: q}
		for _, e := range browser.All()[1:] {
			words := map[string]string{"chromium": q.Chromium, "firefox": q.Firefox, "webkit": q.WebKit}[e.Name()]
			row.Cells = append(row.Cells, quirkCell{words, strings.Join(q.Changes(e), ", ")})
		}
		data.Rows = append(data.Rows, row)
	}
	return quirksPage.Execute(w, data)
}
