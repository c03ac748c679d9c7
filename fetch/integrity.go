package fetch

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"github.com/corsim/corsim/cors"
)

// checkIntegrity reads a response's body and compares it with the request's
// integrity metadata. A null body, which is not the same as an empty one, matches
// none, not even metadata that asks for nothing.
//
// https://w3c.github.io/webappsec-subresource-integrity/#does-response-match-metadatalist
func (f *fetching) checkIntegrity(r *Response, nullBody bool) error {
	if nullBody || r.Type == TypeOpaque || r.Type == TypeOpaqueRedirect {
		return f.networkError(cors.Integrity)
	}
	wanted := parseIntegrity(f.request.integrity)
	if len(wanted) == 0 {
		return nil
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return f.transportError(err, &NetworkRequest{URL: r.URL})
	}
	digest := wanted[0].sum(body)
	for _, w := range wanted {
		if strings.TrimRight(w.digest, "=") == strings.TrimRight(digest, "=") { // all engines do without the padding
			r.Body = io.NopCloser(bytes.NewReader(body))
			return nil
		}
	}
	e := f.networkError(cors.Integrity)
	e.Err = fmt.Errorf("the body's digest is %s-%s", wanted[0].algorithm, padded(digest))
	return e
}

// padded returns base64 as people write it.
func padded(digest string) string { return digest + strings.Repeat("=", -len(digest)&3) }

// integrity is one item of integrity metadata.
type integrity struct{ algorithm, digest string }

func (i integrity) sum(body []byte) string {
	var digest []byte
	switch i.algorithm {
	case "sha256":
		sum := sha256.Sum256(body)
		digest = sum[:]
	case "sha384":
		sum := sha512.Sum384(body)
		digest = sum[:]
	case "sha512":
		sum := sha512.Sum512(body)
		digest = sum[:]
	}
	return base64.RawStdEncoding.EncodeToString(digest)
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// parseIntegrity returns the items of the strongest algorithm in metadata.
//
// https://w3c.github.io/webappsec-subresource-integrity/#get-the-strongest-metadata
func parseIntegrity(metadata string) (strongest []integrity) {
	for item := range strings.FieldsSeq(metadata) {
		item, _, _ = strings.Cut(item, "?")
		algorithm, digest, ok := strings.Cut(item, "-")
		algorithm = strings.ToLower(algorithm)
		if !ok || algorithm != "sha256" && algorithm != "sha384" && algorithm != "sha512" {
			continue
		}
		// Base64 of either alphabet is one value, with and without its padding.
		digest = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(digest), "=")
		if strings.Trim(digest, base64Alphabet) != "" { // all engines pass over it
			continue
		}
		if len(strongest) > 0 && algorithm < strongest[0].algorithm {
			continue
		}
		if len(strongest) > 0 && algorithm > strongest[0].algorithm {
			strongest = nil
		}
		strongest = append(strongest, integrity{algorithm, digest})
	}
	return strongest
}
