package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"waypost/internal/records"
	"waypost/internal/store"
)

// eraseTwice are the two questions before all that an organisation holds is destroyed.
func eraseTwice(args []string) []string {
	if len(args) != 2 || args[0] != "organisation" {
		return nil
	}
	return []string{
		"All cases, members and packets of this organisation will be destroyed at once and come back from no running system. Its id again, to be sure:",
		"Type: erase",
	}
}

// erase destroys an organisation: its people can no longer sign in, what it laid out for services and nobody opened is
// gone, then every record and key of it. Its log stays. It may be stopped and asked again.
func erase(ctx context.Context, r *resting, w world) error {
	if len(w.args) != 2 || w.args[0] != "organisation" {
		return fmt.Errorf("arguments %w: erase organisation ID", errUsage)
	}
	id, in := w.args[1], bufio.NewScanner(w.in)
	if again, sure := line(in), line(in); again != id || sure != "erase" {
		return fmt.Errorf("input %w: nothing was erased", errUsage)
	}
	none := fmt.Errorf("organisation %w: there is none of that id", errUsage)
	if store.CheckTenant(id) != nil || strings.HasPrefix(id, records.House) { // what is the house's own is no organisation
		return none
	}
	switch head, err := r.engine.TrailHead(ctx, id); {
	case err != nil: // nobody is told of what is there that it is gone
		return err
	case head.Size == 0:
		return none
	}
	if err := r.desk.Dissolve(ctx, id); err != nil {
		return err
	}
	gone, err := r.register.Dissolve(ctx, id)
	if err != nil {
		return err
	}
	n, err := r.safe.EraseOrganisation(ctx, records.Act{Tenant: id, Actor: "operator", Action: "organisation.erase"})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "Erased: %d places, %d accounts that opened no other, %d records with their keys. The log stays and says so. From backups of the database it goes month by month (docs/retention.md).\n",
		gone.Members, gone.Accounts, n)
	return err
}
