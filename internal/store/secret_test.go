package store_test

import (
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"waypost/internal/store"
)

// What reaches the store is bytes, text, numbers and times. A vault.Secret has no place to hide in: there is no pointer
// to anything but a WrappedKey, no interface, no function and no type of another room in all that can be handed over.
func TestNothingThatIsHandedToTheStoreCanHoldASecret(t *testing.T) {
	seen := map[reflect.Type]bool{}
	var look func(path string, x reflect.Type)
	look = func(path string, x reflect.Type) {
		if seen[x] || x == reflect.TypeFor[time.Time]() {
			return
		}
		seen[x] = true
		switch x.Kind() {
		case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint8, reflect.String:
			if p := x.PkgPath(); p != "" && p != "waypost/internal/store" {
				t.Errorf("%s is of %s", path, p)
			}
		case reflect.Slice, reflect.Array, reflect.Pointer:
			look(path+"[]", x.Elem())
		case reflect.Struct:
			if x.PkgPath() != "waypost/internal/store" {
				t.Errorf("%s is of %s", path, x.PkgPath())
			}
			for i := range x.NumField() {
				look(path+"."+x.Field(i).Name, x.Field(i).Type)
			}
		default:
			t.Errorf("%s is a %s: it could hold anything", path, x.Kind())
		}
	}
	for _, x := range []reflect.Type{
		reflect.TypeFor[store.Record](), reflect.TypeFor[store.Batch](), reflect.TypeFor[store.Query](), reflect.TypeFor[store.ExportKey](),
		reflect.TypeFor[store.ExportLeaf](), reflect.TypeFor[store.ExportHead](), reflect.TypeFor[store.Page](),
	} {
		look(x.Name(), x)
	}
	if !seen[reflect.TypeFor[store.WrappedKey]()] || !seen[reflect.TypeFor[store.Meta]()] {
		t.Error("the walk did not reach all of it")
	}
}

// Neither the store nor an engine can name a Secret: the vault is not among what they are built from.
func TestTheStoreIsBuiltWithoutTheVault(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "waypost/internal/store/...")
	list.Stderr = t.Output()
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 20 {
		t.Fatalf("only %d packages", len(deps))
	}
	for _, d := range deps {
		if d == "waypost/internal/vault" {
			t.Error("the vault is within reach of the store")
		}
	}
}
