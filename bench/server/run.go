package main

import (
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Cost is what a command and all its children took.
type Cost struct {
	WallSeconds float64 `json:"wallSeconds"`
	CPUSeconds  float64 `json:"cpuSeconds"` // user and system
	PeakRSSMB   float64 `json:"peakRssMb"`  // of its largest process
	ExitCode    int     `json:"exitCode"`
	TimedOut    bool    `json:"timedOut"`
}

// run runs a command to its end, or kills it and its children when the time is over or the bench is gone, and prints its cost. What
// the command prints goes to a file, what it complains about to this program's standard error.
func run(args []string) error {
	flags := flag.NewFlagSet("run", flag.ExitOnError)
	timeout := flags.Duration("timeout", time.Minute, "kill it after this long")
	printed := flags.String("stdout", os.DevNull, "file for the command's standard output")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("no command")
	}
	if err := allowOpenFiles(); err != nil {
		return err
	}
	output, err := os.Create(*printed)
	if err != nil {
		return err
	}
	defer output.Close()
	command := exec.Command(flags.Arg(0), flags.Args()[1:]...)
	command.Stdout, command.Stderr = output, os.Stderr
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := time.Now()
	if err := command.Start(); err != nil {
		return err
	}
	cost := Cost{}
	end := time.AfterFunc(*timeout, func() {
		cost.TimedOut = true
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the bench does
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}()
	_ = command.Wait() // how it ended stands in ProcessState
	end.Stop()
	cost.WallSeconds = time.Since(started).Seconds()
	used := command.ProcessState.SysUsage().(*syscall.Rusage)
	cost.CPUSeconds = seconds(used.Utime) + seconds(used.Stime)
	cost.PeakRSSMB = float64(used.Maxrss) / 1024
	cost.ExitCode = command.ProcessState.ExitCode()
	return json.NewEncoder(os.Stdout).Encode(cost)
}

// allowOpenFiles raises the soft limit to the hard one for the command: some runtimes do it themselves, others
// don't, and 1,000 connections are no test of that.
func allowOpenFiles() error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
