package scenario

import (
	"bytes"
	"encoding/json"
	"testing"
)

// typical is a scenario of 1 KB.
const typical = `{"id":"g1-00511-preflight","source":"gen:seed=1,n=511,feature=preflight","client":{"url":"http://a.test:18000/page.html","origin":"http://a.test:18000"},` +
	`"servers":[{"url":"http://b.test:18001/r","answers":[{"method":"OPTIONS","status":204,"headers":[["Access-Control-Allow-Origin","http://a.test:18000"],` +
	`["Access-Control-Allow-Methods","PUT, DELETE, PATCH"],["Access-Control-Allow-Headers","x-a, x-b, authorization, content-type"]],"times":1},` +
	`{"status":302,"headers":[["Access-Control-Allow-Origin","*"],["Location","http://c.test:18003/to"]]}]},{"url":"http://c.test:18003/to","answers":[` +
	`{"method":"OPTIONS","status":204,"headers":[["Access-Control-Allow-Origin","*"],["Access-Control-Allow-Headers","x-a"]]},` +
	`{"headers":[["Access-Control-Allow-Origin","*"],["X-A","a\tb"],["ETag","\"e\""]],"body":"end"}]}],` +
	`"steps":[{"url":"http://b.test:18001/r","method":"PUT","headers":[["X-A","1"],["Content-Type","application/json"]],"body":"{\"a\":1}","credentials":"include","redirect":"follow"}]}`

func BenchmarkDecode(b *testing.B) {
	text := []byte(typical)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeReflect is what BenchmarkDecode is measured against.
func BenchmarkDecodeReflect(b *testing.B) {
	type scenario struct {
		ID, Source string
		Client     struct{ URL, Origin, ReferrerPolicy, TopLevel string }
		Servers    []struct {
			URL     string
			Answers []struct {
				Method, Body  string
				Status, Times int
				Headers       [][2]string
			}
		}
		Steps []struct {
			API, URL                                                          string
			Method, Body, Mode, Credentials, Redirect, Referrer, Cache, Other *string
			Headers                                                           [][2]string
		}
	}
	text := []byte(typical)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var s scenario
		if err := json.Unmarshal(text, &s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNextRaw(b *testing.B) {
	text := bytes.Repeat([]byte(typical+"\n"), 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for r := NewReader(bytes.NewReader(text)); ; {
			if _, err := r.NextRaw(); err != nil {
				break
			}
		}
	}
}

// BenchmarkNextRawHostile reads lines each of which may go on on the next.
func BenchmarkNextRawHostile(b *testing.B) {
	text := bytes.Repeat([]byte("[{\"a\":\n"), 10_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		for r := NewReader(bytes.NewReader(text)); ; {
			if _, err := r.NextRaw(); err != nil {
				break
			}
		}
	}
}

func BenchmarkOutcomeAppendJSON(b *testing.B) {
	outcomes, size := recorded(b)
	b.SetBytes(size)
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = dst[:0]
		for _, o := range outcomes {
			dst = o.AppendJSON(dst)
		}
	}
}

func BenchmarkDecodeOutcome(b *testing.B) {
	text := bytes.Split(bytes.TrimSpace(sample(b, "firefox")), []byte("\n"))
	_, size := recorded(b)
	b.SetBytes(size)
	for b.Loop() {
		for _, line := range text {
			if _, err := DecodeOutcome(line); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkAgree(b *testing.B) {
	outcomes, size := recorded(b)
	others, _ := recorded(b)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for i := range outcomes {
			if !Agree(outcomes[i], others[i]) {
				b.Fatal(outcomes[i].ID)
			}
		}
	}
}

// recorded returns the sample of one browser, and its size in bytes.
func recorded(b *testing.B) (outcomes []*Outcome, size int64) {
	text := sample(b, "firefox")
	for line := range bytes.Lines(text) {
		o, err := DecodeOutcome(line)
		if err != nil {
			b.Fatal(err)
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, int64(len(text))
}
