package origin

import "testing"

func TestRedirectTaint(t *testing.T) {
	parse := func(s string) Origin {
		o, err := Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	const a, sub, b, c = "https://a.example", "https://sub.a.example", "https://b.example", "https://c.example"
	for _, test := range []struct {
		request string
		urls    []string
		want    RedirectTaint
	}{
		{a, []string{a}, TaintSameOrigin},
		{a, []string{a, b}, TaintSameOrigin}, // what the page's own origin sends elsewhere
		{a, []string{b, b}, TaintSameOrigin},
		{a, []string{b, c}, TaintCrossSite},
		{a, []string{b, a}, TaintCrossSite}, // b could send anybody's request home
		{a, []string{a, sub, a}, TaintSameSite},
		{a, []string{sub, b}, TaintSameSite}, // the page is of one site with whoever redirected
		{b, []string{a, sub}, TaintSameSite},
		{a, []string{b, c, c, a}, TaintCrossSite}, // once tainted, always
		{a, []string{b, c, a, sub}, TaintCrossSite},
	} {
		taint := TaintSameOrigin
		for i := 1; i < len(test.urls); i++ {
			taint = taint.Redirected(parse(test.request), parse(test.urls[i-1]), parse(test.urls[i]))
		}
		if taint != test.want {
			t.Errorf("%s through %v: taint %d, want %d", test.request, test.urls, taint, test.want)
		}
	}
	opaque := NewOpaque()
	if got := TaintSameOrigin.Redirected(opaque, parse(a), parse(b)); got != TaintCrossSite {
		t.Errorf("an opaque origin through two sites: taint %d", got)
	}
}
