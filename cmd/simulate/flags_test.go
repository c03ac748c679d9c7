package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFlags(t *testing.T) {
	type parsed struct {
		Request  string
		Headers  []string
		Insecure bool
		Verbose  bool
		Rest     []string
	}
	parse := func(args []string) (p parsed, err error) {
		f := new(flagSet)
		f.text(&p.Request, 'X', "request", "METHOD", "")
		f.list(&p.Headers, 'H', "header", "LINE", "")
		f.yes(&p.Insecure, 'k', "insecure", "")
		f.yes(&p.Verbose, 'v', "verbose", "")
		p.Rest, err = f.parse(args)
		return p, err
	}
	for _, tt := range []struct {
		args string
		want parsed
	}{
		{"", parsed{}},
		{"-X PUT u", parsed{Request: "PUT", Rest: []string{"u"}}},
		{"u -XPUT -", parsed{Request: "PUT", Rest: []string{"u", "-"}}},
		{"--request PUT --header a --header=b=c", parsed{Request: "PUT", Headers: []string{"a", "b=c"}}},
		{"-kvXPUT", parsed{Request: "PUT", Insecure: true, Verbose: true}},
		{"-kX PUT", parsed{Request: "PUT", Insecure: true}},
		{"-H -k u", parsed{Headers: []string{"-k"}, Rest: []string{"u"}}},
		{"-k -- -v --help", parsed{Insecure: true, Rest: []string{"-v", "--help"}}},
	} {
		got, err := parse(strings.Fields(tt.args))
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%q: error %v, -want +got:\n%s", tt.args, err, diff)
		}
	}
	for args, want := range map[string]string{
		"-X": "-X needs a value: METHOD", "--header": "--header needs a value: LINE", "--verbose=1": "--verbose takes no value",
		"-z": "unknown flag -z", "-verbose": "unknown flag -e; did you mean --verbose?", "--insecrue": "unknown flag --insecrue; did you mean --insecure?", "--zzz": "unknown flag --zzz", "--verbos": "unknown flag --verbos; did you mean --verbose?", "-kh": "help", "--help": "help",
	} {
		if _, err := parse(strings.Fields(args)); err == nil || err.Error() != want {
			t.Errorf("%q gives %v, want %s", args, err, want)
		}
	}
}
