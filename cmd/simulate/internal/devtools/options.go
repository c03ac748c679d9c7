package devtools

import (
	"strings"

	"github.com/corsim/corsim/headers"
)

// options are the options of curl that are known. Any other is refused, as it may
// change the request. https://curl.se/docs/manpage.html
var options []option

func init() {
	options = []option{
		{"url", 0, true, (*curl).addURL},
		{"request", 'X', true, func(c *curl, w word) *problem {
			if !headers.IsMethod(w.text) {
				return problemf(w.pos, "%s is no method; write one like GET or PUT", quote(w.text))
			}
			c.method = &w
			return nil
		}},
		{"header", 'H', true, (*curl).header},
		{"data", 'd', true, func(c *curl, w word) *problem { return c.dataOrFile(w, true, "&") }},
		{"data-ascii", 0, true, func(c *curl, w word) *problem { return c.dataOrFile(w, true, "&") }},
		{"data-binary", 0, true, func(c *curl, w word) *problem { return c.dataOrFile(w, false, "&") }},
		{"data-raw", 0, true, func(c *curl, w word) *problem { return c.addData(w.pos, w.text, "&") }},
		{"data-urlencode", 0, true, (*curl).dataURLEncode},
		{"json", 0, true, func(c *curl, w word) *problem {
			c.json = true
			return c.dataOrFile(w, false, "")
		}},
		{"url-query", 0, true, func(c *curl, w word) *problem {
			if raw, ok := strings.CutPrefix(w.text, "+"); ok {
				c.query = append(c.query, raw)
				return nil
			}
			name, value, found := strings.Cut(w.text, "=")
			switch {
			case strings.HasPrefix(w.text, "@"), !found && strings.Contains(name, "@"):
				return problemf(w.pos, "--url-query %s: a file is not read; write its content into the URL", quote(w.text))
			case !found:
				c.query = append(c.query, urlEncode(name))
			case name == "":
				c.query = append(c.query, urlEncode(value))
			default:
				c.query = append(c.query, name+"="+urlEncode(value))
			}
			return nil
		}},
		{"cookie", 'b', true, (*curl).cookie},
		{"user-agent", 'A', true, func(c *curl, w word) *problem { c.agent = &w; return nil }},
		{"referer", 'e', true, func(c *curl, w word) *problem {
			w.text = strings.TrimSuffix(w.text, ";auto")
			c.referer = &w
			return nil
		}},
		{"user", 'u', true, func(c *curl, w word) *problem { c.User = w.text; return nil }},
		{"oauth2-bearer", 0, true, func(c *curl, w word) *problem { c.bearer = &w; return nil }},
		{"head", 'I', false, func(c *curl, w word) *problem {
			if c.head = nil; w.text != "" {
				c.head = &w
			}
			return nil
		}},
		{"get", 'G', false, func(c *curl, w word) *problem { c.get = w.text != ""; return nil }},
		{"location", 'L', false, func(c *curl, w word) *problem { c.FollowRedirects = w.text != ""; return nil }},
		{"location-trusted", 0, false, func(c *curl, w word) *problem {
			c.FollowRedirects = w.text != ""
			c.notef("--location-trusted: taken as -L; a browser sends Authorization to no other origin after a redirect")
			return nil
		}},
		{"insecure", 'k', false, func(c *curl, w word) *problem { c.Insecure = w.text != ""; return nil }},
		{"cacert", 0, true, func(c *curl, w word) *problem { c.CACert = w.text; return nil }},
		{"resolve", 0, true, func(c *curl, w word) *problem { c.Resolve = append(c.Resolve, w.text); return nil }},
		{"max-time", 'm', true, (*curl).maxTime},
		{"compressed", 0, false, func(c *curl, w word) *problem {
			if c.Compressed = w.text != ""; c.Compressed {
				c.notef("--compressed: a browser always asks for compression")
			}
			return nil
		}},
		{"globoff", 'g', false, func(c *curl, w word) *problem { c.globoff = w.text != ""; return nil }},
		{"range", 'r', true, func(c *curl, w word) *problem { return c.addHeader(w.pos, "Range", "bytes="+w.text) }},
		{"basic", 0, false, ignore},

		{"form", 'F', true, refuse("-F", "multipart bodies are not built here; copy the request from a browser, or give the body with --data-binary and -H 'Content-Type: multipart/form-data; boundary=…'")},
		{"form-string", 0, true, refuse("--form-string", "multipart bodies are not built here; give the body with --data-binary and -H 'Content-Type: multipart/form-data; boundary=…'")},
		{"upload-file", 'T', true, refuse("-T", "uploads are not read; write -X PUT --data-binary @file")},
		{"config", 'K', true, refuse("-K", "a file of options is not read; give its options on the command line")},
		{"connect-to", 0, true, refuse("--connect-to", "connecting to another host is not done; --resolve host:port:address tells where a host is")},
		{"unix-socket", 0, true, refuse("--unix-socket", "a browser connects to no Unix socket")},
		{"abstract-unix-socket", 0, true, refuse("--abstract-unix-socket", "a browser connects to no Unix socket")},
		{"digest", 0, false, refuse("--digest", "only Basic authentication is known here")},
		{"ntlm", 0, false, refuse("--ntlm", "only Basic authentication is known here")},
		{"negotiate", 0, false, refuse("--negotiate", "only Basic authentication is known here")},
		{"anyauth", 0, false, refuse("--anyauth", "only Basic authentication is known here")},

		{"cert", 'E', true, note("--cert", "a client's certificate is not sent")},
		{"key", 0, true, note("--key", "a client's certificate is not sent")},
		{"capath", 0, true, note("--capath", "ignored; give one file with --cacert")},
		{"proxy", 'x', true, note("-x", "the proxy is ignored")},
		{"proxy-user", 'U', true, note("-U", "the proxy is ignored")},
		{"noproxy", 0, true, note("--noproxy", "the proxy is ignored")},
		{"socks5", 0, true, note("--socks5", "the proxy is ignored")},
		{"socks5-hostname", 0, true, note("--socks5-hostname", "the proxy is ignored")},
		{"netrc", 'n', false, note("-n", "no file of passwords is read; use -u")},
		{"cookie-jar", 'c', true, note("-c", "no cookies are stored")},
		{"junk-session-cookies", 'j', false, ignore},
		{"max-redirs", 0, true, note("--max-redirs", "a browser follows up to 20 redirects")},
		{"post301", 0, false, note("--post301", "a browser follows such a redirect with GET")},
		{"post302", 0, false, note("--post302", "a browser follows such a redirect with GET")},
		{"post303", 0, false, note("--post303", "a browser follows such a redirect with GET")},
		{"path-as-is", 0, false, note("--path-as-is", "a browser resolves /./ and /../ in a URL's path")},
		{"connect-timeout", 0, true, note("--connect-timeout", "ignored; --max-time bounds the whole request")},
		{"http1.0", '0', false, note("--http1.0", "the version of HTTP is what client and server agree on")},
		{"http1.1", 0, false, note("--http1.1", "the version of HTTP is what client and server agree on")},
		{"http2", 0, false, note("--http2", "the version of HTTP is what client and server agree on")},
		{"http2-prior-knowledge", 0, false, note("--http2-prior-knowledge", "the version of HTTP is what client and server agree on")},
		{"http3", 0, false, note("--http3", "the version of HTTP is what client and server agree on")},
		{"http3-only", 0, false, note("--http3-only", "the version of HTTP is what client and server agree on")},
		{"http0.9", 0, false, ignore},
		{"retry", 0, true, note("--retry", "a browser does not repeat a request")},
		{"retry-delay", 0, true, ignore},
		{"retry-max-time", 0, true, ignore},
		{"retry-all-errors", 0, false, ignore},
		{"retry-connrefused", 0, false, ignore},
		{"interface", 0, true, note("--interface", "ignored")},
		{"ipv4", '4', false, note("-4", "ignored")},
		{"ipv6", '6', false, note("-6", "ignored")},
		{"tlsv1", '1', false, ignore},
		{"tlsv1.0", 0, false, ignore},
		{"tlsv1.1", 0, false, ignore},
		{"tlsv1.2", 0, false, ignore},
		{"tlsv1.3", 0, false, ignore},
		{"tls-max", 0, true, ignore},
		{"ciphers", 0, true, ignore},
		{"tls13-ciphers", 0, true, ignore},
		{"curves", 0, true, ignore},
		{"ssl-no-revoke", 0, false, ignore},
		{"ssl-revoke-best-effort", 0, false, ignore},
		{"proto", 0, true, ignore},
		{"proto-default", 0, true, ignore},
		{"proto-redir", 0, true, ignore},
		{"keepalive", 0, false, ignore},
		{"keepalive-time", 0, true, ignore},
		{"tcp-nodelay", 0, false, ignore},
		{"tcp-fastopen", 0, false, ignore},
		{"expect100-timeout", 0, true, ignore},
		{"speed-limit", 'Y', true, ignore},
		{"speed-time", 'y', true, ignore},
		{"limit-rate", 0, true, ignore},
		{"max-filesize", 0, true, ignore},

		{"disable", 'q', false, ignore},
		{"output", 'o', true, ignore},
		{"output-dir", 0, true, ignore},
		{"create-dirs", 0, false, ignore},
		{"remote-name", 'O', false, ignore},
		{"remote-header-name", 'J', false, ignore},
		{"silent", 's', false, ignore},
		{"show-error", 'S', false, ignore},
		{"verbose", 'v', false, ignore},
		{"include", 'i', false, ignore},
		{"show-headers", 0, false, ignore},
		{"fail", 'f', false, ignore},
		{"fail-with-body", 0, false, ignore},
		{"fail-early", 0, false, ignore},
		{"dump-header", 'D', true, ignore},
		{"write-out", 'w', true, ignore},
		{"buffer", 0, false, ignore},
		{"no-buffer", 'N', false, ignore},
		{"progress-bar", '#', false, ignore},
		{"progress-meter", 0, false, ignore},
		{"styled-output", 0, false, ignore},
		{"stderr", 0, true, ignore},
		{"trace", 0, true, ignore},
		{"trace-ascii", 0, true, ignore},
		{"trace-time", 0, false, ignore},
		{"raw", 0, false, ignore},
		{"parallel", 'Z', false, ignore},
	}
}

// ignore is for options that say what becomes of the response, how much to tell of
// it, and how the connection is made where that is not the request's business.
func ignore(*curl, word) *problem { return nil }

func note(name, why string) func(*curl, word) *problem {
	return func(c *curl, _ word) *problem {
		c.notef("%s: %s", name, why)
		return nil
	}
}

func refuse(name, why string) func(*curl, word) *problem {
	return func(_ *curl, w word) *problem { return problemf(w.pos, "%s: %s", name, why) }
}
