// Package observe finds out what real browsers do: it starts one, headless, in
// namespaces of its own, has it perform the steps of scenarios against scripted
// servers on loopback, and records their outcomes, in the formats of package
// scenario. [Generate] makes scenarios near the boundaries of the decisions that
// the standard has browsers make.
//
// A runner page drives the browser: it polls its own origin for the next step,
// performs it with fetch() or XMLHttpRequest, and posts what it saw.
package observe

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/internal/scenario"
	"github.com/corsim/corsim/weburl"
)

// Browsers are the names of the browsers that can be observed.
var Browsers = []string{"chromium", "firefox", "webkit"}

// profileLimit is after how many scenarios a browser gets a new profile.
const profileLimit = 1500

// How long the observer waits for a browser before it takes it to hang.
const (
	startPatience    = 60 * time.Second
	documentPatience = 15 * time.Second
	stepPatience     = stepTimeout + 5*time.Second
	consolePatience  = time.Second
)

// An Observer runs scenarios in browsers. It is for one goroutine.
type Observer struct {
	// Installed is the directory of the browsers that were installed; see [Install].
	Installed string
	// Progress, unless nil, is called after every scenario.
	Progress func(browser string, done, total int)

	dir       string // for what is to go with the observer
	log       io.Writer
	authority *authority
	server    *server
	launches  int
	drivers   map[string]driver // by what they were asked for as
	// hostsFiles are /etc/hosts for scenarios without address spaces and for those with them.
	hostsFiles [2]string
	located    bool              // the second is in place
	hosts      map[string]string // the addresses of those that are not on loopback, or may not be
	documents  int
}

// New returns an observer for scenarios whose hosts are those of the given ones.
// Log gets what browsers write apart from their consoles' messages. There can be
// one Observer a process, which must be isolated; see [Isolate].
func New(scenarios []*scenario.Scenario, log io.Writer) (*Observer, error) {
	hosts := make(map[string]string)
	for _, sc := range scenarios {
		_ = locate(sc, hosts) // what is said twice is an error of the scenario, later
	}
	dir, err := settle(hostsFile(scenarios, nil), append([]string{publicAddress, localAddress}, literalAddresses(scenarios)...))
	if err != nil {
		return nil, err
	}
	o := &Observer{dir: dir, log: &safeWriter{w: log}, hosts: hosts}
	o.hostsFiles = [2]string{hostsFile(scenarios, nil), hostsFile(scenarios, hosts)}
	if o.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "authority.pem"), o.authority.pem(), 0o644); err != nil {
		return nil, err
	}
	o.server = newServer(o.authority.config())
	o.server.address = "" // all that the interface has
	return o, nil
}

// Version returns the version of a browser that is installed.
func (o *Observer) Version(browser string) (string, error) {
	driver, err := o.driver(browser)
	if err != nil {
		return "", err
	}
	return driver.version()
}

// driver returns that of a browser such as "firefox", the machine's own, or "firefox@159", an installed one.
func (o *Observer) driver(browser string) (driver, error) {
	if d := o.drivers[browser]; d != nil {
		return d, nil
	}
	p, err := placeOf(o.Installed, browser)
	if err != nil {
		return nil, err
	}
	if p.root != "" {
		if err := enter(p.root, o.dir); err != nil {
			return nil, err
		}
	}
	name, _, _ := strings.Cut(browser, "@")
	if o.drivers == nil {
		o.drivers = make(map[string]driver)
	}
	o.drivers[browser] = drivers[name](p)
	return o.drivers[browser], nil
}

// Observe runs scenarios in a browser and returns their outcomes, in the same
// order. Many scenarios share one document, so it takes those of the same client
// together.
func (o *Observer) Observe(browser string, scenarios []*scenario.Scenario) ([]*scenario.Outcome, error) {
	order := make([]int, len(scenarios))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return strings.Compare(clientKey(&scenarios[a].Client), clientKey(&scenarios[b].Client))
	})
	driver, err := o.driver(browser)
	if err != nil {
		return nil, err
	}
	s := &session{Observer: o, driver: driver}
	defer s.stop()
	defer o.server.close()
	outcomes := make([]*scenario.Outcome, len(scenarios))
	for done, i := range order {
		outcome, err := s.observe(scenarios[i])
		if err != nil {
			return nil, err
		}
		outcomes[i] = outcome
		if o.Progress != nil {
			o.Progress(browser, done+1, len(scenarios))
		}
	}
	return outcomes, nil
}

// A session is a browser in its life, and those that replace it.
type session struct {
	*Observer
	driver   driver
	process  *process    // nil where none runs
	document *document   // that is loaded
	client   string      // whose document it is
	permits  permissions // what the user has said of local networks
	count    int         // of scenarios in this profile
	failures int         // of pages that could not be loaded, one after another
	marks    int
}

// maxFailures is how many pages in a row may not be loaded before the browser is taken to be broken.
const maxFailures = 3

// errHangs says that a browser did not answer in time.
var errHangs = errors.New("the browser hangs")

// observe runs a scenario. Where the browser ends or hangs, it tries once more
// with a new one; the error is that it cannot be started.
func (s *session) observe(sc *scenario.Scenario) (*scenario.Outcome, error) {
	ports, err := portsOf(sc)
	if err == nil {
		err = errors.Join(checkOrigin(&sc.Client), cannotObserve(sc), locate(sc, s.hosts))
	}
	if err == nil {
		_, err = frameOf(&sc.Client)
	}
	permits := permissionsOf(&sc.Client)
	if err != nil {
		return &scenario.Outcome{ID: sc.ID, Error: err.Error()}, nil
	}
	for attempt := 1; ; attempt++ {
		located := sc.Client.AddressSpace != ""
		if s.count >= profileLimit || s.permits != permits || s.located != located {
			s.stop()
		}
		if s.located != located {
			if err := os.WriteFile("/etc/hosts", []byte(s.hostsFiles[index(located)]), 0o644); err != nil {
				return nil, err
			}
		}
		s.permits, s.located = permits, located
		if err := s.server.listen(ports); err != nil {
			return nil, err
		}
		if err := s.visit(&sc.Client); err != nil {
			if attempt < 3 {
				fmt.Fprintf(s.log, "loading the page of %s: %v; starting anew\n", sc.ID, err)
				s.stop()
				continue
			}
			if s.failures++; s.failures < maxFailures && (errors.Is(err, errHangs) || errors.Is(err, errExited)) {
				s.stop()
				return &scenario.Outcome{ID: sc.ID, Error: "loading its page: " + err.Error()}, nil
			}
			return nil, fmt.Errorf("loading the page of %s: %w", sc.ID, err)
		}
		s.failures = 0
		s.count++
		outcome, err := s.scenario(sc)
		if err == nil {
			return outcome, nil
		}
		fmt.Fprintf(s.log, "%s: %v; starting anew\n", sc.ID, err)
		s.stop()
		if attempt == 2 {
			return &scenario.Outcome{ID: sc.ID, Error: err.Error()}, nil
		}
	}
}

// visit sees to it that a document of the client is loaded.
func (s *session) visit(c *scenario.Client) error {
	key := clientKey(c)
	if s.process != nil && s.client == key {
		return nil
	}
	for _, h := range c.HSTS {
		if err := s.visitHSTS(&h); err != nil {
			return err
		}
	}
	s.documents++
	document, urls, err := newClientDocument(s.documents, c)
	if err != nil {
		return err
	}
	return s.load(document, urls, key)
}

// visitHSTS has the user visit a host that wants https.
func (s *session) visitHSTS(h *scenario.KnownHSTSHost) error {
	url := "https://" + h.Host + "/"
	s.documents++
	document, urls, err := newClientDocument(s.documents, &scenario.Client{URL: url})
	if err != nil {
		return err
	}
	header := fmt.Sprintf("max-age=%d", h.MaxAge.Or(365*24*60*60))
	if h.IncludeSubDomains {
		header += "; includeSubDomains"
	}
	document.page = withHeader(document.page, "Strict-Transport-Security", header)
	return s.load(document, urls, url)
}

// withHeader adds a header to a response.
func withHeader(response []byte, name, value string) []byte {
	line, rest, _ := strings.Cut(string(response), "\r\n")
	return []byte(line + "\r\n" + name + ": " + value + "\r\n" + rest)
}

// load loads a document at the first of its URLs.
func (s *session) load(document *document, urls []string, key string) error {
	s.server.open(document, urls...)
	patience := documentPatience
	if s.process == nil {
		if err := s.start(urls[0]); err != nil {
			return err
		}
		patience = startPatience
	} else {
		select {
		case s.document.commands <- command{Navigate: &urls[0]}:
		case <-time.After(documentPatience):
			return errHangs
		case <-s.process.exited:
			return errExited
		}
	}
	s.document, s.client = document, key
	if _, err := s.hear(patience); err != nil {
		return err
	}
	return nil
}

// hear waits for the document's next message.
func (s *session) hear(patience time.Duration) (*reply, error) {
	select {
	case m := <-s.document.messages:
		return m.Reply, nil
	case <-s.process.exited:
		return nil, errExited
	case <-time.After(patience):
		return nil, errHangs
	}
}

func (s *session) start(url string) error {
	s.launches++
	dir := filepath.Join(s.dir, strconv.Itoa(s.launches))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	var err error
	s.process, err = s.driver.start(&launch{
		dir: dir, url: url, authority: filepath.Join(s.dir, "authority.pem"),
		fingerprint: s.authority.fingerprint(), log: s.log, permits: s.permits, localNetworks: s.located,
	})
	s.count = 0
	if err != nil {
		s.process = nil
	}
	return err
}

func (s *session) stop() {
	if s.process == nil {
		return
	}
	s.process.kill()
	s.document.close()
	s.process = nil
	os.RemoveAll(filepath.Join(s.dir, strconv.Itoa(s.launches)))
}

// scenario runs a scenario in the document that is loaded.
func (s *session) scenario(sc *scenario.Scenario) (*scenario.Outcome, error) {
	client, err := weburl.Parse(sc.Client.URL)
	if err != nil {
		return &scenario.Outcome{ID: sc.ID, Error: "the client's URL: " + err.Error()}, nil
	}
	running := &running{prefix: newPrefix(), servers: scenario.NewServers(sc)}
	s.server.begin(running)
	defer s.server.end()
	outcome := &scenario.Outcome{ID: sc.ID}
	s.process.forget()
	for i := range sc.Steps {
		step := &sc.Steps[i]
		if !slices.Contains(destinations, step.Destination) {
			problem := fmt.Sprintf("step %d: the observer cannot ask for the destination %q, only for script, style, image and font", i, step.Destination)
			return &scenario.Outcome{ID: sc.ID, Error: problem}, nil
		}
		time.Sleep(step.Wait)
		s.server.next(step)
		o := newOrder(step, running.prefix.addSocket(step.URL, client))
		o.First = i == 0
		s.marks++
		o.Mark = fmt.Sprintf("%s step %d;", s.process.mark, s.marks)
		select {
		case s.document.commands <- command{Step: o}:
		case <-time.After(documentPatience):
			return nil, errHangs
		case <-s.process.exited:
			return nil, errExited
		}
		seen, err := s.hear(stepPatience)
		if err != nil || seen == nil {
			return nil, errors.Join(fmt.Errorf("no answer to step %d", i), err)
		}
		console, ok := s.process.collect(o.Mark, consolePatience)
		if !ok {
			fmt.Fprintf(s.log, "%s: the console did not show the mark after step %d\n", sc.ID, i)
		}
		if isOfElement(step) {
			s.server.quiet(quietTime)
		}
		requests, err := s.server.requests()
		if err != nil {
			return &scenario.Outcome{ID: sc.ID, Error: err.Error()}, nil
		}
		outcome.Steps = append(outcome.Steps, seen.outcome(running.prefix, requests, console))
	}
	return outcome, nil
}

// quietTime is how long no request may have come before a step of an element is over: it may ask for more after its event.
const quietTime = 60 * time.Millisecond

// isOfElement reports whether a step is of another API than fetch() and XMLHttpRequest.
func isOfElement(s *scenario.Step) bool {
	return s.API != scenario.APIFetch && s.API != scenario.APIXHR
}

// clientKey tells documents apart.
func clientKey(c *scenario.Client) string {
	opaque := c.Origin == "null"
	top := c.TopLevel
	if top == "" {
		top = c.URL
	}
	key := fmt.Sprintf("%s %q %q %v", c.URL, top, c.ReferrerPolicy, opaque)
	if !isPlain(&c.Environment) || c.HSTS != nil || c.LocalNetwork != "" || c.LoopbackNetwork != "" {
		key = fmt.Sprintf("%s%s %s %+v", c.LocalNetwork, c.LoopbackNetwork, key, c.Environment) // those of one permission together
	}
	if c.AddressSpace != "" {
		key = "located " + key // after all others
	}
	return key
}

func index(second bool) int {
	if second {
		return 1
	}
	return 0
}

// checkOrigin reports an origin that a document at the client's URL cannot have.
func checkOrigin(c *scenario.Client) error {
	u, err := weburl.Parse(c.URL)
	if err != nil {
		return err
	}
	if own := u.Origin().String(); c.Origin != "" && c.Origin != "null" && c.Origin != own {
		return fmt.Errorf("a document at %s cannot have the origin %s, only %s or null", c.URL, c.Origin, own)
	}
	return nil
}

// portsOf returns the ports that are listened on for a scenario, and for which
// of http and https: those of its servers and of its client's documents.
func portsOf(sc *scenario.Scenario) (map[int][2]bool, error) {
	ports := map[int][2]bool{}
	add := func(url string) error {
		u, err := weburl.Parse(url)
		if err != nil {
			return err
		}
		if !u.IsHTTP() {
			return fmt.Errorf("no server can be at %s: it is no http or https URL", url)
		}
		schemes := ports[u.EffectivePort()]
		if u.Scheme() == "https" {
			schemes[1] = true
		} else {
			schemes[0] = true
		}
		ports[u.EffectivePort()] = schemes
		return nil
	}
	urls := []string{sc.Client.URL}
	if sc.Client.TopLevel != "" {
		urls = append(urls, sc.Client.TopLevel)
	}
	for _, url := range urls {
		if err := add(url); err != nil {
			return nil, fmt.Errorf("the client: %w", err)
		}
	}
	for _, h := range sc.Client.HSTS {
		if err := add("https://" + h.Host + "/"); err != nil {
			return nil, fmt.Errorf("the host %s: %w", h.Host, err)
		}
	}
	for i := range sc.Servers {
		if err := add(sc.Servers[i].URL); err != nil {
			return nil, fmt.Errorf("server %d: %w", i, err)
		}
	}
	return ports, nil
}

// hostsFile returns an /etc/hosts in which every host that is asked anything is
// this machine, at its address of those that are given, or at 127.0.0.1.
func hostsFile(scenarios []*scenario.Scenario, addresses map[string]string) string {
	hosts := map[string]bool{"localhost": true}
	add := func(base *weburl.URL, ref string) *weburl.URL {
		u, err := base.Parse(ref)
		if err != nil || !u.IsHTTP() {
			return nil
		}
		last := u.Host()[len(u.Host())-1]
		if isIP := last == ']' || '0' <= last && last <= '9'; !isIP {
			hosts[u.Host()] = true
		}
		return u
	}
	for _, sc := range scenarios {
		client := add(nil, sc.Client.URL)
		add(nil, sc.Client.TopLevel)
		for _, h := range sc.Client.HSTS {
			add(nil, "https://"+h.Host+"/")
		}
		for i := range sc.Servers {
			server := add(nil, sc.Servers[i].URL)
			for _, a := range sc.Servers[i].Answers {
				for _, location := range a.Headers.Values("location") {
					add(server, location)
				}
			}
		}
		for i := range sc.Steps {
			add(client, sc.Steps[i].URL)
		}
	}
	var b strings.Builder
	for _, host := range slices.Sorted(maps.Keys(hosts)) {
		address := addresses[host]
		if address == "" {
			address = loopbackAddress
		}
		fmt.Fprintf(&b, "%s %s\n", address, host)
	}
	return b.String()
}
