package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// ProbeTenant is where Prove writes. Nothing of it stays but batch ids, which are swept.
const ProbeTenant = "waypost.probe"

const (
	probeRacers = 8
	probeRounds = 5
	probeAdds   = 10
	probeClears = 16 // rounds until what is left cannot be removed
)

// Prove is the part of Probe that both engines share: it races writers for one revision, counts acknowledged
// increments, takes identifiers twice, breaks a batch in the middle and compares what comes back, and returns
// ErrUnfit with the name of the first promise that was not kept. Entropy makes the ids of its batches.
func Prove(ctx context.Context, s Store, entropy io.Reader) (err error) {
	p := prover{ctx: ctx, s: s, entropy: entropy}
	if _, err := io.ReadFull(entropy, p.name[:]); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	p.mine = "-" + hex.EncodeToString(p.name[:])
	left := p.standing()
	defer func() {
		p.clear(left)
		if err == nil {
			err = p.err
		}
	}()
	for _, step := range []struct {
		name string
		run  func() (bool, error)
	}{
		{"compare-and-set", p.race}, {"acknowledged increments", p.count}, {"unique identifiers", p.unique},
		{"all or nothing", p.whole}, {"round trip", p.roundTrip},
	} {
		ok, err := step.run()
		if err = errors.Join(err, p.err); err != nil {
			return fmt.Errorf("probe %s: %w", step.name, err)
		}
		if !ok {
			return fmt.Errorf("%w: %s", ErrUnfit, step.name)
		}
	}
	return nil
}

// together runs f in as many goroutines as a probe has racers and returns how many came back without error.
func (p *prover) together(f func(racer int) error, lost ...error) int {
	var wg sync.WaitGroup
	var won int
	for racer := range probeRacers {
		wg.Go(func() {
			err := f(racer)
			p.mu.Lock()
			defer p.mu.Unlock()
			if err == nil {
				won++
				return
			}
			for _, l := range lost {
				if errors.Is(err, l) {
					return
				}
			}
			p.err = errors.Join(p.err, err)
		})
	}
	wg.Wait()
	return won
}

func (p *prover) race() (bool, error) {
	if err := p.commit(Op{Insert, p.record("race", 1)}); err != nil {
		return false, err
	}
	for rev := int64(2); rev < 2+probeRounds; rev++ {
		won := p.together(func(racer int) error {
			return p.commit(Op{Replace, p.record("race", rev, byte(racer))})
		}, ErrConflict)
		if won != 1 {
			return false, nil
		}
	}
	return true, nil
}

func (p *prover) count() (bool, error) {
	if err := p.commit(Op{Insert, p.record("count", 1)}); err != nil {
		return false, err
	}
	p.together(func(int) error {
		for range probeAdds {
			for {
				r, err := p.s.Read(p.ctx, p.key("count"))
				if err != nil {
					return err
				}
				err = p.commit(Op{Replace, p.record("count", r.Rev+1)})
				if err == nil {
					break
				}
				if !errors.Is(err, ErrConflict) {
					return err
				}
			}
		}
		return nil
	})
	r, err := p.s.Read(p.ctx, p.key("count"))
	return r.Rev == 1+probeRacers*probeAdds, err
}

func (p *prover) unique() (bool, error) {
	won := p.together(func(racer int) error {
		return p.commit(Op{Insert, p.record("unique", 1, byte(racer))})
	}, ErrDuplicate)
	return won == 1, nil
}

func (p *prover) whole() (bool, error) {
	err := p.commit(Op{Insert, p.record("whole", 1)}, Op{Replace, p.record("missing", 2)})
	if !errors.Is(err, ErrNotFound) {
		return false, err
	}
	_, err = p.s.Read(p.ctx, p.key("whole"))
	if !errors.Is(err, ErrNotFound) {
		return false, err
	}
	return true, nil
}

func (p *prover) roundTrip() (bool, error) {
	at := time.UnixMilli(1<<40 + 7).UTC()
	in := p.record("round-trip", 1<<53+1, 0, 0xff, 0x80)
	in.Due, in.Created, in.Expires = at, at.Add(time.Millisecond), at.Add(-time.Hour)
	in.Blind = [][]byte{bytes.Repeat([]byte{0}, BlindSize), append(bytes.Repeat([]byte{0xff}, BlindSize-len(p.name)), p.name[:]...)}
	if err := p.commit(Op{Insert, in}); err != nil {
		return false, err
	}
	out, err := p.s.Read(p.ctx, in.Key)
	found, err2 := p.s.Find(p.ctx, ProbeTenant, "probe", in.Blind[1:])
	same := func(r Record) bool {
		return Digest(Batch{Ops: []Op{{Insert, r}}}) == Digest(Batch{Ops: []Op{{Insert, in}}})
	}
	return same(out) && len(found) == 1 && same(found[0]), errors.Join(err, err2)
}
