package directory

// How the lists of words are called where the directory is published, and how it says there that something is not for a
// telephone that somebody else reads. The face that publishes and the import take them from here, so that nothing is lost
// between two installations.
const (
	OurNeeds  = "Waypost needs"
	OurPeople = "Waypost people"
	OurAccess = "Waypost access"
	Watched   = "Not for a telephone that somebody else may read"
)
