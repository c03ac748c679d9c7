package httpcache

import (
	"fmt"
	"strings"
	"testing"
)

const typical = "Date: Sun, 01 Mar 2026 12:00:00 GMT\n" +
	"Content-Type: application/json\n" +
	"Content-Length: 4\n" +
	"Cache-Control: public, max-age=3600, stale-while-revalidate=60\n" +
	"ETag: \"0123456789abcdef\"\n" +
	"Last-Modified: Sat, 28 Feb 2026 12:00:00 GMT\n" +
	"Vary: Origin, Accept-Encoding\n" +
	"Access-Control-Allow-Origin: https://page.test"

const typicalRequest = "Origin: https://page.test\nAccept: */*\nAccept-Encoding: gzip, br\nUser-Agent: x\nReferer: https://page.test/"

func BenchmarkSelect(b *testing.B) {
	for _, n := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("hit of %d", n), func(b *testing.B) {
			c := New(Options{})
			r := get(typicalRequest)
			for i := range n {
				r.URL = fmt.Sprintf("https://a.test/resource/%d", i)
				c.Store(r, response(200, typical, "body"))
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, freshness, _ := c.Select(epoch, r); freshness != Fresh {
					b.Fatal(freshness)
				}
			}
		})
	}
	b.Run("miss", func(b *testing.B) {
		c := New(Options{})
		r := get(typicalRequest)
		b.ReportAllocs()
		for b.Loop() {
			c.Select(epoch, r)
		}
	})
	b.Run("most variants, most names", func(b *testing.B) {
		c := New(Options{})
		vary := "Cache-Control: max-age=60\nVary: "
		for i := range maxVaryNames - 1 {
			vary += fmt.Sprintf("n%d,", i)
		}
		r := get(typicalRequest + "\nlast: 0")
		for i := range maxVariants {
			c.Store(get(typicalRequest+fmt.Sprintf("\nlast: %d", i)), response(200, vary+"last", "body"))
		}
		b.ReportAllocs()
		for b.Loop() {
			c.Select(epoch, r)
		}
	})
	b.Run("64 KiB of Cache-Control in the request", func(b *testing.B) {
		c := New(Options{})
		c.Store(get(""), response(200, typical, "body"))
		r := get("Cache-Control: " + strings.Repeat(`a="b,c`, 64<<10/6))
		b.ReportAllocs()
		for b.Loop() {
			c.Select(epoch, r)
		}
	})
}

func BenchmarkStore(b *testing.B) {
	for _, test := range []struct{ name, headers string }{
		{"typical", typical},
		{"no-store", "Cache-Control: no-store"},
		{"64 KiB of Vary", "Vary: " + strings.Repeat("a,A,", 16<<10)},
		{"64 KiB of Connection", typical + "\nConnection: " + strings.Repeat("x,", 32<<10)},
		{"64 KiB of open quotes", "Cache-Control: " + strings.Repeat(`a=",`, 16<<10)},
	} {
		b.Run(test.name, func(b *testing.B) {
			c := New(Options{})
			r, resp := get(typicalRequest), response(200, test.headers, "body")
			b.ReportAllocs()
			for b.Loop() {
				c.Store(r, resp)
			}
		})
	}
}

func BenchmarkFreshen(b *testing.B) {
	c := New(Options{})
	r := get(typicalRequest)
	c.Store(r, response(200, typical, "body"))
	s, _, _ := c.Select(epoch, r)
	notModified := list("Date: Sun, 01 Mar 2026 13:00:00 GMT\nETag: \"0123456789abcdef\"")
	b.ReportAllocs()
	for b.Loop() {
		s = c.Freshen(r, s, notModified, epoch, epoch)
	}
}
