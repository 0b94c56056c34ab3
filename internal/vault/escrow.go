package vault

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrCode says that a recovery code was mistyped.
var ErrCode = errors.New("vault: recovery code mistyped")

const (
	codeRandom = 23 // 184 bits
	codeCheck  = 2  // of SHA-256, to catch a slip of the pen
	codeLabel  = "waypost/escrow/v1"
)

// Escrow returns a copy of the keyring, sealed under a fresh recovery code of ten groups
// of four. The file goes into a safe or a vault service, the code onto paper elsewhere.
// Together they open everything the keyring opens, also what is destroyed after today:
// after each destroyed month a new escrow replaces the old one, which is then destroyed.
func (k *Keyring) Escrow() (file []byte, code Secret[string], err error) {
	raw := make([]byte, codeRandom, codeRandom+codeCheck)
	if _, err := io.ReadFull(k.ground.Random, raw); err != nil {
		return nil, code, fmt.Errorf("vault: make recovery code: %w", err)
	}
	root, err := deriveRoot(raw, codeLabel)
	if err != nil {
		return nil, code, err
	}
	file, err = sealRing(k.ring.Load(), root, k.ground.Random)
	if err != nil {
		return nil, code, err
	}
	return file, Keep(writeCode(raw)), nil
}

// RestoreKeyring makes the keyring file anew from an escrow copy, under g.Root, and
// refuses where one exists. Check then says whether the copy is too old for the database.
func RestoreKeyring(g Ground, escrow []byte, code Secret[string]) (*Keyring, error) {
	raw, err := readCode(code.Reveal())
	if err != nil {
		return nil, err
	}
	root, err := deriveRoot(raw, codeLabel)
	if err != nil {
		return nil, err
	}
	r, err := openRing(escrow, root)
	if err != nil {
		return nil, fmt.Errorf("open escrow: %w", err)
	}
	return place(g, r)
}

func writeCode(raw []byte) string {
	sum := sha256.Sum256(raw)
	text := base32.StdEncoding.EncodeToString(append(raw, sum[:codeCheck]...))
	var out strings.Builder
	for i := 0; i < len(text); i += 4 {
		if i > 0 {
			out.WriteByte('-')
		}
		out.WriteString(text[i : i+4])
	}
	return out.String()
}

// readCode forgives spaces, hyphens, lower case and the digits that look like letters.
func readCode(code string) ([]byte, error) {
	tidy := strings.NewReplacer(" ", "", "-", "", "\n", "", "\r", "", "0", "O", "1", "I", "8", "B").
		Replace(strings.ToUpper(code))
	both, err := base32.StdEncoding.DecodeString(tidy)
	if err != nil || len(both) != codeRandom+codeCheck {
		return nil, ErrCode
	}
	raw := both[:codeRandom]
	if sum := sha256.Sum256(raw); string(sum[:codeCheck]) != string(both[codeRandom:]) {
		return nil, ErrCode
	}
	return raw, nil
}
