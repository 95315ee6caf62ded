/**
 * Outputs of strace of real programs, cut down to the calls that matter, and the trace that is read from each.
 * `UPDATE=1 npm test -- test/watch/syscalls/samples.test.ts` writes the traces anew.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { readStrace } from '../../../src/watch/recorders/syscalls/index.ts';
import { fold } from '../fold.ts';

const folder = new URL('./samples/', import.meta.url).pathname;

for (const file of globSync(`${folder}*.strace`).sort()) {
  const name = basename(file, '.strace');
  test(`${name} is read as it was`, () => {
    const { records, lost } = readStrace(readFileSync(file, 'latin1'));
    assert.deepEqual(lost, {});
    const text = `${fold(records)}\n`;
    if (process.env.UPDATE) writeFileSync(`${folder}${name}.txt`, text);
    assert.equal(text, readFileSync(`${folder}${name}.txt`, 'utf8'));
  });

  test(`${name} is the same trace when every call comes in two halves`, () => {
    const whole = readFileSync(file, 'latin1');
    const halves = whole.split('\n').flatMap((line) => {
      const parts = /^(\d+ +[\d.]+ )(\w+)\((.*?, )(.*\) += .*<([\d.]+)>)$/.exec(line);
      if (parts === null || line.includes('resumed>') || /exec|clone|fork/.test(parts[2]!)) return [line];
      const [, stamp, call, first, rest] = parts;
      return [`${stamp}${call}(${first} <unfinished ...>`, `${stamp}<... ${call} resumed>${rest}`];
    });
    assert.ok(halves.length > whole.split('\n').length);
    assert.equal(fold(readStrace(halves.join('\n')).records), fold(readStrace(whole).records));
  });
}
