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
// The command is [github.com/corsim/corsim/cmd/simulate].
package corsim
