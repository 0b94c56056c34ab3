package fhir

import (
	"slices"

	"waypost/locales"
	"waypost/referrals"
	"waypost/web/tree"
)

// Change is what a Task that comes back says has happened.
type Change struct {
	Event  referrals.Event
	Reason string // a code: why it was declined, or the outcome
}

// eventOf is the event that brings about a status.
var eventOf = map[string]referrals.Event{
	"accepted": referrals.Acknowledge, "in-progress": referrals.TakeOn, "rejected": referrals.Decline, "completed": referrals.Report,
}

// statusesOfTask are all codes of FHIR's TaskStatus.
var statusesOfTask = []string{"draft", "requested", "received", "accepted", "rejected", "ready", "cancelled", "in-progress", "on-hold", "failed", "completed", "entered-in-error"}

// ReadTask reads a Task that comes back, beside the one that was read. Only status, statusReason and businessStatus may differ;
// meta may be left out. Words of the sender are not taken: whatever they say of a person would rest nowhere.
func ReadTask(body []byte, was Task, words *locales.Words) (Change, error) {
	own, err := encode(was)
	if err != nil {
		return Change{}, err
	}
	before, err := tree.Read(own)
	if err != nil {
		return Change{}, err
	}
	n, err := readTree(body)
	if err != nil {
		return Change{}, err
	}
	r := taskReader{before: &before, words: words}
	out := r.task(&n)
	if len(r.refused) > 0 {
		return Change{}, r.refused
	}
	return out, nil
}

type taskReader struct {
	reader
	before *tree.Node
	words  *locales.Words
}

func (r *taskReader) task(n *tree.Node) (out Change) {
	if !r.isA(n, "Task") {
		return out
	}
	r.enter("Task")
	defer r.leave()
	var status string
	var why, business *tree.Node
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "status":
			return r.text(name, v, codeForm, &status)
		case "statusReason":
			why = v
			return taken
		case "businessStatus":
			business = v
			return taken
		}
		was, known := r.before.Get(name)
		if !known {
			return unknownElement
		}
		if !same(v, was) {
			r.failIn(name, fixed)
		}
		return taken
	})
	for _, m := range r.before.Members {
		if _, there := n.Get(m.Name); !there && !slices.Contains([]string{"meta", "status", "statusReason", "businessStatus"}, m.Name) {
			r.failIn(m.Name, missing)
		}
	}
	r.need("status", status)
	out.Event = r.step(status)
	out.Reason = r.concepts(out.Event, why, business)
	return out
}

// step is the event that the new status tells of. Whether it may happen is for the table of states to say.
func (r *taskReader) step(status string) referrals.Event {
	e, ok := eventOf[status]
	switch was, _ := r.before.Get("status"); {
	case status == "":
	case !slices.Contains(statusesOfTask, status):
		r.failIn("status", unknownCode)
	case !ok || was.Text == status:
		r.failIn("status", noStep)
	}
	return e
}

// concepts reads why it was declined or how it ended. What else stands there has to be what was read.
func (r *taskReader) concepts(e referrals.Event, why, business *tree.Node) (code string) {
	stays := func(name string, v *tree.Node) {
		if was, known := r.before.Get(name); v != nil && (!known || !same(v, was)) {
			r.failIn(name, fixed)
		}
	}
	switch e {
	case referrals.Decline:
		stays("businessStatus", business)
		return r.concept("statusReason", why, "referral.reason", e)
	case referrals.Report:
		stays("statusReason", why)
		return r.concept("businessStatus", business, "referral.outcome", e)
	}
	stays("statusReason", why)
	stays("businessStatus", business)
	return ""
}

// concept reads one code of ours, of those that the event takes; its words may stand beside it as we say them.
func (r *taskReader) concept(name string, n *tree.Node, codes string, e referrals.Event) (code string) {
	if n == nil {
		r.failIn(name, missing)
		return ""
	}
	r.enter(name)
	defer r.leave()
	var text *tree.Node
	given := 0
	r.object(n, func(name string, v *tree.Node) fault {
		switch name {
		case "coding":
			return r.list(name, v, func(n *tree.Node) {
				c := r.coding(n)
				if given++; given > 1 {
					r.fail(tooMany)
				} else if c.system != system(codes) || !slices.Contains(reasonsOf(e), c.code) {
					r.fail(unknownCode)
				} else {
					code = c.code
				}
			})
		case "text":
			text = v
			return taken
		}
		return unknownElement
	})
	if given == 0 {
		r.failIn("coding", missing)
	}
	if text != nil && (code == "" || text.Text != r.words.Text("desk.reason."+code)) {
		r.failIn("text", notOffered)
	}
	return code
}

func reasonsOf(e referrals.Event) []string {
	for _, l := range referrals.Table() {
		if l.Event == e {
			return l.Reasons
		}
	}
	return nil
}

// same says whether two values are the same, in whatever order their members stand.
func same(a, b *tree.Node) bool {
	if a.Kind != b.Kind || a.Text != b.Text || len(a.Items) != len(b.Items) || len(a.Members) != len(b.Members) {
		return false
	}
	for i := range a.Items {
		if !same(&a.Items[i], &b.Items[i]) {
			return false
		}
	}
	for i := range a.Members {
		other, ok := b.Get(a.Members[i].Name)
		if !ok || !same(&a.Members[i].Value, other) {
			return false
		}
	}
	return true
}
