import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Verdict } from '../../src/diagnose/index.ts';
import type { About } from '../../src/page/model/about.ts';
import { startServer } from '../../src/testserver/index.ts';
import { abreast, folder } from '../e2e/abreast.ts';
import { layReport } from '../e2e/reports.ts';
import { place } from './watched.ts';

const TRACE = new URL('../traces/get-two-of-eight.jsonl', import.meta.url).pathname;

/** What a page says of its runs. */
function aboutIn(file: string): About {
  const [, json] = /<script type="application\/json" id="verdict">(.*)<\/script>/.exec(
    readFileSync(file, 'utf8'),
  )!;
  return JSON.parse(json!);
}

const view = (at: string, args: readonly string[], env = {}) =>
  abreast(['view', ...args], {
    cwd: at,
    env: { DISPLAY: '', WAYLAND_DISPLAY: '', XDG_CACHE_HOME: at, ...env },
  });

test('view writes a page that has the verdict of judge, and prints its path', async () => {
  const at = folder();
  const { code, out } = await view(at, [TRACE, '-o', 'page.html']);
  assert.deepEqual([code, out], [0, 'page.html\n']);
  const judged = await abreast(['judge', '--json', TRACE]);
  assert.deepEqual(aboutIn(join(at, 'page.html')).runs[0]!.verdict, JSON.parse(judged.out) as Verdict);
});

test('without -o the page is beside the trace, and a file that is no page is not overwritten', async () => {
  const at = folder();
  const trace = join(at, 'run.jsonl');
  writeFileSync(trace, readFileSync(TRACE));
  const page = join(at, 'run.html');
  assert.equal((await view(at, [trace])).out, `${page}\n`);
  assert.equal((await view(at, [trace])).out, `${page}\n`, 'an earlier page is replaced');
  writeFileSync(page, 'my notes');
  const { out } = await view(at, [trace]);
  assert.notEqual(dirname(out.trim()), at);
  assert.equal(readFileSync(page, 'utf8'), 'my notes');
  assert.ok(existsSync(out.trim()));
});

test('a page is opened in the browser where there is a screen, and not with -o or --no-open', async () => {
  const at = folder();
  const browser = join(at, 'browser');
  writeFileSync(browser, `#!/bin/sh\necho "$1" >> ${join(at, 'opened')}\n`);
  chmodSync(browser, 0o755);
  const trace = join(at, 'run.jsonl');
  writeFileSync(trace, readFileSync(TRACE));
  const screen = { DISPLAY: ':9', BROWSER: browser };
  await view(at, [trace, '-o', 'other.html'], screen);
  await view(at, [trace, '--no-open'], screen);
  const { code, out } = await view(at, [trace], screen);
  assert.deepEqual([code, out], [0, `${join(at, 'run.html')}  (opened in the browser)\n`]);
  await until(() => existsSync(join(at, 'opened')));
  assert.equal(readFileSync(join(at, 'opened'), 'utf8'), `${join(at, 'run.html')}\n`);
  const missing = await view(at, [trace, '--open'], { DISPLAY: ':9', BROWSER: join(at, 'none') });
  assert.deepEqual([missing.code, missing.out], [0, `${join(at, 'run.html')}\n`]);
});

test('view alone shows the newest run of watch, which watch --html shows as well', async (t) => {
  const at = await place(t);
  const watched = await at.run(['watch', '--no-syscalls', '--html', 'w.html', '--', ...at.program('slow')]);
  assert.equal(watched.code, 0, watched.err);
  assert.match(watched.err, /page {3}w\.html/);
  const { code, out, err } = await at.run(['view', '--json'], { env: { DISPLAY: '' } });
  assert.equal(code, 0, err);
  const written = JSON.parse(out);
  assert.deepEqual(
    written.traces,
    at.traces().filter((name) => name.endsWith('.jsonl')),
  );
  assert.deepEqual(aboutIn(written.page).runs, aboutIn(join(at.folder, 'w.html')).runs);
  assert.equal(statSync(written.page).size, written.bytes);
});

test('view without any trace that was kept says what to do', async () => {
  const { code, err } = await view(folder(), [], { TMPDIR: folder() });
  assert.equal(code, 2);
  assert.match(err, /^error: there is no trace in .*: name a trace, or record one with abreast watch\n$/);
});

test('--only leaves the exchanges of other origins out of page and verdict', async (t) => {
  const [one, other] = await Promise.all([startServer(), startServer()]);
  t.after(() => Promise.all([one.close(), other.close()]));
  const at = folder();
  const urls = [`${one.httpUrl}/get?mine`, `${other.httpUrl}/get?theirs`, `${one.httpUrl}/get?mine`];
  await abreast(['get', ...urls, '--trace', 't.jsonl', '-o', 'r.jsonl'], { cwd: at });
  const { code, err } = await view(at, ['t.jsonl', '-o', 'p.html', '--only', one.httpUrl!]);
  assert.equal(code, 0, err);
  assert.equal(aboutIn(join(at, 'p.html')).runs[0]!.verdict.exchanges, 2);
});

test('get --html and report --html write a page of their run, without a trace that stays', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const at = folder();
  const got = await abreast(
    ['get', `${server.httpUrl}/get`, '-n', '5', '--html', 'g.html', '-o', 'r.jsonl', '--json'],
    {
      cwd: at,
    },
  );
  assert.equal(got.code, 0, got.err);
  assert.match(got.err, /page: g\.html/);
  const verdict = JSON.parse(got.out);
  assert.equal(verdict.trace, null);
  assert.equal(aboutIn(join(at, 'g.html')).runs[0]!.verdict.verdict, verdict.verdict);

  layReport(at, { url: `${server.httpUrl}/anything/{{id}}`, count: 3 });
  const reported = await abreast(['report', 'faults.yaml', '--html', 'r.html', '--json'], { cwd: at });
  assert.equal(reported.code, 0, reported.err);
  assert.equal(aboutIn(join(at, 'r.html')).runs[0]!.verdict.exchanges, 3);
});

const UNWRITABLE = join(import.meta.filename, 'page.html');

test('a page that can not be written ends the command with 2, before it sends anything', async (t: TestContext) => {
  const server = await startServer();
  t.after(() => server.close());
  const at = folder();
  const lines = [
    ['view', TRACE, '-o', UNWRITABLE],
    ['get', `${server.httpUrl}/get`, '--html', UNWRITABLE],
    ['watch', '--html', UNWRITABLE, '--', 'true'],
    ['report', layReport(at, { url: `${server.httpUrl}/anything/{{id}}`, count: 3 }), '--html', UNWRITABLE],
    ['stages', '2', '--html', UNWRITABLE],
  ];
  for (const args of lines) {
    const { code, err, out } = await abreast(args, { cwd: at });
    assert.deepEqual([code, out], [2, ''], `${args}: ${err}`);
    assert.match(err, /^error: .*page\.html.* can't be written: a part of the path is no folder\n$/);
  }
  const counts = await (await fetch(`${server.httpUrl}/stats`)).text();
  assert.doesNotMatch(counts, /"\/(get|anything)/);
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const LINES = readFileSync(TRACE, 'utf8').trimEnd().split('\n');

test('a trace that was cut short, or has bad lines, is shown as far as it goes, and the page says so', async () => {
  const at = folder();
  const cut = `${LINES.slice(0, -3).join('\n')}\n{"kind":"exchange","id":4,"orig`;
  const bad = [LINES[0], 'no json', ...LINES.slice(1, 4), '{"kind":"exchange"}', ...LINES.slice(4)].join(
    '\n',
  );
  for (const [name, text, fact] of [
    ['cut.jsonl', cut, /cut short/],
    ['bad.jsonl', bad, /bad\.jsonl:2: no JSON \(and 1 more/],
  ] as const) {
    writeFileSync(join(at, name), text);
    const { code, err } = await view(at, [name, '-o', 'page.html']);
    assert.equal(code, 0, err);
    assert.match(aboutIn(join(at, 'page.html')).runs[0]!.verdict.facts.join(' '), fact);
  }
});

test('what is no trace gives one line that says what it is, and no page', async () => {
  const at = folder();
  const files: Record<string, [content: string | Buffer, expected: RegExp]> = {
    'empty.jsonl': ['', /empty\.jsonl: it is empty/],
    'picture.png': [
      Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      /picture\.png: no format that abreast knows/,
    ],
    'data.json': ['{"a": 1}\n', /data\.json.*(?:no format that abreast knows|no trace)/],
    'later.jsonl': [LINES[0]!.replace(/"version":\d/, '"version":9'), /version 9.*update abreast/],
    'plain.jsonl.zst': [`${LINES.join('\n')}\n`, /not compressed with zstd/],
    'page.html': ['<!doctype html>\n<html>', /page\.html: no format that abreast knows/],
  };
  for (const [name, [content, expected]] of Object.entries(files)) {
    writeFileSync(join(at, name), content);
    const { code, err, out } = await view(at, [name, '-o', 'made.html']);
    assert.deepEqual([code, out], [2, ''], name);
    assert.match(err, expected);
    assert.equal(err.trimEnd().split('\n').length, 1, err);
  }
  for (const [args, expected] of [
    [['none.jsonl'], /no such file/],
    [['.'], /it is a folder/],
    [[TRACE, TRACE, TRACE], /one trace, or two/],
  ] as const) {
    const { code, err } = await view(at, [...args, '-o', 'made.html']);
    assert.equal(code, 2);
    assert.match(err, expected);
  }
  assert.ok(!existsSync(join(at, 'made.html')));
});

test('a page that a full disk cuts short is not left behind', {
  skip: !existsSync('/dev/full'),
}, async () => {
  const { code, err } = await view(folder(), [TRACE, '-o', '/dev/full']);
  assert.equal(code, 2);
  assert.match(err, /^error: \/dev\/full: the page can't be written: the disk is full\n$/);
  assert.ok(existsSync('/dev/full'));
});
