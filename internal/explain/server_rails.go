package explain

import (
	"fmt"
	"strings"
)

// rails writes an initializer for rack-cors.
func rails(n *need) ([]Part, []string, error) {
	methods := make([]string, len(n.Methods))
	for i, m := range n.Methods {
		methods[i] = ":" + strings.ToLower(m)
	}
	quotes := func(list []string) string { return "[" + quoted(list) + "]" }
	options := []string{"headers: " + quotes(n.Headers), "methods: [" + strings.Join(methods, ", ") + "]"}
	if n.Credentials {
		options = append(options, "credentials: true")
	}
	if len(n.Expose) > 0 {
		options = append(options, "expose: "+quotes(n.Expose))
	}
	if n.MaxAge > 0 {
		options = append(options, fmt.Sprintf("max_age: %d", n.MaxAge))
	}
	return []Part{{`config/initializers/cors.rb (gem "rack-cors")`, text(
		"Rails.application.config.middleware.insert_before 0, Rack::Cors do",
		"  allow do",
		"    origins "+quoted(n.Origins),
		`    resource "*",`,
		"      "+strings.Join(options, ",\n      "),
		"  end",
		"end",
	)}}, nil, nil
}
