package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"waypost/internal/vault"
	"waypost/screening"
	"waypost/web"
	"waypost/web/consult"
	"waypost/web/public"
)

// serve answers on one address until it is told to stop, then lets what is under way finish.
func serve(ctx context.Context, w world) error {
	c, err := readConfig(w.env)
	if err != nil {
		return err
	}
	p, err := load(screening.Content(), c.languages...)
	if err != nil {
		return err
	}
	log := slog.New(web.NewLogHandler(slog.NewTextHandler(w.errout, nil)))
	server, err := p.server(c, w.now, log)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if _, err := fmt.Fprintf(w.out, "Waypost is at http://%s/consult\n", listener.Addr()); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- server.Listen(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(grace), <-done)
}

// server puts the journeys on the platform.
func (p *product) server(c config, now func() time.Time, log *slog.Logger) (*web.Server, error) {
	forms, err := vault.NewForms(rand.Reader, now)
	if err != nil {
		return nil, err
	}
	consultation := &consult.Journey{
		Bank: p.bank, Steps: p.steps, Words: p.words, Finder: consult.Finder{Directory: p.services, Mode: c.directory},
		Forms: forms, Nation: c.nation, Now: now,
	}
	everyone := &public.Journey{Guide: p.guide, Words: p.words, Directory: p.services, Mode: c.directory, Forms: forms, Now: now}
	return web.New(web.Config{
		PublicURL: c.publicURL, ExitURL: c.exitURL, Words: p.words, Clock: now, Rand: rand.Reader, Log: log,
	}, consultation, everyone)
}
