import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import { judgeSource } from '../../src/diagnose/index.ts';
import { openTraceFile } from '../../src/formats/index.ts';
import { exchangesIn, exportedText, exportOf, steps, TRACES, traceOf } from './exported.ts';

interface Entry {
  readonly startedDateTime: string;
  readonly time: number;
  readonly request: { readonly queryString: readonly object[] };
  readonly response: { readonly status: number; readonly _error?: string; readonly redirectURL: string };
  readonly timings: Readonly<Record<string, number>>;
  readonly connection?: string;
  readonly serverIPAddress?: string;
}

/** The schema of HAR 1.2; ajv knows no formats by itself. */
function schema(): ValidateFunction {
  const parts = createRequire(import.meta.url)('har-schema') as Record<string, Record<string, unknown>>;
  const ajv = new Ajv({
    strict: false,
    validateSchema: false,
    formats: {
      ipv4: isIPv4,
      ipv6: isIPv6,
      uri: (text: string) => URL.canParse(text),
      'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
    },
  });
  for (const { $schema: _, ...part } of Object.values(parts)) ajv.addSchema(part);
  return ajv.getSchema('har.json#')!;
}

const isHar = schema();

async function entriesOf(trace: string): Promise<readonly Entry[]> {
  const har: { log: { entries: readonly Entry[] } } = JSON.parse(await exportedText(trace, '.har'));
  const isValid: boolean = isHar(har);
  assert.ok(isValid, JSON.stringify(isHar.errors));
  return har.log.entries;
}

describe('a trace as HAR', () => {
  it('is held against a schema that refuses an entry without timings', () => {
    const entry = { startedDateTime: '2026-11-22T10:00:00.000Z', time: 1 };
    const log = { version: '1.2', creator: { name: 'a', version: '1' }, entries: [entry] };
    assert.equal(isHar({ log }), false);
  });

  for (const trace of TRACES) {
    it(`of ${basename(trace)} is valid, and the parts of each time add up to it`, async () => {
      const entries = await entriesOf(trace);
      assert.equal(entries.length, (await exchangesIn(trace)).length);
      for (const { time, timings, startedDateTime } of entries) {
        const { blocked, dns, connect, send, wait, receive, ssl, _unsent } = timings;
        const sum = [blocked, dns, connect, send, wait, receive].reduce(
          (all, part) => all! + Math.max(0, part!),
          0,
        )!;
        assert.ok(Math.abs(sum - time) < 0.0005, `${sum} is not ${time}`);
        assert.ok(ssl! <= Math.max(0, connect!) && _unsent! <= send!);
        assert.ok(Object.values(timings).every((part) => part === -1 || part >= 0));
        assert.ok(!Number.isNaN(Date.parse(startedDateTime)));
      }
    });

    it(`of ${basename(trace)} gives the same funnel when it is judged`, async () => {
      const { verdict: before } = await judgeSource(await openTraceFile(trace));
      const { verdict: after } = await judgeSource(await openTraceFile(await exportOf(trace, '.har')));
      assert.deepEqual(
        [after.overlap, after.exchanges, after.failed],
        [before.overlap, before.exchanges, before.failed],
      );
      assert.ok(Math.abs(after.inFlight.mean - before.inFlight.mean) < 0.05 * before.inFlight.mean);
    });
  }

  it('says how long it waited for what: a slot, a name, a connection, a handshake, its thread, the server, the body', async () => {
    const trace = traceOf([
      {
        kind: 'connection',
        id: 7,
        origin: 'https://example.com',
        remote: '[::1]:443',
        protocol: 'h2',
        dnsFromUs: 1_000,
        dnsToUs: 3_000,
        connectingUs: 3_000,
        connectedUs: 6_000,
        tlsStartUs: 6_000,
        tlsDoneUs: 10_000,
      },
      steps([0, 1, 10, 15, 115, 120], { connection: 7, ordinal: 0 }),
      steps([0, 120, 120, 120, 220, 221], { id: 2, connection: 7, ordinal: 1 }),
    ]);
    const [first, second] = await entriesOf(trace);
    assert.deepEqual(first!.timings, {
      blocked: 1,
      dns: 2,
      connect: 7,
      ssl: 4,
      send: 5,
      _unsent: 5,
      wait: 100,
      receive: 5,
    });
    assert.deepEqual([first!.time, first!.connection, first!.serverIPAddress], [120, 'c7', '::1']);
    const { blocked, dns, connect, ssl } = second!.timings;
    assert.deepEqual([blocked, dns, connect, ssl], [120, -1, -1, -1]);
    assert.deepEqual(first!.request.queryString, [{ name: 'x', value: '1' }]);
  });

  it('begins each entry at its time of day, to the microsecond', async () => {
    const trace = traceOf([steps([1, 1, 1, 1, 2, 3], { wantedUs: 250 })]);
    const [entry] = await entriesOf(trace);
    assert.equal(entry!.startedDateTime, '2026-09-21T14:13:20.000250Z');
  });

  it('has status 0 and an error for a failure, and no error for an answer whose status nobody saw', async () => {
    const trace = traceOf([
      anUnanswered(),
      steps([0, 0, 0, 0, 5, 9], { id: 2, status: undefined as never, error: undefined as never }),
    ]);
    const [failed, unseen] = await entriesOf(trace);
    assert.deepEqual([failed!.response.status, failed!.response._error], [0, 'timeout']);
    assert.deepEqual([unseen!.response.status, unseen!.response._error], [0, undefined]);
    const [again, answered] = await exchangesIn(await exportOf(trace, '.har'));
    assert.deepEqual([again!.error, again!.failedUs], ['timeout', 30_000]);
    assert.deepEqual([answered!.error, answered!.readUs], [null, 9_000]);
  });

  it('says where a redirect led', async () => {
    const trace = traceOf([
      steps([0, 0, 0, 0, 5, 9], { id: 1, request: 1, attempt: 1, status: 302 }),
      steps([9, 9, 9, 9, 10, 12], {
        id: 2,
        request: 1,
        attempt: 2,
        because: 'redirect',
        url: 'https://example.com/b',
      }),
    ]);
    const [first, second] = await entriesOf(trace);
    assert.deepEqual(
      [first!.response.redirectURL, second!.response.redirectURL],
      ['https://example.com/b', ''],
    );
  });

  it('is in the order in which requests were wanted', async () => {
    const trace = traceOf([steps([5, 5, 5, 5, 6, 7]), steps([1, 1, 1, 1, 9, 10], { id: 2 })]);
    const [first, second] = await entriesOf(trace);
    assert.ok(first!.startedDateTime < second!.startedDateTime);
  });

  it('holds no secret, though the trace was written with --keep-urls', async () => {
    const trace = traceOf([steps([0, 0, 0, 0, 1, 2], { url: 'https://example.com/?token=hunter2' })]);
    assert.doesNotMatch(await exportedText(trace, '.har'), /hunter2/);
  });
});

function anUnanswered() {
  return steps([0, 1, 2, 3, 4, 5], {
    answeredUs: null,
    readUs: null,
    failedUs: 30_000,
    status: null,
    error: 'timeout',
  });
}
