//go:build e2e

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A browser is a real one, headless, that does what a person does: it goes somewhere, clicks and types.
type realBrowser struct {
	t    *testing.T
	name string
	wire interface {
		// call does a command of WebDriver, by the name that Firefox's own protocol has for it.
		call(command string, parameters map[string]any) (json.RawMessage, error)
	}
	// console returns the errors of the console so far, a line each.
	console func() []string
}

// A command of WebDriver: the method and path that it has over HTTP.
//
// https://w3c.github.io/webdriver/#endpoints
var endpoints = map[string][2]string{
	"WebDriver:Navigate":           {"POST", "url"},
	"WebDriver:SetWindowRect":      {"POST", "window/rect"},
	"WebDriver:FindElement":        {"POST", "element"},
	"WebDriver:FindElements":       {"POST", "elements"},
	"WebDriver:ElementClick":       {"POST", "element/{id}/click"},
	"WebDriver:ElementSendKeys":    {"POST", "element/{id}/value"},
	"WebDriver:PerformActions":     {"POST", "actions"},
	"WebDriver:ExecuteScript":      {"POST", "execute/sync"},
	"WebDriver:ExecuteAsyncScript": {"POST", "execute/async"},
	"WebDriver:SetTimeouts":        {"POST", "timeouts"},
	"WebDriver:TakeScreenshot":     {"GET", "screenshot"},
}

// overHTTP speaks to chromedriver and WebKitWebDriver.
type overHTTP struct{ session string }

func (w *overHTTP) call(command string, parameters map[string]any) (json.RawMessage, error) {
	endpoint := endpoints[command]
	path := endpoint[1]
	if id, ok := parameters["id"].(string); ok {
		path = strings.Replace(path, "{id}", id, 1)
	}
	return request(endpoint[0], w.session+"/"+path, parameters)
}

func request(method, url string, parameters any) (json.RawMessage, error) {
	var body io.Reader
	if method == "POST" {
		text, err := json.Marshal(parameters)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if response.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", url, answer.Value)
	}
	return answer.Value, nil
}

// marionette speaks to Firefox.
type marionette struct {
	conn net.Conn
	in   *bufio.Reader
	last int
}

func (m *marionette) call(command string, parameters map[string]any) (json.RawMessage, error) {
	m.last++
	if parameters == nil {
		parameters = map[string]any{}
	}
	text, err := json.Marshal([]any{0, m.last, command, parameters})
	if err != nil {
		return nil, err
	}
	m.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(text), text); err != nil {
		return nil, err
	}
	answer, err := m.read()
	if err != nil {
		return nil, err
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(answer, &parts); err != nil || len(parts) != 4 {
		return nil, fmt.Errorf("%s: an answer that is none: %s", command, answer)
	}
	if string(parts[2]) != "null" {
		return nil, fmt.Errorf("%s: %s", command, parts[2])
	}
	var object struct {
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(parts[3], &object) == nil && object.Value != nil {
		return object.Value, nil
	}
	return parts[3], nil
}

func (m *marionette) read() ([]byte, error) {
	length, err := m.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	_, err = io.ReadFull(m.in, text)
	return text, err
}

// freePort returns a port that nothing listens at.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// newSession starts a driver, which starts its browser.
func newSession(t *testing.T, cmd *exec.Cmd, port int, capabilities map[string]any) *overHTTP {
	t.Helper()
	p := start(t, cmd)
	at := fmt.Sprintf("http://127.0.0.1:%d", port)
	var last error
	for range 100 {
		var answer json.RawMessage
		if answer, last = request("POST", at+"/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": capabilities}}); last == nil {
			var session struct{ SessionID string }
			if last = json.Unmarshal(answer, &session); last == nil {
				url := at + "/session/" + session.SessionID
				t.Cleanup(func() {
					request("DELETE", url, nil)
					p.stop()
				})
				return &overHTTP{url}
			}
		}
		if !strings.Contains(last.Error(), "connection refused") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.stop()
	t.Fatalf("%s: %v\n%s", cmd, last, p.output)
	return nil
}

// realBrowsers open the three.
var realBrowsers = map[string]func(*testing.T) *realBrowser{"chromium": openChromium, "firefox": openFirefox, "webkit": openWebKit}

func openChromium(t *testing.T) *realBrowser {
	port := freePort(t)
	cmd := exec.Command(program(t, "chromedriver", "chromium-driver"), fmt.Sprintf("--port=%d", port))
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	session := newSession(t, cmd, port, map[string]any{
		"goog:chromeOptions": map[string]any{
			"binary": program(t, "chromium", "chromium"),
			"args":   []string{"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run", "--force-device-scale-factor=1"},
		},
		"goog:loggingPrefs": map[string]any{"browser": "ALL"},
	})
	b := &realBrowser{t: t, name: "chromium", wire: session}
	var seen []string
	b.console = func() []string {
		answer, err := request("POST", session.session+"/se/log", map[string]any{"type": "browser"})
		if err != nil {
			t.Fatal(err)
		}
		var entries []struct{ Level, Message string }
		if err := json.Unmarshal(answer, &entries); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Level == "SEVERE" || e.Level == "WARNING" {
				seen = append(seen, e.Message)
			}
		}
		return seen
	}
	return b
}

// firefoxPreferences keep Firefox from asking the network by itself.
const firefoxPreferences = `
user_pref("marionette.port", 0);
user_pref("app.update.enabled", false);
user_pref("app.normandy.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("toolkit.telemetry.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("browser.safebrowsing.provider.mozilla.updateURL", "");
user_pref("security.data_uri.block_toplevel_data_uri_navigations", false);
user_pref("dom.disable_beforeunload", true);
user_pref("layout.css.prefers-color-scheme.content-override", 1);
`

func openFirefox(t *testing.T) *realBrowser {
	profile := t.TempDir()
	if err := os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPreferences), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "firefox-esr", "firefox-esr"), "--headless", "--no-remote", "--marionette", "-remote-allow-system-access", "--profile", profile)
	cmd.Env = append(os.Environ(), "HOME="+profile, "MOZ_CRASHREPORTER_DISABLE=1")
	p := start(t, cmd)
	t.Cleanup(p.stop)
	var conn net.Conn
	for range 300 {
		time.Sleep(100 * time.Millisecond)
		port, err := os.ReadFile(filepath.Join(profile, "MarionetteActivePort"))
		if err != nil {
			continue
		}
		if conn, err = net.Dial("tcp", "127.0.0.1:"+strings.TrimSpace(string(port))); err == nil {
			break
		}
	}
	if conn == nil {
		t.Fatalf("Firefox does not listen:\n%s", p.output)
	}
	t.Cleanup(func() { conn.Close() })
	m := &marionette{conn: conn, in: bufio.NewReader(conn)}
	if _, err := m.read(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.call("WebDriver:NewSession", nil); err != nil {
		t.Fatal(err)
	}
	b := &realBrowser{t: t, name: "firefox", wire: m}
	b.console = func() []string {
		if _, err := m.call("Marionette:SetContext", map[string]any{"value": "chrome"}); err != nil {
			t.Fatal(err)
		}
		defer m.call("Marionette:SetContext", map[string]any{"value": "content"})
		answer, err := m.call("WebDriver:ExecuteScript", map[string]any{"args": []any{}, "script": `
			return Services.console.getMessageArray().filter(m => m instanceof Ci.nsIScriptError)
				.filter(m => /^https?:/.test(m.sourceName) || /^(content|CSP|Content|Security|CORS|Mixed)/.test(m.category))
				.filter(m => !m.sourceName.startsWith("resource:") && !m.sourceName.startsWith("chrome:"))
				.map(m => m.category + ": " + m.errorMessage + " (" + m.sourceName + ":" + m.lineNumber + ")");`})
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		if err := json.Unmarshal(answer, &list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	return b
}

func openWebKit(t *testing.T) *realBrowser {
	found, _ := filepath.Glob("/usr/lib/*/webkit2gtk-4.1/MiniBrowser")
	if found == nil {
		t.Fatal("MiniBrowser is not installed: install the package libwebkit2gtk-4.1-0")
	}
	port := freePort(t)
	cmd := exec.Command(program(t, "WebKitWebDriver", "webkit2gtk-driver"), fmt.Sprintf("--port=%d", port))
	home := t.TempDir()
	cmd.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_DATA_HOME="+home, "XDG_CONFIG_HOME="+home, "DISPLAY="+xvfb(t), "GDK_BACKEND=x11", "LIBGL_ALWAYS_SOFTWARE=1", "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1")
	session := newSession(t, cmd, port, map[string]any{
		"webkitgtk:browserOptions": map[string]any{"binary": found[0], "args": []string{"--automation"}},
	})
	// Its driver has no log of the console: the page that the test serves has a script that keeps one.
	b := &realBrowser{t: t, name: "webkit", wire: session}
	b.console = func() (list []string) {
		b.script(`return JSON.parse(sessionStorage.getItem("console") ?? "[]")`, &list)
		return list
	}
	return b
}

// consoleKeeper is a script that keeps what goes to the console, for browsers whose driver does not tell.
const consoleKeeper = `"use strict";
{
	const keep = text => sessionStorage.setItem("console", JSON.stringify([...JSON.parse(sessionStorage.getItem("console") ?? "[]"), String(text)]));
	for (const name of ["error", "warn"]) {
		const own = console[name];
		console[name] = (...args) => { keep(args.join(" ")); own.apply(console, args); };
	}
	addEventListener("error", e => keep(e.message || "could not be loaded: " + (e.target?.src ?? e.target?.href)), true);
	addEventListener("unhandledrejection", e => keep("rejected: " + e.reason));
	addEventListener("securitypolicyviolation", e => keep("policy: " + e.violatedDirective + " " + e.blockedURI));
}
`

// xvfb starts a display, and returns its name.
func xvfb(t *testing.T) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program(t, "Xvfb", "xvfb"), "-displayfd", "3", "-nolock", "-nolisten", "tcp", "-screen", "0", "1800x1400x24")
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() {
		cancel()
		cmd.Wait()
	})
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb names no display: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}

// ---- what a person does

func (b *realBrowser) do(command string, parameters map[string]any) json.RawMessage {
	b.t.Helper()
	answer, err := b.wire.call(command, parameters)
	if err != nil {
		b.t.Fatalf("%s: %v", b.name, err)
	}
	return answer
}

// open goes to a page.
func (b *realBrowser) open(url string) {
	b.t.Helper()
	b.do("WebDriver:Navigate", map[string]any{"url": url})
}

// resize makes the window so large.
func (b *realBrowser) resize(width, height int) {
	b.t.Helper()
	b.do("WebDriver:SetWindowRect", map[string]any{"x": 0, "y": 0, "width": width, "height": height})
}

const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// find returns an element, for which it waits.
func (b *realBrowser) find(selector string) string {
	b.t.Helper()
	var last error
	for range 200 {
		answer, err := b.wire.call("WebDriver:FindElement", map[string]any{"using": "css selector", "value": selector})
		if last = err; err == nil {
			var element map[string]string
			if err := json.Unmarshal(answer, &element); err != nil {
				b.t.Fatal(err)
			}
			return element[elementKey]
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("%s finds no %s: %v", b.name, selector, last)
	return ""
}

// click clicks at an element.
func (b *realBrowser) click(selector string) {
	b.t.Helper()
	b.do("WebDriver:ElementClick", map[string]any{"id": b.find(selector)})
}

// typeInto types into an element, key by key.
func (b *realBrowser) typeInto(selector, text string) {
	b.t.Helper()
	text = strings.ReplaceAll(text, "\n", keyEnter)
	b.do("WebDriver:ElementSendKeys", map[string]any{"id": b.find(selector), "text": text, "value": strings.Split(text, "")})
}

// press presses keys, wherever the focus is. WebDriver has code points of the private use area for the others.
func (b *realBrowser) press(keys string) {
	b.t.Helper()
	var actions []map[string]any
	for _, key := range keys {
		actions = append(actions, map[string]any{"type": "keyDown", "value": string(key)}, map[string]any{"type": "keyUp", "value": string(key)})
	}
	b.do("WebDriver:PerformActions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}})
}

const (
	keyTab   = "\ue004"
	keyEnter = "\ue007"
	keySpace = "\ue00d"
	keyRight = "\ue014"
)

// script runs a function's body in the page.
func (b *realBrowser) script(body string, result any, args ...any) {
	b.t.Helper()
	answer := b.do("WebDriver:ExecuteScript", map[string]any{"script": body, "args": append([]any{}, args...)})
	if result == nil {
		return
	}
	if err := json.Unmarshal(answer, result); err != nil {
		b.t.Fatalf("%s: %s gives %s: %v", b.name, body, answer, err)
	}
}

// wait waits until an expression of the page holds.
func (b *realBrowser) wait(expression string) {
	b.t.Helper()
	// An error is that of a page that is not there yet.
	for range 600 {
		if answer, err := b.wire.call("WebDriver:ExecuteScript", map[string]any{"script": "return !!(" + expression + ")", "args": []any{}}); err == nil && string(answer) == "true" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	var text string
	b.script(`return document.body.innerText`, &text)
	b.t.Fatalf("%s: %s does not come to hold; the page says\n%s", b.name, expression, text)
}

// shoot takes a picture, where somebody wants to look at it.
func (b *realBrowser) shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("CORSIM_SCREENSHOTS")
	if dir == "" {
		return
	}
	var text string
	if err := json.Unmarshal(b.do("WebDriver:TakeScreenshot", map[string]any{"full": false}), &text); err != nil {
		b.t.Fatal(err)
	}
	picture, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, b.name+"-"+name+".png"), picture, 0o666); err != nil {
		b.t.Fatal(err)
	}
}
