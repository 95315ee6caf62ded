import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { makeCertificate, startServer } from '../../src/testserver/index.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { ROOT } from './checkout.ts';

const OFFLINE = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/;

const PROGRAM = `
import { readFileSync } from 'node:fs';
import { FetchError, imap, map, type Input, type Options, type Result } from 'abreast';
import { handler, type Answer } from 'abreast/lambda';

const [url, ca] = process.argv.slice(2) as [string, string];
const options: Options<number> = { concurrency: 2, tls: { ca: readFileSync(ca) } };
const inputs: Input<number>[] = [1, 2, 3].map((data) => ({ url: \`\${url}/get?n=\${data}\`, data }));

const all: Result<number>[] = await map(inputs, options);
const statuses: (number | null)[] = all.map((result) => result.status);
const data: (number | null)[] = [];
for await (const result of imap(inputs, options)) data.push(result.data);
const [refused] = await map(['http://127.0.0.1:1/'], { retries: 0 });
if (!(refused!.error instanceof FetchError)) throw new Error('no FetchError');
const begun: Promise<Answer> = handler({}, { awsRequestId: 'r', getRemainingTimeInMillis: () => 1000 });
const lambda = await begun.catch((error: Error) => error.message);
console.log(JSON.stringify({ statuses, data: data.sort(), code: refused!.error.code, lambda }));
`;
const COMPILER = {
  compilerOptions: {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    types: ['node'],
    skipLibCheck: false,
  },
  files: ['program.ts'],
};

const REPORT = `
name: packed
testServer: true
rows: { sql: "select range as id from range(40)" }
requests:
  - name: anything
    url: "\${TEST_SERVER}/anything/{{id}}"
    pages: { next: counter, parameter: page, items: "$.args.page", most: 2 }
crunch:
  - { name: counts, sql: "select count(distinct id) as n, count(*) as pages from anything where status = 200" }
dump:
  - { table: counts, to: terminal }
`;

test('the package installs and runs elsewhere', async (t) => {
  const elsewhere = temporaryFolder(t);
  const tarball = pack(join(elsewhere, 'packing'));
  lay(elsewhere, { 'package.json': '{ "private": true, "type": "module" }' });
  const installed = run(elsewhere, 'npm', 'install', '--no-save', '--no-audit', '--prefer-offline', tarball);
  if (OFFLINE.test(installed.stderr)) return t.skip('needs the npm registry, which can not be reached');
  assert.equal(installed.status, 0, installed.stderr);

  const command = join(elsewhere, 'node_modules/.bin/abreast');
  const certificate = await makeCertificate();
  const server = await startServer({ certificate });
  t.after(() => server.close());
  lay(elsewhere, { 'ca.pem': certificate.cert });

  await t.test('it holds what it needs, and no source, test, tool or Node', () => {
    const files = readdirSync(join(elsewhere, 'node_modules/abreast'), { recursive: true }).map(String);
    for (const needed of [
      'dist/cli/main.cjs',
      'dist/cli/worker.cjs',
      'dist/cli/commander.LICENSE',
      'dist/cli/page.json',
      'dist/cli/node/hook.cjs',
      'dist/cli/python/sitecustomize.py',
      'dist/cli/preact.LICENSE',
      'dist/cli/extension.sh',
      'dist/cli/function.cjs',
      'dist/cli/@smithy-core.LICENSE',
      'dist/lambda/contract.d.ts',
      'dist/lambda/function.js',
      'dist/fetch/index.d.ts',
      'schema/result.json',
      'schema/trace.json',
      'LICENSE',
      'README.md',
    ]) {
      assert.ok(files.includes(needed), `${needed} is missing`);
    }
    assert.deepEqual(
      files.filter((file) => /^(src|test|scripts|bench|node_modules)\b|(?<!\.d)\.ts$/.test(file)),
      [],
    );
    assert.ok(!existsSync(join(elsewhere, 'node_modules/node')));
  });

  await t.test('every file that its code names beside itself is there', () => {
    const root = join(elsewhere, 'node_modules/abreast');
    const named = globSync('dist/**/*.{js,cjs}', { cwd: root }).flatMap((file) =>
      [
        ...readFileSync(join(root, file), 'utf8').matchAll(
          /new URL\("([^"]+)", ?import\.?[mM]eta\.?[uU]rl\)/g,
        ),
      ].map((match) => join(root, dirname(file), match[1]!)),
    );
    assert.ok(named.includes(join(root, 'package.json')), 'the code names its package.json');
    assert.deepEqual(
      named.filter((file) => !existsSync(file)),
      [],
    );
  });

  await t.test('its command says its version and its help', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.equal(run(elsewhere, command, '--version').stdout, `${version}\n`);
    assert.match(run(elsewhere, command, '--help').stdout, /abreast get /);
  });

  await t.test('its command gets over HTTPS', async () => {
    const args = ['get', `${server.httpsUrl}/get`, '-n', '5', '--cacert', 'ca.pem'];
    const results = (await runBeside(elsewhere, command, ...args)).trimEnd().split('\n');
    assert.deepEqual(
      results.map((line) => JSON.parse(line).status),
      [200, 200, 200, 200, 200],
    );
  });

  await t.test('its report fetches in threads, crunches and dumps', () => {
    lay(elsewhere, { 'report.yaml': REPORT });
    const { status, stdout, stderr } = run(elsewhere, command, 'report', 'report.yaml', '--workers', '2');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /n +pages\n *40 +80\n/);
  });

  await t.test('its watch sees what a program wants, by the probe that came with it', async () => {
    lay(elsewhere, {
      'asks.mjs': `await Promise.all([1, 2].map(() => fetch('${server.httpUrl}/delay/0.1')))`,
    });
    const told = await runBeside(elsewhere, command, 'watch', '--json', process.execPath, 'asks.mjs');
    const { wanted, requests } = JSON.parse(told);
    assert.deepEqual([wanted, requests], [2, 2]);
  });

  await t.test('its command writes a page, with the app that came with it', async () => {
    await runBeside(
      elsewhere,
      command,
      'get',
      `${server.httpUrl}/get`,
      '--trace',
      'g.jsonl',
      '-o',
      'g.out.jsonl',
    );
    await runBeside(elsewhere, command, 'view', 'g.jsonl', '-o', 'page.html');
    const { script } = JSON.parse(
      readFileSync(join(elsewhere, 'node_modules/abreast/dist/cli/page.json'), 'utf8'),
    );
    assert.ok(readFileSync(join(elsewhere, 'page.html'), 'utf8').includes(script));
  });

  await t.test('a program can use it, with types that hold without skipLibCheck', async () => {
    lay(elsewhere, { 'program.ts': PROGRAM, 'tsconfig.json': JSON.stringify(COMPILER) });
    for (const part of ['typescript', '@typescript', '@types', 'undici-types']) {
      symlinkSync(join(ROOT, 'node_modules', part), join(elsewhere, 'node_modules', part));
    }
    const compiled = run(elsewhere, process.execPath, 'node_modules/typescript/bin/tsc');
    assert.equal(compiled.status, 0, compiled.stdout);
    const told = await runBeside(elsewhere, process.execPath, 'program.js', `${server.httpsUrl}`, 'ca.pem');
    assert.deepEqual(JSON.parse(told), {
      statuses: [200, 200, 200],
      data: [1, 2, 3],
      code: 'connect-refused',
      lambda:
        'the variable ABREAST_REPORT is not set; it is the path of the report in the package, or s3://bucket/key.',
    });
  });
});

/** Packs this checkout as it would be published, in a copy: the build clears dist/ first. Gives the tarball. */
function pack(copy: string): string {
  mkdirSync(copy, { recursive: true });
  for (const part of readdirSync(ROOT)) {
    if (!/^(\.git|\.abreast|node_modules|dist|out|test|bench)$/.test(part)) {
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    }
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  const { status, stdout, stderr } = run(copy, 'npm', 'pack', '--silent');
  assert.equal(status, 0, stderr);
  return join(copy, stdout.trim().split('\n').at(-1)!);
}

/** The Node of this process for whatever asks for `node`, as in a user's shell. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };

function run(cwd: string, command: string, ...args: readonly string[]) {
  return spawnSync(command, args, { cwd, env, encoding: 'utf8' });
}

/** As run, while this process goes on: it is the server. */
async function runBeside(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  return text(child.stdout);
}
