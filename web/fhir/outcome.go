package fhir

import (
	"encoding/json"
	"errors"

	"waypost/web/tree"
)

// Issue is one thing wrong with what was sent. At names elements and places, never a value.
type Issue struct {
	fault fault
	at    string
}

// Status is the HTTP status that belongs to the issue.
func (i Issue) Status() int { return faults[i.fault].status }

// Code is its code in FHIR's issue-type.
func (i Issue) Code() string { return faults[i.fault].code }

// At is the element it concerns, as a path with places.
func (i Issue) At() string { return i.at }

// Refused says that what was sent is not used, and why. It holds nothing of what was sent.
type Refused []Issue

func (Refused) Error() string { return "fhir: refused" }

// Status is that of the first thing wrong.
func (r Refused) Status() int {
	if len(r) == 0 {
		return 500
	}
	return r[0].Status()
}

type fault uint8

const (
	notJSON fault = iota
	tooLarge
	tooDeep
	twice
	unknownElement
	wrongType
	severalValues
	emptyElement
	missing
	badValue
	unknownCode
	unknownLink
	misplaced
	answeredTwice
	tooMany
	contradiction
	disabled
	otherVersion
	unusable
	ofPerson
	extended
	notOffered
	fixed
	noStep
	stale
	unnamed
	nothingFound
	notServed
	otherRequest
	unreadable
)

// faults is the one table from what is wrong to status, code and words. The words are constants.
var faults = [...]struct {
	status     int
	code, text string
}{
	notJSON:        {400, "structure", "The body is not JSON in UTF-8."},
	tooLarge:       {413, "too-long", "The body is larger than is read here."},
	tooDeep:        {400, "structure", "The body is nested too deep."},
	twice:          {400, "structure", "A member stands there twice."},
	unknownElement: {400, "structure", "There is an element that this resource does not have or that is not read here."},
	wrongType:      {400, "structure", "The element is of another type."},
	severalValues:  {400, "structure", "One choice of value holds several."},
	emptyElement:   {400, "structure", "An element is null or empty."},
	missing:        {422, "required", "An element is missing."},
	badValue:       {422, "value", "The value has another form."},
	unknownCode:    {422, "code-invalid", "The code is not one that is offered there."},
	unknownLink:    {422, "value", "The linkId is not one of the Questionnaire."},
	misplaced:      {422, "structure", "The element does not belong there in the Questionnaire."},
	answeredTwice:  {422, "invariant", "An item stands there twice."},
	tooMany:        {422, "invariant", "The item takes one answer."},
	contradiction:  {422, "business-rule", "One of the answers excludes all others."},
	disabled:       {422, "business-rule", "The item is answered though it was not enabled."},
	otherVersion:   {409, "conflict", "The Questionnaire is not this one, or another version of it."},
	unusable:       {422, "business-rule", "A response that was entered in error is not used."},
	ofPerson:       {422, "not-supported", "Names, numbers and references to people are not taken here."},
	extended:       {422, "extension", "Extensions are not read here."},
	notOffered:     {422, "not-supported", "This is not offered here."},
	fixed:          {422, "business-rule", "Only status, statusReason and businessStatus may differ from what was read."},
	noStep:         {422, "business-rule", "This does not follow from the status that it has."},
	stale:          {412, "conflict", "It has changed since, or If-Match does not name what was read. Read it again."},
	unnamed:        {400, "required", "X-Request-Id names the request, the same when it is sent again."},
	nothingFound:   {422, "business-rule", "The answers raise nothing, so there is nothing to refer for."},
	notServed:      {422, "business-rule", "This destination does not go with the service, the nation, the age or what was decided about consent."},
	otherRequest:   {409, "conflict", "The request of this name held something else."},
	unreadable:     {400, "invalid", "A parameter is not read here, or its value has another form."},
}

// unread is the fault that belongs to JSON that could not be read to the letter.
func unread(err error) fault {
	for _, u := range []struct {
		err   error
		fault fault
	}{
		{tree.ErrLarge, tooLarge}, {tree.ErrDeep, tooDeep}, {tree.ErrTwice, twice}, {tree.ErrMany, unknownElement}, {tree.ErrEmpty, emptyElement}, {tree.ErrText, badValue},
	} {
		if errors.Is(err, u.err) {
			return u.fault
		}
	}
	return notJSON
}

// OperationOutcome says what came of a request.
type OperationOutcome struct {
	ResourceType string         `json:"resourceType"`
	Meta         *Meta          `json:"meta,omitempty"`
	Issue        []OutcomeIssue `json:"issue"`
}

// OutcomeIssue is one line of it.
type OutcomeIssue struct {
	Severity   string          `json:"severity"`
	Code       string          `json:"code"`
	Details    CodeableConcept `json:"details"`
	Expression []string        `json:"expression,omitempty"`
}

// Outcome puts a refusal into FHIR's form, labelled: that somebody sent such a thing bears on a person.
func Outcome(r Refused) OperationOutcome {
	out := OperationOutcome{ResourceType: "OperationOutcome", Meta: labelled()}
	for _, i := range r {
		line := OutcomeIssue{Severity: "error", Code: i.Code(), Details: CodeableConcept{Text: faults[i.fault].text}}
		if i.at != "" {
			line.Expression = []string{i.at}
		}
		out.Issue = append(out.Issue, line)
	}
	return out
}

// sound is the outcome of a validation that found nothing.
func sound() OperationOutcome {
	return OperationOutcome{ResourceType: "OperationOutcome", Meta: labelled(), Issue: []OutcomeIssue{
		{Severity: "information", Code: "informational", Details: CodeableConcept{Text: "Nothing is wrong with it."}},
	}}
}

// bare is the outcome of a request of which no more is known than its status.
func bare(status int, code, text string) OperationOutcome {
	severity := "error"
	if status >= 500 {
		severity = "fatal"
	}
	return OperationOutcome{ResourceType: "OperationOutcome", Issue: []OutcomeIssue{{Severity: severity, Code: code, Details: CodeableConcept{Text: text}}}}
}

// encode writes a resource. Its types are ours and have no value that JSON cannot hold.
func encode(resource any) ([]byte, error) { return json.Marshal(resource) }
