package explain

import "strings"

// apache writes lines for a <VirtualHost>. The table "always" goes with every
// response, errors included; what the application itself sends is in the other
// one, from which it is removed so that nothing stands twice.
func apache(n *need) ([]Part, []string, error) {
	return []Part{{"In the <VirtualHost> (a2enmod headers rewrite)", apacheLines(n)}}, nil, nil
}

// htaccess writes the same for a directory. There authorization comes first.
func htaccess(n *need) ([]Part, []string, error) {
	var notes []string
	if n.preflight {
		notes = []string{"If the directory is protected, let preflights through: Require method OPTIONS, beside the other Require lines in <RequireAny>."}
	}
	return []Part{{".htaccess (needs AllowOverride FileInfo, and a2enmod headers rewrite)", apacheLines(n)}}, notes, nil
}

func apacheLines(n *need) string {
	const preflights = ` "expr=%{REQUEST_METHOD} == 'OPTIONS'"`
	allow := `Header always set Access-Control-Allow-Origin "` + n.Origins[0] + `"`
	if n.several() {
		allow = `Header always set Access-Control-Allow-Origin "expr=%{HTTP:Origin}" "expr=%{HTTP:Origin} in { '` + strings.Join(n.Origins, "', '") + `' }"`
	}
	return text(
		"Header onsuccess unset Access-Control-Allow-Origin",
		allow,
		when(n.several(), "Header always merge Vary Origin"),
		when(n.Credentials, `Header onsuccess unset Access-Control-Allow-Credentials`),
		when(n.Credentials, `Header always set Access-Control-Allow-Credentials "true"`),
		whenf(len(n.Expose) > 0, `Header always set Access-Control-Expose-Headers "%s"`, commas(n.Expose)),
		whenf(len(n.listed) > 0, `Header always set Access-Control-Allow-Methods "%s"%s`, commas(n.listed), preflights),
		whenf(len(n.Headers) > 0, `Header always set Access-Control-Allow-Headers "%s"%s`, commas(n.Headers), preflights),
		whenf(n.MaxAge > 0, `Header always set Access-Control-Max-Age "%d"%s`, n.MaxAge, preflights),
		when(n.preflight, "\n"),
		when(n.preflight, "RewriteEngine On"),
		when(n.preflight, "RewriteCond %{REQUEST_METHOD} =OPTIONS"),
		when(n.preflight, "RewriteCond %{HTTP:Access-Control-Request-Method} ."),
		when(n.preflight, "RewriteRule ^ - [R=204,L]"),
	)
}
