package stdio

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/fetch"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/scenario"
)

// request is a Request object as script sees it.
type request struct {
	URL            string      `json:"url"`
	Method         string      `json:"method"`
	Headers        [][2]string `json:"headers"`
	Mode           string      `json:"mode"`
	Credentials    string      `json:"credentials"`
	Redirect       string      `json:"redirect"`
	Referrer       string      `json:"referrer"`
	ReferrerPolicy string      `json:"referrerPolicy"`
	Cache          string      `json:"cache"`
	Destination    string      `json:"destination"`
	Keepalive      bool        `json:"keepalive"`
}

// requestOp is the Request constructor, or open() and setRequestHeader() of an
// XMLHttpRequest.
func requestOp(m *message) (any, error) {
	var r struct {
		Client json.RawMessage            `json:"client"`
		Init   map[string]json.RawMessage `json:"init"`
		API    json.RawMessage            `json:"api"`
	}
	if err := m.read(&r); err != nil {
		return nil, err
	}
	page, err := newPage(r.Client)
	if err != nil {
		return nil, err
	}
	if r.Init == nil {
		return nil, errors.New("init: is missing")
	}
	if r.API != nil {
		r.Init["api"] = r.API
	}
	var made *fetch.Request
	if input, ok := r.Init["request"]; ok && string(input) != "null" {
		made, err = requestFrom(page, input, r.Init)
	} else {
		var step *scenario.Step
		if step, err = decodeInit(r.Init); err == nil {
			if step.API == scenario.APIXHR && step.Method.Given && step.Method.Value == "" {
				return thrown{"SyntaxError", `method: "" is none`}, nil
			}
			made, err = step.Request(page)
		}
	}
	if cors.ReasonOf(err) == cors.InvalidArgument {
		return thrown{fetch.ExceptionName(err), problem(err)}, nil
	}
	if err != nil {
		return nil, err
	}
	return struct {
		Request request `json:"request"`
	}{request{
		made.URL(), made.Method(), pairs(made.Headers()), string(made.Mode()), string(made.Credentials()),
		string(made.Redirect()), made.Referrer(), string(made.ReferrerPolicy()), string(made.Cache()),
		string(made.Destination()), made.Keepalive(),
	}}, nil
}

// decodeInit reads the members of an init, which are the fields of a step.
func decodeInit(init map[string]json.RawMessage) (*scenario.Step, error) {
	text, err := json.Marshal(init)
	if err != nil {
		return nil, err
	}
	step, err := scenario.DecodeStep(text)
	if err != nil {
		return nil, within("init", err)
	}
	return step, nil
}

// requestFrom is new Request(request, init), the request being what an earlier
// answer had.
func requestFrom(page *fetch.Page, input json.RawMessage, members map[string]json.RawMessage) (*fetch.Request, error) {
	var earlier request
	if err := unmarshal(input, &earlier); err != nil {
		return nil, within("init.request", err)
	}
	list := make([][]string, 0, len(earlier.Headers))
	for _, pair := range earlier.Headers {
		list = append(list, pair[:])
	}
	fields, err := headerList("init.request.headers", list)
	if err != nil {
		return nil, err
	}
	from, err := fetch.NewRequest(page, earlier.URL, &fetch.Init{
		Method: earlier.Method, Headers: fields, Mode: fetch.Mode(earlier.Mode), Credentials: fetch.Credentials(earlier.Credentials),
		Redirect: fetch.Redirect(earlier.Redirect), Cache: fetch.CacheMode(earlier.Cache), Referrer: earlier.Referrer,
		NoReferrer: earlier.Referrer == "", ReferrerPolicy: fetch.ReferrerPolicy(earlier.ReferrerPolicy), Keepalive: earlier.Keepalive,
	})
	if err != nil {
		return nil, fmt.Errorf("init.request: %s", problem(err))
	}
	url, err := json.Marshal(earlier.URL)
	if err != nil {
		return nil, err
	}
	_, headersGiven := members["headers"]
	members["url"] = url
	step, err := decodeInit(members)
	if err != nil {
		return nil, err
	}
	// What the strings of the init cannot be converted to throws before anything
	// else is looked at; a step's own request is made for that alone.
	if step.NotByteString != nil {
		return step.Request(page)
	}
	init, err := step.Init()
	if err != nil {
		return nil, err
	}
	for name := range members {
		switch name {
		case "url", "request", "api":
		default:
			if headersGiven && init.Headers == nil {
				init.Headers = headers.List{}
			}
			return fetch.NewRequestFrom(page, from, init)
		}
	}
	return fetch.NewRequestFrom(page, from, nil)
}

// problem is the text of an error without the requirement that it breaks, which
// a caller of the API knows.
func problem(err error) string {
	if e, ok := errors.AsType[*cors.Error](err); ok && e.Err != nil {
		return e.Subject + ": " + e.Err.Error()
	}
	return err.Error()
}
