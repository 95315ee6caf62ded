import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { startServer, type TestServer } from '../../src/testserver/index.ts';
import { bareServer } from '../fetch/servers.ts';
import { abreast, folder, parsed } from './abreast.ts';

/** What every object of JavaScript inherits. */
const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

let server: TestServer;
before(async () => {
  server = await startServer({ httpsPort: false });
});
after(() => server.close());

/** Answers each path with the head fields and the body that `answers` has for it. */
function answering(t: TestContext, answers: ReadonlyMap<string, string>): Promise<string> {
  return bareServer(t, (socket) =>
    socket.on('data', (bytes) => socket.write(answers.get(String(bytes).split(' ')[1]!) ?? FOUND)),
  );
}

const FOUND = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfound';

/** Where an answer can say a name, and what comes of it: a status, or an error's code. */
const PLACES: readonly (readonly [place: string, (name: string) => string, outcome: number | string])[] = [
  ['header', (name) => `200 OK\r\n${name}: x\r\n${name}: y\r\ncontent-length: 2\r\n\r\nok`, 200],
  [
    'trailer',
    (name) => `200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${name}: x\r\n\r\n`,
    200,
  ],
  ['coding', (name) => `200 OK\r\ncontent-encoding: ${name}\r\ncontent-length: 2\r\n\r\nok`, 200],
  ['codings', (name) => `200 OK\r\ncontent-encoding: ${name}, identity\r\ncontent-length: 2\r\n\r\nok`, 200],
  ['transfer', (name) => `200 OK\r\ntransfer-encoding: ${name}\r\n\r\nok`, 'bad-header'],
  ['type', (name) => `200 OK\r\ncontent-type: ${name}\r\ncontent-length: 2\r\n\r\nok`, 200],
  [
    'charset',
    (name) =>
      `200 OK\r\ncontent-type: text/plain; charset=${name}; ${name}=${name}\r\ncontent-length: 2\r\n\r\nok`,
    200,
  ],
  ['connection', (name) => `200 OK\r\nconnection: ${name}\r\ncontent-length: 2\r\n\r\nok`, 200],
  ['reason', (name) => `200 ${name}\r\ncontent-length: 2\r\n\r\nok`, 200],
  ['location', (name) => `302 Found\r\nlocation: /found/${name}\r\ncontent-length: 0\r\n\r\n`, 200],
  ['wait', (name) => `503 Busy\r\nretry-after: ${name}\r\ncontent-length: 0\r\n\r\n`, 'status'],
];

for (const format of ['jsonl', 'csv'])
  test(`an answer that says ${NAMES[0]}, or the like, anywhere ends no command: ${format}`, async (t) => {
    const cwd = folder();
    const cases = PLACES.flatMap(([place, say, outcome]) =>
      NAMES.map((name) => ({ path: `/${place}/${name}`, answer: `HTTP/1.1 ${say(name)}`, outcome })),
    );
    const url = await answering(t, new Map(cases.map(({ path, answer }) => [path, answer])));
    writeFileSync(join(cwd, 'urls.txt'), cases.map(({ path }) => `${url}${path}\n`).join(''));
    const more = ['--retries', '0', '--no-adapt', '-c', '8', '--trace', 't.jsonl', '-o', `out.${format}`];
    const run = await abreast(['get', '-f', 'urls.txt', ...more], { cwd });
    assert.equal(run.code, 1, run.err);
    assert.doesNotMatch(run.err, /\n {4}at |TypeError|native code/);
    const out = readFileSync(join(cwd, `out.${format}`), 'utf8');
    assert.doesNotMatch(out, /native code/);
    if (format === 'jsonl') {
      const rows = parsed(out).sort((one, other) => one.index - other.index);
      assert.deepEqual(
        rows.map(({ input, status, error }) => [input.slice(url.length), error?.code ?? status]),
        cases.map(({ path, outcome }) => [path, outcome]),
      );
    } else assert.equal(out.trimEnd().split('\n').length, 1 + cases.length);
    const judged = await abreast(['judge', 't.jsonl'], { cwd });
    assert.equal(judged.code, 0, judged.err);
  });

test('columns of an input may be called as what every object inherits', async () => {
  const cwd = folder();
  const url = (i: number) => `${server.httpUrl}/anything/${i}`;
  const columns = NAMES.filter((name) => name !== '__proto__'); // refused in CSV: test/rows/open.test.ts
  writeFileSync(join(cwd, 'in.csv'), `${columns}\n${columns.map((_, i) => url(i))}\n`);
  writeFileSync(
    join(cwd, 'in.jsonl'),
    `{${NAMES.map((name, i) => `${JSON.stringify(name)}:${JSON.stringify(url(i))}`)}}\n`,
  );
  for (const [file, names] of [
    ['in.csv', columns],
    ['in.jsonl', NAMES],
  ] as const)
    for (const [i, column] of names.entries()) {
      const run = await abreast(['get', '-f', file, '--column', column, '-q'], { cwd });
      assert.equal(run.code, 0, `${file} ${column}: ${run.err}`);
      const [row, ...more] = parsed(run.out);
      assert.equal(more.length, 0);
      assert.equal(row.url, url(i));
      assert.deepEqual(Object.keys(row.data).sort(), names.filter((name) => name !== column).sort());
    }
});

test('a value of an option that is called as what every object inherits is refused in a line', async () => {
  const url = `${server.httpUrl}/get`;
  const options = ['good', 'per-origin', 'rate', 'timeout', 'max-body', 'resolve', 'connect-to', 'expect'];
  const others = ['progress', 'curves', 'max-failed', 'cacert', 'proxy', 'no-such'];
  const ofGet = [...options, ...others].map((option) => ['get', url, '-q', `--${option}`, 'constructor']);
  const ofAll = ['constructor', '__proto__'].flatMap((name) => [
    ['get', '-f', `${name}.csv`],
    [name],
    ['report', name],
    ['judge', name],
    ['stages', '--story', name],
    ['stages', '2', '--offline', '--proto', name],
    ['serve', '--http', name],
  ]);
  for (const args of [...ofGet, ...ofAll]) {
    const { code, err } = await abreast(args);
    assert.ok(code === 2 || code === 1, `${args.join(' ')}: ${code} ${err}`);
    assert.doesNotMatch(err, /\n {4}at |native code|\[object/, args.join(' '));
  }
});

const REPORT = `
requests:
  - name: constructor
    rows: { jsonl: rows.jsonl }
    url: "\${TEST_SERVER}/anything/{{__proto__}}/{{constructor}}/{{toString}}"
    query: { constructor: "{{constructor}}", toString: x }
    headers: { constructor: "{{constructor}}", hasOwnProperty: y }
  - name: __proto__
    rows: { sql: 'select toString as "hasOwnProperty", "__proto__" from constructor', rename: { hasOwnProperty: valueOf } }
    url: "\${TEST_SERVER}/anything/{{valueOf}}/{{__proto__}}"
testServer: true
limits: { perOrigin: { constructor: 2, toString: 1 } }
secret: [hasOwnProperty]
crunch:
  - { name: toString, sql: "select valueOf, status, body->>'$.method' as method from __proto__ order by 1" }
  - { name: valueOf, sql: "select body->>'$.headers.Constructor[0]' as header, body->>'$.args.constructor[0]' as arg from constructor order by 1" }
check:
  - { name: __proto__, sql: "select * from constructor where status <> 200" }
  - { name: constructor, sql: "select * from valueOf where header <> arg" }
dump:
  - { table: toString, to: __proto__.csv }
  - { table: valueOf, to: constructor.jsonl }
  - { table: __proto__, to: valueOf.parquet }
`;

for (const workers of ['1', '2'])
  test(`a report of names that every object inherits has the right rows, with --workers ${workers}`, async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'constructor.yaml'), REPORT);
    const rows = ['a', 'b'].map((x) => `{"constructor":"c${x}","__proto__":"p${x}","toString":"t${x}"}\n`);
    writeFileSync(join(cwd, 'rows.jsonl'), rows.join(''));
    const run = await abreast(['report', 'constructor.yaml', '--workers', workers], { cwd });
    assert.equal(run.code, 0, run.err);
    assert.match(run.err, /check __proto__: ok\ncheck constructor: ok\n/);
    const lines = (name: string) => readFileSync(join(cwd, name), 'utf8').trimEnd().split('\n');
    assert.deepEqual(lines('__proto__.csv'), ['valueOf,status,method', 'ta,200,GET', 'tb,200,GET']);
    assert.deepEqual(lines('constructor.jsonl'), [
      '{"header":"ca","arg":"ca"}',
      '{"header":"cb","arg":"cb"}',
    ]);
  });

test('a column of inline rows that YAML can say and no row can hold is told, not left out', async () => {
  const cwd = folder();
  const rows = 'rows: { inline: [{ id: 1, __proto__: 2 }] }';
  writeFileSync(join(cwd, 'r.yaml'), `${rows}\nrequests: [{ name: a, url: "http://127.0.0.1/{{id}}" }]\n`);
  const { code, err } = await abreast(['report', 'r.yaml'], { cwd });
  assert.deepEqual([code, err], [2, "r.yaml:1:27: a key can't be named '__proto__'\n"]);
});
