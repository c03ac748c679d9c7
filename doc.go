// Package corsim is a browser's CORS behaviour as a library: what a browser sends, what it decides, and why.
//
// It holds no code itself. What is where:
//
//   - [github.com/corsim/corsim/corstest] asserts in go test that a handler's headers would pass in real browsers.
//   - [github.com/corsim/corsim/fetch] is the Fetch standard's client side: Client, Page, Request, elements that load, and
//     a Transport for net/http.
//   - [github.com/corsim/corsim/cors] has the decisions by themselves: the CORS check, whether a preflight is needed and
//     why, what its response permits; and the errors that say what is wrong.
//   - [github.com/corsim/corsim/browser] has Chromium, Firefox and WebKit as values: what each does differently, with the
//     evidence.
//   - [github.com/corsim/corsim/headers], [github.com/corsim/corsim/origin] and [github.com/corsim/corsim/weburl] are what
//     these are written in.
//   - [github.com/corsim/corsim/preflightcache], [github.com/corsim/corsim/httpcache] and
//     [github.com/corsim/corsim/cookies] are what a user agent remembers.
//   - [github.com/corsim/corsim/wire] is the HTTP client beneath, which reads what browsers read.
//   - [github.com/corsim/corsim/wpt] runs the ported web-platform-tests.
//
// # Compatibility
//
// From version 1 on these packages keep to what Go's own keep to: a program that builds with one version builds with later
// ones of the same major version. What browsers do changes with their releases, and is behind values that nobody else can
// make: an engine of package browser decides as the version of its browser that Debian has, so that the
// verdict of a test may change with an update of this module, as it would in the browser; [github.com/corsim/corsim/browser.Find] gives the
// engine of a certain version. The texts of failures and errors are for people and may change; reasons,
// names of engines and members of JSON do not. What is in internal and in the modules examples, openapi and beam may
// change at any time. Needed are the Go release that go.mod names and later ones, which golang.org/x/net and golang.org/x/text
// decide.
//
// The command is [github.com/corsim/corsim/cmd/simulate].
package corsim
