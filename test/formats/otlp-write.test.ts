import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, it } from 'node:test';
import { judgeSource } from '../../src/diagnose/index.ts';
import { openTraceFile } from '../../src/formats/index.ts';
import type { Exchange } from '../../src/trace/index.ts';
import { exchangesIn, exportedText, exportOf, steps, TRACES, traceOf } from './exported.ts';

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly status?: { readonly code: number };
}

async function spansOf(trace: string): Promise<readonly Span[]> {
  const lines = (await exportedText(trace, '.otlp.json')).trim().split('\n');
  return lines.flatMap((line) =>
    JSON.parse(line).resourceSpans.flatMap((resource: { scopeSpans: { spans: Span[] }[] }) =>
      resource.scopeSpans.flatMap(({ spans }) => spans),
    ),
  );
}

const STEPS = [
  'wantedUs',
  'dispatchedUs',
  'connectedUs',
  'sentUs',
  'answeredUs',
  'readUs',
  'failedUs',
] as const;

/** Steps in the order of the exchanges, relative to the first one: an import has no other beginning. */
function stepsOf(exchanges: readonly Exchange[]) {
  const firstUs = Math.min(...exchanges.map(({ wantedUs, calledUs }) => wantedUs ?? calledUs ?? Infinity));
  return exchanges
    .map((exchange) => STEPS.map((step) => (exchange[step] == null ? null : exchange[step] - firstUs)))
    .sort((a, b) => a[0]! - b[0]! || a[3]! - b[3]!);
}

describe('a trace as OTLP/JSON', () => {
  for (const trace of TRACES) {
    it(`of ${basename(trace)} has ids of the right length, one root, and no parent that is missing`, async () => {
      const spans = await spansOf(trace);
      const ids = new Set(spans.map(({ spanId }) => spanId));
      assert.equal(ids.size, spans.length);
      for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } of spans) {
        assert.match(traceId, /^[0-9a-f]{32}$/);
        assert.match(spanId, /^[0-9a-f]{16}$/);
        assert.match(startTimeUnixNano, /^\d{19}$/);
        assert.ok(BigInt(startTimeUnixNano) <= BigInt(endTimeUnixNano));
      }
      assert.equal(spans.filter(({ parentSpanId }) => parentSpanId === undefined).length, 1);
      assert.deepEqual(
        spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId)),
        [],
      );
    });

    it(`of ${basename(trace)} gives the same exchanges and overlap when it is judged`, async () => {
      const file = await exportOf(trace, '.otlp.json');
      assert.deepEqual(stepsOf(await exchangesIn(file)), stepsOf(await exchangesIn(trace)));
      const { verdict: before } = await judgeSource(await openTraceFile(trace));
      const { verdict: after } = await judgeSource(await openTraceFile(file));
      assert.deepEqual(
        [after.overlap, after.exchanges, after.failed],
        [before.overlap, before.exchanges, before.failed],
      );
    });
  }

  it('names things as the semantic conventions of today do', async () => {
    const stack = {
      kind: 'stack',
      id: 5,
      frames: [{ file: '/app/slow.py', line: 10, function: 'get' }],
    } as const;
    const given = {
      status: 404,
      attempt: 2,
      request: 1,
      stack: 5,
      bytesDown: 9,
      origin: 'https://[::1]:8443',
    };
    const [run, span] = await spansOf(traceOf([stack, steps([1, 1, 1, 1, 2, 3], given)]));
    assert.deepEqual([run!.name, run!.kind, span!.kind, span!.status], ['abreast get', 1, 3, { code: 2 }]);
    assert.deepEqual(
      Object.fromEntries(span!.attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
      {
        'http.request.method': 'GET',
        'url.full': 'https://example.com/a?x=1',
        'server.address': '::1',
        'server.port': '8443',
        'http.response.status_code': '404',
        'error.type': '404',
        'http.request.resend_count': '1',
        'http.response.body.size': '9',
        'code.file.path': '/app/slow.py',
        'code.line.number': '10',
      },
    );
  });

  it('has units of work as spans around their exchanges, a served request as one of a server', async () => {
    const unit = {
      kind: 'unit',
      id: 3,
      pid: 1,
      type: 'served-request',
      madeUs: 0,
      endedUs: 5_000,
      method: 'GET',
      route: '/r',
    } as const;
    const [, served, span] = await spansOf(traceOf([unit, steps([1, 1, 1, 1, 2, 3], { pid: 1, unit: 3 })]));
    assert.deepEqual([served!.name, served!.kind, span!.parentSpanId], ['GET /r', 2, served!.spanId]);
  });

  it('can be read by its owner alone', async () => {
    assert.equal(statSync(await exportOf(TRACES[0]!, '.otlp.json')).mode & 0o077, 0);
  });
});
