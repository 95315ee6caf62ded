import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, it } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { judgeTrace } from '../../src/diagnose/index.ts';
import { strangePlaces } from './clean.ts';

/** What is true of a case's program, known from how it was made: not what the verdict happened to be. */
interface Expected {
  /** Lists where several are right. */
  readonly overlap: string | readonly string[];
  readonly step: string | readonly string[];
  /** The id of the cause that must be the first of those named; null: none may be. */
  readonly cause: string | null;
  /** No other cause may be named beside it. */
  readonly alone?: boolean;
  /** What the sentence of the verdict must say. */
  readonly says?: string;
  /** What one of the facts beside it must say. */
  readonly fact?: string;
}

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly expected: Expected;
}

/** The same programs, recorded in version 2 of the trace; and those of version 1 that were recorded before. */
const FOLDERS = ['cases', 'version-1'].map((name) => join(import.meta.dirname, name));
const CASES = FOLDERS.flatMap(casesIn);

function casesIn(folder: string): readonly Case[] {
  const all: Readonly<Record<string, Expected>> = JSON.parse(
    readFileSync(join(folder, 'expected.json'), 'utf8'),
  );
  return Object.entries(all).map(([name, expected]) => ({ name, folder, expected }));
}

describe('programs known to be slow, their fast twins, and programs without fault, judged from their traces', () => {
  for (const { name, folder, expected } of CASES) {
    it(sentenceOf(`${basename(folder)}/${name}`, expected), async () => {
      const { verdict } = await judgeTrace(join(folder, `${name}.jsonl.zst`));
      const said = `it said: ${verdict.verdict}`;
      const causes: readonly string[] = verdict.causes.map(({ id }) => id);
      if (expected.says !== undefined) assert.ok(verdict.verdict.includes(expected.says), said);
      const { fact } = expected;
      if (fact !== undefined)
        assert.ok(
          verdict.facts.some((one) => one.includes(fact)),
          said,
        );
      assert.ok([expected.overlap].flat().includes(verdict.overlap), said);
      assert.ok([expected.step].flat().includes(verdict.step), `at ${verdict.step}; ${said}`);
      if (expected.cause === null) assert.deepEqual(causes, [], said);
      else assert.equal(causes[0], expected.cause, `causes: ${causes.join(', ') || 'none'}; ${said}`);
      if (expected.alone === true) assert.equal(causes.length, 1, `causes: ${causes.join(', ')}`);
    });
  }
});

function sentenceOf(name: string, { overlap, step, cause }: Expected): string {
  const where = [step].flat().filter((one) => one !== 'none');
  const at = where.length === 0 ? '' : ` at ${where.join(' or ')}`;
  return `${name} is ${[overlap].flat().join(' or ')}${at}, ${cause === null ? 'and nothing is blamed' : `for ${cause}`}`;
}

describe('the traces of cases', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.zst'))
      .map((file) => join(folder, file)),
  );

  it('are each expected to be judged in some way', () => {
    assert.deepEqual(
      files.toSorted(),
      CASES.map(({ name, folder }) => join(folder, `${name}.jsonl.zst`)).toSorted(),
    );
  });

  it('name no place of the machine where they were recorded', () => {
    for (const file of files)
      assert.deepEqual(strangePlaces(zstdDecompressSync(readFileSync(file)).toString()), [], file);
  });

  it('are as many of each kind as docs/watch.md says', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/watch.md'), 'utf8');
    const [, ...numbers] = /(\d+) slow ones, (\d+) fast twins and (\d+)\s+programs without fault/.exec(page)!;
    const countOf = (kind: string) =>
      CASES.filter(({ name, folder }) => folder === FOLDERS[0] && name.endsWith(`.${kind}`)).length;
    assert.deepEqual(numbers.map(Number), ['slow', 'fast', 'control'].map(countOf));
  });

  it('are small enough to be kept: 3 MB in all', () => {
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    assert.ok(bytes < 3_000_000, `${bytes} bytes`);
  });
});
