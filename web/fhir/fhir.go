package fhir

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"waypost/locales"
	"waypost/referrals/directory"
	"waypost/screening"
	"waypost/screening/plan"
	"waypost/web"
)

// Base is where the resources are.
const Base = "/fhir/R4"

const mime = "application/fhir+json; charset=utf-8"

// keep is for how many seconds anybody may keep a definition: content that was withdrawn must be gone soon.
const keep = 300

// Journey is the face. What is the same for everybody is written once, at start.
type Journey struct {
	Bank  *screening.Bank
	Steps *plan.Library
	Words *locales.Catalogue

	Directory func() *directory.Directory // as it stands now, with the local services where what rests is open
	Mode      directory.Mode
	PublicURL string // where other systems reach us
	Now       func() time.Time

	Loop *Loop // nil: nothing rests here, and nobody refers by this face

	form  *Form
	lists lists
}

// copied is a resource that is the same for everybody, and where it is.
type copied struct {
	path     string
	resource any
}

// Routes gives the routes. What holds no person is open data; what is posted is read, answered and forgotten, as it is on
// the page of the consultation.
func (j *Journey) Routes(*web.Kit) ([]web.Route, error) {
	form, err := NewForm(j.Bank, j.Words)
	if err != nil {
		return nil, err
	}
	j.form = form
	definition, err := NewDefinition(j.Bank, j.Steps, j.Words)
	if err != nil {
		return nil, err
	}
	fixed, forms := []copied{}, []any{form.Questionnaire}
	if j.Loop != nil {
		sheet, err := newReferralForm(j.Loop.Desk.Book, j.Words)
		if err != nil {
			return nil, err
		}
		fixed, forms = append(fixed, copied{"/Questionnaire/" + referralID, sheet}), append(forms, sheet)
	}
	var routes []web.Route
	for _, fixed := range append(fixed, []copied{
		{"/metadata", statement(j.Loop != nil)},
		{"/Questionnaire", found(forms...)},
		{"/Questionnaire/" + questionnaireID, form.Questionnaire},
		{"/PlanDefinition", found(definition)},
		{"/PlanDefinition/" + definitionID, definition},
	}...) {
		body, err := encode(fixed.resource)
		if err != nil {
			return nil, err
		}
		routes = append(routes, open(fixed.path, bareOf(func(*web.Request) (web.Page, error) { return web.Data(http.StatusOK, mime, body), nil })))
	}
	for path, handler := range map[string]web.Handler{
		"/QuestionnaireResponse/$validate":            j.validate,
		"/QuestionnaireResponse/$extract":             j.extract,
		"/PlanDefinition/" + definitionID + "/$apply": j.apply,
	} {
		routes = append(routes, web.Route{Method: http.MethodPost, Path: Base + path, Policy: web.Open(), Handler: handler, Refuse: refuse})
	}
	return slices.Concat(routes, []web.Route{open("/HealthcareService", j.services), open("/HealthcareService/:id", bareOf(j.service))}, j.loopRoutes()), nil
}

// open is a route of facts that anybody may copy.
func open(path string, handler web.Handler) web.Route {
	return web.Route{Method: http.MethodGet, Path: Base + path, Policy: web.OpenData(), Refuse: refuse, Handler: func(r *web.Request) (web.Page, error) {
		p, err := handler(r)
		p.Keep = keep
		return p, err
	}}
}

// bareOf refuses what is asked for beyond the path: a parameter that is not understood must not look as if it had been.
func bareOf(handler web.Handler) web.Handler {
	return func(r *web.Request) (web.Page, error) {
		if _, faults, err := r.Query(none); err != nil || len(faults) > 0 {
			return answer(http.StatusBadRequest, bare(http.StatusBadRequest, "not-supported", "No parameter is read here."))
		}
		return handler(r)
	}
}

// none lets no parameter pass, _format neither: there is one format.
func none(string) web.Kind { return web.Refused }

func answer(status int, resource any) (web.Page, error) {
	body, err := encode(resource)
	if err != nil {
		return web.Page{}, err
	}
	return web.Data(status, mime, body), nil
}

// refused answers with what is wrong, or hands on an error of the platform.
func refused(err error) (web.Page, error) {
	var r Refused
	if errors.As(err, &r) {
		return answer(r.Status(), Outcome(r))
	}
	return web.Page{}, err
}

// refuse is how the platform says no under these paths.
func refuse(status int, reference web.Reference) web.Page {
	code, text := "processing", "The request is refused."
	for _, r := range refusals {
		if r.status == status {
			code, text = r.code, r.text
		}
	}
	if reference != "" {
		text += " Reference " + string(reference) + "."
	}
	p, err := answer(status, bare(status, code, text))
	if err != nil {
		return web.Data(status, mime, nil)
	}
	return p
}

var refusals = []struct {
	status     int
	code, text string
}{
	{http.StatusBadRequest, "structure", "The request cannot be read."},
	{http.StatusUnauthorized, "login", "Sign in first."},
	{http.StatusForbidden, "forbidden", "The request is not allowed."},
	{http.StatusNotFound, "not-found", "There is nothing there."},
	{http.StatusMethodNotAllowed, "not-supported", "The method is not offered there."},
	{http.StatusRequestTimeout, "timeout", "The request did not arrive in time."},
	{http.StatusConflict, "conflict", "It has changed."},
	{http.StatusRequestEntityTooLarge, "too-long", "The body is larger than is read here."},
	{http.StatusUnsupportedMediaType, "not-supported", "The media type is application/fhir+json."},
	{http.StatusTooManyRequests, "throttled", "There are too many requests. Try again in a moment."},
	{http.StatusRequestHeaderFieldsTooLarge, "too-long", "The headers are larger than is read here."},
	{http.StatusServiceUnavailable, "transient", "This is not available now."},
	{http.StatusInternalServerError, "exception", "Something went wrong here."},
}

// validate says what is wrong with a response, or that nothing is. It answers 200 to whatever could be read as a resource.
func (j *Journey) validate(r *web.Request) (web.Page, error) {
	_, err := j.read(r, (*Form).ReadValidate)
	var wrong Refused
	switch {
	case err == nil:
		return answer(http.StatusOK, sound())
	case errors.As(err, &wrong) && wrong.Status() == http.StatusUnprocessableEntity:
		return answer(http.StatusOK, Outcome(wrong))
	}
	return refused(err)
}

// extract gives the plan that follows from a response, with its findings, as a transaction.
func (j *Journey) extract(r *web.Request) (web.Page, error) {
	in, err := j.read(r, (*Form).ReadExtract)
	if err != nil {
		return refused(err)
	}
	p := j.Steps.Make(j.Bank.Assess(in.Answers))
	return answer(http.StatusOK, Extract(&p, j.speak(r), in.Subject))
}

// apply gives the plan as one CarePlan.
func (j *Journey) apply(r *web.Request) (web.Page, error) {
	in, err := j.read(r, (*Form).ReadApply)
	if err != nil {
		return refused(err)
	}
	p := j.Steps.Make(j.Bank.Assess(in.Answers))
	return answer(http.StatusOK, Apply(&p, j.speak(r), in.Subject))
}

func (j *Journey) read(r *web.Request, how func(*Form, []byte) (Response, error)) (in Response, err error) {
	err = r.JSON(func(body []byte) error {
		in, err = how(j.form, body)
		return err
	})
	return in, err
}

// speak gives the words in the language that the request asks for.
func (j *Journey) speak(r *web.Request) *locales.Words { return j.Words.In(r.Language("").Tag, nil) }

// found is a list of results.
func found(resources ...any) Bundle {
	n := len(resources)
	out := Bundle{ResourceType: "Bundle", Type: "searchset", Total: &n}
	for _, r := range resources {
		out.Entry = append(out.Entry, Entry{Resource: r, Search: &EntrySearch{"match"}})
	}
	return out
}
