// Package openapi writes a contract of an OpenAPI description: what pages of certain origins may do, with the
// headers and credentials that each operation needs.
//
// The contract is for corstest.Contract and for the command simulate test. It is a beginning, which people
// review: who may do what is decided by them, not by the description.
package openapi

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/contract"
)

// Options say what a contract promises, and to whom. Origins are required.
type Options struct {
	// Origins are those of the pages that may use every operation.
	Origins []string
	// Others are origins of pages to which every operation is refused.
	Others []string
	// Base is where the service is; empty stands for the first server of the description.
	Base string
	// HideHeaders leaves out that script can read the response headers that the description calls
	// required.
	HideHeaders bool
}

// Load reads an OpenAPI description, in JSON or YAML, from a file. What it refers to in other files is read as
// well, and nothing over a network.
func Load(file string) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.IsExternalRefsAllowed = true
	loader.ReadFromURIFunc = func(l *openapi3.Loader, location *url.URL) ([]byte, error) {
		if location.Scheme != "" && location.Scheme != "file" {
			return nil, fmt.Errorf("%s is not a file: nothing is asked over a network", location.Redacted())
		}
		return openapi3.ReadFromFile(l, location)
	}
	return loader.LoadFromFile(file)
}

// methods are those that script can use, in the order in which operations are written.
var methods = []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "QUERY"}

// Contract returns a contract with a promise for each operation of a description, and for each way in which its
// security schemes let it be used. What a page cannot do at all is in a comment. The error says what is wrong with
// the description or the options.
func Contract(doc *openapi3.T, o Options) (string, error) {
	if len(o.Origins) == 0 {
		return "", errors.New("to whom is it promised? Give the origin of a page, such as https://app.example")
	}
	w := &writer{doc: doc, options: &o, bases: map[string]string{}}
	base, problem := w.base(doc.Servers)
	if o.Base != "" {
		base, problem = o.Base, ""
	}
	if problem != "" {
		return "", fmt.Errorf("where the service is must be said: %s", problem)
	}
	w.defaultBase = base
	w.operations()
	if len(w.promises) == 0 {
		return "", errors.New("the description has no operation that a page can use")
	}
	text := w.text()
	if _, err := contract.Parse("contract", text); err != nil {
		return "", fmt.Errorf("what the description says makes no contract: %w", err)
	}
	return text, nil
}

// A promise is a line of the contract.
type promise struct {
	contract.Promise
	name string // of the operation
}

type writer struct {
	doc         *openapi3.T
	options     *Options
	defaultBase string
	bases       map[string]string // of other servers, by name
	promises    []promise
	comments    []string
}

func (w *writer) comment(format string, args ...any) {
	w.comments = append(w.comments, strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, fmt.Sprintf(format, args...)))
}

// operations collects what is promised.
func (w *writer) operations() {
	if w.doc.Paths == nil {
		return
	}
	paths := w.doc.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path]
		if item == nil {
			continue
		}
		all := item.Operations()
		for method := range all {
			if !slices.Contains(methods, method) {
				w.comment("%s %s: script cannot use the method", method, path)
			}
		}
		for _, method := range methods {
			if operation := all[method]; operation != nil {
				w.operation(method, path, item, operation)
			}
		}
	}
}

// operation adds the promises of one operation.
func (w *writer) operation(method, path string, item *openapi3.PathItem, operation *openapi3.Operation) {
	name := operation.OperationID
	if name == "" {
		name = operation.Summary
	}
	p := promise{name: strings.Join(strings.Fields(name), " ")}
	p.Method = method
	parameters := w.parameters(item, operation)
	p.Path = w.baseOf(item, operation) + expand(path, parameters)
	for _, parameter := range parameters {
		if problem := addParameter(&p.Promise, parameter); problem != "" {
			w.comment("%s %s: %s", method, path, problem)
		}
	}
	if problem := addBody(&p.Promise, operation); problem != "" {
		w.comment("%s %s: %s", method, path, problem)
		return
	}
	if !w.options.HideHeaders {
		p.Expose = exposed(operation)
	}
	for _, secured := range w.secured(&p, operation, path) {
		if !slices.ContainsFunc(w.promises, func(q promise) bool { return q.String() == secured.String() }) {
			w.promises = append(w.promises, secured)
		}
	}
}

// parameters returns those of an operation and of its path, of which the operation's count.
func (w *writer) parameters(item *openapi3.PathItem, operation *openapi3.Operation) (list []*openapi3.Parameter) {
	for _, all := range []openapi3.Parameters{operation.Parameters, item.Parameters} {
		for _, ref := range all {
			if ref.Value != nil && !slices.ContainsFunc(list, func(p *openapi3.Parameter) bool { return p.Name == ref.Value.Name && p.In == ref.Value.In }) {
				list = append(list, ref.Value)
			}
		}
	}
	return list
}

// expand fills in the parameters of a path.
func expand(path string, parameters []*openapi3.Parameter) string {
	for _, p := range parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(exampleOf(p)))
		}
	}
	return strings.NewReplacer("{", "%7B", "}", "%7D", " ", "%20", "\t", "%09", `"`, "%22", "#", "%23").Replace(path)
}

// addParameter adds a parameter that the request must have. It returns what is wrong, "" for nothing.
func addParameter(p *contract.Promise, parameter *openapi3.Parameter) string {
	switch {
	case !parameter.Required || parameter.In == "path":
		return ""
	case parameter.In == "query":
		addQuery(p, parameter.Name, exampleOf(parameter))
	case parameter.In == "cookie":
		p.Credentials = true
	case parameter.In == "header":
		switch headers.Lower(parameter.Name) {
		case "accept", "content-type", "authorization":
			return "" // as OpenAPI has it, they follow from elsewhere
		}
		return addHeader(p, parameter.Name, exampleOf(parameter))
	}
	return ""
}

func addQuery(p *contract.Promise, name, value string) {
	separator := "?"
	if strings.Contains(p.Path, "?") {
		separator = "&"
	}
	p.Path += separator + url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

func addHeader(p *contract.Promise, name, value string) string {
	if headers.IsForbiddenRequestHeader(name, value) {
		return "script cannot set the header " + name + ", which the description requires"
	}
	if !headers.IsToken(name) {
		return fmt.Sprintf("%q is no header name", name)
	}
	if !p.Headers.Contains(name) {
		p.Headers.Append(name, strings.Map(printable, value))
	}
	return ""
}

func printable(r rune) rune {
	if r < ' ' || r > '~' {
		return -1
	}
	return r
}

// addBody adds a body of the first type that needs no other words than a contract has.
func addBody(p *contract.Promise, operation *openapi3.Operation) string {
	if operation.RequestBody == nil || operation.RequestBody.Value == nil || len(operation.RequestBody.Value.Content) == 0 {
		return ""
	}
	if p.Method == "GET" || p.Method == "HEAD" {
		if operation.RequestBody.Value.Required {
			return "browsers refuse a " + p.Method + " request that has a body"
		}
		return ""
	}
	types := slices.Sorted(maps.Keys(operation.RequestBody.Value.Content))
	for _, t := range types {
		if t == "application/json" {
			p.JSON = true
			return ""
		}
	}
	for _, t := range types {
		if essence(t) == "application/json" || strings.HasSuffix(essence(t), "+json") {
			p.JSON = true
			return addHeader(p, "Content-Type", t)
		}
	}
	switch first := types[0]; essence(first) {
	case "application/x-www-form-urlencoded":
		p.BodyType, p.Body = "form", "a=b"
	case "text/plain":
		p.BodyType, p.Body = "text", "x"
	case "multipart/form-data":
		p.BodyType, p.Body = "text", "--x--"
		return addHeader(p, "Content-Type", "multipart/form-data; boundary=x")
	default:
		if strings.Contains(first, "*") {
			first = "application/octet-stream"
		}
		p.BodyType, p.Body = "text", "x"
		return addHeader(p, "Content-Type", first)
	}
	return ""
}

func essence(mediaType string) string {
	essence, _, _ := strings.Cut(mediaType, ";")
	return headers.Lower(strings.TrimSpace(essence))
}

// exposed returns the response headers that script needs the server's permission to read, and that every
// successful response has.
func exposed(operation *openapi3.Operation) (names []string) {
	if operation.Responses == nil {
		return nil
	}
	all := operation.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(all)) {
		response := all[status].Value
		if !strings.HasPrefix(status, "2") || response == nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
			header := response.Headers[name].Value
			switch {
			case header == nil || !header.Required || !headers.IsToken(name):
			case headers.IsForbiddenResponseHeaderName(name) || headers.IsCORSSafelistedResponseHeaderName(headers.Lower(name), headers.TokenList{}):
			case !slices.ContainsFunc(names, func(n string) bool { return headers.EqualFold(n, name) }):
				names = append(names, name)
			}
		}
	}
	return names
}

// secured returns a promise for each of the alternatives of the security requirements.
func (w *writer) secured(p *promise, operation *openapi3.Operation, path string) (list []promise) {
	alternatives := w.doc.Security
	if operation.Security != nil {
		alternatives = *operation.Security
	}
	if len(alternatives) == 0 {
		return []promise{*p}
	}
	for _, alternative := range alternatives {
		q := *p
		q.Headers = p.Headers.Clone()
		usable := true
		for _, name := range slices.Sorted(maps.Keys(alternative)) {
			if problem := w.addScheme(&q.Promise, name); problem != "" {
				w.comment("%s %s: %s", p.Method, path, problem)
				usable = false
			}
		}
		if usable {
			list = append(list, q)
		}
	}
	return list
}

// addScheme adds what a security scheme needs. It returns why a page cannot use it, "" where it can.
func (w *writer) addScheme(p *contract.Promise, name string) string {
	var scheme *openapi3.SecurityScheme
	if w.doc.Components != nil && w.doc.Components.SecuritySchemes[name] != nil {
		scheme = w.doc.Components.SecuritySchemes[name].Value
	}
	if scheme == nil {
		return fmt.Sprintf("there is no security scheme %q", name)
	}
	switch scheme.Type {
	case "apiKey":
		switch scheme.In {
		case "cookie":
			p.Credentials = true
		case "query":
			addQuery(p, scheme.Name, "x")
		default:
			return addHeader(p, scheme.Name, "x")
		}
	case "http":
		value := map[string]string{"basic": "Basic eDp4", "bearer": "Bearer x"}[strings.ToLower(scheme.Scheme)]
		if value == "" {
			value = scheme.Scheme + " x"
		}
		return addHeader(p, "Authorization", value)
	case "oauth2", "openIdConnect":
		return addHeader(p, "Authorization", "Bearer x")
	case "mutualTLS":
		p.Credentials = true // a certificate of the client is one of the credentials
	default:
		return fmt.Sprintf("the security scheme %q is of the type %q, which is not known", name, scheme.Type)
	}
	return ""
}

// base returns the URL of the first of some servers, or what is wrong with it.
func (w *writer) base(servers openapi3.Servers) (base, problem string) {
	if len(servers) == 0 {
		return "", "the description has no server, so give the base"
	}
	base = servers[0].URL
	for name, variable := range servers[0].Variables {
		base = strings.ReplaceAll(base, "{"+name+"}", variable.Default)
	}
	base = strings.TrimSuffix(base, "/")
	if err := contract.CheckBase(base); err != nil {
		return "", fmt.Sprintf("the server of the description is %q, so give the base", servers[0].URL)
	}
	return base, ""
}

// baseOf returns the name of the base of an operation, with its colon, "" for that of the description.
func (w *writer) baseOf(item *openapi3.PathItem, operation *openapi3.Operation) string {
	servers := item.Servers
	if operation.Servers != nil {
		servers = *operation.Servers
	}
	if len(servers) == 0 {
		return ""
	}
	base, problem := w.base(servers)
	if problem != "" || base == w.defaultBase {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(w.bases)) {
		if w.bases[name] == base {
			return name + ":"
		}
	}
	name := fmt.Sprintf("server%d", len(w.bases)+2)
	w.bases[name] = base
	return name + ":"
}

// exampleOf returns a value that a parameter may have.
func exampleOf(p *openapi3.Parameter) string {
	if p.Example != nil {
		return fmt.Sprint(p.Example)
	}
	for _, name := range slices.Sorted(maps.Keys(p.Examples)) {
		if example := p.Examples[name].Value; example != nil && example.Value != nil {
			return fmt.Sprint(example.Value)
		}
	}
	if p.Schema == nil || p.Schema.Value == nil {
		return "1"
	}
	return exampleOfSchema(p.Schema.Value, maxDepth)
}

// maxDepth is how deep a schema is looked into, since it may be within itself.
const maxDepth = 16

// ofFormats are values of the formats that have a grammar.
var ofFormats = map[string]string{
	"uuid": "00000000-0000-4000-8000-000000000000", "date": "2026-01-02", "date-time": "2026-01-02T03:04:05Z", "email": "a@b.example",
	"uri": "https://a.example/", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "a.example",
}

func exampleOfSchema(s *openapi3.Schema, depth int) string {
	switch {
	case depth == 0:
		return "1"
	case s.Example != nil:
		return fmt.Sprint(s.Example)
	case s.Default != nil:
		return fmt.Sprint(s.Default)
	case len(s.Enum) > 0:
		return fmt.Sprint(s.Enum[0])
	case ofFormats[s.Format] != "":
		return ofFormats[s.Format]
	case s.Type.Is("boolean"):
		return "true"
	case s.Min != nil:
		return fmt.Sprint(*s.Min)
	case s.Type.Is("array") && s.Items != nil && s.Items.Value != nil:
		return exampleOfSchema(s.Items.Value, depth-1)
	}
	for _, refs := range []openapi3.SchemaRefs{s.AllOf, s.OneOf, s.AnyOf} {
		if len(refs) > 0 && refs[0].Value != nil {
			return exampleOfSchema(refs[0].Value, depth-1)
		}
	}
	return "1"
}

// text writes the contract.
func (w *writer) text() string {
	var b strings.Builder
	title := ""
	if w.doc.Info != nil {
		title = strings.Join(strings.Fields(w.doc.Info.Title+" "+w.doc.Info.Version), " ")
	}
	fmt.Fprintf(&b, "# Of the OpenAPI description %s. Change it into what is promised.\n", title)
	fmt.Fprintf(&b, "base %s\n", w.defaultBase)
	for _, name := range slices.Sorted(maps.Keys(w.bases)) {
		fmt.Fprintf(&b, "base %s %s\n", name, w.bases[name])
	}
	width := 0
	for _, p := range w.promises {
		width = max(width, min(len([]rune(p.String())), maxWidth))
	}
	for _, origin := range w.options.Origins {
		fmt.Fprintf(&b, "page %s\n", origin)
		for _, p := range w.promises {
			line(&b, p.String(), p.name, width)
		}
	}
	for _, origin := range w.options.Others {
		fmt.Fprintf(&b, "page %s\n", origin)
		for _, p := range w.promises {
			p.Block, p.Expose = true, nil
			line(&b, p.String(), p.name, width)
		}
	}
	slices.Sort(w.comments)
	for _, c := range slices.Compact(w.comments) {
		fmt.Fprintf(&b, "# Not promised: %s.\n", c)
	}
	return b.String()
}

// maxWidth is where the comments begin at the latest, except behind longer promises.
const maxWidth = 64

// line writes a promise, with the name of its operation as a comment.
func line(b *strings.Builder, promise, name string, width int) {
	if name != "" {
		promise += strings.Repeat(" ", max(width-len([]rune(promise)), 0)) + "  # " + name
	}
	b.WriteString("  " + promise + "\n")
}
