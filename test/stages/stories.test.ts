import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readStory, storyNames } from '../../src/stages/stories.ts';
import { tinyStory } from './tiny.ts';

for (const name of storyNames()) {
  test(`the story ${name} is sound, and all files that it names are there`, async () => {
    const { story, folder } = await readStory(name);
    assert.equal(story.id, name);
    const commands = [
      ...Object.values(story.programs),
      ...story.scenes,
      ...(story.yours?.ways ?? []).flatMap(({ serial, concurrent }) => [serial, concurrent]),
    ].map(({ command }) => command[0]!);
    const pins = story.stages.flatMap(({ runs }) =>
      runs.flatMap(({ pins, runtimes }) =>
        pins === undefined ? [] : runtimes.map((id) => pins.replaceAll('{runtime}', id)),
      ),
    );
    const files = [...commands, ...pins, ...story.patches.map(({ diff }) => diff)];
    assert.deepEqual(
      files.filter((file) => !existsSync(join(folder, file))),
      [],
    );
  });
}

test('every pin of a story is of one version', async () => {
  const { story, folder } = await readStory('grequests');
  for (const runtime of story.runtimes) {
    for (const { runs } of story.stages) {
      for (const { pins, runtimes } of runs) {
        if (pins === undefined || !runtimes.includes(runtime.id)) continue;
        const text = readFileSync(join(folder, pins.replaceAll('{runtime}', runtime.id)), 'utf8');
        const required = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
        assert.deepEqual(
          required.filter((line) => !/^[\w.-]+==[\d.]+(; .+)?$/.test(line)),
          [],
        );
      }
    }
  }
});

test('a folder is a story, by its path', async (t) => {
  const folder = tinyStory(t);
  const told = await readStory(folder);
  assert.equal(told.story.id, 'tiny');
  assert.equal(told.folder, folder);
});

test('a story that is not there is said with those that are', async () => {
  await assert.rejects(readStory('grequets'), {
    name: 'StagesError',
    message: /^there is no story grequets; did you mean 'grequests'\?: there are grequests, node/,
  });
  await assert.rejects(readStory('./nothing'), {
    message: './nothing is no story: there is no nothing/story.yaml',
  });
});

const WRONG: readonly [what: string, change: (story: string) => string, message: RegExp][] = [
  ['a key that is none', (story) => story.replace('summary:', 'sumary:'), /story\.yaml:3:1: .*sumary/],
  [
    'a word that is none',
    (story) => story.replace('expected: slow', 'expected: slwo'),
    /story\.yaml:18:\d+: .*fast/,
  ],
  [
    'a runtime that it does not have',
    (story) => story.replace('runs: [{ runtimes: [node], expected', 'runs: [{ runtimes: [nod], expected'),
    /story\.yaml:14:\d+: the story has no runtime nod; did you mean 'node'\?/,
  ],
  [
    'a stage that it does not have',
    (story) => story.replace('stages: [1, 2]', 'stages: [1, 3]'),
    /story\.yaml:9:25: the story has no stage 3$/,
  ],
  [
    'a patch that it does not have',
    (story) => story.replace('expected: fast', 'patch: nix, expected: fast'),
    /story\.yaml:14:\d+: the story has no patch nix/,
  ],
  [
    'a path out of its folder',
    (story) => story.replace('expected: fast', 'pins: ../x, expected: fast'),
    /within the folder/,
  ],
];

for (const [what, change, message] of WRONG) {
  test(`${what} is found at its place`, async (t) => {
    await assert.rejects(readStory(tinyStory(t, change)), { name: 'DocumentError', message });
  });
}
