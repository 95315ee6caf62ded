import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exchange, Process, TraceRecord } from '../../src/trace/index.ts';
import { unseenBy } from '../../src/watch/missed.ts';

const SYSCALLS = { name: 'syscalls', version: 'strace 6.1', sees: [] };
const NODE = { name: 'node', version: '1', sees: [] };
const PYTHON = { name: 'python', version: '1', sees: [] };

const process = (pid: number, argv: readonly string[], parent = 1): Process => ({
  kind: 'process',
  pid,
  parent,
  argv,
});
/** A request as system calls show it. */
const sent = (pid: number): Exchange => ({ kind: 'exchange', id: pid, pid, origin: 'http://a', sentUs: 1 });

function missedOf(
  records: readonly TraceRecord[],
  loaded: readonly number[],
  seen: { recorders?: readonly (typeof NODE)[]; hindrances?: ReadonlyMap<string, string> } = {},
): Record<string, string | undefined> {
  const recorders = seen.recorders ?? [SYSCALLS, NODE, PYTHON];
  const told = unseenBy({
    recorders,
    records,
    loaded: new Set(loaded),
    hindrances: seen.hindrances ?? new Map(),
  });
  return Object.fromEntries(
    told.flatMap(({ name, missed }) => (missed === undefined ? [] : [[name, missed]])),
  );
}

test('a program that loaded the probe and used no module that it knows is not told that it did not load it', () => {
  const missed = missedOf([process(7, ['node', 'raw.js']), sent(7)], [7]);
  assert.deepEqual(missed, {
    node: 'process 7 (node) sent requests by none of node:http, node:http2, undici and HTTP/1.1 on node:net: only system calls show them',
  });
});

test('a program that did not load the probe is named, with what kept it out', () => {
  assert.match(
    missedOf([process(7, ['node', 'x.js']), sent(7)], []).node!,
    /^process 7 \(node\) did not load .*NODE_OPTIONS/,
  );
  assert.match(
    missedOf([process(7, ['python3', 'x.py']), sent(7)], []).python!,
    /^process 7 .* did not load .*PYTHONPATH/,
  );
  assert.match(missedOf([process(7, ['python3', '-I', 'x.py']), sent(7)], []).python!, /leave -I out/);
  assert.deepEqual(missedOf([process(7, ['curl', 'http://a']), sent(7)], []), {});
});

test('a forked child that wrote nothing is not told that it did not load what its parent has', () => {
  const argv = ['python', 'x.py'];
  assert.deepEqual(missedOf([process(7, argv), process(8, argv, 7), sent(8)], [7]), {});
  const other = [process(7, argv), process(8, ['python', 'other.py'], 7), sent(8)];
  assert.match(missedOf(other, [7]).python!, /process 8/);
});

test('nothing is said of a process whose requests were seen from inside', () => {
  const records = [process(7, ['node', 'x.js']), sent(7), { ...sent(7), id: 1, calledUs: 1 }];
  assert.deepEqual(missedOf(records, [7]), {});
});

test('what hindered a recorder is said unless it wrote something', () => {
  const hindrances = new Map([['python', 'it was hindered']]);
  assert.deepEqual(missedOf([], [], { recorders: [SYSCALLS], hindrances }), { python: 'it was hindered' });
  assert.deepEqual(missedOf([], [], { recorders: [SYSCALLS, PYTHON], hindrances }), {});
});
