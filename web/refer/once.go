package refer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"waypost/referrals"
)

// stream gives the bytes from which a case of this form gets its references and its operation. They follow from 16 random
// bytes that were drawn when the form began and travel sealed, so the same form gives the same case however often it is
// sent, and to anybody else they are random.
type stream struct {
	seed []byte
	n    uint64
	left []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for i := range p {
		if len(s.left) == 0 {
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte("waypost refer "), s.seed...), s.n))
			s.left, s.n = sum[:], s.n+1
		}
		p[i], s.left = s.left[0], s.left[1:]
	}
	return len(p), nil
}

// once is the desk for one form.
func (j *Journey) once(s state) (*referrals.Desk, error) {
	c := j.Desk.Config
	c.Random = &stream{seed: s.op[:]}
	return referrals.New(c)
}

// reference is that of the case this form makes: the first that the desk draws.
func (s state) reference() string {
	var id [16]byte
	_, _ = (&stream{seed: s.op[:]}).Read(id[:])
	return hex.EncodeToString(id[:])
}
