package openreferral

import (
	"encoding/json"
	"fmt"
	"net/http"

	"waypost/web"
)

// page is the envelope of every list.
type page struct {
	TotalItems int   `json:"total_items"`
	TotalPages int   `json:"total_pages"`
	PageNumber int   `json:"page_number"`
	Size       int   `json:"size"`
	FirstPage  bool  `json:"first_page"`
	LastPage   bool  `json:"last_page"`
	Empty      bool  `json:"empty"`
	Contents   []any `json:"contents"`
}

// pageOf is the page that was asked for. A page past the last one is empty.
func pageOf[T any](all []T, q query, show func(T) any) page {
	pages := (len(all) + q.perPage - 1) / q.perPage
	from := min((q.page-1)*q.perPage, len(all))
	part := all[from:min(from+q.perPage, len(all))]
	p := page{
		TotalItems: len(all), TotalPages: pages, PageNumber: q.page, Size: len(part),
		FirstPage: q.page == 1, LastPage: q.page >= pages, Empty: len(part) == 0, Contents: make([]any, 0, len(part)),
	}
	for _, one := range part {
		p.Contents = append(p.Contents, show(one))
	}
	return p
}

type about struct {
	Version    string `json:"version"`
	Profile    string `json:"profile"`
	OpenAPIURL string `json:"openapi_url"`
}

func aboutJSON(publicURL string) ([]byte, error) {
	return json.Marshal(about{
		Version: "HSDS-UK-3.0", Profile: "https://github.com/OpenReferralUK/uk-profile/blob/main/docs/index.md", OpenAPIURL: publicURL + DescriptionPath,
	})
}

func answer(it any) (web.Page, error) {
	body, err := json.Marshal(it)
	if err != nil {
		return web.Page{}, fmt.Errorf("write open referral: %w", err)
	}
	return found(body), nil
}

func found(body []byte) web.Page {
	p := web.Data(http.StatusOK, "application/json", body)
	p.Keep = keep
	return p
}
