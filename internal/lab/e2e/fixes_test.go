//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"testing"

	"github.com/corsim/corsim/internal/recipe"
)

// fixedServers are those to which the fix that check prints is applied.
var fixedServers = []string{"nginx", "apache", "caddy", "haproxy", "express", "flask", "fastapi", "django", "php", "lighttpd", "tornado", "bottle"}

// TestPrintedFixes checks a server that knows no CORS, applies the configuration as it is
// printed to a real server, and checks that: the same request passes.
func TestPrintedFixes(t *testing.T) {
	run := simulate(t)
	p := &proof{backend: newBackend(t)}
	const page = "https://app.example"
	request := []string{"--origin", page, "--page-address-space", "loopback", "-X", "PUT", "-H", "Content-Type: application/json", "-d", "{}", "--credentials", "include"}
	for _, id := range fixedServers {
		t.Run(id, func(t *testing.T) {
			at := slices.IndexFunc(recipe.All(), func(r *recipe.Recipe) bool { return r.ID == id })
			if at < 0 || recipe.All()[at].Proof == nil {
				t.Fatal("it is not proven")
			}
			r := recipe.All()[at]
			out, exit := run(append([]string{"check", "http://" + p.backend + r.Proof.Base + "/thing", "--server", id}, request...)...)
			if exit != 1 || !strings.HasPrefix(out, "BLOCKED") {
				t.Fatalf("without the fix, exit status %d:\n%s", exit, out)
			}
			printed := printedParts(out)
			if len(printed) == 0 {
				t.Fatalf("no configuration is printed:\n%s", out)
			}
			address := freeAddress(t)
			p.start(t, r, address, printed)
			out, exit = run(append([]string{"check", "http://" + address + r.Proof.Base + "/thing"}, request...)...)
			if exit != 0 || !strings.HasPrefix(out, "ALLOWED") {
				t.Errorf("with the fix as printed, exit status %d:\n%s\nthe fix:\n%s", exit, out, strings.Join(printed, "\n--\n"))
			}
			other := slices.Clone(request)
			other[1] = "https://other.example"
			if out, exit = run(append([]string{"check", "http://" + address + r.Proof.Base + "/thing"}, other...)...); exit != 1 {
				t.Errorf("another page, exit status %d:\n%s", exit, out)
			}
		})
	}
}

// printedParts returns the parts of the configuration at the end of a report, each as
// somebody would copy it: the lines below its heading, without their indentation.
func printedParts(report string) (parts []string) {
	at := strings.LastIndex(report, "\nFor ")
	if at < 0 {
		return nil
	}
	inside := false
	for _, line := range strings.Split(report[at+1:], "\n")[1:] {
		switch {
		case strings.HasPrefix(line, "    "):
			if inside {
				parts[len(parts)-1] += line[4:] + "\n"
			}
		case line == "":
			if inside {
				parts[len(parts)-1] += "\n"
			}
		default: // a heading, or a note
			if inside = strings.HasSuffix(line, ":"); inside {
				parts = append(parts, "")
			}
		}
	}
	return parts
}
