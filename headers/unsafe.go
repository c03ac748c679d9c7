package headers

import "slices"

// CORSUnsafeRequestHeaderNames returns the names of the headers in l that must be
// asked for in a preflight, lower-case, sorted, each once.
//
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func (l List) CORSUnsafeRequestHeaderNames() []string {
	var unsafeNames, potentiallyUnsafeNames []string
	safelistValueSize := 0
	for _, h := range l {
		if !IsCORSSafelistedRequestHeader(h.Name, h.Value) {
			unsafeNames = append(unsafeNames, h.Name)
		} else {
			potentiallyUnsafeNames = append(potentiallyUnsafeNames, h.Name)
			safelistValueSize += len(h.Value)
		}
	}
	if safelistValueSize > MaxSafelistedTotal {
		unsafeNames = append(unsafeNames, potentiallyUnsafeNames...)
	}
	return SortedLowercaseSet(unsafeNames)
}

// SortedLowercaseSet converts header names to a sorted-lowercase set. It reuses
// the memory of names.
//
// https://fetch.spec.whatwg.org/#convert-header-names-to-a-sorted-lowercase-set
func SortedLowercaseSet(names []string) []string {
	for i, name := range names {
		names[i] = Lower(name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
