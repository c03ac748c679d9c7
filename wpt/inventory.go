package wpt

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Inventory compares what is ported with a table of upstream's tests and writes
// what is missing, a line for each file, and a sum. The table is tab-separated,
// with a heading: one line a file, with columns "file", "subtests" and perhaps
// "relevance"; or one line a subtest, with columns "file" and "subtest", and then
// names are compared too. Files that are not in scope are counted, not listed.
//
// The error says which line of the table could not be read.
func Inventory(w io.Writer, table io.Reader) error {
	s, err := load()
	if err != nil {
		return err
	}
	inv, err := readInventory(table)
	if err != nil {
		return err
	}
	ported, leftOut := make(map[string]map[string]bool), make(map[string]map[string]bool)
	wholly := make(map[string]bool)
	for _, c := range s.cases {
		add(ported, c.File, escapeName(c.Subtest))
	}
	for file, groups := range s.leftOut {
		for _, group := range groups {
			wholly[file] = wholly[file] || group.Subtests == nil
			for _, subtest := range group.Subtests {
				add(leftOut, file, escapeName(subtest))
			}
		}
	}
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, "upstream    ported  left out   missing  file")
	var sum [4]int
	outOfScope := 0
	for _, f := range inv {
		if !slices.ContainsFunc(s.upstream, func(u upstreamFile) bool { return u.file == f.file }) {
			outOfScope++
			continue
		}
		n := [4]int{f.subtests, len(ported[f.file]), len(leftOut[f.file]), 0}
		if wholly[f.file] {
			n[2] = f.subtests
		}
		n[3] = max(0, n[0]-n[1]-n[2])
		var missing, unknown []string
		if f.names != nil && !wholly[f.file] {
			missing, unknown = f.compare(ported[f.file], leftOut[f.file])
			n[3] = len(missing)
		}
		for i := range sum {
			sum[i] += n[i]
		}
		if n[3] == 0 && len(unknown) == 0 {
			continue
		}
		fmt.Fprintf(out, "%8d  %8d  %8d  %8d  %s\n", n[0], n[1], n[2], n[3], f.file)
		for _, name := range missing {
			fmt.Fprintf(out, "%40s  missing: %s\n", "", name)
		}
		for _, name := range unknown {
			fmt.Fprintf(out, "%40s  unknown: %s\n", "", name)
		}
	}
	fmt.Fprintf(out, "%8d  %8d  %8d  %8d  total (%d files are not in scope)\n", sum[0], sum[1], sum[2], sum[3], outOfScope)
	return out.Flush()
}

func add(m map[string]map[string]bool, file, name string) {
	if m[file] == nil {
		m[file] = make(map[string]bool)
	}
	m[file][name] = true
}

// An inventoryFile is what a table says of one file.
type inventoryFile struct {
	file     string
	subtests int
	names    []string // nil where the table does not tell
}

// compare returns the names that are upstream's alone, and ours alone.
func (f *inventoryFile) compare(ported, leftOut map[string]bool) (missing, unknown []string) {
	for _, name := range f.names {
		if !ported[name] && !leftOut[name] {
			missing = append(missing, name)
		}
	}
	for _, ours := range []map[string]bool{ported, leftOut} {
		for name := range ours {
			if !slices.Contains(f.names, name) {
				unknown = append(unknown, name)
			}
		}
	}
	slices.Sort(unknown)
	return missing, unknown
}

func readInventory(table io.Reader) ([]*inventoryFile, error) {
	var files []*inventoryFile
	byName := make(map[string]*inventoryFile)
	var heading []string
	lines := bufio.NewScanner(table)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		fields := strings.Split(lines.Text(), "\t")
		if heading == nil {
			heading = fields
			if slices.Index(heading, "file") != 0 || column(heading, "subtest") < 0 && column(heading, "subtests") < 0 {
				return nil, fmt.Errorf(`line 1: the heading has no columns "file" and "subtests", or "file" and "subtest"`)
			}
			continue
		}
		if len(fields) < len(heading) {
			return nil, fmt.Errorf("line %d has %d fields, the heading %d", number, len(fields), len(heading))
		}
		file := fields[0]
		if column(heading, "subtest") >= 0 {
			file, _, _ = strings.Cut(file, "?") // variants have some of a file's subtests each
		}
		f := byName[file]
		if f == nil {
			f = &inventoryFile{file: file}
			byName[f.file] = f
			files = append(files, f)
		}
		if i := column(heading, "subtest"); i >= 0 {
			if fields[i] == "[harness]" {
				continue // how the file as a whole ended
			}
			f.subtests++
			f.names = append(f.names, fields[i])
			continue
		}
		n, err := strconv.Atoi(fields[column(heading, "subtests")])
		if err != nil {
			return nil, fmt.Errorf("line %d: the number of subtests: %w", number, err)
		}
		f.subtests = n
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return files, nil
}

func column(heading []string, name string) int { return slices.Index(heading, name) }

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// escapeName writes a name as tables do: control characters escaped, and UUIDs,
// which differ from run to run, as "{uuid}".
func escapeName(name string) string {
	name = uuidPattern.ReplaceAllString(name, "{uuid}")
	var b strings.Builder
	for _, r := range name {
		if r < 0x20 || r == 0x7F || r == 0x85 {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
