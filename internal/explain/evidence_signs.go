package explain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/corsim/corsim/headers"
)

// An answerSign is how an answer shows by itself who made it, and why: what a framework, gateway,
// CDN or filter answers in its own words. To add one, add a row, before those that fit more
// answers. If an answer was captured from the product, put it into testdata/answers with
// the version, and name it in captured: only then may the row's cause be certain.
type answerSign struct {
	by    string // who made the answer
	cause string
	// setting is where it is configured, as the sentences of the cause say it.
	setting string

	on       string // "OPTIONS", "request" or "" for both
	statuses []int  // one of them; nil for any
	// header is the name of a response header, and has what its value holds, in lower
	// case; body is what the response's body holds.
	header, has, body string

	captured string // the name in testdata/answers of the answer that shows it
	source   string // or else the address of the public documentation that says so
	likely   bool   // the answer does not exclude another cause
}

// in reports whether an answer has the sign, and what of it.
func (s *answerSign) in(a *Seen) (Evidence, bool) {
	preflight := a.Method == "OPTIONS"
	if s.on == "OPTIONS" && !preflight || s.on == "request" && preflight || s.statuses != nil && !slices.Contains(s.statuses, a.Status) {
		return Evidence{}, false
	}
	what := fmt.Sprintf("status %d", a.Status)
	if s.header != "" {
		found := ""
		for _, value := range a.Response.Values(s.header) {
			if strings.Contains(headers.Lower(value), s.has) {
				found = value
			}
		}
		if found == "" && (s.has != "" || !a.Response.Contains(s.header)) {
			return Evidence{}, false
		}
		what += ", " + s.header + ": " + found
	}
	if s.body != "" {
		if !strings.Contains(a.Body, s.body) {
			return Evidence{}, false
		}
		what += fmt.Sprintf(", body %q", s.body)
	}
	return Evidence{What: what, Where: a.where()}, true
}

// confidence is how much the sign speaks for its cause.
func (s *answerSign) confidence() Confidence {
	if s.captured != "" && !s.likely {
		return Certain
	}
	return Likely
}

// not reports whether the answer contradicts the sign's cause.
func (s *answerSign) not(q *inquiry) bool {
	switch s.cause {
	case "options-by-framework":
		return q.answer().allows(q.request.Origin) || !q.response.Contains("Allow") || q.knowsCORS() != ""
	case "origin-refused-by", "layer-refuses", "options-no-route", "bucket-unconfigured", "bucket-rule-misses", "page-for-api":
		return q.answer().allows(q.request.Origin)
	}
	return false
}

// settles are the questions that the sign's cause answers besides its own.
func (s *answerSign) settles() []question {
	switch s.cause {
	case "method-refused-by", "headers-refused-by", "part-refused-by":
		return []question{whichAnswer}
	case "page-for-api", "wrong-port", "users-network", "captive-portal", "answered-by", "not-deployed", "challenge", "portal":
		return []question{whichOrigin, whichPermission}
	}
	return nil
}

var (
	notFound = []int{404, 405, 501}
	gateway  = []int{502, 503, 504}
)

// answerSigns are in order: an answer is told by the first that it has.
var answerSigns = []answerSign{
	// The user's network: what it answers may look like anything else.
	{by: "Squid, a proxy", cause: "users-network", header: "X-Squid-Error", has: "err_access_denied", captured: "squid-denied"},
	{by: "FortiGuard", cause: "users-network", body: "FortiGuard", source: "https://docs.fortinet.com/"},
	{by: "Fortinet", cause: "users-network", body: "Fortinet", source: "https://docs.fortinet.com/"},
	{by: "Zscaler", cause: "users-network", header: "Server", has: "zscaler", source: "https://help.zscaler.com/"},
	{by: "Zscaler", cause: "users-network", body: "zscaler", source: "https://help.zscaler.com/"},
	{by: "Cisco Umbrella", cause: "users-network", body: "opendns.com", source: "https://docs.umbrella.com/"},
	{by: "Netskope", cause: "users-network", body: "Netskope", source: "https://docs.netskope.com/"},
	{by: "Forcepoint", cause: "users-network", body: "Websense", source: "https://help.forcepoint.com/"},
	{by: "Blue Coat ProxySG", cause: "users-network", body: "Blue Coat", source: "https://techdocs.broadcom.com/"},
	{by: "Palo Alto Networks", cause: "users-network", body: "Web Page Blocked", source: "https://docs.paloaltonetworks.com/"},
	{by: "Sophos", cause: "users-network", body: "Sophos", source: "https://docs.sophos.com/"},
	{by: "Kaspersky", cause: "users-network", body: "Kaspersky", source: "https://support.kaspersky.com/"},
	{by: "the server", cause: "headers-too-large", statuses: []int{431, 494}, source: "https://www.rfc-editor.org/rfc/rfc6585#section-5"},
	{by: "nginx", cause: "headers-too-large", statuses: []int{400}, body: "Request Header Or Cookie Too Large", source: "https://nginx.org/en/docs/http/ngx_http_core_module.html#large_client_header_buffers"},
	{by: "a captive portal", cause: "captive-portal", statuses: []int{511}, source: "https://www.rfc-editor.org/rfc/rfc6585#section-6"},

	// CORS layers.
	{by: "Starlette or FastAPI, CORSMiddleware", cause: "origin-refused-by", setting: "allow_origins of CORSMiddleware", on: "OPTIONS", statuses: []int{400}, body: "Disallowed CORS origin", captured: "starlette-origin"},
	{by: "Starlette or FastAPI, CORSMiddleware", cause: "method-refused-by", setting: "allow_methods of CORSMiddleware", on: "OPTIONS", statuses: []int{400}, body: "Disallowed CORS method", captured: "starlette-method"},
	{by: "Starlette or FastAPI, CORSMiddleware", cause: "headers-refused-by", setting: "allow_headers of CORSMiddleware", on: "OPTIONS", statuses: []int{400}, body: "Disallowed CORS headers", captured: "starlette-headers"},
	{by: "the cors package of Express", cause: "origin-refused-by", setting: "the list that the origin callback of cors() looks into (and let it answer callback(null, false) instead of an Error, so that refusing is not a failure of the server)", body: "Not allowed by CORS", captured: "express-cors-error"},
	{by: "Express", cause: "origin-refused-by", setting: "the list that the origin callback of cors() looks into", body: "CORS policy does not allow", source: "https://expressjs.com/en/resources/middleware/cors.html"},
	{by: "Spring", cause: "layer-refuses", setting: "@CrossOrigin, addCorsMappings or the CorsConfigurationSource", statuses: []int{403}, body: "Invalid CORS request", captured: "spring-origin", likely: true},
	{by: "Quarkus or Vert.x", cause: "layer-refuses", setting: "quarkus.http.cors.origins (methods, headers)", statuses: []int{403}, body: "CORS Rejected", source: "https://quarkus.io/guides/http-reference"},
	{by: "rack-cors", cause: "layer-refuses", setting: "config/initializers/cors.rb", header: "X-Rack-Cors", has: "miss", source: "https://github.com/cyu/rack-cors"},
	{by: "the CORS policy of ASP.NET Core", cause: "layer-refuses", setting: "WithOrigins, WithMethods and WithHeaders of the policy", statuses: []int{403}, body: "CORS policy execution failed", source: "https://learn.microsoft.com/aspnet/core/security/cors"},
	{by: "Azure Blob Storage", cause: "bucket-rule-misses", setting: "Resource sharing (CORS) of the storage account, for the Blob service", body: "CorsPreflightFailure", source: "https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services"},
	{by: "Azure Storage", cause: "bucket-unconfigured", setting: "Resource sharing (CORS) of the storage account (az storage cors add)", body: "CORS not enabled or no matching rule found", source: "https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services"},
	{by: "S3", cause: "bucket-unconfigured", setting: "aws s3api put-bucket-cors --bucket NAME --cors-configuration file://cors.json, or Permissions, Cross-origin resource sharing in the console", body: "CORS is not enabled for this bucket", source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html"},
	{by: "S3", cause: "bucket-rule-misses", setting: "AllowedOrigins, AllowedMethods and AllowedHeaders of the bucket's CORS configuration", body: "This CORS request is not allowed", source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html"},
	{by: "MinIO or S3", cause: "bucket-rule-misses", setting: "the bucket's CORS configuration (of MinIO: mc admin config set ALIAS api cors_allow_origin=ORIGIN)", body: "<Code>AccessForbidden</Code>", source: "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"},
	{by: "Ollama", cause: "origin-refused-by", setting: "OLLAMA_ORIGINS in its environment", on: "OPTIONS", statuses: []int{403}, header: "Server", has: "ollama", source: "https://github.com/ollama/ollama/blob/main/docs/faq.md"},
	{by: "Elasticsearch", cause: "layer-refuses", setting: "http.cors.enabled, http.cors.allow-origin, http.cors.allow-methods and http.cors.allow-headers in elasticsearch.yml", statuses: []int{403}, header: "X-Elastic-Product", source: "https://www.elastic.co/guide/en/elasticsearch/reference/current/modules-network.html"},
	{by: "Jupyter", cause: "origin-refused-by", setting: "c.ServerApp.allow_origin in its configuration", body: "Blocking Cross Origin API request", source: "https://jupyter-server.readthedocs.io/"},
	{by: "Jupyter", cause: "origin-refused-by", setting: "c.ServerApp.allow_origin in its configuration", on: "OPTIONS", header: "Access-Control-Allow-Headers", has: "x-xsrftoken", captured: "jupyter-options"},
	{by: "Kong's CORS plugin", cause: "layer-refuses", setting: "config.origins, config.methods and config.headers of the plugin cors", on: "OPTIONS", header: "Via", has: "kong", statuses: []int{403}, source: "https://docs.konghq.com/hub/kong-inc/cors/"},

	// Protections that are not CORS.
	{by: "Django", cause: "csrf-refused", setting: "CSRF_TRUSTED_ORIGINS, and send X-CSRFToken", statuses: []int{403}, body: "CSRF verification failed", captured: "django-csrf"},
	{by: "Go's http.CrossOriginProtection", cause: "csrf-refused", setting: "its AddTrustedOrigin", statuses: []int{403}, body: "cross-origin request detected", captured: "go-cross-origin-protection"},
	{by: "Laravel", cause: "csrf-refused", setting: "the exceptions of its CSRF middleware for API routes (or routes/api.php, which has none)", statuses: []int{419}, source: "https://laravel.com/docs/csrf"},
	{by: "Rails", cause: "csrf-refused", setting: "protect_from_forgery with: :null_session for the API's controllers", statuses: []int{422}, body: "InvalidAuthenticityToken", source: "https://guides.rubyonrails.org/security.html"},
	{by: "Next.js", cause: "csrf-refused", setting: "serverActions.allowedOrigins in next.config.js", body: "Invalid Server Actions request", source: "https://nextjs.org/docs/app/api-reference/config/next-config-js/serverActions"},
	{by: "SvelteKit", cause: "csrf-refused", setting: "csrf.trustedOrigins in svelte.config.js", statuses: []int{403}, body: "Cross-site POST form submissions are forbidden", source: "https://svelte.dev/docs/kit/configuration"},
	{by: "Django", cause: "host-refused", setting: "ALLOWED_HOSTS in settings.py", statuses: []int{400}, header: "Server", has: "wsgiserver", body: "Bad Request (400)", captured: "django-host", likely: true},
	{by: "Vite's development server", cause: "host-refused", setting: "server.allowedHosts in vite.config.js", statuses: []int{403}, body: "Blocked request. This host (", captured: "vite-host"},
	{by: "webpack's development server", cause: "host-refused", setting: "devServer.allowedHosts in the webpack configuration", body: "Invalid Host header", source: "https://webpack.js.org/configuration/dev-server/"},
	{by: "Rails", cause: "host-refused", setting: "config.hosts", body: "Blocked host", source: "https://guides.rubyonrails.org/configuring.html"},

	// Checks, firewalls and logins in front.
	{by: "Cloudflare", cause: "challenge", setting: "the challenge, by a WAF rule with the action Skip", header: "Cf-Mitigated", has: "challenge", source: "https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/"},
	{by: "Cloudflare", cause: "challenge", setting: "the challenge, by a WAF rule with the action Skip", header: "Server", has: "cloudflare", body: "Just a moment...", source: "https://developers.cloudflare.com/cloudflare-challenges/"},
	{by: "Cloudflare", cause: "firewall", setting: "Security, Events of the zone, by the Ray ID", header: "Server", has: "cloudflare", body: "Sorry, you have been blocked", source: "https://developers.cloudflare.com/waf/"},
	{by: "Cloudflare", cause: "firewall", setting: "Security, Events of the zone, by the Ray ID", header: "Server", has: "cloudflare", body: "error code: 10", source: "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/"},
	{by: "AWS WAF", cause: "challenge", setting: "the rule of the web ACL", header: "X-Amzn-Waf-Action", source: "https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html"},
	{by: "DataDome", cause: "challenge", setting: "DataDome's rules", header: "X-Datadome", source: "https://docs.datadome.co/"},
	{by: "HUMAN (PerimeterX)", cause: "challenge", setting: "its rules", body: "px-captcha", source: "https://docs.humansecurity.com/"},
	{by: "Imperva", cause: "challenge", setting: "its security rules", body: "_Incapsula_Resource", source: "https://docs.imperva.com/"},
	{by: "Akamai", cause: "firewall", setting: "Akamai's security events, by the reference in the answer", header: "Server", has: "akamaighost", statuses: []int{403}, source: "https://techdocs.akamai.com/"},
	{by: "Akamai", cause: "firewall", setting: "Akamai's security events, by the reference in the answer", body: "errors.edgesuite.net", source: "https://techdocs.akamai.com/"},
	{by: "Sucuri", cause: "firewall", setting: "Sucuri's log", header: "X-Sucuri-Id", statuses: []int{403}, source: "https://docs.sucuri.net/"},
	{by: "ModSecurity", cause: "firewall", setting: "the log of ModSecurity", body: "Mod_Security", source: "https://github.com/owasp-modsecurity/ModSecurity"},
	{by: "Anubis", cause: "challenge", setting: "its policy", body: "Making sure you&#39;re not a bot", source: "https://anubis.techaro.lol/docs/"},
	{by: "Cloudflare Access", cause: "portal", setting: "CORS settings of the Access application, Bypass OPTIONS requests", header: "Location", has: "cloudflareaccess.com", source: "https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/cors/"},
	{by: "Cloudflare Access", cause: "portal", setting: "CORS settings of the Access application, Bypass OPTIONS requests", body: "cloudflareaccess.com", source: "https://developers.cloudflare.com/cloudflare-one/access-controls/applications/http-apps/authorization-cookie/cors/"},
	{by: "Google's Identity-Aware Proxy", cause: "portal", setting: "gcloud iap settings, corsSettings.allowHttpOptions", header: "X-Goog-Iap-Generated-Response", source: "https://cloud.google.com/iap/docs/customizing"},
	{by: "Vercel's Deployment Protection", cause: "portal", setting: "Deployment Protection of the project, OPTIONS allowlist", body: "vercel.com/sso-api", source: "https://vercel.com/docs/deployment-protection"},
	{by: "Vercel's Deployment Protection", cause: "portal", setting: "Deployment Protection of the project, OPTIONS allowlist", header: "Location", has: "vercel.com/sso-api", source: "https://vercel.com/docs/deployment-protection"},
	{by: "GitHub Codespaces", cause: "portal", setting: "the port's visibility (public)", header: "Location", has: "github.dev/pf-signin", source: "https://docs.github.com/codespaces/developing-in-a-codespace/forwarding-ports-in-your-codespace"},
	{by: "a development tunnel", cause: "portal", setting: "devtunnel port access (anonymous)", header: "Www-Authenticate", has: "tunnel", source: "https://learn.microsoft.com/azure/developer/dev-tunnels/"},
	{by: "ngrok", cause: "portal", setting: "the request header ngrok-skip-browser-warning, which script must set for its free tunnels", body: "ERR_NGROK_6024", source: "https://ngrok.com/docs/errors/err_ngrok_6024"},
	{by: "localtunnel", cause: "portal", setting: "the request header bypass-tunnel-reminder", statuses: []int{401, 511}, body: "localtunnel", source: "https://theboroer.github.io/localtunnel-www/"},
	{by: "oauth2-proxy", cause: "portal", setting: "skip_auth_preflight = true", body: "oauth2-proxy", source: "https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview"},
	{by: "oauth2-proxy", cause: "portal", setting: "skip_auth_preflight = true", header: "Location", has: "/oauth2/start", source: "https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview"},
	{by: "Authelia", cause: "portal", setting: "a rule with the policy bypass for the method OPTIONS", header: "Location", has: "authelia", source: "https://www.authelia.com/configuration/security/access-control/"},
	{by: "authentik", cause: "portal", setting: "the unauthenticated paths of its provider", header: "Location", has: "/outpost.goauthentik.io", source: "https://docs.goauthentik.io/"},
	{by: "Azure App Service's login", cause: "portal", setting: "Authentication of the app: allow unauthenticated requests for OPTIONS, and use its CORS setting", header: "Location", has: "/.auth/login", source: "https://learn.microsoft.com/azure/app-service/overview-authentication-authorization"},

	// Gateways.
	{by: "API Gateway", cause: "gateway-no-route", setting: "add OPTIONS to the resource (Enable CORS in the console, cors: true in the Serverless Framework) and deploy the stage", header: "X-Amzn-Errortype", has: "missingauthenticationtoken", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html"},
	{by: "API Gateway", cause: "gateway-no-route", setting: "add OPTIONS to the resource (Enable CORS in the console) and deploy the stage", body: "Missing Authentication Token", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html"},
	{by: "API Gateway", cause: "key-in-front", setting: "no authorizer and no API key on OPTIONS, and gateway responses (DEFAULT_4XX) with the CORS headers", header: "X-Amzn-Errortype", has: "unauthorized", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"},
	{by: "API Gateway", cause: "key-in-front", setting: "no authorizer, API key or resource policy on OPTIONS, and gateway responses (DEFAULT_4XX) with the CORS headers", header: "X-Amzn-Errortype", has: "forbidden", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"},
	{by: "a Lambda function URL", cause: "key-in-front", setting: "AuthType NONE and the cors setting of the function URL", header: "X-Amzn-Errortype", has: "accessdenied", source: "https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html"},
	{by: "API Gateway", cause: "key-in-front", setting: "no authorizer on OPTIONS, and gateway responses with the CORS headers", header: "X-Amz-Apigw-Id", body: `"Unauthorized"`, source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"},
	{by: "API Gateway", cause: "key-in-front", setting: "no authorizer or API key on OPTIONS, and gateway responses with the CORS headers", statuses: []int{403}, header: "X-Amz-Apigw-Id", body: `{"message":"Forbidden"}`, source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"},
	{by: "API Gateway", cause: "gateway-no-route", setting: "add the route, or CORS of the HTTP API", statuses: []int{404}, header: "Apigw-Requestid", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"},
	{by: "API Gateway", cause: "answered-by", setting: "the function's log in CloudWatch", statuses: []int{500, 502, 503, 504}, header: "X-Amz-Apigw-Id", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"},
	{by: "API Gateway", cause: "answered-by", setting: "the function's log in CloudWatch", statuses: []int{500, 502, 503, 504}, header: "Apigw-Requestid", source: "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"},
	{by: "CloudFront", cause: "options-refused-in-front", setting: "Allowed HTTP methods of the behavior must include OPTIONS", on: "OPTIONS", statuses: []int{403}, body: "This distribution is not configured to allow the HTTP request method", source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-permission-denied.html"},
	{by: "CloudFront", cause: "answered-by", setting: "the origin of the distribution", body: "The request could not be satisfied", source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/troubleshooting-response-errors.html"},
	{by: "Kong", cause: "gateway-no-route", setting: "add OPTIONS to the route's methods", body: "no Route matched with those values", source: "https://docs.konghq.com/gateway/latest/reference/"},
	{by: "Kong", cause: "key-in-front", setting: "run_on_preflight: false of the plugin key-auth or jwt, and the plugin cors with preflight_continue: false", body: "No API key found in request", source: "https://docs.konghq.com/hub/kong-inc/key-auth/"},
	{by: "Kong", cause: "answered-by", setting: "the upstream of the service", body: "An invalid response was received from the upstream server", source: "https://docs.konghq.com/gateway/latest/reference/"},
	{by: "Azure API Management", cause: "key-in-front", setting: "the policy cors in the inbound section of the API or of all APIs", body: "Access denied due to missing subscription key", source: "https://learn.microsoft.com/azure/api-management/cors-policy"},
	{by: "Azure API Management", cause: "gateway-no-route", setting: "add the policy cors in the inbound section, which answers OPTIONS by itself", on: "OPTIONS", body: "Unable to match incoming request to an operation", source: "https://learn.microsoft.com/azure/api-management/cors-policy"},
	{by: "Supabase", cause: "key-in-front", setting: "answer OPTIONS in the function before anything else, and deploy with --no-verify-jwt if OPTIONS is refused", body: "Missing authorization header", source: "https://supabase.com/docs/guides/functions/cors"},
	{by: "Supabase", cause: "not-deployed", setting: "supabase functions deploy NAME", body: "Requested function was not found", source: "https://supabase.com/docs/guides/functions/deploy"},
	{by: "Supabase", cause: "program-failed", body: "BOOT_ERROR", source: "https://supabase.com/docs/guides/functions/troubleshooting"},
	{by: "Google Cloud Run or Functions", cause: "key-in-front", setting: "allow unauthenticated invocations (roles/run.invoker for allUsers) and check the token in the function", statuses: []int{401, 403}, body: "Your client does not have permission to get URL", source: "https://cloud.google.com/run/docs/authenticating/public"},
	{by: "Firebase Hosting", cause: "not-deployed", setting: "firebase deploy", body: "Site Not Found", source: "https://firebase.google.com/docs/hosting"},

	// Intermediaries' errors.
	{by: "nginx", cause: "answered-by", setting: "the error log of nginx and proxy_pass", statuses: gateway, body: "<center>nginx", captured: "nginx-502"},
	{by: "Apache", cause: "answered-by", setting: "the error log of Apache and ProxyPass", statuses: gateway, header: "Server", has: "apache", captured: "apache-503"},
	{by: "Caddy", cause: "answered-by", setting: "reverse_proxy in the Caddyfile and its log", statuses: gateway, header: "Server", has: "caddy", captured: "caddy-502"},
	{by: "HAProxy", cause: "answered-by", setting: "the backend's servers and their health checks", statuses: gateway, body: "No server is available to handle this request", captured: "haproxy-503"},
	{by: "Varnish", cause: "answered-by", setting: "the backend in the VCL", statuses: gateway, header: "Via", has: "varnish", captured: "varnish-503"},
	{by: "a development server's proxy (http-proxy-middleware)", cause: "answered-by", setting: "the target of the proxy", statuses: gateway, body: "Error occurred while trying to proxy", captured: "http-proxy-middleware-down"},
	{by: "Envoy or Istio", cause: "answered-by", setting: "the cluster and its endpoints", statuses: gateway, body: "upstream connect error or disconnect/reset before headers", source: "https://www.envoyproxy.io/docs/envoy/latest/faq/debugging/why_is_envoy_sending_internal_responses"},
	{by: "Envoy or Istio", cause: "answered-by", setting: "the endpoints of the service", statuses: gateway, body: "no healthy upstream", source: "https://www.envoyproxy.io/docs/envoy/latest/faq/debugging/why_is_envoy_sending_internal_responses"},
	{by: "Traefik", cause: "answered-by", setting: "the service's servers", statuses: gateway, body: "no available server", source: "https://doc.traefik.io/traefik/"},
	{by: "Cloudflare", cause: "answered-by", setting: "whether the origin server is up and reachable from Cloudflare", statuses: []int{502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530}, header: "Server", has: "cloudflare", source: "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/"},
	{by: "an AWS load balancer", cause: "answered-by", setting: "the health of the target group", statuses: gateway, header: "Server", has: "awselb", source: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html"},
	{by: "Heroku", cause: "answered-by", setting: "heroku logs, by the error code that begins with H", statuses: gateway, header: "Server", has: "heroku", source: "https://devcenter.heroku.com/articles/error-codes"},
	{by: "Heroku", cause: "answered-by", setting: "heroku logs", statuses: gateway, body: "herokucdn.com/error-pages", source: "https://devcenter.heroku.com/articles/error-codes"},
	{by: "Heroku", cause: "not-deployed", setting: "the app's name in the URL", statuses: []int{404}, body: "herokucdn.com/error-pages/no-such-app", source: "https://devcenter.heroku.com/articles/error-codes"},
	{by: "Render", cause: "answered-by", setting: "the service's log", header: "X-Render-Routing", has: "error", source: "https://render.com/docs/troubleshooting-deploys"},
	{by: "Render", cause: "not-deployed", setting: "the service's address", header: "X-Render-Routing", has: "no-server", source: "https://render.com/docs/troubleshooting-deploys"},
	{by: "Railway", cause: "answered-by", setting: "the port on which the service listens (PORT), and its log", header: "X-Railway-Fallback", has: "true", source: "https://docs.railway.com/reference/errors"},
	{by: "Fly.io", cause: "answered-by", setting: "fly logs and internal_port", statuses: gateway, header: "Server", has: "fly/", source: "https://fly.io/docs/"},
	{by: "Vercel", cause: "not-deployed", setting: "the deployment's address", header: "X-Vercel-Error", has: "not_found", source: "https://vercel.com/docs/errors"},
	{by: "a function at Vercel", cause: "program-failed", header: "X-Vercel-Error", source: "https://vercel.com/docs/errors"},
	{by: "ngrok", cause: "answered-by", setting: "the port that the tunnel leads to", header: "Ngrok-Error-Code", source: "https://ngrok.com/docs/errors/"},
	{by: "Azure App Service", cause: "not-deployed", setting: "start the app", statuses: []int{403}, body: "This web app is stopped", source: "https://learn.microsoft.com/azure/app-service/"},

	// Buckets, and addresses that are wrong.
	{by: "S3", cause: "bucket-elsewhere", setting: "https://BUCKET.s3.REGION.amazonaws.com, with the region of x-amz-bucket-region", statuses: []int{301, 307, 400, 403}, header: "X-Amz-Bucket-Region", source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"},
	{by: "S3", cause: "bucket-elsewhere", setting: "the address that <Endpoint> in the answer names", body: "<Code>PermanentRedirect</Code>", source: "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"},
	{by: "S3", cause: "bucket-elsewhere", setting: "https://BUCKET.s3.REGION.amazonaws.com", statuses: []int{307}, header: "Server", has: "amazons3", source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html"},
	{by: "S3", cause: "not-deployed", setting: "the bucket's name in the URL", body: "<Code>NoSuchBucket</Code>", source: "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"},
	{by: "MinIO's console", cause: "wrong-port", setting: "the port of its API (9000 where nothing else is configured; the console is at 9001)", header: "Server", has: "minio console", source: "https://min.io/docs/minio/linux/administration/minio-console.html"},
	{by: "MinIO's console", cause: "wrong-port", setting: "the port of its API (9000 where nothing else is configured; the console is at 9001)", body: "MinIO Console", source: "https://min.io/docs/minio/linux/administration/minio-console.html"},
	{by: "Kibana", cause: "wrong-port", setting: "the port of Elasticsearch (9200)", header: "Kbn-Name", source: "https://www.elastic.co/guide/en/kibana/current/"},
	{by: "Vite's development server", cause: "page-for-api", setting: "server.proxy in vite.config.js", body: "/@vite/client", captured: "vite-index"},
	{by: "the development server of Create React App or webpack", cause: "page-for-api", setting: "proxy in package.json, or devServer.proxy", body: "/static/js/bundle.js", source: "https://create-react-app.dev/docs/proxying-api-requests-in-development/"},
	{by: "Angular's development server", cause: "page-for-api", setting: "proxy.conf.json", body: "<app-root>", source: "https://angular.dev/tools/cli/serve"},
	{by: "Next.js", cause: "page-for-api", setting: "rewrites in next.config.js", body: "/_next/static/", source: "https://nextjs.org/docs/app/api-reference/config/next-config-js/rewrites"},
	{by: "a static host with a page for every path", cause: "page-for-api", setting: "the rewrites of the host, before the page's rule", body: `<div id="root">`, source: "https://create-react-app.dev/docs/deployment/"},
	{by: "nginx's page of welcome", cause: "wrong-port", setting: "the host and port at which the API listens", body: "Welcome to nginx!", source: "https://nginx.org/"},
	{by: "Apache's page of welcome", cause: "wrong-port", setting: "the host and port at which the API listens", body: "Apache2 Debian Default Page", source: "https://httpd.apache.org/"},

	// Programs that fail.
	{by: "PHP", cause: "output-before-headers", body: "headers already sent", captured: "php-headers-sent"},
	{by: "PHP", cause: "program-failed", body: "Fatal error</b>", captured: "php-fatal"},
	{by: "PHP", cause: "program-failed", body: "Parse error</b>", source: "https://www.php.net/manual/en/errorfunc.constants.php"},
	{by: "Flask's debugger", cause: "program-failed", body: "Werkzeug Debugger", source: "https://werkzeug.palletsprojects.com/en/stable/debug/"},
	{by: "Django", cause: "program-failed", body: "You're seeing this error because you have <code>DEBUG = True</code>", source: "https://docs.djangoproject.com/en/stable/ref/settings/#debug"},
	{by: "Laravel", cause: "options-no-route", setting: "its HandleCors middleware (config/cors.php: paths must contain the route, such as api/*)", on: "OPTIONS", statuses: []int{405}, body: "The OPTIONS method is not supported", source: "https://laravel.com/docs/routing#cors"},
	{by: "WordPress", cause: "program-failed", statuses: []int{500}, body: "There has been a critical error on this website", source: "https://wordpress.org/documentation/"},

	// Frameworks' own OPTIONS.
	{by: "nginx", cause: "options-refused-in-front", setting: "answer OPTIONS in the location by return 204 with the headers, and see limit_except and deny", on: "OPTIONS", statuses: []int{403}, body: "<center>nginx", captured: "nginx-limit-except"},
	{by: "Apache", cause: "options-refused-in-front", setting: "Require all granted for OPTIONS (<Limit OPTIONS>), or answer it by RewriteRule ^ - [R=204,L]", on: "OPTIONS", statuses: []int{403}, header: "Server", has: "apache", captured: "apache-deny"},
	{by: "nginx", cause: "options-no-route", setting: "an answer to OPTIONS in the location (return 204, with the headers)", on: "OPTIONS", statuses: []int{405}, body: "<center>nginx", captured: "nginx-405"},
	{by: "FastAPI or Starlette", cause: "options-no-route", setting: "CORSMiddleware (app.add_middleware)", on: "OPTIONS", statuses: notFound, body: `{"detail":"Method Not Allowed"}`, captured: "fastapi-no-cors"},
	{by: "a program in Go (or Traefik, which is one)", cause: "options-no-route", setting: "a CORS middleware around the router (rs/cors, gin-contrib/cors); of Traefik a router whose rule names no method", on: "OPTIONS", statuses: []int{404}, body: "404 page not found", captured: "go-mux-404"},
	{by: "Fastify", cause: "options-no-route", setting: "@fastify/cors, registered (and awaited) before the routes", on: "OPTIONS", statuses: notFound, body: "Route OPTIONS:", captured: "fastify-no-options"},
	{by: "NestJS", cause: "options-no-route", setting: "app.enableCors() in main.ts, before listen", on: "OPTIONS", statuses: notFound, body: `"message":"Cannot OPTIONS `, captured: "nest-no-options"},
	{by: "Express", cause: "options-no-route", setting: "app.use(cors()) before the routes", on: "OPTIONS", statuses: notFound, body: "Cannot OPTIONS ", source: "https://expressjs.com/en/resources/middleware/cors.html"},
	{by: "Hono", cause: "options-no-route", setting: "app.use('*', cors()) before the routes", on: "OPTIONS", statuses: []int{404}, body: "404 Not Found", captured: "hono-no-options", likely: true},
	{by: "Django", cause: "options-no-route", setting: "django-cors-headers (CorsMiddleware as the first of MIDDLEWARE)", on: "OPTIONS", statuses: notFound, header: "Server", has: "wsgiserver", captured: "django-405"},
	{by: "Express", cause: "options-by-framework", setting: "app.use(cors()) before the routes", on: "OPTIONS", statuses: []int{200}, header: "X-Powered-By", has: "express", captured: "express-auto-options"},
	{by: "Flask", cause: "options-by-framework", setting: "flask-cors (CORS(app, origins=[…])), with the page's origin among its origins", on: "OPTIONS", statuses: []int{200}, header: "Server", has: "werkzeug", captured: "flask-auto-options", likely: true},
	{by: "Django's view", cause: "options-by-framework", setting: "django-cors-headers (CorsMiddleware as the first of MIDDLEWARE)", on: "OPTIONS", statuses: []int{200}, header: "Server", has: "wsgiserver", captured: "django-view-options"},
	{by: "Apache's own handler", cause: "options-by-framework", setting: "Header always set Access-Control-Allow-… and an answer to OPTIONS", on: "OPTIONS", statuses: []int{200}, header: "Server", has: "apache", captured: "apache-options-static"},
	{by: "the web framework", cause: "options-by-framework", setting: "its CORS middleware or filter (Spring: a CorsConfigurationSource; Tomcat: CorsFilter)", on: "OPTIONS", statuses: []int{200}, header: "Allow", has: "options", captured: "servlet-options", likely: true},
}

// isFilter reports whether a host is that of a page by which networks tell people that an
// address is blocked.
func isFilter(host string) bool {
	for _, name := range []string{"opendns.com", "zscaler", "fortiguard", "block.", "blocked.", "blockpage", "webfilter", "filter.", "safeframe", "netskope", "umbrella.com", "securly.com", "goguardian", "lightspeed", "captive.", "hotspot", "wifi."} {
		if strings.Contains(host, name) {
			return true
		}
	}
	return false
}
