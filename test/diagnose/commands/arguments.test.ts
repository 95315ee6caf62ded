import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitOf } from '../../../src/diagnose/commands/arguments.ts';
import { pauseOf } from '../../../src/diagnose/commands/pauses.ts';
import { settingOf } from '../../../src/diagnose/commands/settings.ts';

/** 'name mode size (option as given)' of a command line whose words are apart by spaces. */
function shown(command: string): string | undefined {
  const limit = limitOf(command.split(' '), 4);
  return limit === undefined
    ? undefined
    : `${limit.name} ${limit.mode} ${limit.size} (${limit.said ?? 'usual'})`;
}

test('the number of requests at a time is read from the arguments, however they are written', () => {
  const said: Readonly<Record<string, string | undefined>> = {
    'hey -n 200 -c 20 http://a': 'hey load 20 (-c 20)',
    'hey -c=20 http://a': 'hey load 20 (-c=20)',
    'wrk -t2 -c20 -d3s http://a': 'wrk load 20 (-c20)',
    'ab -kc 20 http://a': 'ab load 20 (-kc 20)',
    'h2load -n100 -c2 -m10 https://a': 'h2load load 20 (-c2 -m10)',
    'k6 run --vus 7 --duration 3s script.js': 'k6 load 7 (--vus 7)',
    'k6 inspect -u 7': undefined,
    'vegeta attack -rate=50/s -duration 2s': 'vegeta clock 50 (-rate=50/s)',
    'node /app/node_modules/.bin/autocannon -c 20 http://a': 'autocannon load 20 (-c 20)',
    'python3 -m pytest -q -n auto': 'pytest children 4 (-n auto)',
    'curl -sZ --parallel-max 2 http://a': 'curl list 2 (--parallel-max 2)',
    'curl -sZo /dev/null http://a': 'curl list 50 (usual)',
    'curl --parallel-max 2 http://a': undefined,
    'aria2c -i urls.txt -j2 -x 4': 'aria2c list 8 (-j2 -x 4)',
    'xargs -0P4 -n 1 curl': 'xargs children 4 (-0P4)',
    'xargs -n 1 -P 0 curl': 'xargs children null (-P 0)',
    'xargs -n 1 curl': 'xargs children 1 (usual)',
    'make -sj3': 'make children 3 (-sj3)',
    'make -j': 'make children null (-j)',
    'perl /usr/bin/parallel -j 200% curl': 'parallel children 8 (-j 200%)',
    'parallel curl': 'parallel children 4 (usual)',
    'git -c http.maxRequests=10 clone http://a': 'git list 10 (http.maxRequests=10)',
    'report --c 3': undefined,
    toString: undefined,
  };
  for (const [command, expected] of Object.entries(said)) assert.equal(shown(command), expected, command);
});

test('a user of a known tool gets its setting, of its own text or from the option that limits it', () => {
  const own = settingOf(['python3', '/usr/bin/s3cmd', 'sync', 'a', 's3://b']);
  assert.match(own ?? '', /^s3cmd transfers one file after another/);
  assert.match(settingOf(['python3', '-m', 'pip', 'install', 'x']) ?? '', /^pip has no setting/);
  const npm = settingOf(['node', '/usr/bin/npm', 'ci']);
  assert.equal(npm, 'Give npm a larger --maxsockets (15 by default).');
  assert.equal(
    settingOf(['uv', 'pip', 'install', 'x']),
    'Give uv a larger UV_CONCURRENT_DOWNLOADS (50 by default).',
  );
  assert.match(settingOf(['php', '/usr/bin/composer', 'install']) ?? '', /COMPOSER_MAX_PARALLEL_HTTP \(12/);
  assert.match(settingOf(['bun', 'install']) ?? '', /--network-concurrency \(48/);
  assert.equal(settingOf(['pnpm.cjs', 'i']), 'Give pnpm a larger --network-concurrency.');
  assert.equal(settingOf(['hey', '-c', '2']), undefined, 'a load is what is wanted');
  assert.equal(settingOf(['report.py']), undefined);
});

test('a pause is named with the option as it was given', () => {
  assert.deepEqual(pauseOf(['wget', '--wait=0.3', '-i', 'f']), { name: 'wget', said: '--wait=0.3' });
  assert.deepEqual(pauseOf(['/usr/bin/wget', '-w', '2', 'http://a']), { name: 'wget', said: '-w 2' });
  assert.equal(pauseOf(['wget', '-i', 'f']), undefined);
});
