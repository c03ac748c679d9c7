package monitor

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// An exchange is a cross-origin request that is being answered. It is the writer that the
// handler sees, as [exchange.writer] completes it.
type exchange struct {
	m     *Monitor
	inner http.ResponseWriter
	r     *http.Request

	request  asked
	returned bool // the handler has
	judged   bool // the final status was written, or never will be
}

// Header implements [http.ResponseWriter].
func (x *exchange) Header() http.Header { return x.inner.Header() }

// Write implements [http.ResponseWriter].
func (x *exchange) Write(p []byte) (int, error) {
	x.wrote(http.StatusOK)
	return x.inner.Write(p)
}

// WriteString implements [io.StringWriter].
func (x *exchange) WriteString(s string) (int, error) {
	x.wrote(http.StatusOK)
	return io.WriteString(x.inner, s)
}

// WriteHeader implements [http.ResponseWriter].
func (x *exchange) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		x.wrote(status)
	}
	x.inner.WriteHeader(status)
}

// Unwrap is for [http.ResponseController].
func (x *exchange) Unwrap() http.ResponseWriter { return x.inner }

// wrote is called before the headers go out.
func (x *exchange) wrote(status int) {
	if !x.judged {
		x.judged = true
		x.m.judge(x, status)
	}
}

// end is called when the handler has returned or panicked.
func (x *exchange) end() {
	switch {
	case x.returned:
		x.wrote(http.StatusOK)
	case !x.judged:
		x.judged = true
		x.m.unanswered(x)
	}
}

// Each of these adds one interface to an exchange.
type (
	flusher    struct{ x *exchange }
	hijacker   struct{ x *exchange }
	readerFrom struct{ x *exchange }
	pusher     struct{ x *exchange }
	notifier   struct{ x *exchange }
)

// Flush implements [http.Flusher]: it sends the headers.
func (f flusher) Flush() {
	f.x.wrote(http.StatusOK)
	f.x.inner.(http.Flusher).Flush()
}

// FlushError is what [http.ResponseController] prefers.
func (f flusher) FlushError() error {
	f.x.wrote(http.StatusOK)
	return http.NewResponseController(f.x.inner).Flush()
}

// Hijack implements [http.Hijacker]. What is answered then, nobody sees.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := h.x.inner.(http.Hijacker).Hijack()
	if err == nil {
		h.x.request.hijacked = true
		if !h.x.judged {
			h.x.judged = true
			h.x.m.hijacked(h.x)
		}
	}
	return conn, rw, err
}

// ReadFrom implements [io.ReaderFrom].
func (r readerFrom) ReadFrom(src io.Reader) (int64, error) {
	r.x.wrote(http.StatusOK)
	return r.x.inner.(io.ReaderFrom).ReadFrom(src)
}

// Push implements [http.Pusher].
func (p pusher) Push(target string, o *http.PushOptions) error {
	return p.x.inner.(http.Pusher).Push(target, o)
}

// closeNotifier is [http.CloseNotifier], which old handlers still ask for.
type closeNotifier interface{ CloseNotify() <-chan bool }

// CloseNotify implements [http.CloseNotifier].
func (n notifier) CloseNotify() <-chan bool { return n.x.inner.(closeNotifier).CloseNotify() }

// writer returns x with exactly those interfaces that the inner writer has.
func (x *exchange) writer() http.ResponseWriter {
	has := 0
	for i, ok := range [...]bool{is[http.Flusher](x.inner), is[http.Hijacker](x.inner), is[io.ReaderFrom](x.inner), is[http.Pusher](x.inner), is[closeNotifier](x.inner)} {
		if ok {
			has |= 1 << i
		}
	}
	return writers[has](x)
}

func is[T any](w http.ResponseWriter) bool {
	_, ok := w.(T)
	return ok
}

// writers are one for each set of interfaces. Bits: 1 Flusher, 2 Hijacker, 4 ReaderFrom, 8 Pusher,
// 16 CloseNotifier.
var writers = [32]func(x *exchange) http.ResponseWriter{
	func(x *exchange) http.ResponseWriter { return x },
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
		}{x, flusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
		}{x, hijacker{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
		}{x, flusher{x}, hijacker{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			readerFrom
		}{x, readerFrom{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			readerFrom
		}{x, flusher{x}, readerFrom{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			readerFrom
		}{x, hijacker{x}, readerFrom{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			readerFrom
		}{x, flusher{x}, hijacker{x}, readerFrom{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			pusher
		}{x, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			pusher
		}{x, flusher{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			pusher
		}{x, hijacker{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			pusher
		}{x, flusher{x}, hijacker{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			readerFrom
			pusher
		}{x, readerFrom{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			readerFrom
			pusher
		}{x, flusher{x}, readerFrom{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			readerFrom
			pusher
		}{x, hijacker{x}, readerFrom{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			readerFrom
			pusher
		}{x, flusher{x}, hijacker{x}, readerFrom{x}, pusher{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			notifier
		}{x, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			notifier
		}{x, flusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			notifier
		}{x, hijacker{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			notifier
		}{x, flusher{x}, hijacker{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			readerFrom
			notifier
		}{x, readerFrom{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			readerFrom
			notifier
		}{x, flusher{x}, readerFrom{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			readerFrom
			notifier
		}{x, hijacker{x}, readerFrom{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			readerFrom
			notifier
		}{x, flusher{x}, hijacker{x}, readerFrom{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			pusher
			notifier
		}{x, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			pusher
			notifier
		}{x, flusher{x}, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			pusher
			notifier
		}{x, hijacker{x}, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			pusher
			notifier
		}{x, flusher{x}, hijacker{x}, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			readerFrom
			pusher
			notifier
		}{x, readerFrom{x}, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			readerFrom
			pusher
			notifier
		}{x, flusher{x}, readerFrom{x}, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			hijacker
			readerFrom
			pusher
			notifier
		}{x, hijacker{x}, readerFrom{x}, pusher{x}, notifier{x}}
	},
	func(x *exchange) http.ResponseWriter {
		return struct {
			*exchange
			flusher
			hijacker
			readerFrom
			pusher
			notifier
		}{x, flusher{x}, hijacker{x}, readerFrom{x}, pusher{x}, notifier{x}}
	},
}
