import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { judge, type Plan, plansFor, type Run, type Tried, tryFix } from '../../src/compare/index.ts';
import { judgeTrace } from '../../src/diagnose/index.ts';

/** What the probe notes. */
const RAISED = 'raise\taiohttp connector limit_per_host';
const CASES = join(import.meta.dirname, '..', 'traces', 'cases');

async function runOf(name: string): Promise<Run> {
  const { verdict } = await judgeTrace(join(CASES, `${name}.jsonl.zst`));
  return { verdict, exitCode: 0, tookMs: verdict.wallMs + 300 };
}

describe('what came of a change', () => {
  let slow: Run;
  let fast: Run;
  let plan: Plan;
  before(async () => {
    slow = await runOf('py-aiohttp-limit-per-host.slow');
    fast = await runOf('py-aiohttp-limit-per-host.fast');
    plan = plansFor(slow.verdict)[0]!;
  });

  /** What one run of each says, where it says anything. */
  function judged(without: Run, changed: Run, marks: readonly string[]) {
    const said = judge(plan, without, changed, marks);
    if (typeof said === 'number') assert.fail('more runs are needed');
    return said;
  }

  it('helped where the requests overlap now, and take less time', () => {
    assert.deepEqual(judge(plan, slow, fast, [RAISED]), { outcome: 'helped', why: null });
  });

  it('is no help where the requests overlap better and take as long', () => {
    const verdict = { ...fast.verdict, wallMs: slow.verdict.wallMs };
    const { outcome, why } = judged(slow, { ...fast, verdict }, [RAISED]);
    assert.deepEqual([outcome, why], ['no help', 'requests overlap better, but take as long']);
  });

  it('is not known from one run each, where the requests overlap better and take a little less time', () => {
    const verdict = { ...fast.verdict, wallMs: slow.verdict.wallMs / 1.3 };
    assert.equal(judge(plan, slow, { ...fast, verdict }, [RAISED]), 1.25);
  });

  it('is not known from one run each, where nothing but the times is better', () => {
    assert.equal(judge(plan, slow, taking(slow.verdict.wallMs / 2), [RAISED]), 1.5);
  });

  it('is no help where a change took effect and nothing is better', () => {
    assert.equal(judged(slow, taking(slow.verdict.wallMs), [RAISED]).outcome, 'no help');
  });

  it('is never called no help where no probe says that it took effect', () => {
    const { outcome, why } = judged(slow, slow, []);
    assert.equal(outcome, 'not applied');
    assert.match(why!, /the probe was not loaded/);
  });

  it('is not applied where the limit that it was to raise is still there', () => {
    const { outcome, why } = judged(slow, slow, [RAISED]);
    assert.equal(outcome, 'not applied');
    assert.match(why!, /aiohttp connector limit_per_host was 2 all the same/);
  });

  it('has no answer where fewer requests were answered, or the program ends otherwise', () => {
    const fewer = { ...fast, verdict: { ...fast.verdict, answered: 3 } };
    assert.match(judged(slow, fewer, [RAISED]).why!, /^3 requests were answered instead of 20$/);
    assert.deepEqual(judge(plan, slow, { ...fast, exitCode: 1 }, [RAISED]), {
      outcome: 'no answer',
      why: 'the program ends with 1 instead of 0',
    });
    assert.equal(judged(slow, { ...fast, exitCode: null }, []).outcome, 'no answer');
  });

  /** The slow run, in which the change took effect and nothing but the time is another. */
  function taking(wallMs: number): Run {
    const causes = slow.verdict.causes.map((cause) => ({ ...cause, evidence: [] }));
    return { ...slow, verdict: { ...slow.verdict, wallMs, causes } };
  }

  /** Tries a change that halves the time of the first run; times of the runs after it. */
  async function repeated(without: readonly number[], changed: readonly number[], mostRuns = 20) {
    const left = { without: [...without], changed: [...changed] };
    let told = 0;
    const { tried, runs } = await tryFix({ ...plan, changes: [['variable', 'X', '1']] }, taking(2000), {
      kept: [],
      mostRuns,
      repeats: () => told++,
      run: async ({ ABREAST_FIXED: marks }) => {
        if (marks === undefined) return taking(left.without.shift()!);
        appendFileSync(marks, 'variable\tX\n');
        return taking(left.changed.shift()!);
      },
    });
    assert.equal(told, 1);
    return { ...(tried satisfies Tried), runs };
  }

  it('helped where it is faster in five runs of each, in turns', async () => {
    const { outcome, why, timesMs, runs } = await repeated(
      [2100, 1900, 2000, 2050],
      [1000, 1100, 900, 950, 1000],
    );
    assert.equal(outcome, 'helped');
    assert.match(
      why!,
      /^5 runs without it took 1\.90 to 2\.10 s, 5 with it 0\.90 to 1\.10 s: by chance in less/,
    );
    assert.deepEqual([timesMs.without.length, timesMs.with.length, runs], [5, 5, 9]);
  });

  it('is no help where a first run was slow by chance', async () => {
    const { outcome, why } = await repeated([1000, 950, 1050, 1000], [1000, 1100, 900, 950, 1000]);
    assert.equal(outcome, 'no help');
    assert.match(why!, /too little, or by chance$/);
  });

  it('takes more than five runs where five do not tell, and has no answer where no more are allowed', async () => {
    const [noisy, calm] = [
      [2000, 900, 2000, 2000, 2000, 2000, 2000],
      [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000],
    ];
    const more = await repeated(noisy, calm);
    assert.equal(more.outcome, 'helped');
    assert.ok(more.runs > 9, String(more.runs));
    const { outcome, why } = await repeated(noisy, calm, 9);
    assert.equal(outcome, 'no answer');
    assert.match(why!, /more runs are needed to tell$/);
  });
});
