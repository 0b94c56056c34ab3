package people

// Action is something that a person, or another system, may want to do, as the trail and the policy name it.
type Action string

// The actions. Each stands once in the policy; a test reads this file and finds one that does not.
const (
	ReferralCreate Action = "referral.create" // turn a finished plan into a case
	CaseOwn        Action = "case.own"        // follow, answer or withdraw what one has referred oneself

	CaseList         Action = "case.list"          // the desk's queue
	CaseRead         Action = "case.read"          // open a case's content
	CaseDecide       Action = "case.decide"        // return, accept, escalate, withdraw, close
	HandOver         Action = "handover.confirm"   // say that a packet was given by phone, portal or mail
	CaseExclude      Action = "case.exclude"       // keep a member of staff away from a case
	BreakGlass       Action = "break-glass"        // open a case one is not named on, for a stated reason
	BreakGlassReview Action = "break-glass.review" // judge afterwards whether that was right
	StatisticsRead   Action = "statistics.read"    // rounded counts by quarter

	PacketRead   Action = "packet.read"   // open a packet that was sent to one's service
	PacketAnswer Action = "packet.answer" // acknowledge, accept, decline, report an outcome

	TaskRead   Action = "task.read"   // another system: how what it referred, or was sent, stands
	TaskUpdate Action = "task.update" // another system: say for the service what has happened with it

	DirectoryRead        Action = "directory.read"         // the services as staff see them
	DirectoryReadPrivate Action = "directory.read-private" // contacts that no public page shows
	DirectoryEdit        Action = "directory.edit"         // propose a change, import
	DirectoryVerify      Action = "directory.verify"       // confirm another person's change

	AuditRead Action = "audit.read" // who looked, who changed, who was refused
	Export    Action = "export"     // a person's copy of what rests, through review
	Erase     Action = "erase"      // destroy before the time is over
	Release   Action = "release"    // the second person's yes to an export or an erasure

	PeopleList     Action = "people.list"     // members and their roles
	PeopleInvite   Action = "people.invite"   // a new member, or a new key for one
	PeopleRoles    Action = "people.roles"    // change what a member may do
	PeopleRevoke   Action = "people.revoke"   // end a membership at once
	ClientRegister Action = "client.register" // another system's key

	SessionSee         Action = "session.see"         // one's own sessions and keys
	SessionEnd         Action = "session.end"         // end one's own sessions
	PasskeyAdd         Action = "passkey.add"         // a further key of one's own
	PasskeyRevoke      Action = "passkey.revoke"      // end a key of one's own
	OrganisationSwitch Action = "organisation.switch" // act for another organisation one belongs to

	PartnerPage Action = "partner.page" // a company's own charter and link kit
)
