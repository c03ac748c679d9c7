package scenario

import "math"

// DecodeOutcome reads the one outcome that line holds. Its error is a
// *[LineError] that counts lines from the beginning of line. It may be called
// from several goroutines at once.
func DecodeOutcome(line []byte) (*Outcome, error) { return Raw{1, line}.DecodeOutcome() }

// DecodeOutcome reads the outcome that r holds. Its error is a *[LineError].
func (r Raw) DecodeOutcome() (*Outcome, error) {
	o := new(Outcome)
	if err := decode(r.Text, r.Line, false, o.read); err != nil {
		return nil, err
	}
	return o, nil
}

var (
	outcomeFields     = []string{"id", "error", "steps"}
	stepOutcomeFields = []string{
		"result", "type", "status", "statusText", "url", "redirected", "headers", "body", "requests", "console", "reason",
		"tainted", "muted", "rules", "applied", "queued", "readable", "timing", "opened", "readyState", "messages",
	}
	requestFields = []string{"method", "url", "headers"}
)

func (o *Outcome) read(d *decoder) error {
	steps := false
	start, err := d.object(outcomeFields, func(d *decoder, name string) error {
		switch name {
		case "id":
			return d.string(&o.ID)
		case "error":
			return d.nonEmpty(&o.Error, "leave it out where the scenario could be measured")
		case "steps":
			steps = true
			d.outcomes = d.outcomes[:0]
			err := d.list(readStepOutcome)
			o.Steps = take(&d.outcomes)
			return err
		}
		return errUnknown
	})
	if err == nil && !steps && o.Error == "" {
		err = d.missing(start, "steps", "it says what came of each step")
	}
	return err
}

func readStepOutcome(d *decoder) error {
	var o StepOutcome
	start, err := d.object(stepOutcomeFields, func(d *decoder, name string) (err error) {
		var notBytes *LineError
		switch name {
		case "result":
			return d.nonEmpty(&o.Result, "it says how the step ended")
		case "type":
			return d.string(&o.Type)
		case "status":
			n, err := d.number(0, math.MaxInt32, "a whole number from 0 on")
			o.Status = int(n)
			return err
		case "statusText":
			o.StatusText, notBytes, err = d.byteString()
		case "url":
			return d.string(&o.URL)
		case "redirected":
			return d.bool(&o.Redirected)
		case "headers":
			o.Headers, notBytes, err = d.headerList()
		case "body":
			o.Body.Given = true
			o.Body.Value, notBytes, err = d.byteString()
		case "requests":
			d.requests = d.requests[:0]
			err = d.list(readRequest)
			o.Requests = take(&d.requests)
			return err
		case "console":
			d.strings = d.strings[:0]
			err = d.list(func(d *decoder) error {
				d.strings = append(d.strings, "")
				return d.string(&d.strings[len(d.strings)-1])
			})
			o.Console = take(&d.strings)
			return err
		case "reason":
			return d.string(&o.Reason)
		case "messages":
			o.Loaded.Messages = []EventMessage{}
			return d.list(func(d *decoder) error {
				var m EventMessage
				i := 0
				err := d.list(func(d *decoder) error {
					i++
					return d.string(&m[min(i-1, len(m)-1)])
				})
				o.Loaded.Messages = append(o.Loaded.Messages, m)
				return err
			})
		default:
			return o.Loaded.read(d, name)
		}
		return firstError(err, notBytes)
	})
	if err == nil && o.Result == "" {
		err = d.missing(start, "result", "it says how the step ended")
	}
	d.outcomes = append(d.outcomes, o)
	return err
}

// read reads a member that is a truth value or a number.
func (l *Loaded) read(d *decoder, name string) (err error) {
	for _, f := range l.bools() {
		if f.name == name {
			f.value.Given = true
			return d.bool(&f.value.Value)
		}
	}
	for _, f := range l.numbers() {
		if f.name == name {
			f.value.Given = true
			f.value.Value, err = d.number(0, math.MaxInt32, "a whole number from 0 on")
			return err
		}
	}
	return errUnknown
}

func readRequest(d *decoder) error {
	var r Request
	_, err := d.object(requestFields, func(d *decoder, name string) (err error) {
		var notBytes *LineError
		switch name {
		case "method":
			return d.string(&r.Method)
		case "url":
			return d.string(&r.URL)
		case "headers":
			r.Headers, notBytes, err = d.headerList()
			return firstError(err, notBytes)
		}
		return errUnknown
	})
	d.requests = append(d.requests, r)
	return err
}

// firstError returns err, or notBytes where that is nil: an outcome is what was
// measured, and no measurement gives what is not bytes.
func firstError(err error, notBytes *LineError) error {
	if err == nil && notBytes != nil {
		return notBytes
	}
	return err
}
