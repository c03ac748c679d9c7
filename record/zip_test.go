package record

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// archive makes a zip archive of names and contents.
func archive(t testing.TB, method uint16, files ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: files[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestZip(t *testing.T) {
	body := strings.Repeat("PK\x03\x04 a body", 50_000)
	tests := []struct{ name, input, want string }{
		{"as Playwright's", archive(t, zip.Deflate, "a94a8fe5.json", body, "har.har", har(get)), "entry 1: " + getSum},
		{"two", archive(t, zip.Deflate, "1.har", har(get), "x", "", "dir/2.HAR", har(get)), "entry 1: " + getSum + "entry 2: " + getSum},
		{"no HAR", archive(t, zip.Deflate, "a.txt", "x", "b/", ""), `*record.FormatError the zip archive has no .har file, but "a.txt", "b/"` + "\n"},
		{"stored, of unknown size", archive(t, zip.Store, "har.har", har(get)),
			`*record.FormatError the file "har.har" of the zip archive cannot be read as it comes (method 0): unpack it and give the .har file` + "\n"},
		{"cut off", archive(t, zip.Deflate, "har.har", har(get))[:120], "*record.SyntaxError line 1, byte"},
		{"cut off before", archive(t, zip.Deflate, "x", body)[:200], "*record.FormatError the zip archive is cut off before a .har file\n"},
		{"broken", strings.Replace(archive(t, zip.Deflate, "har.har", har(get)), "har.har", "har.har\xff\xff\xff", 1), "*fmt.wrapError reading the recording at byte 0: the zip archive is broken: "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(test.input), iotest.OneByteReader(strings.NewReader(test.input)), iotest.DataErrReader(strings.NewReader(test.input))} {
				if got := summary(r, Options{}); !strings.HasPrefix(got, test.want) {
					t.Errorf("got  %swant %s", got, test.want)
				}
			}
		})
	}
	// Written with its size.
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	content := har(get)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "x.har", Method: zip.Store, CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := summary(&b, Options{}), "entry 1: "+getSum; got != want {
		t.Errorf("got  %swant %s", got, want)
	}
}

func TestZstd(t *testing.T) {
	var b bytes.Buffer
	z, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(z, har(get)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	for _, test := range []struct{ input, want string }{
		{whole, "entry 1: " + getSum},
		{whole + whole, "entry 1: " + getSum + "entry 2: " + getSum},
		{whole[:len(whole)-9], "*record.SyntaxError line 1, byte"},
		{whole[:5] + strings.Repeat("\xff", 100), "*"},
		{whole[:4], "*"},
	} {
		if got := summary(strings.NewReader(test.input), Options{}); !strings.HasPrefix(got, test.want) {
			t.Errorf("got  %swant %s", got, test.want)
		}
	}
}

func FuzzZip(f *testing.F) {
	f.Add([]byte(archive(f, zip.Deflate, "x", "y", "har.har", har(get))))
	f.Add([]byte(archive(f, zip.Store, "har.har", har(get))))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			fuzzReader(t, data, HAR)
		}
	})
}
