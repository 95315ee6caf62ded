import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shell } from './abreast.ts';

const TRACE = new URL('../traces/cases/curl-many-urls-serial.fast.jsonl.zst', import.meta.url).pathname;

/** Commands that print to standard output, each in its own way. */
const COMMANDS = [
  '$abreast',
  '$abreast --help',
  '$abreast --version',
  '$abreast get --help',
  `$abreast judge --json ${TRACE} 2>/dev/null`,
  '$abreast stages --list',
  '$abreast doctor',
  'timeout --preserve-status -s INT 2 $abreast serve',
];

test('a reader that leaves early ends no command with a stack trace, nor with an exit code of its own', async () => {
  for (const command of COMMANDS) {
    // `true` is gone before anything is written.
    const { out, err } = await shell(`{ { sleep 0.1; ${command}; echo $? >&3; } | true; } 3>&1`);
    assert.deepEqual({ command, out, err }, { command, out: '0\n', err: '' });
  }
});

test('standard error that nobody reads ends no command', async () => {
  const { out } = await shell('{ { sleep 0.1; $abreast nonsense 2>&1; echo $? >&3; } | true; } 3>&1');
  assert.equal(out, '2\n');
});

test('output that the disk has no room for is told, and is exit code 3', async () => {
  for (const command of COMMANDS) {
    const { code, err } = await shell(`${command} >/dev/full`);
    assert.equal(code, 3, command);
    if (!command.includes('2>')) assert.match(err, /^abreast: standard output can't be written: ENOSPC.*\n$/);
  }
});
