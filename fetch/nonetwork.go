//go:build nonetwork

package fetch

import "github.com/corsim/corsim/wire"

// defaultNetwork sends nothing; see [wire.Network].
var defaultNetwork wire.Network
