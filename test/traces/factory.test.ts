import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { zstdDecompressSync } from 'node:zlib';
import { judgeTrace } from '../../src/diagnose/index.ts';
import { judgeOf } from '../factory/judge.ts';
import type { Program } from '../factory/program.ts';
import { strangePlaces } from './clean.ts';

const folder = join(import.meta.dirname, 'factory');
/** What each trace is of; what is true of it follows from its mechanism. */
const programs: Readonly<Record<string, Program>> = JSON.parse(
  readFileSync(join(folder, 'programs.json'), 'utf8'),
);

describe('programs of the factory that were once judged wrong', () => {
  for (const [name, program] of Object.entries(programs)) {
    it(`${name} is judged as it was made`, async () => {
      const { verdict } = await judgeTrace(join(folder, `${name}.jsonl.zst`));
      const { right, said, wanted } = judgeOf(program, verdict);
      assert.ok(Object.values(right).every(Boolean), `said ${said}; true is ${wanted}`);
    });
  }

  it('have each a trace, which names no place of the machine where it was recorded', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.zst'));
    assert.deepEqual(
      files.toSorted(),
      Object.keys(programs)
        .map((name) => `${name}.jsonl.zst`)
        .toSorted(),
    );
    for (const file of files)
      assert.deepEqual(
        strangePlaces(zstdDecompressSync(readFileSync(join(folder, file))).toString()),
        [],
        file,
      );
  });
});
