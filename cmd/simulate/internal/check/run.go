package check

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/explain"
	"github.com/corsim/corsim/internal/probe"
	"github.com/corsim/corsim/internal/quirks"
	"github.com/corsim/corsim/internal/transcript"
	"github.com/corsim/corsim/wire"
)

// userAgent is what the requests carry as User-Agent where the engine has none of
// its own. It begins as that of every browser does, since some servers answer
// nothing else.
const userAgent = "Mozilla/5.0 (compatible; corsim)"

// Run does a check. It returns an [*ArgumentError] for what a browser would not
// even try; whatever else happens is in the report.
func Run(ctx context.Context, o Options) (*Report, error) {
	page, err := o.page()
	if err != nil {
		return nil, err
	}
	request, err := o.request(page)
	if err != nil {
		return nil, err
	}
	engine := o.Engine
	if engine == nil {
		engine = browser.Standard()
	}
	report := &Report{
		Browser: engine.Label(), Origin: page.Origin().String(), Method: request.Method(), URL: request.URL(),
		Mode: string(request.Mode()), Credentials: string(request.Credentials()), Notes: o.notes(request),
	}
	if o.As != "" {
		report.Initiator = explain.FindInitiator(o.As)
	}
	report.secrets = append(request.Headers(), headers.Header{Name: "cookie", Value: o.Cookies})
	jar, notes, err := o.jar(page, request, engine)
	if err != nil {
		return nil, err
	}
	report.Notes = append(report.Notes, notes...)
	client := &fetch.Client{Network: o.Network, Jar: jar, Engine: engine, HSTS: o.knownHosts()}
	if engine.Rules(quirks.Key{}).Product.UserAgent == "" {
		client.UserAgent = userAgent
	}
	given := &answersNetwork{left: o.Answers}
	switch {
	case o.DryRun:
		client.Network = dryNetwork{}
	case len(o.Answers) > 0:
		client.Network = given
		report.Notes = append(report.Notes, "Nothing was sent: the answers that were given are judged.")
	case o.Network == nil:
		sockets := new(wire.Network)
		defer sockets.Close()
		client.Network = sockets
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()

	recorder := transcript.NewRecorder(page, request)
	recorder.Timeout, recorder.Unanswered = timeout, o.DryRun
	if resolver, ok := client.Network.(fetch.AddressResolver); ok {
		client.AddressSpace = resolver.AddressSpace
	}
	network := client.Network
	client.Network = recorder.Network(network)
	var response *fetch.Response
	var loaded *fetch.Loaded
	if o.As == "" {
		response, err = client.Do(fetch.WithTrace(ctx, recorder.Trace()), request)
	} else {
		loaded, err = client.Load(fetch.WithTrace(ctx, recorder.Trace()), request)
	}
	switch {
	case err == nil && loaded != nil:
		report.load(&o, page, loaded)
	case err == nil:
		report.Verdict = Allowed
		report.Response = respond(response, cancel)
		report.end(report.Response)
	case errors.Is(err, errNoAnswer):
		report.unanswered(given)
	case errors.Is(err, errDryRun):
		report.Verdict = NotSent
	default:
		failure, ok := errors.AsType[*cors.Error](err)
		if !ok {
			return nil, err
		}
		recorder.Fail(failure)
		known := recorder.Known()
		report.fail(failure, recorder.Request(), known)
		report.failLoad(&o)
		report.hint = len(o.Answers) == 0 && probe.AsksWhy(failure) && report.Explanation.Causes[0].Confidence < explain.Certain
		if o.Why && report.hint {
			report.askWhy(ctx, network, recorder.Request(), known)
		}
	}
	report.Steps = recorder.Steps
	if unused := len(given.left); unused > 0 && !o.DryRun {
		report.Notes = append(report.Notes, fmt.Sprintf("Of the answers that were given %d were not needed: a browser would not have asked for them.", unused))
	}
	if report.Verdict == Allowed && o.As == "" {
		report.answerCookies(page, request.Credentials())
	}
	return report, nil
}

// knownHosts returns the hosts that are known to want https, as if the user had visited them.
func (o *Options) knownHosts() *fetch.HSTS {
	store := new(fetch.HSTS)
	for _, host := range o.HSTS {
		store.Visited(host, "max-age=31536000; includeSubDomains", time.Now())
	}
	return store
}

// askWhy asks what tells the causes of the failure apart, and explains it anew.
func (r *Report) askWhy(ctx context.Context, network fetch.Network, request *cors.Request, known explain.Exchange) {
	r.hint = false
	asked, err := probe.Why(ctx, probe.Options{
		URL: r.Failure.URL, Origin: request.Origin, Method: request.Method, Headers: request.Headers, Credentials: request.IncludeCredentials, Network: network,
	}, r.Failure)
	if err != nil { // what a probe does not ask about, such as a URL of the page's own origin
		r.Notes = append(r.Notes, "Nothing more was asked: "+err.Error()+".")
		return
	}
	r.Asked = asked
	for _, x := range asked {
		if x.Err == nil {
			known.Others = append(known.Others, x.Seen())
		}
	}
	r.fail(r.Failure, request, known)
}

// What is read of a body, which is no matter of CORS: so much, for so long, that
// it comes to light if script cannot read it.
const (
	maxBody      = 1 << 20
	bodyPatience = 2 * time.Second
)

// respond returns what script gets of a response. cancel ends its body.
func respond(r *fetch.Response, cancel context.CancelFunc) *Response {
	defer r.Body.Close()
	got := &Response{
		Type: string(r.Type), Status: r.Status, StatusText: r.StatusText, URL: r.URL, Redirected: r.Redirected,
		Headers: r.Headers.SortAndCombine(),
	}
	_, _, sent := r.Unfiltered()
	for _, h := range sent {
		if name := headers.Lower(h.Name); !r.Headers.Contains(name) && !slices.Contains(got.Hidden, name) {
			got.Hidden = append(got.Hidden, name)
		}
	}
	slices.Sort(got.Hidden)
	if r.Type == fetch.TypeOpaque || r.Type == fetch.TypeOpaqueRedirect {
		got.BodyEnd = BodyNone
		return got
	}
	patience := time.AfterFunc(bodyPatience, cancel)
	n, err := io.Copy(io.Discard, io.LimitReader(r.Body, maxBody))
	got.BodyBytes, got.BodyEnd = n, BodyComplete
	switch {
	case !patience.Stop(), n == maxBody:
		got.BodyEnd = BodyUnread
	case err != nil:
		got.BodyEnd = BodyFailed
	}
	return got
}
