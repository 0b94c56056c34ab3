package vault

// Recode decodes the content of a keyring and encodes it again.
func Recode(content []byte) ([]byte, error) {
	r, err := decodeRing(content)
	if err != nil {
		return nil, err
	}
	return encodeRing(r), nil
}

// Content returns what the keyring's file holds inside its box.
func (k *Keyring) Content() []byte { return encodeRing(k.ring.Load()) }

// ReadRing opens the bytes of a keyring file.
func ReadRing(file []byte, root KEK) error {
	_, err := openRing(file, root)
	return err
}

// Unpad and Pad show the padding.
var (
	Unpad = unpad
	Pad   = pad
)
