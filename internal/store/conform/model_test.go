package conform_test

import (
	"testing"

	"waypost/internal/store"
	"waypost/internal/store/conform"
)

func TestTheModelKeepsWhatTheInterfacePromises(t *testing.T) {
	conform.Run(t, func(t testing.TB) store.Store { return conform.NewModel(conform.Notary(t)) })
}
