package wiretest

import (
	"go.mongodb.org/mongo-driver/bson"
)

// take gives as many documents as one message may hold, and as were asked for at once.
func take(found []*document, size int) bson.A {
	batch, bytes := bson.A{}, 0
	for _, d := range found {
		if bytes += len(d.raw); len(batch) == size || bytes > documentLimit && len(batch) > 0 {
			break
		}
		batch = append(batch, d.raw)
	}
	return batch
}

// batchAnswer is an answer with no more behind it.
func batchAnswer(r request, in string, batch bson.A) bson.D {
	db, _ := r.body.Lookup("$db").StringValueOK()
	return bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: db + "." + in}, {Key: "firstBatch", Value: batch}}}}
}
