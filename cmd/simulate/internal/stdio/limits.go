package stdio

import (
	"context"
	"io"
)

// What is under way is bounded, so that a client which asks faster than it reads the
// answers makes the server wait, not grow; see PROTOCOL.md.
const (
	// maxInProgress is how many fetches and runs may be under way, which is until their
	// last answer was written, and maxInProgressBytes how many bytes their requests may
	// have together. One may always be.
	maxInProgress      = 1024
	maxInProgressBytes = 64 << 20
	// maxWaiting and maxWaitingBytes are for the requests that wait because of that.
	// Behind them no input is read.
	maxWaiting      = 1024
	maxWaitingBytes = 8 << 20
)

// Bodies that are kept for outcomes are bounded one by one by [scenario.MaxBody], and
// together: a short one may always be read, of the longer ones only a few at a time.
const (
	shortBody  = 64 << 10
	mediumBody = 2 << 20

	mediumBodies = 16
	longBodies   = 1
	// keptBodies is how many fetches with integrity metadata may be under way: their
	// bodies are kept before the response is known to be one.
	keptBodies = 2
	// windowBodies is how many bodies may be decoded at a time whose coding looks back far: a
	// decoder of br or zstd keeps up to 32 MiB, however short the body is.
	windowBodies = 2
)

// memory bounds how many bodies of which length are in memory.
type memory struct{ medium, long, kept, window chan struct{} }

func newMemory() *memory {
	return &memory{make(chan struct{}, mediumBodies), make(chan struct{}, longBodies), make(chan struct{}, keptBodies), make(chan struct{}, windowBodies)}
}

// acquire waits for a place, as long as a context lasts.
func acquire(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sessionCacheBytes bounds the HTTP cache of each session: a client may have many, and servers choose
// how much is stored.
const sessionCacheBytes = 8 << 20

// A boundedBody waits, as it gets longer, for other bodies to be done with. It holds its
// places until release.
type boundedBody struct {
	io.ReadCloser
	ctx    context.Context
	memory *memory
	read   int
	first  chan struct{} // whose place is needed before anything is read, nil for none
	tier   int           // how many of the places that a long body needs are held
	held   []chan struct{}
}

// Read implements [io.Reader].
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.first != nil {
		if err := b.hold(b.first); err != nil {
			return 0, err
		}
		b.first = nil
	}
	for _, next := range [...]struct {
		from, tier int
		places     chan struct{}
	}{{shortBody, 0, b.memory.medium}, {mediumBody, 1, b.memory.long}} {
		if b.read > next.from && b.tier == next.tier {
			if err := b.hold(next.places); err != nil {
				return 0, err
			}
			b.tier++
		}
	}
	n, err := b.ReadCloser.Read(p)
	b.read += n
	return n, err
}

func (b *boundedBody) hold(places chan struct{}) error {
	err := acquire(b.ctx, places)
	if err == nil {
		b.held = append(b.held, places)
	}
	return err
}

func (b *boundedBody) release() {
	for _, places := range b.held {
		<-places
	}
	b.held = nil
}
