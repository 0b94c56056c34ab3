// Package vault keeps what must not leak: it seals what comes to rest, holds the
// keys, destroys them when their time is over, and wraps a person's words in a
// Secret that cannot be printed. It is the only room that encrypts, and a package
// that imports it handles personal data.
//
// It uses the standard library's cryptography and nothing else, and passes in the
// module's FIPS-only mode. It imports no other room and knows nothing of abuse, of
// the database or of the web.
//
// It refuses: to open what was changed or moved by a single bit; to make a key again
// whose month was destroyed; to read a root key that others could read, or one lying
// beside the data it protects; to run on a keyring older than the database; to print,
// log or marshal a Secret. Its errors name places and months, never content, and it
// prints nothing: what an operator must hear is returned to the caller.
package vault
