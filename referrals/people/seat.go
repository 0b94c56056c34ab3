package people

import "slices"

// Kind is the kind of an organisation.
type Kind string

// The kinds of organisation.
const (
	Practice         Kind = "practice"
	SafeguardingTeam Kind = "safeguarding-team"
	ReceivingService Kind = "receiving-service"
	ImplantCompany   Kind = "implant-company"
)

// Role is what a member may be within an organisation; one member may have several. A registered client has one of its own,
// which no member can have.
type Role string

// The roles.
const (
	Clinician       Role = "clinician"        // consults and refers
	Lead            Role = "lead"             // decides what happens to a referral; invites and revokes
	DirectoryEditor Role = "directory-editor" // keeps the services right
	Auditor         Role = "auditor"          // reads the trail, and nothing that it speaks of
	Receiver        Role = "receiver"         // takes packets for a service
	Machine         Role = "client"           // another system, with a key of its own; no person has it
)

// Seat is a role in a kind of organisation. What is no seat does not exist: a company has no clinician.
type Seat struct {
	Kind Kind
	Role Role
}

// seats are all there are, in the order of the policy's columns.
var seats = [...]Seat{
	{Practice, Clinician}, {Practice, Lead}, {Practice, DirectoryEditor}, {Practice, Auditor}, {Practice, Machine},
	{SafeguardingTeam, Lead}, {SafeguardingTeam, DirectoryEditor}, {SafeguardingTeam, Auditor}, {SafeguardingTeam, Machine},
	{ReceivingService, Receiver}, {ReceivingService, Lead}, {ReceivingService, Auditor}, {ReceivingService, Machine},
	{ImplantCompany, Lead}, {ImplantCompany, Auditor},
}

// Seats lists which role may exist in which kind of organisation.
func Seats() []Seat { return slices.Clone(seats[:]) }

// Exists says whether there is such a seat.
func (s Seat) Exists() bool { return slices.Contains(seats[:], s) }

// ForPeople says whether a person may take the seat.
func (s Seat) ForPeople() bool { return s.Exists() && s.Role != Machine }

func (k Kind) exists() bool {
	return slices.ContainsFunc(seats[:], func(s Seat) bool { return s.Kind == k })
}
