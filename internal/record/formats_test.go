package record

import (
	"slices"
	"testing"
)

// Each format has a row with all that there is to it, under names of its own.
func TestFormats(t *testing.T) {
	seen := make(map[string]bool)
	for _, row := range formats {
		if row.format == AnyFormat || row.recognize == nil || row.read == nil || row.name == "" || seen[row.option] || seen[row.name] {
			t.Errorf("the row of %q", row.option)
		}
		seen[row.option], seen[row.name] = true, true
		if got, err := FormatNamed(row.option); err != nil || got != row.format || got.String() != row.name {
			t.Errorf("%q names %v (%v)", row.option, got, err)
		}
	}
	if len(FormatNames()) != len(formats) {
		t.Error(FormatNames())
	}
	if _, err := FormatNamed("nothing"); err == nil {
		t.Error("a name that there is not")
	}
	if got := Untested(); !slices.Equal(got, []string{"Charles's JSON"}) {
		t.Errorf("%q are said not to be tried on files of the programs", got)
	}
}
