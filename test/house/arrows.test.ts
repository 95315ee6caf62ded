import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { lay, temporaryFolder } from '../folder.ts';
import { ROOT } from './checkout.ts';

const PLAN = `
# A house

| room | imports | what it is for |
| --- | --- | --- |
| \`cli\` | \`fetch\` \`trace\` \`fetch/heavy.ts\` | commands |
| \`fetch\` | \`trace\` | GETs |
| \`trace\` | | records |

More text.
`;

const GOOD: Readonly<Record<string, string>> = {
  'ARCHITECTURE.md': PLAN,
  'package.json': JSON.stringify({ dependencies: { commander: '1', '@a/b': '1' } }),
  'src/cli/main.ts': `/** Commands. */
import { Command } from 'commander';
import data from '../../package.json' with { type: 'json' };
import { get } from '../fetch/index.ts';
const { heavy } = await import('../fetch/heavy.ts');
`,
  'src/fetch/index.ts': `/** The GET. */\nexport { get } from './get.ts';\n`,
  'src/fetch/get.ts': `import { request } from 'node:http';\nimport type { Exchange } from '../trace/index.ts';\n`,
  'src/fetch/heavy.ts': `import b from '@a/b/deep';\n`,
  'src/trace/index.ts': `/** Records. */\nexport type { Exchange } from './records.ts';\n`,
  'src/trace/records.ts': `export interface Exchange {}\n`,
};

/** What is said about a house that is good but for these files; null removes one. */
function check(t: TestContext, changes: Readonly<Record<string, string | null>> = {}): readonly string[] {
  const root = temporaryFolder(t);
  const files = Object.entries({ ...GOOD, ...changes });
  lay(root, Object.fromEntries(files.filter((file): file is [string, string] => file[1] !== null)));
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/arrows.ts'), root], {
    encoding: 'utf8',
  });
  assert.equal(status, stderr === '' ? 0 : 1);
  return stderr.split('\n').slice(0, -1);
}

test('a house as planned passes', (t) => {
  assert.deepEqual(check(t), []);
});

test('an arrow that is not in the table is a fault, for types and lazy imports too', (t) => {
  const records = `export interface Exchange {}
import { get } from '../fetch/index.ts';
import type {
  Result,
} from '../fetch/index.ts';
export * from '../fetch/index.ts';
import '../fetch/index.ts';
const { heavy } = await import(
  '../fetch/index.ts'
);
`;
  const faults = check(t, { 'src/trace/records.ts': records }).filter((fault) => !fault.includes('circle'));
  assert.deepEqual(
    faults,
    [2, 3, 6, 7, 8].map(
      (line) => `src/trace/records.ts:${line}: trace may not import fetch (ARCHITECTURE.md)`,
    ),
  );
});

test('an import past a door is a fault, unless the table lets it be loaded lazily', (t) => {
  assert.deepEqual(
    check(t, {
      'src/cli/get.ts': `import { get } from '../fetch/get.ts';\nimport { heavy } from '../fetch/heavy.ts';\n`,
      'src/cli/lazy.ts': `await import('../fetch/get.ts');\n`,
    }),
    [
      `src/cli/get.ts:1: '../fetch/get.ts' goes past the door of fetch, src/fetch/index.ts`,
      `src/cli/get.ts:2: '../fetch/heavy.ts' goes past the door of fetch, src/fetch/index.ts`,
      `src/cli/lazy.ts:1: '../fetch/get.ts' goes past the door of fetch, src/fetch/index.ts`,
    ],
  );
});

test('a package that only some users install is loaded when it is needed, or gives types', (t) => {
  const peers = { dependencies: { commander: '1', '@a/b': '1' }, peerDependencies: { '@c/d': '1' } };
  assert.deepEqual(
    check(t, {
      'package.json': JSON.stringify(peers),
      'src/fetch/get.ts': `import type { D } from '@c/d';\nimport { d } from '@c/d';\nawait import('@c/d');\n`,
    }),
    ['src/fetch/get.ts:2: @c/d may not be there: load it by await import, where it is needed'],
  );
});

test('a room needs a row, a door and a sign, and a row needs its room', (t) => {
  assert.deepEqual(
    check(t, {
      'src/attic/box.ts': '',
      'src/loose.ts': '',
      'src/fetch/index.ts': `export { get } from './get.ts';\n`,
      'src/trace/index.ts': null,
      'src/fetch/get.ts': '',
      'ARCHITECTURE.md': PLAN.replace('\n| `trace`', '\n| `cellar` | | |\n| `trace`'),
    }),
    [
      'ARCHITECTURE.md: the room cellar has a row, but src/cellar/ has no source',
      'src/attic/: the room has no row in ARCHITECTURE.md',
      'src/fetch/index.ts:1: no sign: the first comment of a door says in a sentence what its room is for',
      'src/: a source file that lies in no room',
      'src/trace/: the room has no door, src/trace/index.ts',
    ],
  );
});

test('files that need each other are a fault, for types too', (t) => {
  assert.deepEqual(
    check(t, {
      'src/trace/records.ts': `export interface Exchange {}\nimport type { Writer } from './writer.ts';\n`,
      'src/trace/writer.ts': `import { kinds } from './kinds.ts';\n`,
      'src/trace/kinds.ts': `\nexport { record } from './records.ts';\n`,
      'src/trace/reader.ts': `import { record } from './records.ts';\nawait import('./index.ts');\n`,
    }),
    [
      'src/trace/kinds.ts:2: a circle: trace/kinds.ts > trace/records.ts > trace/writer.ts > trace/kinds.ts' +
        ' (and src/trace/records.ts:2, src/trace/writer.ts:1)',
    ],
  );
});

test('sub-folders that need each other are a fault, though no file needs itself', (t) => {
  assert.deepEqual(
    check(t, {
      'src/fetch/queue/fifo.ts': '',
      'src/fetch/queue/origin.ts': `import type { Head } from '../http1/head.ts';\n`,
      'src/fetch/http1/head.ts': '',
      'src/fetch/http1/reader.ts': `import { Fifo } from '../queue/fifo.ts';\n`,
    }),
    [
      'src/fetch/http1/reader.ts:1: a circle: fetch/http1 > fetch/queue > fetch/http1 (and src/fetch/queue/origin.ts:1)',
    ],
  );
});

test('a sub-folder that needs itself by way of a file beside it is a fault', (t) => {
  assert.deepEqual(
    check(t, {
      'src/fetch/job.ts': `import type { Queue } from './queue/queue.ts';\n`,
      'src/fetch/queue/queue.ts': '',
      'src/fetch/queue/scheduler.ts': `import type { Job } from '../job.ts';\n`,
    }),
    [
      'src/fetch/job.ts:1: a circle: fetch/job.ts > fetch/queue > fetch/job.ts (and src/fetch/queue/scheduler.ts:1)',
    ],
  );
});

test('what users do not get can not be imported', (t) => {
  assert.deepEqual(
    check(t, {
      'src/fetch/get.ts': `import { request } from 'undici';\nimport { test } from '../../test/a.ts';\nimport './gone.ts';\n`,
    }),
    [
      'src/fetch/get.ts:1: undici is not in dependencies of package.json',
      `src/fetch/get.ts:2: '../../test/a.ts' leads out of src/`,
      `src/fetch/get.ts:3: './gone.ts' is no source file`,
    ],
  );
});

test('an import that can not be read is a fault', (t) => {
  assert.deepEqual(
    check(t, { 'src/fetch/get.ts': 'export const load = (name: string) => import(name);\n' }),
    ['src/fetch/get.ts:1: import() of something that is no literal can not be checked'],
  );
});
