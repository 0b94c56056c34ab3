package cdshooks

import (
	"encoding/json"
	"net/http"

	"waypost/locales"
	"waypost/web"
)

// Services is the answer to discovery.
type Services struct {
	Services []Service `json:"services"`
}

// Service says which hook is answered. There is no prefetch, because nothing of the record is wanted.
type Service struct {
	Hook        string `json:"hook"`
	Title       string `json:"title"`
	Description string `json:"description"`
	ID          string `json:"id"`
}

// Response is the answer to a call.
type Response struct {
	Cards []Card `json:"cards"`
}

// Card is what a clinician sees.
type Card struct {
	ID        string `json:"uuid"`
	Summary   string `json:"summary"` // under 140 characters
	Indicator string `json:"indicator"`
	Source    Source `json:"source"`
	Links     []Link `json:"links"`
}

// Source says whose card it is.
type Source struct {
	Label string `json:"label"`
}

// Link leads to a page. Type is absolute: nothing of the patient goes with it.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
	Type  string `json:"type"`
}

// cardID is that of the one card there is, the same for everybody: feedback on it names no call and no patient.
const cardID = "7b1f0c7e-9b1a-4a57-8f3e-2c53a1d0b6c4"

// Discovery lists the one service where there is anybody to call it.
func Discovery(offered bool, words *locales.Words) Services {
	out := Services{Services: []Service{}}
	if offered {
		out.Services = append(out.Services, Service{"patient-view", words.Text("hooks.title"), words.Text("hooks.about"), serviceID})
	}
	return out
}

// Cards is the one card where it is shown, and else none.
func Cards(shown bool, address string, words *locales.Words) Response {
	out := Response{Cards: []Card{}}
	if shown {
		out.Cards = append(out.Cards, Card{
			ID: cardID, Summary: words.Text("hooks.summary"), Indicator: "info", Source: Source{words.Text("hooks.source")},
			Links: []Link{{words.Text("hooks.link"), address + "/consult", "absolute"}},
		})
	}
	return out
}

func answer(v any) (web.Page, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return web.Page{}, err
	}
	return web.Data(http.StatusOK, "application/json", body), nil
}
