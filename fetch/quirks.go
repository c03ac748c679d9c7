package fetch

import (
	"slices"
	"strconv"
	"strings"

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
func (r *Request) headersToSend(quirks *browser.Fetch) headers.List {
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
		if quirks.UserAgent != "" && headers.EqualFold(h.Name, "user-agent") {
			h.Value = quirks.UserAgent
		}
		if quirks.RewriteRange && headers.EqualFold(h.Name, "range") {
			h.Value = rewriteRange(h.Value)
		}
		if quirks.ValuesAsUTF8 {
			h.Value = headers.IsomorphicDecode(h.Value)
		}
	}
	return list
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
