package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"waypost/internal/records"
)

// answeringForm says which organisation picks up here what is for one service of the directory.
type answeringForm struct {
	Service      string `json:"service"`
	Organisation string `json:"organisation"`
}

// answeringID is the one record of a service, so that two organisations cannot answer for it.
func answeringID(service string) string {
	sum := sha256.Sum256([]byte("waypost answering " + service))
	return hex.EncodeToString(sum[:16])
}

func (r *Register) answeringBlind(field, id string) [][]byte { return r.keys.Blind(house, field, id) }

// Answering is the organisation that picks up here what is for a service of the directory; empty where none does. What is
// laid out for a service goes to nobody but the organisation that this says.
func (r *Register) Answering(ctx context.Context, service string) (string, error) {
	act := records.Act{Tenant: house, Actor: "system", Action: "answering.read"}
	found, err := find[answeringForm](ctx, r.rest, act, kindAnswering, r.answeringBlind("answers-for", service))
	if err != nil {
		return "", err
	}
	for _, f := range found {
		if f.content.Service == service {
			return f.content.Organisation, nil
		}
	}
	return "", nil
}

// AnswerFromConsole makes an organisation answer for a service, instead of whoever did before. It is for the command line: a
// service that could claim another's packets by itself would get them. ErrInvalid: it is no receiving service.
func (r *Register) AnswerFromConsole(ctx context.Context, organisation, service string) error {
	a := operator(house, "answering.set")
	o, err := r.organisation(ctx, in(a, organisation), organisation)
	if err != nil {
		return err
	}
	if o.Kind != ReceivingService || service == "" {
		return fmt.Errorf("answer for a service: %w", ErrInvalid)
	}
	found, err := find[answeringForm](ctx, r.rest, a, kindAnswering, r.answeringBlind("answers-for", service))
	if err != nil {
		return err
	}
	is := rested[answeringForm]{kind: kindAnswering, id: answeringID(service)}
	if len(found) > 0 {
		is = found[0]
	}
	is.content = answeringForm{Service: service, Organisation: organisation}
	is.blind = append(r.answeringBlind("answers-for", service), r.answeringBlind("answers-of", organisation)...)
	change, err := put(is)
	if err != nil {
		return err
	}
	return r.rest.write(ctx, a, change)
}

// AnswersFromConsole lists the services for which an organisation answers.
func (r *Register) AnswersFromConsole(ctx context.Context, organisation string) ([]string, error) {
	found, err := r.answersOf(ctx, operator(house, "answering.list"), organisation)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, f := range found {
		all = append(all, f.content.Service)
	}
	return all, nil
}

func (r *Register) answersOf(ctx context.Context, a records.Act, organisation string) ([]rested[answeringForm], error) {
	found, err := find[answeringForm](ctx, r.rest, a, kindAnswering, r.answeringBlind("answers-of", organisation))
	all := found[:0]
	for _, f := range found {
		if f.content.Organisation == organisation {
			all = append(all, f)
		}
	}
	return all, err
}

// AnswerNoMoreFromConsole takes a service from its organisation: what is laid out for it then opens by link and code alone.
// ErrNotFound: the organisation does not answer for it.
func (r *Register) AnswerNoMoreFromConsole(ctx context.Context, organisation, service string) error {
	a := operator(house, "answering.end")
	found, err := r.answersOf(ctx, a, organisation)
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.content.Service == service {
			return r.rest.write(ctx, a, gone(f))
		}
	}
	return fmt.Errorf("answer no more: %w", ErrNotFound)
}
