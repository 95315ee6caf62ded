import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findEngine } from '../../../src/stages/docker/engine.ts';

/** A PATH on which these commands are all there is: shell text by name. */
function only(t: TestContext, commands: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'abreast-engine-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return { PATH: folder };
}

const RUNS = 'case "$1" in version) echo amd64;;';
const NO_PLUGIN = `${RUNS} *) echo "docker: 'compose' is not a docker command." >&2; exit 1;; esac`;

test('compose v2 is taken before docker-compose', async (t) => {
  const env = only(t, { docker: `${RUNS} compose) echo v2.29.1;; esac`, 'docker-compose': 'echo 1.29.2' });
  assert.deepEqual(await findEngine(env), { compose: ['docker', 'compose'], architecture: 'amd64' });
});

test('docker-compose 1.29 is taken where there is no v2', async (t) => {
  const env = only(t, { docker: NO_PLUGIN, 'docker-compose': 'echo 1.29.2' });
  assert.deepEqual(await findEngine(env), { compose: ['docker-compose'], architecture: 'amd64' });
});

const LACKS: readonly (readonly [what: string, commands: Readonly<Record<string, string>>, told: RegExp])[] =
  [
    ['docker', {}, /^Docker is not installed: /],
    [
      'the daemon',
      {
        docker:
          'echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2; exit 1',
      },
      /^Docker is installed, but not running: /,
    ],
    [
      'permission',
      {
        docker:
          'echo "Got permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
      },
      /^you may not use Docker: /,
    ],
    ['compose', { docker: NO_PLUGIN }, /^Docker runs, but compose is missing: docker compose v2 or /],
    [
      'a compose that is new enough',
      { docker: NO_PLUGIN, 'docker-compose': 'echo 1.25.0' },
      /^docker-compose 1\.25\.0 is too old: docker compose v2 or docker-compose 1\.29 is needed/,
    ],
  ];

for (const [what, commands, told] of LACKS) {
  test(`a machine without ${what} gets one line, and what to do instead`, async (t) => {
    await assert.rejects(findEngine(only(t, commands)), (error: Error) => {
      assert.equal(error.name, 'StagesError');
      assert.match(error.message, told);
      assert.match(error.message, /Or leave --docker out$/);
      assert.ok(!error.message.includes('\n'));
      return true;
    });
  });
}
