package preflightcache

import (
	"fmt"
	"testing"
	"time"
)

// Few tokens are searched. Beyond that there is an index, which knows all of them and is right
// after some have expired.
func TestIndexOfTokens(t *testing.T) {
	var list tokens
	for i := range searched {
		list.add(fmt.Sprint("x-", i)).until[without] = time.Unix(int64(i), 0)
	}
	if list.index != nil {
		t.Errorf("%d tokens have an index", searched)
	}
	list.add("last").until[without] = time.Unix(1000, 0)
	if len(list.index) != searched+1 {
		t.Errorf("the index has %d of %d tokens", len(list.index), searched+1)
	}
	if removed := list.removeExpired(time.Unix(3, 0)); removed != 4 || len(list.index) != searched+1-4 {
		t.Errorf("%d are removed, and %d left in the index", removed, len(list.index))
	}
	for token, i := range list.index {
		if list.list[i].token != token {
			t.Errorf("the index has %s in the place of %s", token, list.list[i].token)
		}
	}
	if removed := list.removeExpired(time.Unix(3, 0)); removed != 0 {
		t.Errorf("%d are removed again", removed)
	}
}
