// Package http takes the place of net/http in what is built for the page, where it would make
// half of the size and nothing uses it: a decoder of content codings offers helpers for handlers,
// which only name these types.
package http

// A Header is a header of net/http.
type Header map[string][]string

// Get returns the first value of a name that is spelled canonically.
func (h Header) Get(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set replaces the values of a name that is spelled canonically.
func (h Header) Set(name, value string) { h[name] = []string{value} }

// A ResponseWriter is what a handler writes its response to.
type ResponseWriter interface {
	Header() Header
	Write([]byte) (int, error)
	WriteHeader(code int)
}

// A Request is a request that a handler gets.
type Request struct {
	Header Header
}
