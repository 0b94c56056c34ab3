package feed

import (
	"errors"
	"strings"

	"waypost/referrals/directory"
)

// ErrEntered says that what somebody typed is no service that can be used.
var ErrEntered = errors.New("feed: a field cannot be used")

// Entered reads one service from the cells of a line of the sheet, as somebody typed them into a form. It forgives nothing:
// where a list of others would lose an address or a word, whoever typed it can mend it, so that is a fault. Column names the
// cell, and is empty where what stands in several does not go together.
func Entered(source Source, cells map[string]string) (item Item, column string, err error) {
	r, err := Open(source, func(i Item) error { item = i; return nil })
	if err != nil {
		return Item{}, "source", errors.Join(ErrEntered, err)
	}
	w := row{cells: map[string]int{}}
	for _, name := range Columns() {
		w.cells[name] = len(w.line)
		w.line = append(w.line, cells[name])
	}
	r.next(1)
	if err := r.line(w); err != nil {
		return Item{}, "", err
	}
	if column, faulty := r.report.fault(); faulty {
		return Item{}, column, ErrEntered
	}
	return item, "", nil
}

// fault is what keeps the one line of a form from being a service.
func (r Report) fault() (column string, faulty bool) {
	for reason := range r.Set {
		name, isField := strings.CutPrefix(reason, BadField+": ")
		switch {
		case isField:
			return name, true
		case reason == NoName, reason == BadWords:
			return "name", true
		case reason == NoWay:
			return "phone", true
		}
		return "", true
	}
	for reason := range r.Dropped {
		if reason == DroppedAddress {
			return "address", true
		}
		return "", true
	}
	return "", false
}

// Bill is what is known of the telephone bill of whoever rings a service in these ways.
func Bill(ways []directory.Way) directory.Bill { return bill(ways) }
