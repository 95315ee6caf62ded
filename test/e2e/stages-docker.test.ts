import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findEngine } from '../../src/stages/docker/engine.ts';
import { abreast, begin, end } from './abreast.ts';

const IMAGES = ['python:2.7.18-slim', 'python:3.7.16-slim', 'mccutchen/go-httpbin:latest'];

const skip = await reason();

/** Why nothing runs in containers here, and what would allow it; false where they do. */
async function reason(): Promise<string | false> {
  try {
    await findEngine();
  } catch (error) {
    return (error as Error).message;
  }
  const missing = IMAGES.filter((image) => spawnSync('docker', ['image', 'inspect', image]).status !== 0);
  return missing.length === 0
    ? false
    : `images are missing: ${missing.map((each) => `docker pull ${each}`).join('; ')}`;
}

/** Containers and networks that an abreast has started, of whatever project. */
async function left(): Promise<string[]> {
  const lists = [
    ['ps', '-a', '--filter', 'label=com.docker.compose.project', '--format', '{{.Names}}'],
    ['network', 'ls', '--filter', 'label=com.docker.compose.project', '--format', '{{.Name}}'],
  ];
  const named = await Promise.all(
    lists.map(async (words) => (await promisify(execFile)('docker', words)).stdout.split('\n')),
  );
  return named.flat().filter((name) => name.startsWith('abreast-'));
}

interface Cell {
  readonly stage: string;
  readonly runtime: string;
  readonly concurrent: { readonly ok: number; readonly inFlight: { readonly max: number } };
  readonly came: string;
  readonly verdict: null | { readonly causes: readonly { readonly because: readonly string[] }[] };
}

test('the images of all stages are built', { skip }, async () => {
  const { code, out, err } = await abreast(['stages', 'prepare', '--docker']);
  assert.equal(code, 0, err);
  assert.match(out, /^Ready in .*: 1 on 2\.7, 1 on 3\.7, .*5 on 3\.7$/m);
});

test('all stages come out in containers as they should, and the probes inside say why', {
  skip,
}, async () => {
  const { code, out, err } = await abreast(['stages', 'all', '--docker', '-n', '5', '--json']);
  assert.equal(code, 0, `${err}${out}`);
  const cells: Cell[] = JSON.parse(out).cells;
  const slow = cells.filter(({ came }) => came === 'slow');
  assert.deepEqual(
    slow.map(({ stage, runtime }) => `${stage} ${runtime}`),
    ['2 python 2.7', '2 python 3.7', '3 python 3.7'],
  );
  assert.equal(cells.length, 10);
  for (const { concurrent } of cells) assert.equal(concurrent.ok, 5);
  for (const { concurrent, verdict } of slow) {
    assert.equal(concurrent.inFlight.max, 1);
    assert.match(
      verdict!.causes[0]!.because.join(' '),
      /pyOpenSSL 19\.0\.0 took the place of .*left `select` alone/,
    );
  }
});

test('Ctrl-C takes the containers down', { skip }, async () => {
  const before = await left();
  const child = begin(['stages', '2', '--docker', '-n', '100']);
  const ended = end(child);
  const begun = async () => (await left()).filter((name) => !before.includes(name));
  while (child.exitCode === null && !(await begun()).some((name) => name.includes('stage2-3.7')))
    await sleep(300);
  child.kill('SIGINT');
  const { code, err } = await ended;
  assert.equal(code, 130, err);
  assert.match(err, /Stopped: nothing was left running\./);
  assert.deepEqual(await begun(), []);
});
