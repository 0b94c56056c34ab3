package shelf_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"waypost/internal/records"
	"waypost/referrals/shelf"
)

// slow is a safe whose store does not answer a write until it is let.
type slow struct {
	*room
	began, let chan struct{}
}

func (s *slow) Write(ctx context.Context, act records.Act, op [16]byte, changes ...records.Change) ([]records.Record, error) {
	s.began <- struct{}{}
	<-s.let
	return s.Safe.Write(ctx, act, op, changes...)
}

// A store that does not answer keeps nobody who reads waiting, and a second change no longer than its caller waits.
func TestASlowStoreKeepsNobodyWaitingForEver(t *testing.T) {
	r := &slow{furnish(t), make(chan struct{}, 1), make(chan struct{})}
	s, err := shelf.Open(t.Context(), shelf.Config{Safe: r, Now: func() time.Time { return today }, Random: rand.Reader})
	must(t, err)
	first := make(chan error, 1)
	go func() {
		_, err := s.Enter(t.Context(), by("member-1", "directory.enter"), local("first"))
		first <- err
	}()
	<-r.began
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = s.Enter(ctx, by("member-2", "directory.enter"), local("second"))
	want(t, err, records.ErrUnavailable)
	_, err = s.Refresh(ctx)
	want(t, err, records.ErrUnavailable)
	if _, there := s.Entry("second"); there || s.Directory() == nil {
		t.Error("whoever reads waits, or sees what was never written")
	}
	close(r.let)
	must(t, <-first)
	if _, there := s.Entry("first"); !there {
		t.Error("the first change is lost")
	}
	_, err = s.Enter(t.Context(), by("member-2", "directory.enter"), local("second"))
	must(t, err)
}
