import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAlone } from '../../src/compare/alone.ts';
import { compare } from '../../src/compare/compare.ts';
import { differencesOf, type Side, textOf } from '../../src/compare/differences.ts';
import type { Distribution, Environment } from '../../src/compare/environment/environment.ts';
import type { Run, Setup } from '../../src/compare/run.ts';

function distribution(name: string, version: string, requires: readonly string[] = []): Distribution {
  return { name, key: name, version, modules: [name], requires, folder: '/packages', files: [] };
}

function side(name: string, version: string, ...installed: readonly Distribution[]): Side {
  const environment: Environment = {
    language: 'python',
    given: name,
    version,
    distributions: new Map(installed.map((each) => [each.key, each])),
    variables: {},
    command: (words) => words,
    mirror: () => null,
  };
  return { name, environment, variables: {} };
}

/** Runs that are slow where the setup says so, without any program. */
function simulated(isSlow: (setup: Setup) => boolean) {
  const setups: Setup[] = [];
  const run = async (setup: Setup): Promise<Run> => {
    setups.push(setup);
    const slow = isSlow(setup);
    return {
      number: setups.length,
      what: setup.side,
      exitCode: 0,
      timedOut: false,
      seconds: slow ? 5 : 1,
      marks: { ran: true, asked: [], loaded: [], prefixes: [], failed: [] },
      output: [],
      trace: '',
      verdict: {
        overlap: slow ? 'serial' : 'concurrent',
        step: slow ? 'sent' : 'none',
        answered: 5,
        wallMs: slow ? 5000 : 1000,
      } as Run['verdict'],
    };
  };
  return { run, setups };
}

const named = (setup: Setup, what: 'hidden' | 'overlaid') => setup[what].map(({ name }) => name);

test('sides that differ in their interpreters alone are proved by doing the same again', async () => {
  const { run, setups } = simulated(({ side }) => side === 'A');
  const found = await compare(side('A', '3.13.0'), side('B', '3.7.16'), run);
  assert.equal(found.outcome, 'proved');
  assert.deepEqual(found.set.map(textOf), ['python 3.13.0 (not 3.7.16)']);
  assert.equal(setups.length, 4);
});

test('where packages differ as well, the interpreters are proved by runs that have none of these packages', async () => {
  const { run, setups } = simulated(({ side }) => side === 'A');
  const pip = (version: string) => distribution('pip', version);
  const slow = side('A', '3.13.0', pip('24'), distribution('one', '1'));
  const fast = { ...side('B', '3.8.18', pip('23'), distribution('setuptools', '56')), variables: { B: '1' } };
  const found = await compare(slow, fast, run);
  assert.equal(found.outcome, 'proved');
  assert.deepEqual(found.set.map(textOf), ['python 3.13.0 (not 3.8.18)']);
  const [asSlow, asFast] = setups.slice(-2);
  assert.deepEqual([named(asSlow!, 'hidden').sort(), asSlow!.variables], [['one', 'pip'], { B: '1' }]);
  assert.deepEqual(
    [named(asFast!, 'hidden').sort(), asFast!.variables],
    [['pip', 'setuptools'], { B: undefined }],
  );

  const needs = await compare(slow, fast, async (setup) => ({
    ...(await run(setup)),
    ...(named(setup, 'hidden').includes('pip') && { exitCode: 1 }),
  }));
  assert.equal(needs.outcome, 'unknown');
  assert.match(
    needs.text,
    /^A is not surely slow without all that differs; the interpreters differ: 3\.13\.0 on A/,
  );
});

test('of one minor version all that differs is put in front before the interpreters are named', async () => {
  const { run, setups } = simulated(({ side }) => side === 'A');
  const found = await compare(
    side('A', '3.11.2', distribution('one', '2')),
    side('B', '3.11.7', distribution('one', '1')),
    run,
  );
  assert.deepEqual(found.set.map(textOf), ['python 3.11.2 (not 3.11.7)']);
  assert.deepEqual(
    setups.slice(-1).map((setup) => [setup.side, named(setup, 'overlaid')]),
    [['B', ['one']]],
  );
});

test('nothing of another minor version of Python is put before the packages of a side', async () => {
  const [culprit, part] = [distribution('culprit', '1', ['part']), distribution('part', '1')];
  const others = ['x', 'y'].map((name) => distribution(name, '1'));
  const a = side('A', '3.13.0', culprit, part, ...others, distribution('both', '2'));
  const b = side('B', '2.7.18', distribution('both', '1'));
  const { run, setups } = simulated(
    (setup) => setup.side === 'A' && !named(setup, 'hidden').includes('culprit'),
  );
  const found = await compare(a, b, run);
  assert.equal(found.outcome, 'proved');
  assert.deepEqual(found.set.map(textOf), ['culprit 1']);
  assert.deepEqual(
    setups.filter((setup) => setup.overlaid.length > 0),
    [],
  );
  const shown = setups.find((setup) => setup.side === 'A' && named(setup, 'hidden').join() === 'x,y');
  assert.ok(shown !== undefined);
});

test('what a fix of the fast side alone does is the lack of it', async () => {
  const fix = distribution('fix', '1');
  const [slow, fast] = [side('A', '3.7.1'), side('B', '3.7.2', fix)];
  assert.deepEqual(differencesOf(slow, fast).map(textOf), ['no fix 1']);
  const { run } = simulated((setup) =>
    setup.side === 'A' ? !named(setup, 'overlaid').includes('fix') : named(setup, 'hidden').includes('fix'),
  );
  const found = await compare(slow, fast, run);
  assert.equal(found.outcome, 'proved');
  assert.deepEqual(found.set.map(textOf), ['no fix 1']);
});

test('what others only need in order to run is not in the set of what is slow together', async () => {
  const all = ['one', 'two', 'leans', 'support', 'idle'].map((name) => distribution(name, '1'));
  const { run } = simulated((setup) => {
    const there = setup.side === 'A' ? all.map(({ name }) => name) : [];
    const has = new Set(
      [...there, ...named(setup, 'overlaid')].filter((name) => !named(setup, 'hidden').includes(name)),
    );
    return has.has('one') && has.has('two');
  });
  const found = await compare(side('A', '3.7.1', ...all), side('B', '3.7.1'), async (setup) => {
    const names = named(setup, 'overlaid');
    const isBroken = names.includes('leans') && !names.includes('support');
    return { ...(await run(setup)), ...(isBroken && { exitCode: 1 }) };
  });
  assert.equal(found.outcome, 'proved');
  assert.deepEqual(found.set.map(textOf).sort(), ['one 1', 'two 1']);
});

test('times that differ by chance are no difference, and runs of both sides take turns', async () => {
  let made = 0;
  const seconds = [1, 2, 2, 1, 1, 2, 2, 1, 1, 2];
  const { run, setups } = simulated(() => false);
  const found = await compare(
    side('A', '3.7.1', distribution('x', '1')),
    side('B', '3.7.1'),
    async (setup) => ({
      ...(await run(setup)),
      seconds: seconds[made++ % seconds.length]!,
    }),
  );
  assert.equal(found.outcome, 'no difference');
  assert.equal(setups.map((setup) => setup.side).join(''), 'AB'.repeat(10));
});

test('what lies over the modules of another one is hidden, and the other comes from where it is whole', async () => {
  const lib = {
    ...distribution('lib', '2.0'),
    folder: '/spoiled',
    files: ['lib/__init__.py', 'lib/core.py'],
  };
  const whole = { ...lib, folder: '/whole' };
  const taker = {
    ...distribution('taker', '3', ['helper']),
    modules: ['lib', 'taker'],
    files: [...lib.files, 'lib/more.py', 'taker.py'],
  };
  const slow = side(
    'A',
    '3.13.0',
    lib,
    taker,
    distribution('root', '1', ['taker']),
    distribution('helper', '1'),
  );
  const fast = side('B', '3.13.1', whole);
  const { run, setups } = simulated((setup) => {
    const isTaken =
      setup.side === 'A'
        ? !setup.overlaid.some(({ folder }) => folder === '/whole')
        : named(setup, 'overlaid').includes('taker');
    return isTaken;
  });
  const found = await compare(slow, fast, run);
  assert.equal(found.outcome, 'proved');
  assert.deepEqual(found.set.map(textOf), ['taker 3']);
  assert.equal(setups.length, 6, 'it is asked first');
  const gone = setups.filter((setup) => named(setup, 'hidden').includes('taker'));
  assert.ok(gone.length > 0);
  for (const { hidden, overlaid } of gone) {
    assert.deepEqual(hidden.find(({ name }) => name === 'taker')?.modules, ['lib.more', 'taker']);
    assert.ok(overlaid.includes(whole));
  }
});

test('a program that changes from run to run has nothing proved, though the first runs fit', async () => {
  const came = [...'sffss'];
  const { run, setups } = simulated(() => came[setups.length - 1] === 's');
  const found = await compare(side('A', '3.7.1', distribution('x', '1')), side('B', '3.7.1'), run);
  assert.equal(found.outcome, 'unknown');
  assert.equal(found.text, 'run 3 and run 5 (A) differ: the program changes from run to run');
  assert.deepEqual(found.proofs, { without: [], with: [] });
});

test('what shares a namespace with others is hidden without them, and lies over none of them', async () => {
  const part = (name: string) => ({
    ...distribution(`space.${name}`, '1'),
    modules: ['space'],
    files: ['space/__init__.py', `space/${name}.py`],
  });
  const [one, two] = [part('one'), part('two')];
  const { run, setups } = simulated(
    (setup) => setup.side === 'A' && !setup.hidden.some(({ modules }) => modules.includes('space.two')),
  );
  const slow = side('A', '3.13.0', one, two, distribution('idle', '1'));
  await compare(slow, side('B', '3.13.0', one), run);
  const gone = setups.filter((setup) => named(setup, 'hidden').includes('space.two'));
  assert.ok(gone.length > 0);
  for (const { hidden, overlaid } of gone) {
    assert.deepEqual(hidden.find(({ name }) => name === 'space.two')?.modules, ['space.two']);
    assert.deepEqual(overlaid, []);
  }
});

test('what is loaded before it can be hidden is said, and not that nothing matters', async () => {
  const { run } = simulated(({ side }) => side === 'B');
  const slow = side('B', '3.12.1', distribution('tracer', '1'), distribution('other', '1'));
  const early = async (setup: Setup): Promise<Run> => {
    const made = await run(setup);
    const isHidden = named(setup, 'hidden').includes('tracer');
    return { ...made, marks: { ...made.marks!, loaded: isHidden ? ['tracer.core'] : [] } };
  };
  const found = await compare(side('A', '3.12.1'), slow, early);
  assert.equal(found.outcome, 'unknown');
  assert.match(found.text, /^B is slow, and tracer 1 can't be hidden: a \.pth file that can't be left out/);
});

test('a command that starts a Python of its own tells nothing of the sides', async () => {
  const { run } = simulated(() => false);
  const own = (each: Side): Side => ({
    ...each,
    environment: { ...each.environment, prefix: `/srv/${each.name}` },
  });
  const [a, b] = [own(side('A', '3.12.1')), own(side('B', '3.12.1', distribution('six', '1')))];
  const of = (prefixes: (setup: Setup) => readonly string[]) => (setup: Setup) =>
    run(setup).then((made) => ({ ...made, prefixes: prefixes(setup) }));
  const elsewhere = await compare(
    a,
    b,
    of(() => ['/opt/tool']),
  );
  assert.equal(elsewhere.outcome, 'unknown');
  assert.match(
    elsewhere.text,
    /^run 1 \(A\) used the Python of \/opt\/tool instead of that of A: start `python`/,
  );
  const tools = await compare(
    a,
    b,
    of((setup) => ['/opt/tool', `/srv/${setup.side}`]),
  );
  assert.equal(tools.outcome, 'no difference');
  const none = await compare(
    a,
    b,
    of(() => []),
  );
  assert.equal(none.outcome, 'no difference');
});

test('of a program that changes from run to run it is not said that a side is slow', async () => {
  const slowRuns = [false, true, true, false, false, true]; // by chance
  const { run } = simulated(() => slowRuns.shift() ?? false);
  const found = await compare(side('A', '3.12.1'), side('B', '3.12.1', distribution('six', '1')), run);
  assert.equal(found.outcome, 'unknown');
  assert.match(
    found.text,
    /^run 4 \(B\) is not slow, as the first run of B was: the program changes from run to run$/,
  );
});

test('one that stays slow runs once more before nothing is blamed', async () => {
  const { run, setups } = simulated((setup) => setup.side === 'B');
  const found = await compare(side('A', '3.12.1'), side('B', '3.12.1', distribution('six', '1')), run);
  assert.match(found.text, /^B is slow, and it stays so without any/);
  assert.deepEqual(
    setups.map((setup) => setup.side),
    ['A', 'B', 'B', 'B', 'A'],
  );
});

test('one environment whose second pair of runs contradicts the first tells nothing', async () => {
  const slowRuns = [true, false, false, false];
  const { run } = simulated(() => slowRuns.shift() ?? false);
  const six = distribution('six', '1');
  const found = await compareAlone(
    side('A', '3.12.1', six),
    async () => [[six]],
    run,
    async (each) => each,
  );
  assert.equal(found.outcome, 'unknown');
  assert.match(found.text, /^runs 1, 2, 3 and 4 contradict each other: the program changes from run to run$/);
});
