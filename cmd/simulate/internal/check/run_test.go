package check

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
)

// network answers by method and URL; "OPTIONS" stands for preflights.
type network func(ctx context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error)

func (n network) RoundTrip(ctx context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	return n(ctx, r)
}

// answer is what a server answers to preflights and to other requests.
type answer struct {
	status  int
	headers headers.List
}

func (a answer) response() *fetch.NetworkResponse {
	return &fetch.NetworkResponse{Status: a.status, Headers: a.headers.Clone(), Body: fetch.NoBody}
}

func run(t *testing.T, o Options) *Report {
	t.Helper()
	report, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestAdviceIsEnough follows the advice of each report until the check passes: a
// preflight's first, then that of what the preflight had hidden.
func TestAdviceIsEnough(t *testing.T) {
	preflights := map[string]answer{
		"nothing":     {404, nil},
		"redirect":    {302, headers.List{{Name: "Location", Value: "/login"}}},
		"wildcards":   {204, headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}, {Name: "Access-Control-Allow-Methods", Value: "*"}, {Name: "Access-Control-Allow-Headers", Value: "*"}}},
		"no lists":    {204, headers.List{{Name: "Access-Control-Allow-Origin", Value: "https://app.test"}, {Name: "Access-Control-Allow-Methods", Value: "a b"}, {Name: "Access-Control-Allow-Headers", Value: "a b"}}},
		"two origins": {204, headers.List{{Name: "Access-Control-Allow-Origin", Value: "https://app.test"}, {Name: "Access-Control-Allow-Origin", Value: "https://app.test"}}},
	}
	others := map[string]answer{
		"nothing": {200, nil},
		"slash":   {200, headers.List{{Name: "Access-Control-Allow-Origin", Value: "https://app.test/"}, {Name: "Vary", Value: "Origin"}}},
	}
	for name, preflight := range preflights {
		for otherName, other := range others {
			for _, credentials := range []fetch.Credentials{"omit", "include"} {
				t.Run(name+"/"+otherName+"/"+string(credentials), func(t *testing.T) {
					now := map[bool]answer{true: preflight, false: other}
					o := Options{
						URL: "https://api.test/x", Origin: "https://app.test", Method: "PATCH", Credentials: credentials,
						Headers: headers.List{{Name: "Authorization", Value: "x"}, {Name: "X-A", Value: "1"}},
						Network: network(func(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
							return now[r.Preflight].response(), nil
						}),
					}
					report := run(t, o)
					if report.Verdict != Blocked || !report.Failure.Preflight {
						t.Fatalf("the verdict is %s, want blocked by the preflight", report.Verdict)
					}
					follow(now, report.Advice)
					if report = run(t, o); report.Verdict != Allowed {
						t.Errorf("with the advice followed it is %s: %v", report.Verdict, report.Failure)
					}
				})
			}
		}
	}
}

// follow does what advice says.
func follow(now map[bool]answer, advice []explain.Advice) {
	for _, a := range advice {
		was := now[a.Preflight]
		status, list := a.Apply(was.status, was.headers)
		now[a.Preflight] = answer{status, list}
	}
}

func TestVerdicts(t *testing.T) {
	allow := headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}}
	tests := []struct {
		name    string
		options Options
		answer  answer
		verdict Verdict
		reason  cors.Reason
	}{
		{"allowed", Options{}, answer{200, allow}, Allowed, 0},
		{"error status", Options{}, answer{500, allow}, Allowed, 0},
		{"blocked", Options{}, answer{200, nil}, Blocked, cors.MissingAllowOrigin},
		{"same origin", Options{Origin: "https://api.test"}, answer{200, nil}, Allowed, 0},
		{"opaque", Options{Mode: fetch.ModeNoCORS}, answer{200, nil}, Allowed, 0},
		{"opaque, refused", Options{Mode: fetch.ModeNoCORS}, answer{200, headers.List{{Name: "Cross-Origin-Resource-Policy", Value: "same-origin"}}}, Blocked, cors.CrossOriginResourcePolicy},
		{"redirect refused", Options{Redirect: fetch.RedirectError}, answer{302, append(headers.List{{Name: "Location", Value: "/"}}, allow...)}, Blocked, cors.RedirectMode},
		{"for ever", Options{}, answer{302, append(headers.List{{Name: "Location", Value: "/"}}, allow...)}, Blocked, cors.RedirectCount},
		{"sandboxed", Options{Origin: "null"}, answer{200, headers.List{{Name: "Access-Control-Allow-Origin", Value: "null"}}}, Allowed, 0},
		{"dry run", Options{DryRun: true, Method: "PUT"}, answer{}, NotSent, 0},
		{"dry run of data:", Options{DryRun: true, URL: "data:,x"}, answer{}, Allowed, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := tt.options
			if o.URL == "" {
				o.URL = "https://api.test/"
			}
			if o.Origin == "" {
				o.Origin = "https://app.test"
			}
			o.Network = network(func(context.Context, *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
				return tt.answer.response(), nil
			})
			report := run(t, o)
			if report.Verdict != tt.verdict || tt.reason != 0 && !errors.Is(report.Failure, tt.reason) {
				t.Errorf("%s, %v; want %s, %v", report.Verdict, report.Failure, tt.verdict, tt.reason)
			}
		})
	}
}

// hanging is a body that never ends before its context does.
type hanging struct{ ctx context.Context }

func (h hanging) Read([]byte) (int, error) { <-h.ctx.Done(); return 0, h.ctx.Err() }
func (hanging) Close() error               { return nil }

func TestNeverPastTimeout(t *testing.T) {
	tests := []struct {
		name    string
		network network
		verdict Verdict
		took    time.Duration
	}{
		{"no answer", func(ctx context.Context, _ *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, Undecidable, 10 * time.Second},
		{"slow redirects", func(ctx context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
			select {
			case <-time.After(3 * time.Second):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
			return answer{302, headers.List{{Name: "Location", Value: "/"}, {Name: "Access-Control-Allow-Origin", Value: "*"}}}.response(), nil
		}, Undecidable, 10 * time.Second},
		{"a body without an end", func(ctx context.Context, _ *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
			response := answer{200, headers.List{{Name: "Access-Control-Allow-Origin", Value: "*"}}}.response()
			response.Body = hanging{ctx}
			return response, nil
		}, Allowed, bodyPatience},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				report := run(t, Options{URL: "https://api.test/", Origin: "https://app.test", Timeout: 10 * time.Second, Network: tt.network})
				if took := time.Since(start); report.Verdict != tt.verdict || took != tt.took {
					t.Errorf("%s after %v; want %s after %v", report.Verdict, took, tt.verdict, tt.took)
				}
			})
		})
	}
}

func TestRunAll(t *testing.T) {
	sent := 0
	o := Options{URL: "https://api.test/", Origin: "https://app.test", Network: network(
		func(context.Context, *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
			sent++
			return answer{200, nil}.response(), nil
		})}
	reports, err := RunAll(context.Background(), o, []*browser.Engine{browser.Standard(), browser.Chromium()})
	if err != nil || len(reports) != 2 || sent != 2 {
		t.Fatalf("%d reports, %d requests, error %v", len(reports), sent, err)
	}
	var b strings.Builder
	if err := Compare(&b, reports, View{}); err != nil ||
		!strings.HasPrefix(b.String(), "BLOCKED  by all of standard, chromium: missing-allow-origin\n  Most likely: ") {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestCookiesThatAreNotSent(t *testing.T) {
	tests := []struct {
		options Options
		engine  *browser.Engine
		want    string // in the notes; "" for none
	}{
		{Options{Credentials: "include"}, browser.Standard(), ""},
		{Options{}, browser.Standard(), `The cookies are not sent: the credentials mode is "same-origin".`},
		{Options{Origin: "https://api.test"}, browser.Standard(), ""},
		{Options{Origin: "https://api.test", Credentials: "omit"}, browser.Standard(), `The cookies are not sent: the credentials mode is "omit".`},
		{Options{Credentials: "include"}, browser.Firefox(), "The cookie a is not sent: third-party cookies"},
	}
	for _, tt := range tests {
		o := tt.options
		if o.Origin == "" {
			o.Origin = "https://app.test"
		}
		o.URL, o.Cookies, o.Engine, o.DryRun = "https://api.test/", "a=1", tt.engine, true
		notes := strings.Join(run(t, o).Notes, "\n")
		if tt.want == "" && notes != "" || !strings.HasPrefix(notes, tt.want) {
			t.Errorf("%s of %s, credentials %q: notes %q, want %q", tt.engine.Name(), o.Origin, o.Credentials, notes, tt.want)
		}
	}
}

// A cookie that an answer sets and a browser does not keep is told, with what to do.
func TestCookiesThatAreNotKept(t *testing.T) {
	const other, same = "https://app.other.test", "https://app.api.test"
	tests := []struct {
		origin, setCookie string
		include           bool
		want              string // ids and engines
		do                string
	}{
		{other, "sid=1; SameSite=Lax", true, "cookie-not-kept chromium, firefox, webkit", "SameSite=None; Secure"},
		{other, "sid=1; SameSite=Strict; Secure", true, "cookie-not-kept chromium, firefox, webkit", "SameSite=None; Secure"},
		{other, "sid=1", true, "cookie-not-kept chromium", "SameSite=None; Secure"},
		{other, "sid=1; SameSite=None", true, "cookie-not-kept chromium, firefox", "Add Secure"},
		{other, "sid=1; SameSite=None; Secure; Domain=b.test", true, "cookie-not-kept chromium, firefox, webkit", "Omit Domain"},
		{other, "__Host-sid=1; SameSite=None; Secure; Path=/x", true, "cookie-not-kept chromium, firefox", "Path=/"},
		{other, "sid=1; SameSite=None; Secure", true, "", ""},
		{same, "sid=1; SameSite=Lax", true, "", ""},
		{other, "sid=1; SameSite=None; Secure", false, "cookie-without-credentials", "include"},
		{other, "__cf_bm=1; SameSite=None; Secure", false, "", ""},
	}
	for _, tt := range tests {
		o := Options{URL: "https://www.api.test/login", Origin: tt.origin, Network: network(
			func(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
				return answer{200, headers.List{
					{Name: "Access-Control-Allow-Origin", Value: tt.origin}, {Name: "Access-Control-Allow-Credentials", Value: "true"},
					{Name: "Set-Cookie", Value: tt.setCookie},
				}}.response(), nil
			})}
		if tt.include {
			o.Credentials = fetch.CredentialsInclude
		}
		report := run(t, o)
		var got, told string
		for _, c := range report.Besides {
			got += c.ID
			told = strings.Join(c.ToldBesides(), "\n")
			if _, after, ok := strings.Cut(told, "is not stored ("); ok {
				engines, _, _ := strings.Cut(after, ")")
				got += " " + engines
			}
		}
		if report.Verdict != Allowed || got != tt.want || !strings.Contains(told, tt.do) || strings.ContainsAny(told, "{}") {
			t.Errorf("%s, %s: %s, %q by %q; want %q by %q", tt.origin, tt.setCookie, report.Verdict, got, told, tt.want, tt.do)
		}
		third := strings.Contains(strings.Join(report.Notes, " "), "Safari does not keep it")
		if want := tt.origin == other && tt.include && !strings.HasSuffix(tt.want, "webkit"); third != want && tt.want == "" {
			t.Errorf("%s, %s: notes %q", tt.origin, tt.setCookie, report.Notes)
		}
	}
}

// Pages of extensions and apps ask as those of the web do.
func TestOriginsOfApps(t *testing.T) {
	for _, from := range []string{
		"chrome-extension://mdkmkgmeleogeakokmdmcmiphcpinamb", "moz-extension://0f1a", "capacitor://localhost", "ionic://localhost", "app://obsidian.md",
		"tauri://localhost", "vscode-webview://0abc",
	} {
		report := run(t, Options{URL: "http://127.0.0.1:8080/x", Origin: from, Network: network(
			func(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
				asked, _ := r.Headers.Get("Origin")
				return answer{200, headers.List{{Name: "Access-Control-Allow-Origin", Value: asked}}}.response(), nil
			})})
		if report.Verdict != Allowed || report.Origin != from {
			t.Errorf("%s: %s, asked by %s", from, report.Verdict, report.Origin)
		}
	}
	if _, err := Run(context.Background(), Options{URL: "https://api.test/", Origin: "https://app.test", Page: "https://other.test/"}); err == nil {
		t.Error("a page of another origin is taken")
	}
}

func TestColor(t *testing.T) {
	report := run(t, Options{URL: "https://api.test/", Origin: "https://app.test", Network: network(
		func(context.Context, *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
			return answer{200, nil}.response(), nil
		})})
	for _, color := range []bool{true, false} {
		var b strings.Builder
		if err := report.Text(&b, View{Color: color}); err != nil {
			t.Fatal(err)
		}
		if got := strings.HasPrefix(b.String(), "\x1b[31mBLOCKED\x1b[0m"); got != color {
			t.Errorf("with colours %v it begins %.20q", color, b.String())
		}
	}
}

// FuzzText checks that nothing a server sends reaches the terminal as a control
// character, and that no secret of the request is shown.
func FuzzText(f *testing.F) {
	f.Add(200, "X-A", "\x1b[31m", "https://app.test", "/?token=hidden")
	f.Add(302, "Set-Cookie", "a=hidden; Path=/", "*", "https://u:hidden@x.test/#access_token=hidden")
	f.Fuzz(func(t *testing.T, status int, name, value, origin, location string) {
		if status < 100 || status > 999 {
			return
		}
		o := Options{
			URL: "https://api.test/?password=hidden&b=1", Origin: "https://app.test", Credentials: "include", Cookies: "c=hidden",
			Headers: headers.List{{Name: "Authorization", Value: "Bearer hidden"}, {Name: "X-Api-Key", Value: "hidden"}},
			Network: network(func(_ context.Context, r *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
				return answer{status, headers.List{
					{Name: name, Value: value}, {Name: "Access-Control-Allow-Origin", Value: origin}, {Name: "Location", Value: location},
				}}.response(), nil
			}),
		}
		secret := !strings.Contains(name+value+origin+location, "hidden")
		for _, verbose := range []bool{false, true} {
			var b strings.Builder
			report := run(t, o)
			if err := report.Text(&b, View{Verbose: verbose}); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsFunc(b.String(), func(r rune) bool { return r < ' ' && r != '\n' || 0x7F <= r && r < 0xA0 }) {
				t.Errorf("%q has control characters", b.String())
			}
			if secret && strings.Contains(b.String(), "hidden") {
				t.Errorf("a secret is shown:\n%s", b.String())
			}
			if err := report.JSON(io.Discard, View{}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
