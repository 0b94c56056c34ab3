//go:build !unix

package main

import "errors"

// hold cannot keep a second import away here, so none is begun.
func (s spool) hold() (letGo func(), err error) {
	return nil, errors.New("hold the import: not on this system; import files instead")
}
