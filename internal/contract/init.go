package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/weburl"
	"github.com/corsim/corsim/wire"
)

// InitOptions say what a first contract is about.
type InitOptions struct {
	Options
	// Origins are those of the pages that ask; nil stands for https://app.example, or
	// http://app.example where the URL is of http, which browsers do not let secure
	// pages ask. That is nobody, and so shows what is promised to everybody.
	Origins []string
	// Methods are asked for; nil stands for GET, POST, PUT, PATCH and DELETE.
	Methods []string
}

// Init writes a first contract for a URL, from what its server does today: for each
// page and method the most that script gets, with credentials if that is allowed.
// What browsers do not agree on is left out, with a comment that says so; the error is
// that nothing is left. Of methods that are not safe only preflights are sent, unless
// SendUnsafe is set: POST, PUT and PATCH are asked for with a JSON body, so that there
// is one.
func Init(ctx context.Context, address string, o *InitOptions) (string, error) {
	if o == nil {
		o = new(InitOptions)
	}
	u, err := parseURL(address)
	if err != nil {
		return "", err
	}
	base := u.Origin().String()
	path := strings.TrimPrefix(u.StringExcludingFragment(), base)
	r := &runner{options: &o.Options, base: base, network: o.Network}
	if r.network == nil {
		network := new(wire.Network)
		defer network.Close()
		r.network = network
	}
	if !o.SendUnsafe {
		r.network = preflightsOnly{r.network}
	}
	origins, methods := o.Origins, o.Methods
	if origins == nil {
		origins = []string{u.Scheme() + "://app.example"}
	}
	if methods == nil {
		methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	}
	c := &Contract{Base: base}
	var notes []string
	for _, origin := range origins {
		page, err := transcript.OpenPage(origin, nil)
		if err != nil {
			return "", err
		}
		if page.Origin().SameOrigin(u.Origin()) {
			notes = append(notes, fmt.Sprintf("# %s: %s\n", origin, transcript.OwnOrigin))
			continue
		}
		promised := Page{URL: origin}
		for _, method := range methods {
			p, note := r.observe(ctx, page, Promise{Method: method, Path: path, JSON: slices.Contains(withBody, method)})
			if err := ctx.Err(); err != nil {
				return "", context.Cause(ctx)
			}
			if note == "" {
				promised.Promises = append(promised.Promises, p)
			} else {
				notes = append(notes, fmt.Sprintf("# %s %s for %s: %s\n", method, path, origin, note))
			}
		}
		if promised.Promises != nil {
			c.Pages = append(c.Pages, promised)
		}
	}
	if c.Pages == nil {
		return "", fmt.Errorf("nothing can be promised of %s:\n%s", base+path, strings.TrimSuffix(strings.Join(notes, ""), "\n"))
	}
	text := "# What " + base + " does today. Change it into what it is to promise.\n" + c.String() + strings.Join(notes, "")
	if _, err := Parse("", text); err != nil {
		return "", err
	}
	return text, nil
}

// parseURL parses the URL that a contract begins with. The error has no password.
func parseURL(address string) (*weburl.URL, error) {
	u, err := weburl.Parse(address)
	switch problem, _ := errors.AsType[*weburl.Error](err); {
	case problem != nil:
		return nil, fmt.Errorf("this is no http or https URL: %s", problem.Problem)
	case u.IncludesCredentials():
		return nil, errors.New("the URL has a username or password, with which no script can ask for it: leave them out")
	case !u.IsHTTP():
		return nil, fmt.Errorf("%q is no http or https URL", address)
	}
	return u, nil
}

// withBody are the methods that are asked for with a body.
var withBody = []string{"POST", "PUT", "PATCH"}

// observe returns what is true of a request, or why nothing can be promised.
func (r *runner) observe(ctx context.Context, page *fetch.Page, p Promise) (Promise, string) {
	p.Credentials = true
	attempts := r.attempts(ctx, page, &p)
	defer func() { closeAll(attempts) }()
	if !allAllowed(attempts) {
		closeAll(attempts)
		p.Credentials = false
		attempts = r.attempts(ctx, page, &p)
	}
	if allAllowed(attempts) {
		p.Expose = exposed(attempts)
		return p, ""
	}
	if !slices.ContainsFunc(attempts, (*transcript.Attempt).IsBlocked) {
		for _, a := range attempts {
			switch {
			case a.NotSent && !a.Preflighted:
				return p, "it needs no preflight, and its method is not safe: only sending it could tell"
			case a.Err != nil && !a.NotSent:
				return p, a.Err.Error()
			}
		}
		return p, transcript.OwnOrigin
	}
	p.Block = true
	if !slices.ContainsFunc(attempts, func(a *transcript.Attempt) bool { return !a.IsBlocked() }) {
		p.Because = reasons(attempts)
	}
	if !transcript.Judge(attempts, p.check()).OK() {
		return p, "browsers do not agree: " + outcomes(attempts)
	}
	return p, ""
}

// outcomes says what came of each attempt.
func outcomes(attempts []*transcript.Attempt) string {
	var all []string
	judgement := transcript.Judge(attempts, func(a *transcript.Attempt) string {
		if a.NotSent {
			return "permitted"
		}
		return a.Outcome()
	})
	for _, p := range judgement.Problems {
		all = append(all, p.Text+" in "+strings.Join(p.Engines(), ", "))
	}
	return strings.Join(all, "; ")
}

func allAllowed(attempts []*transcript.Attempt) bool {
	return !slices.ContainsFunc(attempts, func(a *transcript.Attempt) bool {
		return transcript.Allowed(a) != "" && !(a.NotSent && a.Preflighted)
	})
}

// exposed returns the names of the response headers that script can read in every user
// agent because the server says so.
func exposed(attempts []*transcript.Attempt) (names []string) {
	for i, a := range attempts {
		if a.Response == nil {
			return nil
		}
		if i == 0 {
			names = a.Exposed()
			continue
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			_, readable, _ := a.Header(name)
			return !readable
		})
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

// reasons returns the reasons that all attempts have in common.
func reasons(attempts []*transcript.Attempt) (common []cors.Reason) {
	for _, e := range attempts[0].CORSError().All() {
		everywhere := !slices.Contains(common, e.Reason)
		for _, a := range attempts[1:] {
			everywhere = everywhere && slices.ContainsFunc(a.CORSError().All(), func(other *cors.Error) bool { return other.Reason == e.Reason })
		}
		if everywhere {
			common = append(common, e.Reason)
		}
	}
	return common
}
