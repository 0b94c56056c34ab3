package wiretest_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"waypost/internal/store/mongo/wiretest"
)

// line is a connection that speaks the protocol without the driver, which would not say what these tests must say.
type line struct {
	t testing.TB
	net.Conn
}

func dial(t testing.TB, s *wiretest.Server) line {
	t.Helper()
	c, err := s.DialContext(t.Context(), "tcp", wiretest.HostA)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return line{t, c}
}

func raw(t testing.TB, d any) []byte {
	t.Helper()
	b, err := bson.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sequence is a section of many documents.
func sequence(t testing.TB, name string, docs ...bson.D) []byte {
	body := append([]byte(name), 0)
	for _, d := range docs {
		body = append(body, raw(t, d)...)
	}
	return append(append([]byte{1}, binary.LittleEndian.AppendUint32(nil, uint32(len(body)+4))...), body...)
}

func frame(opcode int32, body []byte) []byte {
	var out []byte
	for _, n := range []int32{int32(16 + len(body)), 7, 0, opcode} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	return append(out, body...)
}

func message(t testing.TB, command bson.D, sections ...[]byte) []byte {
	body := append([]byte{0, 0, 0, 0, 0}, raw(t, command)...)
	for _, s := range sections {
		body = append(body, s...)
	}
	return frame(2013, body)
}

// say sends a frame and reads the answer, nil where the connection was closed instead.
func (l line) say(out []byte) bson.M {
	l.t.Helper()
	go func() { _, _ = l.Write(out) }() // a pipe takes no more than the other side reads
	head := make([]byte, 16)
	if _, err := io.ReadFull(l, head); err != nil {
		return nil
	}
	body := make([]byte, binary.LittleEndian.Uint32(head)-16)
	if _, err := io.ReadFull(l, body); err != nil {
		return nil
	}
	skip := 5 // flags, and the kind of section
	if binary.LittleEndian.Uint32(head[12:]) == 1 {
		skip = 20 // the legacy form
	}
	var m bson.M
	if err := bson.Unmarshal(body[skip:], &m); err != nil {
		l.t.Fatalf("answer: %v", err)
	}
	return m
}

func (l line) do(command bson.D, sections ...[]byte) bson.M {
	l.t.Helper()
	return l.say(message(l.t, command, sections...))
}

func e(k string, v any) bson.E { return bson.E{Key: k, Value: v} }

func lsid(n byte) bson.E {
	id := make([]byte, 16)
	id[0] = n
	return e("lsid", bson.D{e("id", primitive.Binary{Subtype: 4, Data: id})})
}

var (
	db       = e("$db", "waypost")
	sure     = e("writeConcern", bson.D{e("w", "majority"), e("j", true), e("wtimeout", int64(1000))})
	majority = e("readConcern", bson.D{e("level", "majority")})
)

func number(n int64) bson.E { return e("txnNumber", n) }

// begin and go on with a transaction.
func first(n int64) bson.D {
	return bson.D{number(n), e("startTransaction", true), e("autocommit", false), majority, db, lsid(1)}
}

func later(n int64) bson.D { return bson.D{number(n), e("autocommit", false), db, lsid(1)} }

func cmd(name string, value any, rest ...bson.E) bson.D {
	return append(bson.D{e(name, value)}, rest...)
}

func doc(id string, more ...bson.E) bson.D {
	return append(bson.D{e("_id", "practice-a "+id), e("tenant", "practice-a")}, more...)
}

func index(name string, fields ...string) bson.D {
	keys := bson.D{}
	for _, f := range fields {
		keys = append(keys, e(f, 1))
	}
	return bson.D{e("key", keys), e("name", name)}
}

// ready is a server with one collection and one document in it.
func ready(t testing.TB, s *wiretest.Server) line {
	t.Helper()
	l := dial(t, s)
	for _, m := range []bson.M{
		l.do(cmd("createIndexes", "record", e("indexes", bson.A{index("place", "tenant", "_id"), index("queue", "tenant", "state", "due")}), sure, db, lsid(9))),
		l.do(cmd("insert", "record", e("ordered", true), sure, number(1), db, lsid(9)), sequence(t, "documents", doc("one", e("rev", int64(1)), e("state", "new")))),
	} {
		if m["ok"] != int32(1) || m["writeErrors"] != nil {
			t.Fatalf("set up: %v", m)
		}
	}
	return l
}

func code(m bson.M) int32 {
	if m == nil {
		return -1
	}
	if n, ok := m["code"].(int32); ok {
		return n
	}
	if list, ok := m["writeErrors"].(bson.A); ok {
		return list[0].(bson.M)["code"].(int32)
	}
	return 0
}

func labels(m bson.M) string { return fmt.Sprint(m["errorLabels"]) }

// listener is a test that writes down its failures instead of failing.
type listener struct {
	testing.TB
	said []string
}

func (l *listener) Errorf(format string, args ...any) {
	l.said = append(l.said, fmt.Sprintf(format, args...))
}

func TestARefusalFailsTheTestUnlessItWasExpected(t *testing.T) {
	ear := &listener{TB: t}
	s := wiretest.New(ear)
	l := dial(t, s)
	end := s.Expect()
	l.do(cmd("drop", "record", db, lsid(1)))
	if got := end(); len(got) != 1 || len(ear.said) != 0 {
		t.Errorf("expected: %q, the test heard %q", got, ear.said)
	}
	l.do(cmd("drop", "record", db, lsid(1)))
	if len(ear.said) != 1 || !strings.Contains(ear.said[0], "command drop") {
		t.Errorf("unexpected: the test heard %q", ear.said)
	}
}
