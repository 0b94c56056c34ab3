package mongo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"

	"waypost/internal/store"
)

// The parts of an _id are codes with a space between them, which sorts before every character of a code: so the order of
// the ids is the order of the parts. "!" is the least character above the space.
const (
	between = " "
	beyond  = "!"
)

func keyID(k store.Key) string { return k.Tenant + between + k.Kind + between + k.ID }

func numberID(tenant string, n int64) string { return fmt.Sprintf("%s%s%016x", tenant, between, n) }

func parseNumber(id string) (int64, error) {
	_, digits, _ := strings.Cut(id, between)
	n, err := strconv.ParseInt(digits, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("number of a leaf: %w", store.ErrDamaged)
	}
	return n, nil
}

func batchID(b store.Batch) string { return fmt.Sprintf("%s%s%x", b.Tenant, between, b.ID) }

func markID(name string) string { return marksTenant + between + name }

func parseKey(id string) (store.Key, error) {
	parts := strings.Split(id, between)
	if len(parts) != 3 {
		return store.Key{}, fmt.Errorf("key of a record: %w", store.ErrDamaged)
	}
	k := store.Key{Tenant: parts[0], Kind: parts[1], ID: parts[2]}
	if store.CheckKey(k) != nil {
		return store.Key{}, fmt.Errorf("key of a record: %w", store.ErrDamaged)
	}
	return k, nil
}

// A time rests as a date, whole milliseconds; the zero time as the date of the year 1.
func date(t time.Time) primitive.DateTime { return primitive.DateTime(t.UnixMilli()) }

func moment(d primitive.DateTime) time.Time { return time.UnixMilli(int64(d)).UTC() }

type recordDoc struct {
	ID      string             `bson:"_id"`
	Tenant  string             `bson:"tenant"`
	Kind    string             `bson:"kind"`
	Rev     int64              `bson:"rev"`
	State   string             `bson:"state"`
	Due     primitive.DateTime `bson:"due"`
	Created primitive.DateTime `bson:"created"`
	Expires primitive.DateTime `bson:"expires"`
	Blind   [][]byte           `bson:"blind"`
	Sealed  []byte             `bson:"sealed"`
}

func recordOf(r store.Record) recordDoc {
	return recordDoc{
		ID: keyID(r.Key), Tenant: r.Tenant, Kind: r.Kind, Rev: r.Rev, State: r.State,
		Due: date(r.Due), Created: date(r.Created), Expires: date(r.Expires),
		Blind: append([][]byte{}, r.Blind...), Sealed: r.Sealed,
	}
}

// changes is what a replacement sets: all but what names the record and when it was made.
func changes(r store.Record) bson.D {
	d := recordOf(r)
	return bson.D{{Key: "$set", Value: bson.D{
		{Key: "rev", Value: d.Rev}, {Key: "state", Value: d.State}, {Key: "due", Value: d.Due},
		{Key: "expires", Value: d.Expires}, {Key: "blind", Value: d.Blind}, {Key: "sealed", Value: d.Sealed},
	}}}
}

func (d recordDoc) record() (store.Record, error) {
	k, err := parseKey(d.ID)
	if err != nil {
		return store.Record{}, err
	}
	r := store.Record{Sealed: d.Sealed, Meta: store.Meta{
		Key: k, Rev: d.Rev, State: d.State, Due: moment(d.Due), Created: moment(d.Created), Expires: moment(d.Expires),
	}}
	if len(d.Blind) > 0 {
		r.Blind = d.Blind
	}
	return r, nil
}

type keyDoc struct {
	ID      string `bson:"_id"`
	Tenant  string `bson:"tenant"`
	Bucket  string `bson:"bucket"`
	Wrapped []byte `bson:"wrapped"`
}

func keyOf(k store.KeyOp) keyDoc {
	return keyDoc{ID: keyID(k.Key), Tenant: k.Key.Tenant, Bucket: k.Put.Bucket, Wrapped: k.Put.Wrapped}
}

type opDoc struct {
	ID     string             `bson:"_id"`
	Tenant string             `bson:"tenant"`
	Digest []byte             `bson:"digest"`
	At     primitive.DateTime `bson:"at"`
}

type leafDoc struct {
	ID     string `bson:"_id"`
	Tenant string `bson:"tenant"`
	Leaf   []byte `bson:"leaf"`
}

type hashDoc struct {
	ID     string `bson:"_id"`
	Tenant string `bson:"tenant"`
	Hash   []byte `bson:"hash"`
}

// headDoc is where one log stands. Everybody who appends changes it, so two who do so at once meet here.
type headDoc struct {
	ID     string `bson:"_id"`
	Tenant string `bson:"tenant"`
	Size   int64  `bson:"size"`
	Root   []byte `bson:"root"`
	Note   []byte `bson:"note"`
}

type markDoc struct {
	ID     string `bson:"_id"`
	Tenant string `bson:"tenant"`
	Value  []byte `bson:"value"`
}
