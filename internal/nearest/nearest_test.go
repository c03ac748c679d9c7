package nearest

import "testing"

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"nginx", "nginx", 0}, {"", "abc", 3}, {"abc", "", 3}, {"ngnix", "nginx", 2}, {"djngo", "django", 1}, {"caddyy", "caddy", 1}, {"kitten", "sitting", 3},
	} {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%q, %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestOf(t *testing.T) {
	names := []string{"browser", "credentials", "json", "junit", "request", "resolve", "show-secrets"}
	for written, want := range map[string]string{
		"browsers": "browser", "brwoser": "browser", "Credential": "credentials", "jsn": "json", "reqest": "request", "show": "show-secrets", "": "", "x": "",
		"zzzz": "", "credentialmode": "credentials", "showsecrets": "show-secrets", "showsec": "show-secrets",
	} {
		if got := Of(written, names); got != want {
			t.Errorf("%q: %q, want %q", written, got, want)
		}
	}
}
