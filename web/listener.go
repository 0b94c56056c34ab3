package web

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// bounded refuses the connection that is one too many by itself, because fasthttp would answer it without our headers.
type bounded struct {
	net.Listener
	open atomic.Int64
	most int64
	busy []byte // the whole answer, headers and all
}

// Accept hands out connections up to the bound and tells the others to come back.
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if b.open.Add(1) <= b.most {
			return &counted{Conn: c, done: func() { b.open.Add(-1) }}, nil
		}
		b.open.Add(-1)
		go turnAway(c, b.busy)
	}
}

func turnAway(c net.Conn, answer []byte) {
	if c.SetDeadline(time.Now().Add(time.Second)) == nil {
		_, _ = c.Write(answer) // whoever has gone already misses nothing
	}
	_ = c.Close()
}

type counted struct {
	net.Conn
	once sync.Once
	done func()
}

// Close gives the place back, once.
func (c *counted) Close() error {
	c.once.Do(c.done)
	return c.Conn.Close()
}
