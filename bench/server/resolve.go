package main

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// resolve answers A and AAAA for nNUMBER.bench.test over UDP, each after a delay. Every name has an IPv4 address
// of its own in 127.0.0.0/8. Every tenth name also has an IPv6 address, in a prefix where nobody answers.
func resolve(args []string) error {
	flags := flag.NewFlagSet("resolve", flag.ExitOnError)
	listen := flags.String("listen", "127.0.0.1:53", "UDP address")
	delay := flags.Duration("delay", 50*time.Millisecond, "what each answer takes")
	dead := flags.String("dead", "fd5e:abad::", "IPv6 prefix of the dead addresses")
	if err := flags.Parse(args); err != nil {
		return err
	}
	socket, err := net.ListenPacket("udp4", *listen)
	if err != nil {
		return err
	}
	deadPrefix := net.ParseIP(*dead)
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"listening": *listen}); err != nil {
		return err
	}
	go endWithStdin()
	for {
		packet := make([]byte, 1500)
		n, from, err := socket.ReadFrom(packet)
		if err != nil {
			return err
		}
		reply, err := answer(packet[:n], deadPrefix)
		if err != nil {
			continue // no DNS question: a resolver says nothing
		}
		time.AfterFunc(*delay, func() { _, _ = socket.WriteTo(reply, from) })
	}
}

func answer(packet []byte, deadPrefix net.IP) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(packet)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	number, known := nameNumber(question.Name.String())
	header.Response, header.Authoritative, header.RecursionAvailable = true, true, true
	if !known {
		header.RCode = dnsmessage.RCodeNameError
	}
	builder := dnsmessage.NewBuilder(nil, header)
	if err := builder.StartQuestions(); err != nil {
		return nil, err
	}
	if err := builder.Question(question); err != nil {
		return nil, err
	}
	if err := builder.StartAnswers(); err != nil {
		return nil, err
	}
	resource := dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET, TTL: 300}
	switch {
	case known && question.Type == dnsmessage.TypeA:
		err = builder.AResource(resource, dnsmessage.AResource{A: liveAddress(number)})
	case known && question.Type == dnsmessage.TypeAAAA && number%10 == 0:
		address := dnsmessage.AAAAResource{AAAA: [16]byte(deadPrefix.To16())}
		address.AAAA[12] = 1 // the low ones are this machine's
		binary.BigEndian.PutUint16(address.AAAA[14:], number)
		err = builder.AAAAResource(resource, address)
	}
	if err != nil {
		return nil, err
	}
	return builder.Finish()
}

func nameNumber(name string) (uint16, bool) {
	label, ok := strings.CutSuffix(strings.ToLower(name), ".bench.test.")
	if !ok || !strings.HasPrefix(label, "n") {
		return 0, false
	}
	number, err := strconv.ParseUint(label[1:], 10, 16)
	return uint16(number), err == nil
}

func liveAddress(number uint16) [4]byte {
	return [4]byte{127, 1 + byte(number/62500), byte(number / 250 % 250), 1 + byte(number%250)}
}
