// The bench's Go client: net/http as somebody would use it who knows it. One goroutine a slot, a transport
// that keeps as many idle connections as there are slots, answers written as they come.
//
//	peer h1|h2 URLS CONCURRENCY OUT
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
)

type result struct {
	Index  int    `json:"index"`
	Status int    `json:"status"`
	Bytes  int    `json:"bytes"`
	Body   string `json:"body"`
	Error  string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: peer h1|h2 URLS CONCURRENCY OUT")
		os.Exit(2)
	}
	concurrency, err := strconv.Atoi(os.Args[3])
	check(err)
	file, err := os.ReadFile(os.Args[2])
	check(err)
	urls := strings.Fields(string(file))
	out, err := os.Create(os.Args[4])
	check(err)
	lines := &lineWriter{buffered: bufio.NewWriterSize(out, 1<<18)}

	client := &http.Client{Transport: transport(os.Args[1] == "h2", concurrency)}
	next := make(chan int, concurrency)
	go func() {
		for index := range urls {
			next <- index
		}
		close(next)
	}()
	var slots sync.WaitGroup
	for range concurrency {
		slots.Go(func() {
			var received bytes.Buffer
			encoder := json.NewEncoder(lines)
			encoder.SetEscapeHTML(false)
			for index := range next {
				check(encoder.Encode(get(client, index, urls[index], &received)))
			}
		})
	}
	slots.Wait()
	check(lines.buffered.Flush())
	check(out.Close())
}

// lineWriter takes lines from all slots; an Encoder hands over each in one Write.
type lineWriter struct {
	mu       sync.Mutex
	buffered *bufio.Writer
}

func (w *lineWriter) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buffered.Write(line)
}

func transport(http2 bool, concurrency int) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	return &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true, ClientSessionCache: tls.NewLRUClientSessionCache(4096)},
		Protocols:           protocols,
		MaxConnsPerHost:     concurrency,
		MaxIdleConnsPerHost: concurrency,
		DisableCompression:  true,
	}
}

func get(client *http.Client, index int, url string, received *bytes.Buffer) result {
	response, err := client.Get(url)
	if err != nil {
		return result{Index: index, Error: err.Error()}
	}
	defer response.Body.Close()
	received.Reset()
	if response.ContentLength > 0 {
		received.Grow(int(response.ContentLength) + bytes.MinRead)
	}
	if _, err := received.ReadFrom(response.Body); err != nil {
		return result{Index: index, Status: response.StatusCode, Error: err.Error()}
	}
	return result{Index: index, Status: response.StatusCode, Bytes: received.Len(), Body: received.String()}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}
