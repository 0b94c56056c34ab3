package sqlite

// FarAway is what the test of file systems looks at.
var FarAway = farAway
