import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Cell, DockerPlace, readStory } from '../../../src/stages/index.ts';
import { temporaryFolder } from '../../folder.ts';
import { fakeDocker, type Habits } from './fake-docker.ts';

const program = { name: 'requests', command: ['program.py', '{n}', '{url}'] };
const CELL: Cell = {
  stage: { id: 1, title: 'the baseline', text: '' },
  name: '1',
  run: { environment: { HELLO: '{n} times' }, arguments: ['--flag'] },
  runtime: { id: '3.7', language: 'python' },
  version: '3.7',
  interpreter: null,
  programs: { serial: program, concurrent: program },
  protocol: 'https',
  n: 2,
  expected: 'fast',
};
const TRACE = join(import.meta.dirname, '../../traces/get-one-by-one.jsonl');
const forEver = new AbortController().signal;

async function placeWith(t: TestContext, habits: Habits = {}, options: object = {}) {
  const docker = fakeDocker(t, habits);
  const told = await readStory('grequests');
  const cache = temporaryFolder(t);
  const place = new DockerPlace({ told, cache, offline: false, url: null, room: null, ...options });
  return { place, ...docker };
}

const prepare = (place: DockerPlace, said: string[] = []) =>
  place.prepare([CELL], (what) => said.push(what), forEver);

test('a cell runs in the container of its stage, and the log of its server says what was in flight', async (t) => {
  const { place, calls } = await placeWith(t);
  await prepare(place);
  const [one, other] = await Promise.all([
    place.run(CELL, 'serial', forEver),
    place.run(CELL, 'concurrent', forEver),
  ]);
  await place.close();
  // Each run has two requests of a second, half a second apart: those of the other don't count.
  for (const { inFlight } of [one, other]) assert.deepEqual(inFlight, { mean: 2 / 1.5, max: 2 });
  const runs = calls().filter((call) => call.includes('program.py'));
  const url = 'https://https_server:8443/delay/1?run=';
  assert.deepEqual(runs.sort(), [
    `exec the-stage env HELLO=2 times python program.py 2 ${url}1 --flag`,
    `exec the-stage env HELLO=2 times python program.py 2 ${url}2 --flag`,
  ]);
});

test('what was started is taken down under its own name, containers, network and volume', async (t) => {
  const { place, calls } = await placeWith(t);
  await prepare(place);
  await place.close();
  const composed = calls().filter((call) => call.startsWith('compose -f'));
  const [, project] = / -p (abreast-\S+) /.exec(composed[0]!)!;
  assert.match(composed[0]!, / up -d --build stage1-3\.7$/);
  assert.equal(composed.length, 2);
  assert.ok(composed[1]!.endsWith(` -p ${project} down --volumes --remove-orphans --timeout 0`));
});

test('the probes are put into the container, and what they left is judged here', async (t) => {
  const { place, calls } = await placeWith(t, { trace: TRACE });
  await prepare(place);
  const [verdict] = await Promise.all([place.watch(CELL, forEver), place.watch(CELL, forEver)]);
  await place.close();
  assert.deepEqual([verdict.overlap, verdict.step], ['serial', 'wanted']);
  assert.equal(calls().filter((call) => /^cp \S+ the-stage:\/abreast$/.test(call)).length, 1);
  assert.ok(
    calls().some((call) =>
      / PYTHONPATH=\/abreast .*ABREAST_TRACE=\/tmp\/abreast\/1\/%p\.jsonl python /.test(call),
    ),
  );
});

test('probes that left nothing are said', async (t) => {
  const { place } = await placeWith(t);
  await prepare(place);
  await assert.rejects(place.watch(CELL, forEver), /^StagesError: the-stage: the probes wrote no trace$/);
  await place.close();
});

test('an image that can not be had is one line, and what was begun is taken down', async (t) => {
  const upFails = 'Building stage1-3.7\npull access denied for python, repository does not exist';
  const { place, calls } = await placeWith(t, { upFails });
  const said: string[] = [];
  await assert.rejects(
    prepare(place, said),
    /^StagesError: building stage1-3\.7: an image can't be had: pull access denied for python/,
  );
  await place.close();
  assert.deepEqual(said, ['docker: starting containers', 'docker: building stage1-3.7']);
  assert.ok(calls().at(-1)!.includes(' down '));
});

test('a container with another Python than the table says is said', async (t) => {
  const { place } = await placeWith(t);
  await prepare(place);
  await assert.rejects(
    place.run({ ...CELL, version: '3.6' }, 'serial', forEver),
    /^StagesError: the service stage1-3\.7 has Python 3\.7\.16, not 3\.6$/,
  );
  await place.close();
});

test('offline nothing is built, emulation is noted, and another server is asked as it is', async (t) => {
  const url = new URL('http://192.0.2.1:99');
  const { place, calls } = await placeWith(t, { architecture: 'arm64' }, { offline: true, url });
  await prepare(place);
  assert.deepEqual(place.notes, ['The images are for amd64 and run emulated on arm64: times are longer.']);
  const { inFlight } = await place.run(CELL, 'serial', forEver);
  await place.close();
  assert.equal(inFlight, null);
  assert.ok(calls().some((call) => call.endsWith(' up -d --no-build --pull never stage1-3.7')));
  assert.ok(calls().some((call) => call.endsWith(' program.py 2 http://192.0.2.1:99/delay/1 --flag')));
});
