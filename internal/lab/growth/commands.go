//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A command is a subcommand of simulate, with inputs of one kind.
type command struct {
	what string // the flags that matter, and the kind of input
	n    int
	// prepare returns the arguments for an input of n. Input is a file, or with "-" standard input; output a
	// file that is written.
	prepare func(n int) (args []string, input string)
}

// The names that arguments have in place of the files.
const inputFile, outputFile = "INPUT", "OUTPUT"

// measured is what n, 2n and 4n cost; in, out and peak are of 4n.
type measured struct {
	work          [3]uint64
	in, out, peak int
}

func (c command) measure(counting, plain string) (m measured, err error) {
	for i := range m.work {
		args, input := c.prepare(c.n << i)
		if m.work[i], _, _, err = once(counting, args, input); err != nil {
			return m, err
		}
	}
	args, input := c.prepare(c.n << 2)
	m.in = len(input) + len(strings.Join(args, " "))
	_, m.out, m.peak, err = once(plain, args, input)
	return m, err
}

// once runs a simulate: it returns the blocks of code that were entered, if it counts them, and the bytes of output and of memory.
func once(simulate string, args []string, input string) (work uint64, out, peak int, err error) {
	dir, err := os.MkdirTemp("", "growth-")
	if err != nil {
		return 0, 0, 0, err
	}
	defer os.RemoveAll(dir)
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(at(inputFile), []byte(input), 0o600), os.Mkdir(at("counters"), 0o700)); err != nil {
		return 0, 0, 0, err
	}
	named := make([]string, len(args))
	for i, arg := range args {
		if named[i] = arg; arg == inputFile || arg == outputFile {
			named[i] = at(arg)
		}
	}
	cmd := exec.Command(simulate, named...)
	cmd.Env = append(os.Environ(), "GOCOVERDIR="+at("counters"), "NO_PROXY=*")
	cmd.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended {
		return 0, 0, 0, err
	}
	out = stdout.Len() + stderr.Len()
	if out == 0 && !slices.Contains(args, outputFile) || bytes.Contains(stderr.Bytes(), []byte("goroutine ")) {
		return 0, 0, 0, fmt.Errorf("it says: %.500s", stderr.String())
	}
	if info, err := os.Stat(at(outputFile)); err == nil {
		out += int(info.Size())
	}
	files, err := filepath.Glob(at("counters/covcounters.*"))
	for _, name := range files {
		counters, err := os.ReadFile(name)
		if err != nil {
			return 0, 0, 0, err
		}
		n, err := sum(counters)
		if err != nil {
			return 0, 0, 0, err
		}
		work += n
	}
	return work, out, int(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) << 10, err
}

// newServer returns a server that answers with what the query asks for: n names that are allowed and are not
// those that were asked for, n lines of them, n other lines, or n redirects.
func newServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, h := r.URL.Query(), w.Header()
		number := func(name string) int { n, _ := strconv.Atoi(query.Get(name)); return n }
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Allow-Methods", "PUT")
		if n := number("names"); n > 0 {
			h.Set("Access-Control-Allow-Headers", strings.Join(names("y", n), ","))
			h.Set("Access-Control-Expose-Headers", strings.Join(names("y", n), ","))
			h.Set("Vary", strings.Join(names("y", n), ","))
		}
		for _, name := range names("y", number("lines")) {
			h.Add("Access-Control-Allow-Headers", name)
			h.Add("Access-Control-Expose-Headers", name)
		}
		for _, name := range names("z", number("others")) {
			h.Set(name, "https://u:secret@x.example/?token="+name)
		}
		if n := number("body"); n > 0 {
			fmt.Fprint(w, strings.Repeat("<div>{\"token\":1}", n))
		}
	}))
}

type pairs = [][2]string

// entry is a line of a recording.
func entry(method, url string, status int, asked, got pairs) string {
	line, err := json.Marshal(map[string]any{
		"request":  map[string]any{"method": method, "url": url, "headers": append(pairs{{"origin", "https://app.example"}}, asked...)},
		"response": map[string]any{"status": status, "headers": append(pairs{{"access-control-allow-origin", "*"}}, got...)},
	})
	if err != nil {
		panic(err)
	}
	return string(line) + "\n"
}

// recordings are inputs of replay, by kind.
var recordings = map[string]func(n int) string{
	"many entries": func(n int) (all string) {
		var b strings.Builder
		for i := range n {
			b.WriteString(entry("GET", fmt.Sprintf("https://api%d.example/%d?token=%d", i%7, i, i), 200, pairs{{"cookie", fmt.Sprint("a=", i)}}, nil))
		}
		return b.String()
	},
	"many servers": func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(entry("PUT", fmt.Sprintf("https://api%d.example/", i), 403, pairs{{"x-" + strconv.Itoa(i), "1"}}, pairs{{"access-control-allow-origin", fmt.Sprintf("https://%d.example", i)}}))
		}
		return b.String()
	},
	"refused names": func(n int) string {
		return entry("OPTIONS", "https://api.example/", 204, pairs{{"access-control-request-method", "PUT"}, {"access-control-request-headers", strings.Join(names("x", n), ",")}},
			pairs{{"access-control-allow-methods", "PUT"}, {"access-control-allow-headers", strings.Join(names("y", n), ",")}})
	},
	"request headers": func(n int) string {
		var asked pairs
		for _, name := range names("x", n) {
			asked = append(asked, [2]string{name, "https://u:p@x.example/?token=" + name})
		}
		return entry("PUT", "https://api.example/", 200, asked, nil)
	},
	"response headers": func(n int) string {
		var got pairs
		for _, name := range names("access-control", n) {
			got = append(got, [2]string{name, "*"}, [2]string{"access-control-allow-origin", "https://other.example"})
		}
		return entry("GET", "https://api.example/", 200, nil, got)
	},
	"a long URL": func(n int) string {
		return entry("GET", "https://api.example/"+strings.Repeat("@/http:&token=%253d", n), 200, nil, nil)
	},
	"many cookies": func(n int) string {
		return entry("GET", "https://api.example/"+strings.Repeat("cookievalue", n), 200, pairs{{"cookie", strings.Repeat("a=cookievalue; ", n)}}, pairs{{"set-cookie", strings.Repeat("b=eyJhbGciOiJ; ", n)}})
	},
}

// message is an input of explain.
func message(name string) string {
	return "Access to fetch at 'https://api.example/" + name + "' from origin 'https://app.example' has been blocked by CORS policy: Request header field " + name + " is not allowed by Access-Control-Allow-Headers in preflight response.\n"
}

func commands(s *httptest.Server) (all []command) {
	from := func(what string, n int, prepare func(n int) ([]string, string)) {
		all = append(all, command{what, n, prepare})
	}
	for _, kind := range slices.Sorted(maps.Keys(recordings)) {
		written := recordings[kind]
		for _, flags := range [][]string{nil, {"--json"}, {"--list", "-v"}, {"--html", outputFile}, {"--junit", outputFile}, {"--sarif", outputFile}, {"--markdown", outputFile}, {"--redact", outputFile}} {
			if kind != "refused names" && kind != "many servers" && len(flags) > 0 && flags[0] != "--redact" {
				continue
			}
			from(strings.TrimSpace("replay "+strings.Join(flags, " "))+": "+kind, 400, func(n int) ([]string, string) {
				return append(append([]string{"replay"}, flags...), inputFile), written(n)
			})
		}
	}
	from("cost: many entries", 400, func(n int) ([]string, string) { return []string{"cost", inputFile}, recordings["many servers"](n) })
	from("explain: many messages", 400, func(n int) ([]string, string) {
		var b strings.Builder
		for _, name := range names("x", n) {
			b.WriteString(message(name))
		}
		return []string{"explain", "-"}, b.String()
	})
	from("explain --json: one long message", 400, func(n int) ([]string, string) {
		return []string{"explain", "--json", "-"}, message(strings.Repeat("a", 40*n))
	})
	from("explain: no message", 400, func(n int) ([]string, string) {
		return []string{"explain", "-"}, strings.Repeat("Access to fetch at 'http:// Reason: CORS from origin '\n", n)
	})
	for _, ask := range []string{"names", "lines", "others", "body"} {
		for _, name := range []string{"check", "probe"} {
			from(name+" -v: a server's "+ask, 400, func(n int) ([]string, string) {
				return []string{name, "-v", "-X", "PUT", "-H", "x-a: 1", "--origin", "https://app.example", fmt.Sprintf("%s/?%s=%d", s.URL, ask, n)}, strings.Repeat("x", 10*n)
			})
		}
	}
	for _, name := range []string{"check --dry-run", "check", "check --json", "probe", "probe --json"} {
		from(name+": many -H", 100, func(n int) ([]string, string) {
			args := append(strings.Fields(name), "--origin", "https://app.example", s.URL, "-X", "PUT")
			for _, name := range names("x", n) {
				args = append(args, "-H", name+": 1")
			}
			return args, ""
		})
	}
	from("check --from: a curl command", 400, func(n int) ([]string, string) {
		return []string{"check", "--dry-run", "--origin", "https://app.example", "--from", inputFile}, "curl " + s.URL + strings.Repeat(" -H 'x-a: 1' \\\n", n)
	})
	from("check --answer: many lines", 400, func(n int) ([]string, string) {
		return []string{"check", "--origin", "https://app.example", "https://api.example/", "--answer", inputFile}, "HTTP/1.1 200 OK\r\n" + strings.Repeat("Access-Control-Expose-Headers: x-a\r\n", n) + "\r\n"
	})
	from("test: many promises", 50, func(n int) ([]string, string) {
		return []string{"test", "--browser", "standard", inputFile}, "base " + s.URL + "\npage https://app.example\n" + strings.Repeat("  allow GET /\n", n)
	})
	from("run: many scenarios", 200, func(n int) ([]string, string) {
		return []string{"run", inputFile}, strings.Repeat(scenarioOf(1, 3), n)
	})
	from("run: many headers", 200, func(n int) ([]string, string) { return []string{"run", inputFile}, scenarioOf(1, n) })
	from("run: many steps", 200, func(n int) ([]string, string) { return []string{"run", inputFile}, scenarioOf(n, 1) })
	from("stdio: many requests", 200, func(n int) ([]string, string) {
		return []string{"stdio"}, strings.Repeat(`{"id":1,"op":"url","url":"http://a/../b"}`+"\n"+`{"id":2,"op":"cookies","url":"http://a.example/","set":"a=1"}`+"\n", n)
	})
	from("stdio: one long request", 4000, func(n int) ([]string, string) {
		return []string{"stdio"}, `{"id":1,"op":"headers","guard":"none","init":[["a","b"]` + strings.Repeat(`,["x","y"]`, n) + "]}\n"
	})
	return all
}

// scenarioOf is a scenario with many steps, of which each asks for many headers.
func scenarioOf(steps, asked int) string {
	var sent, step []string
	for _, name := range names("x", asked) {
		sent = append(sent, `["`+name+`","1"]`)
	}
	for range steps {
		step = append(step, `{"url":"https://api.example/","method":"PUT","headers":[`+strings.Join(sent, ",")+`]}`)
	}
	return `{"id":"a","client":{"url":"https://app.example/"},"servers":[{"url":"https://api.example/","answers":[{"headers":[["access-control-allow-origin","*"],["access-control-allow-methods","PUT"],["access-control-allow-headers","y"]]}]}],"steps":[` + strings.Join(step, ",") + "]}\n"
}
