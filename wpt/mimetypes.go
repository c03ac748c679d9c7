package wpt

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
)

func init() { tables["mimesniff/mime-types/mime-types"] = readMIMETypes }

// readMIMETypes reads the table of MIME types, each a list of input and output
// (null where the input is none), and adds those that put each byte that is no
// token into each place of a MIME type.
func readMIMETypes(_ string, data []byte) ([]*Case, error) {
	var rows [][2]*string
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, fmt.Errorf("mimesniff/mime-types/mime-types.json: %w", err)
	}
	c := &collector{
		file: "mimesniff/mime-types/parsing.any.js", requires: "a MIME type is parsed and serialized",
		anchor: "https://mimesniff.spec.whatwg.org/#parse-a-mime-type",
	}
	for _, row := range rows {
		if row[0] == nil {
			return nil, fmt.Errorf("mimesniff/mime-types/mime-types.json: a row has no input")
		}
		output := ""
		if row[1] != nil {
			output = *row[1]
		}
		c.mimeType(*row[0], output)
	}
	for i := range rune(0x100) {
		char := string(i)
		if headers.IsToken(char) {
			continue
		}
		if i != '/' {
			c.mimeType(char+"/x", "")
			c.mimeType("x/"+char, "")
		}
		if i != ';' && i != '=' {
			c.mimeType("x/x;"+char+"=x;bonus=x", "x/x;bonus=x")
		}
		output := "x/x;bonus=x"
		if i == '\t' || ' ' <= i && i != 0x7F {
			output = `x/x;x="` + char + `";bonus=x`
		}
		if !strings.ContainsRune("\t \";\\", i) {
			c.mimeType("x/x;x="+char+";bonus=x", output)
		}
		if !strings.ContainsRune("\t \";\\", i) {
			c.mimeType(`x/x;x="`+char+`";bonus=x`, output)
		}
	}
	return c.cases, nil
}

// mimeType adds the cases of one input: as the type of a blob, which is parsed
// and serialized, and as the Content-Type of a request.
func (c *collector) mimeType(input, output string) {
	c.test(input+" (Blob/File)", func(t *tester) {
		// A code point that is no byte may be in as few places as DEL.
		bytes, _ := headers.IsomorphicEncode(strings.Map(func(r rune) rune {
			if r > 0xFF {
				return 0x7F
			}
			return r
		}, input))
		m, ok := headers.ParseMIMEType(bytes)
		t.mimeTypeIs(m, ok, output)
	})
	if strings.Trim(input, "\t \n\r") != input {
		return // as a header value it would be another input
	}
	c.test(input+" (Request/Response)", func(t *tester) {
		bytes, ok := headers.IsomorphicEncode(input)
		if !ok {
			return // it converts to no bytes, which is before what is called here
		}
		r, err := fetch.NewRequest(t.page, "about:blank", &fetch.Init{Headers: list("Content-Type", bytes)})
		if strings.ContainsAny(input, "\x00\n\r") {
			t.throws("new Request()", err)
			return
		}
		t.ok(err)
		m, ok := r.Headers().ExtractMIMEType()
		t.mimeTypeIs(m, ok, output)
	})
}

// mimeTypeIs compares a MIME type with its serialization, "" for none.
func (t *tester) mimeTypeIs(m headers.MIMEType, ok bool, want string) {
	got := ""
	if ok {
		got = headers.IsomorphicDecode(m.String())
	}
	t.equal("the MIME type", got, want)
}
