import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import {
  checkDocument,
  DocumentError,
  faultyDocument,
  keyPlaceOf,
  openDocument,
  parseDocument,
  placeOf,
  readDocument,
  sourceOf,
} from '../../src/document/index.ts';

/** The message of the DocumentError that `act` throws. */
function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof DocumentError, String(error));
    return error.message;
  }
  return assert.fail('nothing was thrown');
}

const SCHEMA = z.strictObject({
  name: z.string(),
  size: z.int().min(1).optional(),
  kind: z.enum(['replace', 'append', 'upsert']).optional(),
  rows: z.union([z.strictObject({ csv: z.string() }), z.strictObject({ sql: z.string() })]).optional(),
  limits: z.strictObject({ concurrency: z.int().optional(), perOrigin: z.int().optional() }).optional(),
  steps: z.array(z.strictObject({ name: z.string() })).optional(),
});

function faultsOf(text: string): string {
  const document = parseDocument(text, 'a.yaml');
  const checked = checkDocument(document, SCHEMA);
  if ('value' in checked) assert.fail('no fault was found');
  return faultyDocument(document, checked.faults).message;
}

test('every problem of a file is told at once, in the order of its lines, each with its place', () => {
  assert.equal(
    faultsOf('nmae: x\nkind: apend\nsize: 0\nlimits:\n  concurency: 5\n  per_origin: 3\n'),
    [
      "a.yaml:1:1: 'name' is missing; expected a text",
      "a.yaml:1:1: unknown key 'nmae'; did you mean 'name'?",
      "a.yaml:2:7: 'kind' is 'apend'; expected one of replace, append, upsert; did you mean 'append'?",
      "a.yaml:3:7: 'size' is 0; expected at least 1",
      "a.yaml:5:3: unknown key 'concurency'; did you mean 'concurrency'?",
      "a.yaml:6:3: unknown key 'per_origin'; did you mean 'perOrigin'?",
    ].join('\n'),
  );
});

test('an unknown key that is near to nothing is told with the keys there are', () => {
  assert.equal(
    faultsOf('name: x\nlimits: { zzzzzz: 1 }\n'),
    "a.yaml:2:11: unknown key 'zzzzzz'; expected one of concurrency, perOrigin",
  );
});

test('of a choice the nearest is what the faults are told of', () => {
  assert.equal(faultsOf('name: x\nrows: { csv: 3 }\n'), "a.yaml:2:14: 'csv' is 3; expected a text");
  assert.equal(
    faultsOf('name: x\nrows: { csv: a.csv, colum: b }\n'),
    "a.yaml:2:21: unknown key 'colum'; expected one of csv",
  );
  assert.equal(
    faultsOf('name: x\nrows: 3\n'),
    "a.yaml:2:7: 'rows' is 3; expected keys and values: 'key: value'",
  );
});

test('the eleventh problem is counted, not shown', () => {
  const lines = faultsOf(
    `name: x\n${Array.from({ length: 13 }, (_, at) => `q${at}zzzz: 1`).join('\n')}\n`,
  ).split('\n');
  assert.equal(lines.length, 11);
  assert.equal(lines.at(-1), 'a.yaml: and 3 more');
});

const SYNTAX: ReadonlyArray<readonly [title: string, text: string, expected: string]> = [
  ['a tab in the indent', 'a:\n\t- b\n', 'a.yaml:2:1: a tab in the indent; YAML wants spaces'],
  [
    'a quote that is not closed',
    'a: 1\nb: "x\nc: 2\n',
    'a.yaml:2:4: a quote that is opened here is never closed',
  ],
  [
    'a key that is there twice',
    'a: 1\nb: 2\na: 2\n',
    "a.yaml:3:1: the key 'a' is there twice; leave one out",
  ],
  ['an empty file', '', 'a.yaml:1:1: the file is empty'],
  ['a file of comments', '# nothing\n', 'a.yaml:1:1: the file is empty'],
  [
    'a second document',
    'a: 1\n---\nb: 1\n',
    "a.yaml:2:1: '---' begins a second document; one a file was expected",
  ],
  [
    'braces without quotes',
    'a: 1\nurl: {{host}}/x\n',
    'a.yaml:2:6: a value that begins with \'{{\' needs quotes: "{{column}}..."',
  ],
  [
    'braces alone without quotes',
    'a:\n  - {{host}}\n',
    'a.yaml:2:5: a value that begins with \'{{\' needs quotes: "{{column}}..."',
  ],
  ['a reserved character', 'a: @x\n', "a.yaml:1:4: a text that begins with '@' needs quotes"],
  [
    'an alias of nothing',
    'a: *x\n',
    "a.yaml:1:4: no '&x' stands before '*x'; a text that begins with '*' needs quotes",
  ],
  ['a list as a key', '? [a]\n: 1\n', 'a.yaml:1:3: a key must be a text, not a list or a map'],
  ['a key that every object inherits', 'a: { __proto__: 1 }', "a.yaml:1:6: a key can't be named '__proto__'"],
  ['an unknown tag', 'a: !!python/object x\n', 'a.yaml:1:4: unresolved tag: tag:yaml.org,2002:python/object'],
];

for (const [title, text, expected] of SYNTAX)
  test(`${title} is told with its place`, () => {
    assert.equal(
      messageOf(() => parseDocument(text, 'a.yaml')),
      expected,
    );
  });

test('a line may end with CR alone, and a fault is told with its line', () => {
  assert.deepEqual(parseDocument('\ufeffa: 1\rb:\r\n  - x\n  - y\r', 'a.yaml').data, { a: 1, b: ['x', 'y'] });
  assert.equal(
    messageOf(() => parseDocument('a: 1\rb: 2\ra: 2\r', 'a.yaml')),
    "a.yaml:3:1: the key 'a' is there twice; leave one out",
  );
});

test('what is nested 100,000 deep is told with its line', () => {
  assert.match(
    messageOf(() => parseDocument(`a: 1\nb: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`, 'a.yaml')),
    /^a\.yaml:2:\d+: lists and keys are nested too deep$/,
  );
});

test('aliases that multiply are refused before they fill the memory', () => {
  const levels = Array.from(
    { length: 12 },
    (_, at) => `l${at + 1}: &l${at + 1} [${`*l${at}, `.repeat(9)}*l${at}]`,
  );
  assert.match(
    messageOf(() => parseDocument(`l0: &l0 [x]\n${levels.join('\n')}\n`, 'a.yaml')),
    /^a\.yaml: .*alias/i,
  );
});

test('anchors, aliases and merged maps are understood, and stand where they were written', () => {
  const document = parseDocument(
    'base: &base { size: 5 }\nmore:\n  <<: *base\n  name: x\ntwice: *base\n',
    'a.yaml',
  );
  assert.deepEqual(document.data, { base: { size: 5 }, more: { size: 5, name: 'x' }, twice: { size: 5 } });
  assert.deepEqual(placeOf(document, ['more', 'size']), { line: 1, column: 21 });
  assert.deepEqual(placeOf(document, ['twice', 'size']), { line: 1, column: 21 });
});

test('a text is placed at its first character, and at any later one', () => {
  const document = parseDocument('a: "quoted"\nsql: |\n  select 1\n  from x\nplain: word\n', 'a.yaml');
  assert.deepEqual(placeOf(document, ['a'], 2), { line: 1, column: 7 });
  assert.deepEqual(placeOf(document, ['sql']), { line: 3, column: 3 });
  assert.deepEqual(placeOf(document, ['sql'], 'select 1\nfrom '.length), { line: 4, column: 8 });
  assert.deepEqual(placeOf(document, ['plain', 'not there']), { line: 5, column: 8 });
  assert.deepEqual(keyPlaceOf(document, ['sql']), { line: 2, column: 1 });
});

test('a number can be had as it was written', () => {
  assert.equal(sourceOf(parseDocument('version: 1.10\n', 'a.yaml'), ['version']), '1.10');
});

test('JSON is read, tabs and all', () => {
  assert.deepEqual(parseDocument('{\n\t"a": [1,\n\t\t2]\n}\n', 'a.json').data, { a: [1, 2] });
});

test('a byte order mark is no part of the text', () => {
  assert.deepEqual(parseDocument('\uFEFFa: 1\n', 'a.yaml').data, { a: 1 });
});

test('what is no file of text is refused with what it is', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-document-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.yaml');
  await assert.rejects(openDocument(file), { message: `${file}: there is no such file` });
  await assert.rejects(openDocument(folder), { message: `${folder}: is a folder, and a file was expected` });
  writeFileSync(join(folder, 'b.yaml'), '');
  await assert.rejects(openDocument(file), {
    message: `${file}: there is no such file; did you mean 'b.yaml'?`,
  });
  writeFileSync(file, Buffer.from('a: 1\nb: caf\xe9\n', 'latin1'));
  await assert.rejects(openDocument(file), {
    message: `${file}:2:1: is not UTF-8; save the file in that encoding`,
  });
  writeFileSync(file, Buffer.from('\uFEFFa: 1\n', 'utf16le'));
  await assert.rejects(openDocument(file), { message: `${file}: is UTF-16; save it as UTF-8` });
});

test('a file that is right gives its value', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-document-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.yaml'), 'name: x\n');
  assert.deepEqual((await readDocument(join(folder, 'a.yaml'), SCHEMA)).value, { name: 'x' });
});
