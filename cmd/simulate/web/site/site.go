// Package site has the files of the page to try corsim on, except the engine.
package site

import (
	"embed"
	"io/fs"

	"github.com/corsim/corsim/internal/replay/report"
)

//go:generate go run ../build -o ../dist

//go:embed *.html *.css *.js *.svg *.webmanifest
var embedded embed.FS

// ServiceWorker is the file by which the page works without a network, and AskForReal and its script those that only
// simulate serve has.
const (
	ServiceWorker    = "sw.js"
	AskForReal       = "ask.html"
	AskForRealScript = "ask.js"
)

// Files returns the files by their names: the page's own, and those that it has of the report of replay.
func Files() map[string][]byte {
	files := map[string][]byte{"sheet.css": []byte(report.Sheet()), "report.js": []byte(report.Script())}
	entries, err := embedded.ReadDir(".")
	if err != nil {
		panic(err) // it is compiled in
	}
	for _, e := range entries {
		content, err := fs.ReadFile(embedded, e.Name())
		if err != nil {
			panic(err)
		}
		files[e.Name()] = content
	}
	return files
}
