package wiretest

import (
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
)

// wireVersion is that of MongoDB 7.0.
const wireVersion = 21

// hello says who is asked. Without logicalSessionTimeoutMinutes the driver would do without transactions; without
// topologyVersion it polls.
func (s *Server) hello(r request) bson.D {
	d := bson.D{
		{Key: "helloOk", Value: true},
		{Key: "isWritablePrimary", Value: s.mongos || r.host == s.primary},
		{Key: "maxBsonObjectSize", Value: documentLimit},
		{Key: "maxMessageSizeBytes", Value: frameLimit},
		{Key: "maxWriteBatchSize", Value: 100_000},
		{Key: "logicalSessionTimeoutMinutes", Value: 30},
		{Key: "minWireVersion", Value: 0},
		{Key: "maxWireVersion", Value: wireVersion},
	}
	if s.flaws&Old != 0 {
		d[len(d)-1].Value = 9
	}
	if s.flaws&Standalone != 0 {
		return d
	}
	if s.mongos {
		return append(d, bson.E{Key: "msg", Value: "isdbgrid"})
	}
	return append(d,
		bson.E{Key: "setName", Value: "waypost"},
		bson.E{Key: "hosts", Value: bson.A{HostA, HostB}},
		bson.E{Key: "me", Value: r.host},
		bson.E{Key: "primary", Value: s.primary},
		bson.E{Key: "secondary", Value: r.host != s.primary},
	)
}

// stamp is a moment as cluster times have it.
func stamp(at int64) primitive.Timestamp { return primitive.Timestamp{T: 1_800_000_000, I: uint32(at)} }

func (s *Server) clusterTime() bson.D {
	return bson.D{
		{Key: "operationTime", Value: stamp(s.now)},
		{Key: "$clusterTime", Value: bson.D{
			{Key: "clusterTime", Value: stamp(s.now)},
			{Key: "signature", Value: bson.D{{Key: "hash", Value: primitive.Binary{Data: make([]byte, 20)}}, {Key: "keyId", Value: int64(0)}}},
		}},
	}
}
