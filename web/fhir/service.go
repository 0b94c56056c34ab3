package fhir

import (
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
)

// HealthcareService is a service of the national directory as the public may see it: its name, what it helps with, its numbers
// and how sure we are of them.
//
// It is narrower than a page. It has no place, because a place may be where somebody hides, and no text that was written down
// by hand, which may name one. So there is no Location, and no Organization, of which the directory knows nothing.
type HealthcareService struct {
	ResourceType  string            `json:"resourceType"`
	ID            string            `json:"id"`
	Language      string            `json:"language"`
	Active        bool              `json:"active"`
	Type          []CodeableConcept `json:"type,omitempty"`
	Name          string            `json:"name"`
	ExtraDetails  string            `json:"extraDetails"`
	Telecom       []ContactPoint    `json:"telecom"`
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

// Services are the services that the public may see on a day, in the order of the directory.
func Services(d *directory.Directory, as directory.Look, words *locales.Words) []HealthcareService {
	var out []HealthcareService
	for _, s := range d.Services() {
		if s, ok := service(s, as, words); ok {
			out = append(out, s)
		}
	}
	return out
}

func service(s directory.Service, as directory.Look, words *locales.Words) (HealthcareService, bool) {
	as.Audience = directory.Public
	sight, ok := s.Seen(as)
	if !ok || sight.Service.Covers.Local() || sight.Service.Is != directory.NoArchetype {
		return HealthcareService{}, false
	}
	s = sight.Service
	out := HealthcareService{ResourceType: "HealthcareService", ID: s.ID, Language: words.Tag, Active: true, Name: s.Name, ExtraDetails: sure(sight, words)}
	for _, need := range s.Needs {
		out.Type = append(out.Type, CodeableConcept{Coding: []Coding{{System: system("need"), Code: need}}, Text: words.Text("need." + need)})
	}
	for _, w := range s.Ways {
		if system, ok := contacts[w.By]; ok {
			out.Telecom = append(out.Telecom, ContactPoint{system, w.At})
		}
	}
	if s.Hours.Always {
		out.AvailableTime = []AvailableTime{{[]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, true}}
	}
	return out, len(out.Telecom) > 0
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
