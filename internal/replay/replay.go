// Package replay judges the requests of a recording: would a browser have let
// the page have the response? Each gets one of four answers: allowed, blocked
// (why), undecidable (what the recording lacks), not subject to CORS.
//
// A recording never tells all that a browser knew. What it lacks is inferred only
// where there is evidence, and the result says which. What stays unknown is tried
// both ways: if they come to the same, that is the verdict, and otherwise it is
// undecidable.
//
//   - Mode: Sec-Fetch-Mode; else the recorder's resource type; else an Origin
//     header on a GET, a preflight, or a method that only mode "cors" can have;
//     and what the page got although nothing allows it, was not in mode "cors".
//   - The page's origin: the Origin header; else that of the request's preflight;
//     else the origin of the Referer; else the page's URL; see [PageSource].
//   - Credentials mode: cookies, be it that they were emptied or that HAR's list
//     alone is left, browser-made Authorization; else what happened,
//     where the modes would have come to different ends; see [CredentialsSource].
//   - Headers that script set: what the preflight asks for; else all that are not
//     the user agent's own.
//   - Preflights: the recorded one, by [record.Pairer]; else an earlier one, by a
//     preflight cache that is simulated over the recording's clock; else, in the
//     browser that was recorded, one that must have been, since the page got the
//     response.
//   - Answers to the HTTP cache (304): with what the stored response has, where
//     that was recorded.
//   - Redirects: each response is checked by itself, with the origin, "null" or
//     not, that the redirects before it leave.
//   - What was redacted ([record.Redacted]) or removed is unknown, and no evidence
//     but of its having been there.
//
// What the recording says that came of the request is then held against the
// verdict; see [Agreement].
package replay

import (
	"context"
	"errors"
	"io"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
)

// Options are for [Judge]. The zero value judges what was recorded, as the
// standard has it.
type Options struct {
	// Engines are whose behaviour is asked for; none is the standard.
	Engines []*browser.Engine
	// Origin is where the page is taken to stand, a serialized origin, instead
	// of where it stood. The servers are taken to answer as they did.
	Origin string
	// Credentials is the credentials mode that requests are taken to have.
	Credentials Credentials
	// Permissions are what the user is taken to have said of the permissions that pages need to reach
	// local networks, by name: "granted" or "denied".
	Permissions map[string]string
	// Independent judges each exchange by itself: no preflight is paired with its
	// request, no redirect with what it led to, and no preflight cache is
	// simulated. So the results do not depend on how a recording was split.
	Independent bool
	// VersionsAsGiven judges as the engines that are given, though the recording tells the version of its browser: without
	// it, the engine of that name alone stands for the recorded version.
	VersionsAsGiven bool
	// Workers is how many goroutines decode, and how many judge; 0 is one a
	// core.
	Workers int

	recorded *browser.Engine // of the version that was recorded, nil where it is not known
}

// hypothetical reports whether the verdicts are about something else than what
// was recorded.
func (o *Options) hypothetical() bool { return o.Origin != "" || o.Credentials != CredentialsUnknown }

// Assumptions states what the options assume, each in a sentence.
func (o *Options) Assumptions() []string {
	var all []string
	if o.Origin != "" {
		all = append(all, "the page is at "+o.Origin+", and the servers answer as they did, whatever Origin they saw")
	}
	switch o.Credentials {
	case CredentialsIncluded:
		all = append(all, "every request includes credentials")
	case CredentialsNotIncluded:
		all = append(all, "no request includes credentials")
	}
	return all
}

// A batch is so large that handing it over costs little, and so small that the
// batches under way need little memory.
const (
	batchRequests = 64
	batchBytes    = 512 << 10
)

// batch is a number of requests; done is closed once the work on it is.
type batch[T any] struct {
	raws     []record.Raw
	recorder []recorder // by raw
	requests []*request
	values   []T
	done     chan struct{}
}

// Judge judges every request of a recording, with all cores, and yields what each
// makes of its result, in the order of the recording. each is called by several
// goroutines at a time. Memory does not grow with the recording.
//
// A paired preflight has no result of its own: it is part of its request's. An
// entry that cannot be read is yielded as its [*record.EntryError]. Any other
// error is yielded last: what [record.Reader.NextRaw] returned, or the context's.
func Judge[T any](ctx context.Context, in *record.Reader, options Options, each func(*Result) T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		begun := begin(in, &options)
		j := newJudge(&options)
		workers := options.Workers
		if workers <= 0 {
			workers = runtime.GOMAXPROCS(0)
		}
		decoded := stage(ctx, workers, (*batch[T]).decode)
		judged := stage(ctx, workers, func(b *batch[T]) { b.judge(j, each) })
		var readErr error
		go func() {
			defer decoded.close()
			readErr = read(ctx, begun, options.Independent, decoded)
		}()
		go func() {
			defer judged.close()
			sequence(ctx, newSequencer(j), decoded, judged)
		}()
		var none T
		for b := range judged.results(ctx) {
			for i, x := range b.requests {
				if !yield(b.values[i], x.bad) {
					return
				}
			}
		}
		// The first stage was closed after readErr was set, the second after that.
		if err := ctx.Err(); err != nil {
			yield(none, err)
		} else if readErr != nil {
			yield(none, readErr)
		}
	}
}

// A stages is a stage of work on batches, which come out in order.
type stages[T any] struct {
	todo, ordered chan *batch[T]
}

func stage[T any](ctx context.Context, workers int, work func(*batch[T])) stages[T] {
	// The channels bound how many batches there are at a time.
	s := stages[T]{make(chan *batch[T]), make(chan *batch[T], workers+1)}
	for range workers {
		go func() {
			for b := range s.todo {
				if ctx.Err() == nil {
					work(b)
				}
				close(b.done)
			}
		}()
	}
	return s
}

func (s stages[T]) close() {
	close(s.todo)
	close(s.ordered)
}

// send puts b to work. It reports whether the context is still alive.
func (s stages[T]) send(ctx context.Context, b *batch[T]) bool {
	b.done = make(chan struct{})
	select {
	case s.ordered <- b:
	case <-ctx.Done():
		return false
	}
	s.todo <- b
	return true
}

// results gives the batches in order, each when it is done, as long as the
// context is alive.
func (s stages[T]) results(ctx context.Context) iter.Seq[*batch[T]] {
	return func(yield func(*batch[T]) bool) {
		for {
			select {
			case b, ok := <-s.ordered:
				if !ok {
					return
				}
				if <-b.done; ctx.Err() != nil || !yield(b) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// A batcher makes batches of what is read.
type batcher[T any] struct {
	ctx context.Context
	out stages[T]

	mu    sync.Mutex
	batch *batch[T]
	size  int
}

// promptly is how long a request waits for others of its batch, where each is judged by
// itself: the reader of the output may wait for it.
const promptly = 20 * time.Millisecond

// read makes batches of what it reads.
func read[T any](ctx context.Context, in *begunReader, prompt bool, out stages[T]) error {
	b := &batcher[T]{ctx: ctx, out: out, batch: new(batch[T])}
	if prompt {
		done, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			b.sendPromptly(done)
		}()
		defer func() {
			close(done)
			<-stopped
		}()
	}
	var creator, browser string
	var rec recorder
	for {
		raw, err := in.NextRaw()
		if err != nil {
			if !b.send() || errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if log := in.Log(); log.Creator != creator || log.Browser != browser {
			creator, browser, rec = log.Creator, log.Browser, in.recorderOf(log)
		}
		if !b.add(raw, rec) {
			return nil
		}
	}
}

// sendPromptly sends what has been read, every now and then.
func (b *batcher[T]) sendPromptly(done <-chan struct{}) {
	ticker := time.NewTicker(promptly)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			b.send()
		case <-done:
			return
		}
	}
}

// add adds what was read. Like send it reports whether the context is still alive.
func (b *batcher[T]) add(raw record.Raw, rec recorder) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.batch.raws, b.batch.recorder = append(b.batch.raws, raw), append(b.batch.recorder, rec)
	if b.size += raw.Size(); len(b.batch.raws) < batchRequests && b.size < batchBytes {
		return true
	}
	return b.sendLocked()
}

func (b *batcher[T]) send() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sendLocked()
}

func (b *batcher[T]) sendLocked() bool {
	full := b.batch
	if len(full.raws) == 0 {
		return true
	}
	b.batch, b.size = new(batch[T]), 0
	return b.out.send(b.ctx, full)
}

func (b *batch[T]) decode() {
	b.requests = make([]*request, len(b.raws))
	for i, raw := range b.raws {
		e, err := raw.Decode()
		if err != nil {
			b.requests[i] = &request{bad: err, index: raw.Index()}
			continue
		}
		respell(e.Response.Headers)
		b.requests[i] = examine(e, b.recorder[i])
		b.requests[i].size = raw.Size()
	}
	b.raws = nil
}

// respell spells Access-Control-Allow-Origin as nearly every server does. How it
// was spelled, readers have forgotten; an engine counts the lines of that spelling.
func respell(list headers.List) {
	for i := range list {
		if headers.EqualFold(list[i].Name, respelled) {
			list[i].Name = respelled
		}
	}
}

const respelled = "Access-Control-Allow-Origin"

// sequence passes the requests on in an order in which they can be judged.
func sequence[T any](ctx context.Context, s *sequencer, in, out stages[T]) {
	b, alive := new(batch[T]), true
	send := func() {
		if len(b.requests) > 0 {
			alive = alive && out.send(ctx, b)
			b = new(batch[T])
		}
	}
	size := 0
	emit := func(x *request) {
		b.requests = append(b.requests, x)
		if size += x.size; len(b.requests) == batchRequests || size >= batchBytes {
			send()
			size = 0
		}
	}
	for from := range in.results(ctx) {
		for _, x := range from.requests {
			if s.add(x, emit); !alive {
				return
			}
		}
		if s.judge.options.Independent {
			send() // the reader of the output may wait for it
		}
	}
	if ctx.Err() != nil {
		return
	}
	s.flush(emit)
	send()
}

func (b *batch[T]) judge(j *judge, each func(*Result) T) {
	b.values = make([]T, len(b.requests))
	for i, x := range b.requests {
		if x.bad == nil {
			b.values[i] = each(j.result(x))
		}
	}
}
