package sqlite

// Every statement that runs once the store is open. The plan test asks SQLite how it would run each of them and fails
// on a scan of a table and on a temporary sort.
const (
	putOp     = `INSERT INTO op (tenant, opid, digest, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	opDigest  = `SELECT digest FROM op WHERE tenant = ? AND opid = ?`
	oldOps    = `SELECT tenant, opid FROM op WHERE at < ? ORDER BY at LIMIT ?`
	forgetOp  = `DELETE FROM op WHERE tenant = ? AND opid = ?`
	columns   = `tenant, kind, id, rev, state, due, created, expires, blinds, sealed`
	insertRec = `INSERT INTO record (` + columns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

	replaceRec = `UPDATE record SET rev = ?, state = ?, due = ?, expires = ?, blinds = ?, sealed = ?
		WHERE tenant = ? AND kind = ? AND id = ? AND rev = ?`
	deleteRec   = `DELETE FROM record WHERE tenant = ? AND kind = ? AND id = ? AND rev = ?`
	recRev      = `SELECT rev FROM record WHERE tenant = ? AND kind = ? AND id = ?`
	insertBlind = `INSERT INTO blind (tenant, kind, value, id) VALUES (?, ?, ?, ?)`
	deleteBlind = `DELETE FROM blind WHERE tenant = ? AND kind = ? AND id = ?`
	putKey      = `INSERT INTO wrapkey (tenant, kind, id, bucket, wrapped) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (tenant, kind, id) DO UPDATE SET bucket = excluded.bucket, wrapped = excluded.wrapped`
	destroyKey = `DELETE FROM wrapkey WHERE tenant = ? AND kind = ? AND id = ?`

	readRec    = `SELECT ` + columns + ` FROM record WHERE tenant = ? AND kind = ? AND id = ?`
	findBlind  = `SELECT id FROM blind WHERE tenant = ? AND kind = ? AND value = ? ORDER BY id LIMIT ?`
	queueState = `SELECT ` + columns + ` FROM record WHERE tenant = ? AND kind = ? AND state = ? AND (due, id) > (?, ?)
		ORDER BY due, id LIMIT ?`
	countState = `SELECT count(*) FROM record WHERE tenant = ? AND kind = ? AND state = ?`
	expiredRec = `SELECT tenant, kind, id FROM record WHERE expires > ? AND expires < ?
		ORDER BY expires, tenant, kind, id LIMIT ?`
	readKey    = `SELECT bucket, wrapped FROM wrapkey WHERE tenant = ? AND kind = ? AND id = ?`
	bucketKeys = `SELECT tenant, kind, id FROM wrapkey WHERE bucket = ? AND (tenant, kind, id) > (?, ?, ?)
		ORDER BY tenant, kind, id LIMIT ?`

	putLeaf    = `INSERT INTO trail_leaf (tenant, n, leaf) VALUES (?, ?, ?)`
	putHash    = `INSERT INTO trail_hash (tenant, pos, hash) VALUES (?, ?, ?)`
	putNote    = `INSERT INTO trail_note (tenant, size, note) VALUES (?, ?, ?)`
	dropNote   = `DELETE FROM trail_note WHERE tenant = ? AND size = ?`
	newestLeaf = `SELECT n, leaf FROM trail_leaf WHERE tenant = ? ORDER BY n DESC LIMIT 1`
	newestNote = `SELECT size, note FROM trail_note WHERE tenant = ? ORDER BY size DESC LIMIT 1`
	readLeaves = `SELECT leaf FROM trail_leaf WHERE tenant = ? AND n >= ? ORDER BY n LIMIT ?`
	readHash   = `SELECT hash FROM trail_hash WHERE tenant = ? AND pos = ?`

	nextLeafLog  = `SELECT tenant FROM trail_leaf WHERE tenant > ? ORDER BY tenant LIMIT 1`
	nextNoteLog  = `SELECT tenant FROM trail_note WHERE tenant > ? ORDER BY tenant LIMIT 1`
	exportLeaves = `SELECT n, leaf FROM trail_leaf WHERE tenant = ? ORDER BY n`
	exportHashes = `SELECT hash FROM trail_hash WHERE tenant = ? AND pos >= ? AND pos < ? ORDER BY pos`
	exportKeys   = `SELECT tenant, kind, id, bucket, wrapped FROM wrapkey WHERE (tenant, kind, id) > (?, ?, ?)
		ORDER BY tenant, kind, id`
	exportRecs = `SELECT ` + columns + ` FROM record WHERE (tenant, kind, id) > (?, ?, ?) ORDER BY tenant, kind, id`

	readMark = `SELECT value FROM mark WHERE name = ?`
	putMark  = `INSERT INTO mark (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)

// statements lists them; a test holds the list against the file.
func statements() []string {
	return []string{
		putOp, opDigest, oldOps, forgetOp, insertRec, replaceRec, deleteRec, recRev, insertBlind, deleteBlind, putKey,
		destroyKey, readRec, findBlind, queueState, countState, expiredRec, readKey, bucketKeys, putLeaf, putHash, putNote,
		dropNote, newestLeaf, newestNote, readLeaves, readHash, nextLeafLog, nextNoteLog, exportLeaves, exportHashes,
		exportKeys, exportRecs, readMark, putMark,
	}
}
