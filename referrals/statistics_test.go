package referrals_test

import (
	"context"
	"testing"
	"time"

	"waypost/internal/store"
	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals"
	"waypost/referrals/packet"
	"waypost/referrals/people"
	"waypost/referrals/statistics"
)

func TestAQuarterIsCountedAndPublishedOnceItIsOver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for range 9 {
			w.in(referrals.Closed)
		}
		for range 6 { // declined and handed over again: still one case in each cell
			c := w.in(referrals.Declined)
			c = w.decide(w.lead, c, decision(line(t, referrals.Retry), c, 0))
			_ = w.decide(w.lead, c, byPhone(c, 0))
		}
		without := consent("police")
		without.Consent = packet.Consent{Decision: packet.Refused, Ground: "emergency", Why: packet.WhyOthers, Told: packet.WasTold, Words: vault.Keep("he has a key")}
		c := w.accepted(without)
		_ = w.decide(w.lead, c, byPhone(c, 0))
		quarter := statistics.Quarter(w.clock.now())
		_, err := w.Statistics(ctx, w.lead, quarter)
		want(t, err, referrals.ErrNotFound) // a live number could be subtracted from the next
		w.clock.pass(38 * 24 * time.Hour)   // into January
		for _, a := range []people.Actor{w.clinician, w.receiver, w.agent} {
			_, err := w.Statistics(ctx, a, quarter)
			want(t, err, people.ErrForbidden)
		}
		first, err := w.Statistics(ctx, w.auditor, quarter)
		must(t, err)
		got := map[string]map[string]statistics.Cell{}
		for _, s := range first {
			got[s.Name] = map[string]statistics.Cell{"total": s.Total}
			for i, name := range s.Names {
				got[s.Name][name] = s.Cells[i]
			}
		}
		for _, c := range []struct {
			table, cell string
			is          statistics.Cell
		}{
			{"cases", "urgent-child", statistics.Cell{About: 15}}, {"cases", "later", statistics.Cell{}}, {"cases", "total", statistics.Cell{About: 15}},
			{"consent", "given", statistics.Cell{About: 15}}, {"consent", "refused", statistics.Cell{Few: true}}, {"consent", "total", statistics.Cell{}},
			{"handovers", "domestic-abuse", statistics.Cell{About: 15}}, {"answers", "in-time", statistics.Cell{About: 10}},
			{"answers", "declined", statistics.Cell{Few: true}},
			{"outcomes", "help-began", statistics.Cell{About: 10}}, {"outcomes", "total", statistics.Cell{About: 10}},
		} {
			if got[c.table][c.cell] != c.is {
				t.Errorf("%s, %s: %+v", c.table, c.cell, got[c.table][c.cell])
			}
		}
		if n := w.kind("count"); n != 0 {
			t.Errorf("%d records of true counts are left", n)
		}
		w.refer() // of the next quarter
		again, err := w.Statistics(ctx, w.lead, quarter)
		must(t, err)
		for i := range first {
			if first[i].Total != again[i].Total {
				t.Errorf("%s changed", first[i].Name)
			}
		}
		if w.heard(practice, string(people.StatisticsRead), trail.Done) < 2 {
			t.Error("nobody sees who asked")
		}
		for _, q := range []string{"", "2026", "2027-q1", "2027-q9", "yesterday"} {
			_, err := w.Statistics(ctx, w.lead, q)
			want(t, err, referrals.ErrNotFound)
		}
		none, err := w.Statistics(ctx, w.foreign, quarter)
		must(t, err)
		if none[0].Total != (statistics.Cell{}) {
			t.Error("another practice's cases are counted")
		}
	})
}

func (w *world) kind(kind string) (n int) {
	must(w.t, w.wire.base.Export(context.Background(), func(item any) error {
		if r, ok := item.(store.Record); ok && r.Kind == kind {
			n++
		}
		return nil
	}))
	return n
}
