package wpt

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/corsim/corsim/internal/scenario"
)

// A caseFile is what a file of cases holds.
type caseFile struct {
	// Requires says what the cases require, in a few words, and Anchor where
	// that is written. A test's own come first.
	Requires, Anchor string
	// Client is the page that asks, where it is not the upstream file's own.
	Client  json.RawMessage
	Tests   []testTemplate
	LeftOut []LeftOut
}

// A testTemplate stands for one case, or for one for each row of values.
//
// In every string of Subtest, Client and Steps, ${name} is replaced by a value,
// and ${name|uri} by the value as encodeURIComponent() writes it; a string that is
// nothing but ${name} becomes the value itself, whatever its type. The values are
// those of the row, those of Let, which may use the ones before them, and uuid,
// uuid2 and so on: tokens that no other case has. A member of a step that becomes null is left out.
type testTemplate struct {
	Subtest          string
	Requires, Anchor string
	Client           json.RawMessage
	// Columns names the values of each of Rows; missing ones at the end are null.
	Columns []string
	Rows    [][]any
	// Each has lists of values; there is a case for every combination, of these
	// and of the rows.
	Each map[string][]any
	Let  [][2]any
	// Steps are steps of the scenario format with more members: "expect"; "client"
	// for the page that asks from that step on; "blobType" for a body that is a
	// blob; "integrity" as in the init of fetch(); and "ignoreBody", true for a
	// response whose body is not to be read.
	Steps []map[string]any
}

// A LeftOut is upstream's subtests that are not ported.
type LeftOut struct {
	// Subtests are their names; where there are none, it is the whole file.
	Subtests []string `json:"subtests,omitempty"`
	Reason   string   `json:"reason"`
}

// readCaseFile returns the cases of an upstream file from the data.
func readCaseFile(file string, data []byte) ([]*Case, []LeftOut, error) {
	var f caseFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(&f); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	var cases []*Case
	for i := range f.Tests {
		t := &f.Tests[i]
		if t.Client == nil {
			t.Client = f.Client
		}
		rows, err := t.values()
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %s: %w", file, t.Subtest, err)
		}
		for _, row := range rows {
			c, err := t.instantiate(file, row)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %s: %w", file, t.Subtest, err)
			}
			c.Requires, c.Anchor = t.Requires, t.Anchor
			if c.Requires == "" {
				c.Requires = f.Requires
			}
			if c.Anchor == "" {
				c.Anchor = f.Anchor
			}
			cases = append(cases, c)
		}
	}
	return cases, f.LeftOut, nil
}

// values returns the values of every case that t stands for.
func (t *testTemplate) values() ([]map[string]any, error) {
	rows := []map[string]any{{}}
	if t.Columns != nil {
		rows = rows[:0]
		for _, row := range t.Rows {
			if len(row) > len(t.Columns) {
				return nil, fmt.Errorf("a row has %d values for %d columns", len(row), len(t.Columns))
			}
			values := make(map[string]any, len(t.Columns))
			for i, column := range t.Columns {
				values[column] = nil
				if i < len(row) {
					values[column] = row[i]
				}
			}
			rows = append(rows, values)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Each)) {
		var product []map[string]any
		for _, row := range rows {
			for _, value := range t.Each[name] {
				values := maps.Clone(row)
				values[name] = value
				product = append(product, values)
			}
		}
		rows = product
	}
	return rows, nil
}

// instantiate returns the case of one row of values.
func (t *testTemplate) instantiate(file string, values map[string]any) (*Case, error) {
	for i := range uuids {
		values[uuidName(i)] = "${" + uuidName(i) + "}" // known when the case runs
	}
	for _, let := range t.Let {
		name, ok := let[0].(string)
		if !ok {
			return nil, fmt.Errorf("let: %v is no name", let[0])
		}
		value, err := expand(let[1], values)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	subtest, err := expand(t.Subtest, values)
	if err != nil {
		return nil, err
	}
	c := &Case{File: file, Subtest: fmt.Sprint(subtest)}
	client := json.RawMessage(`{"url": "` + pageURL(file) + `"}`)
	if t.Client != nil {
		var object any
		if err := json.Unmarshal(t.Client, &object); err != nil {
			return nil, err
		}
		if object, err = expand(object, values); err != nil {
			return nil, err
		}
		if client, err = json.Marshal(object); err != nil {
			return nil, err
		}
	}
	decoded, err := scenario.DecodeClient(client)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	c.client = *decoded
	if len(t.Steps) == 0 {
		return nil, errors.New("it has no steps")
	}
	steps := make([]json.RawMessage, len(t.Steps))
	for i, step := range t.Steps {
		expanded, err := expand(step, values)
		if err != nil {
			return nil, err
		}
		object := expanded.(map[string]any)
		for name, value := range object {
			if value == nil {
				delete(object, name)
			}
		}
		if steps[i], err = json.Marshal(object); err != nil {
			return nil, err
		}
		if _, err := decodeStep(steps[i]); err != nil {
			return nil, fmt.Errorf("steps[%d]: %w", i, err)
		}
	}
	c.run = func(t *tester) {
		for i, text := range steps {
			for i, uuid := range t.uuids {
				text = bytes.ReplaceAll(text, []byte("${"+uuidName(i)+"}"), []byte(uuid))
			}
			step, err := decodeStep(text)
			if err != nil {
				t.fatalf("steps[%d]: %v", i, err)
			}
			t.where = fmt.Sprintf("step %d: ", i+1)
			if step.client != nil {
				t.page = t.newPage(*step.client)
			}
			t.expect(&step.expect, t.dataStep(step))
		}
	}
	return c, nil
}

// uuids is how many tokens a case has.
const uuids = 4

// uuidName is the name of a token.
func uuidName(i int) string {
	if i == 0 {
		return "uuid"
	}
	return "uuid" + strconv.Itoa(i+1)
}

// pageURL is where the page of an upstream file is.
func pageURL(file string) string {
	for _, ending := range [][2]string{{".any.js", ".any.html"}, {".window.js", ".window.html"}} {
		if name, ok := strings.CutSuffix(file, ending[0]); ok {
			file = name + ending[1]
		}
	}
	if strings.Contains(file, ".https.") {
		return "https://web-platform.test:8443/" + file
	}
	return "http://web-platform.test:8000/" + file
}

// A dataStep is a step of a case that is data.
type dataStep struct {
	scenario.Step
	expect expectation
	// client is the page that asks, where it is not that of the case.
	client *scenario.Client
	// blobType makes the body a blob of that type; a form is one, too.
	blobType  *string
	integrity string
	// ignoreBody closes the response without reading its body, which may be
	// without end.
	ignoreBody bool
}

// decodeStep reads a step with what is expected of it.
func decodeStep(text []byte) (*dataStep, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	s := new(dataStep)
	if expect := object["expect"]; expect != nil {
		if err := s.expect.decode(expect); err != nil {
			return nil, fmt.Errorf("expect: %w", err)
		}
		delete(object, "expect")
	}
	if client := object["client"]; client != nil {
		var err error
		if s.client, err = scenario.DecodeClient(client); err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		delete(object, "client")
	}
	for name, member := range map[string]any{"blobType": &s.blobType, "integrity": &s.integrity, "ignoreBody": &s.ignoreBody} {
		if value := object[name]; value != nil {
			if err := json.Unmarshal(value, member); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			delete(object, name)
		}
	}
	for name := range object {
		if !slices.Contains(stepMembers, name) {
			return nil, fmt.Errorf("%q is no member of a step", name)
		}
	}
	rest, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	step, err := scenario.DecodeStep(rest)
	if err != nil {
		return nil, err
	}
	s.Step = *step
	return s, nil
}

// stepMembers are the members of a step; scenario.DecodeStep ignores others.
var stepMembers = []string{
	"api", "url", "method", "headers", "body", "bodyBase64", "contentTypeFromBody", "mode", "credentials", "redirect",
	"referrer", "referrerPolicy", "cache", "keepalive", "destination", "withCredentials", "uploadListener", "waitMs",
}

// An expectation is what a step must come to. What is absent is not looked at,
// but the result, which must be a response unless it says otherwise.
type expectation struct {
	// Result is a result of the scenario format.
	Result string
	// Exception is the name of the exception that is thrown.
	Exception  *string
	Type       *string
	Status     *int
	StatusText *string
	URL        *string
	Redirected *bool
	// Headers are header names with their combined value, null for one that is
	// not there, or true for any value.
	Headers map[string]any
	// HeadersNot are values that a header must not have.
	HeadersNot map[string]string
	Body       *string
	// BodyHas are strings that the body contains.
	BodyHas []string
	// JSON is what is in the body: of an object the members listed, of which a
	// null may also be absent; of a list its items.
	JSON any
	// Preflights is how many CORS-preflight requests the step led to, and
	// Requests the methods of all requests that it led to.
	Preflights *int
	Requests   []string
}

func (e *expectation) decode(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, &e.Result)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(e)
}

// expand replaces the ${…} in value, which is what JSON decodes to.
func expand(value any, values map[string]any) (any, error) {
	switch value := value.(type) {
	case string:
		return expandString(value, values)
	case []any:
		list := make([]any, len(value))
		for i, item := range value {
			var err error
			if list[i], err = expand(item, values); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(value))
		for name, member := range value {
			expandedName, err := expandString(name, values)
			if err != nil {
				return nil, err
			}
			if object[fmt.Sprint(expandedName)], err = expand(member, values); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return value, nil
}

func expandString(s string, values map[string]any) (any, error) {
	var b strings.Builder
	for rest := s; ; {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		expression, after, found := strings.Cut(after, "}")
		if !found {
			return nil, fmt.Errorf("%q has a ${ without a }", s)
		}
		name, filter, _ := strings.Cut(expression, "|")
		value, ok := values[name]
		if !ok {
			return nil, fmt.Errorf("%q: there is no value ${%s}", s, name)
		}
		if before == "" && after == "" && filter == "" && b.Len() == 0 {
			return value, nil
		}
		text := ""
		switch value := value.(type) {
		case nil:
		case string:
			text = value
		case bool:
			text = strconv.FormatBool(value)
		case json.Number:
			text = value.String()
		default:
			return nil, fmt.Errorf("%q: ${%s} is no text", s, name)
		}
		switch filter {
		case "":
		case "uri":
			text = encodeURIComponent(text)
		default:
			return nil, fmt.Errorf("%q: there is no filter %s", s, filter)
		}
		b.WriteString(text)
		rest = after
	}
}

// encodeURIComponent is JavaScript's function of that name. A ${uuid} is left as
// it is: a token has nothing that needs to be encoded.
func encodeURIComponent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], "${uuid") {
			end := i + strings.IndexByte(s[i:], '}')
			b.WriteString(s[i : end+1])
			i = end
			continue
		}
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.!~*'()", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
