package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

type prover struct {
	ctx     context.Context
	s       Store
	mu      sync.Mutex // guards entropy and err
	entropy io.Reader
	err     error
	name    [8]byte
	mine    string // ends the ids of this probe: two processes may start at once
}

func (p *prover) key(id string) Key { return Key{ProbeTenant, "probe", id + p.mine} }

func (p *prover) record(id string, rev int64, sealed ...byte) Record {
	return Record{Meta{Key: p.key(id), Rev: rev, State: "probe"}, append([]byte{1}, sealed...)}
}

func (p *prover) commit(ops ...Op) error {
	b := Batch{Tenant: ProbeTenant, Ops: ops}.Ready()
	p.mu.Lock()
	_, err := io.ReadFull(p.entropy, b.ID[:])
	p.mu.Unlock()
	if err != nil {
		return err
	}
	return Settle(p.ctx, p.s, b)
}

// standing lists what probes have written and not removed, with its revisions.
func (p *prover) standing() map[Key]int64 {
	found := map[Key]int64{}
	q := Query{Tenant: ProbeTenant, Kind: "probe", States: []string{"probe"}, Limit: PageLimit}
	for {
		page, err := p.s.Queue(p.ctx, q)
		p.err = errors.Join(p.err, err)
		for _, r := range page.Records {
			found[r.Key] = r.Rev
		}
		if err != nil || page.Next == nil {
			return found
		}
		q.After = *page.Next
	}
}

// clear removes what this probe wrote, and what stood before it and was not touched since: a probe that was killed left
// it. What another process is probing with changes, or goes away, by itself.
func (p *prover) clear(left map[Key]int64) {
	for range probeClears {
		done := true
		for k, rev := range p.standing() {
			own := strings.HasSuffix(k.ID, p.mine)
			if !own && left[k] != rev {
				continue
			}
			delete(left, k) // one attempt is enough for what is not ours
			err := p.commit(Op{Delete, Record{Meta: Meta{Key: k, Rev: rev}}})
			if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict) {
				p.err = errors.Join(p.err, err)
				return
			}
			done = done && !own
		}
		if done || p.err != nil {
			return
		}
	}
	p.err = errors.Join(p.err, fmt.Errorf("%w: records cannot be removed", ErrUnfit))
}
