import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { judgeSource, type Verdict } from '../../src/diagnose/index.ts';
import { openTraceFile } from '../../src/formats/index.ts';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { environment } from '../watch/python/environments.ts';
import { jaegerOf } from './jaeger.ts';

const COUNT = 10;
const folder = mkdtempSync(join(tmpdir(), 'abreast-otel-'));
let server: TestServer;
before(async () => {
  server = await startServer();
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

type Manner = 'serial' | 'together' | 'jobs';

/** Runs a program that writes its spans. `/together/N` answers once N are in flight. */
async function spansOf(command: readonly string[], manner: Manner, environment = {}): Promise<string> {
  const path = join(folder, `${manner}-${command.length}.json`);
  const route = { serial: '/delay/0.1', together: `/together/${COUNT}`, jobs: '/delay/0.4' }[manner];
  const urls = Array.from({ length: COUNT }, (_, n) => `${server.httpUrl}${route}?n=${n}`);
  const child = spawn(command[0]!, [...command.slice(1), manner, path, ...urls], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0);
  return path;
}

async function verdictOf(path: string): Promise<Verdict> {
  return (await judgeSource(await openTraceFile(path))).verdict;
}

const NODE = [process.execPath, join(import.meta.dirname, 'programs/spans.mjs')];

describe('spans of @opentelemetry/sdk-trace-node', () => {
  it('of a program that awaits one after the other are serial', async () => {
    const { overlap, step, requests, verdict } = await verdictOf(await spansOf(NODE, 'serial'));
    assert.deepEqual([overlap, step, requests], ['serial', 'wanted', COUNT]);
    assert.match(verdict, /GET \/report makes 10 upstream calls one after another in one request/);
  });

  it('of a program that sends all at once are concurrent', async () => {
    const { overlap, causes, inFlight } = await verdictOf(await spansOf(NODE, 'together'));
    assert.deepEqual([overlap, causes, inFlight.max], ['concurrent', [], COUNT]);
  });

  it('of jobs that wait for one of two permits are partly concurrent, and wait to be dispatched', async () => {
    const { overlap, step, inFlight } = await verdictOf(await spansOf(NODE, 'jobs'));
    assert.deepEqual([overlap, step], ['partly', 'dispatched']);
    assert.ok(inFlight.max <= 3, 'a span may end a little after the next one began');
  });

  it('give the same verdict as Jaeger JSON', async () => {
    for (const manner of ['serial', 'together', 'jobs'] as const) {
      const path = await spansOf(NODE, manner);
      const jaeger = join(folder, 'jaeger.json');
      writeFileSync(jaeger, JSON.stringify(jaegerOf(JSON.parse(readFileSync(path, 'utf8'))), null, 2));
      const ofOtlp = await verdictOf(path);
      const { trace: _, recorders, ...ofJaeger } = await verdictOf(jaeger);
      assert.equal(recorders[0]!.name, 'jaeger');
      assert.deepEqual({ ...ofOtlp, ...ofJaeger }, ofOtlp);
    }
  });
});

const python = environment('otel312');

describe("spans of Python's opentelemetry-sdk", 'skip' in python ? { skip: python.skip } : {}, () => {
  const command = ['path' in python ? python.path : '', join(import.meta.dirname, 'programs/spans.py')];
  for (const [names, optIn] of [
    ['old', ''],
    ['new', 'http'],
  ] as const) {
    const settings = { OTEL_SEMCONV_STABILITY_OPT_IN: optIn };
    const wanted = names === 'old' ? /"http\.url"/ : /"url\.full"/;

    it(`by the ${names} names: one after the other is serial`, async () => {
      const path = await spansOf(command, 'serial', settings);
      assert.match(readFileSync(path, 'utf8'), wanted);
      const { overlap, step, requests } = await verdictOf(path);
      assert.deepEqual([overlap, step, requests], ['serial', 'wanted', COUNT]);
    });

    it(`by the ${names} names: all at once is concurrent`, async () => {
      const path = await spansOf(command, 'together', settings);
      assert.match(readFileSync(path, 'utf8'), wanted);
      const { overlap, causes, inFlight } = await verdictOf(path);
      assert.deepEqual([overlap, causes, inFlight.max], ['concurrent', [], COUNT]);
    });
  }
});

describe('abreast judge on spans', () => {
  it('reads spans from a file of any name, and says what spans can not show', async () => {
    const path = join(folder, 'recording');
    writeFileSync(path, readFileSync(await spansOf(NODE, 'serial')));
    const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/abreast', 'judge', '--json', path], {
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    assert.equal(JSON.parse(stdout).overlap, 'serial');
    assert.match(stderr, /a span says when a request was called/);
  });

  it('and view: it makes a page, and an export, of spans as well', async () => {
    const spans = await spansOf(NODE, 'serial');
    for (const [file, kept] of [
      ['page.html', /GET \/report makes 10 upstream calls/],
      ['spans.har', /"creator":\{"name":"abreast"/],
    ] as const) {
      const path = join(folder, file);
      const view = ['bin/abreast', 'view', spans, '-o', path];
      assert.equal(spawnSync(process.execPath, view, { encoding: 'utf8' }).stderr, '');
      assert.match(readFileSync(path, 'utf8'), kept);
    }
  });

  it('refuses a foreign file in one line, with exit code 2', () => {
    const path = join(folder, 'foreign');
    writeFileSync(path, '{"traceEvents":[]}');
    const { stderr, status } = spawnSync(process.execPath, ['bin/abreast', 'judge', path], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /^error: .*foreign: this is Trace Event JSON[^\n]*\n$/);
  });
});
