//go:build e2e

package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A wrongServer is a real server that is wrong in a way of its own, with what check says of
// it in its second line.
type wrongServer struct {
	name  string
	start func(t *testing.T, address string) // and waits until it listens
	args  []string                           // of check, behind the URL and the origin
	path  string
	want  []string // in the second line
	do    string   // in the third
}

var wrongServers = []wrongServer{
	{"Starlette refuses the origin", startWith("/usr/bin/python3", "python3-fastapi python3-uvicorn", "app.py", `import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://other.example"], allow_methods=["*"], allow_headers=["*"])
@app.put("/thing")
def thing(): return {}
uvicorn.run(app, host="127.0.0.1", port=PORT)
`), []string{"-X", "PUT"}, "/thing", []string{"Starlette", "refuses the origin"}, "allow_origins"},
	{"Express's cors answers with an error", startWith("node", "nodejs node-express node-cors", "app.js", `const app = require("express")();
app.use(require("cors")({ origin: (o, done) => done(new Error("Not allowed by CORS")) }));
app.put("/thing", (request, response) => response.send("hi"));
app.listen(PORT, "127.0.0.1");
`), []string{"-X", "PUT"}, "/thing", []string{"the cors package of Express", "refuses the origin"}, "callback(null, false)"},
	{"Express without cors", startWith("node", "nodejs node-express", "app.js", `const app = require("express")();
app.put("/thing", (request, response) => response.send("hi"));
app.listen(PORT, "127.0.0.1");
`), []string{"-X", "PUT"}, "/thing", []string{"OPTIONS", "answered by Express itself"}, "app.use(cors())"},
	{"Flask without flask-cors", startWith("/usr/bin/python3", "python3-flask", "app.py", `from flask import Flask
app = Flask("thing")
@app.route("/thing", methods=["GET", "PUT"])
def thing(): return "hi"
app.run("127.0.0.1", PORT)
`), []string{"-X", "PUT"}, "/thing", []string{"OPTIONS", "answered by Flask itself"}, "flask-cors"},
	{"Flask redirects to a slash", startWith("/usr/bin/python3", "python3-flask", "app.py", `from flask import Flask
app = Flask("thing")
@app.route("/thing/", methods=["GET"])
def thing(): return "hi"
app.run("127.0.0.1", PORT)
`), nil, "/thing", []string{"redirects", "final slash"}, "URL that it leads to"},
	{"Django sends its users to the login", startDjangoWrong, nil, "/me", []string{"redirects to a login page", "session has ended"}, "401"},
	{"Django checks for forged requests", startDjangoWrong, []string{"-d", "a=1"}, "/thing", []string{"Django refuses requests from other origins"}, "CSRF_TRUSTED_ORIGINS"},
	{"PHP has sent output before", startPHPWrong, nil, "/thing.php", []string{"too late", "headers already sent"}, "before any output"},
	{"nginx before an application that does not run", startNginxWrong("location / { proxy_pass http://127.0.0.1:1; }"), nil, "/thing", []string{"nginx made it", "looks like CORS and is not"}, "Start the application"},
	{"nginx adds the headers to OPTIONS alone", startNginxWrong(`location / {
  if ($request_method = OPTIONS) { add_header Access-Control-Allow-Origin *; add_header Access-Control-Allow-Headers content-type; return 204; }
  return 200 "{}";
}`), []string{"-H", "Content-Type: application/json", "-d", "{}"}, "/thing", []string{"preflight (OPTIONS) is answered with the CORS headers", "is not"}, "outside of it"},
	{"nginx loses the headers of errors", startNginxWrong(`location / {
  if ($request_method = OPTIONS) { add_header Access-Control-Allow-Origin *; add_header Access-Control-Allow-Headers content-type; return 204; }
  add_header Access-Control-Allow-Origin *;
  return 500;
}`), []string{"-H", "Content-Type: application/json", "-d", "{}"}, "/thing", []string{"status 500", "lacks the CORS headers"}, "always"},
	{"nginx's variable has no value", startNginxWrong(`location / { add_header Access-Control-Allow-Origin "undefined"; return 200 "{}"; }`), nil, "/thing", []string{"holds undefined"}, "Set the variable"},
	{"nginx has a pattern", startNginxWrong(`location / { add_header Access-Control-Allow-Origin "http://*.example"; return 200 "{}"; }`), nil, "/thing", []string{"pattern", "no browser reads patterns"}, "Vary: Origin"},
	{"Caddy before an application that does not run", startCaddyWrong, nil, "/thing", []string{"Caddy made it"}, "Start the application"},
}

// startWith returns what starts a program by an interpreter.
func startWith(interpreter, packages, file, text string) func(*testing.T, string) {
	return func(t *testing.T, address string) {
		t.Helper()
		dir := files(t, map[string]string{file: fill(text, "PORT", address[strings.LastIndexByte(address, ':')+1:])})
		cmd := exec.Command(program(t, interpreter, packages), filepath.Join(dir, file))
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "NODE_PATH=/usr/share/nodejs", "PYTHONDONTWRITEBYTECODE=1")
		listens(t, address, cmd)
	}
}

// listens starts a server and waits until it listens.
func listens(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
	p := start(t, cmd)
	t.Cleanup(p.stop)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
	}
	t.Fatalf("%s does not listen at %s:\n%s", cmd.Path, address, p.output)
}

func startDjangoWrong(t *testing.T, address string) {
	startWith("/usr/bin/python3", "python3-django", "app.py", `import sys
from django.conf import settings
settings.configure(SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"])
import django
django.setup()
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
urlpatterns = [path("thing", lambda r: HttpResponse("hi")), path("me", lambda r: HttpResponseRedirect("/accounts/login/?next=/me"))]
from wsgiref.simple_server import make_server
from django.core.wsgi import get_wsgi_application
make_server("127.0.0.1", PORT, get_wsgi_application()).serve_forever()
`)(t, address)
}

func startPHPWrong(t *testing.T, address string) {
	dir := files(t, map[string]string{"thing.php": "<?php\necho \"debug\\n\";\nheader(\"Access-Control-Allow-Origin: *\");\n"})
	listens(t, address, exec.Command(program(t, "php", "php-cli"), "-d", "display_errors=1", "-d", "output_buffering=0", "-S", address, "-t", dir))
}

func startNginxWrong(location string) func(*testing.T, string) {
	return func(t *testing.T, address string) {
		program(t, "nginx", "nginx-light")
		startNginx(t, address, "default_type application/json;\nserver { listen "+address+"; "+location+" }")
	}
}

func startCaddyWrong(t *testing.T, address string) {
	dir := files(t, map[string]string{"Caddyfile": "{\n\tadmin off\n\tauto_https off\n}\nhttp://" + address + " {\n\treverse_proxy 127.0.0.1:1\n}\n"})
	cmd := exec.Command(program(t, "caddy", "caddy"), "run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	listens(t, address, cmd)
}

// TestCausesOfRealServers asks real servers, each wrong in a way of its own: the report has
// the cause in its second line and what to do in its third.
func TestCausesOfRealServers(t *testing.T) {
	run := simulate(t)
	for _, s := range wrongServers {
		t.Run(s.name, func(t *testing.T) {
			address := freeAddress(t)
			s.start(t, address)
			args := append([]string{"check", "http://" + address + s.path, "--origin", "http://app.example", "--page-address-space", "loopback"}, s.args...)
			out, exit := run(args...)
			lines := strings.Split(out, "\n")
			if exit != 1 || len(lines) < 3 || !strings.HasPrefix(lines[0], "BLOCKED") {
				t.Fatalf("exit status %d:\n%s", exit, out)
			}
			for _, want := range s.want {
				if !strings.Contains(lines[1], want) {
					t.Errorf("the second line has no %q", want)
				}
			}
			if !strings.Contains(lines[2], s.do) {
				t.Errorf("the third line has no %q", s.do)
			}
			if t.Failed() {
				t.Log(out)
			} else {
				t.Logf("%s\n%s\n%s", lines[0], lines[1], lines[2])
			}
		})
	}
}
