package explain

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
)

// lines reads "Name: value" lines; a Vary line is one to add.
func lines(s ...string) (list []HeaderLine) {
	for _, line := range s {
		name, value, _ := strings.Cut(line, ": ")
		list = append(list, HeaderLine{name, value, name == "Vary"})
	}
	return list
}

func list(s ...string) (list headers.List) {
	for _, h := range lines(s...) {
		list.Append(h.Name, h.Value)
	}
	return list
}

func failure(t *testing.T, r *cors.Request, preflight bool, status int, response headers.List) *cors.Error {
	t.Helper()
	err := cors.Check(r, &response)
	if preflight {
		_, err = cors.ValidatePreflight(r, status, &response)
	}
	e, ok := errors.AsType[*cors.Error](err)
	if !ok {
		t.Fatalf("the response passes: %v", err)
	}
	return e
}

func TestFix(t *testing.T) {
	const page = "https://app.example"
	simple := &cors.Request{Origin: page, Method: "GET"}
	credentialed := &cors.Request{Origin: page, Method: "GET", IncludeCredentials: true}
	put := &cors.Request{Origin: page, Method: "PUT", Headers: list("Content-Type: application/json", "X-B: 1", "X-A: 1")}
	credentialedPut := &cors.Request{Origin: page, Method: "PUT", Headers: put.Headers, IncludeCredentials: true}
	authorized := &cors.Request{Origin: page, Method: "GET", Headers: list("Authorization: x")}
	sandboxed := &cors.Request{Origin: "null", Method: "GET"}

	tests := []struct {
		name      string
		request   *cors.Request
		preflight bool
		status    int
		response  headers.List
		want      []HeaderLine
		wantNow   int // status
		says      string
	}{
		{"missing", simple, false, 200, nil, lines("Access-Control-Allow-Origin: "+page, "Vary: Origin"), 0, ""},
		{"null", sandboxed, false, 200, nil, lines("Access-Control-Allow-Origin: null", "Vary: Origin"), 0, "every sandboxed page"},
		{"twice", simple, false, 200, list("Access-Control-Allow-Origin: *", "Access-Control-Allow-Origin: *"),
			lines("Access-Control-Allow-Origin: "+page, "Vary: Origin"), 0, "second layer"},
		{"wildcard with credentials", credentialed, false, 200, list("Access-Control-Allow-Origin: *"),
			lines("Access-Control-Allow-Origin: "+page, "Vary: Origin", "Access-Control-Allow-Credentials: true"), 0, `"*" is enough then`},
		{"upper-case TRUE", credentialed, false, 200, list("Access-Control-Allow-Origin: "+page, "Access-Control-Allow-Credentials: TRUE"),
			lines("Access-Control-Allow-Credentials: true"), 0, ""},
		{"final slash", simple, false, 200, list("Access-Control-Allow-Origin: " + page + "/"),
			lines("Access-Control-Allow-Origin: "+page, "Vary: Origin"), 0, "final slash"},
		{"other case", simple, false, 200, list("Access-Control-Allow-Origin: https://other.example"),
			lines("Access-Control-Allow-Origin: "+page, "Vary: Origin"), 0, "compare the request's Origin with a list"},
		{"nothing answers OPTIONS", put, true, 404, nil,
			lines("Access-Control-Allow-Origin: "+page, "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: content-type, x-a, x-b"), 204, "nothing handles OPTIONS"},
		{"method", put, true, 204, list("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET, DELETE", "Access-Control-Allow-Headers: *"),
			lines("Access-Control-Allow-Methods: GET, DELETE, PUT"), 0, ""},
		{"method's case", &cors.Request{Origin: page, Method: "patch"}, true, 204,
			list("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PATCH"),
			lines("Access-Control-Allow-Methods: PATCH, patch"), 0, "with their case"},
		{"one header", put, true, 204, list("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: content-type, X-A"),
			lines("Access-Control-Allow-Headers: content-type, X-A, x-b"), 0, ""},
		{"wildcards are names with credentials", credentialedPut, true, 204,
			list("Access-Control-Allow-Origin: "+page, "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: *", "Access-Control-Allow-Headers: *"),
			lines("Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: content-type, x-a, x-b"), 0, ""},
		{"wildcard does not cover authorization", authorized, true, 204, list("Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"),
			lines("Access-Control-Allow-Headers: *, authorization"), 0, "by its name"},
		{"no list", put, true, 204, list("Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: GET; PUT", "Access-Control-Allow-Headers: *"),
			lines("Access-Control-Allow-Methods: PUT"), 0, "commas"},
		{"redirect", put, true, 301, list("Location: /x", "Access-Control-Allow-Origin: *", "Access-Control-Allow-Methods: PUT", "Access-Control-Allow-Headers: *"),
			nil, 204, "missing slash"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			advice := Fix(failure(t, tt.request, tt.preflight, tt.status, tt.response), tt.request)
			if diff := cmp.Diff(tt.want, advice[0].Headers); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if advice[0].Status != tt.wantNow {
				t.Errorf("status %d, want %d", advice[0].Status, tt.wantNow)
			}
			if got := strings.Join(advice[0].Text, " "); !strings.Contains(got, tt.says) {
				t.Errorf("it says %q, want %q in it", got, tt.says)
			}
			if unseen := len(advice) == 2 && advice[1].Unseen; unseen != tt.preflight {
				t.Errorf("advice about the response to the request itself: %v, want %v", unseen, tt.preflight)
			}
		})
	}
}

func TestEveryReasonHasAdvice(t *testing.T) {
	for _, reason := range cors.Reasons() {
		e := &cors.Error{Reason: reason, URL: "https://api.example/", Subject: "x", Header: "X", Status: 500}
		for _, a := range Fix(e, &cors.Request{Origin: "https://app.example", Method: "PUT"}) {
			if len(a.Headers) == 0 && len(a.Text) == 0 {
				t.Errorf("%v: nothing is advised", reason)
			}
		}
	}
}

func TestResourcePolicy(t *testing.T) {
	for url, want := range map[string]string{
		"https://api.app.example/": "same-site", "http://api.app.example/": "same-site", "https://other.example/": "cross-origin",
	} {
		e := &cors.Error{Reason: cors.CrossOriginResourcePolicy, URL: url}
		got := Fix(e, &cors.Request{Origin: "https://www.app.example"})[0].Headers[0].Value
		if got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}

// FuzzFix checks that what is advised is enough, and allows nothing that was not
// asked for or allowed before.
func FuzzFix(f *testing.F) {
	f.Add("https://a.example", "PUT", "X-A", "Authorization", true, 204, "*", "true", "GET", "*")
	f.Add("https://a.example", "patch", "X-A", "Content-Type", false, 404, "https://b.example", "TRUE", "PATCH,*", "x-b, authorization")
	f.Add("null", "GET", "Range", "X-A", false, 301, "null, null", "", "a b", "a b")
	f.Fuzz(func(t *testing.T, from, method, name1, name2 string, credentials bool, status int, acao, acac, acam, acah string) {
		if !headers.IsMethod(method) || !headers.IsName(name1) || !headers.IsName(name2) || from == "" || from == "*" ||
			headers.Normalize(from) != from {
			return
		}
		r := &cors.Request{
			Origin: from, Method: headers.NormalizeMethod(method), IncludeCredentials: credentials,
			Headers: headers.List{{Name: name1, Value: "/"}, {Name: name2, Value: "/"}},
		}
		response := headers.List{
			{Name: allowOrigin, Value: acao}, {Name: allowCredentials, Value: acac},
			{Name: allowMethods, Value: acam}, {Name: allowHeaders, Value: acah},
		}
		if e, ok := errors.AsType[*cors.Error](cors.Check(r, &response)); ok {
			_, fixed := Fix(e, r)[0].Apply(200, response)
			if err := cors.Check(r, &fixed); err != nil {
				t.Errorf("the response still fails: %v", err)
			}
		}
		_, err := cors.ValidatePreflight(r, status, &response)
		e, ok := errors.AsType[*cors.Error](err)
		if !ok {
			return
		}
		advice := Fix(e, r)
		now, fixed := advice[0].Apply(status, response)
		if _, err := cors.ValidatePreflight(r, now, &fixed); err != nil {
			t.Errorf("the preflight still fails: %v\nwas %v", err, e)
		}
		for _, h := range advice[0].Headers {
			for member := range headers.TokenListOf(h.Value).All() {
				if h.Name == allowMethods && member != r.Method && !slices.Contains(headers.GetDecodeAndSplit(acam), member) ||
					h.Name == allowHeaders && !headers.EqualFold(member, name1) && !headers.EqualFold(member, name2) &&
						!slices.Contains(headers.GetDecodeAndSplit(acah), member) {
					t.Errorf("%s is widened to %q", h.Name, h.Value)
				}
			}
		}
		if _, fixed := advice[1].Apply(200, nil); cors.Check(r, &fixed) != nil {
			t.Error("the response to the request itself would fail")
		}
	})
}
