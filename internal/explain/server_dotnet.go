package explain

// aspNetCore writes a policy and its use.
func aspNetCore(n *need) ([]Part, []string, error) {
	return []Part{
		{"Program.cs, before builder.Build()", text(
			"builder.Services.AddCors(options => options.AddDefaultPolicy(policy => policy",
			"    .WithOrigins("+quoted(n.Origins)+")",
			"    .WithMethods("+quoted(n.Methods)+")",
			whenf(len(n.Headers) > 0, "    .WithHeaders(%s)", quoted(n.Headers)),
			when(n.Credentials, "    .AllowCredentials()"),
			whenf(len(n.Expose) > 0, "    .WithExposedHeaders(%s)", quoted(n.Expose)),
			whenf(n.MaxAge > 0, "    .SetPreflightMaxAge(TimeSpan.FromSeconds(%d))", n.MaxAge),
			"));",
		)},
		{"Program.cs, after UseRouting and before UseAuthentication", text("app.UseCors();")},
	}, []string{"UseHttpsRedirection before it would redirect preflights: put it behind, or have pages use https."}, nil
}

// iis writes what the IIS CORS module reads.
func iis(n *need) ([]Part, []string, error) {
	lines := []string{"<configuration>", "  <system.webServer>", `    <cors enabled="true" failUnlistedOrigins="false">`}
	for _, o := range n.Origins {
		lines = append(lines, "      <add origin=\""+o+"\""+whenf(n.Credentials, ` allowCredentials="true"`)+whenf(n.MaxAge > 0, ` maxAge="%d"`, n.MaxAge)+">",
			`        <allowHeaders allowAllRequestedHeaders="false">`)
		for _, h := range n.Headers {
			lines = append(lines, `          <add header="`+h+`" />`)
		}
		lines = append(lines, "        </allowHeaders>", "        <allowMethods>")
		for _, m := range n.Methods {
			lines = append(lines, `          <add method="`+m+`" />`)
		}
		lines = append(lines, "        </allowMethods>")
		if len(n.Expose) > 0 {
			lines = append(lines, "        <exposeHeaders>")
			for _, h := range n.Expose {
				lines = append(lines, `          <add header="`+h+`" />`)
			}
			lines = append(lines, "        </exposeHeaders>")
		}
		lines = append(lines, "      </add>")
	}
	lines = append(lines, "    </cors>", "  </system.webServer>", "</configuration>")
	return []Part{{"web.config (needs the IIS CORS module)", text(lines...)}}, []string{
		"Remove customHeaders that add Access-Control-Allow-Origin: it would stand twice.",
	}, nil
}
