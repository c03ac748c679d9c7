package replay

import (
	"errors"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/record"
)

// A judge knows what is asked and has no state.
type judge struct {
	options *Options
	// engines are those of the options, and behind them the browsers that may
	// have been recorded.
	engines []*browser.Engine
	asked   int // how many of them are those of the options
}

func newJudge(options *Options) *judge {
	j := &judge{options: options}
	j.engines = slices.Clone(options.Engines)
	if len(j.engines) == 0 {
		j.engines = []*browser.Engine{browser.Standard()}
	}
	j.asked = len(j.engines)
	for i, e := range j.engines {
		if own := options.recorded; !options.VersionsAsGiven && own != nil && e.Name() == own.Name() && e.Label() == e.Name() {
			j.engines[i] = own
		}
	}
	for _, e := range [...]*browser.Engine{browser.Chromium(), browser.Firefox(), browser.WebKit()} {
		if own := options.recorded; own != nil && own.Name() == e.Name() {
			e = own
		}
		if !slices.Contains(j.engines, e) {
			j.engines = append(j.engines, e)
		}
	}
	return j
}

// concerns reports whether x must be judged as engine i has it.
func (j *judge) concerns(i int, x *request) bool {
	return i < j.asked || j.engines[i] == x.recorder.engine
}

// recorded returns the engine that was recorded, or the first that is asked for.
func (j *judge) recorded(x *request) int {
	return max(0, slices.Index(j.engines, x.recorder.engine))
}

// result judges x.
func (j *judge) result(x *request) *Result {
	if x.result != nil {
		return x.result
	}
	r := &Result{
		Exchange: x.e, Preflight: x.preflight, Happened: x.happened,
		Page: x.page.serialized, PageFrom: x.page.from,
		Verdicts: make([]Verdict, j.asked),
	}
	if x.from != nil {
		r.RedirectedFrom, r.Hop = x.from.x.e, x.from.count
	}
	for i := range r.Verdicts {
		v := &r.Verdicts[i]
		v.Engine = j.engines[i]
		switch {
		case x.exempt != 0:
			v.Outcome, v.Exempt = NotSubject, x.exempt
		case x.missing != 0:
			v.Outcome, v.Missing = Undecidable, x.missing
		}
	}
	if x.exempt == 0 && x.missing == 0 {
		r.Origin = x.origin
		seen := make(map[string]bool, len(x.author))
		for _, h := range x.author {
			// Either may have set an Accept that is safelisted, and it does not matter.
			either := strings.HasPrefix(h.Name, "accept") && headers.IsCORSSafelistedRequestHeader(h.Name, h.Value)
			if !either && !seen[h.Name] {
				seen[h.Name] = true
				r.AuthorHeaders = append(r.AuthorHeaders, h.Name)
			}
		}
		j.inferCredentials(x)
		r.Credentials, r.CredentialsFrom = x.credentials, x.credentialsFrom
		if r.CachedFrom = x.cachedFrom; r.CachedFrom != "" {
			r.note("the browser's cache answered with what " + r.CachedFrom + " got, without CORS")
		}
		r.request, r.asked = x.corsRequest(false), x
		for i := range r.Verdicts {
			j.verdict(x, i, r)
			j.besideCORS(x, i, r)
		}
	}
	r.Notes = append(r.Notes, notes(x)...)
	return r
}

// branch is what x comes to in an engine if its credentials mode is known.
type branch struct {
	Alternative
	preflight PreflightSource
}

func (j *judge) branch(x *request, engine int, include bool) (b branch) {
	b.IncludeCredentials = include
	policy, e := policyOf(j.engines[engine]), x.e
	c := x.corsRequest(include)
	block := func(err error, at *record.Exchange) branch {
		for _, failure := range err.(*cors.Error).All() {
			failure.URL, failure.Status = x.url.StringExcludingFragment(), at.Response.Status
		}
		b.Outcome, b.Err, b.Missing = Blocked, err.(*cors.Error), 0
		return b
	}
	validate := func(preflight *record.Exchange) (err error) {
		b.preflight = PreflightRecorded
		if b.Missing |= unreadable(preflight); b.Missing != 0 {
			b.Missing = b.Missing&^(Response|ResponseHeaders) | PreflightResponse
			return nil
		}
		_, missing, err := x.validatePreflight(j.engines[engine], c, preflight)
		b.Missing |= missing
		return err
	}
	if x.isPreflight {
		if err := validate(e); err != nil {
			return block(err, e)
		}
		if !asksKnown(e) {
			b.Missing |= RedactedValues
		}
		return j.finish(x, b)
	}
	switch needed := x.getsPreflight(j.engines[engine], &c); {
	case needed && x.preflight != nil:
		if err := validate(x.preflight); err != nil {
			return block(err, x.preflight)
		}
	case needed && x.cached != nil && x.cached[2*engine+index(include)],
		needed && e.Decision&record.PreflightCached != 0 && engine == j.recorded(x):
		b.preflight = PreflightCached
	case needed && x.impliesPreflight(&c) && !j.options.hypothetical():
		b.preflight = PreflightImplied
	case needed:
		b.preflight = PreflightMissing
		b.Missing |= Preflight
	case e.Fidelity.Has(record.RequestHeadersMissing) && !x.elements:
		b.Missing |= RequestHeaders
	}
	if missing := unreadable(e); missing != 0 {
		b.Missing |= missing
		return j.finish(x, b)
	}
	switch missing, err := x.check(policy, &c); {
	case missing != 0:
		b.Missing |= missing
		return j.finish(x, b)
	case err != nil:
		return block(err, e)
	}
	if err := x.checkRedirect(j.engines[engine]); err != nil {
		return block(err, e)
	}
	return j.finish(x, b)
}

// impliesPreflight reports whether the page got a response that the recorded browser gives it after
// a preflight only, or the server a request that browsers send after one only.
func (x *request) impliesPreflight(c *cors.Request) bool {
	return x.recorder.server || x.happened == Delivered && x.recorder.engine != nil && policyOf(x.recorder.engine).NeedsPreflight(c)
}

// validatePreflight returns what the response to a preflight of x permits, as far as
// nothing is missing. It is checked for the origin that asked, which after redirects
// is not that of x in all browsers.
func (x *request) validatePreflight(e *browser.Engine, c cors.Request, preflight *record.Exchange) (granted cors.Permissions, missing Missing, err error) {
	response := preflight.Response.Headers
	if asks, ok := preflight.Request.Origin(); ok && x.page.from != FromOption {
		c.Origin = asks
	}
	if x.from != nil && rulesOf(e).Preflight.UncheckedAtOwnOrigin && x.page.sameOrigin(x.url) {
		response = cors.PassingCheck(&c, response)
	}
	validate := func() {
		missing, err = withRedacted(response, &c, func(list headers.List) (err error) {
			granted, err = policyOf(e).ValidatePreflight(&c, preflight.Response.Status, &list)
			return err
		})
	}
	validate()
	if _, ok := preflight.Request.Origin(); err != nil && !ok && c.Origin == "null" && x.page.serialized != "" {
		// Its Origin was redacted, and may have been the page's.
		refused := err
		c.Origin = x.page.serialized
		if validate(); err == nil {
			return granted, RedactedValues, nil
		}
		err = refused
	}
	return granted, missing, err
}

// withRedacted checks the headers of a response. Where some that decide were
// redacted, it tries what would allow the most, and none: if they come to the same,
// that is it.
func withRedacted(list headers.List, c *cors.Request, check func(headers.List) error) (missing Missing, err error) {
	if !slices.ContainsFunc(list, decisive) {
		return 0, check(list)
	}
	most := slices.Clone(list)
	for i := range most {
		if h := &most[i]; decisive(*h) {
			h.Value = mostAllowing(h.Name, c)
		}
	}
	if err := check(most); err != nil {
		return 0, err
	}
	if check(slices.DeleteFunc(slices.Clone(list), decisive)) != nil {
		return RedactedValues, nil
	}
	return 0, nil
}

// decisive reports whether h decides about a response and was redacted.
func decisive(h headers.Header) bool {
	return record.Redacted(h.Value) && (strings.HasPrefix(h.Name, "access-control-allow-") || h.Name == respelled)
}

// mostAllowing returns the value of a response header that allows c the most.
func mostAllowing(name string, c *cors.Request) string {
	switch headers.Lower(name) {
	case "access-control-allow-origin":
		return c.Origin
	case "access-control-allow-credentials":
		return "true"
	case "access-control-allow-methods":
		return c.Method
	case "access-control-allow-headers":
		names := make([]string, len(c.Headers))
		for i := range c.Headers {
			names[i] = c.Headers[i].Name
		}
		return strings.Join(names, ",")
	}
	return ""
}

// finish decides what is not blocked.
func (j *judge) finish(x *request, b branch) branch {
	if b.Missing == 0 && x.e.Fidelity.Has(record.RepeatsMerged) && x.happened != Delivered {
		b.Missing = Repeats
	}
	if b.Missing != 0 {
		b.Outcome = Undecidable
	}
	return b
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}

// unreadable says what keeps a response from being checked. A response whose
// status was not recorded is checked by its headers.
func unreadable(e *record.Exchange) Missing {
	r := &e.Response
	switch {
	case len(r.Headers) == 0 && r.HasResponse:
		return ResponseHeaders
	case len(r.Headers) == 0:
		return Response
	case !r.HasResponse && e.IsPreflight():
		return Response // its status decides too
	}
	return 0
}

// redirectFields are the headers that say where a redirect leads. A recording may say that
// elsewhere, and nothing of the header.
func (x *request) redirectFields() *headers.List {
	if r := &x.e.Response; !r.Headers.Contains("location") && r.RedirectURL != "" {
		return &headers.List{{Name: "location", Value: r.RedirectURL}}
	}
	return &x.e.Response.Headers
}

// checkRedirect does what HTTP-redirect fetch does with the URL that a response
// leads to, if it does. The redirect mode is taken to be "follow".
//
// https://fetch.spec.whatwg.org/#http-redirect-fetch
func (x *request) checkRedirect(engine *browser.Engine) error {
	if !x.redirects() {
		return nil
	}
	policy, fields := redirectPolicyOf(engine), x.redirectFields()
	location, err := policy.LocationURL(x.url, x.e.Response.Status, fields)
	if err != nil || location == nil {
		return err
	}
	count := 0
	if x.from != nil {
		count = x.from.count
	}
	_, err = policy.Check(&cors.Redirect{
		Status: x.e.Response.Status, Location: location, Count: count, Origin: x.page.origin, CORSMode: true, CORSTainting: true,
	})
	if e, ok := errors.AsType[*cors.Error](err); ok {
		e.Header, e.Present = "Location", true
		e.Value, _ = fields.Get("location")
	}
	return err
}

// inferCredentials settles an unknown credentials mode by what happened, where
// the two would have come to different ends.
func (j *judge) inferCredentials(x *request) {
	if x.credentials != CredentialsUnknown || j.options.hypothetical() {
		return
	}
	engine := j.recorded(x)
	without, with := j.branch(x, engine, false), j.branch(x, engine, true)
	if without.Outcome == with.Outcome {
		return
	}
	switch a, b := x.conflict(&without.Alternative) || x.unsent(&without), x.conflict(&with.Alternative) || x.unsent(&with); {
	case a && !b:
		x.credentials, x.credentialsFrom = CredentialsIncluded, FromHappened
	case b && !a:
		x.credentials, x.credentialsFrom = CredentialsNotIncluded, FromHappened
	}
}

// conflict reports whether what happened cannot be, if a is right.
func (x *request) conflict(a *Alternative) bool {
	answered := x.e.Response.HasResponse
	switch a.Outcome {
	case Allowed:
		// A redirect that CORS allows fails in redirect mode "error".
		return x.happened == Refused && answered && !x.redirects()
	case Blocked:
		switch a.Err.Reason {
		case cors.RedirectLocation, cors.RedirectScheme, cors.RedirectCount, cors.RedirectCredentials:
			return false // what it leads to fails, which is another entry, if any
		}
		// What its preflight forbids a browser does not send. Where Chromium records
		// the headers of the wire, it was sent; Firefox makes them up.
		sent := answered && x.recorder.engine != nil || x.sent && x.recorder.engine.Name() == "chromium"
		return x.happened == Delivered || x.brokeOff() || a.Err.Preflight && !x.isPreflight && sent
	}
	return false
}

// brokeOff reports whether x failed after its response had passed the CORS check.
func (x *request) brokeOff() bool {
	return x.happened == FailedOtherwise && x.recorder.keepsRefused && x.recorder.marksFailures &&
		x.e.Response.HasResponse && !headers.IsRedirectStatus(x.e.Response.Status)
}

// unsent reports whether x was refused before it was sent, though its preflight
// permits it if b is right.
func (x *request) unsent(b *branch) bool {
	// Of a worker's requests DevTools records the preflights with the page, and not
	// all that came of them.
	return x.preflight != nil && b.preflight == PreflightRecorded && b.Missing == Response && x.happened == Refused && x.recorder.keepsRefused &&
		x.e.Page.ID == x.preflight.Page.ID
}

// verdict is what engine i of those that are asked for does with x.
func (j *judge) verdict(x *request, i int, r *Result) {
	v := &r.Verdicts[i]
	b, alternatives := j.decide(x, i)
	v.Outcome, v.Err, v.Missing, v.PreflightFrom = b.Outcome, b.Err, b.Missing, b.preflight
	v.Alternatives = alternatives
	if x.modeUnsure && !(v.Outcome == Allowed && x.hasOrigin) {
		// In mode "cors" it would not be allowed, or would have an Origin header that was left out.
		*v = Verdict{Engine: v.Engine, Outcome: Undecidable, Missing: v.Missing&^CredentialsMode&^CookiesRemoved | RequestMode}
		return
	}
	if x.from != nil && v.Outcome == Undecidable && !x.e.Response.HasResponse &&
		i < len(x.from.blocked) && x.from.blocked[i] {
		*v = Verdict{Engine: v.Engine, Outcome: NotSubject, Exempt: NeverSent}
		return
	}
	if j.options.hypothetical() {
		return
	}
	decided := j.engines[i] == x.recorder.engine && x.decidedOtherwise(v.PreflightFrom)
	if decided {
		r.Notes = append(r.Notes, "the browser itself decided otherwise about the preflight")
	}
	refused := j.engines[i] == x.recorder.engine && x.refusedOtherwise(v)
	if refused {
		r.Notes = append(r.Notes, "the browser itself says that the reason is "+x.e.CORSError)
	}
	switch {
	case decided, refused:
		v.Agreement = Contradicted
	case x.conflict(&b.Alternative):
		v.Agreement = Contradicted
		if recorded := j.recorded(x); recorded != i && x.recorder.engine != nil {
			if its, _ := j.decide(x, recorded); !x.conflict(&its.Alternative) {
				v.Agreement = Silent
				r.Notes = append(r.Notes, "recorded in "+x.recorder.engine.Label()+", which differs from "+v.Engine.Label()+" here")
			}
		}
	case v.Outcome == Allowed && x.happened == Delivered,
		v.Outcome == Blocked && (x.happened == Refused || x.happened == Failed):
		v.Agreement = Explained
	}
}

// decidedOtherwise reports whether the browser recorded a decision about the
// preflight that is not the verdict's.
func (x *request) decidedOtherwise(preflight PreflightSource) bool {
	switch d := x.e.Decision; {
	case x.isPreflight:
		return false
	case d&record.PreflightNotRequired != 0:
		return preflight != NoPreflight
	case d&record.PreflightRequired != 0:
		return preflight == NoPreflight || (preflight == PreflightCached) != (d&record.PreflightCached != 0)
	}
	return false
}

// decide judges x in an engine with both credentials modes, unless it is known.
func (j *judge) decide(x *request, engine int) (branch, []Alternative) {
	if x.credentials != CredentialsUnknown {
		return j.branch(x, engine, x.credentials == CredentialsIncluded), nil
	}
	// What fails without credentials fails with them as well.
	b := j.branch(x, engine, false)
	if b.Outcome == Blocked {
		return b, nil
	}
	with := j.branch(x, engine, true)
	if with.Outcome == b.Outcome {
		b.Missing |= with.Missing
		return b, nil
	}
	alternatives := []Alternative{b.Alternative, with.Alternative}
	b.Outcome, b.Err, b.Missing = Undecidable, nil, b.Missing|with.Missing|CredentialsMode
	if x.e.Fidelity.Has(record.CookiesRemoved) {
		b.Missing |= CookiesRemoved
	}
	return b, alternatives
}

// notes says what else matters about x.
func notes(x *request) (notes []string) {
	e := x.e
	add := func(is bool, note string) {
		if is {
			notes = append(notes, note)
		}
	}
	subject := x.exempt == 0
	add(subject && e.FromCache, "answered from the HTTP cache")
	if cause, ok := explain.NetError(e.Error, e.Request.URL, x.page.serialized); ok && x.happened == FailedOtherwise {
		notes = append(notes, e.Error+": "+cause.Why())
	}
	add(subject && e.Fulfilled, "answered by a test script")
	add(subject && e.Fidelity.Has(record.PreflightsHidden) && x.preflight == nil && !x.isPreflight && x.missingPreflight(),
		"this recorder leaves preflights out")
	if x.exempt == NotFromPage {
		what := x.unsendable()
		add(what != "", what+" is none that a browser sends")
	}
	add(e.Fidelity.Has(record.PseudoMismatch), "pseudo-headers contradict the method or the URL")
	add(subject && e.Fidelity.Has(record.URLGuessed), "the URL was guessed")
	add(subject && e.Fidelity.Has(record.BytesUnsure), "the bytes of a header value were guessed")
	return notes
}

// missingPreflight reports whether the standard wants a preflight for x.
func (x *request) missingPreflight() bool {
	if x.missing != 0 {
		return false
	}
	c := x.corsRequest(false)
	return cors.NeedsPreflight(&c)
}
