package main

import (
	"fmt"
	"os"

	"github.com/corsim/corsim/cmd/simulate/internal/network"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/wire"
)

// networkFlags are the flags that say how to connect.
type networkFlags struct {
	options network.Options
	cacert  string
}

func (n *networkFlags) define(f *flagSet) {
	f.define(0, "resolve", "HOST:PORT:ADDR", "connect to ADDR instead; repeatable, * for any host;\nADDR:PORT leads to another port as well", n.options.Resolve.Add)
	f.text(&n.cacert, 0, "cacert", "FILE", "trust the authorities of a PEM file")
	f.yes(&n.options.Insecure, 'k', "insecure", "accept any certificate")
	f.define('x', "proxy", "[SCHEME://]HOST[:PORT]", "go through a proxy (http, https, socks5); by default that\nof http_proxy, https_proxy and no_proxy", n.setProxy)
}

func (n *networkFlags) setProxy(value string) (err error) {
	n.options.Proxy, err = wire.ParseProxy(value)
	return err
}

// trustHint says by which flags a certificate is trusted that failed for its authority,
// and nothing of another failure.
func trustHint(failure *cors.Error) string {
	if failure == nil || !explain.IsUntrusted(failure) {
		return ""
	}
	return transcript.TrustFlags
}

// load reads the file that --cacert names.
func (n *networkFlags) load() error {
	if n.cacert == "" {
		return nil
	}
	file, err := os.Open(n.cacert)
	if err != nil {
		return fmt.Errorf("--cacert: %w", err)
	}
	defer file.Close()
	text, err := readAtMost(file, n.cacert, maxAuthorities)
	if err != nil {
		return fmt.Errorf("--cacert: %w", err)
	}
	n.options.CACert = []byte(text)
	return nil
}

// open returns a network with a connection pool of its own.
func (n *networkFlags) open() (*wire.Network, error) {
	return network.New(n.options)
}
