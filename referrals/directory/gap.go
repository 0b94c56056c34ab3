package directory

// Gap is a need for which the area has nothing of its own to show, and what is shown in its place.
type Gap struct {
	Need string
	Why  GapCode
}

// GapCode is why there is a gap, in a form that words can be found for.
type GapCode string

// The gaps. None says that nobody helps there: only that the directory knows of nobody.
const (
	NoLocalService GapCode = "no-local-national-shown" // no local service known in this area; what is listed serves the nation
	NothingAtAll   GapCode = "nothing"                 // neither a local one nor one of the nation
	AreaNotKnown   GapCode = "area-not-known"          // the directory has local services for it, and the area was not given
)

// gap says what is missing for a need, if anything. Where neither an area is given nor a local service is on file, a need
// without service is in Missing and there is nothing more to say.
func (d *Directory) gap(a *asked, n askedNeed, found int, local bool) (Gap, bool) {
	hasLocal := n.known && d.anyLocal[a.side]&(1<<n.index) != 0
	switch {
	case local, n.word == Emergency, n.word == CannotSpeak:
		return Gap{}, false
	case !a.placed() && !hasLocal:
		return Gap{}, false
	case !a.placed():
		return Gap{n.word, AreaNotKnown}, true
	case found == 0:
		return Gap{n.word, NothingAtAll}, true
	}
	return Gap{n.word, NoLocalService}, true
}
