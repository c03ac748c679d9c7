package page

import "strings"

// command returns the arguments of simulate by which it says of the request what the page says. Answers
// are in files: the command names them answers.txt.
func (d *description) command() []string {
	args := []string{"check", strings.TrimSpace(d.URL), "--browser", "all"}
	add := func(flag, value string) {
		if value != "" {
			args = append(args, flag, value)
		}
	}
	originOf, page := whoAsks(strings.TrimSpace(d.Page))
	add("--origin", originOf)
	add("--page", page)
	method := strings.TrimSpace(d.Method)
	if method == "" && d.Body != "" {
		method = "GET" // which is what fetch() does; -d alone means POST
	}
	add("-X", method)
	add("--as", d.As)
	add("--crossorigin", d.CrossOrigin)
	add("--integrity", d.Integrity)
	typed := false
	for _, line := range lines(d.Headers) {
		add("-H", line)
		name, _, _ := strings.Cut(line, ":")
		typed = typed || strings.EqualFold(strings.TrimSpace(name), "content-type")
	}
	if d.Body != "" {
		if !typed {
			add("-H", "Content-Type: text/plain;charset=UTF-8")
		}
		add("--data-raw", d.Body)
	}
	add("--mode", string(d.Mode))
	add("--credentials", string(d.Credentials))
	add("--redirect", string(d.Redirect))
	add("-b", d.Cookies)
	for _, policy := range lines(d.CSP) {
		add("--csp", policy)
	}
	for _, host := range lines(d.HSTS) {
		add("--hsts", host)
	}
	if d.LocalNetwork != "" {
		add("--permission", "local-network="+string(d.LocalNetwork))
	}
	if d.LoopbackNetwork != "" {
		add("--permission", "loopback-network="+string(d.LoopbackNetwork))
	}
	add("--page-address-space", d.AddressSpace)
	add("--third-party-cookies", string(d.ThirdPartyCookies))
	switch {
	case d.Live:
		if d.Why {
			args = append(args, "--why")
		}
	case strings.TrimSpace(d.Answers) != "":
		add("--answer", "answers.txt")
	default:
		args = append(args, "--dry-run")
	}
	add("--server", d.Server)
	return args
}
