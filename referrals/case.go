package referrals

import (
	"slices"
	"time"

	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/packet"
)

// Because is one link of the chain behind a finding: this answer raised this fact. Ids only.
type Because struct {
	Question string `json:"q"`
	Answer   string `json:"a"`
	Fact     string `json:"f"`
}

// Found is one finding of the consultation with the answers behind it.
type Found struct {
	packet.Concern
	Because []Because `json:"because,omitempty"`
}

// Handover is one destination of a case: what was decided about consent, and how far the packet has come.
type Handover struct {
	Reference   string // of the packet; another one for each destination, so that two services cannot compare
	Destination string
	Service     string // id in the directory
	Receiver    string // where its packet was laid out: the service's organisation, or Door
	Consent     packet.Consent
	State       State
	Channel     packet.Channel
	At          time.Time // handed over
	By          string    // member who confirmed it
	Theirs      vault.Secret[string]
	Due         time.Time // the clock; zero where nothing is open
	LinkEnds    time.Time // zero unless a link waits
	Packet      string    // record of the packet under the receiver; empty unless picked up here
	Reason      string    // why declined, recalled or dropped
	Outcome     string
	Given       vault.Secret[[]byte] // the packet as it left, in its JSON form; nothing while it has not
}

// IsOpen says whether somebody still has something to do about it.
func (h Handover) IsOpen() bool {
	return slices.Contains([]State{Waiting, Out, Opened, Taken, Helping, Refused}, h.State)
}

// Step is one line of the timeline.
type Step struct {
	At       time.Time
	By       string // member, or "system"
	Event    Event
	Reason   string
	Words    vault.Secret[string]
	Handover string // reference, empty for the case
}

// Case is one referral as those who may see it see it. It is a value: a change goes through the Desk.
type Case struct {
	Reference string // 128 random bits, of no meaning
	Rev       int64
	State     State
	Since     time.Time
	Due       time.Time
	Opened    time.Time
	Expires   time.Time

	Organisation string
	OpenedBy     string
	Excluded     []string // members for whom it does not exist
	Urgency      string
	Nation       directory.Nation
	Age          directory.Age
	Content      string // version of the bank it was asked with
	Lines        []string
	Found        []Found
	Facts        []string
	Pathways     []string
	Dossier      packet.Dossier
	Handovers    []Handover
	Timeline     []Step
	Outcome      string
	Sent         []byte   // digest of the request by which another system made it
	Counted      []string // what it has added to the counts of this quarter: once to a cell
}

// Handover finds one by its reference, or reports -1.
func (c Case) Handover(reference string) int {
	return slices.IndexFunc(c.Handovers, func(h Handover) bool { return h.Reference == reference })
}

// Concerns are the findings as packets know them.
func (c Case) Concerns() []packet.Concern {
	out := make([]packet.Concern, 0, len(c.Found))
	for _, f := range c.Found {
		out = append(out, f.Concern)
	}
	return out
}

// Kinds are the destinations of the case that are not dropped.
func (c Case) Kinds() []string {
	var out []string
	for _, h := range c.Handovers {
		if h.State != Dropped {
			out = append(out, h.Destination)
		}
	}
	return out
}

// copied is the case with lists of its own, so that a change leaves the one before as it was.
func (c Case) copied() Case {
	c.Excluded, c.Handovers, c.Timeline = slices.Clone(c.Excluded), slices.Clone(c.Handovers), slices.Clone(c.Timeline)
	return c
}

// follow is the state of a case in the hands of the desk: of its hand-overs the one that needs somebody most.
func (c Case) follow() State {
	rank := []struct {
		of []State
		is State
	}{
		{[]State{Refused}, Declined}, {[]State{Waiting}, Accepted}, {[]State{Out, Opened}, HandedOver}, {[]State{Taken, Helping, Done}, Acknowledged},
	}
	for _, r := range rank {
		if slices.ContainsFunc(c.Handovers, func(h Handover) bool { return slices.Contains(r.of, h.State) }) {
			return r.is
		}
	}
	return Accepted
}

// keepUp lets a case in the hands of the desk follow its hand-overs. One that is escalated stays so until it is accepted.
func (c *Case) keepUp() {
	if slices.Contains(inHand, c.State) && c.State != Escalated {
		c.State = c.follow()
	}
}

// earliest is the clock of the case: that of its own state and of every open hand-over, whichever runs out first.
func (c Case) earliest(own time.Time) time.Time {
	due := own
	if !slices.Contains(inHand, c.State) {
		return due
	}
	for _, h := range c.Handovers {
		if h.Due.IsZero() || !h.IsOpen() {
			continue
		}
		if due.IsZero() || h.Due.Before(due) {
			due = h.Due
		}
	}
	return due
}
