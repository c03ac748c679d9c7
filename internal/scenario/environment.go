package scenario

import (
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/corsim/corsim/headers"
)

// An Environment is what decides a client's requests besides CORS: version 1.1 of the format.
// Its zero value is a document of version 1.
type Environment struct {
	// Kind is what asks, one of [Kinds]; "" for a document.
	Kind string
	// Sandbox and Allow are the attributes of the iframe that the client is in.
	Sandbox, Allow Optional[string]
	// CSP and CSPReportOnly are values of Content-Security-Policy and
	// Content-Security-Policy-Report-Only.
	CSP, CSPReportOnly []string
	// COEP and PermissionsPolicy are headers of the document.
	COEP, PermissionsPolicy Optional[string]
	// AddressSpace is one of [AddressSpaces], "" where Local Network Access is not considered.
	AddressSpace string
	// LocalNetwork and LoopbackNetwork are the permissions of that name, each one of
	// [PermissionStates] or "" where it was not given.
	LocalNetwork, LoopbackNetwork string
	// HSTS are the hosts that the user visited, and that are known to want https.
	HSTS []KnownHSTSHost
}

// A KnownHSTSHost is a host whose page was visited, and which sent
// Strict-Transport-Security.
type KnownHSTSHost struct {
	Host              string
	IncludeSubDomains bool
	MaxAge            Optional[int64] // in seconds; a year where it is absent
}

// An Interim is an informational response, sent before the answer.
type Interim struct {
	Status  int // 100 to 199
	Headers headers.List
}

// What the fields of an [Environment] may hold.
var (
	Kinds            = []string{"document", "srcdoc", "about:blank", "blob", "data", "worker", "shared-worker", "blob-worker", "data-worker"}
	AddressSpaces    = []string{"public", "local", "loopback"}
	PermissionStates = []string{"granted", "denied", "prompt"}
)

// resetCodes are the error codes that a stream can be reset with.
//
// https://httpwg.org/specs/rfc9113.html#ErrorCodes
var resetCodes = []string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
	"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

var (
	environmentFields = []string{
		"kind", "sandbox", "allow", "csp", "cspReportOnly", "coep", "permissionsPolicy", "addressSpace", "permissions", "hsts",
	}
	hstsFields    = []string{"host", "includeSubDomains", "maxAge"}
	interimFields = []string{"status", "headers"}
)

// field reads a field of a client that is about its environment.
func (e *Environment) field(d *decoder, name string) error {
	switch name {
	case "kind":
		return d.oneOf(&e.Kind, Kinds)
	case "sandbox":
		return e.readSandbox(d)
	case "allow":
		return d.optional(&e.Allow)
	case "csp":
		return d.stringList(&e.CSP)
	case "cspReportOnly":
		return d.stringList(&e.CSPReportOnly)
	case "coep":
		return d.optional(&e.COEP)
	case "permissionsPolicy":
		return d.optional(&e.PermissionsPolicy)
	case "addressSpace":
		return d.oneOf(&e.AddressSpace, AddressSpaces)
	case "permissions":
		_, err := d.object([]string{"local-network", "loopback-network"}, func(d *decoder, name string) error {
			switch name {
			case "local-network":
				return d.oneOf(&e.LocalNetwork, PermissionStates)
			case "loopback-network":
				return d.oneOf(&e.LoopbackNetwork, PermissionStates)
			}
			return errUnknown
		})
		return err
	case "hsts":
		return d.list(func(d *decoder) error {
			host, err := readHSTSHost(d)
			e.HSTS = append(e.HSTS, host)
			return err
		})
	}
	return errUnknown
}

// readSandbox reads the value of an iframe's sandbox attribute: without scripts nothing is asked.
func (e *Environment) readSandbox(d *decoder) error {
	raw, err := d.raw(jsontext.KindString, "a string")
	if err != nil {
		return err
	}
	e.Sandbox = Some(d.unquote(raw))
	for token := range strings.FieldsSeq(e.Sandbox.Value) {
		if headers.EqualFold(token, "allow-scripts") {
			return nil
		}
	}
	return d.problem(len(raw), "must have allow-scripts: without it nothing can be asked")
}

func readHSTSHost(d *decoder) (h KnownHSTSHost, err error) {
	start, err := d.object(hstsFields, func(d *decoder, name string) (err error) {
		switch name {
		case "host":
			return d.nonEmpty(&h.Host, "it is the host that was visited")
		case "includeSubDomains":
			return d.bool(&h.IncludeSubDomains)
		case "maxAge":
			h.MaxAge.Given = true
			h.MaxAge.Value, err = d.number(0, math.MaxInt32, "a whole number of seconds from 0 on")
			return err
		}
		return errUnknown
	})
	if err == nil && h.Host == "" {
		err = d.missing(start, "host", "it is the host that was visited")
	}
	return h, err
}

func readInterim(d *decoder) (in Interim, err error) {
	var notBytes *LineError
	start, err := d.object(interimFields, func(d *decoder, name string) (err error) {
		switch name {
		case "status":
			n, err := d.number(100, 199, "a whole number from 100 to 199")
			in.Status = int(n)
			return err
		case "headers":
			in.Headers, notBytes, err = d.headerList()
			return firstError(err, notBytes)
		}
		return errUnknown
	})
	if err == nil && in.Status == 0 {
		err = d.missing(start, "status", "it is the status of an informational response, such as 103")
	}
	return in, err
}

// oneOf reads a string that must be one of some.
func (d *decoder) oneOf(to *string, values []string) error {
	raw, err := d.raw(jsontext.KindString, "a string")
	if err != nil {
		return err
	}
	*to = d.unquote(raw)
	for _, v := range values {
		if v == *to {
			return nil
		}
	}
	return d.problem(len(raw), "must be one of "+quoteAll(values)+", not "+quote(*to))
}

func quoteAll(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = strconv.Quote(v)
	}
	return strings.Join(quoted, ", ")
}

// stringList reads a list of strings.
func (d *decoder) stringList(to *[]string) error {
	return d.list(func(d *decoder) error {
		var s string
		err := d.string(&s)
		*to = append(*to, s)
		return err
	})
}
