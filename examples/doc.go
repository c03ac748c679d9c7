// Package examples has tests of servers as people have them, written with package corstest: of twelve kinds, each right
// and wrong in one way, with the text of its failure in testdata/servers; of every route of several routers. And clients as people have
// them, each with a fetch.Transport beneath. It is a module of its own, so that the library depends on none of them.
package examples
