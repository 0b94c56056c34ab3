package openreferral

import (
	"strings"
	"time"

	"waypost/referrals/directory"
)

// The shapes of HSDS-UK-3.0, as far as the directory has something to say. What is empty is left out.
type service struct {
	ID               string            `json:"id"`
	OrganizationID   string            `json:"organization_id"`
	Name             string            `json:"name"`
	Description      string            `json:"description,omitempty"`
	URL              string            `json:"url,omitempty"`
	Email            string            `json:"email,omitempty"`
	Status           string            `json:"status"`
	Fees             string            `json:"fees,omitempty"`
	MinimumAge       int               `json:"minimum_age,omitempty"`
	MaximumAge       int               `json:"maximum_age,omitempty"`
	AssuredDate      string            `json:"assured_date,omitempty"`
	Alert            string            `json:"alert,omitempty"`
	LastModified     string            `json:"last_modified"`
	Organization     *organization     `json:"organization"`
	Schedules        []schedule        `json:"schedules,omitempty"`
	ServiceAreas     []serviceArea     `json:"service_areas,omitempty"`
	ServiceLocations []serviceLocation `json:"service_at_locations,omitempty"`
	Languages        []language        `json:"languages,omitempty"`
	Phones           []phone           `json:"phones,omitempty"`
	Attributes       []attribute       `json:"attributes,omitempty"`
}

type organization struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

type serviceLocation struct {
	ID         string   `json:"id"`
	ServiceID  string   `json:"service_id"`
	LocationID string   `json:"location_id"`
	Location   location `json:"location"`
	Service    *service `json:"service,omitempty"`
}

type location struct {
	ID           string `json:"id"`
	LocationType string `json:"location_type"`
	Name         string `json:"name"`
}

type language struct {
	ID        string `json:"id"`
	ServiceID string `json:"service_id"`
	Code      string `json:"code"`
}

// phone is of HSDS 3.0. The profile of the United Kingdom has the shape and nowhere to put it; a helpline without its number
// would be no help.
type phone struct {
	ID          string `json:"id"`
	Number      string `json:"number"`
	Type        string `json:"type"`
	Description string `json:"description,omitempty"`
}

type attribute struct {
	ID             string       `json:"id"`
	LinkID         string       `json:"link_id"`
	TaxonomyTermID string       `json:"taxonomy_term_id"`
	LinkType       string       `json:"link_type"`
	TaxonomyTerm   taxonomyTerm `json:"taxonomy_term"`
}

const (
	whoRunsIt     = "Whoever runs the service of this name. The directory lists services and keeps nothing else of those who run them."
	withoutAPlace = "By telephone or online"
)

// brief is a service as it stands in a list.
func (i *item) brief() *service {
	out := &service{
		ID: i.id, OrganizationID: idOf("organization", i.ID), Name: i.Name, Description: i.For, Status: "active", Fees: i.Cost,
		MinimumAge: i.Who.MinAge, MaximumAge: i.Who.MaxAge, Alert: i.alert(), LastModified: i.lastLooked().Format("2006-01-02T15:04:05.000Z07:00"),
		URL: i.first(directory.Website), Email: i.first(directory.Email),
	}
	out.Organization = &organization{ID: out.OrganizationID, Name: i.Name, Description: whoRunsIt}
	if !i.checked.IsZero() {
		out.AssuredDate = i.checked.Format(time.DateOnly)
	}
	return out
}

// full is a service with all that belongs to it.
func (i *item) full(terms *taxonomies) *service {
	out := i.contents(terms)
	out.ServiceLocations = []serviceLocation{i.at()}
	return out
}

func (i *item) contents(terms *taxonomies) *service {
	out := i.brief()
	out.Schedules, out.ServiceAreas, out.Phones, out.Attributes = i.schedules(), i.areas(), i.phones(), i.attributes(terms)
	for _, code := range i.Speaks {
		out.Languages = append(out.Languages, language{ID: i.part("language", code), ServiceID: i.id, Code: code})
	}
	return out
}

// at is where the service is: nowhere that this directory would tell.
func (i *item) at() serviceLocation {
	where := location{ID: i.part("location", ""), LocationType: "virtual", Name: withoutAPlace}
	return serviceLocation{ID: i.placeID, ServiceID: i.id, LocationID: where.ID, Location: where}
}

func (i *item) briefPlace() *serviceLocation {
	out := i.at()
	out.Service = i.brief()
	return &out
}

func (i *item) fullPlace(terms *taxonomies) *serviceLocation {
	out := i.at()
	out.Service = i.contents(terms)
	return &out
}

// part is the identifier of something that belongs to this service.
func (i *item) part(kind, name string) string { return idOf(kind, i.ID+"/"+name) }

// first is the first way in of a kind.
func (i *item) first(by directory.By) string {
	for _, w := range i.Ways {
		if w.By == by {
			return w.At
		}
	}
	return ""
}

// alert holds what whoever is shown the service must be told with it.
func (i *item) alert() string {
	lines := i.Warnings
	if i.AvoidMonitoredPhone {
		lines = append([]string{directory.Watched}, lines...)
	}
	return strings.Join(lines, "; ")
}

// lastLooked is the day on which somebody last read the page or rang the number, at its beginning.
func (i *item) lastLooked() time.Time {
	last := i.ReadOn
	if i.VerifiedOn.After(last) && !i.checked.IsZero() {
		last = i.VerifiedOn
	}
	y, m, d := last.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func (i *item) phones() []phone {
	kinds := map[directory.By]string{directory.Phone: "voice", directory.Textphone: "textphone", directory.Text: "text"}
	var out []phone
	for _, w := range i.Ways {
		if kind, ok := kinds[w.By]; ok {
			out = append(out, phone{ID: i.part("phone", string(w.By)+"/"+w.At+"/"+w.Note), Number: w.At, Type: kind, Description: w.Note})
		}
	}
	return out
}
