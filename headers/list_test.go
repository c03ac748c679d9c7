package headers

import (
	"reflect"
	"slices"
	"testing"
)

func TestList(t *testing.T) {
	base := List{{"Foo", "1"}, {"Bar", "2"}, {"Foo", "3"}, {"X", ""}, {"Foo", "4"}}
	for _, test := range []struct {
		does   string
		change func(l *List)
		want   List
	}{
		{"append takes over the spelling", func(l *List) { l.Append("fOO", "5") }, append(base.Clone(), Header{"Foo", "5"})},
		{"append of a new name", func(l *List) { l.Append("nEw", "5") }, append(base.Clone(), Header{"nEw", "5"})},
		{"delete removes each", func(l *List) { l.Delete("foo") }, List{{"Bar", "2"}, {"X", ""}}},
		{"delete of the absent", func(l *List) { l.Delete("fo") }, base},
		{"set keeps the first's place and spelling", func(l *List) { l.Set("FOO", "5") }, List{{"Foo", "5"}, {"Bar", "2"}, {"X", ""}}},
		{"set of the last", func(l *List) { l.Set("x", "5") }, List{{"Foo", "1"}, {"Bar", "2"}, {"Foo", "3"}, {"X", "5"}, {"Foo", "4"}}},
		{"set of a new name", func(l *List) { l.Set("nEw", "5") }, append(base.Clone(), Header{"nEw", "5"})},
		{"combine extends the first", func(l *List) { l.Combine("FOO", "5") }, List{{"Foo", "1, 5"}, {"Bar", "2"}, {"Foo", "3"}, {"X", ""}, {"Foo", "4"}}},
		{"combine with an empty value", func(l *List) { l.Combine("x", "5") }, List{{"Foo", "1"}, {"Bar", "2"}, {"Foo", "3"}, {"X", ", 5"}, {"Foo", "4"}}},
		{"combine of a new name", func(l *List) { l.Combine("nEw", "5") }, append(base.Clone(), Header{"nEw", "5"})},
	} {
		l := base.Clone()
		if test.change(&l); !slices.Equal(l, test.want) {
			t.Errorf("%s: %q, want %q", test.does, l, test.want)
		}
	}
}

func TestListGet(t *testing.T) {
	l := List{{"Foo", "1"}, {"Bar", ""}, {"foo", ""}, {"FOO", "3,4"}}
	for _, test := range []struct {
		name, value string
		values      []string
	}{
		{"foo", "1, , 3,4", []string{"1", "", "3,4"}},
		{"BAR", "", []string{""}},
		{"Fo", "", nil},
		{"", "", nil},
	} {
		ok := test.values != nil
		if got, gotOK := l.Get(test.name); got != test.value || gotOK != ok {
			t.Errorf("Get(%q) = %q, %v", test.name, got, gotOK)
		}
		if got := l.Contains(test.name); got != ok {
			t.Errorf("Contains(%q) = %v", test.name, got)
		}
		if got := l.Values(test.name); !reflect.DeepEqual(got, test.values) {
			t.Errorf("Values(%q) = %q", test.name, got)
		}
		for _, lines := range []Lines{l.Lines(test.name), LinesOf(test.values)} {
			if got, gotOK := lines.Get(); got != test.value || gotOK != ok {
				t.Errorf("Lines(%q).Get() = %q, %v", test.name, got, gotOK)
			}
			if lines.Len() != len(test.values) {
				t.Fatalf("Lines(%q).Len() = %d", test.name, lines.Len())
			}
			for i, want := range test.values {
				if got := lines.At(i); got != want {
					t.Errorf("Lines(%q).At(%d) = %q", test.name, i, got)
				}
			}
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	l := List{{"A", "1"}, {"B", "2"}}
	c := l.Clone()
	c.Set("A", "x")
	c.Delete("B")
	if want := (List{{"A", "1"}, {"B", "2"}}); !slices.Equal(l, want) {
		t.Errorf("changing the clone made %q of the list", l)
	}
	if List(nil).Clone() != nil {
		t.Error("the clone of nil is not nil")
	}
}

// The cases of web-platform-tests' fetch/api/headers about order of iteration
// (headers-basic, headers-combine, header-setcookie), and some of our own.
func TestSortAndCombine(t *testing.T) {
	for _, test := range []struct{ list, want List }{
		{nil, List{}},
		{
			List{{"name1", "value1"}, {"Name2", "value2"}, {"name", "value3"}, {"content-Type", "value4"}, {"Content-Typ", "value5"}, {"Content-Types", "value6"}},
			List{{"content-typ", "value5"}, {"content-type", "value4"}, {"content-types", "value6"}, {"name", "value3"}, {"name1", "value1"}, {"name2", "value2"}},
		},
		{
			List{{"single", "singleValue"}, {"double", "doubleValue1"}, {"double", "doubleValue2"}, {"triple", "1"}, {"Triple", "2"}, {"TRIPLE", "3"}},
			List{{"double", "doubleValue1, doubleValue2"}, {"single", "singleValue"}, {"triple", "1, 2, 3"}},
		},
		{
			List{{"set-cookie", "foo=bar"}, {"Set-Cookie", "fizz=buzz; domain=example.com"}},
			List{{"set-cookie", "foo=bar"}, {"set-cookie", "fizz=buzz; domain=example.com"}},
		},
		{
			List{{"set-cookie2", "foo2=bar2"}, {"Set-Cookie2", "fizz2=buzz2; domain=example2.com"}},
			List{{"set-cookie2", "foo2=bar2, fizz2=buzz2; domain=example2.com"}},
		},
		{
			List{{"set-cookie", "z=z"}, {"set-cookie", "a=a"}, {"set-cookie", "n=n"}},
			List{{"set-cookie", "z=z"}, {"set-cookie", "a=a"}, {"set-cookie", "n=n"}},
		},
		{
			List{{"xylophone-header", "7"}, {"best-header", "6"}, {"set-cookie", "5"}, {"a-cool-header", "4"}, {"set-cookie", "3"}, {"a-cool-header", "2"}, {"best-header", "1"}},
			List{{"a-cool-header", "4, 2"}, {"best-header", "6, 1"}, {"set-cookie", "5"}, {"set-cookie", "3"}, {"xylophone-header", "7"}},
		},
		{ // by bytes, not by any locale: "_" is above "-" and below "a"
			List{{"a_b", "1"}, {"aab", "2"}, {"a-b", "3"}, {"A.B", "4"}, {"A", "5"}, {"a1b", "6"}},
			List{{"a", "5"}, {"a-b", "3"}, {"a.b", "4"}, {"a1b", "6"}, {"a_b", "1"}, {"aab", "2"}},
		},
		{ // an empty value is still one to combine
			List{{"a", ""}, {"A", ""}, {"a", "1"}},
			List{{"a", ", , 1"}},
		},
	} {
		before := test.list.Clone()
		if got := test.list.SortAndCombine(); !slices.Equal(got, test.want) {
			t.Errorf("%q.SortAndCombine()\n got %q\nwant %q", test.list, got, test.want)
		}
		if !slices.Equal(test.list, before) {
			t.Errorf("SortAndCombine changed its list to %q", test.list)
		}
	}
}

func TestMap(t *testing.T) {
	m := map[string][]string{"B": {"2", "1"}, "b": {"3"}, "A": nil, "Content-Type": {""}}
	want := List{{"B", "2"}, {"B", "1"}, {"Content-Type", ""}, {"b", "3"}}
	l := FromMap(m)
	if !slices.Equal(l, want) {
		t.Errorf("FromMap(%q) = %q, want %q", m, l, want)
	}
	back := map[string][]string{"B": {"2", "1", "3"}, "Content-Type": {""}}
	if got := l.Map(); !reflect.DeepEqual(got, back) {
		t.Errorf("%q.Map() = %q, want %q", l, got, back)
	}
	if got := List(nil).Map(); got == nil || len(got) != 0 {
		t.Errorf("the empty list's Map() = %#v", got)
	}
}
