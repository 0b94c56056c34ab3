package mongo

import (
	"context"

	driver "go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
)

// connect makes a client that keeps to our terms, whatever the connection string says of them.
func connect(ctx context.Context, opts Options) (*driver.Client, error) {
	o := options.Client().ApplyURI(opts.URI)
	if o.Validate() != nil {
		return nil, ErrURI
	}
	journaled := true
	o.SetAppName("waypost").
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetWriteConcern(&writeconcern.WriteConcern{W: "majority", Journal: &journaled, WTimeout: opts.Timeout}).
		SetRetryReads(true).
		SetRetryWrites(true).
		SetDirect(false).
		SetConnectTimeout(opts.Timeout).
		SetServerSelectionTimeout(opts.Timeout).
		SetLoggerOptions(options.Logger().SetSink(silence{}))
	o.Timeout = nil // the driver would leave out the wtimeout
	o.Monitor, o.AutoEncryptionOptions = nil, nil
	if opts.Dialer != nil {
		o.SetDialer(opts.Dialer)
	}
	client, err := driver.Connect(ctx, o)
	if err != nil {
		return nil, ErrURI
	}
	return client, nil
}

// silence is where the driver logs to. MONGODB_LOG_ALL in the environment would else write whole commands to a file.
type silence struct{}

func (silence) Info(int, string, ...any)    {}
func (silence) Error(error, string, ...any) {}

func transaction() *options.TransactionOptions {
	return options.Transaction().SetReadConcern(readconcern.Majority()).SetReadPreference(readpref.Primary())
}
