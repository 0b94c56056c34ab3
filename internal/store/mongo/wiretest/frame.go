package wiretest

import (
	"bytes"
	"encoding/binary"
	"io"

	"go.mongodb.org/mongo-driver/bson"
)

// Limits of a server, https://www.mongodb.com/docs/manual/reference/limits
const (
	frameLimit    = 48_000_000
	documentLimit = 16 << 20
)

const (
	headSize = 16
	opReply  = 1
	opQuery  = 2004
	opMsg    = 2013
)

// Flags of OP_MSG, https://github.com/mongodb/specifications/blob/master/source/message/OP_MSG.md
const (
	flagChecksum   = 1 << 0
	flagMoreToCome = 1 << 1
)

type frame struct {
	id     int32
	opcode int32
	body   []byte
}

func readFrame(r io.Reader) (frame, error) {
	head := make([]byte, headSize)
	if _, err := io.ReadFull(r, head); err != nil {
		return frame{}, err
	}
	size := int32(binary.LittleEndian.Uint32(head))
	f := frame{id: int32(binary.LittleEndian.Uint32(head[4:])), opcode: int32(binary.LittleEndian.Uint32(head[12:]))}
	if size < headSize || size > frameLimit {
		return f, refuse("a frame of %d bytes", size)
	}
	f.body = make([]byte, size-headSize)
	_, err := io.ReadFull(r, f.body)
	return f, err
}

// message makes the frame of an answer.
func (f frame) message(answer bson.Raw) []byte {
	var body []byte
	opcode := int32(opMsg)
	if f.opcode == opQuery {
		opcode = opReply
		body = append(body, make([]byte, 16)...) // flags, cursor and start are zero
		body = binary.LittleEndian.AppendUint32(body, 1)
	} else {
		body = append(body, 0, 0, 0, 0, 0) // flags, and the kind of section
	}
	body = append(body, answer...)
	var out []byte
	for _, n := range []int32{int32(headSize + len(body)), f.id, f.id, opcode} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	return append(out, body...)
}

// request is one command.
type request struct {
	name string
	body bson.Raw
	list map[string][]bson.Raw // document sequences
	host string
}

// parse takes a frame apart and refuses every form but the two that the driver uses.
func (f frame) parse() (request, error) {
	switch f.opcode {
	case opQuery:
		return f.parseQuery()
	case opMsg:
		return f.parseMsg()
	}
	return request{}, refuse("opcode %d", f.opcode)
}

// parseQuery reads the legacy form, which only the first hello has.
func (f frame) parseQuery() (request, error) {
	if len(f.body) < 4 {
		return request{}, refuse("a short query")
	}
	end := bytes.IndexByte(f.body[4:], 0)
	if end < 0 || string(f.body[4:4+end]) != "admin.$cmd" || len(f.body) < 4+end+1+8 {
		return request{}, refuse("a legacy query of something else than a command")
	}
	r := request{list: map[string][]bson.Raw{}}
	rest := f.body[4+end+1+8:]
	var err error
	if r.body, rest, err = cutDocument(rest); err != nil {
		return r, err
	}
	if len(rest) > 0 {
		return r, refuse("trailing bytes")
	}
	if r.name, err = nameOf(r.body); err != nil {
		return r, err
	}
	if r.name != "hello" {
		return r, refuse("a legacy query of something else than hello")
	}
	return r, nil
}

func (f frame) parseMsg() (request, error) {
	r := request{list: map[string][]bson.Raw{}}
	if len(f.body) < 4 {
		return r, refuse("a short message")
	}
	switch flags := binary.LittleEndian.Uint32(f.body); {
	case flags&flagChecksum != 0:
		return r, refuse("a message with checksum")
	case flags&flagMoreToCome != 0:
		return r, refuse("a message that wants no answer")
	case flags != 0:
		return r, refuse("flags %x", flags)
	}
	rest := f.body[4:]
	var err error
	for len(rest) > 0 {
		kind := rest[0]
		switch {
		case kind == 0 && r.body == nil:
			r.body, rest, err = cutDocument(rest[1:])
		case kind == 0:
			err = refuse("more than one command")
		case kind == 1:
			rest, err = r.sequence(rest[1:])
		default:
			err = refuse("trailing bytes, or a section of kind %d", kind)
		}
		if err != nil {
			return r, err
		}
	}
	if r.body == nil {
		return r, refuse("a message without command")
	}
	r.name, err = nameOf(r.body)
	return r, err
}

// sequence reads a section that holds many documents under one name.
func (r *request) sequence(b []byte) (rest []byte, err error) {
	if len(b) < 4 {
		return nil, refuse("trailing bytes")
	}
	size := int(int32(binary.LittleEndian.Uint32(b)))
	if size < 5 || size > len(b) {
		return nil, refuse("a sequence longer than its message")
	}
	part, rest := b[4:size], b[size:]
	end := bytes.IndexByte(part, 0)
	if end < 0 {
		return nil, refuse("a sequence without name")
	}
	name := string(part[:end])
	if _, twice := r.list[name]; twice {
		return nil, refuse("sequence %s stands twice", name)
	}
	r.list[name] = []bson.Raw{}
	for part = part[end+1:]; len(part) > 0; {
		var d bson.Raw
		if d, part, err = cutDocument(part); err != nil {
			return nil, err
		}
		r.list[name] = append(r.list[name], d)
	}
	return rest, nil
}

// cutDocument cuts one document off.
func cutDocument(b []byte) (d bson.Raw, rest []byte, err error) {
	if len(b) < 5 {
		return nil, nil, refuse("trailing bytes")
	}
	size := int(int32(binary.LittleEndian.Uint32(b)))
	if size < 5 || size > len(b) {
		return nil, nil, refuse("a document longer than its message")
	}
	d = bson.Raw(b[:size])
	if d.Validate() != nil {
		return nil, nil, refuse("a malformed document")
	}
	return d, b[size:], nil
}
