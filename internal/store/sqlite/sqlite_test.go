package sqlite_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"waypost/internal/store"
	"waypost/internal/store/conform"
	"waypost/internal/store/sqlite"
)

func options(t testing.TB) sqlite.Options {
	return sqlite.Options{
		Notary: conform.Notary(t), Now: time.Now, Entropy: conform.Ids(t.Name(), time.Now().String()), Ballast: 1 << 20,
	}
}

func open(t testing.TB, dir string, opts sqlite.Options) *sqlite.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func fresh(t testing.TB) store.Store { return open(t, t.TempDir(), options(t)) }

func TestTheEmbeddedEngineKeepsWhatTheInterfacePromises(t *testing.T) {
	t.Parallel()
	conform.Run(t, fresh)
}

func TestNoSequenceOfMovesTellsTheEngineFromTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(game *rapid.T) {
		e, err := sqlite.Open(t.Context(), t.TempDir(), options(t))
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		draw := func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(game, what) }
		if err := conform.Play(t.Context(), e, conform.Notary(t), draw, 30); err != nil {
			game.Fatal(err)
		}
	})
}
