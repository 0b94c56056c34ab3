package wiretest_test

import (
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"waypost/internal/store/mongo/wiretest"
)

func find(parts ...bson.E) bson.D {
	return append(bson.D{e("find", "record"), db, lsid(1)}, parts...)
}

func filter(parts ...bson.E) bson.E {
	return e("filter", bson.D(append(bson.D{e("tenant", "practice-a")}, parts...)))
}

var (
	limit  = e("limit", int64(5))
	single = e("singleBatch", true)
)

func with(t testing.TB, document bson.D) []byte { return sequence(t, "documents", document) }

func write(name string, parts ...bson.E) bson.D {
	return append(bson.D{e(name, "record"), e("ordered", true), db, lsid(1)}, parts...)
}

func change(t testing.TB, q, u bson.D, more ...bson.E) []byte {
	return sequence(t, "updates", append(bson.D{e("q", q), e("u", u)}, more...))
}

var byKey = bson.D{e("tenant", "practice-a"), e("_id", "practice-a one")}

// Every line of the storage notes, section 6, "must refuse", by the number it has there.
func TestWhatIsRefused(t *testing.T) {
	decimal, err := primitive.ParseDecimal128("1.5")
	if err != nil {
		t.Fatal(err)
	}
	indexes := func(d ...bson.D) bson.D {
		list := bson.A{}
		for _, one := range d {
			list = append(list, one)
		}
		return cmd("createIndexes", "record", e("indexes", list), sure, db, lsid(1))
	}
	pipeline := func(stages ...bson.D) bson.D {
		list := bson.A{}
		for _, one := range stages {
			list = append(list, one)
		}
		return cmd("aggregate", "record", e("pipeline", list), e("cursor", bson.D{}), majority, db, lsid(1))
	}
	match := bson.D{e("$match", bson.D{e("tenant", "practice-a")})}
	group := bson.D{e("$group", bson.D{e("_id", "$state"), e("n", bson.D{e("$sum", int64(1))})})}
	set := bson.D{e("$set", bson.D{e("rev", int64(2))})}
	alone := []bson.E{sure, number(1)}

	for _, c := range []struct {
		name, why string
		send      []byte
	}{
		{"1 command", "command listDatabases", message(t, cmd("listDatabases", 1, db, lsid(1)))},
		{"1 command getMore", "command getMore", message(t, cmd("getMore", int64(1), e("collection", "record"), db, lsid(1)))},
		{"1 command findAndModify", "command findAndModify", message(t, cmd("findAndModify", "record", db, lsid(1)))},
		{"1 field", "field hint", message(t, find(filter(), limit, single, majority, e("hint", "x")))},
		{"1 field projection", "field projection", message(t, find(filter(), limit, single, majority, e("projection", bson.D{e("_id", 1)})))},
		{"1 field maxTimeMS", "field maxTimeMS", message(t, find(filter(), limit, single, majority, e("maxTimeMS", 5)))},
		{"1 field twice", "stands twice", message(t, find(filter(), limit, limit, single, majority))},
		{"1 sequence of another command", "sequence documents of find", message(t, find(filter(), limit, single, majority), with(t, doc("x")))},
		{"1 operator in a filter", "operator $ne", message(t, find(filter(e("state", bson.D{e("$ne", "new")})), limit, single, majority))},
		{"1 operator $or", "operator $or", message(t, find(filter(e("$or", bson.A{bson.D{e("state", "new")}})), limit, single, majority))},
		{"1 operator $regex", "operator $regex", message(t, find(filter(e("state", bson.D{e("$regex", "n")})), limit, single, majority))},
		{"1 path in a filter", "operator a.b", message(t, find(filter(e("a.b", "new")), limit, single, majority))},
		{"1 $in of nothing", "$in of nothing", message(t, find(filter(e("state", bson.D{e("$in", bson.A{})})), limit, single, majority))},
		{"1 operator in an update", "operator $inc", message(t, write("update", alone...), change(t, byKey, bson.D{e("$inc", bson.D{e("rev", 1)})}))},
		{"1 second operator in an update", "operator $unset", message(t, write("update", alone...), change(t, byKey, append(bson.D{set[0]}, e("$unset", bson.D{e("rev", 1)}))))},
		{"1 pipeline update", "a pipeline", message(t, write("update", alone...), sequence(t, "updates", bson.D{e("q", byKey), e("u", bson.A{set})}))},
		{"1 upsert", "upsert", message(t, write("update", alone...), change(t, byKey, set, e("upsert", true)))},
		{"1 option of an index: partial", "option partialFilterExpression", message(t, indexes(append(index("p", "tenant"), e("partialFilterExpression", bson.D{}))))},
		{"1 option of an index: expiry", "option expireAfterSeconds", message(t, indexes(append(index("p", "at"), e("expireAfterSeconds", 5))))},
		{"1 hashed index", "direction", message(t, indexes(bson.D{e("key", bson.D{e("tenant", "hashed")}), e("name", "h")}))},
		{"1 another index of that name", "another index", message(t, indexes(index("queue", "tenant", "due")))},
		{"1 $lookup", "not $match and $group", message(t, pipeline(match, bson.D{e("$lookup", bson.D{})}))},
		{"1 one more stage", "not $match and $group", message(t, pipeline(match, group, bson.D{e("$limit", 5)}))},
		{"1 $avg", "more than count", message(t, pipeline(match, bson.D{e("$group", bson.D{e("_id", "$state"), e("n", bson.D{e("$avg", "$rev")})})}))},
		{"1 explain of an update", "explain of update", message(t, cmd("explain", bson.D{e("update", "record")}, e("verbosity", "queryPlanner"), db, lsid(1)))},

		{"2 filter without tenant", "without tenant", message(t, find(e("filter", bson.D{e("_id", "practice-a one")}), limit, single, majority))},
		{"2 aggregate without tenant", "without tenant", message(t, pipeline(bson.D{e("$match", bson.D{e("state", "new")})}, group))},
		{"2 update without tenant", "without tenant", message(t, write("update", alone...), change(t, byKey[1:], set))},
		{"2 delete without tenant", "without tenant", message(t, write("delete", alone...), sequence(t, "deletes", bson.D{e("q", byKey[1:]), e("limit", 1)}))},
		{"2 sort without index", "sort without matching index", message(t, find(filter(), e("sort", bson.D{e("rev", 1)}), limit, single, majority))},
		{"2 sort past an open field", "sort without matching index", message(t, find(filter(), e("sort", bson.D{e("due", 1)}), limit, single, majority))},
		{"2 sort both ways", "sort without matching index", message(t, find(filter(), e("sort", bson.D{e("state", 1), e("due", -1)}), limit, single, majority))},
		{"2 find without limit", "without limit", message(t, find(filter(), single, majority))},
		{"2 find of all", "without limit", message(t, find(filter(), e("limit", int64(0)), single, majority))},
		{"2 find that leaves a cursor", "cursor open", message(t, find(filter(), limit, majority))},

		{"3 write without concern", "without writeConcern", message(t, write("insert", number(1)), with(t, doc("x")))},
		{"3 write to one", "without majority", message(t, write("insert", number(1), e("writeConcern", bson.D{e("w", 1), e("j", true), e("wtimeout", 5)})), with(t, doc("x")))},
		{"3 write without journal", "without majority", message(t, write("insert", number(1), e("writeConcern", bson.D{e("w", "majority"), e("wtimeout", 5)})), with(t, doc("x")))},
		{"3 write without time limit", "without majority", message(t, write("insert", number(1), e("writeConcern", bson.D{e("w", "majority"), e("j", true)})), with(t, doc("x")))},
		{"3 indexes without concern", "without writeConcern", message(t, cmd("createIndexes", "record", e("indexes", bson.A{}), db, lsid(1)))},
		{"3 concern inside a transaction", "inside a transaction with writeConcern", message(t, append(bson.D{e("insert", "record"), sure}, first(1)...), with(t, doc("x")))},
		{"3 read without concern", "without readConcern", message(t, find(filter(), limit, single))},
		{"3 local read", `level "local"`, message(t, find(filter(), limit, single, e("readConcern", bson.D{e("level", "local")})))},
		{"3 transaction of local reads", `level "local"`, message(t, append(bson.D{e("insert", "record")}, number(1), e("startTransaction", true), e("autocommit", false), e("readConcern", bson.D{e("level", "local")}), db, lsid(1)), with(t, doc("x")))},
		{"3 snapshot of a future", "snapshot of no moment", message(t, find(filter(), limit, single, e("readConcern", bson.D{e("level", "snapshot"), e("atClusterTime", primitive.Timestamp{T: 1, I: 99})})))},
		{"3 secondary", "field $readPreference", message(t, find(filter(), limit, single, majority, e("$readPreference", bson.D{e("mode", "secondary")})))},

		{"4 write without lsid", "without lsid", message(t, cmd("insert", "record", sure, number(1), db), with(t, doc("x")))},
		{"4 read without lsid", "without lsid", message(t, cmd("find", "record", filter(), limit, single, majority, db))},
		{"4 lsid of no session", "no session", message(t, cmd("find", "record", filter(), limit, single, majority, db, e("lsid", bson.D{e("id", "x")})))},
		{"4 write without number", "without txnNumber", message(t, write("insert", sure), with(t, doc("x")))},
		{"4 update of many", "field multi", message(t, write("update", alone...), change(t, byKey, set, e("multi", true)))},
		{"4 update not by key", "not by key", message(t, write("update", alone...), change(t, bson.D{e("tenant", "practice-a"), e("state", "new")}, set))},
		{"4 delete of many", "more than one", message(t, write("delete", alone...), sequence(t, "deletes", bson.D{e("q", byKey), e("limit", 0)}))},
		{"4 unordered", "unordered", message(t, append(bson.D{e("insert", "record"), e("ordered", false), db, lsid(1)}, alone...), with(t, doc("x")))},
		{"4 statement of no transaction", "never seen", message(t, append(bson.D{e("insert", "record")}, later(5)...), with(t, doc("x")))},
		{"4 commit of no transaction", "never seen", message(t, append(bson.D{e("commitTransaction", 1), sure}, later(5)...))},
		{"4 commit outside", "outside of a transaction", message(t, cmd("commitTransaction", 1, sure, number(1), db, lsid(1)))},
		{"4 read with number", "outside of a transaction", message(t, find(filter(), limit, single, majority, number(4)))},
		{"4 recovery token", "recovery token", message(t, append(bson.D{e("commitTransaction", 1), sure, e("recoveryToken", bson.D{})}, later(1)...))},

		{"5 unique index", "whole shard key", message(t, indexes(append(index("u", "tenant", "rev"), e("unique", true))))},
		{"5 update of _id", "update of _id", message(t, write("update", alone...), change(t, byKey, bson.D{e("$set", bson.D{e("_id", "practice-a two")})}))},
		{"5 update of tenant", "update of tenant", message(t, write("update", alone...), change(t, byKey, bson.D{e("$set", bson.D{e("tenant", "practice-b")})}))},
		{"5 replacement of _id", "update of _id or tenant", message(t, write("update", alone...), change(t, byKey, doc("two")))},
		{"5 replacement of tenant", "update of _id or tenant", message(t, write("update", alone...), change(t, byKey, bson.D{e("_id", "practice-b one"), e("tenant", "practice-b")}))},
		{"5 _id without tenant", "_id without the tenant", message(t, write("insert", alone...), with(t, bson.D{e("_id", "one"), e("tenant", "practice-a")}))},
		{"5 no tenant", "no string", message(t, write("insert", alone...), with(t, bson.D{e("_id", "one")}))},

		{"6 Decimal128", "128-bit decimal", message(t, write("insert", alone...), with(t, doc("x", e("n", decimal))))},
		{"6 Decimal128 in a filter", "128-bit decimal", message(t, find(filter(e("state", decimal)), limit, single, majority))},
		{"6 floating point", "double", message(t, write("insert", alone...), with(t, doc("x", e("n", 1.5))))},
		{"6 document inside", "embedded", message(t, write("insert", alone...), with(t, doc("x", e("n", bson.D{e("a", 1)}))))},
		{"6 list in a list", "array", message(t, write("insert", alone...), with(t, doc("x", e("n", bson.A{bson.A{}}))))},
		{"6 large document", "document of", message(t, write("insert", alone...), with(t, doc("x", e("n", strings.Repeat("n", 16<<20)))))},
		{"6 checksum", "checksum", flags(message(t, cmd("ping", 1, db, lsid(1))), 1)},
		{"6 no answer wanted", "wants no answer", flags(message(t, cmd("ping", 1, db, lsid(1))), 2)},
		{"6 other flags", "flags", flags(message(t, cmd("ping", 1, db, lsid(1))), 4)},
		{"6 two commands", "more than one command", message(t, cmd("ping", 1, db, lsid(1)), append([]byte{0}, raw(t, cmd("ping", 1, db, lsid(1)))...))},
		{"6 trailing bytes", "trailing bytes", message(t, cmd("ping", 1, db, lsid(1)), []byte{1, 2})},
		{"6 unknown section", "section of kind 3", message(t, cmd("ping", 1, db, lsid(1)), []byte{3, 2, 0, 0, 0})},
		{"6 no command", "without command", frame(2013, []byte{0, 0, 0, 0})},
		{"6 legacy insert", "opcode 2002", frame(2002, []byte{0, 0, 0, 0})},
		{"6 legacy query", "something else than", frame(2004, append(append([]byte{0, 0, 0, 0}, "waypost.record\x00\x00\x00\x00\x00\x01\x00\x00\x00"...), raw(t, bson.D{e("find", 1)})...))},
		{"6 legacy ping", "something else than hello", frame(2004, append(append([]byte{0, 0, 0, 0}, "admin.$cmd\x00\x00\x00\x00\x00\x01\x00\x00\x00"...), raw(t, bson.D{e("ping", 1)})...))},

		{"7 planted plaintext", "plaintext", message(t, write("insert", alone...), with(t, doc("x", e("n", []byte("so Ada Example said")))))},
		{"7 planted in a filter", "plaintext", message(t, find(filter(e("state", "Ada Example")), limit, single, majority))},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := wiretest.New(t)
			s.Canary("Ada Example") // an invented person
			l := ready(t, s)
			end := s.Expect()
			answer := l.say(c.send)
			got := end()
			if len(got) != 1 || !strings.Contains(got[0], c.why) {
				t.Fatalf("refused: %q, want %q; answer %v", got, c.why, answer)
			}
			if code(answer) != 9 || answer["ok"] != int32(0) {
				t.Errorf("answer: %v", answer)
			}
			if ids := s.Ids("record"); len(ids) != 1 {
				t.Errorf("it was applied: %q", ids)
			}
		})
	}
}

func flags(frame []byte, n byte) []byte {
	frame[16] = n
	return frame
}

// A frame beyond the limit is not even read.
func TestAFrameTooLongEndsTheConnection(t *testing.T) {
	s := wiretest.New(t)
	l := ready(t, s)
	end := s.Expect()
	long := frame(2013, nil)
	long[0], long[1], long[2], long[3] = 1, 0x6c, 0xdc, 2 // 48,000,001
	if answer := l.say(long); answer != nil {
		t.Errorf("answer: %v", answer)
	}
	if got := end(); len(got) != 1 || !strings.Contains(got[0], "48000001 bytes") {
		t.Errorf("refused: %q", got)
	}
}
