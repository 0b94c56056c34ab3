package main

import (
	"context"
	"fmt"
)

// pickup says which receiving service picks up here what is laid out for a service of the directory. It is done at the
// console, because an organisation that could claim a service by itself would get another's packets.
func pickup(ctx context.Context, r *resting, w world) error {
	do := ""
	if len(w.args) > 0 {
		do = w.args[0]
	}
	switch {
	case do == "list" && len(w.args) == 2:
		all, err := r.register.AnswersFromConsole(ctx, w.args[1])
		if err != nil {
			return err
		}
		for _, service := range all {
			fmt.Fprintf(w.out, "%s\n", service)
		}
		return nil
	case do == "give" && len(w.args) == 3:
		if _, known := r.shelf.Directory().Find(w.args[2]); !known {
			return fmt.Errorf("service %w: not in the directory", errUsage)
		}
		if err := r.register.AnswerFromConsole(ctx, w.args[1], w.args[2]); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w.out, "From the next link on, somebody of this organisation signs in to pick up what is for this service.")
		return err
	case do == "take" && len(w.args) == 3:
		if err := r.register.AnswerNoMoreFromConsole(ctx, w.args[1], w.args[2]); err != nil {
			return err
		}
		_, err := fmt.Fprintln(w.out, "From the next link on, whoever has it and is told the code picks up what is for this service.")
		return err
	}
	return fmt.Errorf("arguments %w: pickup list ORGANISATION | pickup give ORGANISATION SERVICE | pickup take ORGANISATION SERVICE", errUsage)
}
