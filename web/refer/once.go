package refer

import "waypost/referrals"

// The references of a case follow from 16 random bytes that were drawn when the form began and travel sealed, so the same form
// gives the same case however often it is sent.

// once is the desk for one form.
func (j *Journey) once(s state) (*referrals.Desk, error) { return j.Desk.With(referrals.Same(s.op[:])) }

// reference is that of the case this form makes.
func (s state) reference() string { return referrals.SameReference(s.op[:]) }
