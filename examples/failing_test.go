package examples

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/corsim/corsim/corstest"
)

// expect is a corstest.TB whose test is to fail.
type expect struct {
	*testing.T
	failures []string
	cleanups []func()
}

func (e *expect) Helper() {}
func (e *expect) Errorf(format string, a ...any) {
	e.failures = append(e.failures, fmt.Sprintf(format, a...))
}
func (e *expect) Fatalf(format string, a ...any) { e.Errorf("fatal: "+format, a...) }
func (e *expect) Cleanup(f func())               { e.cleanups = append(e.cleanups, f) }
func (e *expect) Context() context.Context       { return e.T.Context() }

// mustFail runs a test that must fail once, with a text that has all of want.
func mustFail(t *testing.T, test func(t corstest.TB), want ...string) {
	t.Helper()
	e := &expect{T: t}
	test(e)
	for _, f := range e.cleanups {
		f()
	}
	if len(e.failures) != 1 {
		t.Fatalf("%d failures, not one:\n%s", len(e.failures), strings.Join(e.failures, "\n"))
	}
	for _, w := range want {
		if !strings.Contains(e.failures[0], w) {
			t.Errorf("the failure does not say %q:\n%s", w, e.failures[0])
		}
	}
	if testing.Verbose() {
		t.Log("fails, as it should:\n" + e.failures[0])
	}
}
