// Package nearest finds the names that somebody may have meant.
package nearest

import "strings"

// Distance returns how many bytes must be inserted, removed or replaced to make
// one string of the other.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// longest is how long a name may be for which [Of] looks for another: comparing costs the
// product of both lengths.
const longest = 64

// Of returns the name that somebody may have meant who wrote another, without regard to
// case and hyphens: the one that begins with what was written, or else the one that differs
// least, if it differs in at most a third. It returns "" where there is no such name.
func Of(written string, names []string) string {
	if written == "" || len(written) > longest {
		return ""
	}
	plain := strings.NewReplacer("-", "", "_", "")
	written = strings.ToLower(written)
	best, least := "", 1+(len(written)+1)/3
	for _, name := range names {
		lower := strings.ToLower(name)
		n := Distance(written, lower)
		if len(written) > 1 && strings.HasPrefix(plain.Replace(lower), plain.Replace(written)) {
			n = 0
		}
		if n < least {
			best, least = name, n
		}
	}
	return best
}
