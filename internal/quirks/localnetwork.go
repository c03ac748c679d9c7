package quirks

// LocalNetwork holds what an engine has of Local Network Access. The zero value is not one of it, as
// in the Fetch standard.
//
// https://wicg.github.io/local-network-access/
type LocalNetwork struct {
	// Checked asks for a permission before a page of a public address reaches a local or a loopback
	// one.
	Checked bool
	// SecureContextOnly refuses it to pages that are not secure contexts, whatever is permitted.
	SecureContextOnly bool
	// RelaxesMixedContent lets secure pages ask local hosts over http, if their URL or the request
	// says that they are local.
	RelaxesMixedContent bool
	// TargetAddressSpace knows the member targetAddressSpace of the init of fetch().
	TargetAddressSpace bool
	// OneFeatureForBoth knows the feature local-network-access, for both permissions, in allow and
	// in Permissions-Policy, and heeds the header.
	OneFeatureForBoth bool
	// SandboxedAsParent gives a sandboxed frame of the top-level document's site its permissions.
	SandboxedAsParent bool
	// SiteLocalIsPublic takes the addresses fec0::/10 for public ones.
	SiteLocalIsPublic bool
	// BlankDocumentsDenied denies documents at about:blank.
	BlankDocumentsDenied bool
	// SharedWorkersDenied denies shared workers, and SandboxedPagesHang never answers a page that is
	// sandboxed by its Content Security Policy.
	SharedWorkersDenied, SandboxedPagesHang bool
}
