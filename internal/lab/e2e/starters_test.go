//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/corsim/corsim/internal/explain"
)

// starters start a server with a configuration, before an application.
var starters = map[string]func(t *testing.T, address, backend string, c *explain.Config){
	"apache":     startApache,
	"htaccess":   startHtaccess,
	"nginx":      startNginxProxy,
	"caddy":      startCaddy,
	"haproxy":    startHAProxy,
	"express":    startExpress,
	"go":         startGo,
	"rs-cors":    startRSCORS,
	"django":     startDjango,
	"flask":      startFlask,
	"fastapi":    startFastAPI,
	"rails":      startRails,
	"tomcat":     startTomcat,
	"cloudflare": startWorker,
}

// program fails the test if a program is not installed: what is not tested is not
// to be called tested.
func program(t *testing.T, name, debianPackage string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed: install the package %s", name, debianPackage)
	return ""
}

// start starts a command, and returns what ends it with all that it started.
func start(t *testing.T, cmd *exec.Cmd) (stop func()) {
	t.Helper()
	cmd.Stderr = new(bytes.Buffer)
	if cmd.Stdout == nil {
		cmd.Stdout = cmd.Stderr
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	}
}

// serve starts a server and waits until it listens.
func serve(t *testing.T, address string, cmd *exec.Cmd) {
	t.Helper()
	stop := start(t, cmd)
	t.Cleanup(stop)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return
		}
	}
	stop()
	t.Fatalf("%s does not listen at %s:\n%s", cmd.Path, address, cmd.Stderr)
}

// files writes files below a new directory, which it returns.
func files(t *testing.T, contents map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range contents {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fill replaces names in capital letters.
func fill(text string, values ...string) string { return strings.NewReplacer(values...).Replace(text) }

func portOf(address string) string {
	_, port, _ := strings.Cut(address, ":")
	return port
}

const apacheConfig = `ServerRoot /usr/lib/apache2
ServerName localhost
PidFile DIR/pid
Listen ADDRESS
ErrorLog /dev/stderr
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule headers_module modules/mod_headers.so
LoadModule rewrite_module modules/mod_rewrite.so
LoadModule proxy_module modules/mod_proxy.so
LoadModule proxy_http_module modules/mod_proxy_http.so
<IfModule unixd_module>
User www-data
Group www-data
</IfModule>
`

func runApache(t *testing.T, address, dir, host string) {
	t.Helper()
	config := filepath.Join(dir, "apache.conf")
	text := fill(apacheConfig+host, "DIR", dir, "ADDRESS", address)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Dir(dir)} { // www-data reads them
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	serve(t, address, exec.Command(program(t, "apache2", "apache2"), "-f", config, "-DFOREGROUND"))
}

func startApache(t *testing.T, address, backend string, c *explain.Config) {
	runApache(t, address, t.TempDir(), "<VirtualHost *>\n"+c.Parts[0].Text+"ProxyPass / http://"+backend+"/\n</VirtualHost>\n")
}

func startHtaccess(t *testing.T, address, _ string, c *explain.Config) {
	dir := files(t, map[string]string{"root/.htaccess": c.Parts[0].Text, "root/thing": "hi"})
	runApache(t, address, dir, "<VirtualHost *>\nHeader always set X-Request-Id 7\nDocumentRoot DIR/root\n<Directory DIR/root>\nAllowOverride FileInfo\n</Directory>\n</VirtualHost>\n")
}

func startNginxProxy(t *testing.T, address, backend string, c *explain.Config) {
	program(t, "nginx", "nginx-light")
	last := len(c.Parts) - 1
	text := ""
	for _, part := range c.Parts[:last] {
		text += part.Text
	}
	startNginx(t, address, text+"server {\nlisten "+address+";\n"+c.Parts[last].Text+"location / { proxy_pass http://"+backend+"; }\n}")
}

func startCaddy(t *testing.T, address, backend string, c *explain.Config) {
	dir := files(t, map[string]string{
		"Caddyfile": "{\n\tadmin off\n\tauto_https off\n}\nhttp://" + address + " {\n" + c.Parts[0].Text + "reverse_proxy " + backend + "\n}\n",
	})
	cmd := exec.Command(program(t, "caddy", "caddy"), "run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	serve(t, address, cmd)
}

func startHAProxy(t *testing.T, address, backend string, c *explain.Config) {
	dir := files(t, map[string]string{
		"haproxy.cfg": "defaults\nmode http\ntimeout connect 5s\ntimeout client 30s\ntimeout server 30s\nfrontend web\nbind " + address + "\n" +
			c.Parts[0].Text + "default_backend app\nbackend app\nserver app " + backend + "\n",
	})
	serve(t, address, exec.Command(program(t, "haproxy", "haproxy"), "-db", "-f", filepath.Join(dir, "haproxy.cfg")))
}

func startExpress(t *testing.T, address, _ string, c *explain.Config) {
	dir := files(t, map[string]string{"app.js": fill(`const express = require("express");
const app = express();
CONFIG
app.all("/thing", (request, response) => response.set("X-Request-Id", "7").send("hi"));
app.listen(PORT, "127.0.0.1");
`, "CONFIG", c.Parts[0].Text, "PORT", portOf(address))})
	cmd := exec.Command(program(t, "node", "nodejs"), filepath.Join(dir, "app.js"))
	cmd.Env = append(os.Environ(), "NODE_PATH=/usr/share/nodejs") // where node-express and node-cors are
	serve(t, address, cmd)
}

// buildGo builds a program of a module and serves it.
func buildGo(t *testing.T, address string, contents map[string]string) {
	t.Helper()
	dir := files(t, contents)
	build := exec.Command("go", "build", "-o", "server", ".")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	serve(t, address, exec.Command(filepath.Join(dir, "server")))
}

const goMain = `package main

import (
	"io"
	"log"
	"net/http"
IMPORT)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/thing", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", "7")
		io.WriteString(w, "hi")
	})
	HANDLER
	log.Fatal(http.ListenAndServe("ADDRESS", handler))
}
`

func startGo(t *testing.T, address, _ string, c *explain.Config) {
	buildGo(t, address, map[string]string{
		"go.mod": "module server\n\ngo 1.26\n", "cors.go": c.Parts[0].Text,
		"main.go": fill(goMain, "IMPORT", "", "HANDLER", "handler := withCORS(mux)", "ADDRESS", address),
	})
}

func startRSCORS(t *testing.T, address, _ string, c *explain.Config) {
	contents := map[string]string{
		"main.go": fill(goMain, "IMPORT", "\n\t\"github.com/rs/cors\"\n", "HANDLER", c.Parts[0].Text, "ADDRESS", address),
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile("testdata/rscors/" + name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		contents[name] = string(content)
	}
	buildGo(t, address, contents)
}

// python is Debian's, which sees Debian's packages.
const python = "/usr/bin/python3"

func startPython(t *testing.T, address string, contents map[string]string) {
	t.Helper()
	dir := files(t, contents)
	cmd := exec.Command(program(t, python, "python3"), "-B", filepath.Join(dir, "app.py"))
	cmd.Dir = dir
	serve(t, address, cmd)
}

func startDjango(t *testing.T, address, _ string, c *explain.Config) {
	startPython(t, address, map[string]string{
		"settings.py": "SECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n" + c.Parts[0].Text,
		"urls.py": `from django.http import HttpResponse
from django.urls import path

def thing(request):
    response = HttpResponse("hi")
    response["X-Request-Id"] = "7"
    return response

urlpatterns = [path("thing", thing)]
`,
		"app.py": fill(`import os
import socketserver
from wsgiref.simple_server import WSGIServer, make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
from django.core.wsgi import get_wsgi_application

class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

make_server("127.0.0.1", PORT, get_wsgi_application(), server_class=Server).serve_forever()
`, "PORT", portOf(address)),
	})
}

func startFlask(t *testing.T, address, _ string, c *explain.Config) {
	startPython(t, address, map[string]string{"app.py": fill(`from flask import Flask

app = Flask("thing")
CONFIG
@app.route("/thing", methods=["GET", "PUT", "DELETE"])
def thing():
    return "hi", 200, {"X-Request-Id": "7"}

app.run("127.0.0.1", PORT, threaded=True)
`, "CONFIG", c.Parts[0].Text, "PORT", portOf(address))})
}

func startFastAPI(t *testing.T, address, _ string, c *explain.Config) {
	startPython(t, address, map[string]string{"app.py": fill(`import uvicorn
from fastapi import FastAPI, Response

app = FastAPI()
CONFIG
@app.api_route("/thing", methods=["GET", "PUT", "DELETE"])
def thing(response: Response):
    response.headers["X-Request-Id"] = "7"
    return "hi"

uvicorn.run(app, host="127.0.0.1", port=PORT)
`, "CONFIG", c.Parts[0].Text, "PORT", portOf(address))})
}

func startRails(t *testing.T, address, _ string, c *explain.Config) {
	dir := files(t, map[string]string{"app.rb": fill(`require "logger"
require "action_controller/railtie"
require "rack/cors"
require "rack/handler/puma"

class ThingsController < ActionController::API
  def thing
    response.set_header("X-Request-Id", "7")
    render plain: "hi"
  end
end

class App < Rails::Application
  config.root = __dir__
  config.eager_load = false
  config.secret_key_base = "x"
  config.hosts.clear
  config.consider_all_requests_local = false
  config.logger = Logger.new($stderr)
  # It would set the header that the tests look for.
  config.middleware.delete ActionDispatch::RequestId
  routes.append { match "/thing", to: "things#thing", via: :all }
end

CONFIG
Rails.application.initialize!
Rack::Handler::Puma.run(Rails.application, Host: "127.0.0.1", Port: PORT)
`, "CONFIG", c.Parts[0].Text, "PORT", portOf(address))})
	cmd := exec.Command(program(t, "/usr/bin/ruby", "ruby"), filepath.Join(dir, "app.rb"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RAILS_ENV=production")
	serve(t, address, cmd)
}

const servlet = `import jakarta.servlet.http.*;

public class Thing extends HttpServlet {
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
        response.setHeader("X-Request-Id", "7");
        response.getWriter().print("hi");
    }
}
`

func startTomcat(t *testing.T, address, _ string, c *explain.Config) {
	const home = "/usr/share/tomcat10"
	dir := files(t, map[string]string{
		"conf/server.xml": fmt.Sprintf(`<Server port="-1"><Service name="Catalina"><Connector address="127.0.0.1" port="%s"/>`+
			`<Engine name="Catalina" defaultHost="localhost"><Host name="localhost" appBase="webapps"/></Engine></Service></Server>`, portOf(address)),
		"conf/web.xml": "<web-app><servlet><servlet-name>default</servlet-name><servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class></servlet>" +
			"<servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping></web-app>",
		"webapps/ROOT/WEB-INF/web.xml": "<web-app version=\"6.0\" xmlns=\"https://jakarta.ee/xml/ns/jakartaee\">" + c.Parts[0].Text +
			"<servlet><servlet-name>thing</servlet-name><servlet-class>Thing</servlet-class></servlet>" +
			"<servlet-mapping><servlet-name>thing</servlet-name><url-pattern>/thing</url-pattern></servlet-mapping></web-app>",
		"Thing.java": servlet, "temp/x": "", "logs/x": "",
	})
	compile := exec.Command(program(t, "javac", "default-jdk-headless"), "-cp", home+"/lib/servlet-api.jar",
		"-d", filepath.Join(dir, "webapps/ROOT/WEB-INF/classes"), filepath.Join(dir, "Thing.java"))
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("javac: %v (is the package tomcat10 installed?)\n%s", err, out)
	}
	cmd := exec.Command(program(t, "java", "default-jdk-headless"), "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-cp", home+"/bin/bootstrap.jar:"+home+"/bin/tomcat-juli.jar", "-Dcatalina.home="+home, "-Dcatalina.base="+dir,
		"-Djava.io.tmpdir="+filepath.Join(dir, "temp"), "org.apache.catalina.startup.Bootstrap", "start")
	serve(t, address, cmd)
}

// startWorker runs a Worker on Node, which has the same Request and Response.
func startWorker(t *testing.T, address, backend string, c *explain.Config) {
	dir := files(t, map[string]string{
		"worker.mjs": c.Parts[0].Text,
		"server.mjs": fill(`import http from "node:http";
const original = globalThis.fetch;
globalThis.fetch = (request) => {
  const url = new URL(request.url);
  return original("http://BACKEND" + url.pathname, { method: request.method, headers: request.headers });
};
const worker = (await import("./worker.mjs")).default;
http.createServer(async (request, out) => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (!["host", "connection"].includes(name)) headers.append(name, value);
  }
  try {
    const response = await worker.fetch(new Request("http://worker" + request.url, { method: request.method, headers }));
    out.writeHead(response.status, [...response.headers].filter(([name]) => !["transfer-encoding", "connection", "content-length"].includes(name)));
    out.end(Buffer.from(await response.arrayBuffer()));
  } catch (e) {
    console.error(e);
    out.writeHead(500).end();
  }
}).listen(PORT, "127.0.0.1");
`, "BACKEND", backend, "PORT", portOf(address)),
	})
	serve(t, address, exec.Command(program(t, "node", "nodejs"), filepath.Join(dir, "server.mjs")))
}
