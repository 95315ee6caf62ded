// What the bench needs beside the clients: the server they all GET from, a resolver that is slow on
// purpose, and a runner that says what a command cost.
//
//	bench serve -control SOCKET
//	bench resolve -listen 127.0.0.1:53 -delay 50ms
//	bench run -timeout 60s -- COMMAND ARGS...
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	commands := map[string]func([]string) error{"serve": serve, "resolve": resolve, "run": run}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: bench serve|resolve|run [options]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench "+os.Args[1]+":", err)
		os.Exit(1)
	}
}

// endWithStdin ends this program when its standard input does: with whoever started it, however that one ended.
func endWithStdin() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
