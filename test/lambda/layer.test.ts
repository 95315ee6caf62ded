import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { unzipSync } from 'fflate';
import { packLayer } from '../../src/lambda/index.ts';
import { openStorage } from '../../src/storage/index.ts';
import { startServer } from '../../src/testserver/index.ts';
import { abreast } from '../e2e/abreast.ts';
import { lay, temporaryFolder } from '../folder.ts';
import { commandAt, NO_S3, startS3 } from '../servers/index.ts';
import { BOOTSTRAP } from './lambda.ts';
import { RuntimeApi } from './runtime-api.ts';

const NO_CURL = commandAt('curl') === undefined ? 'there is no curl here' : false;

/** As Lambda gives them to a function. */
const CREDENTIALS = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'a-secret-key',
  AWS_SESSION_TOKEN: 'a-session-token',
};

test('a function with the layer leaves its trace in S3, signed with its own credentials', {
  skip: NO_CURL,
}, async (t) => {
  const s3 = await objectStore(t);
  await runFunction(t, {
    ...CREDENTIALS,
    AWS_ENDPOINT_URL_S3: s3.url,
    ABREAST_TRACES: 's3://traces/of/functions',
  });
  const put = s3.puts.at(-1)!;
  assert.match(put.path, /^\/traces\/of\/functions\/asks\/\d{4}-[\w-]+-t-\d+\.jsonl$/);
  assert.match(
    put.authorization,
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, ?SignedHeaders=[\w;-]*x-amz-security-token/,
  );
  assert.match(put.body, /\/delay\/0\.2/);
  assert.doesNotMatch(put.body, /2018-06-01/, 'what the runtime asks of Lambda is not the function');
  const folder = temporaryFolder(t);
  lay(folder, { 't.jsonl': put.body });
  const { out, err } = await abreast(['judge', '--json', join(folder, 't.jsonl')]);
  const { inFlight, lost } = JSON.parse(out);
  assert.deepEqual([inFlight.max, lost ?? {}], [5, {}], err);
});

test('the signature of the extension is one that a server of S3 accepts', {
  skip: NO_CURL || NO_S3,
}, async (t) => {
  const s3 = await startS3();
  t.after(() => s3.daemon.close());
  await runFunction(t, { ...s3.env, ABREAST_TRACES: `s3://${s3.bucket}` });
  Object.assign(process.env, s3.env);
  const storage = await openStorage(`s3://${s3.bucket}`);
  const names: string[] = [];
  for await (const name of storage.list('asks/')) names.push(name);
  assert.equal(names.length, 1, names.join());
  assert.match(await text((await storage.read(names[0]!))!), /^\{"kind":"run"/);
});

test('the layer records Python and keeps what the function has set itself', async (t) => {
  const python = commandAt('python3');
  if (python === undefined) return t.skip('there is no python3 here');
  const { opt, folder } = laidOut(t);
  lay(folder, { 'own/mine.py': 'import os\nprint(os.environ["ABREAST_TRACE"], os.environ["PYTHONPATH"])' });
  const child = start(t, join(opt, 'abreast/watch'), [python, '-m', 'mine'], {
    PATH: process.env.PATH!,
    PYTHONPATH: join(folder, 'own'),
  });
  const [said] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  assert.equal(said, `${folder}/tmp/t-%p.jsonl ${opt}/abreast:${folder}/own\n`);
});

test('traces that get nowhere are told with the reason, also where S3 redirects', {
  skip: NO_CURL,
}, async (t) => {
  const store = async (status: number) => ({
    ABREAST_TRACES: 's3://traces/of',
    AWS_ENDPOINT_URL_S3: (await objectStore(t, status)).url,
  });
  const said = await Promise.all([
    extensionSays(t, await store(301)),
    extensionSays(t, await store(403)),
    extensionSays(t, { ABREAST_TRACES: 'my-bucket/traces' }),
    extensionSays(t, {}),
  ]);
  for (const [at, expected] of [
    /t-1\.jsonl could not be put at .*: S3 answered 301; is the bucket in eu-central-1\?\n$/,
    /: S3 answered 403; the role of the function needs s3:PutObject there\n$/,
    /ABREAST_TRACES is 'my-bucket\/traces', so the traces stay in .*; set it to s3:\/\/bucket\/prefix/,
    /ABREAST_TRACES is '', so the traces stay in /,
  ].entries())
    assert.match(said[at]!, expected);
});

test('the layer is the same bytes each time, and says what is to be set', () => {
  const { zip, languages, variables } = packLayer();
  assert.deepEqual(packLayer().zip, zip);
  assert.equal(languages.length, 3);
  assert.deepEqual(variables, [
    'AWS_LAMBDA_EXEC_WRAPPER=/opt/abreast/watch',
    'ABREAST_TRACES=s3://BUCKET/PREFIX',
  ]);
});

test('a file that can not be written is told in a line, and no half of it stays', async (t) => {
  const folder = temporaryFolder(t);
  lay(folder, { 'taken/file': '' });
  for (const [output, why] of [
    ['taken', 'it is a folder'],
    ['taken/file/layer.zip', 'a file is where its folder would be'],
  ]) {
    const { code, err } = await abreast(['lambda', 'layer', '-o', output!], { cwd: folder });
    assert.deepEqual([code, err], [2, `error: ${output} can't be written: ${why}\n`]);
  }
  assert.deepEqual(readdirSync(folder), ['taken']);
});

/** Runs a function that asks for five things at once, from its first invocation to its end. */
async function runFunction(t: TestContext, env: Readonly<Record<string, string>>): Promise<void> {
  const { opt, folder } = laidOut(t);
  const server = await startServer();
  t.after(() => server.close());
  await using api = await RuntimeApi.start();
  lay(folder, {
    'handler.mjs': `export const handler = () =>
  Promise.all([1, 2, 3, 4, 5].map((n) => fetch('${server.httpUrl}/delay/0.2?n=' + n).then((answer) => answer.status)));`,
  });
  const environment = {
    PATH: process.env.PATH!,
    AWS_LAMBDA_RUNTIME_API: api.address,
    AWS_LAMBDA_FUNCTION_NAME: 'asks',
    ...env,
  };
  const extension = start(t, join(opt, 'extensions/abreast'), [], environment);
  await api.registered;
  const runtime = start(
    t,
    join(opt, 'abreast/watch'),
    [process.execPath, BOOTSTRAP, join(folder, 'handler.mjs')],
    environment,
  );
  assert.deepEqual(await api.invoke({}, 20_000), { kind: 'response', value: [200, 200, 200, 200, 200] });
  runtime.kill();
  await once(runtime, 'exit');
  api.shutdown();
  await once(extension, 'exit');
}

/** What the extension prints from its start to its end, with one trace there. */
async function extensionSays(t: TestContext, env: Readonly<Record<string, string>>): Promise<string> {
  const { opt, folder } = laidOut(t);
  lay(folder, { 'tmp/t-1.jsonl': '{"kind":"run"}\n' });
  await using api = await RuntimeApi.start();
  const extension = spawn(join(opt, 'extensions/abreast'), {
    env: {
      PATH: process.env.PATH!,
      AWS_LAMBDA_RUNTIME_API: api.address,
      AWS_LAMBDA_FUNCTION_NAME: 'asks',
      ...CREDENTIALS,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(() => extension.kill('SIGKILL'));
  await api.registered;
  api.shutdown();
  return await text(extension.stderr);
}

/** The layer as Lambda lays it out, but in a folder of the test. */
function laidOut(t: TestContext): { readonly opt: string; readonly folder: string } {
  const folder = temporaryFolder(t);
  const opt = join(folder, 'opt');
  const files = Object.entries(unzipSync(packLayer().zip)).map(([path, bytes]) => [
    path,
    Buffer.from(bytes)
      .toString()
      .replaceAll('/tmp/abreast', join(folder, 'tmp'))
      .replaceAll('/opt/', `${opt}/`),
  ]);
  lay(opt, Object.fromEntries(files));
  return { opt, folder };
}

function start(
  t: TestContext,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

interface Put {
  readonly path: string;
  readonly authorization: string;
  readonly body: string;
}

/** A server that takes what is put there. */
async function objectStore(
  t: TestContext,
  status = 200,
): Promise<{ readonly url: string; readonly puts: readonly Put[] }> {
  const puts: Put[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    puts.push({ path: request.url!, authorization: request.headers.authorization ?? '', body });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, puts };
}
