package ledger

import (
	"slices"

	"waypost/referrals/directory"
)

// field is one thing that is said of a service. Those that say whom it is for and how it is reached are contacts: they
// change only by two people.
type field struct {
	name    string
	contact bool
	same    func(a, b *directory.Service) bool
	take    func(to, from *directory.Service)
}

// of makes a field of plain values.
func of[T comparable](name string, contact bool, at func(*directory.Service) *T) field {
	return field{name, contact,
		func(a, b *directory.Service) bool { return *at(a) == *at(b) },
		func(to, from *directory.Service) { *at(to) = *at(from) }}
}

// list makes a field of a list.
func list[T comparable](name string, contact bool, at func(*directory.Service) *[]T) field {
	return field{name, contact,
		func(a, b *directory.Service) bool { return slices.Equal(*at(a), *at(b)) },
		func(to, from *directory.Service) { *at(to) = *at(from) }}
}

// fields is everything that is said of a service, but for its id, the days, who checked it and how sure we are.
func fields() []field {
	type s = directory.Service
	return []field{
		of("name", true, func(x *s) *string { return &x.Name }),
		list("needs", false, func(x *s) *[]string { return &x.Needs }),
		of("nations", true, func(x *s) *directory.Nations { return &x.Nations }),
		of("archetype", true, func(x *s) *directory.Archetype { return &x.Is }),
		of("area", true, func(x *s) *string { return &x.Area }),
		list("authorities", true, func(x *s) *[]string { return &x.Covers.Authorities }),
		list("boards", true, func(x *s) *[]string { return &x.Covers.Boards }),
		list("police", true, func(x *s) *[]string { return &x.Covers.Police }),
		list("practices", true, func(x *s) *[]string { return &x.Covers.Practices }),
		of("shown-to", true, func(x *s) *directory.ShownTo { return &x.ShownTo }),
		{"who", true, sameWho, func(to, from *s) { to.Who = from.Who }},
		of("for", false, func(x *s) *string { return &x.For }),
		{"ways", true, sameWays, func(to, from *s) { to.Ways, to.Bill = from.Ways, from.Bill }},
		{"hours", true, sameHours, func(to, from *s) { to.Hours, to.Opening = from.Hours, from.Opening }},
		of("cost", false, func(x *s) *string { return &x.Cost }),
		of("languages", false, func(x *s) *string { return &x.Languages }),
		list("speaks", false, func(x *s) *[]string { return &x.Speaks }),
		list("access", false, func(x *s) *[]directory.Access { return &x.Access }),
		list("referrers", true, func(x *s) *[]directory.Referrer { return &x.Referrers }),
		of("consent", true, func(x *s) *directory.ConsentRule { return &x.Consent }),
		of("next-steps", false, func(x *s) *string { return &x.NextSteps }),
		list("warnings", false, func(x *s) *[]string { return &x.Warnings }),
		list("notes", false, func(x *s) *[]string { return &x.Notes }),
		of("prof", true, func(x *s) *directory.Prof { return &x.Prof }),
		of("emergency-number", true, func(x *s) *bool { return &x.EmergencyNumber }),
		of("monitored-phone", true, func(x *s) *bool { return &x.AvoidMonitoredPhone }),
		list("sources", false, func(x *s) *[]directory.Source { return &x.Sources }),
		of("source-date", false, func(x *s) *string { return &x.SourceDate }),
	}
}

func sameWho(a, b *directory.Service) bool {
	x, y := a.Who, b.Who
	return x.MinAge == y.MinAge && x.MaxAge == y.MaxAge && x.Adults == y.Adults && x.Only == y.Only && slices.Equal(x.Groups, y.Groups)
}

// sameWays leaves out how sure we are: ringing a number does not change it.
func sameWays(a, b *directory.Service) bool {
	return a.Bill == b.Bill && slices.EqualFunc(a.Ways, b.Ways, func(x, y directory.Way) bool {
		return x.By == y.By && x.At == y.At && x.Note == y.Note && x.Staff == y.Staff
	})
}

func sameHours(a, b *directory.Service) bool {
	return a.Hours.Text == b.Hours.Text && a.Hours.Always == b.Hours.Always && slices.Equal(a.Opening.Spans, b.Opening.Spans)
}

// differing names the fields in which two services are not the same.
func differing(a, b directory.Service) []string {
	var names []string
	for _, f := range fields() {
		if !f.same(&a, &b) {
			names = append(names, f.name)
		}
	}
	return names
}

// taking is a with the named fields of b.
func taking(a, b directory.Service, names []string) directory.Service {
	for _, f := range fields() {
		if slices.Contains(names, f.name) {
			f.take(&a, &b)
		}
	}
	return a
}

// touchesContact reports whether any of the fields changes only by two people.
func touchesContact(names []string) bool {
	return slices.ContainsFunc(fields(), func(f field) bool { return f.contact && slices.Contains(names, f.name) })
}

// Contacts are the fields that change only by two people.
func Contacts() []string {
	var names []string
	for _, f := range fields() {
		if f.contact {
			names = append(names, f.name)
		}
	}
	return names
}
