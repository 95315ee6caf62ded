import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Agent, request } from 'undici';

/** Runs `abreast serve` with these arguments, without what else main does. */
function serve(...args: string[]): ChildProcess {
  const program = `
    import { serveCommand } from ${JSON.stringify(new URL('../../src/cli/serve.ts', import.meta.url).href)};
    await serveCommand().parseAsync(${JSON.stringify(args)}, { from: 'user' });`;
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('serve says where it is in one line of JSON, serves, and ends with its counts on a signal', async () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const child = serve('--json', '--name', 'test.example');
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const ready = JSON.parse((await lines.next()).value!);
    assert.equal(ready.pid, child.pid);
    const dispatcher = new Agent({
      connect: { ca: readFileSync(ready.ca), servername: 'test.example' },
      allowH2: true,
    });
    const answer = await request(`${ready.httpsUrl}/status/204`, { dispatcher });
    assert.equal(answer.statusCode, 204);
    assert.equal((await request(`${ready.httpUrl}/status/200`)).statusCode, 200);
    await answer.body.dump();
    child.kill(signal);
    child.kill(signal);
    const { stats } = JSON.parse((await lines.next()).value!);
    assert.deepEqual(stats.byProtocol, { h2: 1, 'http/1.1': 1 });
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
    assert.ok(!existsSync(ready.ca), 'the temporary certificate is gone');
    await dispatcher.destroy();
  }
});

test('serve refuses a taken port in one line that says what to do', async () => {
  const first = serve('--json');
  const [line] = await once(createInterface({ input: first.stdout! }), 'line');
  const second = serve('--https', String(JSON.parse(line).httpsPort));
  assert.match(
    await errorsOf(second),
    /^error: port \d+ of 127\.0\.0\.1 is taken: choose another with --https.*\n$/,
  );
  first.kill();
  await once(first, 'exit');
});

test('serve writes the certificate where it is told, and says when it cannot', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-test-'));
  const file = join(folder, 'ca.pem');
  const child = serve('--cacert-out', file);
  await once(createInterface({ input: child.stdout! }), 'line');
  assert.match(readFileSync(file, 'utf8'), /^-----BEGIN CERTIFICATE-----/);
  child.kill();
  await once(child, 'exit');
  const bad = serve('--cacert-out', join(folder, 'no', 'ca.pem'));
  assert.match(await errorsOf(bad), /^error: can't write the certificate to .*no\/ca\.pem: ENOENT/);
});

/** What it wrote to standard error; it has to end with exit code 2. */
async function errorsOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stderr!.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 2, text);
  return text;
}
