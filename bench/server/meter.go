package main

import (
	"sync"
	"syscall"
	"time"
)

// Stats is what the server saw since the last reset.
type Stats struct {
	Requests     int     `json:"requests"`
	InFlightMax  int     `json:"inFlightMax"`
	InFlightMean float64 `json:"inFlightMean"` // from the first request's arrival to the last answer
	Connections  int     `json:"connections"`
	HTTP2        int     `json:"http2"` // requests that came over HTTP/2
	CPUSeconds   float64 `json:"cpuSeconds"`
}

// meter counts requests in flight: the area under their number, by time.
type meter struct {
	mu                sync.Mutex
	stats             Stats
	inFlight          int
	area              float64 // request-seconds
	first, changed    time.Time
	cpuSecondsAtReset float64
}

func (m *meter) step(by int) {
	now := time.Now()
	if m.first.IsZero() {
		m.first, m.changed = now, now
	}
	m.area += float64(m.inFlight) * now.Sub(m.changed).Seconds()
	m.changed = now
	m.inFlight += by
	m.stats.InFlightMax = max(m.stats.InFlightMax, m.inFlight)
}

func (m *meter) enter(http2 bool) {
	m.mu.Lock()
	m.step(1)
	m.stats.Requests++
	if http2 {
		m.stats.HTTP2++
	}
	m.mu.Unlock()
}

func (m *meter) leave() {
	m.mu.Lock()
	m.step(-1)
	m.mu.Unlock()
}

func (m *meter) connected() {
	m.mu.Lock()
	m.stats.Connections++
	m.mu.Unlock()
}

func (m *meter) read() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := m.stats
	if span := m.changed.Sub(m.first).Seconds(); span > 0 {
		seen.InFlightMean = m.area / span
	}
	seen.CPUSeconds = cpuSeconds() - m.cpuSecondsAtReset
	return seen
}

// reset forgets everything but the requests that are in flight still (of a client that was killed).
func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats, m.area = Stats{}, 0
	m.first, m.changed = time.Time{}, time.Time{}
	m.cpuSecondsAtReset = cpuSeconds()
}

func cpuSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return seconds(used.Utime) + seconds(used.Stime)
}

func seconds(t syscall.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
