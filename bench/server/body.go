package main

import (
	"fmt"
	"sync"
)

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ."

// The number of the request and a blank: what tells one body from another.
const headBytes = 11

var texts sync.Map // size -> []byte

// text is the same for every body of a size: check.ts computes it again from this recurrence.
func text(size int) []byte {
	if known, ok := texts.Load(size); ok {
		return known.([]byte)
	}
	made := make([]byte, size)
	state := uint32(size)
	for i := range made {
		state = state*1664525 + 1013904223
		made[i] = alphabet[state>>26]
	}
	texts.Store(size, made)
	return made
}

// body is the head and the text of the answer to request number `id`; together they have `size` bytes.
func body(size int, id int) (head, rest []byte) {
	head = fmt.Appendf(make([]byte, 0, headBytes), "%010d ", id)
	if size <= headBytes {
		return head[:size], nil
	}
	return head, text(size - headBytes)
}
