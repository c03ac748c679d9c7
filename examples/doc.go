// Package examples has tests of servers as people have them, with the CORS middleware
// of several routers, written with package corstest. It is a module of its own, so
// that the library depends on none of them.
package examples
