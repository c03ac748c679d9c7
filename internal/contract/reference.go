package contract

import _ "embed"

// Reference describes the format of contracts, in Markdown.
//
//go:embed README.md
var Reference string
