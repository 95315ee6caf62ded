import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readStory, storyNames } from '../../src/stages/index.ts';

const stories = await Promise.all(storyNames().map(readStory));

/** Each run of a story on each of its runtimes, and the pins that it installs. */
const runsOf = ({ story }: (typeof stories)[number]) =>
  story.stages.flatMap(({ id, runs }) =>
    runs.flatMap((run) =>
      run.runtimes.map((runtime) => ({
        stage: id,
        runtime,
        run,
        pins: run.pins?.replace('{runtime}', runtime),
      })),
    ),
  );

for (const told of stories) {
  const { story, folder } = told;
  const has = (path: string) => assert.ok(existsSync(join(folder, path)), `${story.id} lacks ${path}`);

  test(`${story.id}: every file that the story names is there`, () => {
    const ways = story.yours?.ways ?? [];
    const programs = [story.programs, ...ways].flatMap(({ serial, concurrent }) => [serial, concurrent]);
    for (const { command } of [...programs, ...story.scenes]) has(command[0]!);
    for (const { pins } of runsOf(told)) if (pins !== undefined) has(pins);
    for (const { diff } of story.patches) has(diff);
    if (story.docker !== undefined) has(story.docker.compose);
  });

  test(`${story.id}: pins name the version of every package`, () => {
    for (const { pins } of runsOf(told)) {
      if (pins === undefined) continue;
      const lines = readFileSync(join(folder, pins), 'utf8').split('\n');
      for (const line of lines.filter((each) => each !== '' && !each.startsWith('#')))
        assert.match(line, /^[\w.-]+==[\w.]+( *;.*)?$/, pins);
    }
  });
}

const inContainers = stories.filter(({ story }) => story.docker !== undefined);

test('there is a story in containers', () => assert.notEqual(inContainers.length, 0));

interface Service {
  readonly build?: {
    readonly args: { readonly PYTHON: string; readonly PINS: string; readonly PATCH?: string };
  };
}

for (const told of inContainers) {
  const { story, folder } = told;

  test(`${story.id}: the containers have the same Pythons, pins and patches as the stages that they are for`, () => {
    const { compose, service } = story.docker!;
    const text = readFileSync(join(folder, compose), 'utf8');
    const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
    const optional = new Set(story.runtimes.filter((runtime) => runtime.optional).map(({ id }) => id));
    for (const { stage, runtime, run, pins } of runsOf(told)) {
      const name = service.replace('{stage}', `${stage}`).replace('{runtime}', runtime);
      if (optional.has(runtime) && services[name] === undefined) continue;
      const { PYTHON, PINS, PATCH } = services[name]?.build?.args ?? assert.fail(`no service ${name}`);
      const { versions } = story.runtimes.find(({ id }) => id === runtime)!;
      assert.ok(PYTHON.startsWith(versions[0]!), `${name} has Python ${PYTHON}`);
      assert.equal(join('pins', PINS), pins, name);
      const diff = story.patches.find(({ id }) => id === run.patch)?.diff;
      assert.equal(PATCH === undefined ? undefined : join('patches', PATCH), diff, name);
    }
  });
}
