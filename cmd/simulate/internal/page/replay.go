package page

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/cmd/simulate/internal/check"
	"github.com/corsim/corsim/cmd/simulate/internal/recordings"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/record"
	"github.com/corsim/corsim/internal/replay"
	"github.com/corsim/corsim/internal/replay/report"
	"github.com/corsim/corsim/internal/replay/share"
	"github.com/corsim/corsim/origin"
)

// recorded is what the form for recordings says.
type recorded struct {
	// Browsers names the engines; none is all of them.
	Browsers []string `json:"browsers"`
	// All lists also what is not subject to CORS.
	All bool `json:"all"`
	// Origin and Credentials say what if.
	Origin      string `json:"origin"`
	Credentials string `json:"credentials"`
	Format      string `json:"format"`
	// URL, Method and Headers are of the request of responses that were recorded alone.
	URL     string `json:"url"`
	Method  string `json:"method"`
	Headers string `json:"headers"`
	// JSON writes a line for each request instead of the report.
	JSON bool `json:"json"`
}

// judged says what the report is about.
type judged struct {
	Requests int            `json:"requests"`
	Outcome  string         `json:"outcome"`
	Problems []string       `json:"problems"`
	Count    int            `json:"problemCount"`
	Unasked  int            `json:"unasked"`
	Format   string         `json:"format"`
	totals   *report.Totals `json:"-"`
}

var errNoFile = errors.New("there is no recording: drop a file, or choose one")

// options reads the form.
func (in *recorded) options() (o replay.Options, r record.Options, err error) {
	o.Engines = browser.All()
	if len(in.Browsers) > 0 {
		o.Engines = nil
	}
	for _, name := range in.Browsers {
		engine, err := browser.Find(name)
		if err != nil {
			return o, r, err
		}
		o.Engines = append(o.Engines, engine)
	}
	if in.Origin != "" {
		page, err := origin.Parse(strings.TrimSuffix(in.Origin, "/"))
		if err != nil {
			return o, r, err
		}
		o.Origin = page.String()
	}
	if in.Credentials != "" {
		if o.Credentials, err = recordings.CredentialsNamed(in.Credentials); err != nil {
			return o, r, err
		}
	}
	if in.Format != "" {
		if r.Format, err = record.FormatNamed(in.Format); err != nil {
			return o, r, err
		}
	}
	list, err := headerLines(in.Headers)
	if err != nil {
		return o, r, err
	}
	for i := range list {
		list[i].Name = headers.Lower(list[i].Name)
	}
	r.Request, err = recordings.Asked(record.Request{URL: in.URL, Method: in.Method, Headers: list})
	return o, r, err
}

// maxRows is how many requests are listed: what a browser lays out without a pause.
const maxRows = 400

// maxProblems is how many of the entries that cannot be read are named beside the report.
const maxProblems = 20

func replayFile(ctx context.Context, c *Call, in *recorded) (any, error) {
	if c.File == nil {
		return nil, errNoFile
	}
	options, recording, err := in.options()
	if err != nil {
		return nil, err
	}
	file, err := c.open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	recording.Again = c.File.Open
	reader, err := record.NewReader(file, recording)
	if err != nil {
		return nil, err
	}
	about := &report.Options{Assumptions: options.Assumptions()}
	html := &report.HTML{Out: c.Out, Options: about, All: in.All, MaxRows: maxRows}
	html.Begin(c.File.Name)
	out := &judged{Problems: []string{}, Format: reader.Format().String(), totals: new(report.Totals)}
	bad := func(err error) {
		html.Bad(err)
		if out.Count++; out.Count <= maxProblems {
			out.Problems = append(out.Problems, about.Message(err))
		}
	}
	type result struct {
		*replay.Result
		line []byte
	}
	each := func(r *replay.Result) result {
		if in.JSON {
			return result{r, append(report.Line(nil, r, about), '\n')}
		}
		return result{r, nil}
	}
	for r, err := range replay.Judge(ctx, reader, options, each) {
		if err != nil {
			bad(err)
			if _, one := errors.AsType[*record.EntryError](err); in.JSON && one {
				c.Out.Write(append(report.BadLine(nil, err, about), '\n'))
			}
			continue
		}
		out.Requests++
		if r.Exchange.Fidelity.Has(record.RequestMissing) && recording.Request == nil {
			out.Unasked++
		}
		out.totals.Add(r.Result)
		if !in.JSON {
			html.Add(r.Result)
		} else if _, err := c.Out.Write(r.line); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	out.Outcome = out.totals.Outcome().String()
	if in.JSON {
		return out, nil
	}
	return out, html.Finish()
}

// open opens the recording, and has its progress told.
func (c *Call) open() (io.ReadCloser, error) {
	file, err := c.File.Open()
	if err != nil || c.File.Progress == nil {
		return file, err
	}
	return &counted{ReadCloser: file, progress: c.File.Progress}, nil
}

// counted tells how much is read of a file.
type counted struct {
	io.ReadCloser
	n        int64
	progress func(int64)
}

// Read reads, and tells.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	c.progress(c.n)
	return n, err
}

// redacted says what came of writing a copy.
type redacted struct {
	Problems []string `json:"problems"`
}

func redactFile(_ context.Context, c *Call, in *recorded) (any, error) {
	if c.File == nil {
		return nil, errNoFile
	}
	_, recording, err := in.options()
	if err != nil {
		return nil, err
	}
	recording.Again = c.File.Open
	out, about := &redacted{Problems: []string{}}, new(report.Options)
	bad := func(err error) {
		if text := about.Message(err); len(out.Problems) < maxProblems && !slices.Contains(out.Problems, text) {
			out.Problems = append(out.Problems, text)
		}
	}
	err = share.Share(c.Out, func() (*record.Reader, error) {
		file, err := c.open()
		if err != nil {
			return nil, err
		}
		return record.NewReader(file, recording)
	}, bad)
	if _, cut := errors.AsType[*record.SyntaxError](err); cut {
		bad(err) // what could be read is shared
		err = nil
	}
	return out, err
}

// headerLines reads headers, one a line, as curl's -H does.
func headerLines(text string) (headers.List, error) {
	var list headers.List
	for line := range strings.Lines(text) {
		if line = strings.Trim(line, " \t\r\n"); line == "" {
			continue
		}
		h, err := check.ParseHeader(line)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, nil
}
