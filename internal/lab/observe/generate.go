package observe

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/corsim/corsim/internal/scenario"
)

// Features are what a generated scenario can be about, in the order in which the
// generator knows them. The source of each says which it is.
func Features() []string {
	names := make([]string, len(features))
	for i, f := range features {
		names[i] = f.name
	}
	return names
}

// Generate returns n scenarios near the boundaries of the decisions that the
// standard has browsers make. The same seed gives the same scenarios, and a
// larger n more of them; each is a line of JSON without its line feed.
func Generate(seed uint64, n int) [][]byte {
	lines := make([][]byte, n)
	for i := range lines {
		lines[i] = generate(seed, i)
	}
	return lines
}

// GenerateScenarios is [Generate] with the scenarios decoded.
func GenerateScenarios(seed uint64, n int) ([]*scenario.Scenario, error) {
	return decodeAll(Generate(seed, n))
}

func decodeAll(lines [][]byte) ([]*scenario.Scenario, error) {
	scenarios := make([]*scenario.Scenario, len(lines))
	for i, line := range lines {
		var err error
		if scenarios[i], err = scenario.Decode(line); err != nil {
			return nil, fmt.Errorf("generated scenario %d: %w", i, err)
		}
	}
	return scenarios, nil
}

func generate(seed uint64, i int) []byte {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, uint64(i)))}
	total := 0
	for _, f := range features {
		total += f.weight
	}
	at := g.IntN(total)
	var chosen feature
	for _, f := range features {
		if at < f.weight {
			chosen = f
			break
		}
		at -= f.weight
	}
	s := &spec{
		ID:     fmt.Sprintf("gen%d-%05d-%s", seed, i, chosen.name),
		Source: fmt.Sprintf("gen:seed=%d,n=%d,feature=%s", seed, i, chosen.name),
	}
	s.Client = clientSpec{URL: plainClient + "/page.html", Origin: plainClient}
	chosen.make(g, s)
	return s.line()
}

// line returns the scenario as a line of JSON without its line feed.
func (s *spec) line() []byte {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		panic(err) // a spec has nothing that JSON has not
	}
	return bytes.TrimSuffix(line.Bytes(), []byte("\n"))
}

// A spec is a scenario as it is written; strings that stand for bytes have a
// code point for each.
type (
	spec struct {
		ID      string       `json:"id"`
		Source  string       `json:"source"`
		Client  clientSpec   `json:"client"`
		Servers []serverSpec `json:"servers"`
		Steps   []stepSpec   `json:"steps"`
	}
	clientSpec struct {
		URL            string `json:"url"`
		Origin         string `json:"origin,omitempty"`
		ReferrerPolicy string `json:"referrerPolicy,omitempty"`
		TopLevel       string `json:"topLevel,omitempty"`
	}
	serverSpec struct {
		URL     string       `json:"url"`
		Answers []answerSpec `json:"answers"`
	}
	answerSpec struct {
		Method  string      `json:"method,omitempty"`
		Status  int         `json:"status,omitempty"`
		Headers [][2]string `json:"headers,omitempty"`
		Body    string      `json:"body,omitempty"`
		Times   int         `json:"times,omitempty"`
		Raw     string      `json:"raw,omitempty"`

		Truncated bool `json:"truncated,omitempty"`
	}
	stepSpec struct {
		API                 string      `json:"api,omitempty"`
		URL                 string      `json:"url"`
		Method              *string     `json:"method,omitempty"`
		Headers             [][2]string `json:"headers,omitempty"`
		Body                *string     `json:"body,omitempty"`
		ContentTypeFromBody *bool       `json:"contentTypeFromBody,omitempty"`
		Mode                string      `json:"mode,omitempty"`
		Credentials         string      `json:"credentials,omitempty"`
		Redirect            string      `json:"redirect,omitempty"`
		Referrer            *string     `json:"referrer,omitempty"`
		ReferrerPolicy      string      `json:"referrerPolicy,omitempty"`
		Cache               string      `json:"cache,omitempty"`
		Keepalive           bool        `json:"keepalive,omitempty"`
		WithCredentials     bool        `json:"withCredentials,omitempty"`
		UploadListener      bool        `json:"uploadListener,omitempty"`
		WaitMs              int         `json:"waitMs,omitempty"`
	}
)

// A generator makes random choices.
type generator struct{ *rand.Rand }

// chance reports true with a probability of percent in a hundred.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// pick returns one of its arguments.
func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// some returns from least to most of the members, in random order, which may
// have some of them twice.
func some[T any](g *generator, least, most int, of []T) []T {
	picked := make([]T, least+g.IntN(most-least+1))
	for i := range picked {
		picked[i] = of[g.IntN(len(of))]
	}
	return picked
}

// recase returns s in another casing, one time in three.
func (g *generator) recase(s string) string {
	switch g.IntN(9) {
	case 0:
		return strings.ToLower(s)
	case 1:
		return strings.ToUpper(s)
	case 2:
		if s != "" {
			return strings.ToUpper(s[:1]) + strings.ToLower(s[1:])
		}
	}
	return s
}

// spaced returns a value with white space or other bytes around it, sometimes.
func (g *generator) spaced(value string) string {
	if g.chance(75) {
		return value
	}
	around := []string{" ", "\t", "  ", " \t", "\v", "\f", "\u00A0", "\u0001", "\u007f"}
	if g.chance(50) {
		return pick(g, around...) + value
	}
	return value + pick(g, around...)
}

// list returns members as the value of a list header: mostly well-formed, and
// often just not.
func (g *generator) list(members []string) string {
	members = slices.Clone(members)
	for i := range members {
		members[i] = strings.Trim(members[i], "\n") // which would end the line
	}
	if g.chance(15) {
		odd := pick(g, "", " ", `"`, "x y", "(x)", "a=1", "a;b", "\u00e9", "x/y", "\u0001", `"x-a"`, "*", "**", "@", "x:")
		members = slices.Insert(members, g.IntN(len(members)+1), odd)
	}
	separator := ", "
	if g.chance(40) {
		separator = pick(g, ",", " ,", ",\t", " , ", ",,", ", ,", "\t,\t", ";", " ", ",\v", ",\u00A0", "; ")
	}
	value := strings.Join(members, separator)
	if g.chance(12) {
		value = pick(g, ",", ", ", " ", "\t", ",,") + value
	}
	if g.chance(12) {
		value += pick(g, ",", " ,", " ", "\t", ",,", ";")
	}
	return value
}

// lines returns a header with the value; sometimes on two lines, and in another
// casing of the name.
func (g *generator) lines(name, value string, second ...string) [][2]string {
	lines := [][2]string{{g.recase(name), value}}
	if len(second) > 0 && g.chance(12) {
		lines = append(lines, [2]string{g.recase(name), pick(g, second...)})
		if g.chance(50) {
			slices.Reverse(lines)
		}
	}
	return lines
}

// split returns a list's members on one line, or on two.
func (g *generator) split(name string, members []string) [][2]string {
	if len(members) > 1 && g.chance(20) {
		at := 1 + g.IntN(len(members)-1)
		return [][2]string{{g.recase(name), g.list(members[:at])}, {g.recase(name), g.list(members[at:])}}
	}
	return g.lines(name, g.list(members), "", "*", ",", "x-z")
}
