package record

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Where JSON lines are asked for, each line gives one entry or one error, and the
// empty ones nothing, whatever is on the others: so any split of an input gives
// the same.
func TestLines(t *testing.T) {
	const (
		none = ""
		bad  = "bad"
		good = "good"
	)
	lines := []struct{ line, want string }{
		{get, good}, {"{", bad}, {get + ",", good}, {"", none}, {" \t\r", none}, {"," + get, good}, {",", none}, {",,", none},
		{"G garbage", bad}, {get + get, bad}, {get + " {", bad}, {"}", bad}, {"[", bad}, {"[" + get + "]", bad}, {`"x`, bad}, {`"x"`, bad}, {"17 18", bad}, {"null", bad},
		{`{"request":{"url":"`, bad}, {`{"request":{"headers":[{"name":`, bad}, {`{"a":[1}`, bad}, {"\x00", bad}, {"\x01" + get, bad}, {":", bad},
		{"x^ is how zlib begins", bad}, {"PK\x03\x04 is how zip begins, and this goes on to be longer than is looked at", bad},
		{"\x1f\x8b is how gzip begins, and this goes on to be longer than is looked at", bad}, {"x\x01", bad}, {"\xEF\xBB\xBF" + get, good}, {"\xEF\xBB\xBF", none},
		{"{}", bad}, {strings.Repeat("[", 1000), bad}, {`{"log":{"entries":[` + get + `]}}`, bad}, {`{"request":{"url":"https://b.test/"`, bad}, {get, good},
	}
	read := func(input string) (all []string) {
		reader, err := NewReader(strings.NewReader(input), Options{Format: JSONLines})
		if err != nil {
			t.Fatalf("%q: %v", input, err)
		}
		for _, err := range reader.All() {
			switch err.(type) {
			case nil:
				all = append(all, good)
			case *EntryError:
				all = append(all, bad)
			default:
				t.Fatalf("%q: %v", input, err)
			}
		}
		return all
	}
	var input []string
	var want []string
	for _, l := range lines {
		if diff := cmp.Diff(strings.Fields(l.want), append([]string{}, read(l.line)...)); diff != "" {
			t.Errorf("%q, without a line feed: -want +got:\n%s", l.line, diff)
		}
		input = append(input, l.line)
		want = append(want, strings.Fields(l.want)...)
	}
	for split := range input {
		got := append(read(strings.Join(input[:split], "\n")), read(strings.Join(input[split:], "\n")+"\n")...)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("split before line %d: -want +got:\n%s", split+1, diff)
		}
	}
}

func TestLinesProblems(t *testing.T) {
	tests := []struct{ input, want string }{
		{"{\n" + get + "\n", "*record.EntryError line 1 (byte 0): the line ends in the middle of its JSON (byte 1)\nline 2: " + getSum},
		{get + " x\n", "*record.EntryError line 1 (byte 0): more than an object is on the line (byte 198)\n"},
		{get + "\n{", "line 1: " + getSum + "*record.EntryError line 2 (byte 198): the input ends in the middle: it was cut off (byte 199)\n"},
	}
	number := regexp.MustCompile(`byte 19[78]`)
	for _, test := range tests {
		if got := summary(strings.NewReader(test.input), Options{Format: JSONLines}); number.ReplaceAllString(got, "") != number.ReplaceAllString(test.want, "") {
			t.Errorf("%q: got\n%swant\n%s", test.input, got, test.want)
		}
	}
}
