// Package cdshooks answers one question: how does the record system that a clinician works in show that Waypost is there?
//
// It maps CDS Hooks 2.0 for one hook, patient-view: which service there is, at most one card, and feedback. The card is the
// same for every patient: what is sent is checked and forgotten.
//
// It refuses to know anything of the patient: it asks for no data, takes none, calls no system back, and keeps, counts, logs
// and repeats nothing of what comes. It shows nothing unless the installation said so for that client, nothing about abuse
// ever, and nothing on a screen that a patient or a relative is signed in to: a card can be read by whoever sits beside.
package cdshooks

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"waypost/locales"
	"waypost/web"
)

// The paths. The id of the service is neutral, because it stands in the settings and logs of record systems.
const (
	Base         = "/cds-services"
	ServicePath  = Base + "/" + serviceID
	FeedbackPath = ServicePath + "/feedback"

	serviceID = "waypost-patient-view"
)

// Journey is the face. PublicURL is scheme and host under which it is reached: tokens are made for that address.
type Journey struct {
	Clients   []Client
	Words     *locales.Catalogue
	PublicURL string
	Now       func() time.Time

	seen *memory
}

// Routes are the three calls. Without a client there is no service in the list, and nobody whose word would be taken.
func (j *Journey) Routes(*web.Kit) ([]web.Route, error) {
	j.seen, j.PublicURL = newMemory(j.Clients), strings.TrimSuffix(j.PublicURL, "/")
	return []web.Route{
		{Method: http.MethodGet, Path: Base, Policy: web.Open(), Handler: j.discovery, Refuse: refuse},
		{Method: http.MethodPost, Path: ServicePath, Policy: web.Signed("cds client"), Handler: j.signed(ServicePath, j.view), Refuse: refuse},
		{Method: http.MethodPost, Path: FeedbackPath, Policy: web.Signed("cds client"), Handler: j.signed(FeedbackPath, j.feedback), Refuse: refuse},
	}, nil
}

// signed hands on the requests of a client on the list, each signed for this very address.
func (j *Journey) signed(path string, handle func(Client, *web.Request) (web.Page, error)) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		client, err := j.admit(r.Bearer().Reveal(), j.PublicURL+path)
		if err != nil {
			return web.Page{}, err
		}
		return handle(client, r)
	}
}

func (j *Journey) discovery(r *web.Request) (web.Page, error) {
	return answer(Discovery(len(j.Clients) > 0, j.speak(r)))
}

// view answers with the card or, as long as nobody asked for it, with none.
func (j *Journey) view(client Client, r *web.Request) (web.Page, error) {
	var in Request
	err := r.JSON(func(body []byte) (err error) {
		in, err = ReadRequest(body)
		return err
	})
	if err == nil && in.FHIRServer != "" && !client.runs(in.FHIRServer) {
		err = errServer
	}
	if err != nil {
		return refused(err)
	}
	return answer(Cards(client.Card && in.Staff, j.PublicURL, j.speak(r)))
}

// feedback is read and dropped.
func (j *Journey) feedback(_ Client, r *web.Request) (web.Page, error) {
	if err := r.JSON(ReadFeedback); err != nil {
		return refused(err)
	}
	return answer(struct{}{})
}

func (j *Journey) speak(r *web.Request) *locales.Words { return j.Words.In(r.Language("").Tag, nil) }

// What is refused here, beside what the platform refuses. None of it says what was sent.
var (
	errRequest = errors.New("cdshooks: the request has another form")
	errServer  = errors.New("cdshooks: the server is none of this client's")
)

func refused(err error) (web.Page, error) {
	switch {
	case errors.Is(err, errRequest):
		return web.NewProblem(http.StatusBadRequest, "The body is not what CDS Hooks 2.0 and this service ask for.").Page(), nil
	case errors.Is(err, errServer):
		return web.NewProblem(http.StatusForbidden, "The fhirServer is none of this client's.").Page(), nil
	}
	return web.Page{}, err
}

var refuse = web.InProblems(map[int]string{
	http.StatusUnauthorized:         "A token signed for this address by a registered client is needed, each for one call.",
	http.StatusMethodNotAllowed:     "The method is not offered there.",
	http.StatusUnsupportedMediaType: "The media type is application/json.",
})
