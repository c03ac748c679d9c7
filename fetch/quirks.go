package fetch

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/corsim/corsim/browser"
	"github.com/corsim/corsim/headers"
	"github.com/corsim/corsim/internal/weburl"
)

// settle does to a request what depends on the engine before it is fetched.
func (r *Request) settle(quirks *browser.Fetch) {
	if quirks.UploadListenerNeedsBody && r.uploadListener && r.body == nil {
		r.useCORSPreflight = false
	}
	if r.xhr && r.body != nil {
		r.setContentType(quirks.CharsetInPlace)
	}
}

// headersToSend returns the request's headers in the form in which they go over
// the network, with room for those that the user agent adds. Repeated ones are
// combined, as all engines do.
func (r *Request) headersToSend(engine *browser.Engine) headers.List {
	quirks := &engine.Fetch
	list := make(headers.List, 0, len(r.headers)+8)
	for i, h := range r.headers {
		switch earlier := r.headers[:i]; {
		case !earlier.Contains(h.Name):
			list = append(list, h)
		case quirks.LastSingleton && !r.xhr && isSingleton(h.Name):
			list.Set(h.Name, h.Value)
		default:
			list.Combine(h.Name, h.Value)
		}
	}
	for i := range list {
		h := &list[i]
		if quirks.UserAgentReserved && headers.EqualFold(h.Name, "user-agent") {
			h.Value = engine.Product.UserAgent
		}
		if quirks.RewriteRange && r.method == "GET" && headers.EqualFold(h.Name, "range") {
			h.Value = rewriteRange(h.Value)
		}
		if quirks.ValuesAsUTF8 {
			h.Value = headers.IsomorphicDecode(h.Value)
		}
	}
	return list
}

// appendProduct appends the headers that tell the product, where the engine is
// one.
func (r *Request) appendProduct(list *headers.List, product *browser.Product) {
	encoding := product.AcceptEncoding
	if r.currentURL().Scheme() == "https" {
		encoding = product.SecureAcceptEncoding
	}
	for _, h := range [...]headers.Header{
		{Name: "User-Agent", Value: product.UserAgent},
		{Name: "Accept-Language", Value: product.AcceptLanguage},
		{Name: "Accept-Encoding", Value: encoding},
	} {
		if h.Value != "" && !list.Contains(h.Name) {
			*list = append(*list, h)
		}
	}
}

// isSingleton reports whether HTTP allows a request header once only, in the
// view of Firefox.
func isSingleton(name string) bool {
	switch headers.Lower(name) {
	case "authorization", "content-type", "from", "if-modified-since", "user-agent":
		return true
	}
	return false
}

// rewriteRange writes a Range header of one range in its normal form; any other
// is returned as it is.
func rewriteRange(value string) string {
	unit, ranges, ok := strings.Cut(value, "=")
	if !ok || !headers.EqualFold(headers.TrimTabOrSpace(unit), "bytes") {
		return value
	}
	ranges = strings.Trim(ranges, ", \t")
	start, end, ok := strings.Cut(ranges, "-")
	if !ok {
		return value
	}
	number := func(s string) (string, bool) {
		s = headers.TrimTabOrSpace(s)
		if s == "" {
			return "", true
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	}
	start, startOK := number(start)
	end, endOK := number(end)
	if !startOK || !endOK {
		return value
	}
	return "bytes=" + start + "-" + end
}

// appendStorageAccess appends Sec-Fetch-Storage-Access where the engine knows it:
// to a cross-site request that may have cookies, but has none.
func (r *Request) appendStorageAccess(list *headers.List, quirks *browser.Fetch) {
	of := r
	if r.preflightFor != nil {
		of = r.preflightFor
	}
	if quirks.StorageAccess == browser.StorageAccessNever || of != r && quirks.StorageAccess != browser.StorageAccessPreflightToo ||
		of.credentials != CredentialsInclude || !r.currentURL().PotentiallyTrustworthy() ||
		r.metadataSite() != "cross-site" || list.Contains("cookie") {
		return
	}
	list.Append("Sec-Fetch-Storage-Access", "none")
}

// redirectedCrossSite reports whether the latest redirect left the site that it
// came from.
func (r *Request) redirectedCrossSite() bool {
	return slices.ContainsFunc(r.urlList[1:], func(url *weburl.URL) bool { return !url.Origin().SameSite(r.origin) })
}

// changedOrigin reports whether a redirect led from one origin to another.
func (r *Request) changedOrigin() bool {
	for i := 1; i < len(r.urlList); i++ {
		if !r.urlList[i].Origin().SameOrigin(r.urlList[i-1].Origin()) {
			return true
		}
	}
	return false
}

var (
	errNUL              = errors.New("a header of the response has a NUL byte")
	errRepeatedLocation = errors.New("the response has more than one Location, which differ")
)

// readHeaders returns the headers of a response as the engine has them.
func readHeaders(list headers.List, quirks *browser.Fetch) (headers.List, error) {
	if quirks.NULIsError && slices.ContainsFunc(list, func(h headers.Header) bool { return strings.Contains(h.Value, "\x00") }) {
		return nil, errNUL
	}
	if quirks.RepeatedLocation == browser.RepeatedLocationEqual {
		locations := list.Lines("location")
		for i := 1; i < locations.Len(); i++ {
			if locations.At(i) != locations.At(0) {
				return nil, errRepeatedLocation
			}
		}
	}
	if quirks.CombineResponses == browser.CombineAsGecko {
		list = combineAsGecko(list)
	}
	if quirks.ReplaceInvalidUTF8 {
		list = replaceInvalidUTF8(list)
	}
	return list, nil
}

// combineAsGecko drops what Firefox drops of headers that stand more than once.
func combineAsGecko(list headers.List) headers.List {
	combined := make(headers.List, 0, len(list))
	for _, h := range list {
		i := slices.IndexFunc(combined, func(earlier headers.Header) bool { return headers.EqualFold(earlier.Name, h.Name) })
		switch {
		case headers.EqualFold(h.Name, "proxy-authenticate"):
		case i < 0:
			combined = append(combined, h)
		case combined[i].Value == "":
			combined[i].Value = h.Value
		case h.Value == "", headers.EqualFold(h.Name, "content-length"), headers.EqualFold(h.Name, "location"):
		case headers.EqualFold(h.Name, "content-type"):
			combined[i].Value += "," + h.Value
		default:
			combined = append(combined, h)
		}
	}
	return combined
}

// replaceInvalidUTF8 writes U+FFFD for each byte from 0x80 of a value that is not
// UTF-8.
func replaceInvalidUTF8(list headers.List) headers.List {
	var replaced headers.List
	for i, h := range list {
		if utf8.ValidString(h.Value) {
			continue
		}
		if replaced == nil {
			replaced = list.Clone()
		}
		var b strings.Builder
		for j := range len(h.Value) {
			if c := h.Value[j]; c < utf8.RuneSelf {
				b.WriteByte(c)
			} else {
				b.WriteRune(utf8.RuneError)
			}
		}
		replaced[i].Value = b.String()
	}
	if replaced == nil {
		return list
	}
	return replaced
}
