package cors

import (
	"testing"

	"github.com/corsim/corsim/origin"
)

func mustParse(s string) origin.Origin {
	o, err := origin.Parse(s)
	if err != nil {
		panic(err)
	}
	return o
}

func TestCrossOriginResourcePolicyCheck(t *testing.T) {
	const (
		https    = "https://api.app.example"
		sameSite = "https://www.app.example:8443"
		http     = "http://www.app.example"
		cross    = "https://other.example"
	)
	for _, test := range []struct {
		name           string
		origin, target string // the target is https where it is ""
		policy         EmbedderPolicy
		credentials    bool
		navigation     bool
		response       []string
		want           string // the message, "" where the response may be used
	}{
		{name: "absent", origin: cross},
		{name: "cross-origin", origin: cross, response: []string{"cross-origin"}},
		{name: "same-origin, the same", origin: https, response: []string{"same-origin"}},
		{
			name: "same-origin, same site", origin: sameSite, response: []string{"same-origin"},
			want: `Cross-Origin-Resource-Policy "same-origin", which keeps https://www.app.example:8443 from using the response`,
		},
		{
			name: "same-origin, null", origin: "null", response: []string{"same-origin"},
			want: `Cross-Origin-Resource-Policy "same-origin", which keeps null from using the response`,
		},
		{name: "same-site, same site", origin: sameSite, response: []string{"same-site"}},
		{
			name: "same-site, another", origin: cross, response: []string{"same-site"},
			want: `Cross-Origin-Resource-Policy "same-site", which keeps https://other.example from using the response`,
		},
		{
			name: "same-site, from http to https", origin: http, response: []string{"same-site"},
			want: `Cross-Origin-Resource-Policy "same-site", which keeps http://www.app.example from using the response`,
		},
		{name: "same-site, from https to http", origin: https, target: http, response: []string{"same-site"}},
		{name: "same-site, http both", origin: http, target: "http://api.app.example", response: []string{"same-site"}},
		{name: "case matters", origin: cross, response: []string{"Same-Origin"}},
		{name: "a list is nothing", origin: cross, response: []string{"same-site, same-origin"}},
		{name: "nor are two lines", origin: cross, response: []string{"same-origin", "same-origin"}},

		{
			name: "require-corp, absent", origin: cross, policy: RequireCORP,
			want: "Cross-Origin-Resource-Policy (absent), which keeps https://other.example from using the response",
		},
		{name: "require-corp, absent, same origin", origin: https, policy: RequireCORP},
		{name: "require-corp, cross-origin", origin: cross, policy: RequireCORP, response: []string{"cross-origin"}},
		{name: "require-corp, same-site", origin: sameSite, policy: RequireCORP, response: []string{"same-site"}},
		{
			name: "require-corp, invalid", origin: cross, policy: RequireCORP, response: []string{"cross-origin, cross-origin"},
			want: `Cross-Origin-Resource-Policy "cross-origin, cross-origin", which keeps https://other.example from using the response`,
		},
		{name: "credentialless", origin: cross, policy: Credentialless},
		{
			name: "credentialless, credentials", origin: cross, policy: Credentialless, credentials: true,
			want: "Cross-Origin-Resource-Policy (absent), which keeps https://other.example from using the response",
		},
		{
			name: "credentialless, navigation", origin: cross, policy: Credentialless, navigation: true,
			want: "Cross-Origin-Resource-Policy (absent), which keeps https://other.example from using the response",
		},
		{name: "navigation", origin: cross, navigation: true, response: []string{"same-origin"}},
		{
			name: "navigation, require-corp", origin: cross, policy: RequireCORP, navigation: true, response: []string{"same-origin"},
			want: `Cross-Origin-Resource-Policy "same-origin", which keeps https://other.example from using the response`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.target == "" {
				test.target = https
			}
			response := fields()
			for _, line := range test.response {
				response.Append("cross-origin-resource-policy", line)
			}
			err := CrossOriginResourcePolicyCheck(&ResourcePolicyRequest{
				Origin: mustParse(test.origin), ResponseOrigin: mustParse(test.target), EmbedderPolicy: test.policy,
				RequestIncludesCredentials: test.credentials, ForNavigation: test.navigation,
			}, response)
			var want []string
			if test.want != "" {
				want = append(want, test.want)
			}
			diff(t, texts(err), want)
			if err != nil && ReasonOf(err) != CrossOriginResourcePolicy {
				t.Errorf("the reason is %v", ReasonOf(err))
			}
		})
	}
}

func TestEmbedderPolicyString(t *testing.T) {
	for policy, want := range map[EmbedderPolicy]string{
		UnsafeNone: "unsafe-none", RequireCORP: "require-corp", Credentialless: "credentialless", 3: "EmbedderPolicy(3)",
	} {
		if got := policy.String(); got != want {
			t.Errorf("embedder policy %d is %q, want %q", uint8(policy), got, want)
		}
	}
}
