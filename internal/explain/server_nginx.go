package explain

import "strconv"

// nginx writes maps, since add_header leaves out a header whose value is empty,
// and "if" with anything but return in it does not do what it seems to.
func nginx(n *need) ([]Part, []string, error) {
	var maps []string
	value := `"` + n.Origins[0] + `"`
	if n.several() {
		value = "$cors_origin"
		maps = append(maps, "map $http_origin $cors_origin {")
		for _, o := range n.Origins {
			maps = append(maps, `    "`+o+`" "`+o+`";`)
		}
		maps = append(maps, "}")
	}
	// preflights gives a variable that is empty but for preflights.
	preflights := func(variable, value string) string {
		maps = append(maps, `map "$request_method $http_access_control_request_method" `+variable+` {`, `    "~^OPTIONS ." "`+value+`";`, "}")
		return variable
	}
	add := func(name, value string) string { return "add_header " + name + " " + value + " always;" }
	lines := []string{
		"proxy_hide_header Access-Control-Allow-Origin;",
		add("Access-Control-Allow-Origin", value),
		when(n.several(), add("Vary", "Origin")),
		when(n.Credentials, "proxy_hide_header Access-Control-Allow-Credentials;"),
		when(n.Credentials, add("Access-Control-Allow-Credentials", "true")),
		when(len(n.Expose) > 0, add("Access-Control-Expose-Headers", `"`+commas(n.Expose)+`"`)),
	}
	if n.preflight {
		if len(n.listed) > 0 {
			lines = append(lines, add("Access-Control-Allow-Methods", preflights("$cors_methods", commas(n.listed))))
		}
		if len(n.Headers) > 0 {
			lines = append(lines, add("Access-Control-Allow-Headers", preflights("$cors_headers", commas(n.Headers))))
		}
		if n.MaxAge > 0 {
			lines = append(lines, add("Access-Control-Max-Age", preflights("$cors_max_age", strconv.Itoa(n.MaxAge))))
		}
		lines = append(lines, "if ("+preflights("$cors_preflight", "1")+") {", "    return 204;", "}")
	}
	var parts []Part
	if maps != nil {
		parts = append(parts, Part{"In the http block", text(maps...)})
	}
	parts = append(parts, Part{"In the server block", text(lines...)})

	notes := []string{"A location that has an add_header of its own inherits none of these: repeat them there."}
	return parts, notes, nil
}
