package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"

	"waypost/internal/store"
)

// leastWire is the wire version of MongoDB 5.0, the first with snapshot reads outside of transactions.
const leastWire = 13

// Probe implements store.Store: what the deployment is, whether it obeys a write concern, how it would run every search,
// whether what was aborted is gone, then the promises that both engines share.
func (e *Engine) Probe(ctx context.Context) error {
	ctx, c, err := e.enterLong(ctx)
	if err != nil {
		return err
	}
	defer c.leave()
	if e.opts.Entropy == nil {
		return errors.New("probe: no entropy")
	}
	for _, step := range []struct {
		name string
		run  func(*call, context.Context) error
	}{
		{"topology", (*call).topology}, {"write concern", (*call).obedience}, {"plans", (*call).plans}, {"abort", (*call).abort},
	} {
		if err := c.briefly(ctx, step.run); err != nil {
			return c.explain("probe "+step.name, err)
		}
	}
	return store.Prove(ctx, e, e.opts.Entropy)
}

// briefly gives one step of the probe the time of a call for each of its round trips, of which there are few.
func (c *call) briefly(ctx context.Context, step func(*call, context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 4*c.e.opts.Timeout)
	defer cancel()
	return step(c, ctx)
}

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{store.ErrUnfit}, args...)...)
}

func (c *call) topology(ctx context.Context) error {
	var hello struct {
		Set      string `bson:"setName"`
		Msg      string `bson:"msg"`
		Wire     int32  `bson:"maxWireVersion"`
		Sessions int32  `bson:"logicalSessionTimeoutMinutes"`
	}
	err := c.e.db.RunCommand(ctx, bson.D{is("hello", 1)}).Decode(&hello)
	switch {
	case err != nil:
		return err
	case hello.Set == "" && hello.Msg != "isdbgrid":
		return unfit("a standalone server, not a replica set or sharded cluster")
	case hello.Wire < leastWire || hello.Sessions == 0:
		return unfit("a server older than MongoDB 5.0")
	}
	return nil
}

// obedience asks for an acknowledgement that no deployment can give. A server that says yes ignores write concerns, and
// its yes to a commit is worth as little.
func (c *call) obedience(ctx context.Context) error {
	ignored := &writeconcern.WriteConcern{W: "waypost-nobody", WTimeout: c.e.opts.Timeout}
	in := c.e.db.Collection(ops, options.Collection().SetWriteConcern(ignored))
	_, err := in.DeleteOne(ctx, bson.D{is("tenant", store.ProbeTenant), is("_id", store.ProbeTenant+between+"none")})
	if err == nil {
		return unfit("write concerns are ignored")
	}
	if code(err) == codeUnknownConcern || code(err) == codeUnsatisfiable {
		return nil
	}
	return err
}

// plans has every search explained.
func (c *call) plans(ctx context.Context) error {
	q := store.Query{Tenant: store.ProbeTenant, Kind: "probe", States: []string{"", "probe"}}
	after := store.Key{Tenant: store.ProbeTenant, Kind: "probe", ID: "probe"}
	now := c.e.opts.Now()
	asks := []ask{
		askBlind(q.Tenant, q.Kind, make([]byte, store.BlindSize), "", 1), askQueue(q, 1), askTie(q, 1), askExpired(now, 1),
		askBucket("2027-03", store.Key{}, 1), askBucket("2027-03", after, 1), askLeaves(q.Tenant, 0, 1), askNewest(q.Tenant), askNextLog(""),
		askOld(now, 1),
	}
	for _, in := range collections() {
		asks = append(asks, askOne(in, q.Tenant, q.Tenant), askMany(in, q.Tenant, []string{q.Tenant, q.Kind}), askAll(in, "", 1))
	}
	for i, a := range asks {
		find := bson.D{is("find", a.in), is("filter", a.filter), is("limit", a.limit)}
		if len(a.sort) > 0 {
			find = append(find, is("sort", a.sort))
		}
		if err := c.plan(ctx, find); err != nil {
			return fmt.Errorf("search %d: %w", i, err)
		}
	}
	return c.plan(ctx, bson.D{is("aggregate", records), is("pipeline", counting(q)), is("cursor", bson.D{})})
}

// plan refuses a scan of a collection and a sort in memory.
func (c *call) plan(ctx context.Context, command bson.D) error {
	raw, err := c.e.db.RunCommand(ctx, bson.D{is("explain", command), is("verbosity", "queryPlanner")}).Raw()
	if err != nil {
		return err
	}
	steps := stages(bson.RawValue{Type: bson.TypeEmbeddedDocument, Value: raw}, false)
	for _, bad := range []string{"COLLSCAN", "SORT"} {
		if slices.Contains(steps, bad) {
			return unfit("it is planned as %s", bad)
		}
	}
	if len(steps) == 0 {
		return unfit("it is not explained")
	}
	return nil
}

// stages lists the stages below every winning plan, wherever the version of the server puts it.
func stages(v bson.RawValue, winning bool) (out []string) {
	var inside []bson.RawElement
	switch v.Type {
	case bson.TypeEmbeddedDocument:
		inside, _ = v.Document().Elements()
	case bson.TypeArray:
		inside, _ = v.Array().Elements()
	}
	for _, e := range inside {
		name, isText := e.Value().StringValueOK()
		if winning && isText && e.Key() == "stage" {
			out = append(out, name)
			continue
		}
		if e.Key() != "rejectedPlans" {
			out = append(out, stages(e.Value(), winning || e.Key() == "winningPlan")...)
		}
	}
	return out
}

// abort shows that what a transaction wrote is seen by nobody else before its end, and by nobody after an abort.
func (c *call) abort(ctx context.Context) error {
	s, err := c.e.client.StartSession(options.Session().SetCausalConsistency(false))
	if err != nil {
		return err
	}
	defer c.e.dismiss(ctx, s)
	if err := s.StartTransaction(transaction()); err != nil {
		return err
	}
	doc := markDoc{ID: markID("waypost.probe"), Tenant: marksTenant, Value: []byte{1}}
	if _, err := c.e.db.Collection(marks).InsertOne(inside(ctx, s), doc); err != nil {
		return err
	}
	look := func(when string) error {
		seen, err := searchOne[idDoc](ctx, c.e, askOne(marks, marksTenant, doc.ID))
		if err == nil && seen != nil {
			err = unfit("what a transaction wrote is seen %s", when)
		}
		return err
	}
	if err := look("before its end"); err != nil {
		return err
	}
	if err := s.AbortTransaction(ctx); err != nil {
		return err
	}
	return look("after it was aborted")
}
