package packet

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"waypost/screening"
)

// Class is how a line of a case stands to a copy for the person it is about.
type Class string

// The classes.
const (
	ToGive   Class = "given"  // in every copy
	MayHarm  Class = "harm"   // let through by a second person only
	OfOthers Class = "others" // likewise: it is about somebody else
	NoCopy   Class = "never"  // how the person is reached safely
)

// Care is what two people say of a copy, or of destroying a case: why it is asked, what the second looks at, why not.
type Care struct {
	Reasons  []string `yaml:"reasons"`
	Checks   []string `yaml:"checks"`
	Refusals []string `yaml:"refusals"`
}

type copyFile struct {
	Sources  map[string]screening.Source `yaml:"sources"`
	Given    []string                    `yaml:"given"`
	Harm     []string                    `yaml:"harm"`
	Others   []string                    `yaml:"others"`
	Never    []string                    `yaml:"never"`
	Export   Care                        `yaml:"export"`
	Erase    Care                        `yaml:"erase"`
	Evidence Evidence                    `yaml:"evidence"`
}

// CaseParts are the parts of a case that are no fields: what was found, who was told, what was done, and words of staff.
func CaseParts() []string { return []string{"case.found", "case.told", "case.steps", "case.notes"} }

// ClassOf says how a field, or a part of a case, stands to a copy. What is not known is in none.
func (b *Book) ClassOf(id string) Class {
	if c, ok := b.classes[id]; ok {
		return c
	}
	return NoCopy
}

// copies reads the file, and holds that every field has one class, and that how the person is reached has none but never.
func (b *Book) copies(fsys fs.FS) (faults []error) {
	var file copyFile
	if err := screening.Decode(fsys, "copy.yaml", &file); err != nil {
		return []error{err}
	}
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf("copy: "+format, args...)) }
	if err := file.Evidence.Check(file.Sources); err != nil {
		bad("%v", err)
	}
	b.evidence, b.Export, b.Erase, b.classes = append(b.evidence, file.Evidence), file.Export, file.Erase, map[string]Class{}
	for class, ids := range map[Class][]string{ToGive: file.Given, MayHarm: file.Harm, OfOthers: file.Others, NoCopy: file.Never} {
		for _, id := range ids {
			_, field := b.fields[id]
			if _, twice := b.classes[id]; twice || !field && !slices.Contains(CaseParts(), id) {
				bad("%s stands twice, or is no field", id)
			}
			b.classes[id] = class
		}
	}
	for _, f := range b.Fields {
		class, known := b.classes[f.ID]
		if !known {
			bad("%s has no class", f.ID)
		}
		if class == ToGive && f.Kind == "text" {
			bad("%s was typed at length, and nobody knows what it says: it is in no copy unlooked at", f.ID)
		}
		if t := topic(f.ID); (t == "contact" || t == "safe" || t == "unsafe") && class != NoCopy {
			bad("%s says how the person is reached, and is in no copy", f.ID)
		}
	}
	for _, id := range CaseParts() {
		if _, known := b.classes[id]; !known {
			bad("%s has no class", id)
		}
	}
	for what, care := range map[string]Care{"export": file.Export, "erase": file.Erase} {
		for _, list := range [][]string{care.Reasons, care.Checks, care.Refusals} {
			if len(list) == 0 || slices.ContainsFunc(list, func(id string) bool { return screening.CheckID(id) != nil || strings.Contains(id, ".") }) {
				bad("%s lacks reasons, checks or refusals, or one is no id", what)
			}
		}
	}
	return faults
}
