package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// canary matches the secrets that the tests plant. Each has the name of its place.
var canary = regexp.MustCompile(`(?i)CANARY[a-z0-9]*`)

// secretURL returns a URL with secrets in all its places; known, in its path, is one by what
// it is elsewhere.
func secretURL(base, place, known string) string {
	c := "CANARY" + place
	return base + "/p/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + c + "jwt/" + known +
		"?access_token=" + c + "a&csrf=" + c + "b&nonce=" + c + "c&hmac=" + c + "d&acc%65ss_tok%65n=" + c + "e&next=" +
		url.QueryEscape("https://u:"+c+"f@x.example/?token="+c+"g#id_token="+c+"h") + "&data=" + url.QueryEscape(`{"password":"`+c+`i"}`) +
		"&country_code=DE&page_key=visible&t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." + c + "j"
}

// secretHeaders are headers with secrets, of requests or of responses.
func secretHeaders(place string) [][2]string {
	c := "CANARY" + place
	return [][2]string{
		{"Authorization", "Bearer " + c + "authorization"}, {"X-Api-Key", c + "key"}, {"X-Trace", c + "trace"}, {"X-Next", "https://u:" + c + "next@x.example/"},
	}
}

// secretServer answers with secrets in all places of its answers.
func secretServer(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range map[string]string{
			"Set-Cookie": "sid=CANARYset1; Path=/", "WWW-Authenticate": `Bearer realm="CANARYrealm", token="CANARYwww"`, "X-Token": "CANARYtoken", "ETag": `"CANARYetag"`,
			"X-Request-Id": "CANARYrequest", "Server": "nginx/1.2.3 (CANARYserver)", "Link": "<https://x.example/?sig=CANARYlink>", "X-Echo": "CANARYcookie1", "Via": "1.1 CANARYvia0123456789012345",
			"Content-Type": "text/plain; boundary=CANARYtype", "Refresh": "0; url=/?token=CANARYrefresh",
		} {
			h.Set(name, value)
		}
		switch {
		case strings.HasPrefix(r.URL.Path, "/moved"):
			h.Set("Access-Control-Allow-Origin", "*")
			h.Set("Location", secretURL("http://u:CANARYlocation@"+r.Host, "moved", "CANARYset1"))
			w.WriteHeader(302)
		case strings.Contains(r.URL.Path, "open"):
			h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
			h.Set("Access-Control-Allow-Credentials", "true")
			h.Set("Access-Control-Allow-Methods", "PUT")
			h.Set("Access-Control-Allow-Headers", "authorization, x-api-key, x-trace, x-next, content-type")
			h.Set("Access-Control-Expose-Headers", "X-Token, X-Request-Id, Link, X-Echo")
		default:
			h.Set("Access-Control-Allow-Origin", "https://u:CANARYallow@x.example/?token=CANARYallow2")
			w.WriteHeader(401)
		}
		fmt.Fprint(w, "CANARYbody")
	}))
	t.Cleanup(server.Close)
	return server
}

// secretRecording is a recording with secrets in all its places.
func secretRecording(t *testing.T) string {
	list := func(place string, more ...[2]string) (list []map[string]string) {
		for _, h := range append(secretHeaders(place), more...) {
			list = append(list, map[string]string{"name": h[0], "value": h[1]})
		}
		return list
	}
	entry := func(n int, status int) map[string]any {
		at := secretURL("https://api.example", fmt.Sprint("url", n), "CANARYcookie1")
		withUser := strings.Replace(at, "://", "://u:CANARYpassword@", 1)
		return map[string]any{
			"_initiator":      map[string]any{"type": "CANARYinitiator", "url": withUser, "stack": map[string]any{"callFrames": []any{map[string]any{"url": withUser}}}},
			"startedDateTime": "2024-01-01T00:00:00Z", "time": 1, "comment": "CANARYcomment", "_error": "see " + withUser, "pageref": "CANARYpageref",
			"request": map[string]any{
				"method": "GET", "url": withUser, "httpVersion": "CANARYversion",
				"headers": list("rq", [2]string{"Origin", "https://app.example"}, [2]string{"Cookie", "sid=CANARYcookie1; b=CANARYcookie2"}, [2]string{"Referer", "https://app.example/?token=CANARYreferer"},
					[2]string{"User-Agent", "Mozilla/5.0 (CANARYplatform) https://u:CANARYagent@x.example/"}, [2]string{"Accept", "text/plain; x=CANARYaccept"}),
				"cookies": []any{map[string]any{"name": "sid", "value": "CANARYcookie3"}}, "queryString": []any{map[string]any{"name": "q", "value": "CANARYquery"}},
				"postData": map[string]any{"mimeType": "multipart/form-data; boundary=CANARYboundary", "text": "CANARYpost"},
			},
			"response": map[string]any{
				"status": status, "statusText": "CANARYstatus", "httpVersion": "h2",
				"headers": list("rs", [2]string{"Set-Cookie", "sid=CANARYset1; Path=/"}, [2]string{"Location", withUser}, [2]string{"Vary", "Origin"},
					[2]string{"Access-Control-Allow-Origin", "https://u:CANARYallow@x.example/?token=CANARYallow2"}),
				"content": map[string]any{"mimeType": "text/plain; x=CANARYmime", "text": "CANARYtext"}, "redirectURL": withUser,
			},
		}
	}
	bad := map[string]any{"request": map[string]any{"method": []any{}, "url": secretURL("https://u:CANARYbad@api.example", "bad", "x")}}
	har, err := json.Marshal(map[string]any{"log": map[string]any{
		"version": "1.2", "comment": "CANARYlog", "creator": map[string]any{"name": "https://u:CANARYcreator@x.example/", "version": "CANARYversion"},
		"browser": map[string]any{"name": "Chrome", "version": "120.CANARY"}, "pages": []any{map[string]any{"id": "CANARYpageref", "title": "https://app.example/?token=CANARYtitle"}},
		"entries": []any{entry(1, 200), entry(2, 302), entry(3, 403), bad},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(har)
}

// secretLog is a line of an access log with secrets in all its places.
func secretLog(t *testing.T) string {
	at, err := url.Parse(secretURL("https://api.example", "log", "CANARYcookie1"))
	if err != nil {
		t.Fatal(err)
	}
	rq := append(secretHeaders("rq"), [2]string{"Origin", "https://app.example"}, [2]string{"Cookie", "sid=CANARYcookie1"}, [2]string{"Referer", "https://app.example/?token=CANARYreferer"})
	line, err := json.Marshal(map[string]any{
		"accessLog": "nginx/1.28.0", "ts": 1796122443.651,
		"request":  map[string]any{"method": "GET", "scheme": "https", "host": at.Host, "uri": at.RequestURI(), "headers": rq},
		"response": map[string]any{"status": 403, "headers": append(secretHeaders("rs"), [2]string{"Set-Cookie", "sid=CANARYset1; Path=/"})},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(line) + "\n"
}

// withoutSecrets are the commands that no output of needs to be looked through, and why.
var withoutSecrets = map[string]string{
	"serve": "prints its own address; its page is the command's own code, and what it says is tested there",
	"stdio": "answers the program that sent the secrets, as a browser answers a script",
	"wpt":   "reads the tests that it has", "quirks": "reads what it has", "servers": "reads what it has", "docs": "reads what it has", "schema": "reads what it has",
	"version": "reads nothing", "completion": "reads nothing", "man": "reads nothing",
}

// No output of any command has a secret, wherever in its input that was.
func TestNoOutputShowsSecrets(t *testing.T) {
	t.Setenv("NO_PROXY", "*")
	dir := t.TempDir()
	write := func(name, content string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	server := secretServer(t)
	log := write("access.log", secretLog(t))
	har := write("in.har", secretRecording(t))
	messages := ""
	for _, form := range []string{
		"Access to fetch at '%s' from origin 'https://app.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
		"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at %s. (Reason: CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200.",
		"[Error] Fetch API cannot load %s due to access control checks.",
	} {
		messages += fmt.Sprintf(form, secretURL("https://u:CANARYpassword@api.example", "console", "x")) + "\n"
	}
	console := write("console", messages)
	contract := "base " + server.URL + "\npage http://app.example\n"
	for _, path := range []string{"/open", "/moved", "/closed"} {
		contract += "  allow GET " + secretURL(path, "contract", "CANARYheader") + " credentials header Authorization=\"Bearer CANARYheader\" header X-Api-Key=CANARYkey header X-Trace=CANARYtrace expose X-Token, X-Echo\n"
	}
	promises := write("contract", contract)
	var flags []string
	for _, h := range secretHeaders("flag") {
		flags = append(flags, "-H", h[0]+": "+h[1])
	}
	flags = append(flags, "--origin", "http://app.example", "-X", "PUT")
	check := append([]string{"--credentials", "include", "--cookie", "sid=CANARYcookie1; b=CANARYcookie2", "-d", "CANARYdata"}, flags...)
	table := map[string][]string{
		"replay": {har}, "replay --list": {har}, "replay --list --all -v": {har}, "replay --json": {har}, "replay -v --browser all": {har}, "replay --github": {har},
		"replay --html -": {har}, "replay --markdown -": {har}, "replay --junit -": {har}, "replay --sarif -": {har}, "replay --redact -": {har}, "replay --format jsonl --json": {har},
		"replay --format accesslog --list --all -v": {log}, "replay --json --all": {log}, "replay --redact - --all": {log},
		"cost": {har}, "cost --json": {har},
		"explain": {console}, "explain -v": {console}, "explain --json": {console}, "explain --server nginx": {console}, "explain --json --server nginx": {console},
		"test": {promises}, "test --junit -": {promises}, "test --sarif -": {promises}, "test --markdown -": {promises}, "test --github": {promises}, "test --send-unsafe": {promises},
		"run": {har}, "check bad": append([]string{"https//u:CANARYbad@x.example/?token=CANARYbad2"}, check...),
	}
	for _, path := range []string{"/open", "/moved", "/closed"} {
		for _, form := range []string{"", "-v", "--json", "--dry-run", "--browser all", "--browser chromium -v", "--server nginx"} {
			table["check "+form+" "+path] = append([]string{secretURL(server.URL+path, "live", "CANARYcookie1")}, check...)
		}
		for _, form := range []string{"", "-v", "--json", "--dry-run"} {
			table["probe "+form+" "+path] = append([]string{secretURL(server.URL+path, "live", "CANARYflagauthorization")}, flags...)
		}
	}
	tested := map[string]bool{}
	for command := range table {
		tested[strings.Fields(command)[0]] = true
	}
	for _, c := range commands() {
		if tested[c.name] == (withoutSecrets[c.name] != "") {
			t.Errorf("simulate %s: run it here with secrets in its input, or say in withoutSecrets why that is not needed", c.name)
		}
	}
	shows := map[string]bool{}
	for command, args := range table {
		words := strings.Fields(command)
		line := words[:1:1]
		for _, word := range words[1:] {
			if !strings.HasPrefix(word, "/") && word != "bad" {
				line = append(line, word)
			}
		}
		var out, errs bytes.Buffer
		simulate(context.Background(), &streams{strings.NewReader(""), &out, &errs}, append(line, args...))
		text := out.String() + errs.String()
		for _, secret := range canary.FindAllString(text, -1) {
			at := strings.Index(text, secret)
			t.Errorf("simulate %s shows %s: …%s…", command, secret, text[max(0, at-80):min(len(text), at+40)])
			break
		}
		for _, visible := range []string{"country_code=DE", "page_key=visible"} {
			shows[visible] = shows[visible] || strings.Contains(text, visible)
		}
		if len(text) < 50 {
			t.Errorf("simulate %s says only %q", command, text)
		}
	}
	for _, visible := range []string{"country_code=DE", "page_key=visible"} {
		if !shows[visible] {
			t.Errorf("%s is shown nowhere", visible)
		}
	}
}
