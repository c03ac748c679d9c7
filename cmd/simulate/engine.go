package main

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
)

// browserNames is what --browser takes, for the help.
func browserNames() string {
	return strings.Join(browser.Names(), ", ") + ", and each with the version, such as firefox@" + browser.Firefox().Version()
}

// browserValues are what --browser takes.
func browserValues() (values []string) {
	values = browser.Names()
	for _, e := range browser.Known() {
		if e.Version() != "" {
			values = append(values, e.String())
		}
	}
	return values
}

// browserValuesAll are browserValues with the word for all of them.
func browserValuesAll() []string { return append(browserValues(), "all") }

// defineBrowser adds --browser for one engine.
func defineBrowser(f *flagSet, to **browser.Engine) {
	*to = browser.Standard()
	f.define(0, "browser", "NAME", "whose behaviour: "+browserNames(), func(name string) (err error) {
		*to, err = browser.Find(name)
		return err
	}).takesFrom(browserValues)
}

// enginesByName returns the engine of a name, or every one for "all".
func enginesByName(name string) ([]*browser.Engine, error) {
	if name == "all" {
		return browser.All(), nil
	}
	engine, err := browser.Find(name)
	if err != nil {
		return nil, err
	}
	return []*browser.Engine{engine}, nil
}

// defineBrowsers adds --browser for one engine, several or all of them.
func defineBrowsers(f *flagSet, to *[]*browser.Engine) {
	*to = []*browser.Engine{browser.Standard()}
	var named []*browser.Engine
	f.define(0, "browser", "NAME", "whose behaviour: "+browserNames()+", all; repeatable", func(name string) error {
		engines, err := enginesByName(name)
		for _, engine := range engines {
			if !slices.Contains(named, engine) {
				named = append(named, engine)
			}
		}
		*to = named
		return err
	}).takesFrom(browserValuesAll)
}
