package weburl

import (
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// parseHost runs the host parser on input, valid UTF-8, and serializes the
// result; special is whether the URL's scheme is.
//
// https://url.spec.whatwg.org/#concept-host-parser
func parseHost(input string, special bool) (host, problem string) {
	if strings.HasPrefix(input, "[") {
		return parseIPv6(input)
	}
	if !special {
		if i := strings.IndexAny(input, forbiddenInHost); i >= 0 {
			return "", "the host " + quote(input) + " has " + strconv.QuoteRune(rune(input[i])) + " in it"
		}
		return percentEncode(input, c0ControlSet), ""
	}
	domain := decodeUTF8(percentDecode(input))
	ascii, ok := domainToASCII(domain)
	if !ok {
		return "", "the host " + quote(domain) + " is not a valid internationalized domain name"
	}
	for i := 0; i < len(ascii); i++ {
		if c := ascii[i]; c < ' ' || c == '%' || c >= 0x7F || strings.IndexByte(forbiddenInHost, c) >= 0 {
			return "", "the host " + quote(domain) + " has " + strconv.QuoteRune(rune(c)) + " in it"
		}
	}
	if endsInNumber(ascii) {
		return parseIPv4(ascii)
	}
	return ascii, ""
}

// https://url.spec.whatwg.org/#forbidden-host-code-point
const forbiddenInHost = "\x00\t\n\r #/:<>?@[\\]^|"

// profile is what the standard passes to Unicode ToASCII where it is not strict.
var profile = idna.New(
	idna.MapForLookup(),
	idna.BidiRule(),
	idna.CheckJoiners(true),
	idna.ValidateLabels(true),
	idna.CheckHyphens(false),
	idna.StrictDomainName(false),
	idna.VerifyDNSLength(false),
	idna.Transitional(false),
)

// mapRecent is those mappings of UTS #46 that are newer than the tables of
// golang.org/x/net/idna. Without them a domain would be refused or, for capital
// sharp s, be another one than in a browser.
//
// https://www.unicode.org/reports/tr46/#Modifications
func mapRecent(r rune) rune {
	switch {
	case 0x10A0 <= r && r <= 0x10C5, r == 0x10C7, r == 0x10CD:
		return r - 0x10A0 + 0x2D00 // Georgian capitals
	case 0x206A <= r && r <= 0x206F, 0x1D173 <= r && r <= 0x1D17A:
		return -1
	}
	switch r {
	case 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFFA0:
		return -1
	case 0x04C0:
		return 0x04CF
	case 0x1E9E:
		return 0x00DF
	case 0x2132:
		return 0x214E
	case 0x2183:
		return 0x2184
	case 0x2F868:
		return 0x36FC
	case 0x2F874:
		return 0x5F53
	case 0x2F91F:
		return 0x243AB
	case 0x2F95F:
		return 0x7AEE
	case 0x2F9BF:
		return 0x45D7
	}
	return r
}

// domainToASCII runs domain to ASCII without beStrict, which takes an ASCII
// domain as it is, whatever its Punycode stands for.
//
// https://url.spec.whatwg.org/#concept-domain-to-ascii
func domainToASCII(domain string) (ascii string, ok bool) {
	if isASCII(domain) {
		return strings.ToLower(domain), true
	}
	ascii, err := profile.ToASCII(strings.Map(mapRecent, domain))
	return ascii, err == nil && ascii != ""
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// endsInNumber runs the ends in a number checker.
//
// https://url.spec.whatwg.org/#ends-in-a-number-checker
func endsInNumber(domain string) bool {
	domain = strings.TrimSuffix(domain, ".")
	last := domain[strings.LastIndexByte(domain, '.')+1:]
	if last == "" {
		return false
	}
	if _, ok := parseIPv4Number(last); ok {
		return true
	}
	for i := 0; i < len(last); i++ {
		if !isASCIIDigit(last[i]) {
			return false
		}
	}
	return true
}

// parseIPv4 runs the IPv4 parser and the IPv4 serializer.
//
// https://url.spec.whatwg.org/#concept-ipv4-parser
func parseIPv4(s string) (host, problem string) {
	fail := func(why string) (string, string) {
		return "", "the host " + quote(s) + " ends in a number and is not an IPv4 address: " + why
	}
	rest, address, part := strings.TrimSuffix(s, "."), uint64(0), 0
	for more := true; more; part++ {
		if part == 4 {
			return fail("it has more than four parts")
		}
		var digits string
		digits, rest, more = strings.Cut(rest, ".")
		n, ok := parseIPv4Number(digits)
		if !ok {
			return fail(quote(digits) + " is not a number")
		}
		if more {
			if n > 255 {
				return fail(digits + " is larger than 255")
			}
			address |= n << (24 - 8*part)
			continue
		}
		if n >= 1<<(32-8*part) {
			return fail(digits + " is too large")
		}
		address |= n
	}
	a := netip.AddrFrom4([4]byte{byte(address >> 24), byte(address >> 16), byte(address >> 8), byte(address)})
	return a.String(), ""
}

// parseIPv4Number runs the IPv4 number parser. What is too large for an address
// comes back as some number that is too large.
//
// https://url.spec.whatwg.org/#ipv4-number-parser
func parseIPv4Number(s string) (n uint64, ok bool) {
	if s == "" {
		return 0, false
	}
	radix := uint64(10)
	switch {
	case len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x':
		s, radix = s[2:], 16
	case len(s) >= 2 && s[0] == '0':
		s, radix = s[1:], 8
	}
	for i := 0; i < len(s); i++ {
		digit := hexValue(s[i])
		if digit < 0 || uint64(digit) >= radix {
			return 0, false
		}
		n = min(n*radix+uint64(digit), 1<<40)
	}
	return n, true
}

// parseIPv6 runs the IPv6 parser and the IPv6 serializer on a host that begins
// with a bracket.
//
// https://url.spec.whatwg.org/#concept-ipv6-parser
func parseIPv6(s string) (host, problem string) {
	if !strings.HasSuffix(s, "]") {
		return "", "the host " + quote(s) + " lacks a ']' at its end"
	}
	a, err := netip.ParseAddr(s[1 : len(s)-1])
	if err != nil || !a.Is6() || a.Zone() != "" {
		return "", "the host " + quote(s) + " is not an IPv6 address"
	}
	if a.Is4In6() {
		// The standard has no dotted form here.
		b := a.As16()
		return "[::ffff:" + strconv.FormatUint(uint64(b[12])<<8|uint64(b[13]), 16) +
			":" + strconv.FormatUint(uint64(b[14])<<8|uint64(b[15]), 16) + "]", ""
	}
	return "[" + a.String() + "]", ""
}
