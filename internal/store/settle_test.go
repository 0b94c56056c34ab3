package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/store/conform"
)

// forgetful commits, and does not say so the first few times.
type forgetful struct {
	store.Store
	silent int
	asked  int
	ids    map[[16]byte]bool
}

func (f *forgetful) Commit(ctx context.Context, b store.Batch) error {
	f.asked++
	if f.ids == nil {
		f.ids = map[[16]byte]bool{}
	}
	f.ids[b.ID] = true
	if err := f.Store.Commit(ctx, b); err != nil {
		return err
	}
	if f.asked <= f.silent {
		return fmt.Errorf("commit: %w", store.ErrUnknown)
	}
	return nil
}

func TestSettleAsksAgainUntilItKnows(t *testing.T) {
	batch := store.Batch{ID: [16]byte{1}, Tenant: "practice-a", Trail: [][]byte{conform.Entry(conform.At(), "case.read")}}.Ready()
	m := conform.NewModel(nil)
	f := &forgetful{Store: m, silent: 3}
	if err := store.Settle(t.Context(), f, batch); err != nil || f.asked != 4 || len(f.ids) != 1 {
		t.Errorf("asked %d times with %d ids: %v", f.asked, len(f.ids), err)
	}
	if h, err := m.TrailHead(t.Context(), "practice-a"); err != nil || h.Size != 1 {
		t.Errorf("%d effects: %v", h.Size, err)
	}

	f = &forgetful{Store: m, silent: 1 << 30}
	if err := store.Settle(t.Context(), f, batch); !errors.Is(err, store.ErrUnknown) || f.asked != 6 {
		t.Errorf("an engine that stays away, asked %d times: %v", f.asked, err)
	}
	f = &forgetful{Store: m, silent: 1 << 30}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := store.Settle(ctx, f, batch); !errors.Is(err, store.ErrUnknown) || f.asked > 3 {
		t.Errorf("somebody without patience asked %d times: %v", f.asked, err)
	}
	for _, later := range []error{context.Canceled, store.ErrFull, store.ErrClosed, errors.New("a fault")} {
		said := []error{store.ErrUnknown, later, later, later, later, later}
		if err := store.Settle(t.Context(), saying{m, &said}, batch); !errors.Is(err, store.ErrUnknown) || !errors.Is(err, later) {
			t.Errorf("unknown, then %v: the first outcome is still unknown, got %v", later, err)
		}
	}
	for _, later := range []error{nil, store.ErrConflict, store.ErrReused} {
		said := []error{store.ErrUnknown, later}
		if err := store.Settle(t.Context(), saying{m, &said}, batch); !errors.Is(err, later) || errors.Is(err, store.ErrUnknown) {
			t.Errorf("unknown, then %v: got %v", later, err)
		}
	}
	other := batch
	other.Trail = append(other.Trail, conform.Entry(conform.At(), "case.read"))
	f = &forgetful{Store: m}
	if err := store.Settle(t.Context(), f, other.Ready()); !errors.Is(err, store.ErrReused) || f.asked != 1 {
		t.Errorf("a refusal is an answer, asked %d times: %v", f.asked, err)
	}
}

// saying answers one after the other.
type saying struct {
	store.Store
	said *[]error
}

func (s saying) Commit(context.Context, store.Batch) error {
	err := (*s.said)[0]
	*s.said = (*s.said)[1:]
	return err
}
