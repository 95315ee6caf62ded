import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { causesPage, GENERATED } from '../../scripts/causes-page.ts';
import { CAUSE_IDS } from '../../src/diagnose/index.ts';

const page = readFileSync(new URL('../../docs/causes.md', import.meta.url), 'utf8');

it('the page of causes says what the rules say of themselves: node scripts/causes.ts', () => {
  assert.equal(GENERATED.exec(page)?.[0], causesPage());
});

it('has each cause that there is, once, and no other', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id!);
  assert.deepEqual(rows.toSorted(), CAUSE_IDS.toSorted());
});

it('says of each what it means, its evidence, what to do and how sure it is', () => {
  for (const row of page.matchAll(/^\| `.*$/gm)) {
    const cells = row[0]
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    assert.equal(cells.length, 5, row[0]);
    assert.ok(
      cells.every((cell) => cell !== ''),
      row[0],
    );
    assert.match(cells[4]!, /^(?:certain|likely|possible)\b/);
  }
});
