package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// hostile is what a terminal acts on: colours, a title, C1 controls and directions of text.
const hostile = "\x1b[31mEVIL\x1b]0;t\x07\u009b31m\u202eRTL\u2066\x7f"

// Nothing that a server, a file or an argument says reaches a terminal as a command to it, whatever the subcommand.
func TestNoEscapeReachesATerminal(t *testing.T) {
	t.Setenv("NO_PROXY", "*")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		if strings.HasPrefix(r.URL.Path, "/moved") {
			fmt.Fprintf(c, "HTTP/1.1 302 %s\r\nAccess-Control-Allow-Origin: *\r\nLocation: http://%s/%s\r\nContent-Length: 0\r\n\r\n", hostile, r.Host, hostile)
			return
		}
		fmt.Fprintf(c, "HTTP/1.1 403 %s\r\nServer: nginx%[1]s\r\nAccess-Control-Allow-Origin: %[1]s\r\nVary: Origin%[1]s\r\nX-A: %[1]s\r\nAccess-Control-Allow-Headers: %[1]s\r\n"+
			"Content-Type: text/html%[1]s\r\nContent-Length: %d\r\n\r\n%[1]s", hostile, len(hostile))
	}))
	defer server.Close()
	dir := t.TempDir()
	recording := filepath.Join(dir, hostile[:len("\x1b[31mEVIL")]+"\u202e.jsonl")
	contract := writeFile(t, filepath.Join(dir, "contract"), "base "+server.URL+"\npage http://app.example\n  allow GET /a\n  allow PUT /b header x-a\n")
	if err := os.WriteFile(recording, []byte(strings.ReplaceAll(goodLine, "api.example/", "api.example/"+`\u001b[31m\u009b\u202e`)), 0o666); err != nil {
		t.Fatal(err)
	}
	page := []string{"--origin", "http://app.example"}
	var lines [][]string
	for _, at := range []string{server.URL + "/a", server.URL + "/moved"} {
		for _, flags := range [][]string{{"check"}, {"check", "-v"}, {"check", "--json"}, {"check", "-X", "PUT", "-H", "x-a: 1", "--why"}, {"check", "--server", "nginx"}, {"probe", "-v"}, {"probe", "--json"}, {"probe", "--server", "rails"}, {"test", "--init"}} {
			lines = append(lines, append(append(append([]string{}, flags...), at), page...))
		}
	}
	for _, flags := range []string{"", "--junit=-", "--sarif=-", "--markdown=-", "--github"} {
		lines = append(lines, strings.Fields("test "+flags+" "+contract))
		lines = append(lines, append(strings.Fields("replay "+flags), recording))
	}
	for _, name := range commandNames() {
		lines = append(lines, []string{name, hostile}, []string{name, "--" + hostile})
		if name != "serve" { // which would serve it until it is interrupted
			lines = append(lines, []string{name, recording})
		}
	}
	lines = append(lines, append([]string{"check", "--from", recording}, page...), append([]string{"check", "--answer", recording, "http://api.example/"}, page...),
		append([]string{"check", "--from", dir + "/" + hostile}, page...), []string{"explain", "--reason", hostile}, []string{"explain", "--cause", hostile}, []string{hostile}, []string{"help", hostile},
		[]string{"replay", "--list", recording}, []string{"replay", "--json", recording}, []string{"replay", "--html", dir + "/no/" + hostile, recording},
		[]string{"explain", "--json", "Access to fetch at 'http://api.example/" + hostile + "' from origin 'http://app.example' has been blocked by CORS policy: Request header field " + hostile + " is not allowed by Access-Control-Allow-Headers in preflight response."},
		append([]string{"check", "--proxy", "http://" + hostile, "http://api.example/"}, page...), append([]string{"check", "--browser", hostile, "http://api.example/"}, page...))
	acts := regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f]`)
	for _, args := range lines {
		var out, errs bytes.Buffer
		simulate(t.Context(), &streams{strings.NewReader(""), &out, &errs}, args)
		for _, text := range []string{out.String(), errs.String()} {
			at := acts.FindStringIndex(text)
			if i := strings.IndexFunc(text, func(r rune) bool { return unicode.In(r, unicode.Cf, unicode.Cc) && r != '\n' && r != '\t' && r >= 0x80 }); i >= 0 {
				at = []int{i, i}
			}
			if at != nil {
				t.Errorf("%q writes %q", args, text[max(0, at[0]-60):min(len(text), at[0]+60)])
			}
		}
	}
}
