package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"waypost/internal/trail"
	"waypost/internal/vault"
	"waypost/referrals/directory"
	"waypost/referrals/directory/postcode"
	"waypost/referrals/nudge"
	"waypost/screening"
	"waypost/web"
	"waypost/web/agent"
	"waypost/web/cdshooks"
	"waypost/web/consult"
	"waypost/web/desk"
	"waypost/web/fhir"
	"waypost/web/openapi"
	"waypost/web/openreferral"
	"waypost/web/public"
	"waypost/web/refer"
	"waypost/web/smart"
	"waypost/web/staff"
)

// serve answers on one address until it is told to stop, then lets what is under way finish. Where what rests cannot be
// opened, it says why and serves all that needs nothing kept: nobody who asks for help is turned away for a lost key.
func serve(ctx context.Context, w world) error {
	c, err := readConfig(w.env)
	places, err2 := readPlaces(w.env)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	p, err := load(screening.Content(), c.languages...)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	c.addr = listener.Addr().String()
	log := slog.New(web.NewLogHandler(slog.NewTextHandler(w.errout, nil)))
	r, err := openResting(ctx, w, c, places)
	if err != nil {
		fmt.Fprintf(w.errout, "waypost serve: what rests cannot be opened, so nobody can sign in: %v\n", err)
	}
	for _, code := range r.unknown(c.areas) {
		fmt.Fprintf(w.errout, "waypost serve: WAYPOST_AREAS names %s, which the list of postcodes does not have\n", code)
	}
	if err := r.mailbox(c, p, w.now); err != nil {
		return errors.Join(err, r.close())
	}
	return p.answer(ctx, w, c, r, listener, log)
}

// answer serves what is open until it is told to stop, and closes it. What only a demonstration mounts marks every page.
func (p *product) answer(ctx context.Context, w world, c config, r *resting, listener net.Listener, log *slog.Logger, demonstration ...web.Journey) error {
	server, err := p.server(c, r, w.now, log, demonstration...)
	if err != nil {
		return errors.Join(err, r.close())
	}
	keep, err := r.keep(ctx, c, w, log)
	if err != nil {
		return errors.Join(err, r.close())
	}
	if _, err := fmt.Fprintf(w.out, "Waypost is at http://%s/consult\n", c.addr); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- server.Listen(listener) }()
	select {
	case err := <-done:
		return errors.Join(err, keep(), r.close())
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(grace), <-done, keep(), r.close())
}

// server puts the journeys on the platform.
func (p *product) server(c config, r *resting, now func() time.Time, log *slog.Logger, demonstration ...web.Journey) (*web.Server, error) {
	forms, err := vault.NewForms(rand.Reader, now)
	if r != nil {
		forms, err = r.keyring.Forms()
	}
	if err != nil {
		return nil, err
	}
	consultation := &consult.Journey{
		Bank: p.bank, Steps: p.steps, Words: p.words, Finder: consult.Finder{Directory: p.services, Mode: c.directory},
		Near: p.near(c, r), Forms: forms, Nation: c.nation, Now: now,
	}
	everyone := &public.Journey{Guide: p.guide, Law: &p.script.Law, Words: p.words, Directory: p.services, Mode: c.directory, Forms: forms, Now: now}
	agents := &agent.Journey{
		Partners: p.partners, Script: p.script, Words: p.words, Directory: p.services, Mode: c.directory, Forms: forms,
		Nation: c.nation, PublicURL: c.signInURL(), Now: now,
	}
	forSystems := &fhir.Journey{Bank: p.bank, Steps: p.steps, Words: p.words, Directory: p.directory(r), Mode: c.directory, PublicURL: c.signInURL(), Now: now}
	journeys := []web.Journey{consultation, everyone, agents, forSystems,
		&openreferral.API{Directory: p.directory(r), Mode: c.directory, PublicURL: c.signInURL(), Now: now},
		openapi.Journey{}, &cdshooks.Journey{Clients: c.hooks, Words: p.words, PublicURL: c.signInURL(), Now: now}}
	if r == nil {
		journeys = append(journeys, web.JourneyFunc(away))
	} else {
		gate := &staff.Journey{Register: r.register, Forms: forms, Trail: r.safe, Words: p.words, PublicURL: c.signInURL(), Now: now, Ways: desk.Ways(), Partners: p.partners}
		leads := &desk.Journey{
			Desk: r.desk, Staff: gate, Register: r.register, Trail: r.safe, Services: r.shelf, Private: r.drawer, Mode: c.directory, Places: r.index, Words: p.words,
			PublicURL: c.signInURL(), Now: now,
		}
		machines := &smart.Journey{Register: r.register, PublicURL: c.signInURL()}
		forSystems.Loop = &fhir.Loop{Desk: r.desk, Nation: c.nation, Machine: machines.For}
		journeys = append(journeys, gate, leads, machines, &refer.Journey{
			Consultation: consultation, Bank: p.bank, Steps: p.steps, Words: p.words, Directory: r.shelf.Directory, Mode: c.directory,
			Places: r.index, Nation: c.nation, Desk: r.desk, People: r.register, Trail: r.safe, Private: leads, Gate: gate, Forms: forms, Now: now, Random: rand.Reader,
		})
	}
	return web.New(web.Config{
		PublicURL: c.publicURL, ExitURL: c.exitURL, Words: p.words, Clock: now, Rand: rand.Reader, Log: log, Ready: r.ready, HSTSSubdomains: c.wholeHost, Demo: len(demonstration) > 0,
	}, append(journeys, demonstration...)...)
}

// directory is the services as they stand at the moment, with the local ones where what rests is open.
func (p *product) directory(r *resting) func() *directory.Directory {
	if r == nil {
		return func() *directory.Directory { return p.services }
	}
	return r.shelf.Directory
}

// near is the areas that this installation serves, by name where a list of postcodes has their names.
func (p *product) near(c config, r *resting) consult.Near {
	n := consult.Near{Areas: c.areas}
	if r == nil {
		return n
	}
	n.Directory = r.shelf.Directory
	if r.index != nil {
		n.Name = r.index.Name
	}
	return n
}

// unknown are the codes of areas in which no postcode lies: mistyped, or of an area that was merged into another.
func (r *resting) unknown(areas directory.Coverage) (codes []string) {
	if r == nil || r.index == nil {
		return nil
	}
	for _, code := range slices.Concat(areas.Authorities, areas.Boards, areas.Police) {
		if !slices.ContainsFunc(r.index.Places, func(p postcode.Place) bool { return code == p.Authority || code == p.Board || code == p.Police }) {
			codes = append(codes, code)
		}
	}
	return codes
}

// mailbox sets up the one message that something waits.
func (r *resting) mailbox(c config, p *product, now func() time.Time) (err error) {
	if r == nil || c.mail == nil {
		return nil
	}
	words := p.words.In(c.languages[0], nil)
	r.nudge, err = nudge.New(*c.mail, nudge.Words{Subject: words.Text("nudge.subject"), Body: words.Text("nudge.body", "Address", c.signInURL()+desk.Path) + "\n"}, now)
	return err
}

// away stands in the place of the pages of staff where what rests cannot be opened.
func away(*web.Kit) (routes []web.Route, err error) {
	for _, path := range []string{staff.SignInPath, staff.AccountPath, staff.PeoplePath, desk.Path, desk.PickUpPath} {
		routes = append(routes, web.Route{Method: http.MethodGet, Path: path, Policy: web.Open(), Handler: func(*web.Request) (web.Page, error) {
			return web.Page{}, web.ErrUnavailable
		}})
	}
	routes = append(routes, web.Route{Method: http.MethodPost, Path: refer.Path, Policy: web.Open(), Handler: func(*web.Request) (web.Page, error) {
		return web.Page{}, web.ErrUnavailable
	}})
	return append(routes, smart.Away()), nil
}

// keep does what is due beside serving: upkeep, and the commands that other processes ask for. The function it gives ends
// both.
func (r *resting) keep(ctx context.Context, c config, w world, log *slog.Logger) (end func() error, err error) {
	if r == nil {
		return func() error { return nil }, nil
	}
	if r.note != "" {
		fmt.Fprintln(w.errout, r.note)
	}
	ctl, err := openControl(ctx, r.places.data)
	if err != nil { // as where the path is longer than a socket's may be; nobody is turned away for that
		fmt.Fprintf(w.errout, "waypost serve: commands cannot be taken while it serves: %v\n", err)
		ctl = nil
	}
	sinks := []trail.Sink{trail.To(w.out)}
	if c.trailFile != "" {
		sinks = append(sinks, trail.ToFile(c.trailFile))
	}
	during, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var both sync.WaitGroup
	both.Go(func() { r.tend(during, log, sinks...) })
	if ctl != nil {
		both.Go(func() { ctl.serve(during, r, w) })
	}
	return func() error {
		err := r.publish(during, sinks...)
		cancel()
		if ctl != nil {
			err = errors.Join(err, ctl.close())
		}
		both.Wait()
		return err
	}, nil
}
