package explain

import (
	"regexp"
	"strings"
)

// Whoever asks shows the script too. A response's header that it sends as a request's is
// the commonest mistake of all, and makes a preflight necessary.

var (
	// allowOriginSet is where something sets the header.
	allowOriginSet = regexp.MustCompile("(?i)[\"'`]access-control-allow-(?:origin|methods|headers)[\"'`]\\s*[:,]")
	// asksByScript are the calls of script that ask for something, answers those of a
	// server that answers.
	asksByScript = regexp.MustCompile(`(?i)\bfetch\s*\(|\baxios\b|\$\.(?:ajax|get|post)|XMLHttpRequest|setRequestHeader|HttpHeaders\s*\(|\bsuperagent\b|\$http\b|this\.http\.|http\.(?:get|post|put)\s*\(|new Request\(|\bgraphql\s*\(|ApolloClient|(?:create)?HttpLink|\buseFetch\b|\$fetch\b|\bky\.|\bgot\(|\bdio\.|Uri\.parse|\bclient\.(?:get|post|put|delete)\s*\(|new HubConnectionBuilder|\bio\s*\(\s*[\"']http`)
	answers      = regexp.MustCompile(`(?i)statusCode|new Response\s*\(|\bres\.|\bresponse\.|setHeader\s*\(|add_header|header\s*\(\s*["']access|writeHead|res\.set`)
)

// nearScript is how many bytes of script before a header tell whose it is.
const nearScript = 400

// sentByScript returns the header that script in a text sends though only a response can
// have it, "" for none.
func sentByScript(text string) string {
	for _, at := range allowOriginSet.FindAllStringIndex(text, 20) {
		before := text[max(0, at[0]-nearScript):at[0]]
		calls := asksByScript.FindAllStringIndex(before, -1)
		if calls == nil || answers.MatchString(before[calls[len(calls)-1][0]:]) {
			continue
		}
		name, _, _ := strings.Cut(strings.Trim(text[at[0]:at[1]], "\"'` :,"), "\"")
		return "sends " + name
	}
	return ""
}
