import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { test } from 'node:test';
import { imap, map, type Options } from '../../src/fetch/index.ts';
import { testServer } from './servers.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;

interface Example {
  readonly where: string;
  readonly code: string;
}

/** The examples of doc comments: what follows @example. */
function ofComments(file: string): Example[] {
  const source = readFileSync(ROOT + file, 'utf8');
  return [...source.matchAll(/@example\n([\s\S]*?)\n \*\/\nexport [\w* ]*?(\w+)</g)].map(
    ([, lines, name]) => ({
      where: `${file} ${name}`,
      code: lines!.replace(/^ \* ?/gm, ''),
    }),
  );
}

/** The blocks of TypeScript in the documents that use the library. */
function ofDocuments(): Example[] {
  return globSync(['README.md', 'docs/*.md'], { cwd: ROOT }).flatMap((file) =>
    [...readFileSync(ROOT + file, 'utf8').matchAll(/```(?:ts|js)\n([\s\S]*?)```/g)]
      .filter(([, code]) => code!.includes("from 'abreast'"))
      .map(([, code], i) => ({ where: `${file} block ${i + 1}`, code: code! })),
  );
}

const examples = [...ofComments('src/fetch/map.ts'), ...ofDocuments()];

test('map and imap have an example each', () => {
  assert.deepEqual(
    examples.slice(0, 2).map(({ where }) => where),
    ['src/fetch/map.ts map', 'src/fetch/map.ts imap'],
  );
});

for (const { where, code } of examples)
  test(`the example of ${where} runs as it stands`, async (t) => {
    const server = await testServer(t, { names: ['example.org'] });
    // example.org is this test's server.
    const here = {
      connectTo: { 'example.org:443': `127.0.0.1:${server.httpsPort}` },
      tls: { ca: server.ca },
    };
    const printed: unknown[][] = [];
    const names = {
      map: (inputs: Iterable<string>, options?: Options) => map(inputs, { ...options, ...here }),
      imap: (inputs: Iterable<string>, options?: Options) => imap(inputs, { ...options, ...here }),
      urls: ['https://example.org/get', 'https://example.org/json'],
      console: { log: (...values: unknown[]) => printed.push(values) },
    };
    const plain = stripTypeScriptTypes(code.replace(/^import .* from 'abreast';$/gm, ''));
    await new AsyncFunction(...Object.keys(names), plain)(...Object.values(names));
    assert.ok(server.stats().requests >= 2, 'it made its requests');
    assert.ok(printed.length >= 2, 'it printed its results');
  });
