package fetch

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"hash"
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
	if r.Type == TypeOpaque && f.client.rules().Elements.OpaqueIntegrityIgnoresUnknown && len(f.integrityMetadata()) == 0 {
		return nil
	}
	if nullBody || r.Type == TypeOpaque || r.Type == TypeOpaqueRedirect {
		return f.networkError(cors.Integrity)
	}
	wanted := f.integrityMetadata()
	if len(wanted) == 0 {
		return nil
	}
	defer r.Body.Close()
	var kept keptBody
	sum := wanted[0].hash()
	err := kept.read(io.TeeReader(r.Body, sum), MaxIntegrityBody)
	if err == errBodyTooLong {
		e := f.networkError(cors.Integrity)
		e.Err = err
		return e
	}
	if err != nil {
		return f.transportError(err, &NetworkRequest{URL: r.URL})
	}
	digest := base64.RawStdEncoding.EncodeToString(sum.Sum(nil))
	for _, w := range wanted {
		if strings.TrimRight(w.digest, "=") == strings.TrimRight(digest, "=") { // all engines do without the padding
			r.Body = io.NopCloser(&kept)
			return nil
		}
	}
	e := f.networkError(cors.Integrity)
	e.Err = fmt.Errorf("the body's digest is %s-%s", wanted[0].algorithm, padded(digest))
	return e
}

// integrityMetadata is the request's, parsed.
func (f *fetching) integrityMetadata() []integrity {
	return parseIntegrity(f.request.integrity, f.client.rules().Elements.IntegrityCaseCounts)
}

// padded returns base64 as people write it.
func padded(digest string) string { return digest + strings.Repeat("=", -len(digest)&3) }

// integrity is one item of integrity metadata.
type integrity struct{ algorithm, digest string }

// hash returns the hash function of the algorithm, which is one that is known.
func (i integrity) hash() hash.Hash {
	switch i.algorithm {
	case "sha384":
		return sha512.New384()
	case "sha512":
		return sha512.New()
	}
	return sha256.New()
}

// MaxIntegrityBody is how many bytes of a body, decoded, are kept until it is known that
// they match integrity metadata. A longer one matches none. Browsers have no such bound but
// the memory of the machine.
const MaxIntegrityBody = 64 << 20

var errBodyTooLong = fmt.Errorf("the body has more than the %d MiB that are compared", MaxIntegrityBody>>20)

// A keptBody is a body in memory, in pieces: as one it would have to be copied as it grows.
type keptBody struct{ pieces [][]byte }

// read keeps all of a body that is not longer than most.
func (k *keptBody) read(from io.Reader, most int) error {
	for size := 4 << 10; ; size = min(2*size, 1<<20) {
		piece := make([]byte, size)
		n, err := io.ReadFull(from, piece)
		k.pieces = append(k.pieces, piece[:n])
		switch most -= n; {
		case most < 0:
			k.pieces = nil
			return errBodyTooLong
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return nil
		case err != nil:
			return err
		}
	}
}

// Read returns what is kept, once.
func (k *keptBody) Read(p []byte) (n int, err error) {
	for len(k.pieces) > 0 && len(k.pieces[0]) == 0 {
		k.pieces = k.pieces[1:]
	}
	if len(k.pieces) == 0 {
		return 0, io.EOF
	}
	n = copy(p, k.pieces[0])
	k.pieces[0] = k.pieces[0][n:]
	return n, nil
}

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// parseIntegrity returns the items of the strongest algorithm in metadata; with caseCounts, an algorithm
// in capitals is not known.
//
// https://w3c.github.io/webappsec-subresource-integrity/#get-the-strongest-metadata
func parseIntegrity(metadata string, caseCounts bool) (strongest []integrity) {
	for item := range strings.FieldsSeq(metadata) {
		item, _, _ = strings.Cut(item, "?")
		algorithm, digest, ok := strings.Cut(item, "-")
		if !caseCounts {
			algorithm = strings.ToLower(algorithm)
		}
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
