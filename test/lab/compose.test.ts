import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readStory, storyNames } from '../../src/stages/index.ts';

const stories = (await Promise.all(storyNames().map(readStory))).filter(
  ({ story }) => story.docker !== undefined,
);

interface Service {
  readonly build?: {
    readonly args: { readonly PYTHON: string; readonly PINS: string; readonly PATCH?: string };
  };
}

test('there is a story in containers', () => assert.notEqual(stories.length, 0));

for (const { story, folder } of stories) {
  const { compose, service } = story.docker!;
  const text = readFileSync(join(folder, compose), 'utf8');
  const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };

  for (const { id, runs } of story.stages) {
    test(`${story.id}: the containers of stage ${id} have the Python, the pins and the patch that it says`, () => {
      for (const run of runs) {
        for (const runtime of run.runtimes) {
          const name = service.replace('{stage}', `${id}`).replace('{runtime}', runtime);
          const { PYTHON, PINS, PATCH } = services[name]?.build?.args ?? assert.fail(`no service ${name}`);
          const { versions } = story.runtimes.find((each) => each.id === runtime)!;
          assert.ok(`${PYTHON}.`.startsWith(`${versions[0]}.`), `${name} has Python ${PYTHON}`);
          assert.equal(join('pins', PINS), run.pins?.replace('{runtime}', runtime), name);
          const diff = story.patches.find((patch) => patch.id === run.patch)?.diff;
          assert.equal(PATCH && join('patches', PATCH), diff, name);
        }
      }
    });
  }
}
