package probe

import (
	"context"

	"github.com/corsim/corsim/cors"
)

// MaxWhy is how many requests [Why] sends at most.
const MaxWhy = 3

// AsksWhy reports whether more requests can tell the causes of a failure apart.
func AsksWhy(failure *cors.Error) bool {
	switch failure.Reason {
	case cors.MissingAllowOrigin, cors.AllowOriginMismatch, cors.PreflightStatus, cors.PreflightRedirect:
		return true
	}
	return false
}

// Why asks what tells the causes of a failure apart that somebody has seen: a few of a
// probe's requests, OPTIONS, GET and HEAD only, and no more once the cause is plain. The
// options are of the request that failed.
func Why(ctx context.Context, o Options, failure *cors.Error) ([]*Trial, error) {
	p, err := newPlan(&o)
	if err != nil || !AsksWhy(failure) {
		return nil, err
	}
	s := &session{plan: p, ctx: ctx, network: o.Network, report: &Report{URL: p.url.StringExcludingFragment(), Origin: p.asked.Origin, request: p.asked}}
	if failure.Preflight {
		s.whyRefused()
	} else {
		s.whyUnreadable()
	}
	return s.report.Exchanges, nil
}

// whyRefused asks why a preflight is refused: does the CORS layer see other requests, and
// what exactly does it refuse?
func (s *session) whyRefused() {
	first := s.first()
	s.send(first[1]) // the request itself, or GET in its place
	if s.ctx.Err() == nil && (s.asked.Method != "GET" || len(s.headers) > 0) {
		s.send(s.forGET())
	}
	if s.report.accepted(actualAsked) || s.preflightError(preflightSimple) == nil || s.ctx.Err() != nil {
		return
	}
	s.send(first[2]) // OPTIONS without the headers of a preflight
}

// whyUnreadable asks why a response cannot be read: does OPTIONS know CORS, and does the
// response depend on Origin?
func (s *session) whyUnreadable() {
	first := s.first()
	if s.simple {
		s.send(first[0])
		if s.report.accepted(preflightAsked) || s.ctx.Err() != nil {
			return
		}
	}
	s.send(first[3]) // without Origin
}
