package server

import (
	"encoding/hex"
	"strings"
	"sync"
)

// stash keeps values between requests. A value is put once under a path and a
// UUID, and taking it removes it, so that one test cannot see another's.
type stash struct {
	mu     sync.Mutex
	values map[stashKey]any
}

type stashKey struct {
	path string
	uuid [16]byte
}

// key reads the UUID as leniently as Python's uuid module does: hyphens,
// braces and a urn:uuid: prefix are decoration. Anything else is an error of
// the test, which upstream answers with 500.
func (s *stash) key(path, key string) stashKey {
	bare := strings.NewReplacer("urn:", "", "uuid:", "").Replace(key)
	bare = strings.ReplaceAll(strings.Trim(bare, "{}"), "-", "")
	id, err := hex.DecodeString(bare)
	if err != nil || len(id) != 16 {
		fail(500, "%q is not a UUID, which keys of the stash are", key)
	}
	return stashKey{path, [16]byte(id)}
}

// take removes the value and returns it, nil where there is none.
func (s *stash) take(path, key string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.key(path, key)
	v := s.values[k]
	delete(s.values, k)
	return v
}

// put stores a value; replacing one is an error.
func (s *stash) put(path, key string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.key(path, key)
	if _, ok := s.values[k]; ok {
		fail(500, "the stash already has a value for %s at %s", key, path)
	}
	s.values[k] = value
}

// update replaces the value by what change makes of it, as one step.
func (s *stash) update(path, key string, change func(old any) any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.key(path, key)
	if v := change(s.values[k]); v != nil {
		s.values[k] = v
	}
}
