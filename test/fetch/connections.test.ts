import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../simulation/clock.ts';
import { Body } from '../../src/fetch/bodies/body.ts';
import type { Connect } from '../../src/fetch/connector.ts';
import type { FetchError } from '../../src/fetch/errors.ts';
import type { HttpConnection } from '../../src/fetch/http-connection.ts';
import type { Http2Events } from '../../src/fetch/http2/connection.ts';
import type { Result } from '../../src/fetch/index.ts';
import type { Job } from '../../src/fetch/job.ts';
import { Proxies } from '../../src/fetch/open/proxy.ts';
import { startRunIn } from '../../src/fetch/start.ts';
import { bodyMemory } from './memory.ts';
import { outcomes, times } from './servers.ts';

const STEPS = {
  dnsFrom: Number.NaN,
  dnsTo: Number.NaN,
  connectingAt: 0,
  connectedAt: 0,
  tlsStartAt: Number.NaN,
  tlsDoneAt: Number.NaN,
};

/** An HTTP/2 connection whose server says and answers what the test does. */
class Scripted implements HttpConnection<Job> {
  readonly id = 1;
  readonly isNew = true;
  listed = false;
  idleSince = Number.NaN;
  readonly flying: Job[] = [];
  #streams = 0;
  readonly #clock: SimulatedClock;
  readonly #events: Http2Events<Job>;

  constructor(clock: SimulatedClock, events: Http2Events<Job>) {
    this.#clock = clock;
    this.#events = events;
  }

  get room(): number {
    return Math.max(0, this.#streams - this.flying.length);
  }

  start(job: Job, now: number): void {
    job.connectedAt = now;
    job.sentAt = now;
    this.flying.push(job);
    this.#events.sent(now);
  }

  allow(streams: number): void {
    this.#streams = streams;
    this.#events.streamsKnown(this, streams);
  }

  answerFirst(): void {
    const job = this.flying.shift()!;
    const now = this.#clock.now();
    job.answeredAt = now;
    job.readAt = now;
    job.head = { status: 200, headers: {} };
    this.#events.delivered(this, job, new Body(bodyMemory(1)), now);
  }

  cancel(job: Job, error: FetchError): void {
    this.flying.splice(this.flying.indexOf(job), 1);
    this.#events.lost(job, error, false, this.#clock.now());
  }

  destroy(): void {}
}

/** Far longer than an answer takes, so that a second connection is not worth it. */
const OPENING_MS = 1000;

test('streams that a server allows later are used at once, however silent it is before', async () => {
  const clock = new SimulatedClock();
  let connection: Scripted;
  const connect: Connect = (_origin, _nextId, events, onOpen) => ({
    start: () =>
      clock.after(OPENING_MS, () => {
        connection = new Scripted(clock, events);
        onOpen({ connection, protocol: 'h2', local: '127.0.0.1:1', remote: '127.0.0.1:2', ...STEPS });
      }),
    expire() {},
    cancel() {},
  });
  const world = {
    clock,
    random: () => 0.5,
    network: () => ({ connect, proxies: new Proxies(''), close() {} }),
  };
  const results: Result[] = [];
  const sink = { result: (result: Result) => void results.push(result) };
  const urls = times(4, (i) => `https://o.test/${i}`);
  const { finished } = startRunIn(world, urls, sink, { protocol: 'h2', concurrency: 2, retries: 0 });
  const inFlight: number[] = [];
  const script = [
    () => connection.allow(2),
    () => connection.allow(1),
    () => connection.answerFirst(),
    () => connection.answerFirst(),
    // One is in flight, and one waits: neither is answered before both are sent.
    () => connection.allow(2),
    () => connection.answerFirst(),
    () => connection.answerFirst(),
  ];
  script.forEach((act, at) => {
    clock.after(OPENING_MS + 1 + at, () => {
      act();
      inFlight.push(connection.flying.length);
    });
  });
  // What a promise of the engine has to go on with comes between two steps.
  while (clock.step()) await undefined;
  await finished;
  assert.deepEqual(inFlight, [2, 2, 1, 1, 2, 1, 0]);
  assert.deepEqual(outcomes(results), { 200: 4 });
});
