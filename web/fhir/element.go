package fhir

import "strconv"

// The elements of FHIR R4 that our resources use, written by hand. What may be absent is a pointer or omitted when empty:
// FHIR knows no null and no empty string.

// Coding is one code of one code system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
	Words   *Words `json:"_display,omitempty"`
}

// CodeableConcept is a thing said in codes, in words, or both.
type CodeableConcept struct {
	Coding []Coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

// Reference points to another resource, or names it.
type Reference struct {
	Reference  string      `json:"reference,omitempty"`
	Type       string      `json:"type,omitempty"`
	Identifier *Identifier `json:"identifier,omitempty"`
	Display    string      `json:"display,omitempty"`
}

// Identifier names something within a system of names.
type Identifier struct {
	System string `json:"system"`
	Value  string `json:"value"`
}

// Extension carries one value, or further extensions.
type Extension struct {
	URL                  string           `json:"url"`
	Extension            []Extension      `json:"extension,omitempty"`
	ValueBoolean         *bool            `json:"valueBoolean,omitempty"`
	ValueCode            string           `json:"valueCode,omitempty"`
	ValueString          string           `json:"valueString,omitempty"`
	ValuePositiveInt     int              `json:"valuePositiveInt,omitempty"`
	ValueCodeableConcept *CodeableConcept `json:"valueCodeableConcept,omitempty"`
}

// Words are the translations of the element they stand beside, one extension a language.
type Words struct {
	Extension []Extension `json:"extension"`
}

// Meta holds the labels of a resource that bears on a person, and the version of one that changes.
type Meta struct {
	VersionID   string   `json:"versionId,omitempty"`
	LastUpdated string   `json:"lastUpdated,omitempty"`
	Security    []Coding `json:"security,omitempty"`
	Tag         []Coding `json:"tag,omitempty"`
}

// The code systems of the labels. The same letters mean other things elsewhere: R is "process completed" in the first and
// SDV is retired in the second (interop.md, T1 to T4).
const (
	actCode         = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
	confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
)

// labelled is what stands on everything that bears on a person: restricted, and about abuse.
func labelled() *Meta {
	return &Meta{Security: []Coding{
		{System: confidentiality, Code: "R", Display: "restricted"},
		{System: actCode, Code: "SDV", Display: "sexual assault, abuse, or domestic violence information sensitivity"},
	}}
}

// veryRestricted is the label of what may say where somebody hides.
func (m *Meta) veryRestricted() {
	m.Security[0] = Coding{System: confidentiality, Code: "V", Display: "very restricted"}
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// home is where the names of our own codes and resources live. It is a name and no address: nobody can own a host under
// .invalid, so a program that follows it reaches nobody (docs/decisions/0017-fhir.md).
const home = "https://waypost.invalid/fhir"

func ours(kind, id string) string { return home + "/" + kind + "/" + id }

func system(id string) string { return ours("CodeSystem", id) }

// codeSystemOf is the code system of the answers of one question: "yes" to one question is not "yes" to another.
func codeSystemOf(question string) string { return system("answer." + question) }

func mark(id, code string) Extension {
	return Extension{URL: ours("StructureDefinition", id), ValueCode: code}
}

func standard(id string) string { return "http://hl7.org/fhir/StructureDefinition/" + id }

func yes() *bool { v := true; return &v }
