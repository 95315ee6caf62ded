import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { dump, judgeTrace } from '../../src/diagnose/index.ts';
import { type Exchange, readTrace } from '../../src/trace/index.ts';

/** Judges the trace of a real run, as text: what it amounts to, then a line for each exchange. */
async function told(path: string): Promise<string> {
  const { verdict } = await judgeTrace(path);
  const exchanges: Exchange[] = [];
  let endedUs = 0;
  for await (const batch of await readTrace(path)) {
    for (const record of batch) {
      if (record.kind === 'exchange') exchanges.push(record);
      if (record.kind === 'end') endedUs = record.endedUs;
    }
  }
  const levels = Object.entries(verdict.funnel).map(([step, level]) => `${step} ${level ?? '?'}`);
  const causes = verdict.causes.map(({ id, confidence }) => `cause: ${id} (${confidence})`);
  const head = [verdict.verdict, `step: ${verdict.step}; ${levels.join(', ')}`, ...verdict.facts, ...causes];
  return `${[...head, '', ...dump(exchanges, endedUs)].join('\n')}\n`;
}

describe('the trace of a real run is judged as it was before (ABREAST_UPDATE_TRACES=1 writes anew)', () => {
  const folder = import.meta.dirname;
  for (const name of readdirSync(folder).filter((file) => /\.jsonl(\.zst)?$/.test(file))) {
    it(name, async () => {
      const expected = join(folder, `${name.replace(/\.jsonl.*$/, '')}.txt`);
      const text = await told(join(folder, name));
      if (process.env.ABREAST_UPDATE_TRACES === '1') await writeFile(expected, text);
      assert.equal(text, await readFile(expected, 'utf8'));
    });
  }
});
