package main

import (
	"fmt"
	"os"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/network"
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
}

// load reads the file that --cacert names.
func (n *networkFlags) load() (err error) {
	if n.cacert == "" {
		return nil
	}
	if n.options.CACert, err = os.ReadFile(n.cacert); err != nil {
		return fmt.Errorf("--cacert: %w", err)
	}
	return nil
}

// open returns the network, and what closes its idle connections.
func (n *networkFlags) open() (fetch.Network, func(), error) {
	opened, closeIdle, err := network.New(n.options)
	if err != nil {
		return nil, nil, fmt.Errorf("--cacert %s: %w", n.cacert, err)
	}
	return opened, closeIdle, nil
}
