//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package main

import "os"

// terminalColumns returns 0: how wide a terminal is cannot be told.
func terminalColumns(*os.File) int { return 0 }
