import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { abreast, begin, end, folder } from './abreast.ts';
import { allOf } from './reports.ts';

const MARK = 'hunter2marked';
/** What a server says that means no harm, and tells much. */
const TELLING = {
  'content-type': 'application/json',
  etag: '"1"',
  link: `</first?key=${MARK}>; rel="first", <http://joe:${MARK}@h/?n=1>; rel="up"`,
  refresh: `3600; url=/x?ticket=${MARK}`,
  'content-location': `/x;jsessionid=${MARK}?SAMLResponse=${MARK}`,
  'x-next-page': `http://h/?subscription-key=${MARK}`,
  'set-cookie': [`a=${MARK}`, `b=${MARK}; Path=/`],
  'x-functions-key': MARK,
  'report-to': `{"endpoints":[{"url":"http://h/?client_assertion=${MARK}"}]}`,
};
const LOCATIONS: Readonly<Record<string, string>> = {
  '/relative': `http:///?access_token=${MARK}`,
  '/login': `http://joe:a'${MARK}@h:xx/`,
  '/scheme': `ftp://h/?pw=${MARK}`,
  '/circle': `/circle?code=${MARK}`,
  '/long': `http://joe:${'x'.repeat(300)}${MARK}@h:xx/`,
};

let origin: string;
const server = createServer(({ url, headers }, response) => {
  const { pathname } = new URL(url!, 'http://here');
  const location = LOCATIONS[pathname];
  if (pathname === '/slow') server.emit('slow', { url, headers }, response);
  else if (location !== undefined) response.writeHead(302, { location }).end();
  else if (pathname === '/pages')
    response.end(JSON.stringify({ next: `http://joe:a ${MARK}@h:xx/?key=${MARK}` }));
  else if (pathname === '/pages-circle') response.end(JSON.stringify({ next: `/pages-circle?code=${MARK}` }));
  else if (pathname === '/echo') response.writeHead(200, TELLING).end(`{"password":"${MARK}"}`);
  else response.writeHead(pathname === '/500' ? 500 : 200, TELLING).end('{}');
});

before(async () => {
  server.listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

/** URLs of which each tells in its own way, in what is asked for or in what it comes to. */
const urls = () => [
  `example.com/x?access_token=${MARK}`,
  `//h/?token=${MARK}`,
  `https//h/?sig=${MARK}`,
  `http://joe:${MARK}@h:xx/`,
  `joe:${MARK}@h:xx`,
  `${origin.replace('//', `//joe:${MARK}@`)}/200?subscription-key=${MARK}`,
  `${origin}/500?x-functions-key=${MARK}&RelayState=${MARK}#id_token=${MARK}`,
  `http://127.0.0.1:1/?code=${MARK}`,
  ...Object.keys(LOCATIONS).map((path) => `${origin}${path}`),
];

for (const [output, bodies] of [
  ['out.jsonl', 'inline'],
  ['out.csv', 'none'],
  ['out.jsonl.gz', 'bodies'],
] as const)
  test(`no secret is in what get leaves with -o ${output} --bodies ${bodies}, nor in what it prints`, async () => {
    const cwd = folder();
    const { code, out, err } = await abreast(
      [
        ...[
          'get',
          '-',
          '-o',
          output,
          '--bodies',
          bodies,
          '--trace',
          'trace.jsonl',
          '--json',
          '--retries',
          '0',
        ],
        ...['-H', `X-Api-Key: ${MARK}`, '-u', `joe:${MARK}`, '--all-origins', '--max-redirs', '3'],
      ],
      { cwd, stdin: urls().join('\n') },
    );
    assert.equal(code, 1, err);
    const { results, failed } = JSON.parse(out).get;
    assert.deepEqual([results, failed], [urls().length, urls().length - 1]);
    const written = `${out}${err}${allOf(cwd)}`;
    assert.match(written, /\*\*\*/);
    assert.ok(!written.includes(MARK), around(written));
    for (const file of filesIn(cwd))
      assert.equal(statSync(file).mode & 0o077, 0, `${file} is not ours alone`);
  });

test('no secret is in what get says of a command line that is wrong', async () => {
  for (const args of [
    [`http://joe:${MARK}@h:xx/`],
    [`h/?key=${MARK}`],
    [`joe:${MARK}@h/x`],
    [`ftp://joe:${MARK}@h/`],
    ['http://h/', `--tokn=${MARK}`],
    ['http://h/', '-H', `Authorization Bearer ${MARK}`],
    ['http://h/', '-H', `X Api Key: ${MARK}`],
    ['http://h/', '-u', MARK],
    ['http://h/', '-x', `socks5://joe:${MARK}@h:1`],
    ['http://h/', '-x', `joe:${MARK}@h:xx`],
    ['http://h/', 'http://i/', '-H', `X-Api-Key: ${MARK}`],
  ]) {
    const { code, err } = await abreast(['get', ...args]);
    assert.equal(code, 2, err);
    assert.ok(!err.includes(MARK), err);
  }
});

test('an output that is resumed knows its input again, and holds no secret in between', async () => {
  const cwd = folder();
  const args = ['get', '-', '-o', 'out.jsonl', '--retries', '0', '--max-failed', '100%'];
  const input = urls();
  await abreast(args, { cwd, stdin: input.slice(0, 6).join('\n') });
  const { code, err } = await abreast([...args, '--resume'], { cwd, stdin: input.join('\n') });
  assert.equal(code, 0, err);
  assert.equal(readFileSync(join(cwd, 'out.jsonl'), 'utf8').trimEnd().split('\n').length, input.length);
  const other = await abreast([...args, '--resume'], { cwd, stdin: `http://joe:${MARK}@h/?token=${MARK}` });
  assert.equal(other.code, 2);
  assert.match(other.err, /belongs to another input/);
  assert.ok(!`${err}${other.err}${allOf(cwd)}`.includes(MARK));
});

test('an output whose URLs were kept is resumed, whether they are kept now or not', async () => {
  const cwd = folder();
  const url = `${origin}/200?token=${MARK}`;
  const args = ['get', url, url, '-o', 'out.jsonl'];
  for (const more of [['--keep-urls'], ['--resume'], ['--resume', '--keep-urls']]) {
    const { code, err } = await abreast([...args, ...more], { cwd });
    assert.equal(code, 0, err);
  }
});

test('no secret of an answer or a row is in a report, its tables and its folder', async () => {
  const cwd = folder();
  const outputs: string[] = [];
  mkdirSync(join(cwd, 'given'));
  const paths = ['200', '500', 'echo', 'pages', 'pages-circle', 'relative', 'login', 'circle'];
  writeFileSync(
    join(cwd, 'given/rows.csv'),
    `path,password\n${paths.map((path) => `/${path},${MARK}\n`).join('')}`,
  );
  writeFileSync(
    join(cwd, 'report.yaml'),
    `
secret: [password]
rows: { csv: given/rows.csv }
requests:
  - name: everything
    url: "${origin.replace('//', '//joe:{{password}}@')}{{path}}?code={{password}}"
    headers: { x-functions-key: "{{password}}" }
    pages: { next: url, path: $.next }
    cache: .cache/all
limits: { retries: 0 }
fail: { max: 100% }
dump:
  - { table: everything, to: out/all.jsonl }
  - { table: everything, to: out/all.csv }
  - { table: everything, to: terminal }
`,
  );
  for (const more of [[], ['--workers', '2']]) {
    const { code, out, err } = await abreast(['report', 'report.yaml', '--json-file', 'all.json', ...more], {
      cwd,
    });
    assert.equal(code, 0, err);
    outputs.push(out, err);
  }
  rmSync(join(cwd, 'given'), { recursive: true });
  const written = `${outputs.join('')}${allOf(cwd)}`;
  assert.match(written, /\*\*\*/);
  assert.ok(!written.includes(MARK), around(written));
});

test('no secret stands in the process list when it comes from a file, standard input or the environment', async (t) => {
  if (process.platform !== 'linux') return t.skip('it is read from /proc');
  const cwd = folder();
  mkdirSync(join(cwd, 'out'));
  writeFileSync(join(cwd, 'headers.txt'), `X-Api-Key: ${MARK}\nPrivate-Token: ${MARK}\n`);
  writeFileSync(join(cwd, 'urls.txt'), `${origin}/slow?token=${MARK}\n`);
  for (const [args, names, stdin] of [
    [['-H', '@headers.txt', '-f', 'urls.txt'], ['x-api-key', 'private-token'], ''],
    [['-H', '@-', '-f', 'urls.txt'], ['x-auth-token'], `X-Auth-Token: ${MARK}\n`],
    [
      ['-H', 'X-Auth-Token: ${TOKEN}', '-u', 'joe:${TOKEN}', '-'],
      ['x-auth-token', 'authorization'],
      `${origin}/slow?token=${MARK}`,
    ],
  ] as const) {
    const asked = once(server, 'slow');
    const child = begin(['get', ...args, '-o', 'out/rows.csv', '--trace', 'out/trace.jsonl', '--force'], {
      cwd,
      stdin,
      env: { TOKEN: MARK },
    });
    const ended = end(child);
    const [request, response] = await Promise.race([asked, ended.then(({ err }) => assert.fail(err))]);
    const lines = commandLines(child.pid!);
    const kept = allOf(join(cwd, 'out'));
    response.end('ok');
    assert.equal((await ended).code, 0);
    for (const name of names) assert.ok(request.headers[name], `${name} was not sent`);
    assert.match(request.url, new RegExp(MARK));
    assert.match(lines, /get\0/);
    assert.ok(!lines.includes(MARK), lines);
    assert.match(kept, /"pid"/, 'there is a lock');
    assert.ok(!kept.includes(MARK), kept);
  }
});

test('standard input is not read twice: for headers and for URLs', async () => {
  for (const args of [
    ['-', '-H', '@-'],
    ['http://h/', '-H', '@-', '-H', '@-'],
  ]) {
    const { code, err } = await abreast(['get', ...args], { stdin: 'x-a: 1' });
    assert.equal(code, 2);
    assert.match(err, /standard input can be read only once/);
  }
});

/** The command lines of a process and of all that it started. */
function commandLines(pid: number): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const below = children === '' ? [] : children.split(' ').map((child) => commandLines(Number(child)));
  return [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ...below].join('\n');
}

/** The files of a folder and of its folders. */
function filesIn(where: string): string[] {
  return readdirSync(where, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** Where the secret stands, as a message. */
function around(text: string): string {
  const at = text.indexOf(MARK);
  return text.slice(Math.max(0, at - 200), at + 100);
}
