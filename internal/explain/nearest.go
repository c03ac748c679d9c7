package explain

import (
	_ "embed"
	"math"
	"regexp"
	"strings"
	"sync"
)

//go:embed phrasings.txt
var phrasingsText string

// phrasing is a question in somebody's words, as a vector of its words.
type phrasing struct {
	id    string // of the answer
	words map[string]float64
}

// phrasebook are the phrasings, and how telling each word is.
type phrasebook struct {
	list  []phrasing
	worth map[string]float64
}

// phrasings reads phrasings.txt, in which the phrasings of a question are below its id.
var phrasings = sync.OnceValue(func() *phrasebook {
	book := &phrasebook{worth: map[string]float64{}}
	id := ""
	var all [][]string
	var ids []string
	for line := range strings.Lines(phrasingsText) {
		line = strings.TrimSpace(line)
		name, isID := strings.CutPrefix(line, "= ")
		switch {
		case isID:
			id = name
		case line != "" && line[0] != '#':
			all, ids = append(all, wordsOf(line)), append(ids, id)
		}
	}
	for _, words := range all {
		for _, w := range words {
			book.worth[w]++
		}
	}
	for w, n := range book.worth {
		book.worth[w] = math.Log(float64(len(all)) / n)
	}
	for i, words := range all {
		book.list = append(book.list, phrasing{ids[i], book.vector(words)})
	}
	return book
})

// vector returns words with their worth, of length 1. A word that no phrasing has tells
// something too: that this is about something else.
func (b *phrasebook) vector(words []string) map[string]float64 {
	v := map[string]float64{}
	sum := 0.0
	for _, w := range words {
		worth, known := b.worth[w]
		if !known {
			worth = unknownWorth
		}
		v[w] = worth
		sum += worth * worth
	}
	for w := range v {
		v[w] /= math.Sqrt(sum)
	}
	return v
}

const (
	unknownWorth = 2.5
	// nearEnough is how alike two questions must be, from 0 to 1.
	nearEnough = 0.30
	// surelyNear is how alike they are where nothing else need tell that it is one.
	surelyNear = 0.60
)

// nearest returns the id of the answer to the phrasing that a question is most like, ""
// for none, and how alike they are: each answer counts by its two most similar phrasings.
func (b *phrasebook) nearest(text string) (string, float64) {
	v := b.vector(wordsOf(text))
	type two struct{ first, second float64 }
	scores := map[string]two{}
	for _, p := range b.list {
		dot := 0.0
		for w, x := range v {
			dot += x * p.words[w]
		}
		switch s := scores[p.id]; {
		case dot > s.first:
			scores[p.id] = two{dot, s.first}
		case dot > s.second:
			scores[p.id] = two{s.first, dot}
		}
	}
	best, id := 0.0, ""
	for _, q := range questions() { // in their order, so that ties are always decided alike
		if s := scores[q.ID]; s.first+s.second/2 > best {
			best, id = s.first+s.second/2, q.ID
		}
	}
	if other := scores[noQuestion]; other.first+other.second/2 > best {
		return "", 0
	}
	return id, best / 1.5
}

// noQuestion is the id of the phrasings that are no questions about CORS.
const noQuestion = "nothing"

var (
	headerNames = regexp.MustCompile(`access[- ]control[- ](?:allow|expose|max|request)[- ][a-z]+`)
	addresses   = regexp.MustCompile(`[a-z]+://[^\s'"]+|localhost:\d+|\b[a-z0-9-]+\.example\.[a-z]+`)
	wordPattern = regexp.MustCompile(`[a-z*][a-z0-9*]*(?:-[a-z0-9]+)*|\*`)
	synonyms    = map[string]string{
		"cross-origin": "cors", "cross-domain": "cors", "crossorigin": "crossorigin", "website": "page", "site": "page", "webpage": "page", "app": "page", "application": "page",
		"chrome": "browser", "firefox": "browser", "safari": "browser", "edge": "browser", "wildcard": "*", "star": "*", "asterisk": "*", "domain": "origin", "xhr": "fetch", "axios": "fetch", "ajax": "fetch",
		"insomnia": "postman", "httpie": "postman", "backend": "server", "client": "frontend", "block": "fail", "denied": "fail", "refuse": "fail", "preflight": "options", "insecure": "safe", "secure": "safe",
		"security": "safe", "danger": "safe", "dangerou": "safe", "risk": "safe", "bad": "safe", "disable": "off", "bypas": "off", "ignore": "off", "circumvent": "off", "session": "cookie", "cant": "can", "dont": "do",
	}
)

// wordsOf returns the words of a text, each once, in the form in which they are compared.
func wordsOf(text string) (list []string) {
	text = strings.ToLower(text)
	text = headerNames.ReplaceAllStringFunc(text, func(name string) string { return "h" + strings.NewReplacer("-", "", " ", "").Replace(name) })
	text = addresses.ReplaceAllString(text, " anaddress ")
	text = strings.NewReplacer("cross origin", "cross-origin", "cross domain", "cross-domain", "cross site", "cross-site", "front end", "frontend", "front-end", "frontend", "back end", "backend",
		"back-end", "backend", "same origin", "same-origin", "no cors", "no-cors", "web site", "website", "n't", " not").Replace(text)
	seen := map[string]bool{}
	for _, w := range wordPattern.FindAllString(text, -1) {
		w = stem(w)
		if other := synonyms[w]; other != "" {
			w = other
		}
		if !seen[w] {
			seen[w] = true
			list = append(list, w)
		}
	}
	return list
}

// stem cuts off the commonest endings.
func stem(w string) string {
	for _, ending := range []string{"ing", "ed", "es", "s"} {
		if rest, ok := strings.CutSuffix(w, ending); ok && len(rest) > 3 {
			return rest
		}
	}
	return w
}
