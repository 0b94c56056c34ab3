package feed

import (
	"bufio"
	"errors"
	"io"
	"strings"
)

// The bounds of one service and of what stands beside the services in a page.
const (
	longestService = 1 << 20
	deepest        = 64
)

// splitter cuts a feed into its values without building any: it knows strings, braces and nothing else, so that one spoilt
// service does not spoil the feed, and one without end needs no memory.
type splitter struct {
	in *bufio.Reader
	at int64 // bytes read
}

func split(r io.Reader) *splitter {
	s := &splitter{in: bufio.NewReaderSize(r, 64<<10)}
	if mark, _ := s.in.Peek(3); string(mark) == "\ufeff" {
		n, _ := s.in.Discard(3)
		s.at += int64(n)
	}
	return s
}

func (s *splitter) read() (byte, error) {
	b, err := s.in.ReadByte()
	if err == nil {
		s.at++
	}
	return b, err
}

// peek is the next byte that is no space, not taken.
func (s *splitter) peek() (byte, error) {
	for {
		b, err := s.in.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\t' && b != '\n' && b != '\r' {
			return b, s.in.UnreadByte()
		}
		s.at++
	}
}

// skip takes the next byte that is no space if it is that one.
func (s *splitter) skip(want byte) (bool, error) {
	b, err := s.peek()
	if err != nil || b != want {
		return false, err
	}
	_, err = s.read()
	return true, err
}

var errLong = errors.New("feed: a value is too long or too deep")

// value takes one value, whatever it is; nothing, where none stands. One that is too long or too deep is passed over, and
// errLong says so.
func (s *splitter) value() ([]byte, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	var v taken
	for {
		b, err := s.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && v.depth == 0 && !v.text && len(v.out) > 0:
			return v.done() // a number or a word at the very end
		case err != nil:
			return nil, err
		case v.depth == 0 && !v.text && strings.IndexByte(",:]} \t\r\n", b) >= 0:
			_ = s.in.UnreadByte() // the end of whatever this value stands in
			return v.done()
		}
		s.at++
		if v.add(b) {
			return v.done()
		}
	}
}

// taken is a value as it is read.
type taken struct {
	out           []byte
	depth         int
	text, escaped bool
	long          bool
}

// add takes a byte and reports whether the value ends with it.
func (v *taken) add(b byte) (end bool) {
	switch {
	case v.escaped:
		v.escaped = false
	case v.text:
		v.escaped, v.text = b == '\\', b != '"'
		end = b == '"' && v.depth == 0
		if b < ' ' {
			b = ' ' // a raw line break in a text, which real feeds have
		}
	case b == '"':
		v.text = true
	case b == '{' || b == '[':
		v.depth++
	case b == '}' || b == ']':
		v.depth--
		end = v.depth == 0
	}
	if v.long = v.long || len(v.out) >= longestService || v.depth > deepest; v.long {
		v.out = nil
	} else {
		v.out = append(v.out, b)
	}
	return end
}

func (v *taken) done() ([]byte, error) {
	if v.long {
		return nil, errLong
	}
	return v.out, nil
}

// each takes the values of an array whose bracket was taken.
func (s *splitter) each(do func(raw []byte, at int64, err error) error) error {
	for {
		done, err := s.skip(']')
		if done || err != nil {
			return err
		}
		at := s.at
		raw, err := s.value()
		if err != nil && !errors.Is(err, errLong) {
			return err
		}
		if err := do(raw, at, err); err != nil {
			return err
		}
		b, err := s.peek()
		if err != nil {
			return err
		}
		if b == ',' || b != ']' && len(raw) == 0 { // where nothing was taken, what stands there is passed over
			_, _ = s.read()
		}
	}
}
