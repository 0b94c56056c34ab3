package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"waypost/internal/records"
	"waypost/referrals/directory/feed"
	"waypost/referrals/directory/postcode"
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
	sum, err := r.shelf.Import(ctx, records.Act{Actor: "system", Action: "services.import", Tenant: records.House}, shelf.Order{
		Source: feed.Source{Name: "example", Address: "https://directory.example.org", Read: now.UTC().Truncate(24 * time.Hour), Told: func(int) {}},
		Read:   []func(*feed.Reading) error{func(in *feed.Reading) error { return in.CSV(bytes.NewReader(list)) }},
	})
	if err == nil && (sum.Report.Kept != sum.Report.Read || len(sum.Report.Set) > 0) {
		err = fmt.Errorf("services of the county: %d of %d can be used", sum.Report.Kept, sum.Report.Read)
	}
	return err
}
