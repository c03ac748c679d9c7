package replay

import (
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/record"
)

// A begunReader is a recording of which the first entries have been read already, to find out of which version the
// recorded browser was.
type begunReader struct {
	*record.Reader
	first    []record.Raw
	err      error // after them
	recorded *browser.Engine
}

// maxBegun is how many entries are looked at for a User-Agent.
const maxBegun = 32

// begin reads the first entries of a recording, except of one whose entries may be late.
func begin(in *record.Reader, options *Options) *begunReader {
	b := &begunReader{Reader: in}
	if options.Independent {
		return b
	}
	for len(b.first) < maxBegun && b.recorded == nil && b.err == nil {
		raw, err := in.NextRaw()
		if err != nil {
			b.err = err
			break
		}
		b.first = append(b.first, raw)
		b.recorded = recordedEngine(in.Log(), raw)
	}
	options.recorded = b.recorded
	return b
}

// NextRaw returns the next entry.
func (b *begunReader) NextRaw() (record.Raw, error) {
	if len(b.first) > 0 {
		raw := b.first[0]
		b.first = b.first[1:]
		return raw, nil
	}
	if b.err != nil {
		return record.Raw{}, b.err
	}
	return b.Reader.NextRaw()
}

// recorderOf returns the habits of who wrote the recording, with the engine of the version that was recorded.
func (b *begunReader) recorderOf(log record.Log) recorder {
	rec := recorderOf(log)
	if b.recorded != nil && rec.engine.Name() == b.recorded.Name() {
		rec.engine = b.recorded
	}
	return rec
}

// recordedEngine returns the engine of the version that was recorded: that of a Firefox which says its own, or which a request
// of a recording by a browser names. It is nil where that is not known, or no engine of the version.
func recordedEngine(log record.Log, raw record.Raw) *browser.Engine {
	engine := recorderOf(log).engine
	if engine == nil {
		return nil
	}
	name, version := engine.Name(), ""
	switch {
	case log.Creator == "Firefox" && name == "firefox":
		version = log.CreatorVersion
	case log.BrowserVersion != "" && name != "webkit":
		version = log.BrowserVersion
	default:
		e, err := raw.Decode()
		if err != nil {
			return nil
		}
		agent, _ := e.Request.Headers.Get("user-agent")
		name, version = productOf(name, agent)
	}
	release, _, _ := strings.Cut(version, ".")
	if name == "safari" {
		release = version
	}
	found, err := browser.Find(name + "@" + release)
	if err != nil {
		return nil
	}
	return found
}

// productOf returns the browser, as package browser names it, and the version that a User-Agent tells of an engine.
func productOf(engine, agent string) (name, version string) {
	mark, name := map[string]string{"chromium": "Chrome/", "firefox": "Firefox/", "webkit": "Version/"}[engine], engine
	_, rest, ok := strings.Cut(agent, mark)
	if !ok || mark == "" {
		return engine, ""
	}
	version, _, _ = strings.Cut(rest, " ")
	if engine == "webkit" {
		name = "safari"
	}
	return name, version
}
