import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Provider, providedByPlace } from '../../src/stages/pythons.ts';
import { type Selection, select } from '../../src/stages/select.ts';
import { readStory } from '../../src/stages/stories.ts';

/** A machine with these Pythons. */
function having(versions: readonly string[], named: readonly string[] | null = null): Provider {
  return {
    named,
    provide: async (runtime) =>
      runtime.versions
        .filter((version) => versions.includes(version) && (named === null || named.includes(version)))
        .slice(0, named === null ? 1 : Infinity)
        .map((version) => ({
          version,
          interpreter: { language: 'python', file: `/py/${version}`, version: `${version}.1`, prefix: '/py' },
        })),
    lacks: () => 'it is not here',
    own: async () => [],
  };
}

const NOTHING: Selection = { stages: null, protocols: null, n: null };
const told = await readStory('grequests');

async function rows(selection: Partial<Selection>, provider: Provider): Promise<string[]> {
  const { cells } = await select(told, { ...NOTHING, ...selection }, provider);
  return cells.map(
    ({ name, version, protocol, n, expected }) => `${name} ${version} ${protocol} ${n} ${expected}`,
  );
}

test('when nothing is said the first two stages run, as the story says', async () => {
  assert.deepEqual(await rows({}, having(['2.7', '3.7', '3.13'])), [
    '1 2.7 https 5 fast',
    '1 3.7 https 5 fast',
    '2 2.7 https 5 slow',
    '2 3.7 https 5 slow',
  ]);
});

test('rows stand in the order of stage, runtime, protocol, number; what is expected is of the protocol', async () => {
  assert.deepEqual(
    await rows({ stages: [3], protocols: ['http', 'https'], n: [3, 5] }, having(['2.7', '3.7'])),
    [
      '3 2.7 http 3 fast',
      '3 2.7 http 5 fast',
      '3 2.7 https 3 fast',
      '3 2.7 https 5 fast',
      '3 3.7 http 3 fast',
      '3 3.7 http 5 fast',
      '3 3.7 https 3 slow',
      '3 3.7 https 5 slow',
    ],
  );
});

test("the last stage is told on today's releases, too, each of its variants", async () => {
  assert.deepEqual(await rows({ stages: [5] }, having(['2.7', '3.7', '3.12'])), [
    '5 2.7 https 5 fast',
    '5 3.7 https 5 fast',
    '5 3.12 https 5 fast',
    '5a 3.12 https 5 slow',
    '5b 3.12 https 5 fast',
  ]);
});

test('where no Python of today is found that stage goes without it, which is said', async () => {
  const { cells, notes } = await select(told, { ...NOTHING, stages: [5] }, having(['2.7', '3.7']));
  assert.equal(cells.length, 2);
  assert.match(notes.join(), /^Stage 5 was left out on today's releases/);
});

test('a Python that is named runs what is told on it, also what runs only then', async () => {
  const named = having(['2.7', '3.6', '3.13'], ['3.6', '3.13']);
  assert.deepEqual(await rows({ stages: [2, 3] }, named), [
    '2 3.6 https 5 slow',
    '2 3.13 https 5 fast',
    '3 3.6 https 5 slow',
  ]);
  const { notes } = await select(told, { ...NOTHING, stages: [2, 3] }, named);
  assert.deepEqual(notes, ['Stage 3 is not told on Python 3.13.']);
});

test('a Python that the story has no pins for is refused', async () => {
  await assert.rejects(rows({}, having(['3.8'], ['3.8'])), {
    name: 'StagesError',
    message: /has no pins for Python 3\.8: it has them for 2\.7, 3\.7, /,
  });
});

test('a stage that the story does not have is refused', async () => {
  await assert.rejects(rows({ stages: [7] }, having(['2.7', '3.7'])), {
    message: 'the story grequests has no stage 7: it has 0, 1, 2, 3, 4, 5, and all',
  });
  const node = await readStory('node');
  await assert.rejects(select(node, { ...NOTHING, stages: [0] }, having([])), { message: /has no stage 0/ });
  await assert.rejects(select(node, NOTHING, having([], ['3.7'])), { message: /not about Python/ });
});

test('containers bring the first version of each runtime, and none of those that may be missing', async () => {
  assert.deepEqual(await rows({ stages: 'all' }, providedByPlace(null)), [
    ...['1', '2', '3', '4', '5'].flatMap((stage) =>
      ['2.7', '3.7'].map((version) => {
        const slow = stage === '2' || (stage === '3' && version === '3.7');
        return `${stage} ${version} https 5 ${slow ? 'slow' : 'fast'}`;
      }),
    ),
  ]);
  await assert.rejects(rows({ stages: [0] }, providedByPlace(null)), { message: /leave --docker out/ });
  const { notes } = await select(told, { ...NOTHING, stages: [5] }, providedByPlace(null));
  assert.deepEqual(notes, ["Stage 5 was left out on today's releases: --python 3.13 brings its container."]);
});
