package replay

import (
	"slices"

	"github.com/corsim/corsim/cors"
)

// corsErrors are the reasons for which Chromium refuses a request, as the Chrome DevTools Protocol calls them. It
// does not tell an origin that differs from one that is none.
//
// https://chromedevtools.github.io/devtools-protocol/tot/Network/#type-CorsError
var corsErrors = map[string]struct {
	preflight bool
	reasons   []cors.Reason
}{
	"MissingAllowOriginHeader":             {false, []cors.Reason{cors.MissingAllowOrigin}},
	"MultipleAllowOriginValues":            {false, []cors.Reason{cors.MultipleAllowOrigin}},
	"InvalidAllowOriginValue":              {false, []cors.Reason{cors.InvalidAllowOrigin, cors.AllowOriginMismatch}},
	"AllowOriginMismatch":                  {false, []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}},
	"WildcardOriginNotAllowed":             {false, []cors.Reason{cors.WildcardAllowOriginWithCredentials}},
	"InvalidAllowCredentials":              {false, []cors.Reason{cors.AllowCredentialsNotTrue}},
	"RedirectContainsCredentials":          {false, []cors.Reason{cors.RedirectCredentials}},
	"PreflightMissingAllowOriginHeader":    {true, []cors.Reason{cors.MissingAllowOrigin}},
	"PreflightMultipleAllowOriginValues":   {true, []cors.Reason{cors.MultipleAllowOrigin}},
	"PreflightInvalidAllowOriginValue":     {true, []cors.Reason{cors.InvalidAllowOrigin, cors.AllowOriginMismatch}},
	"PreflightAllowOriginMismatch":         {true, []cors.Reason{cors.AllowOriginMismatch, cors.InvalidAllowOrigin}},
	"PreflightWildcardOriginNotAllowed":    {true, []cors.Reason{cors.WildcardAllowOriginWithCredentials}},
	"PreflightInvalidAllowCredentials":     {true, []cors.Reason{cors.AllowCredentialsNotTrue}},
	"PreflightInvalidStatus":               {true, []cors.Reason{cors.PreflightStatus}},
	"PreflightDisallowedRedirect":          {true, []cors.Reason{cors.PreflightRedirect, cors.PreflightStatus}},
	"InvalidAllowMethodsPreflightResponse": {true, []cors.Reason{cors.InvalidAllowMethods}},
	"InvalidAllowHeadersPreflightResponse": {true, []cors.Reason{cors.InvalidAllowHeaders}},
	"MethodDisallowedByPreflightResponse":  {true, []cors.Reason{cors.MethodNotAllowed}},
	"HeaderDisallowedByPreflightResponse":  {true, []cors.Reason{cors.HeaderNotAllowed, cors.NonWildcardHeaderNotAllowed}},
}

// refusedOtherwise reports whether the browser that was recorded says that it refused x for a reason that a
// verdict has not.
func (x *request) refusedOtherwise(v *Verdict) bool {
	its, known := corsErrors[x.e.CORSError]
	if !known || v.Outcome != Blocked {
		return false
	}
	// Which of several requirements it looks at first is its own affair.
	for _, err := range v.Err.All() {
		if slices.Contains(its.reasons, err.Reason) && err.Preflight == its.preflight {
			return false
		}
	}
	return true
}
