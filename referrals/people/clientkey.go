package people

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"slices"
	"time"
)

// clientKey signs the assertion by which we prove to a provider who we are (RFC 7523), so that no secret is shared.
type clientKey struct {
	id  string
	ec  *ecdsa.PrivateKey
	rsa *rsa.PrivateKey
}

func parseClientKey(text, id string) (*clientKey, error) {
	bad := fmt.Errorf("%w: the provider's client key is no P-256, P-384 or RSA key in PEM (PKCS 8)", ErrConfig)
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, bad
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, bad
	}
	switch key := key.(type) {
	case *ecdsa.PrivateKey:
		if key.Curve == elliptic.P256() || key.Curve == elliptic.P384() {
			return &clientKey{id: id, ec: key}, nil
		}
	case *rsa.PrivateKey:
		if key.N.BitLen() >= 2048 {
			return &clientKey{id: id, rsa: key}, nil
		}
	}
	return nil, bad
}

const assertionLife = time.Minute

// assertion is the signed word for one request to the token endpoint.
func (k *clientKey) assertion(random io.Reader, client, audience, jti string, now time.Time, offered []string) (string, error) {
	alg := k.algorithm(offered)
	head := map[string]string{"alg": alg, "typ": "JWT"}
	if k.id != "" {
		head["kid"] = k.id
	}
	first, err := json.Marshal(head)
	if err != nil {
		return "", err
	}
	second, err := json.Marshal(map[string]any{
		"iss": client, "sub": client, "aud": audience, "jti": jti, "iat": now.Unix(), "exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	text := b64.EncodeToString(first) + "." + b64.EncodeToString(second)
	signature, err := k.sign(random, alg, []byte(text))
	if err != nil {
		return "", fmt.Errorf("sign for the provider: %w", err)
	}
	return text + "." + b64.EncodeToString(signature), nil
}

func (k *clientKey) algorithm(offered []string) string {
	switch {
	case k.ec != nil && k.ec.Curve == elliptic.P384():
		return "ES384"
	case k.ec != nil:
		return "ES256"
	case slices.Contains(offered, "RS512"): // what NHS CIS2 asks for
		return "RS512"
	}
	return "RS256"
}

func (k *clientKey) sign(random io.Reader, alg string, text []byte) ([]byte, error) {
	var digest []byte
	hash := crypto.SHA256
	switch alg {
	case "ES384":
		sum := sha512.Sum384(text)
		digest = sum[:]
	case "RS512":
		sum := sha512.Sum512(text)
		digest, hash = sum[:], crypto.SHA512
	default:
		sum := sha256.Sum256(text)
		digest = sum[:]
	}
	if k.rsa != nil {
		return rsa.SignPKCS1v15(random, k.rsa, hash, digest)
	}
	r, s, err := ecdsa.Sign(random, k.ec, digest)
	if err != nil {
		return nil, err
	}
	half := (k.ec.Curve.Params().BitSize + 7) / 8
	return append(r.FillBytes(make([]byte, half)), s.FillBytes(make([]byte, half))...), nil
}
