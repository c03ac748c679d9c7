package explain

// caddy writes lines for a site block.
func caddy(n *need) ([]Part, []string, error) {
	lines := []string{}
	if n.several() {
		lines = append(lines, "@cors_origin {")
		for _, o := range n.Origins {
			lines = append(lines, `	header Origin "`+o+`"`)
		}
		lines = append(lines, "}", `header @cors_origin Access-Control-Allow-Origin "{http.request.header.Origin}"`, "header +Vary Origin")
	} else {
		lines = append(lines, `header Access-Control-Allow-Origin "`+n.Origins[0]+`"`)
	}
	lines = append(lines,
		when(n.Credentials, `header Access-Control-Allow-Credentials "true"`),
		whenf(len(n.Expose) > 0, `header Access-Control-Expose-Headers "%s"`, commas(n.Expose)),
	)
	if n.preflight {
		lines = append(lines, "@cors_preflight {", "	method OPTIONS", "	header Access-Control-Request-Method *", "}",
			whenf(len(n.listed) > 0, `header @cors_preflight Access-Control-Allow-Methods "%s"`, commas(n.listed)),
			whenf(len(n.Headers) > 0, `header @cors_preflight Access-Control-Allow-Headers "%s"`, commas(n.Headers)),
			whenf(n.MaxAge > 0, `header @cors_preflight Access-Control-Max-Age "%d"`, n.MaxAge),
			"respond @cors_preflight 204")
	}
	return []Part{{"Caddyfile, in the site's block", text(lines...)}}, []string{
		"If the application behind reverse_proxy sends the header too, take its away: header_down -Access-Control-Allow-Origin, in the block of reverse_proxy.",
	}, nil
}
