import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { EXAMPLES, type Example, RULES } from '../../src/diagnose/index.ts';
import { loadExplanations } from '../../src/view/index.ts';
import { abreast } from '../e2e/abreast.ts';

test('a cause is explained: its meaning, how it is recognized, a slow and a fast example, what to do, references', async () => {
  const { code, out } = await abreast(['explain', 'blocking-call']);
  assert.equal(code, 0);
  for (const part of [
    /^blocking-call\n {2}A synchronous call on an event loop/,
    /^ {2}It delays requests at the step `sent`\./m,
    /^How it is recognized\n {2}Waits for one connection/m,
    /^Slow, in Python\n {4}async def get\(url\):\n {8}return requests\.get\(url\)$/m,
    /^Fast, in Python\n {4}async def get\(url\):\n {8}return await asyncio\.to_thread/m,
    /^What to do\n {2}Use an asynchronous client/m,
    /^ {2}https:\/\/github\.com\/astral-sh\/ruff\/pull\/28024$/m,
  ])
    assert.match(out, part);
});

test('no page of a cause is wider than a terminal, but for code and addresses', async () => {
  const { explanationLines } = await loadExplanations();
  for (const rule of RULES)
    for (const line of explanationLines(rule).map(stripVTControlCharacters))
      assert.ok(line.length <= 80 || /^ {4}|http/.test(line), line);
});

test('without a cause all are listed, and one that is not there is named with those that are near', async () => {
  const { out } = await abreast(['explain']);
  for (const { id } of RULES) assert.match(out, new RegExp(`^ {2}${id} `, 'm'));
  const { code, err } = await abreast(['explain', 'blocking-socket']);
  assert.equal(code, 2);
  assert.match(err, /^error: there is no cause 'blocking-socket'; did you mean .*blocking-call/);
});

test('--json has the page of one cause, or of all', async () => {
  const one = JSON.parse((await abreast(['explain', '--json', 'lock'])).out);
  assert.deepEqual([one.id, one.step, one.examples[0].language], ['lock', 'dispatched', 'Python']);
  const all = JSON.parse((await abreast(['explain', '--json'])).out);
  assert.deepEqual(
    all.map(({ id }: { id: string }) => id),
    RULES.map(({ id }) => id),
  );
});

/** The slow and the fast programs in one language. */
function examplesIn(language: Example['language']): string[] {
  const examples = Object.values(EXAMPLES).flat();
  return examples.flatMap((one) => (one.language === language ? [one.slow, one.fast] : []));
}

test('each cause has at most one example for each language', () => {
  for (const [id, examples] of Object.entries(EXAMPLES))
    assert.equal(new Set(examples.map(({ language }) => language)).size, examples.length, id);
});

test('the examples in Node are programs in this language', () => {
  for (const text of examplesIn('Node')) assert.ok(new Function(`return async () => {\n${text}\n}`));
});

test('the examples in Ruby are programs in this language', (t) => {
  const text = examplesIn('Ruby').join('\n');
  const { status, stderr, error } = spawnSync('ruby', ['-c'], { input: text, encoding: 'utf8' });
  if (error !== undefined) return t.skip('there is no ruby: scripts/system.sh ruby');
  assert.equal(status, 0, stderr);
});

test('the examples in Python are programs in this language', (t) => {
  const compile =
    'import ast, sys, json\nfor text in json.load(sys.stdin): ast.parse("async def f():\\n" + "\\n".join("    " + line for line in text.split("\\n")))';
  const { status, stderr, error } = spawnSync('python3', ['-c', compile], {
    input: JSON.stringify(examplesIn('Python')),
    encoding: 'utf8',
  });
  if (error !== undefined) return t.skip('there is no python3: apt-get install python3');
  assert.equal(status, 0, stderr);
});
