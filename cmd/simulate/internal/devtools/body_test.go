package devtools

import (
	"slices"
	"testing"
)

// The bodies that each way of quoting stands for.
func TestBody(t *testing.T) {
	tests := []struct{ text, want string }{
		{`curl x -d $'\a\b\e\E\f\n\r\t\v\\\'\"\?'`, "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"},
		{`curl x -d $'\101\60\7z\x4a\xg\u41z\ug\U1F600\Ug\U110000\cA\q'`, "A0\azJ\\xgAz\\ug😀\\Ug\ufffd\x01\\q"},
		{`curl x -d $'\ud83d\ude00\ud83d\u0041\ude00'`, "😀\ufffdA\ufffd"},
		{`curl x -d "a\b\$\"\` + "\n" + `c"$"d"e\ f\` + "\n" + `g`, `a\b$"cde fg`},
		{`curl x -d "5 $ or $, \` + "`" + `"`, "5 $ or $, `"},
		{"curl x -d a,b{c} # a comment\ncurl y -d z", "a,b{c}"},
		{"curl x -d a >/dev/null 2>&1", "a"},
		{"(curl x -d a)", "a"},
		{"cd /srv && sudo curl x -d a", "a"},
		{"curl x --data-urlencode a&b", "a"},
		{"curl x --data-urlencode 'a b=c d'", "a b=c+d"},
		{"curl x --no-compressed --no-location -- -d a", ""},

		{"curl.exe x ^\n -d a^&b \"c\"", "a&b"},
		{"curl.exe x ^\n -d \"a\\\\\" 2>nul", `a\`},
		{"curl.exe x ^\n -d \"a\\\\\\\"b\\c\" > out.txt", `a\"b\c`},
		{"curl.exe x ^\n -d \"100%25%2F%%\" && echo", "100%25%2F%%"},
		{"curl.exe x ^\n -d \"a\"\"b\"", `a"b`},
		{"curl ^\"x^\" ^\n -d ^\"a^\nb^\"", "ab"},
		{"curl ^\"x^\" ^\n -d ^\"\\d^\"", `\d`},

		{`fetch('x', {body: '\b\f\n\r\t\v\'\"\q\` + "\n" + `\u{41}\ud83d\ude00\ud83d\u{41}'})`, "\b\f\n\r\t\v'\"qA😀\ufffdA"},
		{`fetch('x', {body: 1.50})`, "1.5"},
		{`fetch('x', {body: true})`, "true"},
		{`fetch('x', {body: new URL("https://a.example")})`, "https://a.example"},
		{`fetch('x', {body: new URLSearchParams([['a b', 'c&d'], ['é', null]])})`, "a+b=c%26d&%C3%A9=null"},
		{`fetch('x', {body: new URLSearchParams()})`, ""},
		{`fetch('x', {body: JSON.stringify([0, -0, 1e21, 1e-7, 0.000001, 123456789012345680000, -1.5e300, 5e-324])})`,
			"[0,0,1e+21,1e-7,0.000001,123456789012345680000,-1.5e+300,5e-324]"},
		{`fetch('x', {body: JSON.stringify([0xFf, 0b11, 0o17, 1_0.5, +.5E+3, 1e400, -Infinity, Infinity, NaN])})`,
			"[255,3,15,10.5,500,null,null,null,null]"},
		{`fetch('x', {body: JSON.stringify({1.50: 1, 'é\\"\b\f\n\r\t\v': new URLSearchParams()})})`,
			`{"1.5":1,"é\\\"\b\f\n\r\t\u000b":{}}`},
		{`fetch('x', {body: JSON.stringify([{}], undefined, '\t')})`, "[\n\t{}\n]"},
		{`fetch('x', {body: JSON.stringify({2: 'b', a: 0, 1: 'a'})})`, `{"1":"a","2":"b","a":0}`},
	}
	for _, tt := range tests {
		r, err := Parse(tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
			continue
		}
		got := ""
		if r.Body != nil {
			got = *r.Body
		}
		if got != tt.want {
			t.Errorf("Parse(%q):\n got %q\nwant %q", tt.text, got, tt.want)
		}
	}
}

// What is ignored or taken otherwise is noted.
func TestNotes(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"curl -sSvif -o a -w '%{http_code}' --tlsv1.2 https://x", nil},
		{"curl https://x https://y --url https://z", []string{"only the first URL was read; 2 more ignored"}},
		{"curl https://x --next --frob", []string{"only the first request of the command was read; --next and what follows it was ignored"}},
		{"curl https://x --location-trusted -c jar", []string{
			"--location-trusted: taken as -L; a browser sends Authorization to no other origin after a redirect", "-c: no cookies are stored"}},
		{"curl x://y -H 'Sec-Fetch-Mode: sideways'", []string{setNote + "Sec-Fetch-Mode", `Sec-Fetch-Mode: "sideways" is no mode, and ignored`}},
		{"curl ^\"https://x^\" ^\n -H ^\"Content-Type: multipart/form-data; boundary=b^\" ^\n -d ^\"--b^\n\n--b--^\"", []string{
			"the line breaks of the multipart body are LF, as cmd.exe's quoting does not keep CR LF; copy as cURL (bash) to keep them"}},
		{"fetch('x', {body: null, signal: null, mode: undefined})", nil},
		{"const f = prefetch('a');\nthis.fetch('b');\nfetch('x');", []string{"what stands before the call of fetch in line 3 was ignored"}},
	}
	for _, tt := range tests {
		r, err := Parse(tt.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", tt.text, err)
		} else if !slices.Equal(r.Notes, tt.want) {
			t.Errorf("Parse(%q):\n got %q\nwant %q", tt.text, r.Notes, tt.want)
		}
	}
}
