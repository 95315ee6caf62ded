import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { judgeSource } from '../../src/diagnose/index.ts';
import { openTraceFile } from '../../src/formats/index.ts';
import type { Exchange, TraceRecord } from '../../src/trace/index.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-har-'));
});
after(() => rm(folder, { recursive: true }));

async function har(content: unknown): Promise<string> {
  const path = join(folder, 'a.har');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

async function recordsOf(...entries: object[]): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for await (const batch of await openTraceFile(await har({ log: { entries } }))) records.push(...batch);
  return records;
}

async function exchangesOf(...entries: object[]): Promise<Exchange[]> {
  return (await recordsOf(...entries)).filter((record) => record.kind === 'exchange');
}

/** An entry as Chrome writes it. */
function entry(given: object = {}): object {
  return {
    startedDateTime: '2026-11-22T10:00:00.000Z',
    time: 116,
    request: { method: 'GET', url: 'https://example.com/a?n=1' },
    response: { status: 200, httpVersion: 'h2', redirectURL: '', _transferSize: 321, _error: null },
    timings: { blocked: 1, dns: 2, connect: 10, ssl: 6, send: 0.5, wait: 100, receive: 2.5 },
    ...given,
  };
}

describe('a HAR file', () => {
  it('a value that is nested 100,000 deep is an error that names the file', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const path = await har(`{"log":{"creator":{"name":${deep}},"entries":[]}}`);
    await assert.rejects(openTraceFile(path), /a\.har: it is nested more than 1000 deep$/);
  });

  it('gives the steps of an exchange, the handshake within the connecting', async () => {
    const [one] = await exchangesOf(entry());
    assert.deepEqual(one, {
      kind: 'exchange',
      id: 0,
      because: 'first',
      method: 'GET',
      origin: 'https://example.com',
      url: 'https://example.com/a?n=1',
      wantedUs: 0,
      dispatchedUs: 1_000,
      connectedUs: 13_000,
      sentUs: 13_000,
      answeredUs: 113_500,
      readUs: 116_000,
      status: 200,
      error: null,
      bytesDown: 321,
    });
  });

  it('counts time from its first entry, to the microsecond where the file has it', async () => {
    const [first, second] = await exchangesOf(
      entry({ startedDateTime: '2026-11-22T12:00:00.000250+02:00' }),
      entry({ startedDateTime: '2026-11-22T10:00:00.000Z' }),
    );
    assert.deepEqual([first!.wantedUs, second!.wantedUs], [0, 250]);
  });

  it('takes what does not apply (-1) and what is missing as no wait', async () => {
    const [one] = await exchangesOf(entry({ timings: { blocked: -1, dns: -1, connect: -1, wait: 5 } }));
    assert.deepEqual([one!.connectedUs, one!.answeredUs, one!.readUs], [0, 5_000, 5_000]);
  });

  it('tells a failed exchange, and one that was never sent', async () => {
    const response = { status: 0, _error: 'net::ERR_CONNECTION_REFUSED' };
    const [refused] = await exchangesOf(
      entry({ response, time: 30, timings: { blocked: 30, send: 0, wait: 0, receive: 0 } }),
    );
    assert.deepEqual(
      [refused!.sentUs, refused!.readUs, refused!.failedUs, refused!.error],
      [null, null, 30_000, 'net::ERR_CONNECTION_REFUSED'],
    );
  });

  it('leaves out what never went over the wire, and says how much', async () => {
    const records = await recordsOf(
      entry(),
      entry({ _fromCache: 'disk' }),
      entry({ request: { method: 'GET', url: 'data:,x' } }),
    );
    assert.deepEqual(
      records.map(({ kind }) => kind),
      ['exchange', 'note', 'end'],
    );
    assert.match(JSON.stringify(records[1]), /2 entries never went over the wire/);
  });

  it('knows connections and the order on them, but takes the port that Firefox writes for none', async () => {
    const [one, two, three] = await exchangesOf(
      entry({ connection: '77' }),
      entry({ connection: '77' }),
      entry({ connection: '443' }),
    );
    assert.deepEqual([one!.connection, one!.ordinal, two!.connection, two!.ordinal], [0, 0, 0, 1]);
    assert.equal(three!.connection, undefined);
  });

  it('knows a redirect by where the answer before it led', async () => {
    const [, second] = await exchangesOf(
      entry({ response: { status: 302, redirectURL: '/b' } }),
      entry({
        request: { method: 'GET', url: 'https://example.com/b' },
        startedDateTime: '2026-11-22T10:00:01Z',
      }),
    );
    assert.equal(second!.because, 'redirect');
  });

  it('keeps each asking stack once, lines from 1, and no secret', async () => {
    const callFrames = [
      { functionName: 'load', url: 'https://example.com/app.js?token=hunter2', lineNumber: 30 },
    ];
    const asked = entry({
      _initiator: { type: 'script', stack: { callFrames } },
      request: { method: 'GET', url: 'https://example.com/?token=hunter2' },
    });
    const records = await recordsOf(asked, asked);
    assert.deepEqual(
      records.map(({ kind }) => kind),
      ['stack', 'exchange', 'exchange', 'end'],
    );
    assert.deepEqual(records[0], {
      kind: 'stack',
      id: 0,
      frames: [{ function: 'load', file: 'https://example.com/app.js?token=***', line: 31 }],
    });
    assert.doesNotMatch(JSON.stringify(records), /hunter2/);
  });

  it('reports entries that can not be used, with their place, and takes the others', async () => {
    const path = await har({
      log: {
        entries: [
          entry(),
          null,
          entry({ timings: null }),
          entry({ startedDateTime: 'noon' }),
          entry({ request: {} }),
        ],
      },
    });
    const trace = await openTraceFile(path);
    assert.deepEqual(trace.problems, [
      { where: `${path}: log.entries[1]`, text: 'an entry should be an object' },
      { where: `${path}: log.entries[2]`, text: 'timings are missing' },
      { where: `${path}: log.entries[3]`, text: 'startedDateTime should be a time as in ISO 8601' },
      { where: `${path}: log.entries[4]`, text: 'request.url should be a URL' },
    ]);
  });

  it('is judged like a trace', async () => {
    const entries = Array.from({ length: 6 }, (_, index) => ({
      startedDateTime: '2026-11-22T10:00:00.000Z',
      time: 1,
      request: { method: 'GET', url: `https://example.com/${index}` },
      response: { status: 200 },
      timings: { blocked: 100 * (index >> 1), send: 0, wait: 100, receive: 0 },
    }));
    const path = await har({ log: { creator: { name: 'WebInspector', version: '537.36' }, entries } });
    const { verdict } = await judgeSource(await openTraceFile(path));
    assert.deepEqual([verdict.overlap, verdict.step, verdict.factor], ['partly', 'dispatched', 3]);
    assert.equal(verdict.recorders[0]!.name, 'har');
  });

  for (const [what, content, message] of [
    ['no JSON', '<html>', /no format that abreast knows\. It reads traces/],
    ['cut short', '{"log":{\n"entries":[', /begins like JSON, and is none/],
    ['other JSON', '{"a":1}', /no format that abreast knows/],
    ['a log of nothing', '{"log":null}', /no HAR file: it has no list log\.entries/],
    ['null', 'null', /no format that abreast knows/],
  ] as const) {
    it(`that is ${what} is refused`, async () => {
      await assert.rejects(openTraceFile(await har(content)), { name: 'TraceError', message });
    });
  }

  it('that is not there is refused', async () => {
    await assert.rejects(
      openTraceFile(join(folder, 'none.har')),
      /none\.har: the file can't be read: no such file or folder/,
    );
  });
});
