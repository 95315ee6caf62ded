package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Streams a client may have open on one HTTP/2 connection: what net/http, and with it many a server, allows.
const maxConcurrentStreams = 250

// serve answers GETs of /delay/SECONDS?size=N&i=ID and /bytes/N?i=ID on a port of every IPv4 address, so that
// each 127.x.y.z is an origin of its own. It prints the port, and tells and resets its counts at a socket.
func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	control := flags.String("control", "", "Unix socket for GET /stats and GET /reset")
	listen := flags.String("listen", "0.0.0.0:0", "address for HTTPS")
	if err := flags.Parse(args); err != nil {
		return err
	}
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", *listen)
	if err != nil {
		return err
	}
	m := &meter{}
	if *control != "" {
		if err := serveControl(*control, m); err != nil {
			return err
		}
	}
	server := &http.Server{
		Handler:   answers(m),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}},
		HTTP2:     &http.HTTP2Config{MaxConcurrentStreams: maxConcurrentStreams},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				m.connected()
			}
		},
		ErrorLog: log.New(io.Discard, "", 0), // clients that go away in a handshake
	}
	if err := json.NewEncoder(os.Stdout).Encode(map[string]int{"port": listener.Addr().(*net.TCPAddr).Port}); err != nil {
		return err
	}
	go endWithStdin()
	return server.ServeTLS(listener, "", "")
}

func serveControl(socket string, m *meter) error {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(m.read())
	})
	mux.HandleFunc("GET /reset", func(w http.ResponseWriter, _ *http.Request) {
		m.reset()
		w.WriteHeader(http.StatusNoContent)
	})
	go func() { log.Fatal(http.Serve(listener, mux)) }()
	return nil
}

// answers is a plain function and no ServeMux: what the server spends is time the clients wait.
func answers(m *meter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.enter(r.ProtoMajor == 2)
		defer m.leave()
		route, argument, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		var size int
		var err error
		switch route {
		case "bytes":
			size, err = strconv.Atoi(argument)
		case "delay":
			var delay float64
			if delay, err = strconv.ParseFloat(argument, 64); err == nil {
				time.Sleep(time.Duration(delay * float64(time.Second)))
				size, err = strconv.Atoi(query(r, "size"))
			}
		default:
			http.NotFound(w, r)
			return
		}
		id, idErr := strconv.Atoi(query(r, "i"))
		if err != nil || idErr != nil || size < 0 || size > 1<<26 || id < 0 {
			http.Error(w, "expected /bytes/N?i=ID or /delay/SECONDS?size=N&i=ID", http.StatusBadRequest)
			return
		}
		head, rest := body(size, id)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(size))
		if _, err := w.Write(head); err == nil {
			_, _ = w.Write(rest)
		}
	})
}

func query(r *http.Request, name string) string {
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if value, ok := strings.CutPrefix(pair, name+"="); ok {
			return value
		}
	}
	return ""
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		DNSNames:     []string{"localhost", "*.bench.test"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
