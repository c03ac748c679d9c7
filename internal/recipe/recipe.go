// Package recipe writes the configuration by which a server permits a cross-origin
// request, and nothing beyond it. What is particular to a server is data, a file
// below servers, which README.md describes; one writer fills in what is needed,
// and quotes it by the grammar of the language that the file names.
package recipe

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/corsim/corsim/internal/nearest"
)

// A Recipe is what is known of a server.
type Recipe struct {
	// ID is what it is called on a command line, Name in sentences. Aliases are
	// other ids for it.
	ID, Name string
	Aliases  []string
	// Layer is where the server is.
	Layer Layer
	// Proof is how to start it, nil where it cannot be had here: then only the
	// syntax of what is written is checked.
	Proof *Proof

	// Cannot says why a part of a need cannot be had: credentials, several origins,
	// expose, preflight, headers.
	Cannot map[string]string

	signs     []sign
	texts     []string          // by which a text names it
	elsewhere map[string]string // the id of the recipe for the hosts below a name
	methods   []string          // all that there are, nil for any
	lists     string            // what replaces what was allowed before
	parts     []part
	notes     string
}

// A Layer is the place of a server on the way of a request.
type Layer int

// The layers, from what makes a response to what passes it on.
const (
	Application Layer = iota // a framework, a language
	Service                  // a finished program with a setting for CORS
	Cloud                    // a provider's product
	Front                    // a web server or proxy
	Development              // a development server and its proxy
)

var layers = map[string]Layer{"application": Application, "service": Service, "cloud": Cloud, "front": Front, "development": Development}

// String returns what servers of a layer are called in a list.
func (l Layer) String() string {
	return [...]string{"Frameworks and languages", "Programs with a setting for it", "Cloud", "Web servers, proxies, gateways", "Development servers"}[l]
}

// A Proof is how a server is started with its configuration in the project's
// tests.
type Proof struct {
	// Files are contents by names, Run a script of the shell that ends in the
	// server. See README.md for the names in capitals that both may hold.
	Files map[string]string
	Run   string
	// Packages are the Debian packages that it needs.
	Packages []string
	// Remove are parts of lines: without any of these lines the request must fail.
	// Without one it is the first line that has the origin in it.
	Remove []string
	// Base is what the paths of the proof begin with.
	Base string
	// OtherMethod is the method that must be refused.
	OtherMethod string
	// Layered says that an application behind it may send CORS headers of its own,
	// which do not show.
	Layered bool
	// Tolerates says which of the probes the server does not refuse, with the
	// reason.
	Tolerates map[string]string
}

// part is a piece of configuration: a template.
type part struct{ where, language, text string }

//go:embed servers/*.recipe
var embedded embed.FS

var load = sync.OnceValue(func() []*Recipe {
	all, err := parseAll(embedded)
	if err != nil {
		panic(err) // a test reads them all
	}
	return all
})

// parseAll reads the recipes of a file system, ordered by layer and id.
func parseAll(files fs.FS) (all []*Recipe, err error) {
	names, err := fs.Glob(files, "servers/*.recipe")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		r, err := parse(strings.TrimSuffix(strings.TrimPrefix(name, "servers/"), ".recipe"), string(content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b *Recipe) int { return int(a.Layer) - int(b.Layer) })
	return all, nil
}

// All returns the recipes, by layers and then by ids. Nobody may change them.
func All() []*Recipe { return load() }

// Find returns the recipe of an id or an alias. The error suggests the nearest
// names.
func Find(id string) (*Recipe, error) {
	id = strings.ToLower(id)
	var names []string
	for _, r := range All() {
		if r.ID == id || slices.Contains(r.Aliases, id) {
			return r, nil
		}
		names = append(append(names, r.ID), r.Aliases...)
	}
	return nil, fmt.Errorf("there is no server %q: did you mean %s? (simulate servers lists them all)", id, strings.Join(nearestOf(id, names), ", "))
}

// nearestOf returns the three names that differ least from one, the best first.
func nearestOf(name string, names []string) []string {
	distance := func(a string) int {
		if strings.Contains(a, name) || len(a) > 3 && strings.Contains(name, a) {
			return 0
		}
		return nearest.Distance(name, a)
	}
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int { return distance(a) - distance(b) })
	return sorted[:min(3, len(sorted))]
}

// Language returns the name of the language of a part; see [Part].
func (r *Recipe) Language(part int) string { return r.parts[part].language }
