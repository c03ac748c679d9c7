package explain

import "testing"

func TestSentByScript(t *testing.T) {
	const message = "\nAccess to XMLHttpRequest at 'https://api.example/x' from origin 'https://app.example' has been blocked by CORS policy: " +
		"Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource."
	for text, want := range map[string]bool{
		`axios.get(url, { headers: { "Access-Control-Allow-Origin": "*" } })`:                                             true,
		`fetch(url, {method: 'POST', headers: {'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*'}})`: true,
		`xhr.setRequestHeader('Access-Control-Allow-Origin', '*')`:                                                        true,
		`const h = new HttpHeaders({'Access-Control-Allow-Origin': '*'}); this.http.get(url, {headers: h})`:               true,
		`return { statusCode: 200, headers: { "Access-Control-Allow-Origin": "*" } }`:                                     false,
		`res.setHeader("Access-Control-Allow-Origin", "*")`:                                                               false,
		`const r = await fetch(url); return new Response(r.body, {headers: {"Access-Control-Allow-Origin": "*"}})`:        false,
	} {
		list := Recognize(text + message)
		if len(list) != 1 {
			t.Fatalf("%d messages in %s", len(list), text)
		}
		got := false
		for _, c := range list[0].Explain("").Causes {
			got = got || c.ID == "response-header-sent" && c.Confidence > Possible
		}
		if got != want {
			t.Errorf("%v for %s", got, text)
		}
	}
}
