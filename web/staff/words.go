package staff

import "waypost/referrals/people"

// The words of what referrals/people names.
var (
	roleWords = map[people.Role]string{
		people.Clinician: "role.clinician", people.Lead: "role.lead", people.DirectoryEditor: "role.directory-editor",
		people.Auditor: "role.auditor", people.Receiver: "role.receiver",
	}
	kindWords = map[people.Kind]string{
		people.Practice: "organisation.practice", people.SafeguardingTeam: "organisation.safeguarding-team",
		people.ReceivingService: "organisation.receiving-service", people.ImplantCompany: "organisation.implant-company",
	}
	// What a client may be given, by the scope without its context.
	scopeWords = map[string]string{
		"ServiceRequest.c": "clients.may.refer", "ServiceRequest.r": "clients.may.see-referrals", "Task.rs": "clients.may.see-tasks",
		"Task.u": "clients.may.answer", "AuditEvent.rs": "clients.may.audit",
	}
	wayWords = map[people.Way]string{people.ByKey: "account.by-key", people.ByProvider: "account.by-provider"}
)
