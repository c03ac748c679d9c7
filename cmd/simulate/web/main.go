//go:build js

// Command web is the engine of the page to try corsim on, compiled to WebAssembly and run in a worker.
// The command in build makes the page of it:
//
//	go generate ./cmd/simulate/web/...
package main

import (
	"context"
	"io"
	"runtime/debug"
	"syscall/js"

	"github.com/corsim/corsim/cmd/simulate/internal/page"
)

// The worker calls, with a function of its own for each answer:
//
//	corsim(name, input, file, reply)
//
// input is JSON; file is null or {name, size, read(offset, bytes): Uint8Array}; reply is called as
// reply("answer", JSON), reply("error", text), reply("out", Uint8Array) and reply("read", bytes).
func main() {
	// A page has memory, and what is live is little: collecting it less often saves a third of the time.
	debug.SetGCPercent(200)
	js.Global().Set("corsim", js.FuncOf(func(_ js.Value, args []js.Value) any {
		name, input, file, reply := args[0].String(), args[1].String(), args[2], args[3]
		call := &page.Call{Name: name, Input: []byte(input), Out: &output{reply: reply}}
		if file.Truthy() {
			call.File = fileOf(file, reply)
		}
		// A callback must not wait; the worker hears of the end by reply.
		go answer(call, reply)
		return nil
	}))
	js.Global().Call("corsimReady")
	select {}
}

func answer(call *page.Call, reply js.Value) {
	text, err := page.Do(context.Background(), call)
	call.Out.(*output).flush()
	if err != nil {
		reply.Invoke("error", err.Error())
		return
	}
	reply.Invoke("answer", string(text))
}

// output gives what is written to the page, in pieces that are worth it.
type output struct {
	reply  js.Value
	buffer []byte
}

const pieceBytes = 256 << 10

// Write keeps bytes until there are enough of them.
func (o *output) Write(b []byte) (int, error) {
	o.buffer = append(o.buffer, b...)
	if len(o.buffer) >= pieceBytes {
		o.flush()
	}
	return len(b), nil
}

func (o *output) flush() {
	if len(o.buffer) == 0 {
		return
	}
	piece := js.Global().Get("Uint8Array").New(len(o.buffer))
	js.CopyBytesToJS(piece, o.buffer)
	o.buffer = o.buffer[:0]
	o.reply.Invoke("out", piece)
}

// fileOf returns the file that the page has.
func fileOf(file, reply js.Value) *page.File {
	told := int64(0)
	return &page.File{
		Name: file.Get("name").String(),
		Open: func() (io.ReadCloser, error) {
			return &reader{file: file, size: int64(file.Get("size").Float())}, nil
		},
		Progress: func(bytes int64) {
			if bytes-told >= progressBytes || bytes < told {
				told = bytes
				reply.Invoke("read", float64(bytes))
			}
		},
	}
}

const (
	progressBytes = 1 << 20
	readBytes     = 1 << 20
)

// reader reads the page's file, which a worker can do without waiting.
type reader struct {
	file     js.Value
	at, size int64
	buffer   []byte
	rest     []byte
}

// Read reads on.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.at >= r.size {
			return 0, io.EOF
		}
		piece := r.file.Call("read", float64(r.at), min(readBytes, r.size-r.at))
		n := piece.Get("length").Int()
		if n == 0 {
			return 0, io.ErrUnexpectedEOF
		}
		if r.buffer == nil {
			r.buffer = make([]byte, readBytes)
		}
		js.CopyBytesToGo(r.buffer, piece)
		r.rest = r.buffer[:n]
		r.at += int64(n)
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close has nothing to close.
func (*reader) Close() error { return nil }
