//go:build !nonetwork

package contract

import (
	"net/http"

	"github.com/corsim/corsim/wire"
)

// Handler returns the options under which a handler of this process is checked: in
// the place of every server, with requests of every method.
func Handler(h http.Handler) *Options {
	return &Options{Base: DefaultBase, Network: wire.Handler(h), SendUnsafe: true}
}
