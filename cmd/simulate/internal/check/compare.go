package check

import (
	"context"
	"io"
	"strings"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/internal/explain"
)

// RunAll does a check once for each engine, one after the other, so that a server
// gets the requests as often. The timeout is for all of them together.
func RunAll(ctx context.Context, o Options, engines []*browser.Engine) ([]*Report, error) {
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var reports []*Report
	for _, engine := range engines {
		o.Engine = engine
		report, err := Run(ctx, o)
		if err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// Compare writes a line where all reports agree, and otherwise a line for each.
func Compare(w io.Writer, reports []*Report, view View) error {
	p := &printer{view: view, redact: redactorOf(view, reports...)}
	agree, names := true, make([]string, len(reports))
	longest := 0
	for i, r := range reports {
		agree = agree && r.Verdict == reports[0].Verdict && r.Summary() == reports[0].Summary()
		names[i] = r.Browser
		longest = max(longest, len(r.Browser))
	}
	if agree && len(reports) > 0 {
		p.linef("%s  by all of %s: %s", p.verdict(reports[0].Verdict), strings.Join(names, ", "), p.safe(reports[0].Summary()))
	} else {
		for _, r := range reports {
			padding := strings.Repeat(" ", max(0, len(Undecidable)-len(r.Verdict)))
			p.linef("%-*s  %s%s  %s", longest, r.Browser, p.verdict(r.Verdict), padding, p.safe(r.Summary()))
		}
	}
	for _, r := range reports { // what keeps one of them from it, and what to do
		if r.Explanation != nil || len(r.Besides) > 0 {
			p.told(r)
			break
		}
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// RunEach does a check as each of several initiators, "fetch" and "xhr" among them, one after the other.
func RunEach(ctx context.Context, o Options, as []string, engine *browser.Engine) ([]*Report, error) {
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	o.Engine = engine
	var reports []*Report
	for _, name := range as {
		one := o
		if one.As = strings.TrimSpace(name); one.As == "fetch" || one.As == "xhr" {
			one.As, one.CrossOrigin, one.Integrity = "", nil, ""
		} else if i := explain.FindInitiator(one.As); i != nil && !i.Attribute {
			one.CrossOrigin = nil
		}
		report, err := Run(ctx, one)
		if err != nil {
			return nil, err
		}
		report.name = strings.TrimSpace(name)
		reports = append(reports, report)
	}
	return reports, nil
}

// CompareEach writes a line for each of the reports of [RunEach], and then what keeps the first that failed from it.
func CompareEach(w io.Writer, reports []*Report, view View) error {
	p := &printer{view: view, redact: redactorOf(view, reports...)}
	longest := 0
	for _, r := range reports {
		longest = max(longest, len(r.name))
	}
	if len(reports) > 0 {
		p.linef("%s, in a page of %s", p.safe(reports[0].URL), reports[0].Origin)
	}
	var failed *Report
	for _, r := range reports {
		summary := r.Summary()
		if r.Failure != nil && r.Initiator != nil {
			summary = r.Initiator.Failed + ": " + summary
		} else if r.Failure != nil {
			summary = "script gets an error: " + summary
		}
		padding := strings.Repeat(" ", max(0, len(Undecidable)-len(r.Verdict)))
		p.linef("  %-*s  %s%s  %s", longest, r.name, p.verdict(r.Verdict), padding, p.safe(summary))
		if failed == nil && r.Failure != nil {
			failed = r
		}
	}
	for _, r := range reports {
		if r.Opaque {
			p.linef("What an element shows or plays CORS does not forbid, only reading it: \"%s\" loads, and the page cannot read it.", r.name)
			break
		}
	}
	if failed != nil {
		p.linef("Why %s fails", failed.name)
		p.told(failed)
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}
