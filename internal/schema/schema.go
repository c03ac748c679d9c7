// Package schema has the JSON Schemas (draft 2020-12) of what the command prints and reads.
//
// A schema is a promise: what is in it stays as long as its "v" does; members may be added,
// so that programs must ignore those that they do not know. Definitions that several share are
// in schemas/defs.json, and become part of each schema that refers to them.
package schema

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

//go:embed schemas
var files embed.FS

// shared is the name of the file of shared definitions.
const shared = "defs"

// Names returns the names of the schemas, in alphabetical order. Each is the command whose
// output it describes, except "scenario", which is what simulate run reads.
func Names() (names []string) {
	entries, err := files.ReadDir("schemas")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".json"); name != shared {
			names = append(names, name)
		}
	}
	return names
}

// Get returns the schema of a name, with the definitions that it refers to.
func Get(name string) ([]byte, error) {
	text, err := files.ReadFile("schemas/" + name + ".json")
	if err != nil || name == shared {
		return nil, fmt.Errorf("there is no schema %q, only %s", name, strings.Join(Names(), ", "))
	}
	definitions, err := needed(text)
	if err != nil || definitions == nil {
		return text, err
	}
	body := bytes.TrimSuffix(bytes.TrimRight(text, "\n"), []byte("\n}"))
	return fmt.Appendf(nil, "%s,\n \"$defs\": {\n  %s\n }\n}\n", body, strings.Join(definitions, ",\n  ")), nil
}

var reference = regexp.MustCompile(`"#/\$defs/([a-zA-Z]+)"`)

// needed returns the definitions that a schema refers to, and those that they refer to, as
// members of an object, in alphabetical order.
func needed(text []byte) ([]string, error) {
	content, err := files.ReadFile("schemas/" + shared + ".json")
	if err != nil {
		return nil, err
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(content, &all); err != nil {
		return nil, fmt.Errorf("%s.json: %w", shared, err)
	}
	found := map[string]bool{}
	todo := [][]byte{text}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		for _, m := range reference.FindAllSubmatch(next, -1) {
			name := string(m[1])
			if all[name] == nil {
				return nil, fmt.Errorf("there is no definition %q", name)
			}
			if !found[name] {
				found[name] = true
				todo = append(todo, all[name])
			}
		}
	}
	var members []string
	for name := range found {
		members = append(members, fmt.Sprintf("%q: %s", name, all[name]))
	}
	slices.Sort(members)
	return members, nil
}
