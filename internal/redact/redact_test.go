package redact

import (
	"strings"
	"testing"

	"github.com/corsim/corsim/headers"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/?a=1&access_token=x&b=2":   "https://a.example/?a=1&access_token=REDACTED&b=2",
		"https://a.example/#id_token=x":               "https://a.example/#id_token=REDACTED",
		"https://a.example/?X-Amz-Signature=x":        "https://a.example/?X-Amz-Signature=REDACTED",
		"https://a.example/?access%5Ftoken=x":         "https://a.example/?access%5Ftoken=REDACTED",
		"https://a.example/?KEY=x;code=y&a=b":         "https://a.example/?KEY=REDACTED&a=b",
		"https://a.example/?monkey=1&zipcode=2&a=b":   "https://a.example/?monkey=1&zipcode=2&a=b",
		"https://u:p@a.example/x":                     "https://REDACTED@a.example/x",
		"https://u:p@q@a.example/?sig=x":              "https://REDACTED@a.example/?sig=REDACTED",
		"https://u@a.example/x":                       "https://REDACTED@a.example/x",
		"https://:@a.example/x":                       "https://:@a.example/x",
		"https://a.example/x@y:z":                     "https://a.example/x@y:z",
		"see https://a.example/?token=x y and z":      "see https://a.example/?token=REDACTED y and z",
		`"https://a.example/?password=x" is no token`: `"https://a.example/?password=REDACTED" is no token`,
		"https://a.example/reset/eyJhbGc.eyJz.c-_/x":  "https://a.example/reset/REDACTED/x",
		"https://a.example/?t=%22eyJhbGc.eyJz.c%22":   "https://a.example/?t=%22REDACTED%22",
		"https://a.example/heyJude.html":              "https://a.example/heyJude.html",
		"https://a.example/?token":                    "https://a.example/?token",
		"https://a.example/?token=":                   "https://a.example/?token=REDACTED",
		"":                                            "",

		// In a parameter of a parameter.
		"https://a.example/?redirect=https%3A%2F%2Fx%3Ftoken%3DS%26a%3Db&c":  "https://a.example/?redirect=https%3A%2F%2Fx%3Ftoken%3DREDACTED%26a%3Db&c",
		"https://a.example/?r=https%253A%252F%252Fx%253Ftoken%253DS%2526a":   "https://a.example/?r=https%253A%252F%252Fx%253Ftoken%253DREDACTED%2526a",
		"https://a.example/?data=token%3DS":                                  "https://a.example/?data=token%3DREDACTED",
		"https://a.example/?data=token=S":                                    "https://a.example/?data=token=REDACTED",
		"https://a.example/?r=https%3A//x%3Ftoken%3DS/S?S&a=b":               "https://a.example/?r=https%3A//x%3Ftoken%3DREDACTED&a=b",
		"https://a.example/?r=https%3A%2F%2Fu%3Ap%40h%2Fx":                   "https://a.example/?r=https%3A%2F%2FREDACTED%40h%2Fx",
		"https://a.example/p/https%3a%2f%2fx%3fsig%3dS/y":                    "https://a.example/p/https%3a%2f%2fx%3fsig%3dREDACTED",
		"https://a.example/?d=%7B%22token%22%3A%22S%20S%22%2C%22a%22%3A1%7D": "https://a.example/?d=%7B%22token%22%3A%22REDACTED%22%2C%22a%22%3A1%7D",
		"https://a.example/?token=a%26b%23c&d=%zz%":                          "https://a.example/?token=REDACTED&d=%zz%",
		"https://a.example/?t=eyJhbGc%2EeyJz%2Ec-_&a=b":                      "https://a.example/?t=REDACTED&a=b",
		"https://a.example/?t=eyJhbGc.eyJzdWIi":                              "https://a.example/?t=REDACTED",

		// A value ends where that of its URL does.
		"https://a.example/?token=a b\"c\nd'e;f/g?h&i=j#k": "https://a.example/?token=REDACTED&i=j#k",
		"/x?token=a b":     "/x?token=REDACTED",
		"GET /x?token=a b": "GET /x?token=REDACTED b",
		`Location is "https://x/?token=a \"b c", which`:    `Location is "https://x/?token=REDACTED", which`,
		"https://us er:p\"w@a.example/":                    "https://REDACTED@a.example/",
		"line 1: \"{\\\"token\\\":\\\"a b\\\",\\\"x\\\"\"": "line 1: \"{\\\"token\\\":\\\"REDACTED\\\",\\\"x\\\"\"",
		`{"pin":1234,"a":1}`:                               `{"pin":REDACTED,"a":1}`,
		"the line \"Cookie: a=b; c=d\" is no request line": "the line \"Cookie: REDACTED\" is no request line",

		// Browsers take these for https://user:pw@h.
		"https:/user:pw@h/x":      "https:/REDACTED@h/x",
		"https:user:pw@h":         "https:REDACTED@h",
		`HTTPS:\\user:pw@h\x@y`:   `HTTPS:\\REDACTED@h\x@y`,
		`https:\/\user:pw@h`:      `https:\/\REDACTED@h`,
		"//user:pw@h":             "//REDACTED@h",
		"mailto:someone@h":        "mailto:someone@h",
		"foo:user@h":              "foo:user@h",
		"access-control: a@b.org": "access-control: a@b.org",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

// What is a secret is told by words in a name, and what only sounds like one as well.
func TestSecretNames(t *testing.T) {
	const secret = `token access_token accessToken access%5Ftoken X-Amz-Signature x-amz-security-token apiKey api_key APIKEY key[] KEY sig code auth pass pwd pin
		jwt sid otp session sessionid JSESSIONID PHPSESSID ASPSESSIONIDABCD ASP.NET_SessionId connect.sid sessid authorization SAMLResponse SAMLart RelayState_saml cookie
		ticket login_ticket nonce state code_verifier oauth_verifier subscription-key Ocp-Apim-Subscription-Key secret_key secretkey private_key app_key client_key
		client_secret clientsecret client_assertion id_token_hint authorization_code device_code otp_code passcode bearer access_token_v2 token_id tokenid user_pass
		userpass hmac csrf csrfmiddlewaretoken XSRF-TOKEN __RequestVerificationToken signed_request AWSAccessKeyId credentials user[password] passwords
		sessions client_secrets nextPageToken`
	const ordinary = `page_key pageKey sort-key keyword keywords monkey zipcode zip_code postalCode country_code statusCode max_tokens maxTokens num_tokens
		token_type expires code_challenge_method tokenLimit tokenizer secretary bypass compass passenger encoding decode barcode design signal assign
		signup session_length state_id us_state author authors cat client_id id user page q utm_source author_name`
	for _, list := range []struct {
		names string
		want  bool
	}{{secret, true}, {ordinary, false}} {
		for name := range strings.FieldsSeq(list.names) {
			redacted := strings.HasSuffix(Text("https://a.example/?"+name+"=x"), "=REDACTED")
			if redacted != list.want {
				t.Errorf("%s is redacted: %t", name, redacted)
			}
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("https://u:p@a.example/?token=x#code=y", "SECRET")
	f.Add("//:@//:@", "&;")
	f.Add("/eyJ.eyJ./eyJ", "eyJ")
	f.Fuzz(func(t *testing.T, s, secret string) {
		once := Text(s)
		if again := Text(once); again != once {
			t.Errorf("Text(%q) = %q, and of that %q", s, once, again)
		}
		secret = "SECRET" + secret
		if strings.ContainsAny(secret, "&#") || strings.Contains(s, "SECRET") {
			return
		}
		if url := "https://a.example/" + s + "?token=" + secret; strings.Contains(Text(url), "SECRET") {
			t.Errorf("Text(%q) has the secret: %q", url, Text(url))
		}
	})
}

// A cookie whose value is a scheme or a host takes none of them out of URLs and origins, and a file whose name
// goes keeps what tells what it is.
func TestCopyKeepsOrigins(t *testing.T) {
	c := NewCopy()
	c.Learn(headers.List{{Name: "cookie", Value: "scheme=https; host=api.example; id=0123456789abcdef"}})
	for _, test := range []struct{ name, got, want string }{
		{"a URL", c.URL("https://api.example/things"), "https://api.example/things"},
		{"an origin", c.Header("origin", "https://api.example"), "https://api.example"},
		{"an allowed origin", c.Header("access-control-allow-origin", "https://api.example"), "https://api.example"},
		{"a referrer", c.Header("referer", "https://api.example/things"), "https://api.example/"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
	for _, url := range []string{"https://api.example/0123456789abcdef.js", "https://0123456789abcdef@api.example/0123456789abcdef/a.js", "https://api.example/?a=0123456789abcdef"} {
		if got := c.URL(url); strings.Contains(got, "0123456789abcdef") || !strings.HasPrefix(got, "https://") || strings.HasSuffix(url, ".js") && !strings.HasSuffix(got, ".js") {
			t.Errorf("%q becomes %q", url, got)
		}
	}
	if got := c.Header("access-control-allow-origin", "https://api.example, 0123456789abcdef"); strings.Contains(got, "0123456789abcdef") {
		t.Errorf("a header: %q", got)
	}
}
