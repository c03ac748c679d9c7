package explain

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/corsim/corsim/cors"
)

// firefoxMessage is one message in one language, and what it is about.
type firefoxMessage struct {
	language, category, text string
	status                   bool
}

// firefoxLanguages returns Firefox's messages in other languages than English.
func firefoxLanguages(t *testing.T) (list []firefoxMessage) {
	content, err := os.ReadFile("testdata/firefox-languages.txt")
	if err != nil {
		t.Fatal(err)
	}
	var language, frame, status string
	for line := range strings.Lines(string(content)) {
		line = strings.TrimSuffix(line, "\n")
		name, rest, _ := strings.Cut(line, " ")
		switch name {
		case "#":
		case "=":
			language = rest
		case "frame":
			frame = rest
		case "status":
			status = rest
		default:
			m := firefoxMessage{language: language, category: name}
			url, code := "https://api.example/v1/items?id=7&x=a.b", "404"
			switch name {
			case "CORSRequestNotHttp":
				url = "file:///C:/site/data.json"
			case "CORSDidNotSucceed2":
				code = "(null)"
			}
			tail := ""
			if strings.HasSuffix(name, "2") && name != "CORSMissingAllowHeaderFromPreflight2" || strings.HasSuffix(name, "3") {
				tail, m.status = strings.Replace(status, "{code}", code, 1), true
			}
			m.text = strings.NewReplacer("{url}", url, "{reason}", rest, "{status}", tail).Replace(frame)
			m.text = strings.NewReplacer("{value}", "https://other.example", "{token}", "x y", "{header}", "x-api-key").Replace(m.text)
			list = append(list, m)
		}
	}
	return list
}

// aboutOf are what the categories are about.
var aboutOf = map[string]string{
	"CORSDisabled": string(TopicDisabled), "CORSDidNotSucceed2": cors.Transport.String(), "CORSOriginHeaderNotAdded": string(TopicOriginNotAdded),
	"CORSExternalRedirectNotAllowed": cors.PreflightRedirect.String(), "CORSRequestNotHttp": cors.SchemeNotHTTP.String(),
	"CORSMissingAllowOrigin2": cors.MissingAllowOrigin.String(), "CORSMultipleAllowOriginNotAllowed": cors.MultipleAllowOrigin.String(),
	"CORSAllowOriginNotMatchingOrigin": cors.AllowOriginMismatch.String(), "CORSNotSupportingCredentials": cors.WildcardAllowOriginWithCredentials.String(),
	"CORSMethodNotFound": cors.MethodNotAllowed.String(), "CORSMissingAllowCredentials": cors.AllowCredentialsNotTrue.String(),
	"CORSPreflightDidNotSucceed3": cors.PreflightStatus.String(), "CORSInvalidAllowMethod": cors.InvalidAllowMethods.String(),
	"CORSInvalidAllowHeader": cors.InvalidAllowHeaders.String(), "CORSMissingAllowHeaderFromPreflight2": cors.HeaderNotAllowed.String(),
	"CORSAllowHeaderFromPreflightDeprecation": string(TopicAuthorizationWildcard),
}

// onlyWords are the categories that differ from others in words alone, and what is read
// where those are not known.
var onlyWords = map[string]string{
	"CORSMultipleAllowOriginNotAllowed": cors.MissingAllowOrigin.String(),
	"CORSExternalRedirectNotAllowed":    cors.Transport.String(),
	"CORSDisabled":                      cors.Transport.String(),
}

func aboutMessage(m Message) string {
	if m.Reason != 0 {
		return m.Reason.String()
	}
	return string(m.Topic)
}

// Firefox's messages in eleven languages are recognized, with URL, status and values.
func TestFirefoxLanguages(t *testing.T) {
	languages := map[string]int{}
	for _, f := range firefoxLanguages(t) {
		languages[f.language]++
		list := Recognize("12:01:33,120 " + f.text + " [Weitere Informationen]\n    app.js:7\n")
		if len(list) != 1 {
			t.Errorf("%s %s: %d messages in %s", f.language, f.category, len(list), f.text)
			continue
		}
		m := list[0]
		if got := aboutMessage(m); got != aboutOf[f.category] {
			t.Errorf("%s %s is taken for %s: %s", f.language, f.category, got, f.text)
		}
		if m.Engine != firefox || !strings.HasPrefix(m.URL, "https://api.example/v1/items?id=7&x=a.b") && m.URL != "file:///C:/site/data.json" {
			t.Errorf("%s %s: %s asked for %q", f.language, f.category, m.Engine, m.URL)
		}
		if f.status && f.category != "CORSDidNotSucceed2" && m.Status != 404 {
			t.Errorf("%s %s: status %d in %s", f.language, f.category, m.Status, f.text)
		}
		if strings.Contains(f.text, "x-api-key") && m.Subject != "x-api-key" || strings.Contains(f.text, "other.example") && m.Value != "https://other.example" {
			t.Errorf("%s %s: subject %q, value %q", f.language, f.category, m.Subject, m.Value)
		}
	}
	if len(languages) < 10 {
		t.Errorf("only %d languages", len(languages))
	}
}

// tokens are what is never translated: URLs, names of headers, what is in quotes, the
// status, CORS and http.
var tokens = regexp.MustCompile(`[a-z]+://[^\s\p{Han}\p{Hangul}]+|Access-Control-Allow ?-[A-Za-z]+|['‘’“”«»\x60"] ?(?:\*|true|Origen|[Oo]rigin|Authorization|preflight|x-api-key|x y|https://other\.example) ?['‘’“”«»\x60"]|CORS|http|HTTP|\(null\)|[0-9]+`)

var words = regexp.MustCompile(`[\pL\pM]+`)

// TestFirefoxNoise replaces every other word by noise: what is told by tokens is still
// told.
func TestFirefoxNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	// Noise is of the script of what it replaces: an apostrophe within a word stays one.
	noise := func(word string) string {
		alphabet := []rune("bdfghklmnprstvwzéüß")
		switch first := []rune(word)[0]; {
		case unicode.Is(unicode.Cyrillic, first):
			alphabet = []rune("аеилуямндск")
		case !unicode.Is(unicode.Latin, first):
			alphabet = []rune("なかテ中文語가나다")
		}
		out := make([]rune, 2+random.IntN(8))
		for i := range out {
			out[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(out)
	}
	for _, f := range firefoxLanguages(t) {
		for range 5 {
			var b strings.Builder
			last := 0
			for _, at := range tokens.FindAllStringIndex(f.text, -1) {
				b.WriteString(words.ReplaceAllStringFunc(f.text[last:at[0]], noise) + f.text[at[0]:at[1]])
				last = at[1]
			}
			b.WriteString(words.ReplaceAllStringFunc(f.text[last:], noise))
			want := aboutOf[f.category]
			if other := onlyWords[f.category]; other != "" {
				want = other
			}
			if f.category == "CORSPreflightDidNotSucceed3" && !f.status {
				want = cors.Transport.String()
			}
			got := "nothing"
			if list := Recognize(b.String()); len(list) == 1 {
				got = aboutMessage(list[0])
			} else if len(list) > 1 {
				got = fmt.Sprintf("%d messages", len(list))
			}
			if got != want {
				t.Errorf("%s %s: %s, want %s in %s", f.language, f.category, got, want, b.String())
				break
			}
		}
	}
}
