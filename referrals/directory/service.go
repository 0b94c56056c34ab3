package directory

import "time"

// Service is one place that may help, as read from the pages named under its sources. Its slices are shared: read only.
type Service struct {
	ID        string
	Name      string
	Needs     []string
	Nations   Nations // none: no page read says which
	Area      string  // where it serves only part of a nation
	ShownTo   ShownTo
	Who       Who
	For       string
	Ways      []Way
	Hours     Hours
	Cost      string
	Languages string
	Bill      Bill
	Warnings  []string // for whoever is shown the service
	Notes     []string // for staff
	Prof      Prof
	Status    Status

	// EmergencyNumber marks 999, 101 and 111, which always show.
	EmergencyNumber bool
	// AvoidMonitoredPhone marks what must not be suggested where somebody else reads the telephone.
	AvoidMonitoredPhone bool

	// What is said in codes, all of it optional.
	Is        Archetype
	Covers    Coverage
	Opening   Opening
	Speaks    []string // language codes; none: not stated
	Access    []Access
	Referrers []Referrer // none: not stated
	Consent   ConsentRule
	NextSteps string // what happens after a referral, in the words of the service
	// Unlisted is the day on which the list it came from no longer had it: staff see it with that reason, nobody else does.
	Unlisted time.Time

	Sources    []Source
	SourceDate string
	ReadOn     time.Time
	VerifiedBy string // the human who rang the number or opened the page
	VerifiedOn time.Time
}

// Who says whom a service is for, as far as a page says so. Limits are inclusive ages; 0 means none stated.
type Who struct {
	MinAge, MaxAge int
	// Adults marks a service described in adult words, or meant for adults by its name, that gives no age.
	Adults bool
	Only   Sex // SexUnknown: any
	// Groups are the people the service was made for; none: everybody.
	Groups []Group
}

// Way is one way in. Where At is a telephone number it holds digits and spaces only.
type Way struct {
	By     By
	At     string
	Note   string
	Status Status
	Staff  bool // for professionals, not for patients or the public
}

// By is the kind of a way in.
type By string

// The ways in. Local is a place named in words, such as the website of the local police force.
const (
	Phone     By = "phone"
	Textphone    = By("textphone")
	Text         = By("text")
	WhatsApp     = By("whatsapp")
	Webchat      = By("webchat")
	Email        = By("email")
	Website      = By("website")
	App          = By("app")
	Video        = By("video")
	InPerson     = By("in-person")
	Local        = By("local")
)

// WaysIn lists them for the form, the most usual first.
func WaysIn() []By {
	return []By{Phone, Textphone, Text, WhatsApp, Webchat, Email, Website, App, Video, InPerson, Local}
}

// StaysOnPhone reports whether using this way leaves words or an app on the telephone for others to read.
func (b By) StaysOnPhone() bool { return b == Text || b == WhatsApp || b == App }

// WithoutSpeaking reports whether this way needs no voice.
func (b By) WithoutSpeaking() bool {
	return b == Text || b == WhatsApp || b == Webchat || b == Email || b == App || b == Textphone
}

// Hours are the hours as text, and whether they certainly are all hours of every day.
type Hours struct {
	Text   string
	Always bool
	Status Status
}

// Bill says whether a call is known to show on the telephone bill, and who says so. It never says that a call leaves no
// trace: the telephone keeps its own list.
type Bill struct {
	Trace  BillTrace
	Source string
}

// BillTrace is what is known of the telephone bill.
type BillTrace string

// NotOnBill needs a source; OnBillLikely holds for every 01, 02 and 03 number.
const (
	BillUnknown  BillTrace = "unknown"
	NotOnBill    BillTrace = "no_bill"
	OnBillLikely BillTrace = "on_bill_likely"
)

// Prof is what a professional may use a service for, as far as a page says.
type Prof string

// What professionals may do there.
const (
	ProfUnknown Prof = "unknown"
	Refer       Prof = "refer"
	Advice      Prof = "advice"
	Both        Prof = "both"
	NoProf      Prof = "none"
)

// Route reports whether a professional may refer or ask for advice there.
func (p Prof) Route() bool { return p == Refer || p == Advice || p == Both }

// Status is how sure we are of a fact. The zero value is not a status.
type Status string

// Official is the service's own page or one of government or the NHS, Secondary a council, practice, press or sector page.
// Disputed was read, but pages differ or the page is too old to trust.
const (
	Official  Status = "official"
	Secondary Status = "secondary"
	Disputed  Status = "disputed"
)

// ShownTo says who may ever be shown a service.
type ShownTo string

// NeverWithVictim keeps services for people who use abuse off every plan, copy and page made for a victim.
const (
	Anyone          ShownTo = "anyone"
	StaffOnly       ShownTo = "staff"
	NeverWithVictim ShownTo = "never-with-victim"
)

// Source is a page that was read, and which facts it gave where that is known.
type Source struct {
	Address string
	Says    string
}

// openWays are the ways in that a patient or the public may be shown.
func (s *Service) openWays() []Way {
	ways := make([]Way, 0, len(s.Ways))
	for _, w := range s.Ways {
		if !w.Staff && w.Status != Disputed {
			ways = append(ways, w)
		}
	}
	if len(ways) == len(s.Ways) {
		return s.Ways
	}
	return ways
}
