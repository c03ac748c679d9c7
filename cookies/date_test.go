package cookies

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	for _, test := range []struct {
		input string
		want  string // "" for failure
	}{
		{"Thu, 10 Apr 1980 16:33:12 GMT", "1980-04-10T16:33:12Z"},
		{"Sat, 15-Apr-17 21:01:22 GMT", "2017-04-15T21:01:22Z"},
		{"Thu, 19-Apr-2007 16:00:00 GMT", "2007-04-19T16:00:00Z"},
		{"Wednesday, 09-Nov-99 23:12:40 GMT", "1999-11-09T23:12:40Z"},
		{"Mon Oct 18 04:05:06 2038", "2038-10-18T04:05:06Z"},
		{"2038 18 oct 4:5:6", "2038-10-18T04:05:06Z"},
		{"16:33:12 Apr 10th 1980", "1980-04-10T16:33:12Z"},
		{"10 April 69 1:2:3junk", "2069-04-10T01:02:03Z"},
		{"10 Apr 70 1:2:3", "1970-04-10T01:02:03Z"},
		{"Apr 80 1:2:3 1980", ""}, // the day is the first number of one or two digits: 80
		{"29 Feb 2024 0:0:0", "2024-02-29T00:00:00Z"},
		{"29 Feb 2025 0:0:0", ""},
		{"31 Apr 2025 0:0:0", ""},
		{"0 Apr 2025 0:0:0", ""},
		{"10 Apr 1600 0:0:0", ""},
		{"10 Apr 1601 0:0:0", "1601-04-10T00:00:00Z"},
		{"10 Apr 20250 0:0:0", ""},
		{"10 Apr 2025 24:0:0", ""},
		{"10 Apr 2025 23:60:0", ""},
		{"10 Apr 2025 23:59:60", ""},
		{"10 Apr 2025 23:59:590", ""},
		{"10 Apr 2025 0123:59:59", ""},
		{"10 Apr 2025 23:59", ""},
		{"10 Apr 2025", ""},
		{"10 2025 0:0:0", ""},
		{"", ""},
		{"\xff10 Apr 2025 0:0:0", ""},
		{"(10)[Apr]{2025}<0:0:0>", "2025-04-10T00:00:00Z"},
	} {
		got, ok := parseDate(test.input)
		formatted := ""
		if ok {
			formatted = got.Format(time.RFC3339)
		}
		if formatted != test.want {
			t.Errorf("%q: %q, want %q", test.input, formatted, test.want)
		}
	}
}

var (
	dateToken  = regexp.MustCompile(`[^\x09\x20-\x2F\x3B-\x40\x5B-\x60\x7B-\x7E]+`)
	timeToken  = regexp.MustCompile(`(?s)^(\d{1,2}):(\d{1,2}):(\d{1,2})(\D.*)?$`)
	dayToken   = regexp.MustCompile(`(?s)^(\d{1,2})(\D.*)?$`)
	monthToken = regexp.MustCompile(`(?s)^(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)`)
	yearToken  = regexp.MustCompile(`(?s)^(\d{2,4})(\D.*)?$`)
)

// twinParseDate is parseDate by the draft's grammar, to the letter.
func twinParseDate(s string) (t time.Time, ok bool) {
	// One character a byte, so that the expressions see bytes.
	var wide []rune
	for _, b := range []byte(s) {
		wide = append(wide, rune(b))
	}
	var hour, minute, second, day, month, year int
	var foundTime, foundDay, foundMonth, foundYear bool
	atoi := func(s string) int { n, _ := strconv.Atoi(s); return n }
	for _, token := range dateToken.FindAllString(string(wide), -1) {
		if m := timeToken.FindStringSubmatch(token); !foundTime && m != nil {
			foundTime, hour, minute, second = true, atoi(m[1]), atoi(m[2]), atoi(m[3])
		} else if m := dayToken.FindStringSubmatch(token); !foundDay && m != nil {
			foundDay, day = true, atoi(m[1])
		} else if m := monthToken.FindString(token); !foundMonth && m != "" && len(m) == 3 {
			foundMonth, month = true, strings.Index(months, strings.ToLower(m))/3+1
		} else if m := yearToken.FindStringSubmatch(token); !foundYear && m != nil {
			foundYear, year = true, atoi(m[1])
		}
	}
	if year >= 70 && year <= 99 {
		year += 1900
	}
	if year >= 0 && year <= 69 {
		year += 2000
	}
	if !foundTime || !foundDay || !foundMonth || !foundYear || day < 1 || day > 31 || year < 1601 || hour > 23 || minute > 59 || second > 59 {
		return t, false
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	return t, t.Month() == time.Month(month)
}

func FuzzParseDate(f *testing.F) {
	for _, seed := range []string{
		"Thu, 10 Apr 1980 16:33:12 GMT", "Sat, 15-Apr-17 21:01:22 GMT", "31 Feb 2001 1:2:3", "10th dec 1601 00:00:00x", "\xff1:2:3 4 may 05",
		"1:2:3:4 5 jun 1999 07 08:09:10", "123 45 1999 jul 1:1:1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseDate(s)
		want, wantOK := twinParseDate(s)
		if ok != wantOK || ok && !got.Equal(want) {
			t.Errorf("parseDate(%q) = %v, %v, want %v, %v", s, got, ok, want, wantOK)
		}
	})
}
