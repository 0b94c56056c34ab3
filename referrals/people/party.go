package people

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"
)

// relyingParty is us, as the keys know us: from the configuration alone.
func relyingParty(base *url.URL, name string) (*webauthn.WebAuthn, error) {
	resident := true
	patience := webauthn.TimeoutConfig{Timeout: 4 * time.Minute, TimeoutUVD: 4 * time.Minute} // the challenge lives longer
	rp, err := webauthn.New(&webauthn.Config{
		RPID: base.Hostname(), RPDisplayName: name, RPOrigins: []string{base.String()},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &resident, ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: patience, Registration: patience},
		// Password managers answer extensions nobody asked for; we read none of them.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: no keys can be bound to the public URL", ErrConfig)
	}
	return rp, nil
}

// newDecoy makes the public key against which an unknown account's signature is checked, so that unknown and known cost
// the same.
func newDecoy(random io.Reader) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return nil, fmt.Errorf("make decoy key: %w", err)
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, fmt.Errorf("make decoy key: %w", err)
	}
	return webauthncbor.Marshal(webauthncose.EC2PublicKeyData{
		PublicKeyData: webauthncose.PublicKeyData{KeyType: int64(webauthncose.EllipticKey), Algorithm: int64(webauthncose.AlgES256)},
		Curve:         int64(webauthncose.P256), XCoord: point[1:33], YCoord: point[33:],
	})
}

// LongestCredential is how much a browser may send for one ceremony.
const LongestCredential = 16 << 10

// challengeOf is what a credential says of itself before anything is checked: which challenge it answers.
func challengeOf(clientData []byte) (string, bool) {
	var said struct {
		Challenge string `json:"challenge"`
	}
	if json.Unmarshal(clientData, &said) != nil {
		return "", false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(said.Challenge)
	return said.Challenge, err == nil && len(raw) == tokenSize
}

func parseAssertion(text []byte) (*protocol.ParsedCredentialAssertionData, error) {
	if len(text) > LongestCredential {
		return nil, ErrSignIn
	}
	p, err := protocol.ParseCredentialRequestResponseBytes(text)
	if err != nil || len(p.Response.UserHandle) > 64 || len(p.RawID) > 1023 {
		return nil, ErrSignIn
	}
	return p, nil
}

func parseCreation(text []byte) (*protocol.ParsedCredentialCreationData, error) {
	if len(text) > LongestCredential {
		return nil, ErrSignIn
	}
	p, err := protocol.ParseCredentialCreationResponseBytes(text)
	if err != nil {
		return nil, ErrSignIn
	}
	return p, nil
}
