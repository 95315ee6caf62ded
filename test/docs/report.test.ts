import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { reportDefinition } from '../../src/cli/report/options.ts';
import { parseDocument } from '../../src/document/index.ts';
import { reportJsonSchema } from '../../src/report/file/schema.ts';
import { checkSql, dryRunOf, openTables, readReport, runReport } from '../../src/report/index.ts';
import { makeCertificate, startServer, type TestServer } from '../../src/testserver/index.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { ROOT } from '../house/checkout.ts';

const PAGE = readFileSync(join(ROOT, 'docs/report.md'), 'utf8');

/** The examples of the page, each under its heading. */
const EXAMPLES = [...PAGE.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(({ 1: text, index }) => ({
  text: text!,
  line: PAGE.slice(0, index).split('\n').length,
  heading: /^#+ (.*)$/m.exec(
    PAGE.slice(0, index)
      .split(/^(?=#)/m)
      .at(-1)!,
  )![1]!,
}));

let server: TestServer;
let ca: string;

before(async () => {
  const certificate = await makeCertificate();
  ca = certificate.cert;
  server = await startServer({ certificate });
});
after(() => server.close());

for (const { text, line, heading } of EXAMPLES)
  test(`docs/report.md: the example in line ${line}, ${heading}, runs and is good`, async (t) => {
    const file = await laid(t, text);
    const report = await readReport(file, {
      TEST_SERVER: server.httpUrl,
      TOKEN: 'abc',
      PASSWORD: 'secret',
    });
    await checkSql(report);
    const tables = await openTables(report, { folder: null, startedAt: new Date() });
    const dryRun = await dryRunOf(report, tables);
    await tables.close();
    assert.equal(dryRun.requests.length, report.requests.length);
    const run = runReport(report, {
      mode: 'new',
      out: null,
      workers: 1,
      version: '0',
      command: ['docs'],
      warnings: [],
    });
    const outcome = await run.finished;
    assert.equal(
      outcome.exitCode,
      0,
      JSON.stringify([outcome.stopped, outcome.tally.failures(), outcome.checks]),
    );
    assert.equal(outcome.dumps.length, report.dumps.length);
    for (const dump of report.dumps)
      if ('path' in dump.to && !dump.to.path.includes('{{'))
        assert.ok(existsSync(join(report.folder, dump.to.path)), dump.to.path);
  });

/** A folder with an example and the files that examples name. */
async function laid(t: TestContext, text: string): Promise<string> {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'reports'));
  lay(join(folder, 'reports'), {
    'report.yaml': text,
    'ca.pem': ca,
    'services.csv':
      'id,host,delay\n1,a.example.com,0.1\n2,b.example.com,0.05\n3,a.example.com,0.01\n4,c.example.com,0.9\n',
    'owners.jsonl': '{"host":"a.example.com","owner":"Ann"}\n{"host":"b.example.com","owner":"Bob"}\n',
  });
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(
    `copy (from '${join(folder, 'reports/services.csv')}') to '${join(folder, 'reports/services.parquet')}'`,
  );
  connection.closeSync();
  return join(folder, 'reports', 'report.yaml');
}

test('docs/report.md shows every key of a report file in an example', () => {
  const shown = new Set(
    EXAMPLES.flatMap(({ text }) => keysOfData(parseDocument(text, 'docs/report.md').data)),
  );
  const known = keysOfSchema(reportJsonSchema() as Schema);
  assert.ok(known.includes('requests.auth.basic.user'));
  assert.deepEqual(
    // Rows of a request are what rows of the report are.
    known.filter((key) => !shown.has(key) && !shown.has(key.replace(/^requests\.rows/, 'rows'))),
    [],
  );
});

test('docs/report.md explains every key in words', () => {
  const words = PAGE.replace(/^```yaml\n[\s\S]*?^```$/gm, '');
  const named = new Set([...words.matchAll(/`\$?([\w$.]+)[`:]/g)].flatMap(({ 1: name }) => name!.split('.')));
  const missing = keysOfSchema(reportJsonSchema() as Schema)
    .map((key) => key.split('.').at(-1)!.replace('$', ''))
    .filter((key) => !named.has(key) && !PAGE.includes(`## ${key}`));
  assert.deepEqual([...new Set(missing)], []);
});

test('docs/report.md has every option of report, and none that report has not', () => {
  const named = new Set(PAGE.replace('sh -c', '').match(/(?<![\w:-])--?[a-zA-Z][\w-]*/g));
  const { options } = reportDefinition();
  const known = options.flatMap(({ short, long }) => [short, long]);
  assert.deepEqual(
    [...named].filter((flag) => !known.includes(flag)),
    [],
  );
  assert.deepEqual(
    options.filter(({ long }) => !named.has(long!)).map(({ flags }) => flags),
    [],
  );
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

/** 'requests.auth.basic.user': paths of keys, lists left out. */
function keysOfSchema(schema: Schema, before = ''): string[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.items === undefined ? [] : [schema.items])];
  return [
    ...new Set([
      ...inner.flatMap((each) => keysOfSchema(each, before)),
      ...Object.entries(schema.properties ?? {}).flatMap(([key, each]) => [
        `${before}${key}`,
        ...keysOfSchema(each, `${before}${key}.`),
      ]),
    ]),
  ];
}

function keysOfData(data: unknown, before = ''): string[] {
  if (Array.isArray(data)) return data.flatMap((each) => keysOfData(each, before));
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([key, each]) => [
    `${before}${key}`,
    ...keysOfData(each, `${before}${key}.`),
  ]);
}
