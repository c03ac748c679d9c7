// Package docs holds the documentation that simulate docs prints.
package docs

import "embed"

// Pages are the pages, as NAME.md, of which README.md is the index.
//
//go:embed *.md
var Pages embed.FS
