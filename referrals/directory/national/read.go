package national

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"

	"waypost/referrals/directory"
)

// ErrFile says that the file is not what the loader reads; the error around it names the entry and the field.
var ErrFile = errors.New("national: file not as it must be")

// The shapes of the file. Words become values in convert.go; what the words may be is checked there and in directory.Check.
type document struct {
	Services []row `yaml:"services"`
}

type row struct {
	ID              string   `yaml:"id"`
	Name            string   `yaml:"name"`
	Needs           []string `yaml:"needs"`
	Nations         []string `yaml:"nations"`
	NationNotStated bool     `yaml:"nation_not_stated"`
	Area            string   `yaml:"area"`
	Audience        string   `yaml:"audience"`
	EmergencyNumber bool     `yaml:"emergency_number"`
	MonitoredPhone  string   `yaml:"monitored_phone"`
	Who             who      `yaml:"who"`
	For             string   `yaml:"for"`
	Ways            []way    `yaml:"ways"`
	Hours           hours    `yaml:"hours"`
	Cost            string   `yaml:"cost"`
	Languages       string   `yaml:"languages"`
	BillTrace       bill     `yaml:"bill_trace"`
	Warnings        []string `yaml:"warnings"`
	Notes           []string `yaml:"notes"`
	Prof            string   `yaml:"prof"`
	Status          string   `yaml:"status"`
	Sources         []source `yaml:"sources"`
	SourceDate      string   `yaml:"source_date"`
	ReadOn          string   `yaml:"read_on"`
	VerifiedBy      string   `yaml:"verified_by"`
	VerifiedOn      string   `yaml:"verified_on"`
}

type who struct {
	MinAge int      `yaml:"min_age"`
	MaxAge int      `yaml:"max_age"`
	Adults bool     `yaml:"adults"`
	Sex    string   `yaml:"sex"`
	Groups []string `yaml:"groups"`
}

type way struct {
	By     string `yaml:"by"`
	At     string `yaml:"at"`
	Note   string `yaml:"note"`
	Status string `yaml:"status"`
	Staff  bool   `yaml:"staff"`
}

type hours struct {
	Text   string `yaml:"text"`
	Always bool   `yaml:"always"`
	Open   string `yaml:"open"` // the text in a form that a clock can be held against, where the pages are sure of it
	Status string `yaml:"status"`
}

type bill struct {
	Is     string `yaml:"is"`
	Source string `yaml:"source"`
}

type source struct {
	Address string `yaml:"address"`
	Says    string `yaml:"says"`
}

// read turns the bytes of a file into services, all or none.
func read(file []byte) ([]directory.Service, error) {
	in := yaml.NewDecoder(bytes.NewReader(file))
	in.KnownFields(true)
	var doc document
	if err := in.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read services: %s: %w: %w", blame(file, err), ErrFile, err)
	}
	if err := in.Decode(new(document)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read services: more than one document: %w", ErrFile)
	}
	if len(doc.Services) == 0 {
		return nil, fmt.Errorf("read services: none: %w", ErrFile)
	}
	services := make([]directory.Service, len(doc.Services))
	var faults []error
	for i, r := range doc.Services {
		s, err := r.service()
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", r.label(i), err))
		}
		services[i] = s
	}
	if err := errors.Join(append(faults, directory.Check(services))...); err != nil {
		return nil, fmt.Errorf("read services: %w", err)
	}
	return services, nil
}

// label names a row in an error even where its id is missing.
func (r row) label(i int) string {
	if r.ID == "" {
		return fmt.Sprintf("service %d", i+1)
	}
	return r.ID
}

// readDay reads a date as the file writes it; empty is no day.
func readDay(word string) (time.Time, error) {
	if word == "" {
		return time.Time{}, nil
	}
	return time.Parse("2006-01-02", word)
}
