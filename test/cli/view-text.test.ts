import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { abreast, folder } from '../e2e/abreast.ts';

const traces = (name: string) => new URL(`../traces/${name}`, import.meta.url).pathname;
const SLOW = traces('cases/py312-gevent-resolver-block.slow.jsonl.zst');
const BLOCKED = traces('cases/py-sync-shared-connection.slow.jsonl.zst');
const LIMITED = traces('get-two-of-eight.jsonl');

const ESCAPE = '\u001b';

test('view --text prints the verdict of judge, its cause, funnel, waterfall and environment, in 80 columns', async () => {
  const { code, out, err } = await abreast(['view', '--text', SLOW]);
  assert.deepEqual([code, err], [0, '']);
  const judged = JSON.parse((await abreast(['judge', '--json', SLOW])).out);
  const flat = out.replace(/\s+/g, ' ');
  assert.ok(flat.startsWith(judged.verdict.replace(/\s+/g, ' ')), out.slice(0, 200));
  for (const { text, fix } of judged.causes) assert.ok(flat.includes(text) && flat.includes(fix ?? ''), text);
  for (const title of ['Funnel', 'Waterfall', 'Environment'])
    assert.match(out, new RegExp(`^${title}$`, 'm'));
  assert.match(out, /^Program {3}python 3\.12/m);
  assert.match(out, /^Replaced {2}gevent [\d.]+ replaced .*socket/m);
  assert.match(out, /^Modules {3}.*gevent \d/m);
  assert.ok(
    out.split('\n').every((line) => line.length <= 80 || line.startsWith('Trace ') || line.includes('/')),
  );
});

test('its waterfall has a row for each request and shows how long it was only wanted', async () => {
  const { out } = await abreast(['view', '--text', BLOCKED]);
  const rows = out.split('\n').filter((line) => /^GET .*█/.test(line));
  assert.equal(rows.length, 12);
  assert.match(rows.at(-1)!, /·{40,}█/);
});

test('two recordings are printed one after the other, and --text writes no file', async () => {
  const at = folder();
  const { out } = await abreast(['view', '--text', SLOW, LIMITED], { cwd: at });
  assert.equal(out.match(/^Environment$/gm)!.length, 2);
  const refused = await abreast(['view', '--text', SLOW, '-o', 'x.html'], { cwd: at });
  assert.equal(refused.code, 2);
  assert.match(refused.err, /^error: --text prints to standard output: leave out -o\n$/);
});

test('a string of a recording does not drive the terminal', async () => {
  const at = folder();
  const evil = `${ESCAPE}[2J${ESCAPE}]0;title\u0007\u202e`;
  const entry = {
    startedDateTime: '2026-11-22T10:00:00Z',
    time: 10,
    request: { method: `G${evil}`, url: 'https://example.com/a' },
    response: { status: 0, _error: evil },
    timings: { send: 0, wait: 10, receive: 0 },
  };
  const har = { log: { creator: { name: evil, version: evil }, entries: [entry, entry] } };
  writeFileSync(join(at, 'evil.har'), JSON.stringify(har));
  for (const command of [['view', '--text'], ['judge']]) {
    const { code, out, err } = await abreast([...command, 'evil.har'], { cwd: at });
    assert.equal(code, 0);
    assert.doesNotMatch(out + err, new RegExp(`[${ESCAPE}\u0007\u202e]`));
  }
});
