import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interpreters } from './interpreters.ts';
import { watch } from './program.ts';

/** Asks the probe what a thread waits for: by its file `syscall`, and the state in its file `stat`. */
const ASK = `
import sys
wait_of = sys.modules['_abreast_recorder'].wait_of
for syscall, state in (line.split(':') for line in sys.argv[1:]):
    print(wait_of(syscall.split(), lambda: '7 (a) name) %s 1 7' % state)[0])
`;

const UNKNOWN = '9999 0x0 0x0 0x0 0x0 0x0 0x0 0x7ffc 0x7f12';

for (const { version, path } of interpreters())
  test(`Python ${version}: a thread that sleeps in a system call which the probe does not know is no thread that computes`, {
    skip: process.platform !== 'linux' && 'only Linux tells it',
  }, async () => {
    const states = ['running:R', `${UNKNOWN}:R`, `${UNKNOWN}:t`, `${UNKNOWN}:S`, `${UNKNOWN}:D`];
    const watched = await watch([path, '-c', ASK, ...states]);
    assert.deepEqual(
      watched.stdout.trim().split('\n'),
      ['cpu', 'cpu', 'cpu', 'call 9999', 'call 9999'],
      watched.stderr,
    );
  });
