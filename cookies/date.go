package cookies

import (
	"time"

	"github.com/corsim/corsim/headers"
)

// parseDate is Parse a Date, of the Expires attribute.
//
// https://www.ietf.org/archive/id/draft-ietf-httpbis-layered-cookies-01.html#name-parse-a-date
func parseDate(s string) (t time.Time, ok bool) {
	var hms [3]int
	var foundTime bool
	day, month, year := -1, -1, -1
	for s != "" {
		if isDateDelimiter(s[0]) {
			s = s[1:]
			continue
		}
		end := 1
		for end < len(s) && !isDateDelimiter(s[end]) {
			end++
		}
		token := s[:end]
		s = s[end:]
		if !foundTime {
			if hms, foundTime = parseTime(token); foundTime {
				continue
			}
		}
		if day < 0 {
			if day = number(token, 1, 2); day >= 0 {
				continue
			}
		}
		if month < 0 {
			if month = parseMonth(token); month >= 0 {
				continue
			}
		}
		if year < 0 {
			year = number(token, 2, 4)
		}
	}
	switch {
	case 70 <= year && year <= 99:
		year += 1900
	case 0 <= year && year <= 69:
		year += 2000
	}
	if !foundTime || day < 1 || month < 0 || year < 1601 || hms[0] > 23 || hms[1] > 59 || hms[2] > 59 {
		return t, false
	}
	t = time.Date(year, time.Month(month), day, hms[0], hms[1], hms[2], 0, time.UTC)
	return t, t.Day() == day // time.Date makes the 30th of February one of March
}

func isDateDelimiter(b byte) bool {
	return b == '\t' || ' ' <= b && b <= '/' || ';' <= b && b <= '@' || '[' <= b && b <= '`' || '{' <= b && b <= '~'
}

// number returns the number that a token begins with, or -1: it must have
// between least and most digits and end with the token or before a non-digit.
func number(token string, least, most int) int {
	n, i := 0, 0
	for ; i < len(token) && isDigit(token[i]); i++ {
		if i == most {
			return -1
		}
		n = n*10 + int(token[i]-'0')
	}
	if i < least {
		return -1
	}
	return n
}

// parseTime reads hours, minutes and seconds, with a ":" between them.
func parseTime(token string) (hms [3]int, ok bool) {
	for field := range hms {
		if hms[field] = number(token, 1, 2); hms[field] < 0 {
			return hms, false
		}
		for token != "" && isDigit(token[0]) {
			token = token[1:]
		}
		if field < 2 {
			if token == "" || token[0] != ':' {
				return hms, false
			}
			token = token[1:]
		}
	}
	return hms, true
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// parseMonth returns the month that a token begins with the name of, or -1.
func parseMonth(token string) int {
	if len(token) >= 3 {
		for i := 0; i < len(months); i += 3 {
			if headers.EqualFold(token[:3], months[i:i+3]) {
				return i/3 + 1
			}
		}
	}
	return -1
}
