package browser

import (
	"fmt"
	"io"
	"strings"
)

// textWidth is how many characters a line of prose has at most.
const textWidth = 100

// WriteQuirks writes quirks for people: a table of who differs, where there are
// several; each quirk in words; and what all engines agree on, after all of them.
// The error is that of w.
func WriteQuirks(w io.Writer, quirks []Quirk) error {
	var b strings.Builder
	if len(quirks) > 1 {
		writeTable(&b, quirks)
	}
	for i := range quirks {
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		writeQuirk(&b, &quirks[i])
	}
	if len(quirks) == len(allQuirks()) {
		b.WriteString("\nWhat all agree on\n\n")
		for _, a := range agreements {
			wrap(&b, "* ", a.title+" "+a.text)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeTable(b *strings.Builder, quirks []Quirk) {
	b.WriteString("Where engines differ from the Fetch standard (x), and so from each other\n\n")
	width := 0
	for i := range quirks {
		width = max(width, len(quirks[i].ID))
	}
	fmt.Fprintf(b, "%-*s  Chromium  Firefox  WebKit\n", width, "")
	for i := range quirks {
		q := &quirks[i]
		row := fmt.Sprintf("%-*s  %-8s  %-7s  %s", width, q.ID, mark(q.Chromium), mark(q.Firefox), mark(q.WebKit))
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	b.WriteByte('\n')
	wrap(b, "", fmt.Sprintf("Seen in Chromium up to %s, Firefox up to %s and WebKitGTK up to %s; what changed since older versions is said with each. An engine of which nothing is said below does what the standard has. To see a quirk, run",
		Chromium().Version(), Firefox().Version(), WebKit().Version()))
	b.WriteString("\n    simulate quirks --scenarios ID | simulate run --browser NAME -\n")
}

// displayNames are the engines' names for people.
var displayNames = map[string]string{"chromium": "Chromium", "firefox": "Firefox", "webkit": "WebKit"}

func mark(what string) string {
	if what == "" {
		return ""
	}
	return "x"
}

func writeQuirk(b *strings.Builder, q *Quirk) {
	fmt.Fprintf(b, "%s: %s\n", q.ID, q.Title)
	for _, line := range []struct{ who, what string }{
		{"standard", q.Standard}, {"Chromium", q.Chromium}, {"Firefox", q.Firefox}, {"WebKit", q.WebKit},
	} {
		if line.what == "" {
			continue
		}
		if line.who == "WebKit" && q.Network {
			line.what += " (libsoup's doing, which need not hold in Safari)"
		}
		wrap(b, fmt.Sprintf("  %-9s ", line.who), line.what)
	}
	var changes []string
	for _, e := range All()[1:] {
		if when := q.Changes(e); len(when) > 0 {
			changes = append(changes, displayNames[e.Name()]+" "+strings.Join(when, ", "))
		}
	}
	if len(changes) > 0 {
		wrap(b, fmt.Sprintf("  %-9s ", "changed"), strings.Join(changes, "; "))
	}
	wrap(b, fmt.Sprintf("  %-9s ", "advice"), q.Advice)
}

// wrap writes text in lines of at most textWidth characters, the first after
// first and the others indented as far.
func wrap(b *strings.Builder, first, text string) {
	line, indent := first, strings.Repeat(" ", len(first))
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && len(line)+1+len(word) > textWidth {
			b.WriteString(line + "\n")
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line, empty = line+word, false
	}
	b.WriteString(line + "\n")
}
