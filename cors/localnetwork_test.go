package cors

import (
	"testing"

	"github.com/corsim/corsim/origin"
)

func TestLocalNetworkCheck(t *testing.T) {
	checked, secure := &LocalNetworkPolicy{Checked: true}, &LocalNetworkPolicy{Checked: true, SecureContextOnly: true}
	const none, public, local, loopback = origin.SpaceUnknown, origin.SpacePublic, origin.SpaceLocal, origin.SpaceLoopback
	for _, test := range []struct {
		name         string
		policy       *LocalNetworkPolicy
		page, target origin.AddressSpace
		secure       bool
		state        string
		want         Reason
		permission   string
	}{
		{"an engine that does not check", &LocalNetworkPolicy{SecureContextOnly: true}, public, loopback, false, "denied", 0, ""},
		{"public to public", checked, public, public, true, "denied", 0, ""},
		{"public to unknown", checked, public, none, true, "denied", 0, ""},
		{"unknown to loopback", checked, none, loopback, true, "denied", 0, ""},
		{"local to loopback", checked, local, loopback, true, "denied", 0, ""},
		{"loopback to local", checked, loopback, local, true, "denied", 0, ""},
		{"prompt", checked, public, local, true, "prompt", LocalNetworkPrompt, "local-network"},
		{"nothing said", checked, public, loopback, true, "", LocalNetworkPrompt, "loopback-network"},
		{"granted", checked, public, loopback, true, "granted", 0, ""},
		{"denied", checked, public, local, true, "denied", LocalNetworkDenied, "local-network"},
		{"insecure", checked, public, local, false, "granted", 0, ""},
		{"insecure, which is refused", secure, public, local, false, "granted", LocalNetworkInsecure, "local"},
		{"secure, where insecure is refused", secure, public, local, true, "granted", 0, ""},
	} {
		err := test.policy.Check(&LocalNetworkRequest{Page: test.page, Target: test.target, SecureContext: test.secure, State: func(permission string) string { return test.state }})
		e, _ := err.(*Error)
		if got := ReasonOf(err); got != test.want || e != nil && (e.Subject != test.permission || e.Value != test.target.String()) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}
