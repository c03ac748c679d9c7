package main

import (
	"regexp"
	"testing"

	"github.com/corsim/corsim/internal/contract"
)

// TestHelpHasAContract holds the contract in the help to be one.
func TestHelpHasAContract(t *testing.T) {
	block := regexp.MustCompile(`(?s)\n\n(  base .*?)\n\n`).FindStringSubmatch(testCommand.help)
	if block == nil {
		t.Fatal("there is none")
	}
	c, err := contract.Parse("help", block[1])
	if err != nil || c.Base == "" || len(c.Pages) != 2 || len(c.Pages[0].Promises) != 4 {
		t.Errorf("%v, read as\n%s", err, c)
	}
}
