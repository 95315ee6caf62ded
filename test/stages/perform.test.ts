import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verdict } from '../../src/diagnose/index.ts';
import type { Cell } from '../../src/stages/cell.ts';
import { StagesError } from '../../src/stages/error.ts';
import { perform } from '../../src/stages/perform.ts';
import type { StagesPlace } from '../../src/stages/place.ts';
import type { Result } from '../../src/stages/result.ts';

const VERDICT = { verdict: 'serial: as asked' } as Verdict;

function cell(name: string, expected: 'fast' | 'slow' | null = 'fast'): Cell {
  return {
    stage: { id: 1, title: 't', text: 't' },
    name,
    run: { environment: {}, arguments: [] },
    runtime: { id: 'node', language: 'node' },
    version: '24',
    interpreter: null,
    programs: { serial: { name: 'loop', command: ['p'] }, concurrent: { name: 'all', command: ['p'] } },
    protocol: 'http',
    n: 5,
    expected,
  };
}

interface Behaviour {
  /** Seconds of the concurrent program of a cell. */
  readonly seconds: Readonly<Record<string, number>>;
  readonly fails?: string;
}

function placeThat({ seconds, fails }: Behaviour) {
  const watched: string[] = [];
  const place: StagesPlace = {
    notes: [],
    room: 3,
    prepare: async () => {},
    run: async ({ name, n }, program) => {
      if (name === fails) throw new StagesError('it fell over');
      await new Promise((resolve) => setTimeout(resolve, 30 - 10 * Number(name)));
      const took = program === 'serial' ? n : seconds[name]!;
      return { n, ok: n, seconds: took, socket: [], version: '1', modules: {}, errors: [], inFlight: null };
    },
    watch: async ({ name }) => {
      watched.push(name);
      return VERDICT;
    },
    show: async (_, { id }, rest) => [id, ...rest].join(' '),
    close: async () => {},
  };
  return { place, watched };
}

async function resultsOf(cells: readonly Cell[], place: StagesPlace, signal = new AbortController().signal) {
  const results: Result[] = [];
  const witness = { began() {}, ended() {} };
  const options = { place, witness, signal, rest: ['--depth', '2'], scenesOf: () => [] };
  for await (const result of perform(cells, options)) results.push(result);
  return results;
}

test('results come in the order of the cells, and those that are slow are watched', async () => {
  const { place, watched } = placeThat({ seconds: { '0': 5, '1': 1, '2': 3 } });
  const results = await resultsOf([cell('0', 'slow'), cell('1'), cell('2')], place);
  assert.deepEqual(
    results.map(({ cell: { name }, came, asExpected, verdict }) => [name, came, asExpected, verdict]),
    [
      ['0', 'slow', true, VERDICT],
      ['1', 'fast', true, null],
      ['2', 'partly', false, VERDICT],
    ],
  );
  assert.deepEqual(watched.sort(), ['0', '2']);
});

test('what comes out in between is timed again while nothing else runs, and both are told', async () => {
  const { place } = placeThat({ seconds: { '0': 3, '1': 1 } });
  const run = place.run.bind(place);
  let now = 0;
  let runs = 0;
  const beside: number[] = [];
  place.run = async (cell, program, signal) => {
    now++;
    const measured = await run(cell, program, signal);
    if (cell.name === '0' && ++runs > 2) beside.push(--now);
    else now--;
    return cell.name === '0' && program === 'concurrent' && runs > 2
      ? { ...measured, seconds: 1.2 }
      : measured;
  };
  const [result] = await resultsOf([cell('0'), cell('1'), cell('1'), cell('1')], place);
  assert.deepEqual(beside, [0, 0]);
  assert.deepEqual([result!.came, result!.concurrent!.seconds], ['fast', 1.2]);
  assert.deepEqual(result!.beside, { serialSeconds: 5, concurrentSeconds: 3 });
});

test('where nobody knew what to expect even what is fast is watched, and nothing is unexpected', async () => {
  const { place } = placeThat({ seconds: { '0': 1 } });
  const [result] = await resultsOf([cell('0', null)], place);
  assert.deepEqual([result!.came, result!.asExpected, result!.verdict], ['fast', null, VERDICT]);
});

test('a program that fails fails its own cell, with the reason', async () => {
  const { place, watched } = placeThat({ seconds: { '0': 1, '1': 1 }, fails: '0' });
  const [failed, other] = await resultsOf([cell('0'), cell('1')], place);
  assert.deepEqual([failed!.came, failed!.asExpected], ['failed', false]);
  assert.deepEqual(failed!.trouble, ['it fell over', 'it fell over']);
  assert.equal(other!.came, 'fast');
  assert.deepEqual(watched, []);
});

test('nothing begins once the user has ended it', async () => {
  const { place } = placeThat({ seconds: { '0': 1 } });
  await assert.rejects(resultsOf([cell('0')], place, AbortSignal.abort()), { name: 'AbortError' });
});
