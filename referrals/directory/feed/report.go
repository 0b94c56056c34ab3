package feed

// Aside is how many services were set aside for one reason, and where the first stands.
type Aside struct {
	Count int
	First Place
}

// The reasons for which a service is set aside.
const (
	NoID       = "it has no id"
	NoName     = "it has no name"
	NoWay      = "there is no way to reach it"
	BadWays    = "none of its numbers and addresses can be read"
	NotActive  = "it is not active"
	Twice      = "its id stood before in this feed"
	NotService = "it is not a service"
	NotJSON    = "it is not JSON"
	TooLong    = "it is longer than a service can be"
	BadAges    = "its age limits cannot be read"
	BadField   = "a field cannot be read"
	BadLine    = "the line has another number of fields"
	BadWords   = "its name has words that may not be shown"
	Unsound    = "the directory refuses it"
	CollidesID = "another service of this feed has its id with us"
)

// What was left out of services that were read; these are counted too.
const (
	DroppedMarkup  = "markup was turned into text"
	DroppedWay     = "a way in could not be read"
	DroppedText    = "a text was cut short or may not be shown"
	DroppedPerson  = "the name of a person was left out"
	DroppedAddress = "an address was left out, because people may be hiding there"
	DroppedType    = "a field had the wrong type"
	DroppedHours   = "hours could not be read"
	DroppedTerm    = "a code is not known"
)

// Report says what was done with a feed.
type Report struct {
	Read    int // services seen, those set aside included
	Kept    int // handed on
	Held    map[Hold]int
	Set     map[string]Aside
	Dropped map[string]Aside
	// Whole says that the feed was read to its end and that nothing says that there is more of it elsewhere. Only then does
	// it mean anything that a service is not in it.
	Whole bool
}
