package vault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

var (
	// ErrShredded says that the month's key was destroyed: what it guarded is gone.
	ErrShredded = errors.New("vault: month destroyed")
	// ErrNoMonth says that the month's key was never prepared.
	ErrNoMonth = errors.New("vault: month not prepared")
	// ErrPast refuses a key for a record whose time is already over.
	ErrPast = errors.New("vault: expiry lies in the past")
	// ErrTooSoon refuses to destroy what may still be written to.
	ErrTooSoon = errors.New("vault: too soon")
)

const (
	horizon   = 1200           // months that can be prepared ahead
	keysLimit = 16             // keys of one month while it is rotated
	settle    = 24 * time.Hour // between adding a month's key and dropping the older ones
)

// Prepare makes the keys of every month from the present one to that of until, durable
// before it returns. No key is made at any other time: with several processes one command
// prepares the whole horizon of retention and the file is handed out. A destroyed month
// stays destroyed.
func (k *Keyring) Prepare(until time.Time) error {
	return k.edit(func(r *ring) (changed bool, err error) {
		now := k.ground.Now().UTC()
		start := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
		for i := 0; Bucket(start.AddDate(0, i, 0)) <= Bucket(until); i++ {
			if i >= horizon {
				return false, fmt.Errorf("prepare until %s: %w", Bucket(until), ErrNoMonth)
			}
			name := Bucket(start.AddDate(0, i, 0))
			if _, there := r.months[name]; there {
				continue
			}
			key, err := freshKEK(k.ground.Random)
			if err != nil {
				return false, err
			}
			r.months[name], changed = month{keys: []kek{key}, rotated: now.Unix()}, true
		}
		return changed, nil
	})
}

// Months lists the months that have a key and those that were destroyed, oldest first.
func (k *Keyring) Months() (live, destroyed []string) {
	r := k.ring.Load()
	for _, name := range slices.Sorted(maps.Keys(r.months)) {
		if r.months[name].destroyed() {
			destroyed = append(destroyed, name)
		} else {
			live = append(live, name)
		}
	}
	return live, destroyed
}

// DestroyBucket destroys the key of a month and leaves a tombstone, durable before it
// returns; doing it again changes nothing. It refuses with ErrTooSoon while the month is
// not over. The caller makes sure that no record is left in it.
func (k *Keyring) DestroyBucket(bucket string) error {
	return k.edit(func(r *ring) (bool, error) {
		end, ok := monthEnd(bucket)
		if !ok {
			return false, fmt.Errorf("destroy %q: %w", bucket, ErrNoMonth)
		}
		now := k.ground.Now()
		if now.Before(end) {
			return false, fmt.Errorf("destroy %s: %w", bucket, ErrTooSoon)
		}
		if m, there := r.months[bucket]; there && m.destroyed() {
			return false, nil
		}
		r.months[bucket] = month{rotated: now.Unix()}
		return true, nil
	})
}

// RotateMonth adds a new key to a month. New records use it at once, old ones still open;
// a pass of Rewrap over BucketKeys moves them, then RetireMonth drops the older keys.
func (k *Keyring) RotateMonth(bucket string) error {
	return k.edit(func(r *ring) (bool, error) {
		m, err := r.month(bucket)
		if err != nil || len(m.keys) == keysLimit {
			return false, errors.Join(fmt.Errorf("rotate %s: %d keys", bucket, len(m.keys)), err)
		}
		key, err := freshKEK(k.ground.Random)
		if err != nil {
			return false, err
		}
		m.keys = slices.Concat([]kek{key}, m.keys)
		m.rotated = k.ground.Now().Unix()
		r.months[bucket] = m
		return true, nil
	})
}

// RetireMonth drops all keys of a month but the newest. It refuses for a day after
// RotateMonth, so that no act under way still wraps with a key about to be dropped; the
// caller makes sure by IsCurrent that every record was rewrapped.
func (k *Keyring) RetireMonth(bucket string) error {
	return k.edit(func(r *ring) (bool, error) {
		m, err := r.month(bucket)
		if err != nil || len(m.keys) == 1 {
			return false, err
		}
		if k.ground.Now().Before(time.Unix(m.rotated, 0).Add(settle)) {
			return false, fmt.Errorf("retire %s: %w", bucket, ErrTooSoon)
		}
		m.keys = m.keys[:1:1]
		r.months[bucket] = m
		return true, nil
	})
}

// month returns a month that has a key.
func (r *ring) month(bucket string) (month, error) {
	m, there := r.months[bucket]
	switch {
	case !there:
		return month{}, fmt.Errorf("month %q: %w", bucket, ErrNoMonth)
	case m.destroyed():
		return month{}, fmt.Errorf("month %s: %w", bucket, ErrShredded)
	}
	return m, nil
}
