package fetch

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/corsim/corsim/cors"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/quirks"
)

// An Event is one that an EventSource dispatches.
type Event struct {
	Type, Data, LastEventID string
	Origin                  string // serialized, of the URL that the stream came from
}

// The states of an EventSource.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-readystate
const (
	EventSourceConnecting = 0
	EventSourceOpen       = 1
	EventSourceClosed     = 2
)

// An EventSource is what came of one in some time.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
type EventSource struct {
	Opened     int // how many open events were fired
	Events     []Event
	ReadyState int
	Err        error // why the connection failed for good, an *[cors.Error]
}

// Listen is what an EventSource of a page does with a URL for some time, which passes as wait says:
// it connects, dispatches what comes, and reconnects when a stream ends.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model
func (c *Client) Listen(ctx context.Context, page *Page, url string, a *Attributes, listen time.Duration, wait func(time.Duration)) (*EventSource, error) {
	rules := &c.rules().Elements
	attributes := *a
	es := &EventSource{}
	retry := 3 * time.Second
	for passed := time.Duration(0); ; {
		r, err := NewLoad(page, InitiatorEventSource, url, &attributes)
		if err != nil {
			return nil, err
		}
		es.ReadyState = EventSourceConnecting
		response, err := c.Do(ctx, r)
		if err != nil && !r.retriesStream(err, rules) {
			es.ReadyState, es.Err = EventSourceClosed, err
			return es, nil
		}
		if err == nil {
			if !c.isEventStream(response) {
				response.Body.Close()
				es.ReadyState = EventSourceClosed
				return es, nil
			}
			es.Opened++
			es.ReadyState = EventSourceOpen
			retry, attributes.LastEventID = es.read(response, retry, attributes.LastEventID, rules)
			es.ReadyState = EventSourceConnecting
			url = r.reconnectsTo(url, response, rules.StreamReconnectsToLast, rules.StreamReconnectsToPermanent)
		}
		if passed += max(retry, time.Duration(rules.StreamRetryAtLeast)*time.Millisecond); passed >= listen || ctx.Err() != nil {
			return es, nil
		}
		wait(max(retry, time.Duration(rules.StreamRetryAtLeast)*time.Millisecond))
	}
}

// retriesStream reports whether an EventSource connects again after a failure.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
func (r *Request) retriesStream(err error, rules *quirks.Elements) bool {
	switch cors.ReasonOf(err) {
	case cors.Transport:
		return !rules.StreamGivesUp || r.url.Origin().SameOrigin(r.origin)
	case cors.RedirectScheme, cors.RedirectCount:
		return rules.StreamRetriesRedirects
	}
	return false
}

// reconnectsTo returns the URL that an EventSource asks next.
func (r *Request) reconnectsTo(url string, response *Response, last, permanent bool) string {
	list := response.internal.urlList
	to := 0
	switch {
	case last:
		to = len(list) - 1
	case permanent:
		to = response.internal.movedTo
	}
	if to == 0 {
		return url
	}
	return list[to].StringExcludingFragment()
}

// isEventStream reports whether a response is one that is read.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#processMessages
func (c *Client) isEventStream(response *Response) bool {
	rules := &c.rules().Elements
	list := response.internal.headers
	m, ok := list.ExtractMIMEType()
	if rules.StreamByFirstType {
		value, _ := list.Get("content-type")
		first, _, _ := strings.Cut(value, ",")
		m, ok = headers.ParseMIMEType(first)
	}
	if response.internal.status != 200 || !ok || m.Essence() != "text/event-stream" {
		return false
	}
	if rules.StreamOfOtherCharset {
		return true
	}
	for _, p := range m.Parameters {
		if p.Name == "charset" && !headers.EqualFold(p.Value, "utf-8") {
			return false
		}
	}
	return true
}

// read interprets an event stream to its end. It returns the reconnection time and the last event ID.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
func (es *EventSource) read(response *Response, retry time.Duration, lastID string, rules *quirks.Elements) (time.Duration, string) {
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, MaxLoadedBody))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && len(body) == 0 {
		return retry, lastID
	}
	from := response.internal.url().Origin().String()
	if rules.StreamOriginOfRequest {
		from = response.internal.urlList[0].Origin().String()
	}
	text := strings.TrimPrefix(strings.ToValidUTF8(string(body), "\uFFFD"), "\uFEFF")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(text, "\n")
	id := lastID
	var data strings.Builder
	kind, hasData, dropped := "", false, false
	for _, line := range lines[:len(lines)-1] { // what has no end is no line
		if line == "" {
			if hasData || !rules.StreamIDsOfEventsOnly {
				lastID = id
			}
			if hasData && !dropped {
				es.Events = append(es.Events, Event{eventType(kind), strings.TrimSuffix(data.String(), "\n"), lastID, from})
			}
			data.Reset()
			kind, hasData, dropped = "", false, false
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			kind = value
		case "data":
			data.WriteString(value + "\n")
			hasData = true
		case "id":
			switch {
			case !strings.Contains(value, "\x00"):
				id = value
			case rules.StreamNULDropsEvent:
				dropped = true
			}
		case "retry":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 && strings.Trim(value, "0123456789") == "" {
				retry = time.Duration(n) * time.Millisecond
			}
		}
	}
	return retry, lastID
}

func eventType(s string) string {
	if s == "" {
		return "message"
	}
	return s
}
