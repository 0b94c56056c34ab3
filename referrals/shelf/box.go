package shelf

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/ledger"
)

// Services rest many to a box: a hundred thousand records would take a start a hundred thousand keys, and a box of a hundred
// is written in one piece. An id decides its box, so that the same services always make the same boxes.
const (
	boxCount = 1024
	boxState = "kept"
	schema   = 1
)

// boxLimit leaves room for what sealing adds.
const boxLimit = store.SealedLimit - 4096

// box is one record: its revision and the entries in it, by id, with each service as the directory took it, if it did.
type box struct {
	rev     int64
	entries []ledger.Entry
	sound   []directory.Sound
}

// admit has the directory take the service of an entry that may be shown.
func admit(e ledger.Entry) directory.Sound {
	service, ok := e.Shown()
	if !ok {
		return directory.Sound{}
	}
	sound, err := directory.Admit(service)
	if err != nil {
		return directory.Sound{} // it stays here, shown to nobody; Unsound says so
	}
	return sound
}

// boxOf is the number of the box of an id.
func boxOf(id string) int {
	sum := sha256.Sum256([]byte(id))
	return int(sum[0])<<2 | int(sum[1]>>6)
}

func boxID(n int) string { return "box-" + strconv.Itoa(n) }

func boxNumber(id string) (int, bool) {
	if len(id) < 5 || id[:4] != "box-" {
		return 0, false
	}
	n, err := strconv.Atoi(id[4:])
	return n, err == nil && n >= 0 && n < boxCount && boxID(n) == id
}

// with is a box with these entries in the place of those with the same ids.
func (b box) with(entries ...ledger.Entry) box {
	next, sound := slices.Clone(b.entries), slices.Clone(b.sound)
	for _, e := range entries {
		i, there := slices.BinarySearchFunc(next, e.Service.ID, byID)
		if there {
			next[i], sound[i] = e, admit(e)
		} else {
			next, sound = slices.Insert(next, i, e), slices.Insert(sound, i, admit(e))
		}
	}
	return box{b.rev, next, sound}
}

func byID(e ledger.Entry, id string) int { return cmp.Compare(e.Service.ID, id) }

// record is the box as it rests.
func (b box) record(n int) (records.Record, error) {
	text, err := json.Marshal(b.entries)
	if err != nil {
		return records.Record{}, fmt.Errorf("write %s: %w", boxID(n), err)
	}
	if len(text) > boxLimit {
		return records.Record{}, fmt.Errorf("write %s: %w", boxID(n), ErrFull)
	}
	return records.Record{Kind: kind, ID: boxID(n), Rev: b.rev, State: boxState, Schema: schema, Content: vault.Keep(text)}, nil
}

// Refresh loads what other processes changed since, and reports whether there was anything. Where it breaks off, what it has
// loaded is shown all the same.
func (s *Shelf) Refresh(ctx context.Context) (bool, error) {
	release, err := s.take(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	changed, err := s.reloadAll(ctx)
	if changed || s.view.Load() == nil {
		return true, errors.Join(err, s.arrange())
	}
	return false, err
}

func (s *Shelf) reloadAll(ctx context.Context) (changed bool, err error) {
	act := records.Act{Tenant: house, Actor: "system", Action: "services.load"}
	after := store.Cursor{}
	for {
		page, err := s.config.Safe.Queue(ctx, act, kind, []string{boxState}, after, store.PageLimit)
		if err != nil {
			return changed, fmt.Errorf("load services: %w", err)
		}
		for _, r := range page.Records {
			n, ok := boxNumber(r.ID)
			if !ok || s.boxes[n].rev == r.Rev {
				continue
			}
			if err := s.reload(ctx, n); err != nil {
				return changed, err
			}
			changed = true
		}
		if page.Next == nil {
			return changed, nil
		}
		after = *page.Next
	}
}

// reload reads one box again.
func (s *Shelf) reload(ctx context.Context, n int) error {
	r, err := s.config.Safe.Read(ctx, records.Act{Tenant: house, Actor: "system", Action: "services.load"}, kind, boxID(n))
	if errors.Is(err, records.ErrNotFound) {
		s.boxes[n] = box{}
		return nil
	}
	if err != nil {
		return fmt.Errorf("load %s: %w", boxID(n), err)
	}
	b := box{rev: r.Rev}
	if err := json.Unmarshal(r.Content.Reveal(), &b.entries); err != nil {
		return fmt.Errorf("load %s: %w", boxID(n), err)
	}
	slices.SortFunc(b.entries, func(x, y ledger.Entry) int { return cmp.Compare(x.Service.ID, y.Service.ID) })
	for _, e := range b.entries {
		b.sound = append(b.sound, admit(e))
	}
	s.boxes[n] = b
	return nil
}
