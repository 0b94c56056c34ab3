package main

import (
	"context"
	"fmt"

	"waypost/referrals/directory"
	"waypost/screening"
)

// check is the command that fails the build when the content is not sound or not fresh.
func check(_ context.Context, w world) error {
	c, err := readConfig(w.env)
	if err != nil {
		return err
	}
	p, err := load(screening.Content(), c.languages...)
	if err != nil {
		return err
	}
	if err := p.check(w.now()); err != nil {
		return fmt.Errorf("content: %w", err)
	}
	for _, due := range directory.Overdue(p.services.Services(), w.now()) { // hidden by themselves; somebody should ring them
		if _, err := fmt.Fprintf(w.out, "service %s\n", due); err != nil {
			return err
		}
	}
	awaiting := p.bank.Awaiting() + p.steps.Awaiting() + p.told.Awaiting()
	_, err = fmt.Fprintf(w.out, "content %s\n%d questions, %d facts, %d findings, %d pathways, %d steps, %d sources, %d services\n%d items await clinical review\n",
		p.bank.Version[:12], len(p.bank.Questions), len(p.bank.Facts()), len(p.bank.Findings), len(p.bank.Pathways), len(p.steps.Actions), len(p.bank.Sources), len(p.services.Services()), awaiting)
	return err
}
