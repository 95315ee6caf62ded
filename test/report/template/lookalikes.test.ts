import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readReport } from '../../../src/report/file/index.ts';
import { lookalikesOf } from '../../../src/report/index.ts';
import { temporaryFolder } from '../../folder.ts';

async function read(t: TestContext, request: string, more = '') {
  const file = join(temporaryFolder(t), 'report.yaml');
  writeFileSync(file, `requests:\n  - { name: a, ${request} }\n${more}`);
  try {
    return { report: await readReport(file, {}), file };
  } catch (error) {
    throw Object.assign(error as Error, { message: (error as Error).message.replaceAll(`${file}:`, '') });
  }
}

async function warningsOf(t: TestContext, request: string, columns: readonly string[] | null) {
  const { report, file } = await read(t, request);
  return lookalikesOf(report, new Map([['a', columns]])).map((line) => line.replace(`${file}:`, ''));
}

test('a column in single braces is not sent as it is without a warning, at its place', async (t) => {
  const request = 'url: "https://x/{id}/{{id}}", query: { q: "{ user.name }" }, auth: { bearer: "a{id}" }';
  assert.deepEqual(await warningsOf(t, request, ['id', 'user']), [
    "2:32: warning: '{id}' is sent as it is; did you mean '{{id}}'?",
    "2:59: warning: '{ user.name }' is sent as it is; did you mean '{{user.name}}'?",
    "2:95: warning: '{id}' is sent as it is; did you mean '{{id}}'?",
  ]);
});

test('a misspelt column in single braces is one in a path, where no brace is meant', async (t) => {
  assert.deepEqual(await warningsOf(t, 'url: "https://x/{user_id}"', ['userId', 'n']), [
    "2:32: warning: '{user_id}' is sent as it is; did you mean '{{userId}}'?",
  ]);
  assert.equal((await warningsOf(t, 'url: "https://x/{id}"', null)).length, 1);
});

test('braces of JSON and of GraphQL, and those of holes and variables, are no lookalikes', async (t) => {
  const request =
    'url: "https://x/{{id}}/${A:-b}?query={viewer{login}}{{?id:&x={{id}}}}", query: { q: "{\\"id\\":1}" }';
  assert.deepEqual(await warningsOf(t, request, ['id']), []);
});

test('a variable as a shell has it is not sent as it is without a warning', async (t) => {
  const request =
    'url: "https://x/$HOME?$filter=a&q=query($a1: Int)&b=a$HOME$TOP", headers: { x-a: "$A_B $" }';
  assert.deepEqual(await warningsOf(t, request, []), [
    "2:32: warning: '$HOME' is sent as it is; did you mean '${HOME}'?",
    "2:98: warning: '$A_B' is sent as it is; did you mean '${A_B}'?",
  ]);
});

test('a statement is not sent as it is without a warning, which is one for each template', async (t) => {
  const [first, ...others] = await warningsOf(t, 'url: "https://x/{% if id %}{{id}}{% endif %}"', ['id']);
  assert.match(first!, /^2:32: warning: '{% if id %}' is sent as it is: .* did you mean '{{\?column:text}}'/);
  assert.deepEqual(others, []);
});

test('a filter is an error that says what to write, and no text for a missing value', async (t) => {
  const cases: ReadonlyArray<readonly [hole: string, meant: RegExp]> = [
    ['id|urlencode', /: 2:32: .*no filters.*'urlencode'.* did you mean '{{id}}'\? Values are encoded/],
    ["id|default('none yet')", /did you mean '{{id\|none yet}}'\?$/],
    ["id | defualt: 'x'", /did you mean '{{id\|x}}'\?$/],
    ['id|upper|trim', /SQL: rows: { sql: "select \*, upper\(id\) as/],
    ["id|urlencod('x')", /did you mean '{{id}}'\?/],
    ["id|replace(' ', '-')", /SQL: .* replace\(id\)/],
  ];
  for (const [hole, meant] of cases)
    await assert.rejects(read(t, `url: "https://x/{{${hole}}}"`), meant, hole);
});

test('what may be meant as a text for a missing value is one', async (t) => {
  for (const text of ['default', 'json', 'first', 'a|b', 'none (yet)', 'http://x/', 'a: b', '', '0'])
    await read(t, `url: "https://x/?q={{id|${text}}}"`);
});

test('the name of a file does not keep {date} in single braces', async (t) => {
  const dump = (to: string) => read(t, 'url: https://x/', `dump: [{ table: a, to: "${to}" }]\n`);
  await assert.rejects(
    dump('out/{date}.csv'),
    /: 3:29: '{date}' would stay as it is; did you mean '{{date}}'\?$/,
  );
  await dump('out/{{date}}-{x}.csv');
});
