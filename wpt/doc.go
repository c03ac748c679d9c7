// Package wpt proves the engine against the platform's own tests: cases ported
// from web-platform-tests, run against ports of the server handlers that those
// tests talk to (package server), over real sockets on loopback.
//
// [Run] runs cases and returns a [Report]. Most cases are data, a file for each
// upstream file under testdata/wpt; those that use an object rather than a
// request, or that compute what they expect, are functions of this package,
// registered under upstream's file and subtest. Every case has a user agent of
// its own: nothing one case stores is there for another.
//
// What is ported is what upstream checks of networking; a subtest that means
// nothing without a document or JavaScript's objects is listed with its reason,
// and [Report.Directories] counts it. What the standard and upstream disagree
// on, or an engine and upstream, is an expected failure (expected.json), with
// its reason and a link; one that passes after all is a failure too.
package wpt
