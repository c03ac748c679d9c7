package scenario

import (
	"encoding/base64"
	"math"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Decode reads the one scenario that line holds, which may go over several
// lines. Its error is a *[LineError] that counts lines from the beginning of
// line. It may be called from several goroutines at once; see [Reader.NextRaw].
func Decode(line []byte) (*Scenario, error) { return Raw{1, line}.Decode() }

// Decode reads the scenario that r holds. Its error is a *[LineError].
func (r Raw) Decode() (*Scenario, error) {
	s := new(Scenario)
	if err := decode(r.Text, r.Line, false, s.read); err != nil {
		return nil, err
	}
	return s, nil
}

// DecodeScenario reads a scenario that stands alone, as in a request to simulate
// stdio. Unlike [Decode] it ignores unknown fields. Its error is a *[LineError]
// whose field is relative to the scenario.
func DecodeScenario(object []byte) (*Scenario, error) {
	s := new(Scenario)
	if err := decode(object, 1, true, s.read); err != nil {
		return nil, err
	}
	return s, nil
}

// DecodeClient reads a client that stands alone, as in a request to simulate
// stdio. Unlike [Decode] it ignores unknown fields. Its error is a *[LineError]
// whose field is relative to the client.
func DecodeClient(object []byte) (*Client, error) {
	c := new(Client)
	if err := decode(object, 1, true, c.read); err != nil {
		return nil, err
	}
	return c, nil
}

// DecodeStep reads a step that stands alone, as in a request to simulate stdio.
// Unlike [Decode] it ignores unknown fields. Its error is a *[LineError] whose
// field is relative to the step.
func DecodeStep(object []byte) (*Step, error) {
	s := new(Step)
	if err := decode(object, 1, true, s.read); err != nil {
		return nil, err
	}
	return s, nil
}

var (
	scenarioFields = []string{"id", "source", "client", "servers", "steps"}
	clientFields   = append([]string{"url", "origin", "referrerPolicy", "topLevel"}, environmentFields...)
	serverFields   = []string{"url", "answers", "addressSpace", "protocol"}
	answerFields   = []string{"method", "status", "headers", "body", "times", "raw", "truncated", "interim", "trailers", "reset", "goaway"}
	stepFields     = []string{
		"api", "url", "method", "headers", "body", "bodyBase64", "contentTypeFromBody", "mode", "credentials", "redirect",
		"referrer", "referrerPolicy", "cache", "integrity", "keepalive", "destination", "withCredentials", "uploadListener",
		"targetAddressSpace", "user", "password", "waitMs",
		"crossorigin", "fetchPriority", "as", "type", "bodyType", "workerType", "enctype", "listenMs", "timing",
	}
)

func (s *Scenario) read(d *decoder) error {
	var client, steps bool
	start, err := d.object(scenarioFields, func(d *decoder, name string) error {
		switch name {
		case "id":
			return d.string(&s.ID)
		case "source":
			return d.string(&s.Source)
		case "client":
			client = true
			return s.Client.read(d)
		case "servers":
			d.servers = d.servers[:0]
			err := d.list(readServer)
			s.Servers = take(&d.servers)
			return err
		case "steps":
			steps = true
			d.steps = d.steps[:0]
			err := d.list(func(d *decoder) error {
				d.steps = append(d.steps, Step{})
				return d.steps[len(d.steps)-1].read(d)
			})
			s.Steps = take(&d.steps)
			return err
		}
		return errUnknown
	})
	switch {
	case err != nil:
		return err
	case !client:
		return d.missing(start, "client", "it says who asks")
	case !steps:
		return d.missing(start, "steps", "it says what is asked")
	}
	return nil
}

func (c *Client) read(d *decoder) error {
	start, err := d.object(clientFields, func(d *decoder, name string) error {
		switch name {
		case "url":
			return d.nonEmpty(&c.URL, "it is the URL of the document that asks")
		case "origin":
			return d.nonEmpty(&c.Origin, `give an origin, give "null" for an opaque one, or leave it out for that of url`)
		case "referrerPolicy":
			return d.string(&c.ReferrerPolicy)
		case "topLevel":
			return d.nonEmpty(&c.TopLevel, "give a URL, or leave it out for url")
		}
		return c.Environment.field(d, name)
	})
	if err == nil && c.URL == "" {
		err = d.missing(start, "url", "it is the URL of the document that asks")
	}
	return err
}

func readServer(d *decoder) error {
	var server Server
	start, err := d.object(serverFields, func(d *decoder, name string) error {
		switch name {
		case "url":
			return d.nonEmpty(&server.URL, "it is the URL that is answered")
		case "answers":
			d.answers = d.answers[:0]
			err := d.list(readAnswer)
			server.Answers = take(&d.answers)
			return err
		case "addressSpace":
			return d.oneOf(&server.AddressSpace, AddressSpaces)
		case "protocol":
			return d.oneOf(&server.Protocol, []string{"h2"})
		}
		return errUnknown
	})
	if err == nil && server.URL == "" {
		err = d.missing(start, "url", "it is the URL that is answered")
	}
	d.servers = append(d.servers, server)
	return err
}

func readAnswer(d *decoder) error {
	answer := Answer{Method: "*", Status: 200}
	_, err := d.object(answerFields, func(d *decoder, name string) (err error) {
		var n int64
		var notBytes *LineError
		switch name {
		case "method":
			return d.nonEmpty(&answer.Method, `give a method, or "*" for any`)
		case "status":
			n, err = d.number(100, 999, "a whole number from 100 to 999")
			answer.Status = int(n)
		case "headers":
			answer.Headers, notBytes, err = d.headerList()
		case "body":
			answer.Body, notBytes, err = d.byteString()
		case "raw":
			answer.Raw, notBytes, err = d.byteString()
		case "truncated":
			return d.bool(&answer.Truncated)
		case "times":
			n, err = d.number(1, math.MaxInt32, "a whole number from 1 on")
			answer.Times = int(n)
		case "interim":
			return d.list(func(d *decoder) error {
				in, err := readInterim(d)
				answer.Interim = append(answer.Interim, in)
				return err
			})
		case "trailers":
			answer.Trailers, notBytes, err = d.headerList()
		case "reset":
			return d.oneOf(&answer.Reset, resetCodes)
		case "goaway":
			return d.bool(&answer.GoAway)
		default:
			return errUnknown
		}
		if answer.NotBytes == nil {
			answer.NotBytes = notBytes
		}
		return err
	})
	d.answers = append(d.answers, answer)
	return err
}

func (s *Step) read(d *decoder) error {
	s.API = APIFetch
	hasURL := false // which may be "", the client's own
	start, err := d.object(stepFields, func(d *decoder, name string) (err error) {
		switch name {
		case "api":
			raw, err := d.raw(jsontext.KindString, "a string")
			if err != nil {
				return err
			}
			if s.API = d.unquote(raw); !isAPI(s.API) {
				return d.problem(len(raw), `must be "fetch", "xhr" or another API that asks, such as "img", not `+quote(s.API))
			}
			return nil
		case "url":
			hasURL = true
			return d.string(&s.URL)
		case "method":
			return d.optional(&s.Method)
		case "headers":
			s.Headers, s.NotByteString, err = d.headerList()
			return err
		case "body":
			if s.BodyBytes != nil {
				return d.twoBodies()
			}
			return d.optional(&s.Body)
		case "bodyBase64":
			if s.Body.Given {
				return d.twoBodies()
			}
			return d.base64(&s.BodyBytes)
		case "contentTypeFromBody":
			s.ContentTypeFromBody.Given = true
			return d.bool(&s.ContentTypeFromBody.Value)
		case "mode":
			return d.optional(&s.Mode)
		case "credentials":
			return d.optional(&s.Credentials)
		case "redirect":
			return d.optional(&s.Redirect)
		case "referrer":
			return d.optional(&s.Referrer)
		case "referrerPolicy":
			return d.optional(&s.ReferrerPolicy)
		case "cache":
			return d.optional(&s.Cache)
		case "integrity":
			return d.string(&s.Integrity)
		case "keepalive":
			return d.bool(&s.Keepalive)
		case "destination":
			return d.string(&s.Destination)
		case "withCredentials":
			return d.bool(&s.WithCredentials)
		case "uploadListener":
			return d.bool(&s.UploadListener)
		case "targetAddressSpace":
			return d.optional(&s.TargetAddressSpace)
		case "user":
			return d.optional(&s.User)
		case "password":
			return d.optional(&s.Password)
		case "crossorigin":
			return d.optional(&s.CrossOrigin)
		case "fetchPriority":
			return d.optional(&s.FetchPriority)
		case "as":
			return d.optional(&s.As)
		case "type":
			return d.optional(&s.Type)
		case "bodyType":
			return d.optional(&s.BodyType)
		case "workerType":
			return d.optional(&s.WorkerType)
		case "enctype":
			return d.optional(&s.Enctype)
		case "listenMs":
			s.Listen.Given = true
			s.Listen.Value, err = d.number(0, math.MaxInt32, "a whole number of milliseconds from 0 on")
			return err
		case "timing":
			return d.bool(&s.Timing)
		case "waitMs":
			n, err := d.number(0, math.MaxInt64/int64(time.Millisecond), "a whole number of milliseconds from 0 on")
			s.Wait = time.Duration(n) * time.Millisecond
			return err
		}
		return errUnknown
	})
	if err == nil && !hasURL {
		err = d.missing(start, "url", "it is what is asked for")
	}
	return err
}

// twoBodies returns the error for the second of body and bodyBase64.
func (d *decoder) twoBodies() error {
	raw, err := d.dec.ReadValue()
	if err != nil {
		return d.syntax(err)
	}
	return d.problem(len(raw), "body and bodyBase64 are both given; give one")
}

func (d *decoder) base64(to *[]byte) error {
	raw, err := d.raw(jsontext.KindString, "a string")
	if err != nil {
		return err
	}
	s := d.unquote(raw)
	*to = make([]byte, base64.StdEncoding.DecodedLen(len(s)))
	n, err := base64.StdEncoding.Decode(*to, []byte(s))
	*to = (*to)[:n]
	if err != nil {
		return d.problem(len(raw), "is not base64: "+err.Error())
	}
	return nil
}
