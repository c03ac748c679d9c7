package headers

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The examples that the standard gives for get, decode, and split come first.
func TestGetDecodeAndSplit(t *testing.T) {
	for _, test := range []struct {
		list List
		want []string
	}{
		{List{{"A", "nosniff,"}}, []string{"nosniff", ""}},
		{List{{"A", "nosniff"}, {"B", "sniff"}, {"A", ""}}, []string{"nosniff", ""}},
		{List{{"A", ""}, {"B", "sniff"}}, []string{""}},
		{List{{"B", "sniff"}}, nil},
		{List{{"A", `text/html;", x/x`}}, []string{`text/html;", x/x`}},
		{List{{"A", `text/html;"`}, {"A", "x/x"}}, []string{`text/html;", x/x`}},
		{List{{"A", `x/x;test="hi",y/y`}}, []string{`x/x;test="hi"`, "y/y"}},
		{List{{"A", `x/x;test="hi"`}, {"C", "**bingo**"}, {"A", "y/y"}}, []string{`x/x;test="hi"`, "y/y"}},
		{List{{"A", "x / x,,,1"}}, []string{"x / x", "", "", "1"}},
		{List{{"A", "x / x"}, {"A", ","}, {"A", "1"}}, []string{"x / x", "", "", "1"}},
		{List{{"A", `"1,2", 3`}}, []string{`"1,2"`, "3"}},
		{List{{"A", `"1,2"`}, {"D", "4"}, {"A", "3"}}, []string{`"1,2"`, "3"}},

		{List{{"a", ",,"}}, []string{"", "", ""}},
		{List{{"A", "\t a\t,\tb \t"}}, []string{"a", "b"}},
		{List{{"A", "a\n,\rb"}}, []string{"a\n", "\rb"}},
		{List{{"A", `a"b,c"d"e,f"g,h`}}, []string{`a"b,c"d"e,f"g`, "h"}},
		{List{{"A", `"\",",a`}}, []string{`"\","`, "a"}},
		{List{{"A", `"\\",a`}}, []string{`"\\"`, "a"}},
		{List{{"A", `a,"\`}}, []string{"a", `"\`}},
		{List{{"A", `\",a`}}, []string{`\",a`}},
		{List{{"A", `" a ",b`}}, []string{`" a "`, "b"}},
		{List{{"A", "\xFF,\xE9\x80"}}, []string{"\xFF", "\xE9\x80"}},
	} {
		if got := test.list.GetDecodeAndSplit("A"); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: A is split into %q, want %q", test.list, got, test.want)
		}
	}
}

func TestExtractTokenList(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  []string
		bad   string
	}{
		{nil, nil, ""},
		{[]string{""}, nil, ""},
		{[]string{","}, nil, ""},
		{[]string{" ,\t,, "}, nil, ""},
		{[]string{"a"}, []string{"a"}, ""},
		{[]string{"*"}, []string{"*"}, ""},
		{[]string{"a,b , \tc\t, a"}, []string{"a", "b", "c", "a"}, ""},
		{[]string{"a,", "", ",b", "c"}, []string{"a", "b", "c"}, ""},
		{[]string{"GET, POST", "PUT"}, []string{"GET", "POST", "PUT"}, ""},
		{[]string{"a b"}, nil, "a b"},
		{[]string{"a, b;c, d/e"}, nil, "b;c"},
		{[]string{"a", "b\nc"}, nil, "b\nc"},
		{[]string{`"a"`}, nil, `"a"`},
		{[]string{`a,"b,c"`}, nil, `"b`},
		{[]string{"a", "caf\xC3\xA9"}, nil, "caf\xC3\xA9"},
		{[]string{"a,\v"}, nil, "\v"},
	} {
		list, bad, ok := ExtractTokenList(LinesOf(test.lines))
		if bad != test.bad || ok != (test.bad == "") {
			t.Errorf("ExtractTokenList(%q): bad = %q, ok = %v", test.lines, bad, ok)
		}
		if got := slices.Collect(list.All()); !slices.Equal(got, test.want) {
			t.Errorf("ExtractTokenList(%q) holds %q, want %q", test.lines, got, test.want)
		}
		if got, want := list.IsNull(), len(test.lines) == 0 || !ok; got != want {
			t.Errorf("ExtractTokenList(%q): IsNull() = %v", test.lines, got)
		}
	}
}

func TestTokenListHas(t *testing.T) {
	list, _, _ := ExtractTokenList(LinesOf([]string{"X-A, y,", "Z"}))
	for _, test := range []struct {
		token          string
		exact, folding bool
	}{
		{"X-A", true, true}, {"x-a", false, true}, {"y", true, true}, {"Y", false, true}, {"Z", true, true},
		{"X-A, y", false, false}, {"", false, false}, {"X", false, false}, {" y", false, false},
	} {
		for _, list := range []TokenList{list, TokenListOf("X-A ,\ty,,Z")} {
			if got := list.Has(test.token); got != test.exact {
				t.Errorf("Has(%q) = %v", test.token, got)
			}
			if got := list.HasFold(test.token); got != test.folding {
				t.Errorf("HasFold(%q) = %v", test.token, got)
			}
		}
	}
	for range list.All() {
		break // a reader may stop early
	}
	if (TokenList{}).Has("") || !(TokenList{}).IsNull() || TokenListOf("").IsNull() {
		t.Error("the zero TokenList alone is null, and it has no token")
	}
}

func TestExtractDeltaSeconds(t *testing.T) {
	for _, test := range []struct {
		lines []string
		want  int64
		ok    bool
	}{
		{nil, 0, false},
		{[]string{""}, 0, false},
		{[]string{"0"}, 0, true},
		{[]string{"600"}, 600, true},
		{[]string{"000600"}, 600, true},
		{[]string{"9223372036854775806"}, MaxDeltaSeconds - 1, true},
		{[]string{"9223372036854775807"}, MaxDeltaSeconds, true},
		{[]string{"9223372036854775808"}, MaxDeltaSeconds, true},
		{[]string{"92233720368547758070"}, MaxDeltaSeconds, true},
		{[]string{strings.Repeat("9", 1000)}, MaxDeltaSeconds, true},
		{[]string{strings.Repeat("0", 1000) + "5"}, 5, true},
		{[]string{"-1"}, 0, false},
		{[]string{"+1"}, 0, false},
		{[]string{"1.5"}, 0, false},
		{[]string{"1e3"}, 0, false},
		{[]string{"0x10"}, 0, false},
		{[]string{" 1"}, 0, false},
		{[]string{"1 2"}, 0, false},
		{[]string{"1,2"}, 0, false},
		{[]string{"\u0661"}, 0, false},
		{[]string{"1", "1"}, 0, false},
		{[]string{"1", ""}, 0, false},
	} {
		if got, ok := ExtractDeltaSeconds(LinesOf(test.lines)); got != test.want || ok != test.ok {
			t.Errorf("ExtractDeltaSeconds(%.40q) = %d, %v, want %d, %v", test.lines, got, ok, test.want, test.ok)
		}
	}
}
