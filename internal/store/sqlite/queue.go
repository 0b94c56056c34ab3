package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"waypost/internal/store"
)

// Queue implements store.Store. Each state is one search along the index, all of them open at once and read no further
// than the page needs; they are merged here, because SQLite would sort all records of several states.
func (e *Engine) Queue(ctx context.Context, q store.Query) (page store.Page, err error) {
	if err := e.enter(ctx, store.CheckQuery(q, true)); err != nil {
		return page, err
	}
	err = e.picture(ctx, "queue", func(s *session) error {
		page, err = s.queue(ctx, q)
		return err
	})
	if err != nil {
		return store.Page{}, err
	}
	return page, nil
}

func (s *session) queue(ctx context.Context, q store.Query) (page store.Page, err error) {
	lines := make([]line, len(q.States))
	defer func() {
		for i := range lines {
			err = errors.Join(err, lines[i].close())
		}
	}()
	for i, state := range q.States {
		lines[i].rows, err = s.rows(queueState, i, q.Tenant, q.Kind, state, milli(q.After.Due), q.After.ID, q.Limit+1)
		if err != nil {
			return page, err
		}
		if err := lines[i].next(); err != nil {
			return page, err
		}
	}
	for {
		first := foremost(lines)
		if first == nil {
			return page, ctx.Err()
		}
		if len(page.Records) == q.Limit {
			last := page.Records[q.Limit-1]
			page.Next = &store.Cursor{Due: last.Due, ID: last.ID}
			return page, ctx.Err()
		}
		page.Records = append(page.Records, first.head)
		if err := first.next(); err != nil {
			return page, err
		}
	}
}

// line is the records of one state, waiting in order; rows is nil at its end.
type line struct {
	rows *sql.Rows
	head store.Record
}

func (l *line) next() (err error) {
	if l.rows.Next() {
		l.head, err = scanRecord(l.rows)
		return err
	}
	return l.close()
}

func (l *line) close() error {
	if l.rows == nil {
		return nil
	}
	err := errors.Join(l.rows.Err(), l.rows.Close())
	l.rows = nil
	return err
}

// foremost is the line whose head comes first, by due time and id; nil if all have ended.
func foremost(lines []line) *line {
	var first *line
	for i := range lines {
		l := &lines[i]
		if l.rows == nil {
			continue
		}
		if first == nil || l.head.Due.Before(first.head.Due) || l.head.Due.Equal(first.head.Due) && l.head.ID < first.head.ID {
			first = l
		}
	}
	return first
}
