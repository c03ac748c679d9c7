package main

import (
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
)

// browserNames is what --browser takes, for the help.
func browserNames() string {
	return strings.Join(browser.Names(), ", ") + ", and each with a version, such as firefox@" + strings.Split(browser.Firefox().Version(), ".")[0] + " or safari@26"
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

// browserValuesAll are browserValues with the words for all of them.
func browserValuesAll() []string { return append(browserValues(), "all", "newest", "all-versions") }

// defineBrowser adds --browser for one engine.
func defineBrowser(f *flagSet, to **browser.Engine) {
	*to = browser.Standard()
	f.define(0, "browser", "NAME", "whose behaviour: "+browserNames(), func(name string) (err error) {
		*to, err = browser.Find(name)
		return err
	}).takesFrom(browserValues)
}

// enginesByName returns the engine of a name; the standard and each browser for "all", the newest version of each for
// "newest", and every version that was observed for "all-versions".
func enginesByName(name string) ([]*browser.Engine, error) {
	switch name {
	case "all":
		return browser.All(), nil
	case "newest":
		engines := browser.All()
		for i, e := range engines[1:] {
			newest, err := browser.Find(e.Name() + "@newest")
			if err != nil {
				return nil, err
			}
			engines[1+i] = newest
		}
		return engines, nil
	case "all-versions":
		return browser.Known(), nil
	}
	engine, err := browser.Find(name)
	if err != nil {
		return nil, err
	}
	return []*browser.Engine{engine}, nil
}

// defineBrowsers adds --browser for one engine, several or all of them.
func defineBrowsers(f *flagSet, to *[]*browser.Engine) { defineBrowsersGiven(f, to, new(bool)) }

// defineBrowsersGiven is defineBrowsers, and notes whether a version was given.
func defineBrowsersGiven(f *flagSet, to *[]*browser.Engine, versioned *bool) {
	*to = []*browser.Engine{browser.Standard()}
	var named []*browser.Engine
	f.define(0, "browser", "NAME", "whose behaviour: "+browserNames()+", all, newest (of each), all-versions; repeatable", func(name string) error {
		engines, err := enginesByName(name)
		*versioned = *versioned || strings.Contains(name, "@") || name == "all-versions"
		for _, engine := range engines {
			if !slices.Contains(named, engine) {
				named = append(named, engine)
			}
		}
		*to = named
		return err
	}).takesFrom(browserValuesAll)
}
