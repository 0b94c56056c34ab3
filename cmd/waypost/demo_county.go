package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"waypost/internal/records"
	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/people"
	"waypost/referrals/shelf"
)

// demoPostcode lies in the county. No postcode begins with Q and Z.
const demoPostcode = "QZ1 1AA"

// writeDemoPostcodes lays out the map of the county, made from a list in the form of the national one.
func writeDemoPostcodes(data string) error {
	list, err := demoFiles.ReadFile("demo/postcodes.csv")
	if err != nil {
		return err
	}
	x, _, err := postcode.List{Names: map[string]string{
		"E06999901": "Exampleshire West", "E06999902": "Exampleshire East", "E54999901": "Example Care Board", "E23999901": "Example Police",
	}}.Read(bytes.NewReader(list))
	if err != nil {
		return fmt.Errorf("map of the county: %w", err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("make directory: %w", err)
	}
	return replace(filepath.Join(data, postcodeFile), x.WriteTo)
}

// stock imports the services of the county, as an operator imports those of a real one.
func stock(ctx context.Context, r *resting, now time.Time) error {
	list, err := demoFiles.ReadFile("demo/services.csv")
	if err != nil {
		return err
	}
	read := now.UTC().Truncate(24 * time.Hour)
	list = bytes.ReplaceAll(list, []byte("READ"), []byte(read.Format(time.DateOnly))) // or they would grow too old to be shown
	sum, err := r.shelf.Import(ctx, records.Act{Actor: "system", Action: "services.import", Tenant: records.House}, shelf.Order{
		Source: feed.Source{Name: "example", Address: "https://directory.example.org", Read: read, Told: func(int) {}},
		Read:   []func(*feed.Reading) error{func(in *feed.Reading) error { return in.CSV(bytes.NewReader(list)) }},
	})
	if err == nil && (sum.Report.Kept != sum.Report.Read || len(sum.Report.Set) > 0) {
		err = fmt.Errorf("services of the county: %d of %d can be used", sum.Report.Kept, sum.Report.Read)
	}
	return err
}

// tendServices is what people did with the list since: a lead rang most of the services, and an editor found another
// number for one, which waits for a second person.
func (s *players) tendServices(ctx context.Context) error {
	lead, err := s.actor(ctx, "lead", false)
	if err != nil {
		return err
	}
	act, err := s.r.register.Permit(ctx, lead, people.DirectoryVerify, lead.Organisation())
	if err != nil {
		return err
	}
	for _, id := range []string{"aid", "iris", "marac", "front-door", "stalking", "adults", "images"} {
		if _, err := s.r.shelf.Rung(ctx, act, "example-"+id); err != nil {
			return fmt.Errorf("ring %s: %w", id, err)
		}
	}
	editor, err := s.actor(ctx, "editor", false)
	if err != nil {
		return err
	}
	if act, err = s.r.register.Permit(ctx, editor, people.DirectoryEdit, editor.Organisation()); err != nil {
		return err
	}
	e, _ := s.r.shelf.Entry("example-crisis")
	change := e.Service
	change.Ways = slices.Clone(change.Ways)
	for i, w := range change.Ways {
		if w.By == directory.Phone {
			change.Ways[i].At = demoPhone(117)
		}
	}
	_, err = s.r.shelf.Propose(ctx, act, change)
	return err
}
