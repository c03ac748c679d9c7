package explain

import "strings"

// haproxy writes lines for a frontend. Rules of http-after-response apply to the
// answers that HAProxy makes itself, too. They replace what a server has sent.
func haproxy(n *need) ([]Part, []string, error) {
	const after = "http-after-response "
	allow := after + `set-header Access-Control-Allow-Origin "` + n.Origins[0] + `"`
	remember, forget := "", ""
	if n.several() {
		remember = "http-request set-var(txn.cors_origin) req.fhdr(Origin) if { req.fhdr(Origin) -m str " + strings.Join(n.Origins, " ") + " }"
		forget = after + "del-header Access-Control-Allow-Origin"
		allow = after + "set-header Access-Control-Allow-Origin %[var(txn.cors_origin)] if { var(txn.cors_origin) -m found }"
	}
	const preflights = " if { var(txn.cors_preflight) -m found }"
	return []Part{{"In the frontend (HAProxy 2.2 and later)", text(
		remember,
		when(n.preflight, "http-request set-var(txn.cors_preflight) bool(true) if METH_OPTIONS { req.fhdr(Access-Control-Request-Method) -m found }"),
		forget,
		allow,
		when(n.several(), after+"add-header Vary Origin"),
		when(n.Credentials, after+"set-header Access-Control-Allow-Credentials true"),
		whenf(len(n.Expose) > 0, after+`set-header Access-Control-Expose-Headers "%s"`, commas(n.Expose)),
		whenf(len(n.listed) > 0, after+`set-header Access-Control-Allow-Methods "%s"%s`, commas(n.listed), preflights),
		whenf(len(n.Headers) > 0, after+`set-header Access-Control-Allow-Headers "%s"%s`, commas(n.Headers), preflights),
		whenf(n.MaxAge > 0, after+"set-header Access-Control-Max-Age %d%s", n.MaxAge, preflights),
		when(n.preflight, "http-request return status 204"+preflights),
	)}}, nil, nil
}
