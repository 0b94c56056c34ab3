package fhir

import (
	"slices"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
)

// HealthcareService is a service of the directory as it may leave this house: its name, what it helps with, its numbers, the
// areas it serves and how sure we are of them.
//
// It is narrower than a page. It has no place, because a place may be where somebody hides, and no text that was written down
// by hand, which may name one. So there is no Location, an area is a code, and there is no Organization, of which the
// directory knows nothing.
type HealthcareService struct {
	ResourceType  string            `json:"resourceType"`
	ID            string            `json:"id"`
	Language      string            `json:"language"`
	Active        bool              `json:"active"`
	Type          []CodeableConcept `json:"type,omitempty"`
	Name          string            `json:"name"`
	ExtraDetails  string            `json:"extraDetails"`
	Telecom       []ContactPoint    `json:"telecom"`
	CoverageArea  []Reference       `json:"coverageArea,omitempty"`
	AvailableTime []AvailableTime   `json:"availableTime,omitempty"`
}

// ContactPoint is one way in.
type ContactPoint struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// AvailableTime says that a service is open at all hours; other hours are words, and stay on the pages.
type AvailableTime struct {
	DaysOfWeek []string `json:"daysOfWeek"`
	AllDay     bool     `json:"allDay"`
}

// shown is a service as it may leave this house on that day, or nothing: by the rule of the open data, directory.Outside.
func shown(s directory.Service, as directory.Look) (directory.Sight, bool) {
	as.Audience = directory.Public
	sight, ok := s.Seen(as)
	if !ok || !idForm.MatchString(s.ID) {
		return directory.Sight{}, false
	}
	sight.Service, ok = sight.Service.Outside()
	return sight, ok
}

func service(sight directory.Sight, words *locales.Words) HealthcareService {
	s := sight.Service
	out := HealthcareService{ResourceType: "HealthcareService", ID: s.ID, Language: words.Tag, Active: true, Name: s.Name, ExtraDetails: sure(sight, words)}
	for _, need := range s.Needs {
		out.Type = append(out.Type, CodeableConcept{Coding: []Coding{{System: system("need"), Code: need}}, Text: words.Text("need." + need)})
	}
	for _, w := range s.Ways {
		if system, ok := contacts[w.By]; ok {
			out.Telecom = append(out.Telecom, ContactPoint{system, w.At})
		}
	}
	for _, code := range slices.Concat(s.Covers.Authorities, s.Covers.Boards, s.Covers.Police) {
		out.CoverageArea = append(out.CoverageArea, Reference{Type: "Location", Identifier: &Identifier{home + "/NamingSystem/area", code}})
	}
	if s.Hours.Always {
		out.AvailableTime = []AvailableTime{{[]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, true}}
	}
	return out
}

// contacts are the ways in that leave this house, as FHIR calls them. A textphone is none of its kinds.
var contacts = map[directory.By]string{
	directory.Phone: "phone", directory.Text: "sms", directory.Textphone: "other",
	directory.Email: "email", directory.Website: "url", directory.Webchat: "url",
}

func sure(s directory.Sight, words *locales.Words) string {
	id := "confidence.rung"
	switch s.Mark {
	case directory.NotRung:
		id = "confidence.not-rung"
	case directory.RungLongAgo:
		id = "confidence.rung-long-ago"
	}
	return words.Text(id, "Date", s.Since.Format(time.DateOnly))
}
