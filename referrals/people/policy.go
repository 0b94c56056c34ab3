package people

import "slices"

// Ruling is what the policy says of an action in a seat. The zero Ruling is Never.
type Ruling uint8

// The rulings, the more generous the higher.
const (
	Never   Ruling = iota
	StepUp         // only within minutes of touching the key again
	Allowed        // with a session
)

// String is the word of the policy's page.
func (r Ruling) String() string {
	switch r {
	case Allowed:
		return "yes"
	case StepUp:
		return "step-up"
	}
	return "never"
}

// Line is one action's line of the policy.
type Line struct {
	Action Action
	// Shared: what the action touches belongs to no organisation (the directory) or to the person alone (sessions).
	// All else belongs to one organisation, and for anybody else's it is not there.
	Shared bool
	Rows   [len(seats)]Ruling
}

type row = [len(seats)]Ruling

const (
	no = Never
	up = StepUp
	ok = Allowed
)

// policy is the one table. A clinician may break glass because the lead may be away when a life is not: it takes the key,
// a reason and a review. An auditor reads the trail and no case. A company's seats read no case, no packet, no directory
// and no statistics: what a company could learn of its customer, the person who controls the customer could learn. A client
// is another system: it does what its scopes name among these lines, never what takes a person's judgement, and never the
// desk's.
var policy = [...]Line{
	// practice: clinician lead editor auditor client · safeguarding team: lead editor auditor client · service: receiver lead auditor client · company: lead auditor
	{ReferralCreate, false, row{ok, ok, no, no, ok /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{CaseOwn, false, row{ok, ok, no, no, ok /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},

	{CaseList, false, row{no, ok, no, no, no /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{CaseRead, false, row{no, ok, no, no, no /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{CaseDecide, false, row{no, ok, no, no, no /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{HandOver, false, row{no, ok, no, no, no /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{CaseExclude, false, row{ok, ok, no, no, no /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{BreakGlass, false, row{up, up, no, no, no /**/, up, no, no, no /**/, no, no, no, no /**/, no, no}},
	{BreakGlassReview, false, row{no, ok, no, no, no /**/, ok, no, no, no /**/, no, no, no, no /**/, no, no}},
	{StatisticsRead, false, row{no, ok, no, ok, no /**/, ok, no, ok, no /**/, no, ok, no, no /**/, no, no}},

	{PacketRead, false, row{no, no, no, no, no /**/, no, no, no, no /**/, ok, no, no, ok /**/, no, no}},
	{PacketAnswer, false, row{no, no, no, no, no /**/, no, no, no, no /**/, ok, no, no, ok /**/, no, no}},
	{TaskRead, false, row{no, no, no, no, ok /**/, no, no, no, no /**/, no, no, no, ok /**/, no, no}},
	{TaskUpdate, false, row{no, no, no, no, no /**/, no, no, no, no /**/, no, no, no, ok /**/, no, no}},

	{DirectoryRead, true, row{ok, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok, ok, no /**/, no, no}},
	{DirectoryReadPrivate, true, row{no, ok, ok, no, no /**/, ok, ok, no, no /**/, no, no, no, no /**/, no, no}},
	{DirectoryEdit, true, row{no, no, ok, no, no /**/, no, ok, no, no /**/, no, no, no, no /**/, no, no}},
	{DirectoryVerify, true, row{no, ok, ok, no, no /**/, ok, ok, no, no /**/, no, no, no, no /**/, no, no}},

	{AuditRead, false, row{no, ok, no, ok, no /**/, ok, no, ok, ok /**/, no, ok, ok, no /**/, ok, ok}},
	{Export, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, no, no, no /**/, no, no}},
	{Erase, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, no, no, no /**/, no, no}},
	{Release, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, no, no, no /**/, no, no}},

	{PeopleList, false, row{no, ok, no, ok, no /**/, ok, no, ok, no /**/, no, ok, ok, no /**/, ok, ok}},
	{PeopleInvite, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, up, no, no /**/, up, no}},
	{PeopleRoles, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, up, no, no /**/, up, no}},
	{PeopleRevoke, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, up, no, no /**/, up, no}},
	{ClientRegister, false, row{no, up, no, no, no /**/, up, no, no, no /**/, no, up, no, no /**/, no, no}},

	{SessionSee, true, row{ok, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok}},
	{SessionEnd, true, row{ok, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok}},
	{PasskeyAdd, true, row{up, up, up, up, no /**/, up, up, up, no /**/, up, up, up, no /**/, up, up}},
	{PasskeyRevoke, true, row{up, up, up, up, no /**/, up, up, up, no /**/, up, up, up, no /**/, up, up}},
	{OrganisationSwitch, true, row{ok, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok, ok, no /**/, ok, ok}},

	{PartnerPage, false, row{no, no, no, no, no /**/, no, no, no, no /**/, no, no, no, no /**/, ok, no}},
}

// Policy is the table, for whoever prints or tests it.
func Policy() []Line { return slices.Clone(policy[:]) }

func lineOf(a Action) (Line, bool) {
	for _, l := range policy {
		if l.Action == a {
			return l, true
		}
	}
	return Line{}, false
}

// For is what the line says of a seat; of no seat it says Never.
func (l Line) For(s Seat) Ruling {
	if i := slices.Index(seats[:], s); i >= 0 {
		return l.Rows[i]
	}
	return Never
}
