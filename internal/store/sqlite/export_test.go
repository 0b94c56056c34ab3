package sqlite

import "context"

// Do runs a job of a test on the writer's goroutine; exec changes the database within the job.
func (e *Engine) Do(ctx context.Context, work func(exec func(string, ...any) error) error) error {
	return e.writer.do(ctx, &job{work: func(w *writer) error {
		return work(func(query string, args ...any) error {
			_, err := w.session.exec(query, args...)
			return err
		})
	}})
}

// Plan is what SQLite would do for a statement.
func (e *Engine) Plan(ctx context.Context, text string) ([]string, error) { return e.plan(ctx, text) }

// Setting asks for a setting of a reading connection.
func (e *Engine) Setting(ctx context.Context, name string) (value string, err error) {
	err = e.reading(ctx, "setting", func(s *session) error { return s.row("PRAGMA " + name).Scan(&value) })
	return value, err
}

// WriterSetting asks for a setting of the writing connection.
func (e *Engine) WriterSetting(ctx context.Context, name string) (value string, err error) {
	err = e.writer.do(ctx, &job{work: func(w *writer) error { return w.session.row("PRAGMA " + name).Scan(&value) }})
	return value, err
}

// What tests look at.
var (
	Statements = statements
	Slow       = slow
)

const (
	Schema   = schema
	Settings = settings
)
