import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { stagesDefinition } from '../../src/cli/stages/options.ts';
import { cameOf } from '../../src/stages/result.ts';
import { readStory } from '../../src/stages/stories.ts';

const page = readFileSync(new URL('../../docs/stages.md', import.meta.url), 'utf8');
const nothing = async () => {};

test('docs/stages.md has every option of stages', () => {
  const { options, commands } = stagesDefinition({ tell: nothing, prepare: nothing, patch: nothing });
  const all = [...options, ...commands.flatMap((command) => command.options)];
  const named = new Set(page.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g));
  assert.deepEqual(
    all.filter(({ long, short }) => !named.has(long ?? short!)).map(({ flags }) => flags),
    [],
  );
});

test('docs/stages.md has every scene, and every key of a story', async () => {
  for (const name of ['grequests', 'node']) {
    const { story } = await readStory(name);
    for (const { id } of story.scenes) assert.ok(page.includes(`\`${id}\``), id);
    for (const key of Object.keys(story)) assert.ok(page.includes(`\`${key}\``), key);
    for (const key of story.stages.flatMap(({ runs }) => runs.flatMap(Object.keys)))
      assert.ok(page.includes(`\`${key}\``), key);
  }
});

test('the table of docs/stages.md is of all stages, and shows what the story expects', async () => {
  const { story } = await readStory('grequests');
  const rows = [
    ...page.matchAll(/^\| (\d[a-z]?) \| ([\d.]+) \| (https?) \| (.+) \| (.+) \| .+ \| .+ \| (\w+) \|$/gm),
  ];
  const shown = rows.map(([, stage, python, protocol, , , came]) => {
    const runtime = story.runtimes.find(({ versions }) => versions.includes(python!.replace(/\.\d+$/, '')));
    return `${stage} ${runtime?.id} ${protocol} ${came}`;
  });
  const expected = story.stages.flatMap(({ id, runs }) =>
    runs.flatMap(({ runtimes, variant, expected, onlyWhenNamed }) =>
      (onlyWhenNamed ? [] : runtimes).flatMap((runtime) =>
        (['http', 'https'] as const).map((protocol) => {
          const came = typeof expected === 'string' ? expected : expected[protocol];
          return `${id}${variant ?? ''} ${runtime} ${protocol} ${came}`;
        }),
      ),
    ),
  );
  assert.deepEqual(shown.sort(), expected.sort());
  for (const [row, , , , serial, concurrent, came] of rows) {
    for (const [at, n] of [3, 5, 10].entries()) {
      const seconds = (list: string) => ({ n, ok: n, seconds: Number(list.split(', ')[at]) }) as never;
      assert.equal(cameOf(seconds(serial!), seconds(concurrent!), n), came, row);
    }
  }
});
