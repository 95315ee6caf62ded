import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CAUSE_IDS, RULES, type Rule } from '../../../src/diagnose/index.ts';

const rules: readonly Rule[] = RULES;
const here = import.meta.dirname;
const folder = join(here, '../../../src/diagnose/causes');

/** Causes without a recorded trace: no program was found that shows them each time it runs. */
const NOT_RECORDED: readonly string[] = ['unexplained'];

describe('the rules for causes', () => {
  it('are the files of the folder, each named by its id, all of them in the list', () => {
    const files = readdirSync(folder).filter((file) => file !== 'index.ts');
    assert.deepEqual(files.toSorted(), CAUSE_IDS.map((id) => `${id}.ts`).toSorted());
    for (const id of CAUSE_IDS)
      assert.match(readFileSync(join(folder, `${id}.ts`), 'utf8'), new RegExp(`^  id: '${id}',$`, 'm'));
  });

  it('yield to rules that there are, and never to one that yields to them', () => {
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    for (const { id, yieldsTo } of rules)
      for (const other of yieldsTo) {
        assert.ok(byId.has(other), `${id} yields to ${other}`);
        assert.ok(!byId.get(other)!.yieldsTo.includes(id), `${id} and ${other}`);
      }
  });

  it('each have a test that begins with their id', () => {
    const tests = readdirSync(here)
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(here, file), 'utf8'))
      .join('\n');
    const named = [...tests.matchAll(/^test\('([a-z, -]+): /gm)].flatMap(([, ids]) => ids!.split(', '));
    assert.deepEqual([...new Set(named)].toSorted(), CAUSE_IDS.toSorted());
  });

  it('each have a recorded trace, but for those that are known to have none', () => {
    const expected: Readonly<Record<string, { readonly cause: string | null }>> = JSON.parse(
      readFileSync(join(here, '../../traces/cases/expected.json'), 'utf8'),
    );
    const recorded = new Set(Object.values(expected).map(({ cause }) => cause));
    assert.deepEqual(CAUSE_IDS.filter((id) => !recorded.has(id)).toSorted(), NOT_RECORDED.toSorted());
  });

  it('name no library of another language in what is to be done', () => {
    const words = {
      ruby: /Promise|asyncio|ThreadPool|aiohttp|subprocess|node:/,
      python: /Promise|node:|setNoDelay|https?\.Agent|undici|worker_threads/,
      node: /asyncio|ThreadPool|requests\.[A-Z]|httpx|aiohttp|gevent|subprocess|Popen/,
    };
    for (const { id, fix } of rules) {
      if (fix === null) continue;
      assert.doesNotMatch(fix.python ?? '', words.python, id);
      assert.doesNotMatch(fix.node ?? '', words.node, id);
      assert.doesNotMatch(fix.ruby ?? '', words.ruby, id);
      if (isOfOneLanguage(id)) continue;
      assert.doesNotMatch(fix.any, words.python, id);
      assert.doesNotMatch(fix.any, words.node, id);
    }
  });

  it('have references with a title, where they were met', () => {
    for (const { id, references } of rules)
      for (const { url, title, language } of references) {
        assert.ok(URL.canParse(url) && url.startsWith('https://'), `${id}: ${url}`);
        assert.ok(title.length > 5, id);
        assert.ok([undefined, 'python', 'node', 'ruby'].includes(language), id);
      }
  });
});

/** Causes that only programs in Python have. */
function isOfOneLanguage(id: string): boolean {
  return ['gevent-blocking-wait', 'green-blocking-wait', 'late-patch'].includes(id);
}
