import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Block, Connection, Exchange, Process } from '../../../src/trace/index.ts';
import { fromOutside, many, us } from '../example.ts';
import {
  block,
  causesIn,
  connection,
  environment,
  idsIn,
  inTurn,
  portions,
  request,
  told,
  verdictOf,
} from './example.ts';

/** As system calls tell it: nobody saw what was asked. */
const outside = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.map((one) => {
    const { calledUs: _, unit: __, ...rest } = fromOutside(one);
    return rest;
  });
const process = (pid: number, parent: number, ...argv: string[]): Process => ({
  kind: 'process',
  pid,
  parent,
  argv,
});

test('one-by-one: requests one after another are a fact; what they waited for is not made up', () => {
  const [cause] = causesIn(outside(inTurn(20)), process(7, 1, '/usr/bin/report'));
  assert.equal(cause?.id, 'one-by-one');
  assert.match(told(cause), /20 requests, one after another, on one connection; nothing else was waiting/);
  assert.match(told(cause), /can't be seen from outside/);
});

test('a program that is called as something every object has is a program', () => {
  for (const name of ['constructor', '__proto__', 'toString'])
    assert.deepEqual(idsIn(outside(inTurn(20)), process(7, 1, name, 'http://a')), ['one-by-one'], name);
});

test('curl-one-by-one: curl without --parallel is known to, with it is not', () => {
  const [cause] = causesIn(outside(inTurn(20)), process(7, 1, 'curl', '-s', 'http://a', 'http://b'));
  assert.equal(cause?.id, 'curl-one-by-one');
  assert.match(cause.fix ?? '', /--parallel/);
  assert.deepEqual(idsIn(outside(inTurn(20)), process(7, 1, 'curl', '-sZ', 'http://a', 'http://b')), [
    'one-by-one',
  ]);
});

test('wget-one-by-one: wget gets one after another, whatever it is told', () => {
  const [cause] = causesIn(outside(inTurn(20)), process(7, 1, '/usr/bin/wget', '-q', 'http://a', 'http://b'));
  assert.equal(cause?.id, 'wget-one-by-one');
  assert.match(cause.fix ?? '', /xargs -P N wget/);
});

test('one-process-at-a-time: processes that run one at a time are named with the process that starts them', () => {
  const exchanges = outside(inTurn(5, (id) => ({ pid: 100 + id, connection: id, ordinal: 0 })));
  const children = exchanges.map(({ pid }) => process(pid!, 7, 'curl', '-s', 'http://a'));
  const [cause, ...others] = causesIn(exchanges, children, process(7, 1, 'xargs', '-n', '1', 'curl'));
  assert.equal(cause?.id, 'one-process-at-a-time');
  assert.match(told(cause), /5 processes of curl, one at a time, started by xargs/);
  assert.match(cause.fix ?? '', /-P N/);
  assert.deepEqual(others, []);
});

test('file-lock: processes that wait in flock for one another are not told to start side by side', () => {
  const exchanges = outside(inTurn(5, (id) => ({ pid: 100 + id, connection: id, ordinal: 0 })));
  const children = exchanges.map(({ pid }) => process(pid!, pid! + 100, 'curl', '-s', 'http://a'));
  const locks = exchanges.map(({ pid }) => process(pid! + 100, 7, 'flock', 'file', 'curl', '-s', 'http://a'));
  const waits = exchanges
    .slice(1)
    .map(({ pid }, at) => block('flock', 0, 201 * (at + 1) - 1, { pid: pid! + 100, thread: pid! + 100 }));
  const [cause, ...others] = causesIn(exchanges, children, locks, waits);
  assert.equal(cause?.id, 'file-lock');
  assert.match(told(cause), /4 processes of flock waited for the lock of a file/);
  assert.deepEqual(others, []);
  assert.deepEqual(idsIn(exchanges, children, locks, waits.slice(2)), ['one-process-at-a-time']);
});

test('a plateau is a fact where nobody saw what was wanted, and no cause', () => {
  const verdict = verdictOf(outside(portions(20, 2)));
  assert.deepEqual(verdict.causes, []);
  assert.match(
    verdict.verdict,
    /^unknown: at most 2 at a time, most of the time as many; nobody saw how many were wanted/,
  );
  assert.ok(verdict.facts.some((fact) => /They used 2 connections: a pool of these, a semaphore/.test(fact)));
  assert.doesNotMatch(verdictOf(outside(portions(20, 20))).verdict, /at a time/);
});

test('connection-per-request: a connection for each request is told from its opening, where nobody saw it let go', () => {
  const exchanges = portions(24, 4, (id) => ({ connection: id, ordinal: 0 })).map((one) => {
    const { dispatchedUs: _, wantedUs: __, calledUs: ___, ...rest } = one;
    return { ...rest, sentUs: one.sentUs! + us(120), connectedUs: one.sentUs! + us(120) };
  });
  const opened = exchanges.map(({ connection: id, sentUs }) =>
    connection(id!, {
      connectingUs: sentUs! - us(120),
      connectedUs: sentUs! - us(110),
      tlsStartUs: sentUs! - us(110),
      tlsDoneUs: sentUs!,
    }),
  );
  const [cause] = causesIn(exchanges, opened);
  assert.equal(cause?.id, 'connection-per-request');
  assert.match(told(cause), /24 connections for 24 requests.*TLS handshake of 0\.12 s/);
});

/** By 20 workers, each of whose requests takes 10 ms, with an opening of 30 ms where it has a connection of its own. */
const byWorkers = (isOpened: (id: number) => boolean) =>
  portions(600, 20, (id) => ({ connection: id, ordinal: 0 })).map((one, index) => {
    const { wantedUs: _, calledUs: __, dispatchedUs: ___, ...rest } = one;
    const fromMs = 45 * Math.floor(index / 20);
    const opened = isOpened(index)
      ? { dispatchedUs: us(fromMs), connectedUs: us(fromMs + 30) }
      : { connectedUs: us(fromMs + 30) };
    return {
      ...rest,
      ...opened,
      sentUs: us(fromMs + 30),
      answeredUs: us(fromMs + 40),
      readUs: us(fromMs + 40),
    };
  });

test('requests that wait for new connections again and again lose time there, however many were wanted', () => {
  const { overlap, step, wanted, factor } = verdictOf(byWorkers(() => true));
  assert.deepEqual([overlap, step, wanted], ['partly', 'connected', null]);
  assert.ok(factor! > 2);
  assert.equal(verdictOf(byWorkers((id) => id < 20)).overlap, 'unknown');
});

/** Requests of 200 ms by `count` processes, so many at a time, each begun as another ended. */
const byChildren = (count: number, atOnce: number, exchangeOf: (id: number) => object = () => ({})) => {
  const seen = outside(
    many(count, (index) => {
      const sent = 250 * Math.floor(index / atOnce);
      const given = { pid: 100 + index, connection: index, ordinal: 0, ...exchangeOf(index) };
      return request(index + 1, { wanted: sent, read: sent + 200 }, given);
    }),
  ).map((one) => ({ ...one, dispatchedUs: one.sentUs! }));
  const children = seen.map(({ pid, sentUs }) => ({
    ...process(pid!, 7, 'curl', '-s', 'http://a'),
    startedUs: sentUs! - us(20),
    endedUs: sentUs! + us(205),
  }));
  return [...seen, ...children];
};

test('command-limit: what the arguments allow, and no more, is what held the rest up', () => {
  const [cause, ...others] = causesIn(byChildren(12, 3), process(7, 1, 'xargs', '-P', '3', '-n1', 'curl'));
  assert.equal(cause?.id, 'command-limit');
  assert.equal(cause.confidence, 'certain');
  assert.match(told(cause), /xargs runs 3 processes at a time, as -P 3 says\. .*never more than 3 at once/);
  assert.match(cause.fix ?? '', /larger -P/);
  assert.deepEqual(others, []);
  const verdict = verdictOf(byChildren(12, 3), process(7, 1, 'xargs', '-P', '3', '-n1', 'curl'));
  assert.deepEqual([verdict.overlap, verdict.step, verdict.wanted], ['partly', 'dispatched', 12]);
});

test('a command that allows more than there are requests holds none of them up', () => {
  const verdict = verdictOf(byChildren(12, 12), process(7, 1, 'xargs', '-P', '20', '-n1', 'curl'));
  assert.deepEqual([verdict.overlap, verdict.causes], ['concurrent', []]);
});

test('what a load generator is told to keep under way is all that it wants', () => {
  const requests = byChildren(12, 3, () => ({ pid: 8 })).filter(({ kind }) => kind === 'exchange');
  const verdict = verdictOf(requests, process(8, 1, 'hey', '-c', '3', 'http://a'));
  assert.deepEqual([verdict.overlap, verdict.wanted, verdict.causes], ['concurrent', 3, []]);
  assert.match(verdict.facts.join(' '), /hey keeps 3 requests under way at a time, as -c 3 says/);
  const other = verdictOf(requests, process(8, 1, 'tool', '-c', '3', 'http://a'));
  assert.deepEqual([other.overlap, other.wanted], ['unknown', null]);
});

test('a program that sends by the clock, or pauses as its option says, is not blamed', () => {
  const paced = byChildren(8, 1, () => ({ pid: 8 })).filter(({ kind }) => kind === 'exchange');
  for (const argv of [
    ['vegeta', 'attack', '-rate', '4/s'],
    ['wget', '--wait=0.05', '-i', 'urls.txt'],
  ]) {
    const verdict = verdictOf(paced, process(8, 1, ...argv));
    assert.deepEqual([verdict.overlap, verdict.causes], ['serial', []]);
    assert.match(verdict.facts.join(' '), /by the clock, as -rate 4|as --wait=0.05 says. That is no fault/);
  }
});

test('connections that are opened for each request are a fact where nothing else is known, and kept ones are none', () => {
  const kept = outside(portions(24, 3));
  const opened = kept.map((one) => ({
    ...one,
    connection: one.id,
    ordinal: 0,
    dispatchedUs: one.sentUs!,
    connectedUs: one.sentUs! + us(1),
    sentUs: one.sentUs! + us(1),
  }));
  const said = (exchanges: readonly Exchange[]) =>
    verdictOf(exchanges).facts.some((fact) => /A new connection for each request: 24 /.test(fact));
  assert.ok(said(opened));
  assert.ok(!said(kept));
});

test('requests that begin by the clock are told from those that follow the end of another', () => {
  const every = (ms: number, takes: number) =>
    many(20, (index) => request(index + 1, { wanted: index * ms, read: index * ms + takes }));
  const said = (exchanges: readonly Exchange[]) =>
    verdictOf(outside(exchanges)).facts.find((fact) => /by the clock/.test(fact));
  assert.match(said(every(100, 250)) ?? '', /A request begins every 0.1 s, by the clock/);
  // Two workers that take turns: each begins as the other's last is read.
  assert.equal(said(every(100, 199)), undefined);
});

test('a sleep of the thread that has the requests delays those that have a connection, however many were wanted', () => {
  const slept = outside(
    many(20, (index) => request(index + 1, { wanted: 0, connected: 1, sent: 400, read: 800 })),
  ).map((one) => ({ ...one, dispatchedUs: 0 }));
  const sleeps = [block('sleep', 1, 400), block('sleep', 405, 795)];
  const { overlap, step, causes } = verdictOf(slept, sleeps);
  assert.deepEqual([overlap, step, causes[0]?.id], ['partly', 'sent', 'loop-sleeps']);
  assert.equal(verdictOf(slept).overlap, 'concurrent');
});

test('pipelined requests are said to be, since their answers come one after another', () => {
  const requests = (connectionOf: (index: number) => number) =>
    outside(
      many(20, (index) =>
        request(
          index + 1,
          { wanted: 10 * index, read: 100 * (index + 1) },
          { connection: connectionOf(index) },
        ),
      ),
    );
  const said = (exchanges: readonly Exchange[], ...connections: Connection[]) =>
    verdictOf(exchanges, connections).facts.some((fact) => /pipelined, up to \d+ on one/.test(fact));
  assert.ok(
    said(
      requests(() => 1),
      connection(1),
    ),
  );
  assert.ok(
    !said(
      requests(() => 1),
      connection(1, { protocol: 'h2' }),
    ),
  );
  assert.ok(!said([], connection(1)));
  const own = many(20, (index) => connection(index + 1));
  assert.ok(
    !said(
      requests((index) => index + 1),
      ...own,
    ),
  );
});

test('what a tool is set by is said of one that is seen from outside alone', () => {
  const [cause] = causesIn(outside(inTurn(20)), process(7, 1, 'newsboat', '-x', 'reload'));
  assert.equal(cause?.id, 'one-by-one');
  assert.match(cause.fix ?? '', /reload-threads/);
});

test('connections that were refused are said, where no request was sent at all', () => {
  const refused = many(20, (index) => connection(index + 1, { connectedUs: null, remote: '127.0.0.1:9' }));
  const said = (...records: readonly (Exchange | Connection)[]) => verdictOf(records).facts.join(' ');
  assert.match(said(...refused), /^20 of 20 connections were never open \(to 127\.0\.0\.1:9\)/);
  assert.doesNotMatch(said(...refused, ...outside(inTurn(3))), /never open/);
});

test('one-process-at-a-time: a script that sleeps between its requests polls, and is not blamed', () => {
  const exchanges = outside(
    many(6, (index) =>
      request(index + 1, { wanted: 600 * index, read: 600 * index + 20 + (index % 3) }, { pid: 100 + index }),
    ),
  );
  const children = exchanges.map(({ pid }) => process(pid!, 7, 'curl', '-s', 'http://a'));
  const naps = many(6, (index) => ({
    ...process(200 + index, 7, '/usr/bin/sleep', '0.5'),
    startedUs: us(600 * index + 40),
    endedUs: us(600 * index + 545),
  }));
  const shell = process(7, 1, 'bash', 'poll.sh');
  const { causes, facts } = verdictOf(exchanges, children, naps, shell);
  assert.deepEqual(causes, []);
  assert.match(facts.join(' '), /runs sleep for 0\.5\d? s between each two requests/);
  assert.deepEqual(idsIn(exchanges, children, shell), ['one-process-at-a-time']);
});

test('work that is handed over by the clock, a little at a time, is said to be', () => {
  const paced = (ms: number) =>
    many(16, (index) => request(index + 1, { wanted: ms * index, read: ms * index + 300 }));
  const said = (exchanges: readonly Exchange[], blocks: readonly Block[] = []) =>
    verdictOf(exchanges, blocks, environment([])).facts.find((fact) => /by the clock/.test(fact));
  const verdict = verdictOf(paced(200), environment([]));
  assert.equal(verdict.overlap, 'concurrent');
  assert.match(verdict.facts.join(' '), /A request begins every 0\.2 s, by the clock/);
  // What is computed for each request takes as long each time, too.
  const computing = many(16, (index) => block('cpu', 200 * index + 20, 200 * index + 199));
  assert.equal(said(paced(200), computing), undefined);
  assert.equal(said(paced(20)), undefined);
});
