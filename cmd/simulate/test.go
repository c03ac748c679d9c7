package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/corsim/corsim/contract"
)

var testCommand = &command{
	name: "test", summary: "check that a live server keeps what a contract promises",
	arguments: "[flags] FILE|--init URL",
	help: `A contract is a file that says which pages may do what with a service:

  page https://app.example
    allow GET    /things            expose X-Total-Count
    allow PUT    /things/1          json credentials
    block DELETE /things/1

Each promise must hold in the standard and in all browsers. For methods other than
GET, HEAD and OPTIONS only preflights are sent, unless --send-unsafe is given. With
--init it writes a first contract, from what a URL's server does today.`,
	examples: `  simulate test cors.contract --base https://staging.example
  simulate test cors.contract --junit results.xml --sarif results.sarif
  simulate test --init https://api.example/things --origin https://app.example > cors.contract`,
	define: func(f *flagSet) func(context.Context, *streams, []string) (int, error) {
		t := new(contractRun)
		f.text(&t.options.Base, 0, "base", "URL", "where the service is; the contract's own base by default")
		defineBrowsers(f, &t.options.Engines)
		t.options.Engines = nil // all of them, unless one is named
		f.yes(&t.options.SendUnsafe, 0, "send-unsafe", "send requests whatever their method does")
		f.define('m', "timeout", "SECONDS", "how long each request may take; 30 by default", seconds(&t.options.Timeout))
		f.text(&t.init, 0, "init", "URL", "write a first contract for a URL")
		f.list(&t.origins, 0, "origin", "ORIGIN", "with --init: the page that asks; repeatable")
		f.text(&t.junit, 0, "junit", "FILE", "write JUnit's XML")
		f.text(&t.sarif, 0, "sarif", "FILE", "write SARIF 2.1.0")
		t.network.define(f)
		return t.run
	},
}

// contractRun is what the flags of simulate test say.
type contractRun struct {
	options      contract.Options
	network      networkFlags
	init         string
	origins      []string
	junit, sarif string
}

func (t *contractRun) run(ctx context.Context, std *streams, args []string) (int, error) {
	if err := t.network.load(); err != nil {
		return exitUsage, err
	}
	opened, err := t.network.open()
	if err != nil {
		return exitUsage, err
	}
	defer opened.Close()
	t.options.Network = opened
	if t.init != "" {
		if len(args) > 0 {
			return exitUsage, errors.New("--init writes a contract; it reads none")
		}
		text, err := contract.Init(ctx, t.init, &contract.InitOptions{Options: t.options, Origins: t.origins})
		if err != nil {
			return exitUsage, err
		}
		_, err = io.WriteString(std.out, text)
		return exitAllowed, err
	}
	name, in, err := openInput(std, args)
	if err != nil {
		return exitUsage, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxContract+1))
	if err != nil {
		return exitUsage, fmt.Errorf("%s: %w", name, err)
	}
	if len(text) > maxContract {
		return exitUsage, fmt.Errorf("%s: a contract has at most %d bytes", name, maxContract)
	}
	c, err := contract.Parse(name, string(text))
	if err != nil {
		return exitUsage, err
	}
	var files reportFiles
	junit, sarif := files.open(t.junit, std.out), files.open(t.sarif, std.out)
	if err := files.opened(); err != nil {
		return exitUsage, err
	}
	defer files.remove()
	found, err := contract.Run(ctx, c, &t.options)
	if err != nil {
		return exitUsage, err
	}
	if junit != nil {
		err = found.JUnit(junit)
	}
	if sarif != nil {
		err = errors.Join(err, found.SARIF(sarif))
	}
	if files.toOutput == 0 {
		err = errors.Join(err, found.Text(std.out))
	}
	if err = errors.Join(err, files.close()); err != nil {
		return exitUsage, err
	}
	switch broken, unknown := found.Broken(); {
	case broken > 0:
		return exitBlocked, nil
	case unknown > 0:
		return exitUndecidable, nil
	}
	return exitAllowed, nil
}

// maxContract is how long a contract may be, in bytes.
const maxContract = 16 << 20
