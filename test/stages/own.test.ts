import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ownRows } from '../../src/stages/own.ts';
import { readStory } from '../../src/stages/stories.ts';
import { lay, temporaryFolder } from '../folder.ts';

const yours = (await readStory('grequests')).story.yours!;

/** A Python that can import these modules alone. */
function pythonWith(t: Parameters<typeof temporaryFolder>[0], modules: readonly string[]) {
  const folder = temporaryFolder(t);
  const known = ['', ...modules, modules.join(', ')].map((names) => `'import ${names}'`).join('|');
  lay(folder, { python: `#!/bin/sh\ncase "$2" in ${known}) exit 0;; esac\nexit 1\n` });
  return { language: 'python', file: join(folder, 'python'), version: '3.12.1', prefix: folder } as const;
}

const CASES: readonly [modules: readonly string[], concurrent: string, note: RegExp | null][] = [
  [['grequests', 'requests', 'gevent'], 'grequests', null],
  [['requests', 'gevent'], 'gevent', /grequests is not installed/],
  [['requests'], 'threads', /neither grequests nor gevent is installed/],
  [[], 'threads', /not even requests is installed/],
];

for (const [modules, concurrent, note] of CASES) {
  test(`with ${modules.join(', ') || 'nothing'} installed stage 0 runs ${concurrent}, and says what it did instead`, async (t) => {
    const { cells, notes } = await ownRows(yours, [pythonWith(t, modules)]);
    assert.equal(cells[0]!.programs.concurrent.name, concurrent);
    assert.equal(cells[0]!.expected, null);
    if (note === null) assert.deepEqual(notes, []);
    else assert.match(notes.join(), note);
  });
}

test('without any Python it is said what to do', async () => {
  await assert.rejects(ownRows(yours, []), { name: 'StagesError', message: /name one with --python PATH/ });
});
