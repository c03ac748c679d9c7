package redact

import (
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/headers"
)

// secretWords name what gives access, alone or with other words: access_token,
// X-Amz-Signature, apiKey, connect.sid.
var secretWords = set(`assertion auth authorization bearer code cookie cookies credential credentials creds csrf hmac jwe jws jwt key nonce otp
	pass passcode passphrase passwd password pin pwd saml secret sess sessid session sid sig sign signature signed ticket token tokens totp verifier xsrf`)

// secretParts are what gives access in words that are run together: clientsecret,
// PHPSESSID, csrfmiddlewaretoken.
var secretParts = strings.Fields(`accesskey apikey appkey assertion authcode authkey bearer clientkey credential csrf hmac passcode passphrase passwd password
	privatekey saml secret secretkey sessid sessionid sessionkey signature subscriptionkey token userpass xsrf`)

// ordinary are the words that go before one of the secretWords, or a part of a word,
// that then names nothing secret: page_key, max_tokens, country-code. What is not
// among them is taken for a secret, since a secret that is shown costs more than a
// value that is not.
var ordinary = map[string]map[string]bool{
	"key": set("cache first foreign group index last next order page partition primary row sort start"),
	"code": set(`area bar color colour country currency discount error exit http lang language locale post postal product promo qr region response source
		station status time zip`),
	"tokens": set("completion input max min num output prompt total"),
	"sign":   set("call zodiac"),
	"pass":   set("boarding"),
}

// describing are the words that end the name of what only describes a secret:
// token_type, code_challenge_method, passwordLength.
var describing = set("algorithm count expires expiry format headers length limit method size ttl type version")

// namesSecret reports whether a parameter's name is that of a secret, however it is
// spelled.
func namesSecret(name string) bool {
	words := wordsOf(name)
	if len(words) == 1 && words[0] == "state" { // of OAuth, unlike that of an address
		return true
	}
	if len(words) > 1 && describing[words[len(words)-1]] {
		return false
	}
	for i, word := range words {
		if secretWords[word] && (i == 0 || !ordinary[word][words[i-1]]) {
			return true
		}
		if !secretWords[word] && hasSecretPart(word) {
			return true
		}
	}
	return len(name) >= 4 && headers.EqualFold(name[:4], "saml") // SAMLart is no camel case
}

func hasSecretPart(word string) bool {
	const shortest = 4
	if len(word) <= shortest || strings.HasPrefix(word, "tokeniz") || strings.HasPrefix(word, "secretar") { // tokenize, secretary
		return false
	}
	for _, part := range secretParts {
		if strings.Contains(word, part) {
			return true
		}
	}
	return strings.HasPrefix(word, "session")
}

// wordsOf returns the words of a name in lower case: those between what are no
// letters, and those of camel case.
func wordsOf(name string) (words []string) {
	begin := 0
	add := func(end int) {
		if end > begin {
			words = append(words, headers.Lower(name[begin:end]))
		}
		begin = end
	}
	for i := range len(name) {
		switch c := name[i]; {
		case !isLower(c|0x20) && c < utf8.RuneSelf:
			add(i)
			begin = i + 1
		case isUpper(c) && i > begin && (!isUpper(name[i-1]) || i+1 < len(name) && isLower(name[i+1])):
			add(i)
		}
	}
	add(len(name))
	return words
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		m[word] = true
	}
	return m
}
