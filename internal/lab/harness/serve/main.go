// Command serve answers as the server of web-platform-tests does, for the harness
// that runs upstream's own files. Its one argument, which may be missing, is their
// tree, for plain files that are not ported. It prints one line of JSON, with the
// rules that lead a user agent's connections to it:
//
//	{"resolve": ["web-platform.test:8000:127.0.0.1:40001", …]}
//
// and ends with its standard input, so that it cannot outlive who started it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/corsim/corsim/wpt/server"
)

func main() {
	var root fs.FS
	if len(os.Args) > 1 {
		root = os.DirFS(os.Args[1])
	}
	if err := serve(root, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

func serve(root fs.FS, in io.Reader, out io.Writer) error {
	s, err := server.NewWithFiles(root)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := json.NewEncoder(out).Encode(map[string][]string{"resolve": s.Resolve()}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}
