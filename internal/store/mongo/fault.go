package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	driver "go.mongodb.org/mongo-driver/mongo"
	wire "go.mongodb.org/mongo-driver/x/mongo/driver"

	"waypost/internal/store"
	"waypost/internal/trail"
)

// Error codes of the server,
// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
const (
	codeDuplicate      = 11000
	codeNoSpace        = 14031
	codeMaxTime        = 50
	codeUnknownConcern = 79
	codeUnsatisfiable  = 100
)

// codesAway say that nobody is there to write, or that a majority was not heard of in time.
var codesAway = []int{6, 7, 24, 50, 64, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436}

// Labels of the server and the driver,
// https://github.com/mongodb/specifications/blob/master/source/transactions/transactions.md
const (
	labelTransient = "TransientTransactionError"
	labelUnknown   = "UnknownTransactionCommitResult"
	labelNetwork   = "NetworkError"
)

// answered says whether err is already in the words of the store.
func answered(err error) bool {
	for _, known := range []error{
		store.ErrNotFound, store.ErrConflict, store.ErrDuplicate, store.ErrReused, store.ErrUnknown, store.ErrFull,
		store.ErrInvalid, store.ErrDamaged, store.ErrClosed, store.ErrUnfit, trail.ErrClock, trail.ErrEntry, ErrAway,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// code is the number of a server's answer, or 0. Only the number leaves this package: the text of an answer may hold a
// key or a document.
func code(err error) int {
	var command driver.CommandError
	if errors.As(err, &command) {
		return int(command.Code)
	}
	var write driver.WriteException
	if errors.As(err, &write) {
		return writeCode(write.WriteErrors, write.WriteConcernError)
	}
	var handshake wire.Error // a refused sign-in comes as it is
	if errors.As(err, &handshake) {
		return int(handshake.Code)
	}
	var bulk driver.BulkWriteException
	if errors.As(err, &bulk) {
		var errs driver.WriteErrors
		for _, w := range bulk.WriteErrors {
			errs = append(errs, w.WriteError)
		}
		return writeCode(errs, bulk.WriteConcernError)
	}
	return 0
}

func writeCode(errs driver.WriteErrors, concern *driver.WriteConcernError) int {
	switch {
	case len(errs) > 0:
		return errs[0].Code
	case concern != nil:
		return concern.Code
	}
	return 0
}

func labelled(err error, label string) bool {
	var server driver.ServerError
	return errors.As(err, &server) && server.HasErrorLabel(label)
}

func nobodyThere(err error) bool { return slices.Contains(codesAway, code(err)) }

func duplicate(err error) bool { return code(err) == codeDuplicate }

// words says what happened without a word of the driver's or the server's.
func words(err error) error {
	switch n := code(err); {
	case err == nil:
		return nil
	case answered(err):
		return err
	case n == codeNoSpace:
		return fmt.Errorf("%w (server error %d)", store.ErrFull, n)
	case nobodyThere(err):
		return fmt.Errorf("%w (server error %d)", ErrAway, n)
	case n != 0:
		return fmt.Errorf("mongo: server error %d", n)
	case errors.Is(err, context.Canceled):
		return context.Canceled
	}
	return ErrAway // no server could be chosen or heard; the driver's text would name hosts
}
