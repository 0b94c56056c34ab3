package sqlite

import (
	"errors"
	"fmt"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// extend appends the entries to the organisation's log. The new end is remembered only when all of them stand.
func (w *writer) extend(tenant string, entries [][]byte) error {
	if len(entries) == 0 {
		return nil
	}
	end, err := w.end(tenant)
	if err != nil {
		return err
	}
	for i, entry := range entries {
		n := end.edge.Size
		next, leaf, hashes, err := end.edge.Append(entry)
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		if _, err := w.session.exec(putLeaf, tenant, n, leaf); err != nil {
			return err
		}
		for k, h := range hashes {
			if _, err := w.session.exec(putHash, tenant, trail.FirstHash(n)+int64(k), h[:]); err != nil {
				return err
			}
		}
		end.edge = next
	}
	w.ends[tenant], w.grown[tenant] = end, true
	return nil
}

// end reads where a log stands and holds it against its signed head: a log that was cut or put back must not get a new
// signature that covers it up.
func (w *writer) end(tenant string) (logEnd, error) {
	if end, known := w.ends[tenant]; known {
		return end, nil
	}
	var end logEnd
	size, newest, err := w.session.size(tenant)
	if err != nil {
		return end, err
	}
	hashes := make([]trail.Hash, 0, 64)
	for _, pos := range trail.Positions(size) {
		h, err := w.session.hash(tenant, pos)
		if errors.Is(err, store.ErrNotFound) {
			return end, fmt.Errorf("log of %s: %w: %w", tenant, store.ErrDamaged, trail.ErrTampered)
		} else if err != nil {
			return end, err
		}
		hashes = append(hashes, h)
	}
	if end.edge, err = trail.OpenEdge(size, newest, hashes); err != nil {
		return end, fmt.Errorf("log of %s: %w: %w", tenant, store.ErrDamaged, err)
	}
	noted, note, err := w.session.note(tenant)
	if err != nil {
		return end, err
	}
	end.noted = noted
	if n := w.e.opts.Notary; n != nil && (size > 0 || noted > 0) {
		if c, err := n.Open(note); err != nil || c != end.edge.Head(tenant) {
			return end, fmt.Errorf("log of %s: %w: %w", tenant, store.ErrDamaged, trail.ErrTampered)
		}
	}
	w.ends[tenant] = end
	return end, nil
}

// sign puts a new head in the place of the old one for each log the group appended to.
func (w *writer) sign() error {
	defer clear(w.grown)
	if w.e.opts.Notary == nil {
		return nil
	}
	for tenant := range w.grown {
		end := w.ends[tenant]
		note, err := w.e.opts.Notary.Sign(end.edge.Head(tenant))
		if err != nil {
			return err
		}
		if _, err := w.session.exec(dropNote, tenant, end.noted); err != nil {
			return err
		}
		if _, err := w.session.exec(putNote, tenant, end.edge.Size, note); err != nil {
			return err
		}
		end.noted = end.edge.Size
		w.ends[tenant] = end
	}
	return nil
}
