package headers

import (
	"fmt"
	"slices"
	"strings"
)

// A Guard says which headers script may change in a [Headers] object.
//
// https://fetch.spec.whatwg.org/#headers-guard
type Guard uint8

// The guards.
const (
	GuardNone Guard = iota
	GuardRequest
	GuardRequestNoCORS
	GuardResponse
	GuardImmutable
)

// String returns the guard as the standard spells it.
func (g Guard) String() string {
	if g > GuardImmutable {
		return fmt.Sprintf("Guard(%d)", uint8(g))
	}
	return [...]string{"none", "request", "request-no-cors", "response", "immutable"}[g]
}

// ParseGuard returns the guard that the standard spells s.
func ParseGuard(s string) (Guard, bool) {
	for g := GuardNone; g <= GuardImmutable; g++ {
		if g.String() == s {
			return g, true
		}
	}
	return 0, false
}

// Headers are a header list as script sees it, through a guard. Its zero value
// is what new Headers() gives.
//
// https://fetch.spec.whatwg.org/#headers-class
type Headers struct {
	list  List
	guard Guard

	// spelled is how the list spells the names that it has in lower case, once there are many; nil
	// where that must be found again.
	spelled map[string]string
}

// manyHeaders is from how many on names are found by a map: few are found faster without.
const manyHeaders = 32

// A TypeError is what script gets thrown for a header that no request or
// response can have, or for changing headers that are immutable.
type TypeError struct {
	Name, Value string
	Problem     string // what is wrong with them, and at which byte
}

// Error returns the problem, which names the header by itself.
func (e *TypeError) Error() string { return e.Problem }

// NewHeaders returns a Headers object with the guard, filled with init under
// that guard; for [GuardImmutable] init is taken as it is.
//
// https://fetch.spec.whatwg.org/#concept-headers-fill
func NewHeaders(guard Guard, init List) (*Headers, error) {
	if guard == GuardImmutable {
		return &Headers{list: init.Clone(), guard: guard}, nil
	}
	h := &Headers{list: make(List, 0, len(init)), guard: guard}
	for _, header := range init {
		if err := h.Append(header.Name, header.Value); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// List returns the header list, to be read only.
func (h *Headers) List() List { return h.list }

// CheckName returns a *[TypeError] unless name is a header name.
func CheckName(name string) error {
	if name == "" {
		return &TypeError{Problem: "a header name is empty"}
	}
	if i := IndexNonToken(name); i >= 0 {
		return &TypeError{Name: name, Problem: fmt.Sprintf("header name %q: byte %d (%q) cannot be in a header name", name, i, name[i])}
	}
	return nil
}

// CheckValue returns a *[TypeError] unless value, once normalized, is a header value.
func CheckValue(name, value string) error {
	normalized := Normalize(value)
	if i := IndexNonValue(normalized); i >= 0 {
		at := strings.Index(value, normalized) + i // counted in what was given
		return &TypeError{name, value, fmt.Sprintf("value of header %q: byte %d (%q) cannot be in a header value", name, at, value[at])}
	}
	return nil
}

// validate reports whether a change may go on. It normalizes value itself, so
// that an error can count bytes in the value as script gave it.
//
// https://fetch.spec.whatwg.org/#headers-validate
func (h *Headers) validate(name, value string) (bool, error) {
	if err := CheckName(name); err != nil {
		return false, err
	}
	if err := CheckValue(name, value); err != nil {
		return false, err
	}
	switch h.guard {
	case GuardImmutable:
		return false, &TypeError{name, value, "the headers are immutable"}
	case GuardRequest:
		return !IsForbiddenRequestHeader(name, Normalize(value)), nil
	case GuardResponse:
		return !IsForbiddenResponseHeaderName(name), nil
	}
	return true, nil
}

// Append appends a header, which the guard may ignore.
//
// https://fetch.spec.whatwg.org/#concept-headers-append
func (h *Headers) Append(name, value string) error {
	if ok, err := h.validate(name, value); !ok {
		return err
	}
	value = Normalize(value)
	if h.guard == GuardRequestNoCORS {
		temporaryValue := value
		if old, ok := h.list.Get(name); ok {
			temporaryValue = old + ", " + value
		}
		if !IsNoCORSSafelistedRequestHeader(name, temporaryValue) {
			return nil
		}
	}
	h.append(name, value)
	h.removePrivilegedNoCORSRequestHeaders()
	return nil
}

// append is [List.Append] in a time that does not grow with the list: script may fill it with
// thousands of headers.
func (h *Headers) append(name, value string) {
	if len(h.list) < manyHeaders {
		h.list.Append(name, value)
		return
	}
	if h.spelled == nil {
		h.spelled = make(map[string]string, 2*manyHeaders)
		for i := len(h.list) - 1; i >= 0; i-- { // the first of a name decides
			h.spelled[Lower(h.list[i].Name)] = h.list[i].Name
		}
	}
	lower := Lower(name)
	if first, ok := h.spelled[lower]; ok {
		name = first
	} else {
		h.spelled[lower] = name
	}
	h.list = append(h.list, Header{name, value})
}

// Delete removes the headers called name, which the guard may ignore.
//
// https://fetch.spec.whatwg.org/#dom-headers-delete
func (h *Headers) Delete(name string) error {
	if ok, err := h.validate(name, ""); !ok {
		return err
	}
	if h.guard == GuardRequestNoCORS && !IsNoCORSSafelistedRequestHeaderName(name) &&
		!IsPrivilegedNoCORSRequestHeaderName(name) {
		return nil
	}
	if !h.list.Contains(name) {
		return nil
	}
	h.list.Delete(name)
	h.spelled = nil
	h.removePrivilegedNoCORSRequestHeaders()
	return nil
}

// Get returns the values of the headers called name, joined by ", ".
//
// https://fetch.spec.whatwg.org/#dom-headers-get
func (h *Headers) Get(name string) (value string, ok bool, err error) {
	if err := CheckName(name); err != nil {
		return "", false, err
	}
	value, ok = h.list.Get(name)
	return value, ok, nil
}

// GetSetCookie returns the value of each Set-Cookie header.
//
// https://fetch.spec.whatwg.org/#dom-headers-getsetcookie
func (h *Headers) GetSetCookie() []string { return h.list.Values("set-cookie") }

// Has reports whether there is a header called name.
//
// https://fetch.spec.whatwg.org/#dom-headers-has
func (h *Headers) Has(name string) (bool, error) {
	if err := CheckName(name); err != nil {
		return false, err
	}
	return h.list.Contains(name), nil
}

// Set replaces the headers called name, which the guard may ignore.
//
// https://fetch.spec.whatwg.org/#dom-headers-set
func (h *Headers) Set(name, value string) error {
	if ok, err := h.validate(name, value); !ok {
		return err
	}
	value = Normalize(value)
	if h.guard == GuardRequestNoCORS && !IsNoCORSSafelistedRequestHeader(name, value) {
		return nil
	}
	h.list.Set(name, value)
	h.spelled = nil
	h.removePrivilegedNoCORSRequestHeaders()
	return nil
}

// Entries returns the headers in the order in which script iterates over them.
//
// https://fetch.spec.whatwg.org/#concept-header-list-sort-and-combine
func (h *Headers) Entries() List { return h.list.SortAndCombine() }

// removePrivilegedNoCORSRequestHeaders is for the guard "request-no-cors" alone.
//
// https://fetch.spec.whatwg.org/#concept-headers-remove-privileged-no-cors-request-headers
func (h *Headers) removePrivilegedNoCORSRequestHeaders() {
	if h.guard == GuardRequestNoCORS {
		h.list = slices.DeleteFunc(h.list, func(x Header) bool { return IsPrivilegedNoCORSRequestHeaderName(x.Name) })
		h.spelled = nil
	}
}
