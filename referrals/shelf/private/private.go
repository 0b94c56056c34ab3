// Package private keeps the contacts that may get somebody killed: who coordinates a conference on high-risk cases, secure
// mail addresses, where a refuge is, the names of advocates, where a packet is picked up.
//
// They are another type in another collection than public services, on purpose. Nothing here matches, lists, searches or
// exports; no type of this package can be written as text or JSON; no package of the directory and no public face imports
// it, which a test holds. It refuses to open anything for somebody who is not a named member of staff, and every opening is
// in the trail before it happens. What one person enters is of no use until another has confirmed it.
package private

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"waypost/internal/records"
	"waypost/internal/store"
	"waypost/internal/vault"
)

// The sentinels of this room.
var (
	ErrNotStaff   = errors.New("private: not a member of staff")
	ErrSamePerson = errors.New("private: whoever entered it may not confirm it")
	ErrNotFound   = errors.New("private: no such contact")
	ErrInvalid    = errors.New("private: not a contact")
	ErrFull       = errors.New("private: too many contacts in one place")
)

// kind is that of a sheet. It is logged: no trail, no access.
const kind = "private-contacts"

// Kinds is this room's part of the table that records.Open takes.
func Kinds() []records.Kind { return []records.Kind{{Name: kind, Logged: true}} }

// Use is what a contact is for.
type Use string

// The uses.
const (
	Marac      Use = "marac"
	SecureMail Use = "secure-mail"
	Refuge     Use = "refuge"
	Advocate   Use = "advocate"
	PickUp     Use = "pick-up"
)

// Uses lists them for the form.
func Uses() []Use { return []Use{Marac, SecureMail, Refuge, Advocate, PickUp} }

// Contact is one of them. Who it is, where and what else is to be known are secrets: they print as nothing.
type Contact struct {
	ID          string
	Use         Use
	Name        vault.Secret[string]
	At          vault.Secret[string]
	Note        vault.Secret[string]
	EnteredBy   string
	EnteredOn   time.Time
	ConfirmedBy string
	ConfirmedOn time.Time
	ReplacesID  string // the confirmed contact in whose place it comes when it is confirmed
}

// Confirmed reports whether two people stand for it.
func (c Contact) Confirmed() bool { return c.ConfirmedBy != "" }

// confirmAgain is how many days a confirmation holds.
const confirmAgain = 90

// Due reports whether somebody must confirm it again.
func (c Contact) Due(today time.Time) bool {
	return c.Confirmed() && !today.Before(c.ConfirmedOn.AddDate(0, 0, confirmAgain))
}

// Sheet is what is known of one subject: contacts to use, and such as wait for a second person.
type Sheet struct {
	Contacts []Contact
	Waiting  []Contact
}

// Subject is what a contact belongs to: a service or an area.
type Subject string

// OfService is the subject of a service, by its id.
func OfService(id string) Subject { return Subject("service " + id) }

// OfArea is the subject of an area, by its code: whose conference, whose secure mail.
func OfArea(code string) Subject { return Subject("area " + code) }

// recordID hides which service or area has private contacts from whoever sees the store.
func (s Subject) recordID() string {
	sum := sha256.Sum256([]byte(s))
	return "s-" + hex.EncodeToString(sum[:16])
}

// Safe is what this room needs of *records.Safe.
type Safe interface {
	Read(ctx context.Context, act records.Act, kind, id string) (records.Record, error)
	Write(ctx context.Context, act records.Act, op [16]byte, changes ...records.Change) ([]records.Record, error)
	Queue(ctx context.Context, act records.Act, kind string, states []string, after store.Cursor, limit int) (records.Page, error)
}

// Config says what a drawer stands on.
type Config struct {
	Safe   Safe
	Now    func() time.Time
	Random io.Reader
}

// Drawer opens sheets. A sheet belongs to the organisation that entered it: what one practice knows of a refuge is no other
// practice's to read, and goes when the organisation goes.
type Drawer struct{ config Config }

// Open returns a drawer.
func Open(c Config) (*Drawer, error) {
	if c.Safe == nil || c.Now == nil || c.Random == nil {
		return nil, fmt.Errorf("open drawer: %w", ErrInvalid)
	}
	return &Drawer{c}, nil
}

// Read opens the sheet of a subject for a member of staff of the act's organisation. A subject without a sheet has an empty
// one; that somebody asked is in the trail all the same.
func (d *Drawer) Read(ctx context.Context, act records.Act, of Subject) (Sheet, error) {
	r, err := d.load(ctx, act, of)
	if err != nil {
		return Sheet{}, err
	}
	var s Sheet
	for _, c := range r.contacts {
		if c.Confirmed() {
			s.Contacts = append(s.Contacts, c)
		} else {
			s.Waiting = append(s.Waiting, c)
		}
	}
	return s, nil
}

// Enter adds a contact that waits for a second person, new or in the place of another. It returns its id.
func (d *Drawer) Enter(ctx context.Context, act records.Act, of Subject, c Contact) (string, error) {
	if !slices.Contains(Uses(), c.Use) || strings.TrimSpace(c.At.Reveal()) == "" {
		return "", fmt.Errorf("%s: %w", act.Action, ErrInvalid)
	}
	var id [8]byte
	if _, err := io.ReadFull(d.config.Random, id[:]); err != nil {
		return "", fmt.Errorf("draw an id: %w", err)
	}
	c.ID, c.EnteredBy, c.EnteredOn = hex.EncodeToString(id[:]), strings.ToLower(act.Actor), d.config.Now()
	c.ConfirmedBy, c.ConfirmedOn = "", time.Time{}
	return c.ID, d.change(ctx, act, of, func(all []Contact) ([]Contact, error) {
		if c.ReplacesID != "" && !slices.ContainsFunc(all, func(o Contact) bool { return o.ID == c.ReplacesID && o.Confirmed() }) {
			return nil, ErrNotFound
		}
		if len(all) >= most {
			return nil, ErrFull
		}
		return append(all, c), nil
	})
}

// most is the contacts of one sheet.
const most = 50

// Confirm lets a contact be used, or says that it still holds. Whoever entered it may not.
func (d *Drawer) Confirm(ctx context.Context, act records.Act, of Subject, id string) error {
	return d.change(ctx, act, of, func(all []Contact) ([]Contact, error) {
		i := slices.IndexFunc(all, func(c Contact) bool { return c.ID == id })
		if i < 0 {
			return nil, ErrNotFound
		}
		if all[i].EnteredBy == strings.ToLower(act.Actor) {
			return nil, ErrSamePerson
		}
		all[i].ConfirmedBy, all[i].ConfirmedOn = strings.ToLower(act.Actor), d.config.Now()
		replaced := all[i].ReplacesID
		all[i].ReplacesID = ""
		return slices.DeleteFunc(all, func(c Contact) bool { return replaced != "" && c.ID == replaced }), nil
	})
}

// Remove takes a contact out, confirmed or not. A wrong address must be gone at once, so one person is enough.
func (d *Drawer) Remove(ctx context.Context, act records.Act, of Subject, id string) error {
	return d.change(ctx, act, of, func(all []Contact) ([]Contact, error) {
		left := slices.DeleteFunc(all, func(c Contact) bool { return c.ID == id })
		if len(left) == len(all) {
			return nil, ErrNotFound
		}
		return left, nil
	})
}

// Empty takes out whatever there is of a subject: it is there no more, and nobody would look after its contacts. It asks for
// no second person, as Remove does not, and where there is nothing it does nothing.
func (d *Drawer) Empty(ctx context.Context, act records.Act, of Subject) error {
	now, err := d.load(ctx, act, of)
	if err != nil || len(now.contacts) == 0 {
		return err
	}
	return d.change(ctx, act, of, func([]Contact) ([]Contact, error) { return nil, nil })
}

// Due tells which of these subjects have a contact that waits for a second person or must be confirmed again, and opens
// none; where nothing is due none is asked for. Only whoever names a subject learns anything of it: what rests does not say which service it belongs to.
func (d *Drawer) Due(ctx context.Context, act records.Act, among iter.Seq[Subject]) (due []Subject, err error) {
	if err := staff(act); err != nil {
		return nil, err
	}
	late := map[string]bool{}
	for after, now := (store.Cursor{}), d.config.Now(); ; {
		page, err := d.config.Safe.Queue(ctx, act, kind, []string{state}, after, store.PageLimit)
		if err != nil {
			return nil, fmt.Errorf("look for due contacts: %w", err)
		}
		for _, r := range page.Records {
			if !r.Due.After(now) {
				late[r.ID] = true
			}
		}
		if page.Next == nil {
			break
		}
		after = *page.Next
	}
	if len(late) == 0 {
		return nil, nil
	}
	for s := range among {
		if late[s.recordID()] {
			due = append(due, s)
		}
	}
	return due, nil
}

// staff refuses whoever is not a named member of staff in a role.
func staff(act records.Act) error {
	actor := strings.ToLower(act.Actor)
	if act.Role == "" || actor == "" || actor == "system" || actor == "nobody" || act.Tenant == "" {
		return fmt.Errorf("%s: %w", act.Action, ErrNotStaff)
	}
	return nil
}
