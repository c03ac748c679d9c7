package devtools

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseElement(t *testing.T) {
	anonymous, empty, use := "anonymous", "", "use-credentials"
	for _, test := range []struct {
		html string
		want *Element
	}{
		{`<img src="https://cdn.example/a.png" alt=x>`, &Element{As: "image", URL: "https://cdn.example/a.png"}},
		{"\n <IMG SRCSET='/a.png 1x, /b.png 2x' crossorigin>", &Element{As: "image", URL: "/a.png", CrossOrigin: &empty}},
		{`<script type="module" src=/m.js></script>`, &Element{As: "module", URL: "/m.js"}},
		{`<script>inline()</script><script src=/s.js integrity=sha256-x crossorigin=anonymous></script>`, &Element{As: "script", URL: "/s.js", Integrity: "sha256-x", CrossOrigin: &anonymous}},
		{`<link rel="preload stylesheet" as=style href=/a.css referrerpolicy=origin>`, &Element{As: "style", URL: "/a.css", PreloadAs: "style", ReferrerPolicy: "origin"}},
		{`<link rel=preload as=font href=/a.woff2>`, &Element{As: "preload", URL: "/a.woff2", PreloadAs: "font"}},
		{`<link rel=manifest href=/m.json crossorigin=use-credentials>`, &Element{As: "manifest", URL: "/m.json", CrossOrigin: &use}},
		{`<link rel=canonical href=/x><link rel="shortcut icon" href=/i.ico>`, &Element{As: "image", URL: "/i.ico"}},
		{`<video crossorigin=anonymous><source src=/v.webm></video>`, &Element{As: "video", URL: "/v.webm", CrossOrigin: &anonymous}},
		{`<video crossorigin=anonymous><track src=/v.vtt></video>`, &Element{As: "track", URL: "/v.vtt", CrossOrigin: &anonymous}},
		{`<picture><source srcset="/p.avif 1x"><img src=/p.png></picture>`, &Element{As: "image", URL: "/p.avif"}},
		{`<audio src=/a.ogg>`, &Element{As: "audio", URL: "/a.ogg"}},
		{`<iframe src=/f.html crossorigin=anonymous>`, &Element{As: "frame", URL: "/f.html"}},
		{`<form action=/f method=post><input name=a></form>`, &Element{As: "form", URL: "/f", Method: "POST"}},
		{`<p>text`, nil}, {`<img>`, nil}, {`<img`, nil}, {`<source src=/x>`, nil}, {`<`, nil}, {``, nil},
	} {
		e, err := ParseElement(test.html)
		if (err != nil) != (test.want == nil) {
			t.Errorf("%s: error %v", test.html, err)
		}
		if diff := cmp.Diff(test.want, e); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.html, diff)
		}
	}
}

func TestIsElement(t *testing.T) {
	for text, want := range map[string]bool{
		"<img src=x>": true, " \n<!-- c --><img>": true, "<": false, "<1": false, "curl 'https://x'": false, `fetch("<img>")`: false, "": false,
	} {
		if got := IsElement(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
