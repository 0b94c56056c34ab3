package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/referrals/directory"
	"waypost/referrals/directory/feed"
)

// Services, numbers and staff are invented.

var today = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return today.AddDate(0, 0, n) }

const (
	first, second = "member-1", "member-2"
	phoneA        = "01432 123456"
	phoneB        = "01432 654321"
)

func aid(change ...func(*directory.Service)) directory.Service {
	s := directory.Service{
		ID: "shire-aid", Name: "Invented Aid", Needs: []string{"domestic-abuse"}, Nations: directory.Nations(0).With(directory.England), ShownTo: directory.Anyone,
		Covers: directory.Coverage{Authorities: []string{"E06000019"}}, Prof: directory.ProfUnknown, Status: directory.Secondary, Bill: directory.Bill{Trace: directory.OnBillLikely},
		Ways:    []directory.Way{{By: directory.Phone, At: phoneA, Status: directory.Secondary}},
		Sources: []directory.Source{{Address: "https://feed.example.org/services"}}, SourceDate: "undated", ReadOn: today,
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

func phone(at string) func(*directory.Service) {
	return func(s *directory.Service) {
		s.Ways = []directory.Way{{By: directory.Phone, At: at, Status: directory.Secondary}}
	}
}
func text(t string) func(*directory.Service) { return func(s *directory.Service) { s.For = t } }
func serving(needs ...string) func(*directory.Service) {
	return func(s *directory.Service) { s.Needs = needs }
}
func readOn(d time.Time) func(*directory.Service) { return func(s *directory.Service) { s.ReadOn = d } }
func forAbusers(s *directory.Service)             { s.ShownTo, s.Needs = directory.NeverWithVictim, nil }

func item(s directory.Service, held ...feed.Hold) feed.Item {
	return feed.Item{Key: "aid", Service: s, Held: held}
}

func must(t testing.TB) func(Entry, error) Entry {
	return func(e Entry, err error) Entry {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
}

func at(e Entry) string { return e.Service.Ways[0].At }

func TestTwoPeopleChangeAContact(t *testing.T) {
	e := First("shire", item(aid()))
	p := must(t)(e.Propose(aid(phone(phoneB)), first, today))
	if at(p) != phoneA || p.Pending == nil {
		t.Fatal("one person changed a number")
	}
	for _, same := range []string{first, " Member-1 ", "MEMBER-1"} {
		if after, err := p.Confirm(same, day(1)); !errors.Is(err, ErrSamePerson) || at(after) != phoneA || after.Pending == nil {
			t.Errorf("%q confirmed the change of %q: %v", same, first, err)
		}
	}
	for _, nobody := range []string{"", " ", "system"} {
		if _, err := p.Confirm(nobody, day(1)); !errors.Is(err, ErrWho) {
			t.Errorf("%q confirmed: %v", nobody, err)
		}
	}
	if _, err := p.Propose(aid(phone(phoneB)), second, today); !errors.Is(err, ErrPending) {
		t.Errorf("two changes wait: %v", err)
	}
	if _, err := p.Rung(second, today); !errors.Is(err, ErrPending) {
		t.Errorf("rung while a change waits: %v", err)
	}
	c := must(t)(p.Confirm(second, day(1)))
	if at(c) != phoneB || c.Pending != nil || c.Service.VerifiedBy != second || !c.Service.VerifiedOn.Equal(day(1)) || c.Service.Status != directory.Official || c.Service.Ways[0].Status != directory.Official {
		t.Errorf("%+v", c)
	}
	if r := must(t)(p.Refuse(first, day(1))); at(r) != phoneA || r.Pending != nil {
		t.Errorf("refused: %+v", r)
	}
	if _, err := e.Confirm(second, today); !errors.Is(err, ErrNoChange) {
		t.Errorf("nothing waits: %v", err)
	}
	if _, err := e.Propose(aid(), first, today); !errors.Is(err, ErrNoChange) {
		t.Errorf("nothing changes: %v", err)
	}
	if _, err := e.Propose(aid(phone("ring us")), first, today); !errors.Is(err, directory.ErrUnsound) {
		t.Errorf("unsound: %v", err)
	}
	if _, err := e.Propose(aid(phone(phoneB)), first, time.Time{}); !errors.Is(err, ErrWho) {
		t.Errorf("no day: %v", err)
	}
}

func TestAnAddressGoesWhenPeopleMayBeHidingThere(t *testing.T) {
	place := directory.Way{By: directory.InPerson, At: "1 Open Street", Status: directory.Secondary}
	e := First("shire", item(aid(serving("consumer"), func(s *directory.Service) { s.Ways = append(s.Ways, place) })))
	if p := must(t)(e.Propose(func() directory.Service { s := e.Service; s.Needs = []string{"consumer", "legal"}; return s }(), first, today)); len(p.Service.Ways) != 2 {
		t.Error("an address was lost")
	}
	s := e.Service
	s.Needs = []string{"consumer", "domestic-abuse"}
	p := must(t)(e.Propose(s, first, today))
	if len(p.Service.Ways) != 1 || p.Pending != nil {
		t.Errorf("%+v", p)
	}
	if again, o := p.Merge(item(aid(serving("consumer"), func(s *directory.Service) { s.Ways = append(s.Ways, place) }))); o != Same || len(again.Service.Ways) != 1 {
		t.Errorf("the feed brought it back: %s %+v", o, again.Service.Ways)
	}
	hid, _ := must(t)(e.Rung(first, today)).Merge(item(aid(serving("consumer", "domestic-abuse")))) // as a feed gives it: without the place
	if !slices.Contains(hid.Service.Needs, "domestic-abuse") || len(hid.Service.Ways) != 1 || hid.Conflict != nil {
		t.Errorf("the feed says who hides there, and where stays: %+v %+v", hid.Service.Ways, hid.Conflict)
	}
	bare := must(t)(First("shire", item(aid(serving("consumer")))).Propose(aid(serving("consumer", "stalking")), first, today))
	if again, o := bare.Merge(item(aid(serving("consumer"), func(s *directory.Service) { s.Ways = append(s.Ways, place) }))); o != Same || len(again.Service.Ways) != 1 {
		t.Errorf("the feed brought one: %s %+v", o, again.Service.Ways)
	}
}

func TestEveryContactNeedsTwo(t *testing.T) {
	changes := map[string]func(*directory.Service){
		"name": func(s *directory.Service) { s.Name = "Another" }, "nations": func(s *directory.Service) { s.Nations = directory.AllNations },
		"archetype": func(s *directory.Service) { s.Is = directory.DomesticAbuseService },
		"area":      func(s *directory.Service) { s.Area = "the shire" }, "authorities": func(s *directory.Service) { s.Covers.Authorities = []string{"E06000020"} },
		"boards": func(s *directory.Service) { s.Covers.Boards = []string{"E54000019"} }, "police": func(s *directory.Service) { s.Covers.Police = []string{"E23000016"} },
		"practices": func(s *directory.Service) { s.Covers.Practices = []string{"Z00001"} }, "shown-to": func(s *directory.Service) { s.ShownTo = directory.StaffOnly },
		"who": func(s *directory.Service) { s.Who.Only = directory.Woman }, "ways": phone(phoneB), "hours": func(s *directory.Service) {
			s.Hours = directory.Hours{Text: "mornings", Status: directory.Secondary}
		},
		"referrers": func(s *directory.Service) { s.Referrers = []directory.Referrer{directory.ReferGP} }, "consent": func(s *directory.Service) { s.Consent = directory.ConsentRequired },
		"prof": func(s *directory.Service) { s.Prof = directory.Refer }, "monitored-phone": func(s *directory.Service) { s.AvoidMonitoredPhone = true },
		"emergency-number": func(s *directory.Service) {
			s.EmergencyNumber = true
			phone("999")(s)
			s.Bill.Trace = directory.BillUnknown
		},
	}
	for _, name := range Contacts() {
		change, ok := changes[name]
		if !ok {
			t.Errorf("%s: no test changes it", name)
			continue
		}
		e := First("shire", item(aid()))
		p, err := e.Propose(aid(change), first, today)
		if err != nil || p.Pending == nil || !slices.Contains(p.Pending.Fields, name) || !reflect.DeepEqual(p.Service, e.Service) {
			t.Errorf("%s: %v, changed by one person: %+v", name, err, p)
		}
	}
	if p := must(t)(First("shire", item(aid())).Propose(aid(text("Help."), serving("stalking")), first, today)); p.Pending != nil || p.Service.For != "Help." || p.Service.Needs[0] != "stalking" {
		t.Errorf("what is no contact waits: %+v", p)
	}
}

func TestEnteredByHandIsShownToNobodyAtFirst(t *testing.T) {
	s := aid(func(s *directory.Service) {
		s.VerifiedBy, s.VerifiedOn, s.Status = "somebody", today, directory.Official
	})
	e := must(t)(Enter(s, first, today))
	if _, shown := e.Shown(); shown || e.Service.VerifiedBy != "" {
		t.Error("shown on the word of one, or checked by nobody")
	}
	if _, err := e.Confirm(first, today); !errors.Is(err, ErrSamePerson) {
		t.Errorf("%v", err)
	}
	if _, shown := must(t)(e.Confirm(second, today)).Shown(); !shown {
		t.Error("confirmed and not shown")
	}
	if r := must(t)(e.Refuse(second, today)); r.Retired.IsZero() {
		t.Error("refused and not retired")
	}
	if _, err := Enter(aid(phone("x")), first, today); !errors.Is(err, directory.ErrUnsound) {
		t.Errorf("%v", err)
	}
}

func TestMerging(t *testing.T) {
	fresh := First("shire", item(aid()))
	rung := must(t)(fresh.Rung(first, today))
	edited := must(t)(must(t)(fresh.Propose(aid(phone(phoneB)), first, today)).Confirm(second, today))
	noted := must(t)(fresh.Propose(aid(text("Ours.")), first, today))
	held := First("shire", item(aid(serving()), feed.NoNeed))
	sorted := must(t)(held.Propose(aid(serving("stalking")), first, today))
	for _, c := range []struct {
		name    string
		entry   Entry
		says    directory.Service
		held    []feed.Hold
		outcome Outcome
		phone   string
		dispute []string
	}{
		{"the same", fresh, aid(), nil, Same, phoneA, nil},
		{"the same the day after", fresh, aid(readOn(day(1))), nil, Same, phoneA, nil},
		{"the same a month after", fresh, aid(readOn(day(30))), nil, Refreshed, phoneA, nil},
		{"another number, nobody rang", fresh, aid(phone(phoneB)), nil, Changed, phoneB, nil},
		{"another number, somebody rang", rung, aid(phone(phoneB)), nil, Conflicting, phoneA, []string{"ways"}},
		{"another text, somebody rang", rung, aid(text("New.")), nil, Changed, phoneA, nil},
		{"the old number, we changed it", edited, aid(), nil, Same, phoneB, nil},
		{"a third number, we changed it", edited, aid(phone("01432 111111")), nil, Conflicting, phoneB, []string{"ways"}},
		{"our number at last", edited, aid(phone(phoneB)), nil, Same, phoneB, nil},
		{"another text, we changed it", noted, aid(text("New.")), nil, Conflicting, phoneA, []string{"for"}},
		{"another number, we changed the text", noted, aid(phone(phoneB)), nil, Changed, phoneB, nil},
		{"held, and we gave it a need", sorted, aid(serving()), []feed.Hold{feed.NoNeed}, Same, phoneA, nil},
		{"held, and the feed gives it one", held, aid(), nil, Changed, phoneA, nil},
		{"renamed to a service for abusers, somebody rang", rung, aid(forAbusers), nil, Changed, phoneA, nil},
	} {
		after, outcome := c.entry.Merge(item(c.says, c.held...))
		var dispute []string
		if after.Conflict != nil {
			dispute = after.Conflict.Fields
		}
		if outcome != c.outcome || at(after) != c.phone || !slices.Equal(dispute, c.dispute) {
			t.Errorf("%s: %s, %s, disputed %v", c.name, outcome, at(after), dispute)
		}
		if again, o := after.Merge(item(c.says, c.held...)); o != Same || !reflect.DeepEqual(again, after) {
			t.Errorf("%s: a second time %s", c.name, o)
		}
	}
	if _, shown := sorted.Shown(); !shown {
		t.Error("sorted and not shown")
	}
	if _, shown := held.Shown(); shown {
		t.Error("held and shown")
	}
}

func TestKeptFromVictimsStaysSo(t *testing.T) {
	e, _ := must(t)(First("shire", item(aid())).Rung(first, today)).Merge(item(aid(forAbusers)))
	if e.Service.ShownTo != directory.NeverWithVictim || len(e.Service.Needs) != 0 {
		t.Fatalf("%+v", e.Service)
	}
	back, o := e.Merge(item(aid()))
	if o != Conflicting || back.Service.ShownTo != directory.NeverWithVictim || len(back.Service.Needs) != 0 {
		t.Errorf("a feed made it visible: %s %+v", o, back.Service)
	}
	p := must(t)(back.Resolve(true, first, today))
	if p.Service.ShownTo != directory.NeverWithVictim {
		t.Error("one person made it visible")
	}
	if c := must(t)(p.Confirm(second, today)); c.Service.ShownTo != directory.Anyone || len(c.Service.Needs) != 1 {
		t.Errorf("two people cannot: %+v", c.Service)
	}
	held := First("shire", item(aid(text("For victims and perpetrators.")), feed.MayBeAbuser))
	if _, shown := held.Shown(); shown {
		t.Error("held and shown")
	}
	asked := must(t)(held.Clear(feed.MayBeAbuser, first, today))
	if _, shown := asked.Shown(); shown {
		t.Error("cleared by one person")
	}
	if _, err := asked.Confirm(first, today); !errors.Is(err, ErrSamePerson) {
		t.Errorf("%v", err)
	}
	cleared := must(t)(asked.Confirm(second, today))
	if _, shown := cleared.Shown(); !shown {
		t.Error("cleared by two and not shown")
	}
	if again, o := cleared.Merge(item(aid(text("For victims and perpetrators.")), feed.MayBeAbuser)); o != Same || len(again.Held) != 0 {
		t.Errorf("held again for the same text: %s %v", o, again.Held)
	}
	if again, _ := cleared.Merge(item(aid(text("For perpetrators.")), feed.MayBeAbuser)); len(again.Held) != 1 {
		t.Errorf("another text was never cleared: %+v", again)
	}
}

func TestConflictsAreDecidedByAHuman(t *testing.T) {
	e, _ := must(t)(First("shire", item(aid())).Rung(first, today)).Merge(item(aid(phone(phoneB), text("New."))))
	if e.Conflict == nil || e.Service.For != "New." {
		t.Fatalf("%+v", e)
	}
	kept := must(t)(e.Resolve(false, first, today))
	if again, o := kept.Merge(item(aid(phone(phoneB), text("New.")))); o != Same || again.Conflict != nil || at(again) != phoneA {
		t.Errorf("decided and raised again: %s", o)
	}
	if again, o := kept.Merge(item(aid(phone("01432 111111"), text("New.")))); o != Conflicting || at(again) != phoneA {
		t.Errorf("a third number: %s", o)
	}
	taken := must(t)(e.Resolve(true, first, today))
	if taken.Pending == nil || at(taken) != phoneA || taken.Conflict != nil {
		t.Errorf("taken by one: %+v", taken)
	}
	if c := must(t)(taken.Confirm(second, today)); at(c) != phoneB {
		t.Errorf("%+v", c)
	}
	if settled, o := e.Merge(item(aid(text("New.")))); o != Changed || settled.Conflict != nil {
		t.Errorf("the feed agrees again: %s %+v", o, settled.Conflict)
	}
	if _, err := kept.Resolve(true, first, today); !errors.Is(err, ErrNoChange) {
		t.Errorf("%v", err)
	}
}

func TestRetiredStaysRetired(t *testing.T) {
	e := must(t)(First("shire", item(aid())).Retire(first, today))
	if _, shown := e.Shown(); shown {
		t.Error("retired and shown")
	}
	if after, o := e.Merge(item(aid(phone(phoneB)))); o != Same || !reflect.DeepEqual(after, e) {
		t.Error("a feed brought it back")
	}
	for _, do := range []func() error{
		func() error { _, err := e.Propose(aid(phone(phoneB)), first, today); return err },
		func() error { _, err := e.Rung(first, today); return err }, func() error { _, err := e.Retire(first, today); return err },
	} {
		if err := do(); !errors.Is(err, ErrRetired) {
			t.Errorf("%v", err)
		}
	}
}

// book is a set of entries as a shelf keeps it.
type book map[string]Entry

func (b book) find(id string) (Entry, bool) { e, ok := b[id]; return e, ok }

func (b book) all(yield func(Entry) bool) {
	for _, e := range b {
		if !yield(e) {
			return
		}
	}
}

func (b book) imports(t testing.TB, on time.Time, evenMany bool, text string) *Import {
	t.Helper()
	m := NewImport("shire", on, b.find)
	r, err := feed.Open(feed.Source{
		Name: "shire", Address: "https://feed.example.org/services", Read: on, Needs: []string{"domestic-abuse"},
		Covers: directory.Coverage{Authorities: []string{"E06000019"}},
	}, m.Take)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.JSON(strings.NewReader(text)); err != nil {
		t.Log(err)
	}
	m.Finish(r, b.all, evenMany)
	for _, e := range m.Changed {
		b[e.Service.ID] = e
	}
	return m
}

func page(services ...string) string { return "[" + strings.Join(services, ",") + "]" }

func one(id, number string) string {
	return fmt.Sprintf(`{"id":%q,"name":"Invented %s","status":"active","phones":[{"number":%q}]}`, id, id, number)
}

func TestImporting(t *testing.T) {
	b := book{}
	all := []string{one("a", phoneA), one("b", phoneA), one("c", phoneA)}
	steps := []struct {
		name string
		on   time.Time
		text string
		want map[Outcome]int
	}{
		{"first", today, page(all...), map[Outcome]int{Added: 3}},
		{"twice", today, page(all...), map[Outcome]int{Same: 3}},
		{"the day after", day(1), page(all...), map[Outcome]int{Same: 3}},
		{"one differs", day(1), page(all[0], one("b", phoneB), all[2]), map[Outcome]int{Same: 2, Changed: 1}},
		{"in another order", day(1), page(all[2], one("b", phoneB), all[0]), map[Outcome]int{Same: 3}},
		{"one is gone", day(2), page(all[0], one("b", phoneB)), map[Outcome]int{Same: 2, Vanished: 1}},
		{"still gone", day(3), page(all[0], one("b", phoneB)), map[Outcome]int{Same: 2}},
		{"one cannot be read: not gone", day(3), page(all[0], `{"id":"b","name":"Invented b","status":"active"}`), map[Outcome]int{Same: 1}},
		{"one is no longer active: gone", day(3), page(all[0], `{"id":"b","name":"Invented b","status":"defunct"}`), map[Outcome]int{Same: 1, Vanished: 1}},
		{"both are back", day(4), page(all[0], one("b", phoneB), all[2]), map[Outcome]int{Same: 1, Returned: 2}},
		{"a month later", day(40), page(all[0], one("b", phoneB), all[2]), map[Outcome]int{Refreshed: 3}},
		{"breaks off: nothing is gone", day(41), "[" + all[0], map[Outcome]int{Same: 1}},
		{"an empty feed: nothing is gone", day(41), "[]", map[Outcome]int{}},
		{"one page of many: nothing is gone", day(41), `{"total_items":50,"contents":[` + all[0] + `]}`, map[Outcome]int{Same: 1}},
	}
	for _, s := range steps {
		if m := b.imports(t, s.on, false, s.text); !reflect.DeepEqual(m.Tally, s.want) {
			t.Errorf("%s: %v, want %v", s.name, m.Tally, s.want)
		}
	}
	if len(b) != 3 || !b["shire-a"].Service.Unlisted.IsZero() {
		t.Errorf("%d entries", len(b))
	}
}

func TestAFeedThatLostItsWayMarksNothing(t *testing.T) {
	b := book{}
	var many []string
	for i := range 30 {
		many = append(many, one(fmt.Sprintf("s%d", i), phoneA))
	}
	b.imports(t, today, false, page(many...))
	if m := b.imports(t, day(1), false, page(many[:19]...)); m.Spared != 11 || m.Tally[Vanished] != 0 {
		t.Errorf("spared %d, %v", m.Spared, m.Tally)
	}
	if m := b.imports(t, day(1), false, page(many[:20]...)); m.Spared != 0 || m.Tally[Vanished] != 10 {
		t.Errorf("a third: spared %d, %v", m.Spared, m.Tally)
	}
	if m := b.imports(t, day(1), true, page(many[0])); m.Tally[Vanished] != 19 {
		t.Errorf("somebody said so: %v", m.Tally)
	}
}

func TestDues(t *testing.T) {
	fresh := First("shire", item(aid()))
	conflict, _ := must(t)(fresh.Rung(first, today)).Merge(item(aid(phone(phoneB))))
	gone, _ := fresh.Vanish(day(1))
	for _, c := range []struct {
		name  string
		entry Entry
		day   int
		what  What
		fate  directory.Fate
	}{
		{"fresh", fresh, 1, "", ""}, {"half a year", fresh, 180, GrewOld, directory.OffPatientCopies}, {"a year", fresh, 365, GrewOld, directory.OffEveryPage},
		{"a change waits", must(t)(fresh.Propose(aid(phone(phoneB)), first, today)), 1, WaitsForAnother, ""}, {"in conflict", conflict, 1, InConflict, ""},
		{"held", First("shire", item(aid(serving()), feed.NoNeed)), 1, IsHeld, ""}, {"gone", gone, 2, IsUnlisted, ""},
		{"a conference whose consent rule nobody entered", First("shire", item(aid(serving("marac"), func(s *directory.Service) { s.Is = directory.MaracCoordinator }))), 1, Incomplete, ""},
		{"rung a quarter ago", must(t)(fresh.Rung(first, today)), 90, GrewOld, directory.RingAgain}, {"retired", must(t)(fresh.Retire(first, today)), 400, "", ""},
	} {
		due := Dues(book{"x": c.entry}.all, day(c.day))
		switch {
		case c.what == "" && len(due) != 0:
			t.Errorf("%s: %v", c.name, due)
		case c.what != "" && (len(due) != 1 || due[0].What != c.what || due[0].Fate != c.fate || due[0].Since.IsZero()):
			t.Errorf("%s: %v", c.name, due)
		}
	}
}

// Whatever feeds say and people do, in any order: a number that a human has checked changes only when two different people
// agree, nobody confirms what she proposed, what is kept from victims does not come back by a feed, and an entry is the same
// after it was written down and read.
func TestWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := First("shire", item(aid()))
		phones := []string{phoneA, phoneB, "01432 111111"}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			before := e
			by := rapid.SampledFrom([]string{first, second, "member-3"}).Draw(t, "by")
			says := aid(phone(rapid.SampledFrom(phones).Draw(t, "phone")), text(rapid.SampledFrom([]string{"", "One.", "Two."}).Draw(t, "text")))
			var err error
			step := rapid.SampledFrom([]string{"feed", "feed abusers", "propose", "confirm", "refuse", "rung", "keep", "take", "vanish"}).Draw(t, "step")
			switch step {
			case "feed":
				e, _ = e.Merge(item(says))
			case "feed abusers":
				forAbusers(&says)
				e, _ = e.Merge(item(says))
			case "propose":
				if e.Service.ShownTo == directory.NeverWithVictim {
					forAbusers(&says)
				}
				e, err = e.Propose(says, by, today)
			case "confirm":
				e, err = e.Confirm(by, today)
				if err == nil && before.Pending.By == by {
					t.Fatal("confirmed by whoever proposed it")
				}
			case "refuse":
				e, err = e.Refuse(by, today)
			case "rung":
				e, err = e.Rung(by, today)
			case "keep", "take":
				e, err = e.Resolve(step == "take", by, today)
			case "vanish":
				e, _ = e.Vanish(today)
			}
			if err != nil && !reflect.DeepEqual(e, before) {
				t.Fatalf("%s refused and changed something", step)
			}
			if at(e) != at(before) && before.rung() && step != "confirm" {
				t.Fatalf("%s changed a number that was rung", step)
			}
			if before.Service.ShownTo == directory.NeverWithVictim && e.Service.ShownTo != directory.NeverWithVictim && step != "confirm" {
				t.Fatalf("%s made it visible", step)
			}
			if err := sound(e.Service); err != nil {
				t.Fatalf("%s: %v", step, err)
			}
			raw, err := json.Marshal(e)
			var read Entry
			if err != nil || json.Unmarshal(raw, &read) != nil || !reflect.DeepEqual(read, e) {
				t.Fatalf("%s: not the same after writing:\n%+v\n%+v", step, e, read)
			}
		}
	})
}
