package wiretest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"waypost/internal/store/mongo/wiretest"
)

// batch is what a find gave.
func batch(m bson.M) (ids []string) {
	c, ok := m["cursor"].(bson.M)
	if !ok {
		return []string{fmt.Sprint("no cursor: ", m)}
	}
	for _, d := range c["firstBatch"].(bson.A) {
		ids = append(ids, fmt.Sprint(strings.TrimPrefix(d.(bson.M)["_id"].(string), "practice-a "), d.(bson.M)["rev"]))
	}
	return ids
}

func look(l line, more ...bson.E) []string {
	return batch(l.do(append(find(filter(), limit, single, majority, e("sort", bson.D{e("_id", 1)})), more...)))
}

func in(session byte, d bson.D) bson.D {
	out := slices.Clone(d)
	for i := range out {
		if out[i].Key == "lsid" {
			out[i] = lsid(session)
		}
	}
	return out
}

func rev(n int64) bson.D { return bson.D{e("$set", bson.D{e("rev", n)})} }

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestAWriteSentAgainIsAnsweredFromMemory(t *testing.T) {
	s := wiretest.New(t)
	l := ready(t, s)
	insert := write("insert", sure, number(3))
	for range 3 {
		expect(t, "insert", l.do(insert, with(t, doc("two", e("rev", int64(1)))))["n"], 1)
	}
	update := write("update", sure, number(4))
	for range 3 {
		expect(t, "update", l.do(update, change(t, append(byKey[:2:2], e("rev", int64(1))), rev(2)))["n"], 1)
	}
	expect(t, "there is", look(l), "[one2 two1]")
	end := s.Expect()
	l.do(update, change(t, byKey, rev(7)))
	l.do(insert, with(t, doc("three")))
	expect(t, "another write with an old number", end(), "[another write with a number that was used a write older than the session]")
}

func TestATransactionIsSeenWhenItIsCommittedAndOnce(t *testing.T) {
	s := wiretest.New(t)
	l := ready(t, s)
	l.do(append(bson.D{e("insert", "record")}, first(1)...), with(t, doc("two", e("rev", int64(1)))))
	l.do(append(bson.D{e("update", "record")}, later(1)...), change(t, byKey, rev(2)))
	expect(t, "from outside", look(l), "[one1]")
	own := append(bson.D{e("find", "record"), filter(), limit, single, e("sort", bson.D{e("_id", 1)})}, later(1)...)
	expect(t, "from inside", batch(l.do(own)), "[one2 two1]")
	commit := append(bson.D{e("commitTransaction", 1), sure}, later(1)...)
	for range 2 {
		expect(t, "commit", l.do(commit)["ok"], 1)
	}
	expect(t, "after the commit", look(l), "[one2 two1]")
	expect(t, "abort of what is committed", code(l.do(append(bson.D{e("abortTransaction", 1), sure}, later(1)...))), 256)

	l.do(append(bson.D{e("delete", "record")}, first(2)...), sequence(t, "deletes", bson.D{e("q", byKey), e("limit", 1)}))
	expect(t, "abort", l.do(append(bson.D{e("abortTransaction", 1), sure}, later(2)...))["ok"], 1)
	expect(t, "after an abort", look(l), "[one2 two1]")
	late := l.do(append(bson.D{e("commitTransaction", 1), sure}, later(2)...))
	expect(t, "a commit that comes late", []any{code(late), labels(late)}, "[251 [TransientTransactionError]]")
}

func TestTwoTransactionsDoNotWriteTheSameDocument(t *testing.T) {
	s := wiretest.New(t)
	l := ready(t, s)
	update := func(session byte, d bson.D) bson.M {
		return l.do(in(session, append(bson.D{e("update", "record")}, d...)), change(t, byKey, rev(int64(session))))
	}
	l.do(in(3, append(bson.D{e("insert", "record")}, first(1)...)), with(t, doc("three"))) // its picture is of now
	expect(t, "the first", update(1, first(1))["n"], 1)
	second := update(2, first(1))
	expect(t, "the second", []any{code(second), labels(second)}, "[112 [TransientTransactionError]]")
	end := s.Expect()
	update(2, later(1))
	l.do(in(2, append(bson.D{e("commitTransaction", 1), sure}, later(1)...)))
	expect(t, "who goes on after an error", end(), "[update for a transaction that is over commit of a transaction that has failed]")
	expect(t, "commit", l.do(append(bson.D{e("commitTransaction", 1), sure}, later(1)...))["ok"], 1)
	expect(t, "a picture that is too old", code(update(3, later(1))), 112)
	expect(t, "the winner", look(l), "[one1]")
	l.do(in(6, append(bson.D{e("insert", "record")}, first(1)...)), with(t, doc("six")))
	l.do(in(4, write("insert", sure, number(90))), with(t, doc("four", e("rev", int64(1)))))
	expect(t, "an insert of what a younger picture holds", code(l.do(in(6, append(bson.D{e("insert", "record")}, later(1)...)), with(t, doc("four")))), 112)
	expect(t, "an insert of what its own picture holds", code(l.do(in(5, append(bson.D{e("insert", "record")}, first(1)...)), with(t, doc("four")))), 11000)
}

func TestAnAbandonedTransactionHoldsWhatItWroteForAWhile(t *testing.T) {
	s := wiretest.New(t)
	s.Lifetime(50 * time.Millisecond)
	l := ready(t, s)
	update := func(session byte) bson.M {
		return l.do(in(session, append(bson.D{e("update", "record")}, first(1)...)), change(t, byKey, rev(2)))
	}
	update(1)
	expect(t, "at once", code(update(2)), 112)
	time.Sleep(60 * time.Millisecond)
	expect(t, "later", update(3)["n"], 1)
	expect(t, "the abandoned one", code(l.do(append(bson.D{e("commitTransaction", 1), sure}, later(1)...))), 251)
	update(4)
	l.do(in(4, write("insert", sure, number(2))), with(t, doc("x"))) // the session goes on
	expect(t, "a step-down", func() any {
		s.Move()
		s.Move()
		return code(l.do(in(3, append(bson.D{e("commitTransaction", 1), sure}, later(1)...))))
	}(), 251)
}

func TestUniqueIndexesHoldOnInsertAndUpdate(t *testing.T) {
	s := wiretest.New(t)
	s.ShardKey("tenant")
	l := ready(t, s)
	unique := append(index("u", "tenant", "state"), e("unique", true))
	expect(t, "index", l.do(cmd("createIndexes", "record", e("indexes", bson.A{unique}), sure, db, lsid(1)))["ok"], 1)
	expect(t, "same _id", code(l.do(write("insert", sure, number(1)), with(t, doc("one", e("state", "other"))))), 11000)
	expect(t, "insert", code(l.do(write("insert", sure, number(2)), with(t, doc("two", e("state", "new"))))), 11000)
	l.do(write("insert", sure, number(3)), with(t, doc("two", e("state", "old"))))
	two := bson.D{e("tenant", "practice-a"), e("_id", "practice-a two")}
	expect(t, "update", code(l.do(write("update", sure, number(4)), change(t, two, bson.D{e("$set", bson.D{e("state", "new")})}))), 11000)
	expect(t, "update to itself", l.do(write("update", sure, number(5)), change(t, two, bson.D{e("$set", bson.D{e("state", "old")})}))["n"], 1)
}

func TestASnapshotShowsOneMoment(t *testing.T) {
	l := ready(t, wiretest.New(t))
	snapshot := func(more ...bson.E) bson.E { return e("readConcern", append(bson.D{e("level", "snapshot")}, more...)) }
	ask := func(concern bson.E) bson.M { return l.do(find(filter(), limit, single, concern)) }
	at := ask(snapshot())["cursor"].(bson.M)["atClusterTime"].(primitive.Timestamp)
	l.do(write("update", sure, number(1)), change(t, byKey, rev(2)))
	expect(t, "then", batch(ask(snapshot(e("atClusterTime", at)))), "[one1]")
	expect(t, "now", batch(ask(snapshot())), "[one2]")
}

func TestExplainTellsTheTruth(t *testing.T) {
	l := ready(t, wiretest.New(t))
	for _, c := range []struct {
		name string
		find bson.D
		want []string
	}{
		{"by key", bson.D{filter(e("_id", "practice-a one")), limit}, []string{"LIMIT", "FETCH", "IXSCAN"}},
		{"along an index", bson.D{filter(e("state", "new")), e("sort", bson.D{e("due", 1)}), limit}, []string{"LIMIT", "FETCH", "IXSCAN"}},
		{"along it, of a few states", bson.D{filter(e("state", bson.D{e("$in", bson.A{"new", "old"})})), e("sort", bson.D{e("due", 1)}), limit}, []string{"LIMIT", "FETCH", "IXSCAN"}},
		{"backwards", bson.D{filter(), e("sort", bson.D{e("state", -1), e("due", -1)}), limit}, []string{"LIMIT", "FETCH", "IXSCAN"}},
		{"past a range", bson.D{filter(e("state", bson.D{e("$gt", "a")})), e("sort", bson.D{e("due", 1)}), limit}, []string{"LIMIT", "SORT", "FETCH", "IXSCAN"}},
		{"a sort that no index has", bson.D{e("filter", bson.D{e("rev", 1), e("tenant", "practice-a")}), e("sort", bson.D{e("rev", 1)}), limit}, []string{"LIMIT", "SORT", "FETCH", "IXSCAN"}},
	} {
		m := l.do(cmd("explain", append(bson.D{e("find", "record")}, c.find...), e("verbosity", "queryPlanner"), db, lsid(1)))
		expect(t, c.name, stages(m), fmt.Sprint(c.want))
	}
	s := wiretest.New(t)
	l = ready(t, s)
	s.DropIndexes("record")
	m := l.do(cmd("explain", bson.D{e("find", "record"), filter(), limit}, e("verbosity", "queryPlanner"), db, lsid(1)))
	expect(t, "without its index", stages(m), "[LIMIT COLLSCAN]")
	end := s.Expect()
	l.do(find(filter(), limit, single, majority))
	expect(t, "and the search itself", end(), "[find in record without an index]")
}

func stages(m bson.M) (out []string) {
	plan, ok := m["queryPlanner"].(bson.M)
	if !ok {
		return []string{fmt.Sprint(m)}
	}
	for at := plan["winningPlan"].(bson.M); at != nil; {
		out = append(out, at["stage"].(string))
		at, _ = at["inputStage"].(bson.M)
	}
	return out
}

func TestAnswersAreDividedAsOnARealServer(t *testing.T) {
	l := ready(t, wiretest.New(t))
	for i := range 120 {
		l.do(write("insert", sure, number(int64(i+1))), with(t, doc(fmt.Sprintf("x%03d", i))))
	}
	many := e("limit", int64(1000))
	all := l.do(find(filter(), many, single, majority))
	expect(t, "the first batch, if nobody says", len(batch(all)), 101)
	expect(t, "and in no order to rely on", batch(all)[0], "x119<nil>")
	expect(t, "a batch of one more", len(batch(l.do(find(filter(), many, single, majority, e("batchSize", 1001))))), 121)
	for i := range 5 {
		l.do(write("insert", sure, number(int64(i+200))), with(t, doc(fmt.Sprintf("y%d", i), e("n", make([]byte, 5<<20)))))
	}
	large := l.do(find(filter(e("_id", bson.D{e("$gte", "practice-a y")})), many, single, majority))
	expect(t, "what fits into a message", len(batch(large)), 3)
}

func TestCounting(t *testing.T) {
	l := ready(t, wiretest.New(t))
	for i := range 5 {
		l.do(write("insert", sure, number(int64(i+1))), with(t, doc(fmt.Sprint(i), e("state", []string{"new", "old"}[i%2]))))
	}
	m := l.do(cmd("aggregate", "record", e("pipeline", bson.A{
		bson.D{e("$match", bson.D{e("tenant", "practice-a"), e("state", bson.D{e("$in", bson.A{"new", "old"})})})},
		bson.D{e("$group", bson.D{e("_id", "$state"), e("n", bson.D{e("$sum", int64(1))})})},
	}), e("cursor", bson.D{}), majority, db, lsid(1)))
	counts := map[any]any{}
	for _, g := range m["cursor"].(bson.M)["firstBatch"].(bson.A) {
		counts[g.(bson.M)["_id"]] = g.(bson.M)["n"]
	}
	expect(t, "counts", counts, map[any]any{"new": 4, "old": 2})
}

func TestFaultsStrikeOnceAndWhereTheyAreMeant(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   wiretest.Fault
		applied bool
		answer  func(bson.M) bool
	}{
		{"dropped before", wiretest.Fault{When: wiretest.Before, Do: wiretest.Action{Drop: true}}, false, func(m bson.M) bool { return m == nil }},
		{"dropped after", wiretest.Fault{When: wiretest.After, Do: wiretest.Action{Drop: true}}, true, func(m bson.M) bool { return m == nil }},
		{"half before", wiretest.Fault{When: wiretest.Before, Do: wiretest.Action{Half: true}}, false, func(m bson.M) bool { return m == nil }},
		{"half after", wiretest.Fault{When: wiretest.After, Do: wiretest.Action{Half: true}}, true, func(m bson.M) bool { return m == nil }},
		{"error before", wiretest.Fault{When: wiretest.Before, Do: wiretest.Action{Code: 91, Labels: []string{"X"}}}, false, func(m bson.M) bool { return code(m) == 91 && labels(m) == "[X]" }},
		{"error after", wiretest.Fault{When: wiretest.After, Do: wiretest.Action{Code: 91}}, true, func(m bson.M) bool { return code(m) == 91 }},
		{"concern after", wiretest.Fault{When: wiretest.After, Do: wiretest.Action{WCE: 64}}, true, func(m bson.M) bool {
			return m["ok"] == int32(1) && m["writeConcernError"].(bson.M)["code"] == int32(64)
		}},
		{"slow", wiretest.Fault{When: wiretest.Before, Do: wiretest.Action{Delay: 30 * time.Millisecond}}, true, func(m bson.M) bool { return m["n"] == int32(1) }},
	} {
		s := wiretest.New(t)
		l := ready(t, s)
		c.fault.Command, c.fault.Nth = "insert", 2
		s.Inject(c.fault)
		expect(t, c.name+", the one before it", l.do(write("insert", sure, number(1)), with(t, doc("a")))["n"], 1)
		began := time.Now()
		if m := l.do(write("insert", sure, number(2)), with(t, doc("b"))); !c.answer(m) {
			t.Errorf("%s: answer %v", c.name, m)
		}
		if c.fault.Do.Delay > time.Since(began) {
			t.Errorf("%s: after %v", c.name, time.Since(began))
		}
		expect(t, c.name+", applied", slices.Contains(s.Ids("record"), "practice-a b"), c.applied)
		expect(t, c.name+", left over", s.Pending(), 0)
		l = dial(t, s)
		expect(t, c.name+", the one after it", l.do(write("insert", sure, number(3)), with(t, doc("c")))["n"], 1)
	}
}

func TestAnswersOfAHostThatIsNotThePrimary(t *testing.T) {
	s := wiretest.New(t)
	l := ready(t, s)
	s.Move()
	expect(t, "a read", code(l.do(find(filter(), limit, single, majority))), 10107)
	m := l.do(cmd("hello", 1, db))
	expect(t, "hello", []any{m["isWritablePrimary"], m["secondary"], m["primary"]}, []any{false, true, wiretest.HostB})
}

func TestClusterTimesAndTokensWhereTheyBelong(t *testing.T) {
	s := wiretest.New(t)
	l := ready(t, s)
	after := func(i uint32) bson.E {
		return e("readConcern", bson.D{e("level", "majority"), e("afterClusterTime", primitive.Timestamp{T: 1_800_000_000, I: i})})
	}
	end := s.Expect()
	l.do(find(filter(), limit, single, after(1)))
	l.do(find(filter(), limit, single, majority, e("$clusterTime", bson.D{})))
	s.Gossip()
	m := l.do(find(filter(), limit, single, after(1), e("$clusterTime", bson.D{})))
	expect(t, "answer", []any{batch(m), m["$clusterTime"] != nil, m["operationTime"] != nil}, []any{[]string{"one1"}, true, true})
	l.do(find(filter(), limit, single, after(99)))
	s.Mongos()
	m = l.do(append(bson.D{e("insert", "record")}, first(1)...), with(t, doc("two")))
	l.do(append(bson.D{e("commitTransaction", 1), sure}, later(1)...))
	expect(t, "refused", strings.Join(end(), "; "), "readConcern with afterClusterTime; field $clusterTime of find; a time that was never told; commit through a router without the recovery token")
	expect(t, "commit", l.do(append(bson.D{e("commitTransaction", 1), sure, e("recoveryToken", m["recoveryToken"])}, later(1)...))["ok"], 1)
}
