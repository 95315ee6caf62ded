import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeSource } from '../../src/diagnose/index.ts';
import { openTraceFile } from '../../src/formats/index.ts';
import { checkTrace, openTrace, type TraceRecord, type TraceSource } from '../../src/trace/index.ts';
import { call, exchangesOf, fileOf, otlpOf, recordsOf, unitsOf } from './span-files.ts';

async function allOf(trace: TraceSource): Promise<TraceRecord[]> {
  const records: TraceRecord[] = [];
  for await (const batch of trace) records.push(...batch);
  return records;
}

const OLD = {
  'http.request.method': '',
  'url.full': '',
  'http.response.status_code': '',
  'http.method': 'GET',
};

describe('spans of OTLP/JSON', () => {
  it('are exchanges where they are HTTP calls of a client: when they were called, and when they ended', async () => {
    const { a } = await exchangesOf(call('a', 10, 30, { attributes: { 'http.response.body.size': 9 } }));
    assert.deepEqual(a, {
      kind: 'exchange',
      id: 1,
      request: 1,
      attempt: 1,
      because: 'first',
      pid: 1,
      method: 'GET',
      origin: 'https://example.com',
      url: 'https://example.com/a',
      bytesDown: 9,
      calledUs: 0,
      dispatchedUs: 0,
      sentUs: 0,
      readUs: 20_000,
      status: 200,
      error: null,
      estimated: ['dispatchedUs', 'sentUs'],
    });
  });

  it('a span that no client made, and one of another protocol, is no exchange', async () => {
    const exchanges = await exchangesOf(
      call('served', 0, 9, { kind: 2 }),
      { id: 'query', kind: 3, from: 1, to: 2, attributes: { 'db.system.name': 'postgresql' } },
      call('a', 3, 4),
    );
    assert.deepEqual(Object.keys(exchanges), ['a']);
  });

  for (const [what, attributes, url] of [
    ['http.url', { 'http.url': 'https://old.example/a?x=1' }, 'https://old.example/a?x=1'],
    [
      'net.peer.name, net.peer.port and http.target',
      {
        'http.scheme': 'http',
        'net.peer.name': 'old.example',
        'net.peer.port': 8080,
        'http.target': '/a?x=1',
      },
      'http://old.example:8080/a?x=1',
    ],
    [
      'http.host with its port',
      { 'http.scheme': 'https', 'http.host': 'old.example:444' },
      'https://old.example:444/',
    ],
    [
      'server.address, url.path and url.query',
      { 'server.address': '::1', 'server.port': 443, 'url.path': '/a', 'url.query': '?x=1' },
      'https://[::1]/a?x=1',
    ],
  ] as const) {
    it(`the URL can be in ${what}`, async () => {
      const [one] = Object.values(
        await exchangesOf(call('a', 0, 1, { attributes: { ...OLD, ...attributes } })),
      );
      assert.equal(one!.url, url);
    });
  }

  it('the status and the kind may have names of before, or be text', async () => {
    const attributes = { ...OLD, 'http.url': 'https://example.com/a', 'http.status_code': '404' };
    const { a } = await exchangesOf(call('a', 0, 1, { kind: 'SPAN_KIND_CLIENT', attributes }));
    assert.deepEqual([a!.status, a!.error], [404, null]);
  });

  it('one that failed has its error, and no answer', async () => {
    const attributes = { 'http.response.status_code': '', 'error.type': 'ECONNREFUSED' };
    const { a } = await exchangesOf(call('a', 0, 5, { failed: true, attributes }));
    assert.deepEqual([a!.error, a!.failedUs, a!.readUs, a!.answeredUs], ['ECONNREFUSED', 5_000, null, null]);
  });

  it('the first in a span is wanted since that began, or since the last thing ended that it did before', async () => {
    const { a, b, c } = await exchangesOf(
      { id: 'job', from: 0, to: 100 },
      call('a', 40, 50, { parent: 'job' }),
      call('b', 60, 70, { parent: 'job' }),
      { id: 'other', from: 0, to: 100 },
      { id: 'query', parent: 'other', from: 5, to: 30 },
      call('c', 40, 50, { parent: 'other' }),
    );
    assert.deepEqual([a!.wantedUs, b!.wantedUs, c!.wantedUs], [0, 60_000, 30_000]);
    assert.notEqual(a!.unit, c!.unit);
  });

  it('several at once in a span are wanted when they are called; where some wait for others to end, nobody saw', async () => {
    const together = [
      { id: 'main', from: 0, to: 100 },
      call('a', 40, 50, { parent: 'main' }),
      call('b', 41, 60, { parent: 'main' }),
    ];
    const { a } = await exchangesOf(...together);
    assert.equal(a!.wantedUs, 40_000);
    const limited = await exchangesOf(...together, call('c', 51, 70, { parent: 'main' }));
    assert.deepEqual(
      Object.values(limited).map(({ wantedUs }) => wantedUs),
      [undefined, undefined, undefined],
    );
  });

  it('a call of a library that makes a call of another one is one exchange, of the unit around both', async () => {
    const exchanges = await exchangesOf(
      { id: 'job', from: 0, to: 100 },
      call('outer', 10, 50, { parent: 'job' }),
      call('inner', 12, 48, { parent: 'outer' }),
    );
    assert.deepEqual(Object.keys(exchanges), ['inner']);
    const { wantedUs, calledUs, readUs } = exchanges.inner!;
    assert.deepEqual([wantedUs, calledUs, readUs], [0, 10_000, 48_000]);
  });

  it('what is sent again belongs to the request before it, and says whether that was a redirect', async () => {
    const { a, b, c } = await exchangesOf(
      call('a', 0, 10, { attributes: { 'http.response.status_code': 302 } }),
      call('b', 10, 20, { attributes: { 'http.request.resend_count': 1, 'http.response.status_code': 503 } }),
      call('c', 30, 40, { attributes: { 'http.request.resend_count': 2 } }),
    );
    assert.deepEqual([a!.request, b!.request, c!.request], [1, 1, 1]);
    assert.deepEqual([a!.because, b!.because, c!.because], ['first', 'redirect', 'retry']);
  });

  it('a span of a server is a request that is served, whose calls are judged by its route', async () => {
    const spans = Array.from({ length: 4 }, (_, at) => [
      {
        id: `s${at}`,
        kind: 2,
        from: 1_000 * at,
        to: 1_000 * at + 900,
        attributes: { 'http.request.method': 'GET', 'http.route': '/report' },
      },
      ...[0, 1, 2].map((n) =>
        call(`c${at}${n}`, 1_000 * at + 300 * n, 1_000 * at + 300 * n + 290, { parent: `s${at}` }),
      ),
    ]).flat();
    const [unit] = await unitsOf(...spans);
    assert.deepEqual([unit!.type, unit!.method, unit!.route], ['served-request', 'GET', '/report']);
    const { verdict } = await judgeSource(await openTraceFile(fileOf(otlpOf(...spans))));
    assert.match(
      verdict.verdict,
      /^serial: GET \/report makes 3 upstream calls one after another in each of 4/,
    );
  });

  it('a call to a service that traces too is a call of each', async () => {
    const exchanges = await exchangesOf(
      call('a', 0, 100),
      { id: 'b', parent: 'a', kind: 2, from: 10, to: 90, service: 'other' },
      call('c', 20, 80, { parent: 'b', service: 'other' }),
    );
    assert.deepEqual(Object.keys(exchanges), ['a', 'c']);
    assert.notEqual(exchanges.a!.pid, exchanges.c!.pid);
  });

  it('events of browsers say when a request was sent and answered', async () => {
    const { a } = await exchangesOf(
      call('a', 0, 100, {
        events: [
          { name: 'connectEnd', at: 20 },
          { name: 'requestStart', at: 30 },
          { name: 'responseStart', at: 90 },
        ],
      }),
    );
    assert.deepEqual([a!.connectedUs, a!.sentUs, a!.answeredUs], [20_000, 30_000, 90_000]);
    assert.deepEqual(a!.estimated, ['dispatchedUs']);
  });

  it('a line of code is where the call was made, as far as attributes name it', async () => {
    const records = await recordsOf(
      otlpOf(
        {
          id: 'job',
          from: 0,
          to: 9,
          attributes: { 'code.filepath': '/srv/a.py', 'code.lineno': 7, 'code.function': 'go' },
        },
        call('a', 1, 2, { parent: 'job' }),
      ),
    );
    const stack = records.find((record) => record.kind === 'stack');
    assert.deepEqual(stack!.frames, [{ function: 'go', file: '/srv/a.py', line: 7 }]);
  });

  it('may come a value a line, with metrics between and the same span twice', async () => {
    const lines = [
      otlpOf(call('a', 0, 9)),
      { resourceMetrics: [] },
      otlpOf(call('b', 1, 5), call('a', 0, 9)),
    ];
    const records = await recordsOf(lines.map((line) => JSON.stringify(line)).join('\n'));
    assert.equal(records.filter(({ kind }) => kind === 'exchange').length, 2);
  });

  it('spans and lines that are not valid are counted and named, and the others are read', async () => {
    const good = JSON.stringify(otlpOf(call('a', 0, 9)));
    const bad = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ spanId: 'b' }] }] }] });
    const path = fileOf(`${good}\n${bad}\n{"cut`);
    const trace = await openTraceFile(path);
    const kinds = (await allOf(trace)).map(({ kind }) => kind);
    assert.ok(kinds.includes('exchange'));
    assert.equal(trace.problemCount, 2);
    assert.match(trace.problems[0]!.text, /a span is not valid: .*traceId/);
    assert.deepEqual(trace.problems[1], { where: `${path}: value 3`, text: 'it holds no spans' });
  });

  it('a URL keeps no secret', async () => {
    const attributes = { 'url.full': 'https://example.com/a?token=hunter2' };
    assert.doesNotMatch(JSON.stringify(await recordsOf(otlpOf(call('a', 0, 1, { attributes })))), /hunter2/);
  });

  it('make a trace in which every rule of a trace holds', async () => {
    const trace = await openTraceFile(
      fileOf(
        otlpOf(
          { id: 'job', from: 0, to: 100 },
          call('a', 40, 50, { parent: 'job' }),
          call('b', 60, 70, { parent: 'job', failed: true, attributes: { 'http.response.status_code': '' } }),
        ),
      ),
    );
    const path = fileOf('');
    const copy = await openTrace(path, trace.run);
    for (const record of await allOf(trace))
      if (record.kind === 'end') await copy.close(record);
      else copy.write(record);
    assert.deepEqual((await checkTrace(path)).faults, []);
  });
});

describe('spans of Jaeger JSON', () => {
  const span = (spanID: string, tags: readonly object[], more: object = {}) => ({
    traceID: 'a',
    spanID,
    operationName: 'GET',
    references: [{ refType: 'CHILD_OF', traceID: 'a', spanID: 'job' }],
    startTime: 1_706_678_909_209_712,
    duration: 123,
    tags: [{ key: 'span.kind', type: 'string', value: 'client' }, ...tags],
    logs: [],
    processID: 'p1',
    warnings: null,
    ...more,
  });
  const url = { key: 'http.url', type: 'string', value: 'https://example.com/a' };
  const jaeger = (...spans: readonly object[]) => ({
    data: [{ traceID: 'a', spans, processes: { p1: { serviceName: 'report', tags: null } }, warnings: null }],
    errors: null,
  });

  it('have their error in a tag, which old clients write as text, and its kind in a log', async () => {
    const error = { key: 'error', type: 'bool', value: 'true' };
    const logs = [{ timestamp: 1, fields: [{ key: 'error.kind', type: 'string', value: 'Timeout' }] }];
    const records = await recordsOf(jaeger(span('b', [url, error], { logs })));
    const exchange = records.find((record) => record.kind === 'exchange')!;
    assert.deepEqual([exchange.error, exchange.failedUs, exchange.readUs], ['Timeout', 123, null]);
  });

  it('know their parent by a reference, or by the field before it, and their program by its process', async () => {
    const job = span('job', [], {
      references: [],
      tags: [],
      startTime: 1_706_678_909_209_000,
      duration: 900,
    });
    const old = span('c', [url], { references: null, parentSpanID: 'job', startTime: 1_706_678_909_209_840 });
    const records = await recordsOf(jaeger(job, span('b', [url]), old));
    const exchanges = records.filter((record) => record.kind === 'exchange');
    assert.deepEqual(
      exchanges.map(({ unit, wantedUs, calledUs }) => [unit, wantedUs, calledUs]),
      [
        [1, 0, 712],
        [1, 840, 840],
      ],
    );
    const process = records.find((record) => record.kind === 'process');
    assert.deepEqual(process!.argv, ['report']);
  });
});

describe('a file of another kind is refused in one line that says what is read', () => {
  for (const [what, content, message] of [
    ['Trace Event JSON', { traceEvents: [] }, /this is Trace Event JSON, which has no requests\. It reads/],
    ['Zipkin JSON', [{ traceId: 'a', localEndpoint: {} }], /this is Zipkin JSON\. It reads/],
    [
      'other JSON',
      { data: 1 },
      /no format that abreast knows\. It reads traces of abreast, HAR, OTLP\/JSON and Jaeger/,
    ],
    ['a picture', '\u0089PNG\r\n', /no format that abreast knows/],
    ['JSON that was cut', '{\n"resourceSpans": [', /begins like JSON, and is none: is the file complete\?/],
  ] as const) {
    it(what, async () => {
      await assert.rejects(openTraceFile(fileOf(content)), (error: Error) => {
        assert.equal(error.name, 'TraceError');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /\n/);
        return true;
      });
    });
  }
});
