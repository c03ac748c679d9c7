package corstest

import (
	"fmt"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"time"
)

// checkHandler says what is wrong with a handler, "" for nothing.
func checkHandler(h http.Handler) string {
	switch v := reflect.ValueOf(h); {
	case !v.IsValid():
		return "the handler is nil"
	case (v.Kind() == reflect.Func || v.Kind() == reflect.Pointer) && v.IsNil():
		return fmt.Sprintf("the handler is a nil %T", h)
	}
	return ""
}

// panics are what a handler has panicked with while it answered certain requests.
type panics struct {
	mu      sync.Mutex
	running int
	idle    chan struct{} // closed when none runs any longer; nil where nobody waits
	texts   []string      // those that take has not returned, each once
	times   map[string]int
	closed  bool // nobody will ask for more
}

// watch returns a handler whose panics p remembers, in place of logging them.
func (p *panics) watch(h http.Handler) http.Handler { return &watched{p, h} }

type watched struct {
	panics  *panics
	handler http.Handler
}

// ServeHTTP has the handler answer.
func (h *watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.panics.begin()
	defer h.panics.end()
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v != http.ErrAbortHandler && !h.panics.add(fmt.Sprintf("%v%s%s %s\n%s", v, inAnswer, r.Method, r.URL, handlerStack())) {
			panic(v) // is logged
		}
		panic(http.ErrAbortHandler)
	}()
	h.handler.ServeHTTP(w, r)
}

// inAnswer stands between what a handler panicked with and the request.
const inAnswer = "\n  in answer to "

func (p *panics) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running++
}

func (p *panics) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running--; p.running == 0 && p.idle != nil {
		close(p.idle)
		p.idle = nil
	}
}

// add remembers a panic, if somebody will ask for it.
func (p *panics) add(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times == nil {
		p.times = make(map[string]int)
	}
	if p.times[text]++; p.times[text] == 1 {
		p.texts = append(p.texts, text)
	}
	return !p.closed
}

// over reports whether nothing runs and there is nothing to tell. What panics after
// that is logged.
func (p *panics) over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = p.running == 0 && p.texts == nil
	return p.closed
}

// take returns what was panicked with since the last call, "" for nothing.
func (p *panics) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	for _, text := range p.texts {
		value, rest, _ := strings.Cut(text, inAnswer)
		if n := p.times[text]; n > 1 {
			value += fmt.Sprintf(" (%d times)", n)
		}
		b.WriteString("the handler panicked: " + value + inAnswer + rest)
	}
	p.texts = nil
	return b.String()
}

// close waits until no handler runs, and returns what take would. What panics later is
// logged. No handler is waited for beyond the deadline: who does not heed the end of
// its request may hang for ever.
func (p *panics) close(deadline time.Time) string {
	p.mu.Lock()
	if p.running > 0 {
		p.idle = make(chan struct{})
		idle := p.idle
		p.mu.Unlock()
		select {
		case <-idle:
		case <-time.After(time.Until(deadline)):
		}
		p.mu.Lock()
	}
	p.closed = true
	p.mu.Unlock()
	return p.take()
}

// settle is how long a test waits at its end for handlers whose requests have ended.
const settle = time.Second

// handlerStack returns the calls that led to the panic which the deferred function of
// [watched.ServeHTTP] has come upon, from where it was to the handler.
func handlerStack() string {
	counters := make([]uintptr, 128)
	frames := runtime.CallersFrames(counters[:runtime.Callers(1, counters)])
	var b strings.Builder
	panicked := false
	for {
		frame, more := frames.Next()
		switch {
		case !panicked:
			panicked = frame.Function == "runtime.gopanic"
		case strings.HasSuffix(frame.Function, "corstest.(*watched).ServeHTTP"):
			return b.String()
		case b.Len() > 0 || !strings.HasPrefix(frame.Function, "runtime."):
			fmt.Fprintf(&b, "  %s\n  \t%s:%d\n", frame.Function, frame.File, frame.Line)
		}
		if !more {
			return b.String()
		}
	}
}
