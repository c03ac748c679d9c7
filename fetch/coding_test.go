package fetch_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
)

const plain = "hello hello hello hello"

func compressed(open func(io.Writer) io.WriteCloser) string {
	var b bytes.Buffer
	w := open(&b)
	io.WriteString(w, plain)
	w.Close()
	return b.String()
}

// TestContentCodings has what was seen in the browsers over http, and over https what
// their Accept-Encoding asks for.
func TestContentCodings(t *testing.T) {
	gz := zipped(plain)
	badSum := gz[:len(gz)-5] + string(gz[len(gz)-5]^1) + gz[len(gz)-4:]
	zl := compressed(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })
	br := compressed(func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) })
	zs := compressed(func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z })
	const decoded, raw, broken, refused = "decoded", "raw", "! content-coding", "refused"
	for _, test := range []struct {
		name, coding, body string
		secure             bool
		want               [4]string // in the standard, Chromium, Firefox, WebKit
	}{
		{"gzip", "gzip", gz, false, [4]string{decoded, decoded, decoded, decoded}},
		{"x-gzip", "x-gzip", gz, false, [4]string{decoded, decoded, decoded, decoded}},
		{"capitals", "GZIP", gz, false, [4]string{decoded, decoded, decoded, raw}},
		{"deflate", "deflate", zl, false, [4]string{decoded, decoded, decoded, decoded}},
		{"deflate without zlib's frame", "deflate", zl[2 : len(zl)-4], false, [4]string{decoded, decoded, decoded, decoded}},
		{"br over http", "br", br, false, [4]string{decoded, refused, raw, decoded}},
		{"br over https", "br", br, true, [4]string{decoded, decoded, decoded, decoded}},
		{"zstd over https", "zstd", zs, true, [4]string{decoded, decoded, decoded, raw}},
		{"two", "gzip, gzip", zipped(gz), false, [4]string{decoded, decoded, decoded, decoded}},
		{"identity", "gzip, identity", gz, false, [4]string{decoded, raw, decoded, raw}},
		{"an empty member", "gzip,", gz, false, [4]string{decoded, raw, decoded, decoded}},
		{"one that nobody knows", "foo, gzip", gz, false, [4]string{raw, raw, decoded, raw}},
		{"a space between", "foo gzip", gz, false, [4]string{raw, refused, decoded, raw}},
		{"parameters", "gzip;q=1", gz, false, [4]string{raw, refused, raw, raw}},
		{"cut off", "gzip", gz[:15], false, [4]string{"hell", "hell", "hell", "hell"}},
		{"cut off in the beginning", "gzip", gz[:5], false, [4]string{"", "", "", ""}},
		{"br cut off", "br", br[:4], true, [4]string{"", "", "", ""}},
		{"something behind", "gzip", gz + "behind", false, [4]string{decoded, decoded, decoded, decoded}},
		{"something behind zlib", "deflate", zl + "behind", false, [4]string{decoded, decoded, decoded, decoded}},
		{"something behind br", "br", br + "behind", true, [4]string{decoded, decoded, decoded, decoded}},
		{"something behind zstd", "zstd", zs + "behind", true, [4]string{decoded, decoded, decoded, raw}},
		{"two members", "gzip", gz + gz, false, [4]string{decoded, decoded, decoded, decoded}},
		{"a wrong check sum", "gzip", badSum, false, [4]string{plain + broken, decoded, decoded, raw}},
		{"no gzip", "gzip", plain, false, [4]string{broken, broken, broken, raw}},
		{"a byte that is no gzip", "gzip", "x", false, [4]string{broken, broken, broken, ""}},
		{"no deflate", "deflate", plain, false, [4]string{broken, broken, broken, raw}},
		{"no br", "br", plain, true, [4]string{broken, broken, broken, broken}},
		{"once where it says twice", "gzip, gzip", gz, false, [4]string{broken, broken, broken, decoded}},
		{"nothing", "gzip", "", false, [4]string{"", "", "", ""}},
		{"too many", strings.Repeat("gzip,", fetch.MaxContentCodings) + "gzip", gz, false, [4]string{broken, broken, broken, broken}},
	} {
		for i, engine := range []*browser.Engine{browser.Standard(), browser.Chromium(), browser.Firefox(), browser.WebKit()} {
			t.Run(test.name+"/"+engine.Name(), func(t *testing.T) {
				network := networkFunc(func(*fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
					return &fetch.NetworkResponse{
						Status: 200, Headers: list("Access-Control-Allow-Origin: *", "Content-Encoding: "+test.coding),
						Body: io.NopCloser(strings.NewReader(test.body)),
					}, nil
				})
				client := &fetch.Client{Engine: engine, Network: network}
				url := "http://b.test/"
				if test.secure {
					url = "https://b.test/"
				}
				want := test.want[i]
				switch want {
				case decoded:
					want = plain
				case raw:
					want = test.body
				}
				response, err := client.Fetch(t.Context(), newPage(t, "http://a.test/", nil), url, nil)
				if want == refused {
					if e, ok := err.(*cors.Error); !ok || e.Reason != cors.ContentCoding || e.Value != test.coding {
						t.Errorf("%#v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(response.Body)
				got := string(body)
				if err != nil {
					got += "! " + cors.ReasonOf(err).String()
				}
				if got != want {
					t.Errorf("%q, %v; want %q", got, err, want)
				}
			})
		}
	}
}

// An error of the network is no error of the coding.
func TestContentCodingOfBrokenConnection(t *testing.T) {
	broken := errors.New("broken")
	for _, engine := range []*browser.Engine{browser.Standard(), browser.WebKit()} {
		network := networkFunc(func(*fetch.NetworkRequest) (*fetch.NetworkResponse, error) {
			body := io.MultiReader(strings.NewReader(zipped(plain)[:15]), failing{broken})
			return &fetch.NetworkResponse{
				Status: 200, Headers: list("Access-Control-Allow-Origin: *", "Content-Encoding: gzip"), Body: io.NopCloser(body),
			}, nil
		})
		response, err := (&fetch.Client{Engine: engine, Network: network}).Fetch(t.Context(), newPage(t, "http://a.test/", nil), "http://b.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response.Body); cors.ReasonOf(err) != cors.Transport || !errors.Is(err, broken) {
			t.Errorf("%s: %v", engine.Name(), err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A response whose body was decoded says so to net/http, and not how long it was.
func TestTransportUncompressed(t *testing.T) {
	transport := newTransport(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		allow(w, r)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.WriteString(z, plain)
		z.Close()
	}))
	response, err := transport.RoundTrip(newRequest(t, "GET", "https://api.example/", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	if string(body) != plain || err != nil || !response.Uncompressed || response.ContentLength != -1 {
		t.Errorf("%q, %v, %t, %d", body, err, response.Uncompressed, response.ContentLength)
	}
}
