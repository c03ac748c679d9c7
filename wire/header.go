package wire

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

// ParseHeaderBlock returns the headers of a header block: the lines between the
// status line and the blank line, which may but need not be there. Names keep
// their spelling, lines their order. Lines that browsers skip are skipped; see the
// package's documentation. The error is a [*MalformedError] for a NUL, whose Line
// counts from the block's first line.
//
// https://httpwg.org/specs/rfc9112.html#field.syntax
func ParseHeaderBlock(block string) (headers.List, error) {
	return new(Rules).parseHeaderBlock(block)
}

// expectedHeaders bounds what is allocated before there is anything to show for.
const expectedHeaders = 64

// parseHeaderBlock is [ParseHeaderBlock] with an engine's rules.
func (r *Rules) parseHeaderBlock(block string) (headers.List, error) {
	if !r.NULInValueOnly {
		if err := refuseNUL(block, 1); err != nil {
			return nil, err
		}
	}
	list := make(headers.List, 0, min(strings.Count(block, "\n")+1, expectedHeaders))
	for block != "" {
		var line string
		line, block = cutLine(block)
		if line == "" {
			break
		}
		if continues(block) {
			line, block = r.unfold(line, block)
		}
		name, value, ok := strings.Cut(line, ":")
		if r.SpacedNames {
			name = strings.TrimRight(name, " \t")
		}
		if !ok || !headers.IsToken(name) || r.CRInvalidates && strings.Contains(strings.Trim(value, whitespace), "\r") {
			continue
		}
		if err := refuseNUL(value, 1); err != nil {
			return nil, err
		}
		list = append(list, headers.Header{Name: name, Value: spaced(value)})
	}
	return list, nil
}

func continues(block string) bool { return block != "" && headers.IsTabOrSpace(block[0]) }

// unfold joins a line with those that continue it, in time linear in their length.
//
// https://httpwg.org/specs/rfc9112.html#line.folding
func (r *Rules) unfold(line, block string) (unfolded, rest string) {
	var b strings.Builder
	b.WriteString(strings.TrimRight(line, whitespace))
	for continues(block) {
		line, block = cutLine(block)
		if r.FoldingKept {
			b.WriteString(strings.TrimRight(line, whitespace))
			continue
		}
		b.WriteByte(' ')
		b.WriteString(strings.Trim(line, whitespace))
	}
	return b.String(), block
}

// cutLine returns the first line of s without its line break.
func cutLine(s string) (line, rest string) {
	line, rest, _ = strings.Cut(s, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// whitespace is what goes around values: CR, where it ends no line, counts as a space.
const whitespace = " \t\r"

func spaced(s string) string {
	return strings.ReplaceAll(strings.Trim(s, whitespace), "\r", " ")
}

func refuseNUL(block string, firstLine int) error {
	i := strings.IndexByte(block, 0)
	if i < 0 {
		return nil
	}
	start := strings.LastIndexByte(block[:i], '\n') + 1
	line, _ := cutLine(block[start:])
	return malformed(firstLine+strings.Count(block[:start], "\n"), line, "headers must not contain NUL (byte %d of the line)", i-start)
}
