package national

import (
	"errors"
	"fmt"
	"strings"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
)

// service turns a row into a service. Only what the file leaves out is filled in here: the audience is anyone, a bill trace
// unknown, and a fact without a status has that of its entry.
func (r row) service() (directory.Service, error) {
	var faults []error
	bad := func(field string) { faults = append(faults, fmt.Errorf("%s: %w", field, ErrFile)) }
	s := directory.Service{
		ID: r.ID, Name: r.Name, Needs: r.Needs, Area: r.Area, ShownTo: directory.ShownTo(or(r.Audience, string(directory.Anyone))),
		For: r.For, Cost: r.Cost, Languages: r.Languages, Warnings: r.Warnings, Notes: r.Notes,
		Prof: directory.Prof(or(r.Prof, string(directory.ProfUnknown))), Status: directory.Status(r.Status),
		EmergencyNumber: r.EmergencyNumber, SourceDate: r.SourceDate, VerifiedBy: r.VerifiedBy,
		Bill: directory.Bill{Trace: directory.BillTrace(or(r.BillTrace.Is, string(directory.BillUnknown))), Source: r.BillTrace.Source},
		Who:  directory.Who{MinAge: r.Who.MinAge, MaxAge: r.Who.MaxAge, Adults: r.Who.Adults},
	}
	if (len(r.Nations) == 0) != r.NationNotStated {
		bad("nations: either some, or nation_not_stated")
	}
	for _, word := range r.Nations {
		n, err := directory.ParseNation(word)
		if err != nil || n == directory.UnknownNation || s.Nations.Has(n) {
			bad("nations")
		}
		s.Nations = s.Nations.With(n)
	}
	switch r.MonitoredPhone {
	case "":
	case "avoid":
		s.AvoidMonitoredPhone = true
	default:
		bad("monitored_phone")
	}
	switch r.Who.Sex {
	case "", "any":
	case "women":
		s.Who.Only = directory.Woman
	case "men":
		s.Who.Only = directory.Man
	default:
		bad("who: sex")
	}
	for _, g := range r.Who.Groups {
		s.Who.Groups = append(s.Who.Groups, directory.Group(g))
	}
	for _, w := range r.Ways {
		s.Ways = append(s.Ways, directory.Way{
			By: directory.By(w.By), At: w.At, Note: w.Note, Status: directory.Status(or(w.Status, r.Status)), Staff: w.Staff,
		})
	}
	if r.Hours != (hours{}) {
		s.Hours = directory.Hours{Text: r.Hours.Text, Always: r.Hours.Always, Status: directory.Status(or(r.Hours.Status, r.Status))}
	}
	if r.Hours.Open != "" {
		var ok bool
		if s.Opening.Spans, ok = feed.Hours(strings.Split(r.Hours.Open, ";")); !ok || s.Hours.Always || s.Hours.Text == "" || s.Hours.Status == directory.Disputed {
			bad("hours: open")
		}
	}
	for _, src := range r.Sources {
		s.Sources = append(s.Sources, directory.Source{Address: src.Address, Says: src.Says})
	}
	var err error
	if s.ReadOn, err = readDay(r.ReadOn); err != nil {
		bad("read_on")
	}
	if s.VerifiedOn, err = readDay(r.VerifiedOn); err != nil {
		bad("verified_on")
	}
	return s, errors.Join(faults...)
}

// or is the first word, or the second where there is none.
func or(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return word
}
