package ci

import (
	"fmt"
	"strings"
)

// An Annotation is a workflow command, which GitHub Actions shows beside a line of a file.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
type Annotation struct {
	Level          string // "error", "warning" or "notice"
	File           string
	Line, Column   int64 // 0 where it is not known
	Title, Message string
}

// String returns the command, with a line feed.
func (a *Annotation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "::%s file=%s", a.Level, property(a.File))
	if a.Line > 0 {
		fmt.Fprintf(&b, ",line=%d", a.Line)
	}
	if a.Column > 0 {
		fmt.Fprintf(&b, ",col=%d", a.Column)
	}
	fmt.Fprintf(&b, ",title=%s::%s\n", property(a.Title), data(a.Message))
	return b.String()
}

// data and property escape as GitHub's toolkit does.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}
