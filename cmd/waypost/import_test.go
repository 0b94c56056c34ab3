package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/referrals/directory/postcode"
)

const list = "pcds,doterm,ctry,laua,hlthau,pfa,stp\n" +
	"ZZ1 1AA,,E92000001,E06000019,E18000005,E23000016,E54000019\n" +
	"ZZ1 1AB,201501,W92000004,W06000023,W11000024,W15000004,W99999999\n" +
	"nowhere,,E92000001,E06000019,E18000005,E23000016,E54000019\n"

// command runs one as a person would, with directories of its own.
func inDirectories(t *testing.T, args ...string) (dir, out, errout string, code int) {
	t.Helper()
	dir = t.TempDir()
	var o, e bytes.Buffer
	env := map[string]string{"WAYPOST_DATA_DIR": filepath.Join(dir, "data"), "WAYPOST_KEY_DIR": filepath.Join(dir, "keys")}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "DIR", dir)
	}
	if err := os.WriteFile(filepath.Join(dir, "list.csv"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "names.csv"), []byte("LAD25CD,LAD25NM\nE06000019,Herefordshire\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code = run(context.Background(), world{args: args, env: func(k string) string { return env[k] }, out: &o, errout: &e, now: time.Now})
	return dir, o.String(), e.String(), code
}

func TestImportingPostcodes(t *testing.T) {
	t.Parallel()
	dir, out, errout, code := inDirectories(t, "import", "postcodes", "DIR/list.csv", "--names", "DIR/names.csv", "--released", "2026-11")
	if code != 0 || !strings.Contains(out, "2 postcodes kept, of them 1 no longer in use") || !strings.Contains(out, "1 lines, the first is line 4: "+postcode.BadPostcode) {
		t.Fatal(code, out, errout)
	}
	path := filepath.Join(dir, "data", postcodeFile)
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	x, err := postcode.Read(bytes.NewReader(first))
	if err != nil || x.Name("E06000019") != "Herefordshire" || x.Released != "2026-11" {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
		t.Error("something is left beside the index", err)
	}
	again, _, _, _ := inDirectories(t, "import", "postcodes", "--names", "DIR/names.csv", "--released", "2026-11", "DIR/list.csv")
	second, err := os.ReadFile(filepath.Join(again, "data", postcodeFile))
	if err != nil || !bytes.Equal(first, second) {
		t.Error("the same import twice gives two files", err)
	}
}

func TestImportingNothing(t *testing.T) {
	t.Parallel()
	dir, out, _, code := inDirectories(t, "import", "postcodes", "DIR/list.csv", "--dry-run")
	if _, err := os.Stat(filepath.Join(dir, "data")); code != 0 || !strings.Contains(out, "nothing was written") || err == nil {
		t.Error("a dry run writes", code, out)
	}
	for _, c := range []struct {
		want int
		args []string
	}{
		{exitUsage, []string{"import"}}, {exitUsage, []string{"import", "people"}}, {exitUsage, []string{"import", "postcodes"}},
		{exitUsage, []string{"import", "postcodes", "DIR/list.csv", "DIR/list.csv"}}, {exitUsage, []string{"import", "postcodes", "DIR/list.csv", "--what"}},
		{exitFailed, []string{"import", "postcodes", "DIR/none.csv"}}, {exitFailed, []string{"import", "postcodes", "DIR/names.csv"}},
		{exitFailed, []string{"import", "postcodes", "DIR/list.csv", "--names", "DIR/none.csv"}},
	} {
		if dir, _, errout, code := inDirectories(t, c.args...); code != c.want {
			t.Errorf("%v: %d %s", c.args, code, errout)
		} else if _, err := os.Stat(filepath.Join(dir, "data", postcodeFile)); err == nil {
			t.Errorf("%v wrote an index", c.args)
		}
	}
}

func TestDirectoriesLieApart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env map[string]string
		bad bool
	}{
		"home":          {map[string]string{"HOME": "/home/invented"}, false},
		"both given":    {map[string]string{"WAYPOST_DATA_DIR": "/srv/a", "WAYPOST_KEY_DIR": "/srv/ab"}, false},
		"no home":       {map[string]string{}, true},
		"the same":      {map[string]string{"WAYPOST_DATA_DIR": "/srv/a", "WAYPOST_KEY_DIR": "/srv/a/"}, true},
		"keys in data":  {map[string]string{"WAYPOST_DATA_DIR": "/srv/a", "WAYPOST_KEY_DIR": "/srv/a/keys"}, true},
		"data in keys":  {map[string]string{"WAYPOST_DATA_DIR": "/srv/a/..b", "WAYPOST_KEY_DIR": "/srv/a"}, true},
		"root as keys":  {map[string]string{"WAYPOST_DATA_DIR": "/srv/a", "WAYPOST_KEY_DIR": "/"}, true},
		"XDG variables": {map[string]string{"XDG_DATA_HOME": "/x/data", "XDG_CONFIG_HOME": "/x/config"}, false},
	} {
		if _, err := readPlaces(func(k string) string { return c.env[k] }); (err != nil) != c.bad {
			t.Errorf("%s: %v", name, err)
		}
	}
}
