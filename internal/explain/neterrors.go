package explain

import "strings"

// netErrorAt returns the network error whose code text has at i, and its end there, 0 for
// none. The URL is before the code in the line ("GET URL net::ERR_…") or behind it.
func netErrorAt(text string, i int) (event, int) {
	if i > 0 && isWord(text[i-1]) {
		return event{}, 0
	}
	at := i
	if strings.HasPrefix(text[i:], "net::") {
		at += len("net::")
	}
	if at == len(text) || !strings.HasPrefix(text[at:], "ERR_") && !strings.HasPrefix(text[at:], "NS_") && !strings.Contains(codeStarts, text[at:at+1]) {
		return event{}, 0
	}
	end := at
	for end < len(text) && (isWord(text[end]) || text[end] == '.' && end+1 < len(text) && isWord(text[end+1])) {
		end++
	}
	t := netErrorOf(text[at:end])
	if t == nil {
		return event{}, 0
	}
	e := event{t, map[string]string{}, i}
	start := strings.LastIndexByte(text[:i], '\n') + 1
	stop := strings.IndexByte(text[end:], '\n')
	if stop < 0 {
		stop = len(text) - end
	}
	if url, method := lastURL(text[max(start, i-maxURL):i]); url != "" {
		e.fields["url"], e.fields["method"] = url, method
	} else if url := firstURL(text[end : end+min(stop, maxURL)]); url != "" {
		e.fields["url"] = url
	}
	return e, end
}

// codeStarts are the bytes with which the codes begin that have no common prefix.
const codeStarts = "SMD"

// NetError returns the cause that a browser's code of a network error names, such as
// net::ERR_CERT_DATE_INVALID or NS_ERROR_CONNECTION_REFUSED, for the request of url by a
// page of pageOrigin; both may be "". ok says that the code is known.
func NetError(code, url, pageOrigin string) (c Cause, ok bool) {
	t := netErrorOf(strings.TrimPrefix(strings.TrimSpace(code), "net::"))
	if t == nil {
		return Cause{}, false
	}
	m := Message{Engine: t.engine, Reason: t.reason, Topic: t.topic, URL: url}
	c = m.Explain(pageOrigin).Causes[0]
	c.Evidence = append([]Evidence{seen("%s", strings.TrimSpace(code))}, c.Evidence...)
	return c, true
}

// netErrorOf returns the wording of a code, by the longest one in netErrors that it
// begins with, nil for none.
func netErrorOf(code string) (found *template) {
	longest := 0
	for i := range netErrors {
		for _, known := range netErrors[i].codes {
			known = strings.TrimPrefix(known, "net::")
			if len(known) > longest && strings.HasPrefix(code, known) {
				engine := firefox
				if strings.HasPrefix(known, "ERR_") || strings.HasPrefix(known, "DNS_") {
					engine = chromium
				}
				found, longest = &template{engine: engine, role: reasonRole, reason: netErrors[i].reason, topic: netErrors[i].topic, text: code}, len(known)
			}
		}
	}
	return found
}

// lastURL returns the last URL of a line's beginning, and the method before it.
func lastURL(line string) (url, method string) {
	at := strings.LastIndex(line, "://")
	if at < 0 {
		return "", ""
	}
	start := strings.LastIndexAny(line[:at], " \t\"'(<") + 1
	url = urlAt(line, start)
	if before := strings.Fields(line[:start]); len(before) > 0 {
		switch last := before[len(before)-1]; last {
		case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE":
			method = last
		}
	}
	// DevTools puts the position in the source behind it, as in x.js:1.
	if colon := strings.LastIndexByte(url, ':'); method == "" && colon > strings.Index(url, "://")+3 && strings.Contains(url[strings.Index(url, "://")+3:colon], "/") {
		url = url[:colon]
	}
	return url, method
}

// firstURL returns the first URL of a text.
func firstURL(text string) string {
	at := strings.Index(text, "://")
	if at < 0 {
		return ""
	}
	return urlAt(text, strings.LastIndexAny(text[:at], " \t\"'(<")+1)
}

// urlAt returns the URL that begins at start: to the next blank, quote or letter that no
// URL has.
func urlAt(text string, start int) string {
	end := start
	for end < len(text) && text[end] > ' ' && text[end] < 0x7f && !strings.ContainsRune("\"'`<>", rune(text[end])) {
		end++
	}
	return strings.TrimRight(text[start:end], ".,;:)]}")
}
