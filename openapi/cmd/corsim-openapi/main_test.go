package main

import (
	"io"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	const file = "../../testdata/shop.yaml"
	var b strings.Builder
	if err := run([]string{file, "--origin", "https://app.example", "--base", "https://staging.example"}, &b, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Of the OpenAPI description Shop 1.2.", "\nbase https://staging.example\n", "\npage https://app.example\n", "  # listOrders\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, &b)
		}
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{nil, "there are 0 files"},
		{[]string{file, file}, "there are 2 files"},
		{[]string{file}, "to whom is it promised?"},
		{[]string{"no.yaml"}, "no.yaml: "},
		{[]string{"--x"}, "flag provided but not defined"},
	} {
		if err := run(test.args, io.Discard, io.Discard); err == nil || !strings.HasPrefix(err.Error(), test.want) && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v", test.args, err)
		}
	}
}
