import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { findEngine } from '../../src/stages/docker/engine.ts';
import { temporaryFolder } from '../folder.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const BASE = 'node:24-slim';
/** Debian's Redis stands for the official image, which is not everywhere. */
const REDIS_IMAGE = 'abreast-test-redis';
const REDIS = `FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends redis-server`;
const PROJECT = `abreast-test-${process.pid}`;

const skip = await reason();

/** Why nothing runs in containers here, and what would allow it; false where they do. */
async function reason(): Promise<string | false> {
  try {
    await findEngine();
  } catch (error) {
    return (error as Error).message;
  }
  const has = spawnSync('docker', ['image', 'inspect', BASE]).status === 0;
  return has ? false : `an image is missing: docker pull ${BASE}`;
}

test('the image of abreast is built from a checkout', { skip }, async () => {
  const args = ['build', '-q', '-t', 'abreast', '-f', 'examples/scale/Dockerfile', '.'];
  const { code, err } = await end(spawn('docker', args, { cwd: ROOT }));
  assert.equal(code, 0, err);
  const asked = spawnSync('docker', ['run', '--rm', 'abreast', '--version'], { encoding: 'utf8' });
  assert.match(asked.stdout, /^\d+\.\d+\.\d+/, asked.stderr);
});

test('an image of Redis is built', { skip }, async () => {
  const docker = spawn('docker', ['build', '-q', '-t', REDIS_IMAGE, '-']);
  docker.stdin.end(REDIS);
  const { code, err } = await end(docker);
  assert.equal(code, 0, err);
});

test('docker compose up: a coordinator and three workers share 10,000 GETs, and each row has one result', {
  skip,
}, async (t) => {
  const folder = temporaryFolder(t);
  cpSync(join(ROOT, 'examples/scale'), folder, { recursive: true });
  const { compose } = await findEngine();
  const run = (...args: readonly string[]) => {
    const [command, ...words] = [...compose, '-p', PROJECT, '-f', join(folder, 'compose.yaml'), ...args];
    return spawn(command!, words, { env: { ...process.env, REDIS_IMAGE } });
  };
  t.after(() => end(run('down', '--volumes', '--timeout', '1')));
  const { code, out, err } = await end(
    run('up', '--no-build', '--abort-on-container-exit', '--exit-code-from', 'coordinator'),
  );
  assert.equal(code, 0, `${out}${err}`);
  assert.equal(readFileSync(join(folder, 'out/answers.csv'), 'utf8'), 'results,rows,failed\n10000,10000,0\n');
  assert.match(out, /check each row has one result: ok/);
  const workers = new Set(out.match(/worker[-_]\d(?=.*\|)/g));
  assert.equal(workers.size, 3, out);
});

/** Its exit code and what it printed. */
async function end(child: ChildProcess) {
  const [[code], out, err] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code: code as number | null, out, err };
}
