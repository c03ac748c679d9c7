package cors

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
)

// What follows does what this package does, step by step as the standard has it,
// with slices, and without a thought for time or memory. Definitions of one header
// are those of package headers, which has twins of its own.

// null and failure are told apart from lists.
type extracted struct {
	null, failure bool
	values        []string
}

var (
	tokenListABNF    = regexp.MustCompile("^(?:" + tokenABNF + ")?(?:[ \t]*,[ \t]*(?:" + tokenABNF + ")?)*$")
	tokens           = regexp.MustCompile(tokenABNF)
	deltaSecondsABNF = regexp.MustCompile("^[0-9]+$")
)

const tokenABNF = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"

func twinLines(list headers.List, name string) []string {
	var values []string
	for _, h := range list {
		if strings.EqualFold(h.Name, name) { // of ASCII
			values = append(values, h.Value)
		}
	}
	return values
}

func twinGet(list headers.List, name string) (value string, null bool) {
	values := twinLines(list, name)
	return strings.Join(values, ", "), len(values) == 0
}

// https://fetch.spec.whatwg.org/#extract-header-list-values
func twinExtractTokenList(list headers.List, name string) extracted {
	lines := twinLines(list, name)
	if len(lines) == 0 {
		return extracted{null: true}
	}
	var values []string
	for _, line := range lines {
		if !tokenListABNF.MatchString(line) {
			return extracted{failure: true}
		}
		values = append(values, tokens.FindAllString(line, -1)...)
	}
	return extracted{values: values}
}

func twinContainsFold(values []string, name string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, name) })
}

// https://fetch.spec.whatwg.org/#concept-cors-check
func twinCheck(r *Request, response headers.List) bool {
	// 1. Let origin be the result of getting `Access-Control-Allow-Origin`.
	origin, null := twinGet(response, "Access-Control-Allow-Origin")
	// 2. If origin is null, then return failure.
	if null {
		return false
	}
	// 3. If request's credentials mode is not "include" and origin is `*`, then return success.
	if !r.IncludeCredentials && origin == "*" {
		return true
	}
	// 4. If the result of byte-serializing a request origin is not origin, then return failure.
	if r.Origin != origin {
		return false
	}
	// 5. If request's credentials mode is not "include", then return success.
	if !r.IncludeCredentials {
		return true
	}
	// 6. Let credentials be the result of getting `Access-Control-Allow-Credentials`.
	credentials, _ := twinGet(response, "Access-Control-Allow-Credentials")
	// 7. If credentials is `true`, then return success.
	// 8. Return failure.
	return credentials == "true"
}

// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names
func twinUnsafeNames(list headers.List) []string {
	var unsafeNames, potentiallyUnsafeNames []string
	safelistValueSize := 0
	for _, h := range list {
		if !headers.IsCORSSafelistedRequestHeader(h.Name, h.Value) {
			unsafeNames = append(unsafeNames, h.Name)
		} else {
			potentiallyUnsafeNames = append(potentiallyUnsafeNames, h.Name)
			safelistValueSize += len(h.Value)
		}
	}
	if safelistValueSize > 1024 {
		unsafeNames = append(unsafeNames, potentiallyUnsafeNames...)
	}
	var set []string
	for _, name := range unsafeNames {
		if lower := strings.ToLower(name); !slices.Contains(set, lower) {
			set = append(set, lower)
		}
	}
	slices.Sort(set)
	return set
}

// The condition in the step of main fetch that comes to "request's unsafe-request
// flag is set and either request's method is not a CORS-safelisted method or
// CORS-unsafe request-header names with request's header list is not empty".
func twinNeedsPreflight(r *Request) bool {
	safelisted := r.Method == "GET" || r.Method == "HEAD" || r.Method == "POST"
	return r.UseCORSPreflight || !safelisted || len(twinUnsafeNames(r.Headers)) > 0
}

// Steps 2 to 5 of https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func twinPreflightHeaders(r *Request) headers.List {
	var list headers.List
	list.Append("Accept", "*/*")
	list.Append("Access-Control-Request-Method", r.Method)
	if names := twinUnsafeNames(r.Headers); len(names) != 0 {
		list.Append("Access-Control-Request-Headers", strings.Join(names, "\x2C"))
	}
	return list
}

// Steps 7.1 to 7.4 of https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func twinPreflightLists(r *Request, response headers.List) (lists granted, ok bool) {
	// 1., 2.
	methods := twinExtractTokenList(response, "Access-Control-Allow-Methods")
	headerNames := twinExtractTokenList(response, "Access-Control-Allow-Headers")
	// 3. If either methods or headerNames is failure, return a network error.
	if methods.failure || headerNames.failure {
		return granted{}, false
	}
	// 4. If methods is null and request's use-CORS-preflight flag is set, then set
	// methods to a new list containing request's method.
	if methods.null && r.UseCORSPreflight {
		methods = extracted{values: []string{r.Method}}
	}
	return granted{Methods: methods.values, HeaderNames: headerNames.values}, true
}

// Step 7 of https://fetch.spec.whatwg.org/#cors-preflight-fetch-0
func twinValidatePreflight(r *Request, status int, response headers.List, imposedLimit int64) (granted, bool) {
	include := r.IncludeCredentials
	if !(twinCheck(r, response) && 200 <= status && status <= 299) {
		return granted{}, false // step 8
	}
	lists, ok := twinPreflightLists(r, response)
	if !ok {
		return granted{}, false
	}
	// 5.
	if !slices.Contains(lists.Methods, r.Method) &&
		!(r.Method == "GET" || r.Method == "HEAD" || r.Method == "POST") &&
		(include || !slices.Contains(lists.Methods, "*")) {
		return granted{}, false
	}
	// 6.
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, "Authorization") && !twinContainsFold(lists.HeaderNames, h.Name) {
			return granted{}, false
		}
	}
	// 7.
	for _, unsafeName := range twinUnsafeNames(r.Headers) {
		if !twinContainsFold(lists.HeaderNames, unsafeName) && (include || !slices.Contains(lists.HeaderNames, "*")) {
			return granted{}, false
		}
	}
	// 8., 9. delta-seconds allows a single header.
	maxAge := big.NewInt(5)
	if lines := twinLines(response, "Access-Control-Max-Age"); len(lines) == 1 && deltaSecondsABNF.MatchString(lines[0]) {
		maxAge.SetString(lines[0], 10)
	}
	// 10. If max-age is greater than an imposed limit, then set max-age to the imposed limit.
	if limit := big.NewInt(imposedLimit); maxAge.Cmp(limit) > 0 {
		maxAge = limit
	}
	lists.MaxAge = maxAge.Int64()
	return lists, true
}

// twinExposed is the step of main fetch that sets a response's CORS-exposed
// header-name list, and the CORS filtered response that reads it.
//
// https://fetch.spec.whatwg.org/#main-fetch
func twinExposed(r *Request, response headers.List) (filtered headers.List) {
	headerNames := twinExtractTokenList(response, "Access-Control-Expose-Headers")
	var exposed []string
	if !r.IncludeCredentials && slices.Contains(headerNames.values, "*") {
		for _, h := range response {
			if !slices.Contains(exposed, h.Name) {
				exposed = append(exposed, h.Name)
			}
		}
	} else if !headerNames.null && !headerNames.failure {
		exposed = headerNames.values
	}
	for _, h := range response {
		safelisted := twinContainsFold([]string{
			"Cache-Control", "Content-Language", "Content-Length", "Content-Type", "Expires", "Last-Modified", "Pragma",
		}, h.Name)
		for _, item := range exposed {
			if !twinContainsFold([]string{"Set-Cookie", "Set-Cookie2"}, item) && strings.EqualFold(item, h.Name) {
				safelisted = true
			}
		}
		if safelisted {
			filtered = append(filtered, h)
		}
	}
	return filtered
}

// https://fetch.spec.whatwg.org/#concept-tao-check
func twinTAOCheck(r *TAORequest, response headers.List) bool {
	// 2. If request's timing allow failed flag is set, then return failure.
	if r.TimingAllowFailed {
		return false
	}
	// 3. Let values be the result of getting, decoding, and splitting `Timing-Allow-Origin`.
	values := response.GetDecodeAndSplit("Timing-Allow-Origin")
	// 4. If values contains "*", then return success.
	for _, value := range values {
		if value == "*" {
			return true
		}
	}
	// 5. If values contains the result of serializing a request origin, then return success.
	for _, value := range values {
		if value == r.Origin {
			return true
		}
	}
	// 6.
	if r.CrossOriginNavigation {
		return false
	}
	// 7. If request's response tainting is "basic", then return success.
	// 8. Return failure.
	return r.BasicTainting
}

// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-check
func twinResourcePolicyAllows(r *ResourcePolicyRequest, response headers.List) bool {
	if !twinResourcePolicyInternalAllows(r, "unsafe-none", response) {
		return false
	}
	return twinResourcePolicyInternalAllows(r, r.EmbedderPolicy.String(), response)
}

// https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
func twinResourcePolicyInternalAllows(r *ResourcePolicyRequest, embedderPolicyValue string, response headers.List) bool {
	// 1.
	if r.ForNavigation && embedderPolicyValue == "unsafe-none" {
		return true
	}
	// 2.
	policy, null := twinGet(response, "Cross-Origin-Resource-Policy")
	// 3.
	if policy != "same-origin" && policy != "same-site" && policy != "cross-origin" {
		null = true
	}
	// 4.
	if null {
		switch embedderPolicyValue {
		case "unsafe-none":
		case "credentialless":
			if r.RequestIncludesCredentials || r.ForNavigation {
				null, policy = false, "same-origin"
			}
		case "require-corp":
			null, policy = false, "same-origin"
		}
	}
	// 5.
	switch {
	case null, policy == "cross-origin":
		return true
	case policy == "same-origin":
		return r.Origin.SameOrigin(r.ResponseOrigin)
	}
	return r.Origin.SchemelesslySameSite(r.ResponseOrigin) &&
		(r.Origin.Scheme() == "https" || r.ResponseOrigin.Scheme() != "https")
}
