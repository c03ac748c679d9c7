package transcript

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/origin"
)

// A Shared network asks a server once what several user agents ask alike, and gives each of them
// the one answer: a server that has a state then looks the same to all of them. Requests are alike
// that differ at most in what says which product asks. Errors are not shared, nor is an answer that
// depends on what they differ in.
type Shared struct {
	network fetch.Network

	mu      sync.Mutex
	answers map[string][]*sharedAnswer
	done    bool
}

// NewShared returns a network of which every user agent takes its own by Agent.
func NewShared(network fetch.Network) *Shared {
	return &Shared{network: network, answers: make(map[string][]*sharedAnswer)}
}

// Agent returns the network of one more user agent.
func (s *Shared) Agent() fetch.Network { return &sharingAgent{shared: s, asked: make(map[string]int)} }

// Done says that no user agent comes any more: answers end whose bodies nobody reads.
func (s *Shared) Done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = true
	for _, list := range s.answers {
		for _, a := range list {
			a.body.dismiss()
		}
	}
}

// find returns the answer to the request of this key when it was made for the time-th time, nil where
// there is none that fits.
func (s *Shared) find(key string, time int, n *fetch.NetworkRequest) *sharedAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done {
		return nil // bodies that nobody read have ended
	}
	for _, a := range s.answers[key] {
		if a.time == time && a.fits(n.Headers) {
			a.body.hold()
			return a
		}
	}
	return nil
}

// add remembers an answer for the user agents after this one.
func (s *Shared) add(key string, a *sharedAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[key] = append(s.answers[key], a)
	if s.done {
		a.body.dismiss()
	}
}

// A sharingAgent is the network of one user agent. What it asks for the second time, as after
// a redirect, is answered by the second answer.
type sharingAgent struct {
	shared *Shared
	mu     sync.Mutex
	asked  map[string]int
}

// RoundTrip returns the answer that another user agent got, or else asks.
func (g *sharingAgent) RoundTrip(ctx context.Context, n *fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
	n, key := keyOf(n)
	if key == "" {
		return g.shared.network.RoundTrip(ctx, n)
	}
	g.mu.Lock()
	time := g.asked[key]
	g.asked[key]++
	g.mu.Unlock()
	if a := g.shared.find(key, time, n); a != nil {
		return a.reply(ctx), nil
	}
	// The answer outlives the fetch of the user agent that gets it first.
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, cancel)
	response, err := g.shared.network.RoundTrip(own, n)
	stop()
	if err != nil {
		cancel()
		return nil, err
	}
	a := &sharedAnswer{time: time, asked: n.Headers, response: *response, body: newSharedBody(response.Body, cancel)}
	a.body.hold()
	g.shared.add(key, a)
	return a.reply(ctx), nil
}

// AddressSpace implements [fetch.AddressResolver].
func (g *sharingAgent) AddressSpace(ctx context.Context, url string) (origin.AddressSpace, error) {
	return StandIn("", g.shared.network)(ctx, url)
}

// ofProduct are the headers that say which product asks, and what it can read.
var ofProduct = []string{"user-agent", "accept", "accept-language", "accept-encoding", "priority", "sec-fetch-storage-access", "connection", "te", "dnt", "sec-gpc"}

func isOfProduct(name string) bool {
	return slices.Contains(ofProduct, name) || strings.HasPrefix(name, "sec-ch-")
}

// keyOf returns the same key for requests that are alike, and "" for one that must not be shared:
// its body is a stream, or longer than is kept. The request that it returns is the one to send.
func keyOf(n *fetch.NetworkRequest) (*fetch.NetworkRequest, string) {
	var body []byte
	if n.Body != nil {
		if n.ContentLength < 0 || n.ContentLength > MaxBody || n.GetBody == nil {
			return n, ""
		}
		read, err := io.ReadAll(io.LimitReader(n.Body, n.ContentLength+1))
		same := *n
		same.Body = bytes.NewReader(read)
		if n = &same; err != nil {
			n.Body = io.MultiReader(n.Body, failingReader{err})
			return n, ""
		}
		body = read
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %t %t\n", n.Method, n.URL, n.Preflight, n.HTTP1)
	for _, h := range n.Headers.SortAndCombine() {
		if !isOfProduct(headers.Lower(h.Name)) {
			fmt.Fprintf(&b, "%s: %s\n", h.Name, h.Value)
		}
	}
	b.WriteByte('\n')
	b.Write(body)
	return n, b.String()
}

type failingReader struct{ err error }

// Read fails.
func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

// A sharedAnswer is what the server answered when a request was made for the time-th time.
type sharedAnswer struct {
	time     int
	asked    headers.List
	response fetch.NetworkResponse
	body     *sharedBody
}

// fits reports whether a user agent that asked with other headers would have got the answer: what
// it depends on is the same.
func (a *sharedAnswer) fits(asked headers.List) bool {
	names, _, ok := headers.ExtractTokenList(a.response.Headers.Lines("vary"))
	if !ok || names.Has("*") {
		return false
	}
	if a.response.Headers.Contains("content-encoding") && differ(a.asked, asked, "accept-encoding") {
		return false
	}
	for _, name := range append(ofProduct, "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform") {
		if names.HasFold(name) && differ(a.asked, asked, name) {
			return false
		}
	}
	return true
}

func differ(a, b headers.List, name string) bool {
	one, _ := a.Get(name)
	other, _ := b.Get(name)
	return one != other
}

// reply returns the answer for one user agent.
func (a *sharedAnswer) reply(ctx context.Context) *fetch.NetworkResponse {
	response := a.response
	response.Headers = response.Headers.Clone()
	if response.Body != fetch.NoBody {
		response.Body = &sharedReader{ctx: ctx, body: a.body, closed: make(chan struct{})}
	} else {
		a.body.release()
	}
	return &response
}

// A sharedBody is read once, and kept for all who read it.
type sharedBody struct {
	source io.ReadCloser
	cancel context.CancelFunc

	mu        sync.Mutex
	kept      []byte
	err       error         // at the end of what is kept; nil while more may come
	changed   chan struct{} // closed, and replaced, when there is more
	readers   int
	dismissed bool
	ended     bool // source is closed
}

var errNoMore = errors.New("no more of the body is kept")

func newSharedBody(source io.ReadCloser, cancel context.CancelFunc) *sharedBody {
	b := &sharedBody{source: source, cancel: cancel, changed: make(chan struct{})}
	if source == fetch.NoBody {
		b.err = io.EOF
		return b
	}
	go b.pump()
	return b
}

// pump reads the body to its end, or as much as anybody may ask for.
func (b *sharedBody) pump() {
	part := make([]byte, 32<<10)
	for {
		n, err := b.source.Read(part)
		b.mu.Lock()
		b.kept = append(b.kept, part[:n]...)
		if b.err = err; err == nil && len(b.kept) > MaxBody+len(part) {
			b.err = errNoMore
		}
		err = b.err
		close(b.changed)
		b.changed = make(chan struct{})
		b.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (b *sharedBody) hold() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.readers++
}

func (b *sharedBody) release() {
	b.mu.Lock()
	b.readers--
	b.mu.Unlock()
	b.end()
}

// dismiss says that no further reader comes.
func (b *sharedBody) dismiss() {
	b.mu.Lock()
	b.dismissed = true
	b.mu.Unlock()
	b.end()
}

// end closes the source where nobody reads or will read it.
func (b *sharedBody) end() {
	b.mu.Lock()
	end := b.dismissed && b.readers == 0 && !b.ended
	b.ended = b.ended || end
	b.mu.Unlock()
	if end {
		b.source.Close()
		b.cancel()
	}
}

// next returns what is kept from an offset on, or else its error, or else a channel that is closed
// when there is more.
func (b *sharedBody) next(offset int) ([]byte, <-chan struct{}, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if offset < len(b.kept) {
		return b.kept[offset:], nil, nil
	}
	return nil, b.changed, b.err
}

// A sharedReader is the body of one user agent.
type sharedReader struct {
	ctx    context.Context
	body   *sharedBody
	offset int
	once   sync.Once
	closed chan struct{}
}

// Read waits for what is not there yet, as long as the context lasts and the body is not closed.
func (r *sharedReader) Read(p []byte) (int, error) {
	for {
		part, changed, err := r.body.next(r.offset)
		if len(part) > 0 {
			n := copy(p, part)
			r.offset += n
			return n, nil
		}
		if err != nil {
			return 0, err
		}
		select {
		case <-changed:
		case <-r.closed:
			return 0, errClosed
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
}

var errClosed = errors.New("the body is closed")

// Close says that this user agent reads no further.
func (r *sharedReader) Close() error {
	r.once.Do(func() {
		close(r.closed)
		r.body.release()
	})
	return nil
}
