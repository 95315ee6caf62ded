import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readNeeds } from '../../../src/report/index.ts';
import { lay, temporaryFolder } from '../../folder.ts';

const REPORT = `rows: { sql: "select '\${NOT}' from a", files: { a: a.csv, b: "\${DATA}.csv" } }
requests:
  - { name: one, url: "\${BASE}/{{id}}?$\${x}", headers: { x: "\${STAGE:-test}" }, ca: ca.pem }
  - { name: two, rows: { csv: a.csv }, url: "https://\${HOST}/" }
crunch: [{ name: c, sql: "select '\${NOR}' from one" }]
dump: [{ table: c, to: "out/\${WHERE}.csv" }]
`;

test('a report needs the variables without a default and the files that it reads, each once', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'r.yaml': REPORT, 'a.csv': 'id\n1\n', 'b.csv': 'id\n1\n', 'ca.pem': '' });
  const { files, variables, report } = await readNeeds(join(folder, 'r.yaml'), {
    DATA: 'b',
    BASE: 'http://here',
  });
  assert.deepEqual(variables, ['BASE', 'DATA', 'HOST', 'WHERE']);
  assert.deepEqual(
    files.map((file) => file.slice(folder.length)),
    ['/a.csv', '/b.csv', '/ca.pem'],
  );
  assert.equal(report.requests.length, 2);
});

test('a variable that is missing is no fault, and all other faults are told', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'r.yaml': REPORT.replace('csv: a.csv', 'csv: c.csv'), 'a.csv': 'id\n', 'ca.pem': '' });
  await assert.rejects(readNeeds(join(folder, 'r.yaml'), { DATA: 'a' }), ({ message }: Error) => {
    assert.match(message, /there is no file 'c\.csv'/);
    return !message.includes('variable');
  });
});
