import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Part, partPattern } from './page.ts';
import { paper, readFigures } from './paper.ts';
import { costSentence, loadTable } from './text.ts';

const page = readFileSync(new URL('../../docs/scale.md', import.meta.url), 'utf8');
const partOf = (part: Part) => partPattern(part).exec(page)?.[0].trim();

test('docs/scale.md has a place for all that npm run scale writes', () => {
  for (const part of ['redis', 'postgres', 'faults', 'paper'] as const)
    assert.notEqual(partOf(part), undefined, part);
});

test('the tables of docs/scale.md are those of the figures in test/scale/figures.json', () => {
  const figures = readFigures();
  for (const queue of ['redis', 'postgres'] as const) {
    const measured = figures[queue];
    if (measured === undefined) continue;
    for (const text of [loadTable(measured), costSentence(measured)])
      assert.ok(partOf(queue)?.includes(text), text);
  }
  if (figures.redis !== undefined) assert.equal(partOf('paper'), paper(figures));
});
