import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Block, Connection, Exchange, TraceRecord } from '../../../src/trace/index.ts';
import { merge } from '../../../src/watch/merge/merge.ts';
import type { Part } from '../../../src/watch/merge/part.ts';

const START = 1_700_000_000_000_000;

function part(name: string, records: readonly TraceRecord[], given: Partial<Part> = {}): Part {
  return {
    recorder: { name, version: '1', sees: [] },
    startedUs: START,
    clocks: [],
    records,
    lost: {},
    ...given,
  };
}

function connection(id: number, given: Partial<Connection> = {}): Connection {
  return {
    kind: 'connection',
    id,
    pid: 7,
    origin: 'https://example.com',
    local: `127.0.0.1:${40_000 + id}`,
    remote: '127.0.0.1:443',
    connectingUs: 1_000,
    connectedUs: 2_000,
    ...given,
  };
}

function inside(id: number, given: Partial<Exchange> = {}): Exchange {
  return {
    kind: 'exchange',
    id,
    pid: 7,
    thread: 7,
    connection: 1,
    ordinal: 0,
    method: 'GET',
    origin: 'https://example.com',
    url: 'https://example.com/a',
    wantedUs: 100,
    calledUs: 200,
    dispatchedUs: 1_000,
    connectedUs: 3_000,
    sentUs: 3_100,
    answeredUs: 9_500,
    readUs: 9_900,
    status: 200,
    stack: 1,
    ...given,
  };
}

function outside(id: number, given: Partial<Exchange> = {}): Exchange {
  return {
    kind: 'exchange',
    id,
    pid: 7,
    thread: 7,
    connection: 1,
    ordinal: 0,
    origin: 'https://127.0.0.1',
    connectedUs: 2_900,
    sentUs: 3_200,
    answeredUs: 9_000,
    readUs: 9_800,
    bytesUp: 80,
    bytesDown: 120,
    ...given,
  };
}

function exchangesOf(records: readonly TraceRecord[]): Exchange[] {
  return records.filter((record) => record.kind === 'exchange');
}

const stack: TraceRecord = { kind: 'stack', id: 1, frames: [{ file: '/app/report.py', line: 31 }] };

describe('an exchange that the program and the system calls show', () => {
  const merged = merge(
    [part('python', [stack, connection(1, { socketClass: 'ssl.SSLSocket' }), inside(1)])],
    part('syscalls', [connection(1, { origin: 'tcp://127.0.0.1:443' }), outside(1)]),
    START,
  );
  const [one, ...others] = exchangesOf(merged.records);

  it('is one, wanted as the program says and sent as the system calls say', () => {
    assert.equal(others.length, 0);
    const { wantedUs, calledUs, dispatchedUs, connectedUs, sentUs, answeredUs, readUs } = one!;
    assert.deepEqual([wantedUs, calledUs, dispatchedUs], [100, 200, 1_000]);
    assert.deepEqual([connectedUs, sentUs, answeredUs, readUs], [2_900, 3_200, 9_000, 9_800]);
    assert.deepEqual([one!.url, one!.status, one!.bytesUp], ['https://example.com/a', 200, 80]);
  });

  it('is on one connection, with the name and the class that the program knows', () => {
    const connections = merged.records.filter((record) => record.kind === 'connection');
    assert.equal(connections.length, 1);
    assert.equal(one!.connection, connections[0]!.id);
    assert.equal(connections[0]!.origin, 'https://example.com');
    assert.equal(connections[0]!.socketClass, 'ssl.SSLSocket');
  });

  it('keeps its stack', () => {
    const stacks = merged.records.filter((record) => record.kind === 'stack');
    assert.deepEqual(
      stacks.map(({ id }) => id),
      [one!.stack],
    );
  });
});

describe('the clocks of recorders', () => {
  const own = (startedUs: number, clocks: Part['clocks'] = []) =>
    part('node', [connection(1), inside(1)], { startedUs, clocks });
  const truth = part('syscalls', [connection(1), outside(1)]);

  it('are brought to one zero', () => {
    const merged = merge([own(START + 500)], truth, START);
    assert.equal(exchangesOf(merged.records)[0]!.wantedUs, 600);
  });

  it('may have been set while the program ran', () => {
    const clocks = [
      [0, START],
      [150, START + 250],
    ] as const;
    const [one] = exchangesOf(merge([own(START, clocks)], truth, START).records);
    assert.deepEqual([one!.wantedUs, one!.calledUs], [100, 300]);
  });

  it('that are up to 2 ms apart move a step, which is counted', () => {
    const merged = merge([part('node', [connection(1), inside(1, { dispatchedUs: 4_700 })])], truth, START);
    const [one, ...others] = exchangesOf(merged.records);
    assert.equal(others.length, 0);
    assert.equal(one!.dispatchedUs, 3_200);
    assert.equal(merged.lost.clamped, 1);
  });

  it('that are further apart join nothing, and nothing is told twice', () => {
    const late = inside(1, { dispatchedUs: 6_000, connectedUs: 6_000, sentUs: 6_100 });
    const merged = merge([part('node', [connection(1), late])], truth, START);
    const all = exchangesOf(merged.records);
    assert.deepEqual(
      all.map(({ sentUs }) => sentUs),
      [6_100],
    );
    assert.equal(merged.lost.notUnderstood, 1);
  });
});

describe('connections are joined', () => {
  const joinedOn = (own: readonly Connection[], other: readonly Connection[]) => {
    const exchanges = own.map(({ id }) => inside(id, { connection: id }));
    const truths = other.map(({ id }) => outside(id, { connection: id, bytesUp: id }));
    const merged = merge(
      [part('node', [...own, ...exchanges])],
      part('syscalls', [...other, ...truths]),
      START,
    );
    return exchangesOf(merged.records).map(({ bytesUp }) => bytesUp);
  };

  it('on both addresses, whatever their numbers', () => {
    const own = [connection(1, { local: '127.0.0.1:1' }), connection(2, { local: '127.0.0.1:2' })];
    const other = [connection(1, { local: '127.0.0.1:2' }), connection(2, { local: '127.0.0.1:1' })];
    assert.deepEqual(joinedOn(own, other), [1, 2].toReversed());
  });

  it('with the nearer of two that had the same port one after another', () => {
    const first = { local: '127.0.0.1:1', connectingUs: 900, connectedUs: 950 };
    const second = { local: '127.0.0.1:1', connectingUs: 900_000, connectedUs: 950_000 };
    const own = [connection(1, { ...first, connectingUs: 1_000 })];
    assert.deepEqual(joinedOn(own, [connection(1, second), connection(2, first)]).toSorted(), [1, 2]);
    assert.equal(joinedOn(own, [connection(1, second), connection(2, first)])[0], 2);
  });

  it('though the program hears late that it is connected', () => {
    const own = [connection(1, { connectedUs: 9_000_000 })];
    assert.deepEqual(joinedOn(own, [connection(1)]), [1]);
  });

  it('though a blocked loop connects long after the program wanted it to', () => {
    const own = [connection(1, { connectingUs: 1_000, connectedUs: 9_000_000 })];
    const other = [connection(1, { connectingUs: 8_000_000, connectedUs: 8_900_000 })];
    assert.deepEqual(joinedOn(own, other), [1]);
  });

  it('though from outside a look-up that ended later was taken for its own', () => {
    const other = [connection(1, { dnsFromUs: 0, dnsToUs: 3_000_000 })];
    assert.deepEqual(joinedOn([connection(1, { dnsFromUs: 0, dnsToUs: 900 })], other), [1]);
  });

  it('by the nearest time, where the system calls do not show the local address', () => {
    const own = [connection(1), connection(2, { connectingUs: 50_000 })];
    const other = [1, 2].map((id) => {
      const { local: _, ...rest } = connection(id, { connectingUs: id === 1 ? 50_100 : 1_100 });
      return rest;
    });
    assert.deepEqual(joinedOn(own, other), [2, 1]);
  });

  it('in a namespace, where the process has another number', () => {
    assert.deepEqual(joinedOn([connection(1, { pid: 1 })], [connection(1, { pid: 4_711 })]), [1]);
  });
});

it('the n-th exchange of a connection is the n-th', () => {
  const own = [0, 1, 2].map((ordinal) =>
    inside(ordinal + 1, {
      ordinal,
      wantedUs: 0,
      dispatchedUs: ordinal * 10_000 + 1_000,
      readUs: (ordinal + 1) * 10_000,
    }),
  );
  const other = [0, 1, 2].map((ordinal) =>
    outside(ordinal + 1, { ordinal, sentUs: ordinal * 10_000 + 2_000, bytesUp: ordinal }),
  );
  const merged = merge(
    [part('python', [connection(1), ...own])],
    part('syscalls', [connection(1), ...other.toReversed()]),
    START,
  );
  assert.deepEqual(
    exchangesOf(merged.records).map(({ ordinal, bytesUp }) => [ordinal, bytesUp]),
    [
      [0, 0],
      [1, 1],
      [2, 2],
    ],
  );
});

it('what only one recorder saw stays', () => {
  const merged = merge(
    [part('python', [inside(1, { connection: null, sentUs: null, readUs: null })])],
    part('syscalls', [connection(1), outside(1)]),
    START,
  );
  assert.deepEqual(
    exchangesOf(merged.records).map(({ sentUs }) => sentUs),
    [null, 3_200],
  );
});

it('what system calls cannot tell apart is told by the program', () => {
  const h2 = connection(1, { protocol: 'opaque' });
  const streams = [0, 1].map((ordinal) => inside(ordinal + 1, { ordinal }));
  const merged = merge(
    [part('node', [connection(1, { protocol: 'h2' }), ...streams])],
    part('syscalls', [h2]),
    START,
  );
  assert.equal(exchangesOf(merged.records).length, 2);
  const [one] = merged.records.filter((record) => record.kind === 'connection');
  assert.equal(one!.protocol, 'h2');
});

it('requests that share a connection wait for its opening, or for a stream', () => {
  const h2 = connection(1, { protocol: 'h2', connectedUs: 2_000, tlsDoneUs: 50_000 });
  const waits = (dispatchedUs: number) =>
    inside(dispatchedUs, {
      calledUs: 1_000,
      dispatchedUs,
      connectedUs: dispatchedUs,
      sentUs: dispatchedUs,
      readUs: 900_000,
    });
  const { records } = merge([part('python', [h2, waits(51_000), waits(400_000)])], null, START);
  assert.deepEqual(
    exchangesOf(records).map(({ dispatchedUs, connectedUs, sentUs }) => [dispatchedUs, connectedUs, sentUs]),
    [
      [1_000, 51_000, 51_000],
      [400_000, 400_000, 400_000],
    ],
  );
});

it('an answer whose beginning was guessed from outside is taken from inside', () => {
  const merged = merge(
    [part('python', [connection(1), inside(1)])],
    part('syscalls', [connection(1), outside(1, { estimated: ['answeredUs'], answeredUs: 4_000 })]),
    START,
  );
  const [one] = exchangesOf(merged.records);
  assert.deepEqual([one!.answeredUs, one!.estimated], [9_500, undefined]);
});

it('processes that ask with the same stack share it, and none of their numbers', () => {
  const own = (pid: number) =>
    part('python', [
      stack,
      connection(1, { pid, local: `127.0.0.1:${pid}` }),
      inside(1, { pid, request: 1 }),
      {
        kind: 'block',
        pid,
        fromUs: 0,
        toUs: 9,
        wait: { kind: 'poll', call: 'poll', connections: [1] },
        stack: 1,
      },
    ]);
  const { records } = merge([own(1), own(2)], null, START);
  const exchanges = exchangesOf(records);
  const numbers = (name: 'id' | 'connection' | 'request') => new Set(exchanges.map((one) => one[name])).size;
  assert.deepEqual([numbers('id'), numbers('connection'), numbers('request')], [2, 2, 2]);
  assert.equal(new Set(exchanges.map((one) => one.stack)).size, 1);
  assert.equal(records.filter((record) => record.kind === 'stack').length, 1);
  const waited = records
    .filter((record) => record.kind === 'block')
    .map((block) => block.wait.connections![0]);
  assert.deepEqual(
    waited,
    exchanges.map((one) => one.connection),
  );
});

it('CPU time that only the system calls saw stays, beside what the program places in a stack', () => {
  const cpu = (fromUs: number, toUs: number, given: Partial<Block> = {}): Block => ({
    kind: 'block',
    pid: 7,
    thread: 7,
    fromUs,
    toUs,
    wait: { kind: 'cpu', call: 'cpu' },
    ...given,
  });
  const placed = [cpu(500, 600, { stack: 1 }), cpu(200, 300, { stack: 1 }), cpu(900, 950, { stack: 1 })];
  const seen = [cpu(100, 700), cpu(910, 940), cpu(100, 700, { thread: 8 })];
  const { records } = merge([part('python', [stack, ...placed])], part('syscalls', seen), START);
  const blocks = records
    .filter((record) => record.kind === 'block')
    .map(({ thread, fromUs, toUs, stack }) => [thread, fromUs, toUs, stack]);
  assert.deepEqual(
    blocks.sort((one, other) => one[0]! - other[0]! || one[1]! - other[1]!),
    [
      [7, 100, 200, undefined],
      [7, 200, 300, 1],
      [7, 300, 500, undefined],
      [7, 500, 600, 1],
      [7, 600, 700, undefined],
      [7, 900, 950, 1],
      [8, 100, 700, undefined],
    ],
  );
});

it('a wait that the program was seen in is no CPU time, whatever lies between its system calls', () => {
  const during = { kind: 'block', pid: 7, thread: 7 } as const;
  const computed: Block = { ...during, fromUs: 100, toUs: 700, wait: { kind: 'cpu', call: 'cpu' } };
  const waited: Block = {
    ...during,
    fromUs: 150,
    toUs: 650,
    wait: { kind: 'other', call: 'futex' },
    stack: 1,
  };
  const { records } = merge([part('python', [stack, waited])], part('syscalls', [computed]), START);
  const cpu = records.filter((record) => record.kind === 'block' && record.wait.kind === 'cpu') as Block[];
  assert.deepEqual(
    cpu.map(({ fromUs, toUs }) => [fromUs, toUs]),
    [
      [100, 150],
      [650, 700],
    ],
  );
});

describe('an answer whose body the program did not read', () => {
  const lost = { readUs: null, error: 'closed before the body was read', failedUs: 9_950 };
  const joined = (one: Partial<Exchange>, other: Partial<Exchange> = {}) => {
    const merged = merge(
      [part('python', [connection(1), inside(1, one)])],
      part('syscalls', [connection(1), outside(1, other)]),
      START,
    );
    return { ...merged, one: exchangesOf(merged.records)[0]! };
  };

  it('ends when the system calls saw it whole, and that the probe missed it is counted', () => {
    const { one, lost: missed } = joined({ readUs: null });
    assert.deepEqual([one.readUs, one.unread, missed.endsUnseen], [9_800, true, 1]);
  });

  it('ends when it is closed, and has not failed', () => {
    for (const [other, readUs] of [
      [{}, 9_800],
      [{ estimated: ['readUs'] }, 9_950],
    ] as const) {
      const { one } = joined(lost, other);
      assert.deepEqual([one.readUs, one.error, one.failedUs], [readUs, undefined, undefined]);
    }
  });

  it('does not end where nobody saw whether it was whole', () => {
    assert.equal(joined({ readUs: null }, { estimated: ['readUs'] }).one.readUs, null);
  });

  it('stays failed where the program says so', () => {
    const { one } = joined({ readUs: null, error: 'ReadTimeout', failedUs: 9_990 });
    assert.deepEqual([one.readUs, one.error, one.failedUs], [null, 'ReadTimeout', 9_990]);
  });

  it('ends with its process', () => {
    const other = { answeredUs: null, readUs: null, failedUs: 9_990 };
    const { one } = joined({ answeredUs: null, readUs: null, status: null }, other);
    assert.deepEqual([one.failedUs, one.error], [9_990, undefined]);
  });
});
