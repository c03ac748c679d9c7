package explain

import (
	"fmt"
	"strconv"
	"strings"
)

// tomcat writes Tomcat's own filter. It refuses, with 403, requests of other
// origins and methods altogether. Accept stands where no header is needed, as the
// filter has a list of its own where there is none.
func tomcat(n *need) ([]Part, []string, error) {
	names := n.Headers
	if len(names) == 0 {
		names = []string{"accept"}
	}
	param := func(name, value string) string {
		return "    <init-param>\n        <param-name>" + name + "</param-name>\n        <param-value>" + value + "</param-value>\n    </init-param>"
	}
	credentials := "false"
	if n.Credentials {
		credentials = "true"
	}
	return []Part{{"WEB-INF/web.xml, before other filters", text(
		"<filter>",
		"    <filter-name>CorsFilter</filter-name>",
		"    <filter-class>org.apache.catalina.filters.CorsFilter</filter-class>",
		param("cors.allowed.origins", strings.Join(n.Origins, ",")),
		param("cors.allowed.methods", strings.Join(n.Methods, ",")),
		param("cors.allowed.headers", strings.Join(names, ",")),
		param("cors.support.credentials", credentials),
		whenf(len(n.Expose) > 0, "%s", param("cors.exposed.headers", strings.Join(n.Expose, ","))),
		whenf(n.MaxAge > 0, "%s", param("cors.preflight.maxage", strconv.Itoa(n.MaxAge))),
		"</filter>",
		"<filter-mapping>",
		"    <filter-name>CorsFilter</filter-name>",
		"    <url-pattern>/*</url-pattern>",
		"</filter-mapping>",
	)}}, []string{"The filter answers 403 to other methods of pages of other origins: add those that they use."}, nil
}

// spring writes a configuration for Spring MVC that Spring Security uses, too.
func spring(n *need) ([]Part, []string, error) {
	list := func(items []string) string { return "List.of(" + quoted(items) + ")" }
	return []Part{
		{"CorsConfig.java", text(
			"import java.util.List;",
			"import org.springframework.context.annotation.Bean;",
			"import org.springframework.context.annotation.Configuration;",
			"import org.springframework.web.cors.CorsConfiguration;",
			"import org.springframework.web.cors.CorsConfigurationSource;",
			"import org.springframework.web.cors.UrlBasedCorsConfigurationSource;",
			"import org.springframework.web.filter.CorsFilter;",
			"\n",
			"@Configuration",
			"public class CorsConfig {",
			"    @Bean",
			"    public CorsConfigurationSource corsConfigurationSource() {",
			"        CorsConfiguration cors = new CorsConfiguration();",
			"        cors.setAllowedOrigins("+list(n.Origins)+");",
			"        cors.setAllowedMethods("+list(n.Methods)+");",
			whenf(len(n.Headers) > 0, "        cors.setAllowedHeaders(%s);", list(n.Headers)),
			when(n.Credentials, "        cors.setAllowCredentials(true);"),
			whenf(len(n.Expose) > 0, "        cors.setExposedHeaders(%s);", list(n.Expose)),
			whenf(n.MaxAge > 0, "        cors.setMaxAge(%dL);", n.MaxAge),
			"        UrlBasedCorsConfigurationSource source = new UrlBasedCorsConfigurationSource();",
			`        source.registerCorsConfiguration("/**", cors);`,
			"        return source;",
			"    }",
			"\n",
			"    // Not needed with Spring Security, which has a filter of its own.",
			"    @Bean",
			"    public CorsFilter corsFilter() {",
			"        return new CorsFilter(corsConfigurationSource());",
			"    }",
			"}",
		)},
	}, []string{"With Spring Security, leave corsFilter away and add http.cors(Customizer.withDefaults()): preflights are answered before authentication then."}, nil
}

// vertx writes a use of Vert.x Web's handler.
func vertx(n *need) ([]Part, []string, error) {
	lines := []string{"router.route().handler(CorsHandler.create()"}
	for _, o := range n.Origins {
		lines = append(lines, `    .addOrigin("`+o+`")`)
	}
	for _, m := range n.Methods {
		lines = append(lines, `    .allowedMethod(HttpMethod.valueOf("`+m+`"))`)
	}
	for _, h := range n.Headers {
		lines = append(lines, `    .allowedHeader("`+h+`")`)
	}
	if n.Credentials {
		lines = append(lines, "    .allowCredentials(true)")
	}
	for _, h := range n.Expose {
		lines = append(lines, `    .exposedHeader("`+h+`")`)
	}
	if n.MaxAge > 0 {
		lines = append(lines, fmt.Sprintf("    .maxAgeSeconds(%d)", n.MaxAge))
	}
	lines[len(lines)-1] += ");"
	return []Part{{"Before all other routes (Vert.x Web 4.3 and later)", text(lines...)}}, []string{beforeOthers}, nil
}
