package trail

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the head of a log at one moment, small enough to print, mail and keep.
type Checkpoint struct {
	Log   string // the organisation
	Size  int64
	Root  Hash
	Clock time.Time // the latest time the log had seen; zero for the empty log
}

const origin = "waypost/trail/"

// Head is the checkpoint of the edge of log name.
func (g Edge) Head(name string) Checkpoint {
	return Checkpoint{Log: name, Size: g.Size, Root: g.Root(), Clock: g.Clock}
}

// text is the body that is signed, in the form of C2SP tlog-checkpoint: origin, size, root, and one line of our own.
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s%s\n%d\n%s\nclock %s\n", origin, c.Log, c.Size,
		base64.StdEncoding.EncodeToString(c.Root[:]), c.Clock.UTC().Format(stamp))
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 || lines[4] != "" {
		return Checkpoint{}, fmt.Errorf("%w: not five lines", ErrNote)
	}
	name, ok1 := strings.CutPrefix(lines[0], origin)
	size, err1 := strconv.ParseInt(lines[1], 10, 64)
	root, err2 := base64.StdEncoding.DecodeString(lines[2])
	clock, ok2 := strings.CutPrefix(lines[3], "clock ")
	at, err3 := time.Parse(stamp, clock)
	if !ok1 || !ok2 || errors.Join(err1, err2, err3) != nil || !IsCode(name) || size < 0 || len(root) != len(Hash{}) {
		return Checkpoint{}, fmt.Errorf("%w: malformed", ErrNote)
	}
	c := Checkpoint{Log: name, Size: size, Root: Hash(root), Clock: at}
	if c.text() != text {
		return Checkpoint{}, fmt.Errorf("%w: another spelling", ErrNote)
	}
	return c, nil
}

// NewKey makes a signing key for checkpoints and the public key that proves them. It is a key of its own: who can sign
// the log cannot open a record with it, and the other way round.
func NewKey(rand io.Reader, name string) (private, public string, err error) {
	return note.GenerateKey(rand, name)
}

// Readers hold public keys and can only check. Several keys stand side by side after a key was changed.
type Readers struct{ known note.Verifiers }

// NewReaders takes the public keys in the form NewKey gave them.
func NewReaders(public ...string) (Readers, error) {
	var list []note.Verifier
	for i, key := range public {
		v, err := note.NewVerifier(strings.TrimSpace(key))
		if err != nil {
			return Readers{}, fmt.Errorf("public trail key %d: %w", i+1, err)
		}
		list = append(list, v)
	}
	return Readers{note.VerifierList(list...)}, nil
}

// Open checks a signed checkpoint of any log and reads it.
func (r Readers) Open(signed []byte) (Checkpoint, error) {
	if r.known == nil {
		return Checkpoint{}, fmt.Errorf("%w: no key to check it with", ErrNote)
	}
	n, err := note.Open(signed, r.known)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: signature", ErrNote)
	}
	return parseCheckpoint(n.Text)
}

// Notary signs heads, and checks what it or its predecessors signed.
type Notary struct {
	Readers
	signer note.Signer
}

// NewNotary takes the private key, and the public keys of it and of its predecessors.
func NewNotary(private string, public ...string) (*Notary, error) {
	s, err := note.NewSigner(strings.TrimSpace(private))
	if err != nil {
		return nil, errors.New("trail: the signing key is malformed") // note's own error could one day carry the key
	}
	r, err := NewReaders(public...)
	if err != nil {
		return nil, err
	}
	n := &Notary{r, s}
	if probe, err := n.Sign(Checkpoint{Log: "probe"}); err != nil {
		return nil, err
	} else if _, err = n.Open(probe); err != nil {
		return nil, errors.New("trail: the public keys do not contain that of the signing key")
	}
	return n, nil
}

// Sign signs the head of a log.
func (n *Notary) Sign(c Checkpoint) ([]byte, error) {
	if !IsCode(c.Log) {
		return nil, fmt.Errorf("%w: name of the log is not a code", ErrNote)
	}
	return note.Sign(&note.Note{Text: c.text()}, n.signer)
}
