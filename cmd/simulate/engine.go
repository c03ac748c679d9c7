package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
)

// engineNames returns the names of the engines, the standard first.
func engineNames() []string {
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(browser.All())), func(name string) bool {
		return name == browser.Standard.Name
	})
	return append([]string{browser.Standard.Name}, names...)
}

func engineByName(name string) (*browser.Engine, error) {
	if name == browser.Standard.Name {
		return browser.Standard, nil
	}
	if engine, ok := browser.All()[name]; ok {
		return engine, nil
	}
	return nil, fmt.Errorf("there is no browser %q, only %s", name, strings.Join(engineNames(), ", "))
}

// defineBrowser adds --browser for one engine.
func defineBrowser(f *flagSet, to **browser.Engine) {
	*to = browser.Standard
	f.define(0, "browser", "NAME", "whose behaviour: "+strings.Join(engineNames(), ", "), func(name string) (err error) {
		*to, err = engineByName(name)
		return err
	})
}

// enginesByName returns the engine of a name, or every one for "all".
func enginesByName(name string) (engines []*browser.Engine, err error) {
	names := []string{name}
	if name == "all" {
		names = engineNames()
	}
	for _, name := range names {
		engine, err := engineByName(name)
		if err != nil {
			return nil, err
		}
		engines = append(engines, engine)
	}
	return engines, nil
}

// defineBrowsers adds --browser for one engine, several or all of them.
func defineBrowsers(f *flagSet, to *[]*browser.Engine) {
	*to = []*browser.Engine{browser.Standard}
	var named []*browser.Engine
	f.define(0, "browser", "NAME", "whose behaviour: "+strings.Join(engineNames(), ", ")+", all; repeatable", func(name string) error {
		engines, err := enginesByName(name)
		for _, engine := range engines {
			if !slices.Contains(named, engine) {
				named = append(named, engine)
			}
		}
		*to = named
		return err
	})
}
