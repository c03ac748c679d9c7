package headers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGuardNames(t *testing.T) {
	for guard, want := range map[Guard]string{
		GuardNone: "none", GuardRequest: "request", GuardRequestNoCORS: "request-no-cors", GuardResponse: "response", GuardImmutable: "immutable",
	} {
		if got := guard.String(); got != want {
			t.Errorf("Guard %d is %q, want %q", guard, got, want)
		}
		if got, ok := ParseGuard(want); got != guard || !ok {
			t.Errorf("ParseGuard(%q) = %v, %v", want, got, ok)
		}
	}
	if got := Guard(5).String(); got != "Guard(5)" {
		t.Errorf("a guard that is none is %q", got)
	}
	for _, s := range []string{"", "None", "request-no-CORS", "Guard(5)", "immutable "} {
		if got, ok := ParseGuard(s); ok {
			t.Errorf("ParseGuard(%q) = %v", s, got)
		}
	}
}

// run does each step ("append", "set" or "delete", then a name and a value).
func run(t *testing.T, h *Headers, steps [][3]string) {
	t.Helper()
	for _, step := range steps {
		var err error
		switch step[0] {
		case "append":
			err = h.Append(step[1], step[2])
		case "set":
			err = h.Set(step[1], step[2])
		case "delete":
			err = h.Delete(step[1])
		default:
			t.Fatalf("no step is called %q", step[0])
		}
		if err != nil {
			t.Errorf("%q: %v", step, err)
		}
	}
}

func TestHeaders(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	for _, test := range []struct {
		does  string
		guard Guard
		init  List
		steps [][3]string
		want  List
	}{
		{"none takes every header", GuardNone, List{{"Cookie", "a"}, {"Set-Cookie", "b"}},
			[][3]string{{"append", "Host", "c"}, {"set", "cookie", "d"}, {"append", "sec-a", ""}, {"append", "x-http-method", "TRACE"}, {"delete", "HOST"}},
			List{{"Cookie", "d"}, {"Set-Cookie", "b"}, {"sec-a", ""}, {"x-http-method", "TRACE"}}},
		{"values are normalized", GuardNone, List{{"name1", " space "}, {"name2", "\ttab\t"}, {"name3", " spaceAndTab\t"}},
			[][3]string{{"append", "name4", "\r\n newLine"}, {"set", "name5", "newLine\r\n "}, {"set", "name1", "\r\n\tnewLine"}, {"append", "name6", " \n"}},
			List{{"name1", "newLine"}, {"name2", "tab"}, {"name3", "spaceAndTab"}, {"name4", "newLine"}, {"name5", "newLine"}, {"name6", ""}}},
		{"append takes over the spelling, set too", GuardNone, List{{"UPPERCASE", "1"}, {"mixedCase", "2"}},
			[][3]string{{"append", "uppercase", "3"}, {"set", "MIXEDCASE", "4"}},
			List{{"UPPERCASE", "1"}, {"mixedCase", "4"}, {"UPPERCASE", "3"}}},
		{"bytes above 7F are values", GuardNone, nil, [][3]string{{"append", "a", "\x80\xFF\x7F\x01"}}, List{{"a", "\x80\xFF\x7F\x01"}}},

		{"request drops forbidden request-headers", GuardRequest, List{{"Cookie", "a"}, {"X", "1"}, {"Set-Cookie", "a"}},
			[][3]string{{"append", "hOsT", "b"}, {"set", "Sec-Fetch-Site", "none"}, {"append", "Set-Cookie2", "c"}, {"delete", "Cookie"}},
			List{{"X", "1"}, {"Set-Cookie2", "c"}}},
		{"request looks into method overrides", GuardRequest, nil,
			[][3]string{{"append", "X-HTTP-Method", "GET"}, {"append", "X-HTTP-Method", "GET,trace"}, {"append", "X-HTTP-Method-Override", " trace\n"}, {"set", "x-method-override", "TRACK"}, {"set", "x-http-method", "PUT"}},
			List{{"X-HTTP-Method", "PUT"}}},
		{"request takes privileged and unsafe ones", GuardRequest, nil,
			[][3]string{{"append", "Range", "bytes=0-"}, {"append", "Authorization", "a"}, {"set", "Content-Type", "application/json"}},
			List{{"Range", "bytes=0-"}, {"Authorization", "a"}, {"Content-Type", "application/json"}}},

		{"response drops forbidden response-header names", GuardResponse, List{{"Set-Cookie", "a"}, {"X", "1"}},
			[][3]string{{"append", "set-cookie2", "b"}, {"set", "SET-COOKIE", "c"}, {"append", "Cookie", "d"}, {"delete", "Set-Cookie"}},
			List{{"X", "1"}, {"Cookie", "d"}}},

		{"no-cors takes safelisted ones only", GuardRequestNoCORS, List{{"Accept", "a"}, {"X", "1"}, {"Content-Type", "text/plain"}, {"Range", "bytes=0-"}},
			[][3]string{{"append", "Accept-Language", "en"}, {"append", "Authorization", "a"}, {"set", "Content-Language", "@"}, {"set", "Content-Type", "application/json"}, {"append", "DPR", "1"}},
			List{{"Accept", "a"}, {"Content-Type", "text/plain"}, {"Accept-Language", "en"}}},
		{"no-cors counts the combined value", GuardRequestNoCORS, List{{"Accept", long(100)}},
			[][3]string{{"append", "accept", long(26)}, {"append", "ACCEPT", ""}, {"append", "Accept-Language", long(128)}, {"append", "Content-Language", long(129)}},
			List{{"Accept", long(100)}, {"Accept", long(26)}, {"Accept-Language", long(128)}}},
		{"no-cors: at 128 the combined value passes", GuardRequestNoCORS, List{{"Accept", long(100)}}, [][3]string{{"append", "accept", long(26)}}, List{{"Accept", long(100)}, {"Accept", long(26)}}},
		{"no-cors: at 129 it does not", GuardRequestNoCORS, List{{"Accept", long(100)}}, [][3]string{{"append", "accept", long(27)}}, List{{"Accept", long(100)}}},
		{"no-cors: text/plain twice is no MIME type", GuardRequestNoCORS, List{{"Content-Type", "text/plain"}}, [][3]string{{"append", "content-type", "text/plain"}}, List{{"Content-Type", "text/plain"}}},
		{"no-cors: set looks at its own value alone", GuardRequestNoCORS, List{{"Accept", long(100)}}, [][3]string{{"set", "accept", long(128)}}, List{{"Accept", long(128)}}},
		{"no-cors deletes what it takes", GuardRequestNoCORS, List{{"Accept", "a"}, {"Accept", "b"}, {"Content-Type", "text/plain"}},
			[][3]string{{"delete", "ACCEPT", ""}, {"delete", "X", ""}}, List{{"Content-Type", "text/plain"}}},
	} {
		h, err := NewHeaders(test.guard, test.init)
		if err != nil {
			t.Errorf("%s: %v", test.does, err)
			continue
		}
		if run(t, h, test.steps); !slices.Equal(h.List(), test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.does, h.List(), test.want)
		}
	}
}

// A privileged API's Range stays in a no-cors request until script changes
// something, and only then.
func TestPrivilegedNoCORSRequestHeaders(t *testing.T) {
	for _, test := range []struct {
		step [3]string
		kept bool
	}{
		{[3]string{"append", "Accept", "a"}, false},
		{[3]string{"set", "Accept", "a"}, false},
		{[3]string{"delete", "Accept-Language", ""}, false},
		{[3]string{"delete", "range", ""}, false},
		{[3]string{"delete", "Accept", ""}, true}, // there is none to delete
		{[3]string{"delete", "X", ""}, true},
		{[3]string{"append", "X", "a"}, true},
		{[3]string{"set", "Accept", "("}, true},
		{[3]string{"append", "Range", "bytes=0-"}, true},
		{[3]string{"set", "Range", "bytes=0-"}, true},
	} {
		h := &Headers{list: List{{"Range", "bytes=5-"}, {"Accept-Language", "en"}}, guard: GuardRequestNoCORS}
		run(t, h, [][3]string{test.step})
		if got, err := h.Has("range"); got != test.kept || err != nil {
			t.Errorf("after %q Range is there: %v, %v", test.step, got, err)
		}
		if value, _, _ := h.Get("Range"); test.kept && value != "bytes=5-" {
			t.Errorf("after %q Range is %q", test.step, value)
		}
	}
}

func TestImmutableHeaders(t *testing.T) {
	init := List{{"Cookie", "a"}, {"Set-Cookie", "b"}, {"A", " not normalized"}}
	h, err := NewHeaders(GuardImmutable, init)
	if err != nil || !slices.Equal(h.List(), init) {
		t.Fatalf("NewHeaders gives %q, %v", h.List(), err)
	}
	for what, err := range map[string]error{
		"append": h.Append("B", "1"), "set": h.Set("A", "1"), "delete": h.Delete("A"), "delete of the absent": h.Delete("B"),
	} {
		var typeError *TypeError
		if !errors.As(err, &typeError) || err.Error() != "the headers are immutable" {
			t.Errorf("%s: %v", what, err)
		}
	}
	init[0].Value = "changed"
	if value, ok, err := h.Get("COOKIE"); value != "a" || !ok || err != nil {
		t.Errorf("Get = %q, %v, %v", value, ok, err)
	}
}

func TestHeadersReading(t *testing.T) {
	var h Headers
	if got := h.GetSetCookie(); len(got) != 0 {
		t.Errorf("GetSetCookie of no headers: %q", got)
	}
	if got := h.Entries(); len(got) != 0 {
		t.Errorf("Entries of no headers: %q", got)
	}
	run(t, &h, [][3]string{
		{"append", "Foo", "1"}, {"append", "set-cookie2", "x"}, {"append", "Set-Cookie", "z=z"}, {"append", "BAR", ""}, {"append", "foo", "2"},
		{"append", "SET-COOKIE", ""}, {"append", "set-cookie", "z=z"},
	})
	for _, test := range []struct {
		name, value string
		ok          bool
	}{
		{"foo", "1, 2", true}, {"FOO", "1, 2", true}, {"bar", "", true}, {"set-cookie", "z=z, , z=z", true}, {"fo", "", false}, {"length", "", false},
	} {
		if value, ok, err := h.Get(test.name); value != test.value || ok != test.ok || err != nil {
			t.Errorf("Get(%q) = %q, %v, %v", test.name, value, ok, err)
		}
		if ok, err := h.Has(test.name); ok != test.ok || err != nil {
			t.Errorf("Has(%q) = %v, %v", test.name, ok, err)
		}
	}
	if got, want := h.GetSetCookie(), []string{"z=z", "", "z=z"}; !slices.Equal(got, want) {
		t.Errorf("GetSetCookie() = %q, want %q", got, want)
	}
	want := List{{"bar", ""}, {"foo", "1, 2"}, {"set-cookie", "z=z"}, {"set-cookie", ""}, {"set-cookie", "z=z"}, {"set-cookie2", "x"}}
	if got := h.Entries(); !slices.Equal(got, want) {
		t.Errorf("Entries() = %q, want %q", got, want)
	}
}

func TestTypeErrors(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"", "", "a header name is empty"},
		{"a b", "", `header name "a b": byte 1 (' ') cannot be in a header name`},
		{":method", "", `header name ":method": byte 0 (':') cannot be in a header name`},
		{"caf\xC3\xA9", "", `header name "café": byte 3 ('Ã') cannot be in a header name`},
		{"x\x80", "", `header name "x\x80": byte 1 ('\u0080') cannot be in a header name`},
		{"a\r\nb", "\x00", `header name "a\r\nb": byte 1 ('\r') cannot be in a header name`},
		{"a", "\x00", `value of header "a": byte 0 ('\x00') cannot be in a header value`},
		{"A", "b\r\nc", `value of header "A": byte 1 ('\r') cannot be in a header value`},
		{"A", " \t\r\nbc\nd ", `value of header "A": byte 6 ('\n') cannot be in a header value`},
		{"A", "bc\x00 \n", `value of header "A": byte 2 ('\x00') cannot be in a header value`},
		// What is wrong with a header comes before what the guard makes of it.
		{"Cookie", "a\nb", `value of header "Cookie": byte 1 ('\n') cannot be in a header value`},
	} {
		check := func(what string, err error) {
			t.Helper()
			var typeError *TypeError
			if !errors.As(err, &typeError) {
				t.Errorf("%s(%q, %q): %v", what, test.name, test.value, err)
				return
			}
			if err.Error() != test.want {
				t.Errorf("%s(%q, %q)\n got %s\nwant %s", what, test.name, test.value, err, test.want)
			}
			if typeError.Name != test.name {
				t.Errorf("%s(%q, %q): the error is about %q", what, test.name, test.value, typeError.Name)
			}
		}
		for guard := GuardNone; guard <= GuardImmutable; guard++ {
			h := &Headers{list: List{{"B", "1"}}, guard: guard}
			check("Append", h.Append(test.name, test.value))
			check("Set", h.Set(test.name, test.value))
			if guard != GuardImmutable {
				_, err := NewHeaders(guard, List{{"A", "1"}, {test.name, test.value}})
				check("NewHeaders", err)
			}
			if !IsName(test.name) {
				check("Delete", h.Delete(test.name))
				_, _, err := h.Get(test.name)
				check("Get", err)
				_, err = h.Has(test.name)
				check("Has", err)
			}
			if want := (List{{"B", "1"}}); !slices.Equal(h.List(), want) {
				t.Errorf("%q changed the list to %q", test.name, h.List())
			}
		}
		if IsName(test.name) {
			check("CheckValue", CheckValue(test.name, test.value))
		} else {
			check("CheckName", CheckName(test.name))
		}
	}
	if err := errors.Join(CheckName("a"), CheckValue("a", ""), CheckValue("a", "\n b\t\xFF\r\n")); err != nil {
		t.Error(err)
	}
}

// Many headers are spelled as few are: as the first of their name that is there.
func TestManyHeadersAreSpelledAlike(t *testing.T) {
	h, literal := new(Headers), List{}
	for i := range 5 * manyHeaders {
		name := fmt.Sprintf("X-%d", i%(2*manyHeaders))
		if i%3 == 0 {
			name = strings.ToLower(name)
		}
		if i == 3*manyHeaders {
			h.Delete("x-1")
			literal.Delete("x-1")
			h.Set("X-2", "y")
			literal.Set("X-2", "y")
		}
		if err := h.Append(name, "v"); err != nil {
			t.Fatal(err)
		}
		literal.Append(name, "v")
		if diff := cmp.Diff(literal, h.List()); diff != "" {
			t.Fatalf("after %d headers: -literal +got:\n%s", i+1, diff)
		}
	}
}
