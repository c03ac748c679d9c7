package check

import "testing"

func TestRedact(t *testing.T) {
	on := redactor{true}
	for _, tt := range []struct{ name, value, want string }{
		{"Cookie", "a=1; b=2", "a=[redacted]; b=[redacted]"},
		{"Cookie", "a", "[redacted]"},
		{"Set-Cookie", "a=1; Path=/; HttpOnly", "a=[redacted]; Path=/; HttpOnly"},
		{"Authorization", "Bearer abc", "Bearer [redacted]"},
		{"Authorization", "abc", "[redacted]"},
		{"Proxy-Authorization", "Basic abc", "Basic [redacted]"},
		{"X-Api-Key", "abc", "[redacted]"},
		{"X-CSRF-Token", "abc", "[redacted]"},
		{"Access-Control-Allow-Headers", "x-api-key, authorization", "x-api-key, authorization"},
		{"Location", "/cb?code=abc&state=1", "/cb?code=[redacted]&state=1"},
		{"Content-Type", "text/plain;charset=utf-8", "text/plain;charset=utf-8"},
		{"Vary", "Origin", "Origin"},
	} {
		if got := on.header(tt.name, tt.value); got != tt.want {
			t.Errorf("%s: %s is shown as %s, want %s", tt.name, tt.value, got, tt.want)
		}
		if got := (redactor{}).header(tt.name, tt.value); got != tt.value {
			t.Errorf("%s: %s is shown as %s where nothing is to be redacted", tt.name, tt.value, got)
		}
	}
	for _, tt := range []struct{ text, want string }{
		{"https://api.test/?a=1", "https://api.test/?a=1"},
		{"https://u:p@api.test/@x", "https://[redacted]@api.test/@x"},
		{"https://api.test/?access_token=x&b=2#id_token=y", "https://api.test/?access_token=[redacted]&b=2#id_token=[redacted]"},
		{`not "https://api.test/?X-Amz-Signature=x" but`, `not "https://api.test/?X-Amz-Signature=[redacted]" but`},
		{"/?key=&sig=1", "/?key=[redacted]&sig=[redacted]"},
		{"/?key", "/?key"},
		{"/?keyboard=1", "/?keyboard=1"},
	} {
		if got := on.text(tt.text); got != tt.want {
			t.Errorf("%s is shown as %s, want %s", tt.text, got, tt.want)
		}
	}
}
