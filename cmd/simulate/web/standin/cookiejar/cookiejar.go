// Package cookiejar takes the place of net/http/cookiejar in what is built for the page, for the
// list of public suffixes, which only names this interface.
package cookiejar

// A PublicSuffixList is what net/http/cookiejar asks a list of public suffixes.
type PublicSuffixList interface {
	PublicSuffix(domain string) string
	String() string
}
