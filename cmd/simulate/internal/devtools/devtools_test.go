package devtools

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/corsim/corsim/headers"
)

func ptr(s string) *string { return &s }

// list makes a header list of names and values by turns.
func list(pairs ...string) headers.List {
	var l headers.List
	for i := 0; i < len(pairs); i += 2 {
		l = append(l, headers.Header{Name: pairs[i], Value: pairs[i+1]})
	}
	return l
}

const (
	originNote = "Origin header: taken as the page's origin"
	setNote    = "set by a browser itself, and so not among the script's headers: "
)

const chromiumAgent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

func TestParse(t *testing.T) {
	tests := []struct {
		name string
		text string
		want Request
	}{
		{
			name: "Chromium, copy as cURL (bash)",
			text: `curl 'https://api.example.com/v1/items?tag=a%20b&n=\[1\]' \
  -X 'PUT' \
  -H 'accept: application/json, text/plain, */*' \
  -H 'accept-language: en-US,en;q=0.9' \
  -H 'authorization: Bearer e30.e30.c2ln' \
  -H 'cache-control: no-cache' \
  -H 'content-type: application/json' \
  -b 'sid=31d4d96e407aad42; theme=dark' \
  -H 'dnt: 1' \
  -H 'origin: https://app.example.com' \
  -H 'pragma: no-cache' \
  -H 'priority: u=1, i' \
  -H 'referer: https://app.example.com/' \
  -H 'sec-ch-ua: "Chromium";v="140", "Not=A?Brand";v="24"' \
  -H 'sec-ch-ua-mobile: ?0' \
  -H 'sec-fetch-dest: empty' \
  -H 'sec-fetch-mode: cors' \
  -H 'sec-fetch-site: same-site' \
  -H 'user-agent: ` + chromiumAgent + `' \
  -H 'x-empty;' \
  --data-raw $'{"name":"it\'s\u0021","lines":"a\\nb"}' \
  --insecure`,
			want: Request{
				URL: "https://api.example.com/v1/items?tag=a%20b&n=[1]", Method: "PUT", MethodGiven: true,
				Headers: list("accept", "application/json, text/plain, */*", "authorization", "Bearer e30.e30.c2ln",
					"content-type", "application/json", "x-empty", ""),
				Automatic: list("accept-language", "en-US,en;q=0.9", "cache-control", "no-cache", "dnt", "1", "pragma", "no-cache",
					"priority", "u=1, i", "sec-ch-ua", `"Chromium";v="140", "Not=A?Brand";v="24"`, "sec-ch-ua-mobile", "?0",
					"sec-fetch-dest", "empty", "sec-fetch-mode", "cors", "sec-fetch-site", "same-site", "user-agent", chromiumAgent),
				Origin: "https://app.example.com", Referer: "https://app.example.com/", Cookie: "sid=31d4d96e407aad42; theme=dark",
				Body: ptr(`{"name":"it's!","lines":"a\nb"}`), Mode: ptr("cors"), Insecure: true,
				Source: CurlBash, FromBrowser: true,
				Notes: []string{originNote, setNote + "accept-language, cache-control, dnt, pragma, priority, sec-ch-ua, sec-ch-ua-mobile, sec-fetch-dest, sec-fetch-mode, sec-fetch-site, user-agent"},
			},
		},
		{
			name: "Chromium of some years ago: pseudo-headers, --compressed, a navigation",
			text: `curl 'https://example.com/' -H 'authority: example.com' -H 'method: GET' -H 'cache-control: max-age=0' -H 'upgrade-insecure-requests: 1' -H 'sec-fetch-mode: navigate' -H 'sec-fetch-dest: document' -H 'accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.9' -H 'if-none-match: W/"1"' --compressed`,
			want: Request{
				URL: "https://example.com/", Method: "GET",
				Automatic: list("authority", "example.com", "method", "GET", "cache-control", "max-age=0", "upgrade-insecure-requests", "1",
					"sec-fetch-mode", "navigate", "sec-fetch-dest", "document",
					"accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.9",
					"if-none-match", `W/"1"`),
				Mode: ptr("navigate"), Compressed: true, Source: CurlBash, FromBrowser: true,
				Notes: []string{"--compressed: a browser always asks for compression",
					setNote + "authority, method, cache-control, upgrade-insecure-requests, sec-fetch-mode, sec-fetch-dest, accept, if-none-match",
					"the request is a navigation, to which CORS does not apply"},
			},
		},
		{
			name: "Chromium, copy as cURL (cmd)",
			text: "curl ^\"https://api.example.com/v1/items?a=b^%^20c^&d=^\\[e^\\]^\" ^\r\n" +
				"  -H ^\"accept: */*^\" ^\r\n" +
				"  -H ^\"content-type: application/json^\" ^\r\n" +
				"  -H ^\"origin: http://localhost:3000^\" ^\r\n" +
				"  -H ^\"sec-ch-ua: ^\\^\"Chromium^\\^\";v=^\\^\"140^\\^\"^\" ^\r\n" +
				"  -H ^\"x-note: 100^%, ^^ and ^|^\" ^\r\n" +
				"  --data-raw ^\"^{^\\^\"path^\\^\":^\\^\"C:^\\^\\^\\^\\tmp^\\^\",^\r\n\r\n^\\^\"n^\\^\":1^}^\"",
			want: Request{
				URL: "https://api.example.com/v1/items?a=b%20c&d=[e]", Method: "POST",
				Headers:   list("content-type", "application/json", "x-note", "100%, ^ and |"),
				Automatic: list("accept", "*/*", "sec-ch-ua", `"Chromium";v="140"`),
				Origin:    "http://localhost:3000",
				Body:      ptr("{\"path\":\"C:\\\\tmp\",\n\"n\":1}"),
				Source:    CurlCmd, FromBrowser: true,
				Notes: []string{originNote, setNote + "accept, sec-ch-ua"},
			},
		},
		{
			name: "Chromium of some years ago, copy as cURL (cmd): carets inside plain quotes",
			text: "curl \"https://api.example.com/?a=b^%^20c&d=e\" ^\n  -H \"sec-ch-ua: ^\\^\"Chromium^\\^\";v=^\\^\"110^\\^\"\" ^\n  -H \"x-a: b^|c\" ^\n  --data-raw ^\"^{^\\^\"a^\\^\":1,^\n\n^\\^\"b^\\^\":2^}^\" ^\n  --compressed",
			want: Request{
				URL: "https://api.example.com/?a=b%20c&d=e", Method: "POST",
				Headers:    list("x-a", "b|c", "Content-Type", "application/x-www-form-urlencoded"),
				Automatic:  list("sec-ch-ua", `"Chromium";v="110"`),
				Body:       ptr("{\"a\":1,\n\"b\":2}"),
				Compressed: true, Source: CurlCmd, FromBrowser: true,
				Notes: []string{"--compressed: a browser always asks for compression", setNote + "sec-ch-ua"},
			},
		},
		{
			name: "Firefox, copy as cURL (POSIX)",
			text: `curl 'https://api.example.com/a' \
  --compressed \
  -X PATCH \
  -H 'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' \
  -H 'Accept: */*' \
  -H 'Accept-Language: en-US,en;q=0.5' \
  -H 'Accept-Encoding: gzip, deflate, br, zstd' \
  -H 'X-Requested-With: XMLHttpRequest' \
  -H 'Content-Type: text/plain' \
  -H 'Origin: null' \
  -H 'Sec-GPC: 1' \
  -H 'Connection: keep-alive' \
  -H 'TE: trailers' \
  --data-raw $'caf\xc3\xa9 \u20ac \ud83d\ude00 \041\x0a'`,
			want: Request{
				URL: "https://api.example.com/a", Method: "PATCH", MethodGiven: true,
				Headers: list("X-Requested-With", "XMLHttpRequest", "Content-Type", "text/plain"),
				Automatic: list("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Accept", "*/*",
					"Accept-Language", "en-US,en;q=0.5", "Accept-Encoding", "gzip, deflate, br, zstd", "Sec-GPC", "1", "Connection", "keep-alive", "TE", "trailers"),
				Origin: "null", Body: ptr("café € 😀 !\n"), Compressed: true, Source: CurlBash, FromBrowser: true,
				Notes: []string{"--compressed: a browser always asks for compression", originNote,
					setNote + "User-Agent, Accept, Accept-Language, Accept-Encoding, Sec-GPC, Connection, TE"},
			},
		},
		{
			name: "Firefox, copy as cURL (Windows)",
			text: "curl ^\"https://api.example.com/a?b=1&c=^[2^]^\" ^\n  --globoff ^\n  -X POST ^\n  -H ^\"User-Agent: Mozilla/5.0^\" ^\n  --data-raw ^\"{\\\"price\\\":\\\"\\$5\\\",\\\"tick\\\":\\\"\\`\\\",\\\"amp\\\":\\\"a&b\\\",\\\"pipe\\\":\\\"^|\\\"}^\"",
			want: Request{
				URL: "https://api.example.com/a?b=1&c=[2]", Method: "POST", MethodGiven: true,
				Headers:   list("Content-Type", "application/x-www-form-urlencoded"),
				Automatic: list("User-Agent", "Mozilla/5.0"),
				Body:      ptr("{\"price\":\"$5\",\"tick\":\"`\",\"amp\":\"a&b\",\"pipe\":\"|\"}"),
				Source:    CurlCmd, FromBrowser: true,
				Notes: []string{setNote + "User-Agent"},
			},
		},
		{
			name: "Firefox of some years ago, on Windows: doubled quotes",
			text: "curl \"https://api.example.com/a?b=\"%\"20c\" -H \"Content-Type: application/json\" --data-binary \"{\"\"a\"\":\"\"b c\"\",\"^\r\n\r\n\"\"\"n\"\":1}\"",
			want: Request{
				URL: "https://api.example.com/a?b=%20c", Method: "POST",
				Headers: list("Content-Type", "application/json"),
				Body:    ptr("{\"a\":\"b c\",\n\"n\":1}"), Source: CurlCmd,
			},
		},
		{
			name: "Safari, copy as cURL",
			text: "curl 'https://api.example.com/login' \\\n-X 'POST' \\\n-H 'Content-Type: application/x-www-form-urlencoded' \\\n-H 'Accept: application/json' \\\n-H 'Sec-Fetch-Site: cross-site' \\\n-H 'Sec-Fetch-Mode: cors' \\\n-H 'Content-Length: 7' \\\n-H 'Priority: u=3, i' \\\n--data 'a=1&b=2'",
			want: Request{
				URL: "https://api.example.com/login", Method: "POST", MethodGiven: true,
				Headers:   list("Content-Type", "application/x-www-form-urlencoded", "Accept", "application/json"),
				Automatic: list("Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "cors", "Content-Length", "7", "Priority", "u=3, i"),
				Body:      ptr("a=1&b=2"), Mode: ptr("cors"), Source: CurlBash, FromBrowser: true,
				Notes: []string{setNote + "Sec-Fetch-Site, Sec-Fetch-Mode, Content-Length, Priority"},
			},
		},
		{
			name: "written by hand: combined flags, variables of the environment, a pipe",
			text: `$ HTTPS_PROXY= curl -sSLkvXDELETE --max-time 2.5 -u "me:p\$w" -A probe/1 --resolve=api.test:443:127.0.0.1 --cacert ca.pem -o /dev/null -w '%{http_code}' -d a=1 --data-urlencode 'q=x y&z' --data-urlencode =~é localhost:8080/x 2>&1 | jq .`,
			want: Request{
				URL: "http://localhost:8080/x", Method: "DELETE", MethodGiven: true,
				Headers:  list("User-Agent", "probe/1", "Content-Type", "application/x-www-form-urlencoded"),
				Body:     ptr("a=1&q=x+y%26z&~%C3%A9"),
				Insecure: true, FollowRedirects: true, MaxTime: 2500 * time.Millisecond, User: "me:p$w",
				CACert: "ca.pem", Resolve: []string{"api.test:443:127.0.0.1"}, Source: CurlBash,
				Notes: []string{"the URL has no scheme: http:// is put before it, as curl does",
					"the redirection of curl's input or output was ignored",
					`line 1: only the first curl command was read; "jq ." and what follows it was ignored`},
			},
		},
		{
			name: "written by hand: a preflight, with Accept taken away",
			text: `curl -i -X OPTIONS https://api.example.com/x -H "Origin: https://app.example.com" -H "Access-Control-Request-Method: PUT" -H Accept: --http1.1 -x http://proxy:3128`,
			want: Request{
				URL: "https://api.example.com/x", Method: "OPTIONS", MethodGiven: true,
				Automatic: list("Access-Control-Request-Method", "PUT"), Origin: "https://app.example.com", Source: CurlBash,
				Notes: []string{`-H "Accept:": curl then sends no such header of its own; use "Accept;" to send an empty one`,
					"--http1.1: the version of HTTP is what client and server agree on", "-x: the proxy is ignored", originNote,
					setNote + "Access-Control-Request-Method",
					`this is a preflight, which a browser makes by itself; to check what it asks for, give the request with the method "PUT"`},
			},
		},
		{
			name: "written by hand: -G, --url-query, a fragment, an IPv6 address",
			text: `curl -G 'https://[::1]:8443/s?a=1#f' -d b=2 --url-query 'c=d e' -I`,
			want: Request{URL: "https://[::1]:8443/s?a=1&c=d+e&b=2#f", Method: "HEAD", Source: CurlBash},
		},
		{
			name: "written by hand: --json twice, Authorization before -u",
			text: `curl --json '{"a":1' --json '}' -u a:b --oauth2-bearer t0k https://api.example.com`,
			want: Request{URL: "https://api.example.com", Method: "POST", Body: ptr(`{"a":1}`), Source: CurlBash,
				Headers: list("Authorization", "Bearer t0k", "Content-Type", "application/json", "Accept", "application/json"),
				Notes:   []string{"-u: ignored, as curl prefers the Authorization header"}},
		},
		{
			name: "written by hand: a body from a file, without a Content-Type",
			text: `curl --data-binary @body.json -H 'Content-Type:' -H 'Host: api.example.com' https://127.0.0.1/`,
			want: Request{URL: "https://127.0.0.1/", Method: "POST", BodyFile: "body.json", Source: CurlBash,
				Automatic: list("Host", "api.example.com"),
				Notes: []string{`-H "Content-Type:": curl then sends no such header of its own; use "Content-Type;" to send an empty one`,
					setNote + "Host",
					"Host: api.example.com is ignored, as a browser sends the URL's own; put that host into the URL, and its address into --resolve"}},
		},
		{
			name: "written by hand: a body from standard input, as text",
			text: `curl -d @- https://api.example.com/ <body.txt`,
			want: Request{URL: "https://api.example.com/", Method: "POST", BodyFile: "-", BodyFileText: true, Source: CurlBash,
				Headers: list("Content-Type", "application/x-www-form-urlencoded"),
				Notes:   []string{"the redirection of curl's input or output was ignored"}},
		},
		{
			name: "written by hand: an unquoted & ends the command",
			text: `curl https://api.example.com/?a=1&b=2`,
			want: Request{URL: "https://api.example.com/?a=1", Method: "GET", Source: CurlBash,
				Notes: []string{`line 1: the shell ends the command at the & before "b=2", which was ignored; quote the URL if that belongs to it`}},
		},
		{
			name: "copy all as cURL: the first of several, after prose and a comment",
			text: "It doesn't work:\n# mine\ncurl 'https://a.example/' ;\ncurl 'https://b.example/'",
			want: Request{URL: "https://a.example/", Method: "GET", Source: CurlBash,
				Notes: []string{`line 4: only the first curl command was read; "curl 'https://b.example/'" and what follows it was ignored`}},
		},
		{
			name: "written by hand for cmd.exe",
			text: "C:\\> curl.exe -X POST ^\n -d \"{\\\"a\\\":\\\"b\\\\c\\\"}\" ^ \n \"http://localhost/%7Eme%2F?x=1&y=2\" & echo done",
			want: Request{URL: "http://localhost/%7Eme%2F?x=1&y=2", Method: "POST", MethodGiven: true, Body: ptr(`{"a":"b\\c"}`), Source: CurlCmd,
				Headers: list("Content-Type", "application/x-www-form-urlencoded"),
				Notes:   []string{`line 3: only the first curl command was read; "echo done" and what follows it was ignored`}},
		},
		{
			name: "Chromium, copy as fetch",
			text: `fetch("https://api.example.com/v1/items", {
  "headers": {
    "accept": "*/*",
    "accept-language": "en-US,en;q=0.9",
    "content-type": "application/json",
    "priority": "u=1, i",
    "sec-ch-ua": "\"Chromium\";v=\"140\"",
    "sec-fetch-mode": "cors",
    "x-api-key": "caf\u00e9"
  },
  "referrer": "https://app.example.com/",
  "referrerPolicy": "strict-origin-when-cross-origin",
  "body": "{\"a\":\"\\u00fc\",\"b\":\"😀\"}",
  "method": "POST",
  "mode": "cors",
  "credentials": "include"
});`,
			want: Request{
				URL: "https://api.example.com/v1/items", Method: "POST", MethodGiven: true,
				Headers:   list("content-type", "application/json", "x-api-key", "caf\xe9"),
				Automatic: list("accept", "*/*", "accept-language", "en-US,en;q=0.9", "priority", "u=1, i", "sec-ch-ua", `"Chromium";v="140"`, "sec-fetch-mode", "cors"),
				Body:      ptr(`{"a":"\u00fc","b":"😀"}`), Mode: ptr("cors"), Credentials: ptr("include"),
				Referrer: ptr("https://app.example.com/"), ReferrerPolicy: ptr("strict-origin-when-cross-origin"),
				Source: Fetch, FromBrowser: true,
				Notes: []string{setNote + "accept, accept-language, priority, sec-ch-ua, sec-fetch-mode"},
			},
		},
		{
			name: "Chromium, copy as fetch (Node.js), over plain HTTP",
			text: `fetch("http://localhost:8080/a", {
  "headers": {
    "accept": "application/json",
    "cache-control": "no-cache",
    "cookie": "sid=1; t=2",
    "Referer": "http://localhost:3000/"
  },
  "body": null,
  "method": "GET",
  "mode": "cors"
});
fetch("http://localhost:8080/b", { "method": "GET" });`,
			want: Request{
				URL: "http://localhost:8080/a", Method: "GET", MethodGiven: true,
				Headers: list("accept", "application/json"), Automatic: list("cache-control", "no-cache"),
				Referer: "http://localhost:3000/", Cookie: "sid=1; t=2", Mode: ptr("cors"), Source: Fetch, FromBrowser: true,
				Notes: []string{setNote + "cache-control", "line 12: only the first call of fetch was read; 1 more ignored"},
			},
		},
		{
			name: "Firefox, copy as Fetch, of a navigation",
			text: "await fetch(\"https://example.com/\", {\n    \"credentials\": \"include\",\n    \"headers\": {\n        \"User-Agent\": \"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\",\n        \"Sec-Fetch-Mode\": \"navigate\"\n    },\n    \"method\": \"GET\",\n    \"mode\": \"cors\"\n});",
			want: Request{
				URL: "https://example.com/", Method: "GET", MethodGiven: true,
				Automatic: list("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Sec-Fetch-Mode", "navigate"),
				Mode:      ptr("cors"), Credentials: ptr("include"), Source: Fetch, FromBrowser: true,
				Notes: []string{setNote + "User-Agent, Sec-Fetch-Mode",
					`Sec-Fetch-Mode says that the copied request had the mode "navigate"; the options say "cors", which holds`},
			},
		},
		{
			name: "Safari, copy as Fetch",
			text: "fetch(\"https://api.example.com/a\", {\n    \"body\": \"a=1\",\n    \"cache\": \"default\",\n    \"credentials\": \"omit\",\n    \"headers\": {\n        \"Accept\": \"*/*\",\n        \"Content-Type\": \"text/plain\",\n        \"User-Agent\": \"Mozilla/5.0 (Macintosh) Version/26.0 Safari/605.1.15\"\n    },\n    \"method\": \"PUT\",\n    \"mode\": \"cors\",\n    \"redirect\": \"follow\",\n    \"referrer\": \"https://app.example.com/\"\n})",
			want: Request{
				URL: "https://api.example.com/a", Method: "PUT", MethodGiven: true, Headers: list("Content-Type", "text/plain"),
				Automatic: list("Accept", "*/*", "User-Agent", "Mozilla/5.0 (Macintosh) Version/26.0 Safari/605.1.15"),
				Body:      ptr("a=1"), Mode: ptr("cors"), Credentials: ptr("omit"), Cache: ptr("default"), Redirect: ptr("follow"),
				Referrer: ptr("https://app.example.com/"), Source: Fetch, FromBrowser: true,
				Notes: []string{setNote + "Accept, User-Agent"},
			},
		},
		{
			name: "fetch written by hand",
			text: `const response = await window.fetch('/api', { // relative
  method: 'put', keepalive: true, integrity: 'sha256-x', signal: undefined, priority: 'high',
  headers: new Headers({ 'User-Agent': 'mine', 'Cache-Control': 'no-cache', 'X-N': 1e21, }),
  body: JSON.stringify({ a: [1, .5, -0, 0x1F, 1_000, null, undefined, NaN], 'b"': "\x41\u{1F600}\0", 10: 1, 2: undefined, /* last wins */ a2: 1, a2: true, }),
  retries: 3,
}).then(r => r.json());`,
			want: Request{
				URL: "/api", Method: "put", MethodGiven: true,
				Headers: list("User-Agent", "mine", "Cache-Control", "no-cache", "X-N", "1e+21", "Content-Type", "text/plain;charset=UTF-8"),
				Body:    ptr(`{"10":1,"a":[1,0.5,0,31,1000,null,null,null],"b\"":"A😀\u0000","a2":true}`), Integrity: ptr("sha256-x"), Keepalive: true, Source: Fetch,
				Notes: []string{"priority: ignored", `"retries" is no option of fetch; a browser ignores it`, "line 6: what is done with the response (.then) was ignored"},
			},
		},
		{
			name: "fetch written by hand: pairs, search parameters, a template, indentation",
			text: "async () => { return fetch(new URL(`https://a.example/\\`x`), {method: 'POST', headers: [['X-A', 'b'], ['x-a', 'c']], body: new URLSearchParams({q: 'a b~*', n: 1})}) }",
			want: Request{
				URL: "https://a.example/`x", Method: "POST", MethodGiven: true,
				Headers: list("X-A", "b", "x-a", "c", "Content-Type", "application/x-www-form-urlencoded;charset=UTF-8"),
				Body:    ptr("q=a+b%7E*&n=1"), Source: Fetch,
				Notes: []string{"what stands before the call of fetch in line 1 was ignored", "line 1: what follows the call of fetch was ignored"},
			},
		},
		{
			name: "fetch written by hand: JSON with an indentation, no options otherwise",
			text: `fetch("https://curl.se/curl ", {body: JSON.stringify({a:[], b:{c:"d"}}, null, 2), method: "POST"})`,
			want: Request{URL: "https://curl.se/curl ", Method: "POST", MethodGiven: true,
				Headers: list("Content-Type", "text/plain;charset=UTF-8"), Body: ptr("{\n  \"a\": [],\n  \"b\": {\n    \"c\": \"d\"\n  }\n}"), Source: Fetch},
		},
		{name: "fetch of a URL only", text: "\ufefffetch('https://a.example')", want: Request{URL: "https://a.example", Method: "GET", Source: Fetch}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			g, w := reflect.ValueOf(*got), reflect.ValueOf(tt.want)
			for i := range g.NumField() {
				if !reflect.DeepEqual(g.Field(i).Interface(), w.Field(i).Interface()) {
					t.Errorf("%s:\n got %q\nwant %q", g.Type().Field(i).Name, show(g.Field(i)), show(w.Field(i)))
				}
			}
		})
	}
}

func show(v reflect.Value) any {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		return v.Elem().Interface()
	}
	return v.Interface()
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "line 1, column 1: there is no text; copy the request as cURL or as fetch"},
		{"\n GET / HTTP/1.1", "line 2, column 2: there is neither a curl command nor a call of fetch; copy the request as cURL or as fetch"},
		{"echo curl x", "line 1, column 1: there is neither a curl command nor a call of fetch; copy the request as cURL or as fetch"},
		{`Invoke-WebRequest -UseBasicParsing -Uri "https://a.example"`, "line 1, column 1: PowerShell is not read; copy the request as cURL or as fetch instead"},
		{strings.Repeat("x", MaxBytes+1), "line 1, column 1: the text has 1048577 bytes; at most 1048576 are read"},

		{"curl", "line 1, column 1: the curl command has no URL"},
		{"curl \\\n  -H 'a: b", "line 2, column 6: the single quote (') that begins here has no end"},
		{`curl "a`, `line 1, column 6: the double quote (") that begins here has no end`},
		{`curl $'a\'`, `line 1, column 6: the quotation $' that begins here has no end`},
		{`curl x -H "Authorization: Bearer $TOKEN"`, `line 1, column 34: $TOKEN is a variable of the shell, whose value is not known; write the value, or put it into single quotes if it is meant literally`},
		{`curl ${HOST}/x`, `line 1, column 6: ${HOST} is a variable of the shell, whose value is not known; write the value, or put it into single quotes if it is meant literally`},
		{"curl x/`id`", "line 1, column 8: a command's output is put in here, which is not known; write the text itself, or put it into single quotes if it is meant literally"},
		{`curl x -d "$(cat f)"`, "line 1, column 12: a command's output is put in here, which is not known; write the text itself, or put it into single quotes if it is meant literally"},
		{"curl x -d @- <<EOF\na\nEOF", "line 1, column 14: a here-document or here-string (<<) is not read; put the text into -d '…'"},
		{`curl x -d {"a":1,"b":2}`, "line 1, column 11: a shell expands {…,…} outside quotes to several words; put the argument into single quotes"},
		{"curl x \\ \n -k", "line 1, column 8: a backslash continues a line only where it is the line's last character; remove the blank after it"},
		{`curl 'x/{a,b}'`, `line 1, column 6: curl takes '{' in a URL for a pattern of several URLs; write \{, or add --globoff if it is meant literally`},
		{"curl é --frob", "line 1, column 8: --frob is not an option of curl's that is known here; leave it out, if the request does not depend on it"},
		{"curl x -sé", "line 1, column 8: -é is not an option of curl's that is known here; leave it out, if the request does not depend on it"},
		{"curl x -X", "line 1, column 8: -X needs a value, and the command ends after it"},
		{"curl x --header", "line 1, column 8: --header needs a value, and the command ends after it"},
		{"curl x --head=1", "line 1, column 8: --head takes no value"},
		{"curl x -X 'A B'", `line 1, column 11: "A B" is no method; write one like GET or PUT`},
		{"curl x -H @h.txt", `line 1, column 11: headers are not read from a file ("@h.txt"); give each as -H 'Name: value'`},
		{"curl x -H nonsense", `line 1, column 11: "nonsense" is no header; write 'Name: value', 'Name;' for an empty one, or 'Name:' for none`},
		{"curl x -H 'a b: c'", `line 1, column 11: "a b" is no header's name; a name consists of letters, digits and -, ., _ and the like`},
		{`curl x -H $'a: b\nc'`, `line 1, column 11: the value of the header "a" holds "\n", which no header's value can`},
		{`curl x -A $'b\nc'`, `line 1, column 11: "b\nc" holds a line break or NUL, which no header's value can`},
		{"curl x -F a=b", "line 1, column 11: -F: multipart bodies are not built here; copy the request from a browser, or give the body with --data-binary and -H 'Content-Type: multipart/form-data; boundary=…'"},
		{"curl x -d a -d @f", `line 1, column 16: the body from the file "f" cannot be joined with other data; give the whole body once`},
		{"curl x -d @f -d a", `line 1, column 17: the body is the file "f" and cannot be joined with more; give the whole body once`},
		{"curl x -d @", "line 1, column 11: after @ there should be the name of the file that holds the body"},
		{"curl x -G -d @f", `line 1, column 14: -G with the file "f": a file is not read to be put into the URL; write its content into the URL`},
		{"curl x --data-urlencode a@f", `line 1, column 25: --data-urlencode "a@f": a file is not read to be encoded; give its content, encoded, with --data-raw`},
		{"curl x -b jar.txt", `line 1, column 11: -b "jar.txt": without = this is the name of a file, which is not read; give the cookies as -b 'name=value; name=value'`},
		{"curl x -m soon", `line 1, column 11: --max-time "soon": this is no number of seconds`},
		{"curl x -m NaN", `line 1, column 11: --max-time "NaN": this is no number of seconds`},
		{"curl x -I -d a", "line 1, column 8: -I asks for HEAD and the data asks for POST; curl takes only one of them: leave one out, or add -G to send the data in the URL"},

		{"curl ^\"x^\" ^\n -H ^\"a: b", `line 2, column 5: the quotation that begins here has no end; a line break in it is written as a caret and two line breaks`},
		{"curl.exe x ^\n -H \"a: b", `line 2, column 5: the double quote (") that begins here has no end on its line`},
		{"curl.exe x ^\n -d \"{\\\"a&b\\\":1}\"", `line 2, column 10: cmd.exe ends the command at this &, because to it each double quote before it (\" too) begins or ends a quotation; write ^&`},
		{"curl x ^\n -u %USERNAME%:", "line 2, column 5: %USERNAME% is a variable of cmd.exe, whose value is not known; write the value"},

		{"fetch()", `line 1, column 1: fetch needs a URL: fetch("https://…")`},
		{"fetch(url)", "line 1, column 7: url is a name, whose value is not known; write the value itself"},
		{"fetch(1)", "line 1, column 7: fetch's first argument is the number 1; write the URL as a string"},
		{"fetch('x', 'y')", `line 1, column 12: fetch's options are "y"; write them as { … }`},
		{"fetch('x', {}, 1)", "line 1, column 16: fetch takes a URL and options, and no third argument"},
		{"fetch('x'", "line 1, column 6: the ( that begins here has no )"},
		{"fetch('x", "line 1, column 7: the string that begins here has no end"},
		{"fetch('x\n')", "line 1, column 7: the string that begins here has no end on its line"},
		{"fetch(`a/${id}`)", "line 1, column 10: what ${…} puts in here is not known; write the text itself"},
		{"fetch('a' + b)", "line 1, column 11: nothing is computed here; write the sum or the whole string as one literal"},
		{"fetch('a' 'b')", `line 1, column 11: there should be a comma or ) here, and there is "'"`},
		{"fetch('x', {\n  ...defaults })", "line 2, column 3: what ... spreads here is not known; write the members themselves"},
		{"fetch('x', { [k]: 1 })", "line 1, column 14: a computed name is not known; write the name itself"},
		{"fetch('x', { headers })", `line 1, column 22: there should be a colon and a value after "headers"`},
		{"fetch('x', { a: 1", "line 1, column 12: the { that begins here has no }"},
		{"fetch('x', { a: @", `line 1, column 17: there should be a value here, and there is "@"`},
		{"fetch('x', /* ", "line 1, column 12: the comment that begins here has no */"},
		{"fetch('x', { n: 012 })", `line 1, column 17: "012" is no number that JavaScript would take`},
		{"fetch('x', { n: 1n })", `line 1, column 17: "1n" is no number that JavaScript would take`},
		{`fetch('\07')`, `line 1, column 8: an octal escape like \0 is not read; write \xHH`},
		{`fetch('\xg')`, `line 1, column 8: after \x there should be two hexadecimal digits`},
		{`fetch('\u{110000}')`, `line 1, column 8: after \u there should be four hexadecimal digits, or up to 10FFFF in braces`},
		{"fetch('x', { body: new FormData() })", "line 1, column 20: new FormData is not read; write the value as a string"},
		{"fetch('x', { body: {a: 1} })", "line 1, column 20: body is an object, of which a browser sends no more than what String() makes of it; write JSON.stringify(…) around it"},
		{"fetch('x', { body: JSON.parse('1') })", "line 1, column 20: of JSON, only JSON.stringify(…) is read; write the value itself"},
		{"fetch('x', { method: 1 })", `line 1, column 22: method is the number 1; write a method, like "PUT"`},
		{"fetch('x', { mode: 'corss' })", `line 1, column 20: mode is "corss", and a browser takes only ["cors" "no-cors" "same-origin"]`},
		{"fetch('x', { headers: { 'a': 'ł' } })", `line 1, column 30: the value of the header "a" has a character above U+00FF, for which a browser throws a TypeError`},
		{"fetch('x', { headers: { 'a b': '' } })", `line 1, column 25: "a b" is no header's name; a name consists of letters, digits and -, ., _ and the like`},
		{"fetch('x', { headers: [['a']] })", `line 1, column 24: a header in a list is written ["name", "value"]; this is an array`},
		{"fetch('x', " + strings.Repeat("[", 300), "line 1, column 212: more than 200 arrays and objects are nested"},
	}
	for _, tt := range tests {
		r, err := Parse(tt.text)
		if err == nil {
			t.Errorf("Parse(%s) = %+v, want the error\n%s", quote(tt.text), r, tt.want)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("Parse(%s):\n got %s\nwant %s", quote(tt.text), err, tt.want)
		}
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Parse(%s): the error is a %T", quote(tt.text), err)
		}
	}
}

// A header that could be a script's is the script's, unless there is a sign that a
// browser wrote the text.
func TestSeparateNeedsASign(t *testing.T) {
	tests := []struct {
		header         string
		script, copied bool // whether it is the script's, alone and in a copied request
	}{
		{"Accept-Language: fr", true, false},
		{"Cache-Control: no-cache", true, false},
		{"Cache-Control: no-store", true, true},
		{"Pragma: no-cache", true, false},
		{"If-None-Match: x", true, false},
		{"Method: x", true, false},
		{"Accept: image/png", true, true},
		{"Accept: */*", false, false},
		{"Priority: u=1", false, false},
		{"User-Agent: probe", true, true},
		{"User-Agent: Mozilla/5.0", false, false},
		{"X-HTTP-Method-Override: TRACE", false, false},
		{"X-HTTP-Method-Override: PUT", true, true},
		{"Authorization: Basic x", true, true},
		{"X-Requested-With: XMLHttpRequest", true, true},
		{":authority: x", false, false},
		{"Sec-Anything: x", false, false},
		{"Range: bytes=0-", true, true},
	}
	for _, tt := range tests {
		for _, copied := range []bool{false, true} {
			text, want := "curl x -H '"+tt.header+"'", tt.script
			if copied {
				text, want = text+" -H 'sec-ch-ua-mobile: ?0'", tt.copied
			}
			r, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(r.Headers) == 1; got != want {
				t.Errorf("%s: the script's: %t, want %t", text, got, want)
			}
		}
	}
}

func TestKindString(t *testing.T) {
	for kind, want := range map[Kind]string{CurlBash: "curl (bash)", CurlCmd: "curl (cmd)", Fetch: "fetch", 0: "Kind(0)"} {
		if got := kind.String(); got != want {
			t.Errorf("Kind(%d).String() = %q, want %q", kind, got, want)
		}
	}
}
