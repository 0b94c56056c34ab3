package script

import "testing"

func TestLoads(t *testing.T) {
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	t.Log(len(s.Steps))
}
