package cookies

import (
	"fmt"
	"strings"
	"testing"

	"github.com/corsim/corsim/browser"
)

func BenchmarkCookies(b *testing.B) {
	for _, n := range []int{0, 10, 150} {
		b.Run(fmt.Sprintf("%d of the site", n), func(b *testing.B) {
			j := New(Options{Policy: PolicyFor(browser.Chromium())})
			for i := range n {
				j.SetCookies(own("https://www.a.test/"), []string{fmt.Sprintf("name%d=0123456789abcdef; Secure; HttpOnly", i)})
			}
			benchmarkCookies(b, j)
		})
	}
	b.Run("10 of the site, 1000 of others", func(b *testing.B) {
		j := New(Options{Policy: PolicyFor(browser.Chromium())})
		for i := range 1000 {
			j.SetCookies(own(fmt.Sprintf("https://%d.test/", i/10)), []string{fmt.Sprintf("name%d=0123456789abcdef; Secure; HttpOnly", i)})
		}
		for i := range 10 {
			j.SetCookies(own("https://www.a.test/"), []string{fmt.Sprintf("name%d=0123456789abcdef; Secure; HttpOnly", i)})
		}
		benchmarkCookies(b, j)
	})
	b.Run("none of the site, 1000 of others", func(b *testing.B) {
		j := New(Options{Policy: PolicyFor(browser.Chromium())})
		for i := range 1000 {
			j.SetCookies(own(fmt.Sprintf("https://%d.test/", i/10)), []string{fmt.Sprintf("name%d=0123456789abcdef; Secure; HttpOnly", i)})
		}
		benchmarkCookies(b, j)
	})
}

func benchmarkCookies(b *testing.B, j *Jar) {
	c := own("https://www.a.test/dir/page?q=1")
	b.ReportAllocs()
	for b.Loop() {
		j.Cookies(c)
	}
}

func BenchmarkSetCookies(b *testing.B) {
	for _, test := range []struct{ name, line string }{
		{"typical", "session=0123456789abcdef; Path=/; Domain=a.test; Expires=Fri, 01 Jan 2038 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax"},
		{"64 KiB of attributes", "a=1" + strings.Repeat(";a=b", 16<<10)},
		{"64 KiB of dates", "a=1" + strings.Repeat("; Expires=1 2 3 4 5 6 7 8 9 0 a b c d e f", 1500)},
		{"64 KiB of value", "a=" + strings.Repeat("v", 64<<10)},
	} {
		b.Run(test.name, func(b *testing.B) {
			j, c, lines := New(Options{}), own("https://www.a.test/"), []string{test.line}
			b.ReportAllocs()
			for b.Loop() {
				j.SetCookies(c, lines)
			}
		})
	}
	b.Run("into a full jar", func(b *testing.B) {
		j := New(Options{})
		for i := range DefaultMaxTotal {
			j.SetCookies(own(fmt.Sprintf("https://%d.test/", i%100)), []string{fmt.Sprintf("name%d=0123456789abcdef", i)})
		}
		c, i := own("https://www.a.test/"), 0
		b.ReportAllocs()
		for b.Loop() {
			j.SetCookies(c, []string{fmt.Sprintf("name%d=1", i)})
			i++
		}
	})
}
