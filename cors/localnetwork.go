package cors

import (
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
)

// A LocalNetworkPolicy is what an engine has of Local Network Access. The zero value checks nothing.
// Package browser has those of real engines.
type LocalNetworkPolicy quirks.LocalNetwork

// A LocalNetworkRequest is what decides whether a page may reach a network.
type LocalNetworkRequest struct {
	// Page is the address space of the page's own server, and Target that of the address which the
	// request reaches.
	Page, Target origin.AddressSpace
	// SecureContext says that the page is one.
	SecureContext bool
	// State returns the state of a permission, "local-network" or "loopback-network", for the page:
	// "granted", "denied", and any other for one that the user is asked for.
	State func(permission string) string
}

// Concerns reports whether a page's address space and that of what it asks for are ones between
// which the engine checks anything.
func (p *LocalNetworkPolicy) Concerns(page, target origin.AddressSpace) bool {
	return p.Checked && page == origin.SpacePublic && target > origin.SpacePublic
}

// Check decides whether a page may reach a network that is more private than its own. It must be
// called for each connection: of each hop, and of preflights. The error is an *[Error] without its
// URL, whose Subject is the permission that lacks, and its Value the target's address space.
//
// https://wicg.github.io/local-network-access/#local-network-access-check
func (p *LocalNetworkPolicy) Check(r *LocalNetworkRequest) error {
	if !p.Concerns(r.Page, r.Target) {
		return nil
	}
	if p.SecureContextOnly && !r.SecureContext {
		return &Error{Reason: LocalNetworkInsecure, Subject: r.Target.String(), Value: r.Target.String()}
	}
	permission := "local-network"
	if r.Target == origin.SpaceLoopback {
		permission = "loopback-network"
	}
	switch r.State(permission) {
	case "granted":
		return nil
	case "denied":
		return &Error{Reason: LocalNetworkDenied, Subject: permission, Value: r.Target.String()}
	}
	return &Error{Reason: LocalNetworkPrompt, Subject: permission, Value: r.Target.String()}
}
