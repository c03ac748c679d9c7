package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/corsim/corsim/docs"
)

// docsIndex is the page that lists the others.
const docsIndex = "README"

// docsPages are the names of the pages of the documentation.
func docsPages() (names []string) {
	files, err := fs.Glob(docs.Pages, "*.md")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, file := range files {
		if name := strings.TrimSuffix(file, ".md"); name != docsIndex {
			names = append(names, name)
		}
	}
	return names
}

var docsCommand = &command{
	name: "docs", summary: "print a page of the documentation",
	arguments: "[PAGE]",
	help: `Prints a page of the documentation, in Markdown; without a name the index, with the name
of each page. The same pages are in docs/ of the repository.`,
	examples: `  simulate docs
  simulate docs solve | less`,
	values: docsPages,
	define: func(*flagSet) func(context.Context, *streams, []string) (int, error) {
		return func(_ context.Context, std *streams, args []string) (int, error) {
			name := docsIndex
			switch len(args) {
			case 0:
			case 1:
				name = strings.TrimSuffix(args[0], ".md")
			default:
				return exitUsage, errors.New("name one page")
			}
			page, err := docs.Pages.ReadFile(name + ".md")
			if err != nil {
				return exitUsage, fmt.Errorf("there is no page %q%s; there are %s", name, didYouMean(name, "", docsPages()), strings.Join(docsPages(), ", "))
			}
			_, err = std.out.Write(page)
			return exitAllowed, err
		}
	},
}
