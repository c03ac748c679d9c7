package record

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
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

// raw makes a zip archive of one file, with whatever its header says.
func raw(t testing.TB, header zip.FileHeader, content string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&header)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestZip(t *testing.T) {
	body := strings.Repeat("PK\x03\x04 a body", 50_000)
	one, two := "entry 1: "+getSum, "entry 1: "+getSum+"entry 2: "+getSum
	size := uint64(len(har(get)))
	sized := zip.FileHeader{Name: "x.har", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte(har(get))), CompressedSize64: size, UncompressedSize64: size}
	wrong, encrypted, unknown := sized, sized, sized
	wrong.CRC32++
	encrypted.Flags = 1
	unknown.Method = 12
	const misfit = `the zip archive is broken: the file "%s": its content does not fit its check sum and size, so that some of it was changed or lost; `
	const noDirectory = "*record.FormatError the zip archive is cut off, or was changed: it has no directory at its end (byte %d)\n"
	tests := []struct{ name, input, want string }{
		{"as Playwright's", archive(t, zip.Deflate, "a94a8fe5.json", body, "har.har", har(get)), one},
		{"two", archive(t, zip.Deflate, "1.har", har(get), "x", "", "dir/2.HAR", har(get)), two},
		{"of zip's standard input", archive(t, zip.Deflate, "-", har(get)), one},
		{"with byte-order marks", archive(t, zip.Deflate, "1.har", "\xEF\xBB\xBF"+har(get), "2.har", "\xEF\xBB\xBF"+har(get)), two},
		{"with attributes of macOS", archive(t, zip.Deflate, "1.har", har(get), "__MACOSX/._1.har", "\x00\x05\x16\x07", "dir/._2.har", "\x00\x05\x16\x07"), one},
		{"no HAR", archive(t, zip.Deflate, "a.txt", "x", "b/", ""), `*record.FormatError the zip archive has no .har file, but "a.txt", "b/"` + "\n"},
		{"empty", archive(t, zip.Deflate), "*record.FormatError the zip archive is empty\n"},

		{"stored", raw(t, sized, har(get)), one},
		{"stored, of unknown size", archive(t, zip.Store, "x", body, "har.har", har(get)), one},
		{"stored, with an archive in it", archive(t, zip.Store, "x.zip", archive(t, zip.Store, "1.har", har("7"), "2.har", har("7")), "har.har", har(get), "y", ""), one},
		{"stored, changed", strings.Replace(archive(t, zip.Store, "har.har", har(get)), "200", "404", 1),
			"entry 1: GET https://b.test/1 [origin=https://a.test] -> 404 [access-control-allow-origin=*]: complete\n*record.SyntaxError line 1, byte 235: " + fmt.Sprintf(misfit, "har.har")},

		{"encrypted", raw(t, encrypted, har(get)), `*record.FormatError the file "x.har" of the zip archive is encrypted: unpack it and give the file that is in it` + "\n"},
		{"of another method", raw(t, unknown, har(get)), `*record.FormatError the file "x.har" of the zip archive is compressed in a way that is not known here: unpack it and give the file that is in it` + "\n"},
		{"cut off", archive(t, zip.Deflate, "har.har", har(get))[:120], fmt.Sprintf(noDirectory, 120)},
		{"cut off before", archive(t, zip.Deflate, "x", body)[:200], fmt.Sprintf(noDirectory, 200)},
		{"broken", strings.Replace(archive(t, zip.Deflate, "har.har", har(get)), "har.har", "har.har\xff\xff\xff", 1), "*record.FormatError the zip archive is broken: the file \"har.har\": zip: not a valid zip file"},
		{"wrong check sum", raw(t, wrong, har(get)), one + "*record.SyntaxError line 1, byte 235: " + fmt.Sprintf(misfit, "x.har")},
		{"wrong check sum of one of two", misdescribed(archive(t, zip.Deflate, "1.har", har(get), "2.har", har(get))), two + "*record.SyntaxError line 1, byte 470: " + fmt.Sprintf(misfit, "1.har")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(test.input), iotest.OneByteReader(strings.NewReader(test.input)), iotest.DataErrReader(strings.NewReader(test.input))} {
				if got := summary(r, Options{}); !strings.HasPrefix(got, test.want) || test.want == one && got != one || test.want == two && got != two {
					t.Errorf("got  %swant %s", got, test.want)
				}
			}
		})
	}
}

// misdescribed changes the check sum of the first file in the directory of an archive.
func misdescribed(archive string) string {
	b := []byte(archive)
	b[strings.Index(archive, "PK\x01\x02")+16]++
	return string(b)
}

// An archive that is too large to be held is read from a temporary file, which is gone afterwards.
func TestLargeZip(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	var noise strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	for noise.Len() < maxHeld+100 {
		noise.WriteByte(byte(random.Uint32()))
	}
	input := archive(t, zip.Store, "noise", noise.String(), "har.har", har(get))
	if got := summary(strings.NewReader(input), Options{}); got != "entry 1: "+getSum {
		t.Error(got)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Error(left, err)
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
	f.Add([]byte(archive(f, zip.Store, "x", "y", "har.har", har(get))))
	f.Add([]byte(archive(f, zip.Deflate, "raw/1_c.txt", sazRequest, "raw/1_s.txt", sazResponse)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
			fuzzReader(t, data, HAR)
		}
	})
}
