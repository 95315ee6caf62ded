import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { checkFiles, checkLines } from '../../bench/check.ts';

// What bench/server answers to /bytes/24?i=0, 1 and 2.
const BODIES = ['0000000000 PduJDV8jHVsoU', '0000000001 PduJDV8jHVsoU', '0000000002 PduJDV8jHVsoU'];
const ASKED = { count: 3, size: 24 };
const ALL_RIGHT = { right: 3, failed: 0, wrong: 0, missing: 0, example: null };

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'abreast-bench-check-'));
});
after(() => rm(folder, { recursive: true }));

const line = (index: number, body = BODIES[index]!, more: object = {}) =>
  JSON.stringify({ index, status: 200, bytes: body.length, body, ...more });

async function checked(lines: readonly string[]) {
  const file = join(folder, 'answers.jsonl');
  await writeFile(file, lines.join('\n'));
  return checkLines(file, ASKED);
}

describe('the check of what a client stored as lines', () => {
  test('takes every index once with its own body, in any order', async () => {
    assert.deepEqual(await checked([line(2), line(0), line(1)]), ALL_RIGHT);
  });

  test("catches a body that is another index's", async () => {
    const stored = await checked([line(0), line(1, BODIES[2]), line(2)]);
    assert.deepEqual(stored, { right: 2, failed: 0, wrong: 1, missing: 0, example: 'index 1: not its body' });
  });

  test('catches one wrong byte, also a null in place of the body', async () => {
    const stored = await checked([
      line(0, `${BODIES[0]!.slice(0, 23)}W`),
      line(1, undefined, { body: null }),
      line(2),
    ]);
    assert.equal(stored.wrong, 2);
  });

  test('catches a size that is not what was received', async () => {
    const stored = await checked([line(0, undefined, { bytes: 23 }), line(1), line(2)]);
    assert.deepEqual([stored.wrong, stored.example], [1, 'index 0: 23 bytes instead of 24']);
  });

  test('catches what is there twice, and what nobody asked for', async () => {
    const stored = await checked([line(0), line(1), line(1), line(2), line(3, BODIES[0])]);
    assert.deepEqual([stored.right, stored.wrong, stored.missing], [3, 2, 0]);
  });

  test('counts failures and what is nowhere, also when the last line was cut off', async () => {
    const failure = JSON.stringify({
      index: 0,
      status: null,
      bytes: 0,
      body: null,
      error: { code: 'reset' },
    });
    const stored = await checked([failure, line(1).slice(0, 30)]);
    assert.deepEqual(stored, {
      right: 0,
      failed: 1,
      wrong: 0,
      missing: 2,
      example: 'index 0: {"code":"reset"}',
    });
  });

  test('finds everything missing where there is no file', async () => {
    assert.equal((await checkLines(join(folder, 'none.jsonl'), ASKED)).missing, 3);
  });
});

describe('the check of what a client stored as files', () => {
  test('reads the body of each index from its file, the status from the listing', async () => {
    const answers = join(folder, 'answers');
    const listing = join(folder, 'listing.txt');
    await mkdir(answers);
    for (const [index, body] of BODIES.entries()) await writeFile(join(answers, String(index)), body);
    await writeFile(listing, [0, 1, 2].map((index) => `${answers}/${index} 200 24\n`).join(''));
    assert.deepEqual(await checkFiles(answers, listing, ASKED), ALL_RIGHT);
    await writeFile(join(answers, '1'), BODIES[0]!);
    assert.equal((await checkFiles(answers, listing, ASKED)).wrong, 1);
  });
});
