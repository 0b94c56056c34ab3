package openreferral

import (
	"crypto/sha1" //nolint:gosec // RFC 9562 makes names into identifiers with it; nothing is kept secret by it
	"encoding/hex"
)

// namespace is drawn once. With it the same service has the same identifier on every day and every machine.
const namespace = "\x6c\x1d\x0f\x5b\x8a\x52\x4e\x0b\x9c\x37\x21\xd4\x70\xbe\x46\x93"

// idOf is a UUID of version 5 (RFC 9562) for a thing and its name.
func idOf(kind, name string) string {
	sum := sha1.Sum([]byte(namespace + kind + "/" + name)) //nolint:gosec // as above
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	h := hex.EncodeToString(u)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
