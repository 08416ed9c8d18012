//go:build tools

// Package tools only names the programs to build, so that go.mod and go.sum
// here pin them and everything they need.
package tools

import (
	_ "github.com/letsencrypt/pebble/v2/cmd/pebble"
	_ "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv"
)
