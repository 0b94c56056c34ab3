package shelf

import (
	"context"
	"errors"
	"fmt"

	"waypost/internal/records"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/ledger"
)

// Order is an import: a feed, how to read its files, and whether anything is to be written.
type Order struct {
	Source   feed.Source
	Read     []func(*feed.Reading) error // one for each file, in order
	Dry      bool
	EvenMany bool // somebody has seen that much of the feed is gone, and it is so
}

// Summary says what an import did, or would have done.
type Summary struct {
	Report feed.Report
	Tally  map[ledger.Outcome]int
	Spared int
	Boxes  int // written
}

// The most bytes and boxes of one commit of an import.
const (
	commitBytes = 8 << 20
	commitBoxes = 128
	entryBytes  = 4 << 10 // one entry, with what its feed says beside what stands here
)

// Import reads a feed and brings it in. Reading takes as long as the feed is; nobody waits for it. What it changes is
// written at the end, in a few commits each of which is whole: an import that was stopped between two is run again. A feed
// that breaks off brings in what stood before the break, marks nothing as gone, and its error is returned.
func (s *Shelf) Import(ctx context.Context, act records.Act, order Order) (Summary, error) {
	start, revs, err := s.standing(ctx)
	if err != nil {
		return Summary{}, fmt.Errorf("%s: %w", act.Action, err)
	}
	m := ledger.NewImport(order.Source.Name, order.Source.Read, func(id string) (ledger.Entry, bool) {
		e, ok := start.entries[id]
		return e, ok
	})
	r, err := feed.Open(order.Source, m.Take)
	if err != nil {
		return Summary{}, fmt.Errorf("%s: %w", act.Action, err)
	}
	var broken error
	for _, read := range order.Read {
		if broken = read(r); broken != nil {
			break
		}
	}
	if broken == nil {
		m.Finish(r, start.all, order.EvenMany)
	}
	sum := Summary{Report: r.Report(), Tally: m.Tally, Spared: m.Spared}
	if broken != nil && !errors.Is(broken, feed.ErrFeed) || order.Dry || len(m.Changed) == 0 {
		return sum, broken
	}
	sum.Boxes, err = s.bring(ctx, act, m.Changed, revs)
	if errors.Is(err, ErrChanged) { // by another process, perhaps: then what it wrote is ours too
		_, err2 := s.Refresh(ctx)
		err = errors.Join(err, err2)
	}
	return sum, errors.Join(broken, err)
}

// standing is everything at one moment, and the revisions of the boxes that it was arranged from.
func (s *Shelf) standing(ctx context.Context) (v *view, revs [boxCount]int64, err error) {
	release, err := s.take(ctx)
	if err != nil {
		return nil, revs, err
	}
	defer release()
	for n := range s.boxes {
		revs[n] = s.boxes[n].rev
	}
	return s.view.Load(), revs, nil
}

// bring writes entries that were worked out from boxes of those revisions. Whatever was written is in the directory at the
// end, even if the rest could not be.
func (s *Shelf) bring(ctx context.Context, act records.Act, changed []ledger.Entry, revs [boxCount]int64) (int, error) {
	release, err := s.take(ctx)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", act.Action, err)
	}
	defer release()
	var by [boxCount][]ledger.Entry
	for _, e := range changed {
		n := boxOf(e.Service.ID)
		if s.boxes[n].rev != revs[n] {
			return 0, fmt.Errorf("%s: %w", act.Action, ErrChanged)
		}
		by[n] = append(by[n], e)
	}
	written, size := 0, 0
	batch := map[int]box{}
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := s.write(ctx, act, batch); err != nil {
			if errors.Is(err, records.ErrConflict) || errors.Is(err, records.ErrDuplicate) {
				err = errors.Join(ErrChanged, err)
			}
			return err
		}
		written += len(batch)
		batch, size = map[int]box{}, 0
		return nil
	}
	var failed error
	for n, entries := range by {
		if len(entries) == 0 {
			continue
		}
		b := s.boxes[n].with(entries...)
		batch[n] = b
		if size += entryBytes * len(b.entries); size >= commitBytes || len(batch) >= commitBoxes {
			if failed = flush(); failed != nil {
				break
			}
		}
	}
	if failed == nil {
		failed = flush()
	}
	return written, errors.Join(failed, s.arrange())
}
