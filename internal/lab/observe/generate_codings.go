package observe

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"

	"github.com/andybalholm/brotli"
)

func init() { features = append(features, feature{"codings", 6, codingsFeature}) }

// codingsFeature is about Content-Encoding: lists that are right and wrong, of bodies
// that are what they say, something else, or cut off.
func codingsFeature(g *generator, s *spec) {
	s.Client = pick(g, documents...)
	credentials := g.chance(30)
	const text = "hello hello hello hello"
	body := pick(g, g.encoded(text), g.encoded(text), g.encoded(text), g.encoded(g.encoded(text)), text, "", "x")
	if g.chance(15) {
		body = body[:g.IntN(len(body)+1)]
	}
	if g.chance(10) {
		body += "behind"
	}
	coding := pick(g, "gzip", "gzip", "gzip", "deflate", "deflate", "br", "x-gzip", "gzip, gzip", "deflate, gzip", "GZIP", "identity", "gzip, identity", "gzip,", ", gzip",
		"foo", "gzip, foo", "foo gzip", "gzip;q=1", "zstd", "compress", "", "*", "br, gzip")
	answer := actual(isomorphicDecode(body), g.permission(s.Client.Origin, credentials), one("Content-Encoding", coding),
		g.split("Access-Control-Expose-Headers", some(g, 0, 2, []string{"content-encoding", "*", "x-a"})))
	answer.Status = pick(g, 200, 200, 200, 200, 200, 204, 304, 404, 500, 206, 302, 301)
	url := g.anywhere(s.Client) + pick(g, paths...)
	if answer.Status == 301 || answer.Status == 302 {
		answer.Headers = append(answer.Headers, [2]string{"Location", pick(g, "", url+"&moved", url+"&moved")})
		s.serve(url+"&moved", actual("moved", g.permission(s.Client.Origin, credentials)))
	}
	s.serve(url, g.preflight(g.permission(s.Client.Origin, credentials), g.permits()), answer)
	s.Steps = append(s.Steps, g.anyStep(url))
}

// encoded returns a text in a content coding.
func (g *generator) encoded(text string) string {
	var b bytes.Buffer
	var w io.WriteCloser
	switch g.IntN(8) {
	case 0, 1, 2, 3:
		w = gzip.NewWriter(&b)
	case 4:
		w = zlib.NewWriter(&b)
	case 5:
		w, _ = flate.NewWriter(&b, flate.DefaultCompression) // no error except the level
	default:
		w = brotli.NewWriter(&b)
	}
	io.WriteString(w, text)
	w.Close()
	return b.String()
}
