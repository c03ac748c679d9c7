// Package wptdata holds the ported cases of web-platform-tests as data, so that
// they are part of whatever binary runs them. Package wpt reads and explains them.
package wptdata

import "embed"

// Files has the case files, each at the path of the upstream file that it is
// ported from with ".json" after it, and two tables:
//
//   - upstream.tsv: every upstream file in scope, its relevance and how many
//     subtests it has;
//   - expected.json: the failures that are expected.
//
//go:embed *.json *.tsv cors eventsource fetch mimesniff url xhr
var Files embed.FS
