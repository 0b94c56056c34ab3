package people

import (
	"errors"
	"testing"

	"waypost/internal/trail"
)

// Whoever may keep a colleague away from a case reads names, with an entry for it, of their own organisation and of nobody who
// has left; whoever may not is refused.
func TestColleaguesAreReadByWhoeverMayKeepOneAway(t *testing.T) {
	w := newWorld(t)
	lead := w.found(Practice)
	clinician, gone := lead.colleague(Clinician), lead.colleague(Lead)
	auditor, editor := lead.colleague(Auditor), lead.colleague(DirectoryEditor)
	w.found(Practice)
	if err := w.Revoke(t.Context(), lead.stepUp().actor, gone.actor.Member()); err != nil {
		t.Fatal(err)
	}
	before := w.heard("people.names", trail.Done)
	all, err := w.Colleagues(t.Context(), clinician.actor)
	if err != nil || len(all) != 4 {
		t.Fatalf("%d, %v", len(all), err)
	}
	if w.heard("people.names", trail.Done) == before {
		t.Error("read without an entry")
	}
	for _, c := range all {
		if c.ID == gone.actor.Member() || c.Name.IsZero() || c.Decides != (c.ID == lead.actor.Member()) {
			t.Errorf("%s decides: %t", c.ID, c.Decides)
		}
	}
	if NobodyDecides(all, nil) || NobodyDecides(all, []string{clinician.actor.Member()}) || !NobodyDecides(all, []string{lead.actor.Member()}) || !NobodyDecides(nil, nil) {
		t.Error("who is left to decide is not told")
	}
	receiver := w.found(ReceivingService).colleague(Receiver)
	for name, s := range map[string]*staff{"an auditor": auditor, "an editor": editor, "a receiver": receiver} {
		refused := w.heard(string(CaseExclude), trail.Denied)
		if _, err := w.Colleagues(t.Context(), s.actor); !errors.Is(err, ErrForbidden) || w.heard(string(CaseExclude), trail.Denied) != refused+1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
