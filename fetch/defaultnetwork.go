//go:build !nonetwork

package fetch

import "github.com/corsim/corsim/wire"

// defaultNetwork is where requests go where nobody says where.
var defaultNetwork = wire.Network{Proxy: wire.ProxyFromEnvironment}
