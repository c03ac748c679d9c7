package cors

import (
	"errors"
	"testing"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/origin"
	"github.com/corsim/corsim/weburl"
)

func mustURL(t testing.TB, s string) *weburl.URL {
	t.Helper()
	u, err := weburl.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestIsRedirect(t *testing.T) {
	to := headers.List{{Name: "Location", Value: "/x"}}
	for _, test := range []struct {
		policy *RedirectPolicy
		status int
		list   headers.List
		want   bool
	}{
		{nil, 301, nil, true},
		{nil, 300, to, false},
		{nil, 304, to, false},
		{nil, 309, to, false},
		{&RedirectPolicy{StatusFrom309: true}, 308, nil, true},
		{&RedirectPolicy{StatusFrom309: true}, 309, to, true},
		{&RedirectPolicy{StatusFrom309: true}, 399, to, true},
		{&RedirectPolicy{StatusFrom309: true}, 400, to, false},
		{&RedirectPolicy{StatusFrom309: true}, 309, nil, false},
		{&RedirectPolicy{StatusFrom309: true}, 309, headers.List{{Name: "Location", Value: ""}}, false},
		{&RedirectPolicy{StatusFrom309: true}, 304, to, false},
	} {
		if got := test.policy.IsRedirect(test.status, &test.list); got != test.want {
			t.Errorf("%d %v with %v: %v", test.status, test.list, test.policy, got)
		}
	}
}

func TestLocationURL(t *testing.T) {
	const failure, null = "failure", "null"
	combined := &RedirectPolicy{RepeatedLocation: quirks.RepeatedLocationCombined}
	equal := &RedirectPolicy{RepeatedLocation: quirks.RepeatedLocationEqual}
	for _, test := range []struct {
		name   string
		policy *RedirectPolicy
		url    string
		lines  []string
		want   string
	}{
		{"absolute", nil, "https://a.example/p", []string{"https://b.example/x"}, "https://b.example/x"},
		{"relative", nil, "https://a.example/p/q", []string{"../x?y"}, "https://a.example/x?y"},
		{"the fragment of the request", nil, "https://a.example/p#f", []string{"/x"}, "https://a.example/x#f"},
		{"its own fragment", nil, "https://a.example/p#f", []string{"/x#g"}, "https://a.example/x#g"},
		{"an empty fragment of its own", nil, "https://a.example/p#f", []string{"/x#"}, "https://a.example/x#"},
		{"none", nil, "https://a.example/p", nil, null},
		{"no URL", nil, "https://a.example/p", []string{"http://[::1/"}, failure},
		{"empty", nil, "https://a.example/p?q", []string{""}, "https://a.example/p?q"},
		{"empty, taken for none", &RedirectPolicy{EmptyLocation: quirks.EmptyLocationNone}, "https://a.example/p", []string{""}, null},
		{"empty, taken for an error", &RedirectPolicy{EmptyLocation: quirks.EmptyLocationError}, "https://a.example/p", []string{""}, failure},
		{"twice", nil, "https://a.example/p", []string{"/x", "/x"}, failure},
		{"twice, combined", combined, "https://a.example/p", []string{"/x", "/y"}, "https://a.example/x,%20/y"},
		{"twice the same", equal, "https://a.example/p", []string{"/x", "/x"}, "https://a.example/x"},
		{"two that differ", equal, "https://a.example/p", []string{"/x", "/y"}, failure},
		{"UTF-8", nil, "https://a.example/p", []string{"/\xc3\xa9"}, "https://a.example/%C3%A9"},
		{"UTF-8 as Latin-1", &RedirectPolicy{LocationIsLatin1: true}, "https://a.example/p", []string{"/\xc3\xa9"}, "https://a.example/%C3%83%C2%A9"},
		{"no UTF-8", nil, "https://a.example/p", []string{"/\xe9"}, "https://a.example/%E9"},
		{"controls", nil, "https://a.example/p", []string{"/\x01x"}, "https://a.example/%01x"},
		{"controls at the end", nil, "https://a.example/p", []string{"/x\x01"}, "https://a.example/x"},
		{"controls that are kept", &RedirectPolicy{LocationKeepsControls: true}, "https://a.example/p", []string{"/x\x01\t"}, "https://a.example/x%01"},
		{"a bar", nil, "https://a.example/p", []string{"/|?|"}, "https://a.example/|?|"},
		{"a bar that is encoded", &RedirectPolicy{LocationEncodesBar: true}, "https://a.example/p", []string{"/|?|"}, "https://a.example/%7C?|"},
	} {
		var list headers.List
		for _, line := range test.lines {
			list.Append("location", line)
		}
		got := null
		switch location, err := test.policy.LocationURL(mustURL(t, test.url), 302, &list); {
		case err != nil:
			got = failure
			if e, ok := errors.AsType[*Error](err); !ok || e.Reason != RedirectLocation || e.Status != 302 || !e.Present {
				t.Errorf("%s: %#v", test.name, err)
			}
		case location != nil:
			got = location.String()
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestCheckRedirect(t *testing.T) {
	app, err := origin.Parse("https://app.example")
	if err != nil {
		t.Fatal(err)
	}
	const none = Reason(0)
	for _, test := range []struct {
		name     string
		policy   *RedirectPolicy
		location string
		change   func(*Redirect)
		want     Reason
		late     bool
	}{
		{"https", nil, "https://api.example/", nil, none, false},
		{"ftp", nil, "ftp://api.example/", nil, RedirectScheme, false},
		{"data", nil, "data:,x", nil, RedirectScheme, false},
		{"data that is followed", nil, "data:,x", func(r *Redirect) { r.DataFollowed = true }, none, false},
		{"ftp where data is followed", nil, "ftp://api.example/", func(r *Redirect) { r.DataFollowed = true }, RedirectScheme, false},
		{"the twentieth", nil, "https://api.example/", func(r *Redirect) { r.Count = 19 }, none, false},
		{"one too many", nil, "https://api.example/", func(r *Redirect) { r.Count = 20 }, RedirectCount, false},
		{"credentials at another origin", nil, "https://u:p@api.example/", nil, RedirectCredentials, false},
		{"credentials at home", nil, "https://u:p@app.example/", nil, none, false},
		{"credentials at home, once tainted", nil, "https://u@app.example/", func(r *Redirect) { r.CORSTainting = true }, RedirectCredentials, false},
		{"credentials in no-cors", nil, "https://u:p@api.example/", func(r *Redirect) { r.CORSMode = false }, none, false},
		{"credentials that are always refused", &RedirectPolicy{CredentialsRefused: true}, "https://u:p@api.example/", func(r *Redirect) { r.CORSMode = false }, RedirectCredentials, false},
		{"credentials, refused late", &RedirectPolicy{CredentialsRefusedAfterPreflight: true}, "https://u:p@api.example/", nil, RedirectCredentials, true},
		{"credentials, refused late, once tainted", &RedirectPolicy{CredentialsRefusedAfterPreflight: true}, "https://u:p@api.example/", func(r *Redirect) { r.CORSTainting = true }, RedirectCredentials, false},
		{"a stream", nil, "https://api.example/", func(r *Redirect) { r.StreamBody = true }, RedirectBody, false},
		{"a stream that is dropped", nil, "https://api.example/", func(r *Redirect) { r.StreamBody, r.Status = true, 303 }, none, false},
	} {
		r := Redirect{Status: 307, Location: mustURL(t, test.location), Origin: app, CORSMode: true}
		if test.change != nil {
			test.change(&r)
		}
		late, err := test.policy.Check(&r)
		if got := ReasonOf(err); got != test.want || late != test.late {
			t.Errorf("%s: %v, late %v; want %v, %v", test.name, got, late, test.want, test.late)
		}
		if e, ok := errors.AsType[*Error](err); ok && (e.Status != r.Status || e.Subject != r.Location.Redacted()) {
			t.Errorf("%s: %#v", test.name, e)
		}
	}
}
