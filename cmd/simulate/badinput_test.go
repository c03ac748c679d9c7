package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	goodLine = `{"request":{"method":"GET","url":"https://api.example/","headers":[["origin","https://app.example"],["cookie","a=1"]]},` +
		`"response":{"status":200,"headers":[["access-control-allow-origin","https://app.example"],["access-control-allow-credentials","true"]]}}`
	goodHeads = "> GET / HTTP/1.1\r\n> Host: api.example\r\n> Origin: https://app.example\r\n> Cookie: a=1\r\n>\r\n" +
		"< HTTP/1.1 200 OK\r\n< Access-Control-Allow-Origin: https://app.example\r\n< Access-Control-Allow-Credentials: true\r\n<\r\n"
)

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

func zipped(name, s string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create(name)
	io.WriteString(w, s)
	z.Close()
	return b.String()
}

// What is wrong with one of several recordings is said with its name and the place,
// whatever the format; the rest of it, and the others, are judged all the same.
func TestReplayBadInput(t *testing.T) {
	har := `{"log":{"entries":[` + goodLine + "," + goodLine + "]}}"
	messages := strings.NewReplacer("> ", "", "< ", "", ">\r", "\r", "<\r", "\r").Replace(goodHeads)
	const place = `(line \d+, byte|\(byte) \d+`
	tests := []struct {
		name, input string
		format      string
		allowed     int    // in the input
		want        string // behind the name
	}{
		{"HAR cut off", har[:len(har)-20], "", 1, place + ".*cut off; the entry before it was read$"},
		{"HAR with a bad entry", strings.Replace(har, "[", "[null,", 1), "", 2, `entry 1 \(byte \d+\): is null`},
		{"JSON lines cut off", goodLine + "\n" + goodLine[:50], "", 1, place},
		{"JSON lines broken", goodLine + "\n{\n" + goodLine + "\n", "jsonl", 2, `line 2 \(byte \d+\): `},
		{"messages cut off", messages + messages[:40], "", 1, place},
		{"messages with a bad status", messages + strings.Replace(messages, "200", "abc", 1), "", 1, `line 10 \(byte \d+\): line 15 \(15 bytes\) is no status line`},
		{"curl cut off", goodHeads + goodHeads[:30], "", 1, place},
		{"curl with a bad request", goodHeads + strings.Replace(goodHeads, "GET", "G T", 1), "", 1, `line 10 \(byte \d+\): line 10 \(14 bytes\) is no request line`},
		{"Burp cut off", "<items><item><request>" + messages[:strings.Index(messages, "HTTP/1.1 200")] + "</request><response>" + messages[strings.Index(messages, "HTTP/1.1 200"):] + "</response></item>", "", 1, place + ".*cut off"},
		{"NetLog without events", `{"constants":{}}`, "", 0, "the input is JSON without the constants and events of a NetLog"},
		{"gzip cut off", gzipped(har)[:150], "", 0, "(cut off|" + place + ")"},
		{"gzip changed", gzipped(har)[:len(gzipped(har))-8] + "\x00\x00\x00\x00\x00\x00\x00\x00", "", 2, place + `: the input's gzip is damaged: invalid checksum; the 2 entries before it were read`},
		{"zip without HARs", zipped("x.png", "x"), "", 0, `the zip archive has no .har file, but "x.png"`},
		{"zip cut off", zipped("x.har", har)[:100], "", 0, "cut off.*" + place},
		{"empty", "", "", 0, "the input is empty"},
		{"empty, said to be a HAR", " \n", "har", 0, "the input is empty"},
		{"HAR, said to be curl's", har, "curl", 0, "the output of curl -v has no request in it"},
		{"HAR, said to be a NetLog", har, "netlog", 0, "without the constants and events"},
		{"HAR, said to be HTTP", har, "http", 0, "no HTTP message in it"},
		{"HAR, said to be Burp's", har, "burp", 0, "no <item>"},
		{"messages, said to be a HAR", messages, "har", 0, `does not begin with an object`},
		{"NUL", "\x00\x00", "", 0, "not one of the recordings"},
		{"an endless line", strings.Repeat("x", 1<<20), "", 0, "not one of the recordings"},
		{"lists in lists", strings.Repeat("[", 1<<20), "", 0, place},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			bad, good := filepath.Join(dir, "bad"), filepath.Join(dir, "good")
			if err := os.WriteFile(bad, []byte(test.input), 0o666); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(good, []byte(goodLine+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
			files := []string{good, bad, good}
			want := test.allowed + 2
			if test.format != "" { // which would be said of the others too
				files, want = []string{"--format", test.format, bad}, test.allowed
			}
			for _, output := range [][]string{nil, {"--list"}, {"--json"}, {"--html", filepath.Join(dir, "out.html")}} {
				var out, errs bytes.Buffer
				args := append(append([]string{"replay"}, output...), files...)
				if exit := simulate(t.Context(), &streams{strings.NewReader(""), &out, &errs}, args); exit != 2 {
					t.Errorf("%q: exit status %d", output, exit)
				}
				if !regexp.MustCompile(`(?m)^(simulate replay: )?` + regexp.QuoteMeta(bad) + ": .*" + test.want).MatchString(errs.String()) {
					t.Errorf("%q: says %q, want %s", output, &errs, test.want)
				}
				if len(output) > 0 && output[0] == "--json" {
					if allowed := strings.Count(out.String(), `"verdict":"allowed"`); allowed != want {
						t.Errorf("%d lines say allowed, want %d", allowed, want)
					}
				} else if total := fmt.Sprintf("CORS allows all %d requests", want); want > 1 && !strings.Contains(out.String(), total) {
					t.Errorf("%q: want %s in\n%s", output, total, &out)
				}
			}
		})
	}
}
