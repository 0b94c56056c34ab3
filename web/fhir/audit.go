package fhir

import (
	"encoding/hex"

	"waypost/internal/trail"
	"waypost/referrals"
)

// AuditEvent is one entry of an organisation's trail: codes and ids. It names no patient and no case, since the trail does not.
type AuditEvent struct {
	ResourceType string        `json:"resourceType"`
	ID           string        `json:"id"`
	Meta         *Meta         `json:"meta"`
	Type         Coding        `json:"type"`
	Subtype      []Coding      `json:"subtype"`
	Action       string        `json:"action"`
	Recorded     string        `json:"recorded"`
	Outcome      string        `json:"outcome"`
	OutcomeDesc  string        `json:"outcomeDesc,omitempty"`
	Agent        []AuditAgent  `json:"agent"`
	Source       AuditSource   `json:"source"`
	Entity       []AuditEntity `json:"entity,omitempty"`
}

// AuditAgent is who did it, as the trail knows them.
type AuditAgent struct {
	Role      []CodeableConcept `json:"role,omitempty"`
	Who       Reference         `json:"who"`
	Requestor bool              `json:"requestor"`
}

// AuditSource is who says so.
type AuditSource struct {
	Observer Reference `json:"observer"`
}

// AuditEntity is what it was done to, by a keyed digest of its name: entries about one thing stay together.
type AuditEntity struct {
	What *Reference `json:"what,omitempty"`
	Type *Coding    `json:"type,omitempty"`
}

var auditOutcome = map[trail.Outcome]string{trail.Done: "0", trail.Denied: "4", trail.Failed: "8"}

// EventOf shows one entry.
func EventOf(e referrals.Entry) AuditEvent {
	out := AuditEvent{
		ResourceType: "AuditEvent", ID: number(e.Seq), Meta: labelled(), Action: auditAction(e.Entry), Recorded: instant(e.At),
		Type:    Coding{System: "http://terminology.hl7.org/CodeSystem/audit-event-type", Code: "rest", Display: "RESTful Operation"},
		Subtype: []Coding{{System: system("trail.action"), Code: e.Action}},
		Outcome: auditOutcome[e.Outcome], OutcomeDesc: e.Reason,
		Agent:  []AuditAgent{{Who: Reference{Identifier: &Identifier{home + "/NamingSystem/member", e.Actor}}, Requestor: e.Actor != "system"}},
		Source: AuditSource{Reference{Display: "Waypost"}},
	}
	if e.Role != "" {
		out.Agent[0].Role = []CodeableConcept{{Coding: []Coding{{System: system("trail.role"), Code: e.Role}}}}
	}
	if e.Kind == "" {
		return out
	}
	about := AuditEntity{Type: &Coding{System: system("trail.kind"), Code: e.Kind}}
	if len(e.Ref) > 0 {
		about.What = &Reference{Identifier: &Identifier{home + "/NamingSystem/record", hex.EncodeToString(e.Ref)}}
	}
	out.Entity = []AuditEntity{about}
	return out
}

// auditAction is what an entry did, in FHIR's letters.
func auditAction(e trail.Entry) string {
	switch {
	case e.Effect == trail.Put && e.Rev == 1:
		return "C"
	case e.Effect == trail.Put:
		return "U"
	case e.Effect == trail.Gone:
		return "D"
	case e.Kind != "":
		return "R"
	}
	return "E"
}
