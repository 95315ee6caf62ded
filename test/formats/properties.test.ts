import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeSource } from '../../src/diagnose/index.ts';
import { EXPORT_ENDINGS, openTraceFile } from '../../src/formats/index.ts';
import { checkTrace, type End, openTrace, type TraceRecord } from '../../src/trace/index.ts';
import { exportOf } from './exported.ts';
import { jaegerOf, type Otlp } from './jaeger.ts';
import { call, fileOf, otlpOf } from './span-files.ts';

const OTLP = otlpOf(
  { id: 'job', from: 0, to: 100, attributes: { 'code.filepath': '/srv/a.py', 'code.lineno': 7 } },
  call('a', 40, 50, { parent: 'job', events: [{ name: 'requestStart', at: 41 }] }),
  call('b', 60, 70, { parent: 'job', attributes: { 'http.request.resend_count': 1 } }),
  { id: 'served', kind: 2, from: 0, to: 90, service: 'other', attributes: { 'http.route': '/r' } },
  call('c', 10, 80, { parent: 'served', service: 'other', failed: true }),
);
const HAR = {
  log: {
    creator: { name: 'a', version: '1' },
    entries: [0, 1].map((n) => ({
      startedDateTime: '2026-11-22T10:00:00.000Z',
      time: 116,
      request: { method: 'GET', url: `https://example.com/${n}` },
      response: { status: 200, httpVersion: 'h2', redirectURL: '', _transferSize: 321 },
      timings: { blocked: 1, dns: 2, connect: 10, ssl: 6, send: 0.5, wait: 100, receive: 2.5 },
      connection: '77',
      _initiator: { stack: { callFrames: [{ functionName: 'f', url: 'a.js', lineNumber: 3 }] } },
    })),
  },
};

/** What a value of a file may be instead, in the hands of a program with a fault. */
const strange = fc.oneof(
  fc.constantFrom(null, -1, 0.5, 1e300, '', '-5', '</script>', '\u202e\u0000', [], {}, true, '__proto__'),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.jsonValue({ maxDepth: 2 }),
);

/** A copy of a value in which one part, found by a number, is another. */
function spoiled(value: unknown, place: number, other: unknown): unknown {
  let left = place;
  const visit = (part: unknown): unknown => {
    if (left-- === 0) return other;
    if (Array.isArray(part)) return part.map(visit);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, visit(one)]));
  };
  return visit(value);
}

const FILES = { otlp: OTLP, jaeger: jaegerOf(OTLP as Otlp), har: HAR };

for (const [name, whole] of Object.entries(FILES)) {
  test(`a file of ${name} with strange values in it is judged, exported, or refused with a TraceError`, async () => {
    const parts = JSON.stringify(whole).match(/[[{:,]/g)!.length;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(parts), strange), { minLength: 1, maxLength: 3 }),
        async (faults) => {
          const file = fileOf(
            faults.reduce((value: unknown, [place, other]) => spoiled(value, place, other), whole),
          );
          try {
            await judgeSource(await openTraceFile(file));
            for (const ending of EXPORT_ENDINGS) await exportOf(file, ending);
          } catch (error) {
            assert.equal((error as Error).name, 'TraceError', `${(error as Error).stack}`);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test(`what is read of a file of ${name} is a trace by all rules, whatever its times are`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer(), async (place, number) => {
        const file = fileOf(spoiled(whole, place, number));
        const source = await openTraceFile(file).catch((error: Error) => {
          assert.equal(error.name, 'TraceError', error.stack);
        });
        if (source === undefined) return;
        const records: TraceRecord[] = [];
        for await (const batch of source) records.push(...batch);
        const end = records.pop() as End;
        const path = fileOf('');
        const trace = await openTrace(path, source.run);
        for (const record of records) trace.write(record as never);
        await trace.close(end);
        const { faults } = await checkTrace(path);
        assert.deepEqual(faults, []);
      }),
      { numRuns: 60 },
    );
  });
}
