package vault_test

import (
	"bytes"
	"testing"

	"waypost/internal/vault"
)

// Nothing but the very bytes that were sealed opens, and nothing panics.
func FuzzOpen(f *testing.F) {
	v, h := frozen(f)
	s, other := v.Records[1], v.Records[2]
	f.Add(s.Wrapped.Bucket, s.Wrapped.Bytes, s.Sealed)
	f.Add("2027-04", s.Wrapped.Bytes, s.Sealed[:200])
	f.Add(s.Wrapped.Bucket, other.Wrapped.Bytes, other.Sealed)
	f.Add("", []byte{}, []byte{})
	f.Add(s.Wrapped.Bucket, s.Wrapped.Bytes, make([]byte, 319))
	f.Fuzz(func(t *testing.T, bucket string, wrapped, in []byte) {
		_, err := open(h.Keyring, sealed{s.Place, vault.Wrapped{Bucket: bucket, Bytes: wrapped}, in})
		ours := bucket == s.Wrapped.Bucket && bytes.Equal(wrapped, s.Wrapped.Bytes) && bytes.Equal(in, s.Sealed)
		if (err == nil) != ours {
			t.Errorf("ours %v: %v", ours, err)
		}
	})
}

// The content of a keyring has one encoding: whatever decodes encodes to the same bytes.
func FuzzKeyringContent(f *testing.F) {
	h := newHouse(f)
	f.Add(h.Content())
	h.clock.at = march.AddDate(0, 1, 0)
	must(f, h.DestroyBucket("2027-03"))
	must(f, h.RotateMonth("2027-06"))
	must(f, h.RotateForms())
	_, err := h.NewEpoch()
	must(f, err)
	f.Add(h.Content())
	f.Add(append(h.Content(), 0))
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, in []byte) {
		if out, err := vault.Recode(in); err == nil && !bytes.Equal(in, out) {
			t.Error("two encodings of one keyring")
		}
	})
}

// A keyring file opens only as it was written.
func FuzzKeyringFile(f *testing.F) {
	v, h := frozen(f)
	file := v.Keyring
	f.Add(file)
	f.Add(file[:38])
	f.Add([]byte("WPKR\x01"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if err := vault.ReadRing(in, h.ground.Root); err == nil && !bytes.Equal(in, file) {
			t.Error("opened a keyring nobody wrote")
		}
	})
}

func FuzzUnpad(f *testing.F) {
	f.Add(vault.Pad(nil, []byte("text")))
	f.Add(make([]byte, 256))
	f.Add(bytes.Repeat([]byte{0xff}, 1024))
	f.Fuzz(func(t *testing.T, in []byte) {
		if text, ok := vault.Unpad(in); ok && !bytes.Equal(vault.Pad(nil, text), in) {
			t.Error("two padded forms of one text")
		}
	})
}
