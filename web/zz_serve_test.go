package web

import (
	"net"
	"os"
	"testing"
	"time"
)

func TestZZServe(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		t.Skip()
	}
	s := newServer(t, testConfig(t, "en", "en-XA", "ar-XB"), styleguide(ShellSpec{Title: "Check", Class: os.Getenv("ZZ"), Cover: true, Exit: os.Getenv("ZZ") == "public"}))
	ln, err := net.Listen("tcp", "127.0.0.1:8399")
	if err != nil {
		t.Fatal(err)
	}
	listenOn(t, s, ln)
	time.Sleep(500 * time.Second)
}
