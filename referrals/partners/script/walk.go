package script

// Walk is how a call has gone: the place of each button that was pressed, from the first step on. It holds no other fact.
type Walk struct {
	pressed [deepest]byte
	n       int
}

// deepest bounds a call, so that what is carried has one size however it went.
const deepest = 12

// At is the step where the call is.
func (s *Script) At(w Walk) int {
	at := 0
	for _, c := range w.pressed[:w.n] {
		at = s.Steps[at].Choices[c].To
	}
	return at
}

// Press goes on by a button. It stays where the step has no such button.
func (s *Script) Press(w Walk, choice int) (Walk, bool) {
	if choice < 0 || choice >= len(s.Steps[s.At(w)].Choices) || w.n == deepest {
		return w, false
	}
	w.pressed[w.n] = byte(choice)
	w.n++
	return w, true
}

// StepBack takes the last button back.
func (w Walk) StepBack() Walk {
	if w.n > 0 {
		w.n--
		w.pressed[w.n] = 0
	}
	return w
}

// Begun reports whether anything was pressed.
func (w Walk) Begun() bool { return w.n > 0 }

// Pressed reports whether a button of a step was pressed on the way.
func (s *Script) Pressed(w Walk, step, choice string) bool {
	at := 0
	for _, c := range w.pressed[:w.n] {
		x := &s.Steps[at]
		if x.ID == step && x.Choices[c].ID == choice {
			return true
		}
		at = x.Choices[c].To
	}
	return false
}

// Entry is the entry of the public journey for what the call was about; empty where there is none.
func (s *Script) Entry(w Walk) string {
	at, entry := 0, ""
	for _, c := range w.pressed[:w.n] {
		at = s.Steps[at].Choices[c].To
		if e := s.Steps[at].Entry; e != "" {
			entry = e
		}
	}
	return entry
}

// Pack writes a walk, in the same size whatever was pressed.
func (w Walk) Pack() []byte { return append([]byte{byte(w.n)}, w.pressed[:]...) }

// Unpack reads what Pack wrote and nothing else: a button that the way does not have is refused.
func (s *Script) Unpack(b []byte) (Walk, bool) {
	if len(b) != 1+deepest || int(b[0]) > deepest {
		return Walk{}, false
	}
	var w Walk
	for i, c := range b[1:] {
		if i >= int(b[0]) {
			if c != 0 {
				return Walk{}, false
			}
			continue
		}
		var ok bool
		if w, ok = s.Press(w, int(c)); !ok {
			return Walk{}, false
		}
	}
	return w, true
}
