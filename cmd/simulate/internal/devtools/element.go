package devtools

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// An Element is an HTML element that loads something.
type Element struct {
	// As is what it loads it as, by the names of simulate check --as, and URL where from, as written.
	As, URL string
	// CrossOrigin is its attribute of that name, nil for none, or that of the media element that it is in.
	CrossOrigin *string
	// Integrity, ReferrerPolicy, PreloadAs and Method are attributes, "" for none.
	Integrity, ReferrerPolicy, PreloadAs, Method string
}

// IsElement reports whether text is HTML, as somebody copies it of a page, rather than a request.
func IsElement(text string) bool {
	text = strings.TrimLeft(text, " \t\r\n\ufeff")
	return strings.HasPrefix(text, "<") && len(text) > 1 && (text[1] == '!' || 'a' <= text[1]|0x20 && text[1]|0x20 <= 'z')
}

// ParseElement returns the first element in HTML that loads something.
func ParseElement(text string) (*Element, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("the text has %d bytes; at most %d are read", len(text), MaxBytes)
	}
	tokens := html.NewTokenizer(strings.NewReader(text))
	var media *html.Token // the video, audio or picture that is open
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return nil, errors.New("the HTML has no element that loads something: no img, script, link, video, audio, source, track, iframe or form with a URL")
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			if e := elementOf(&token, media); e != nil {
				return e, nil
			}
			switch token.DataAtom {
			case atom.Video, atom.Audio, atom.Picture:
				media = &token
			}
		}
	}
}

// attribute returns the value of an attribute, nil for none.
func attribute(t *html.Token, name string) *string {
	if t == nil {
		return nil
	}
	for i := range t.Attr {
		if t.Attr[i].Key == name {
			return &t.Attr[i].Val
		}
	}
	return nil
}

func attributeText(t *html.Token, name string) string {
	if v := attribute(t, name); v != nil {
		return strings.TrimSpace(*v)
	}
	return ""
}

// elementOf returns what a tag loads, in the media element that is open; nil for nothing.
func elementOf(t, media *html.Token) *Element {
	e := &Element{
		URL: attributeText(t, "src"), CrossOrigin: attribute(t, "crossorigin"), Integrity: attributeText(t, "integrity"), ReferrerPolicy: attributeText(t, "referrerpolicy"),
	}
	switch t.DataAtom {
	case atom.Img:
		e.As = "image"
		if e.URL == "" {
			e.URL = firstOfSet(attributeText(t, "srcset"))
		}
	case atom.Script:
		e.As = "script"
		if strings.EqualFold(attributeText(t, "type"), "module") {
			e.As = "module"
		}
	case atom.Video, atom.Audio:
		e.As = t.Data
	case atom.Source:
		e.CrossOrigin = attribute(media, "crossorigin")
		switch {
		case media == nil:
			return nil
		case media.DataAtom == atom.Picture:
			e.As, e.URL = "image", firstOfSet(attributeText(t, "srcset"))
		default:
			e.As = media.Data
		}
	case atom.Track:
		e.As, e.CrossOrigin = "track", attribute(media, "crossorigin")
	case atom.Iframe, atom.Frame:
		e.As, e.CrossOrigin = "frame", nil
	case atom.Form:
		e.As, e.CrossOrigin, e.URL, e.Method = "form", nil, attributeText(t, "action"), strings.ToUpper(attributeText(t, "method"))
	case atom.Link:
		e.linkOf(t)
	}
	if e.As == "" || e.URL == "" {
		return nil
	}
	return e
}

// linkOf makes e what a link element loads.
func (e *Element) linkOf(t *html.Token) {
	e.URL, e.PreloadAs = attributeText(t, "href"), attributeText(t, "as")
	rels := strings.Fields(strings.ToLower(attributeText(t, "rel")))
	for _, kind := range [...][2]string{{"stylesheet", "style"}, {"modulepreload", "modulepreload"}, {"preload", "preload"}, {"manifest", "manifest"}, {"icon", "image"}} {
		if slices.Contains(rels, kind[0]) {
			e.As = kind[1]
			return
		}
	}
}

// firstOfSet returns the first URL of a srcset.
func firstOfSet(set string) string {
	if fields := strings.Fields(set); len(fields) > 0 {
		return strings.TrimRight(fields[0], ",")
	}
	return ""
}
