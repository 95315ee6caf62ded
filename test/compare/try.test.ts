import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type Plan, plansFor, type Run, triedOf } from '../../src/compare/index.ts';
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

  it('helped where the requests overlap now; the prediction is that of the first run', () => {
    const { outcome, before, after, predictedMs } = triedOf(plan, slow, fast, [RAISED]);
    assert.equal(outcome, 'helped');
    assert.equal(predictedMs, slow.verdict.possibleWallMs);
    assert.deepEqual([before.overlap, after.overlap], ['partly', 'concurrent']);
    assert.ok(before.wallMs > after.wallMs);
  });

  it('says so where nothing but the times of one run each is better', () => {
    const quick = { ...slow, verdict: { ...slow.verdict, wallMs: slow.verdict.wallMs / 2, causes: [] } };
    const { outcome, why } = triedOf(plan, slow, quick, [RAISED]);
    assert.deepEqual([outcome, why], ['helped', 'as the time alone says, of one run each']);
  });

  it('is no help where a change took effect and nothing is better', () => {
    const causes = slow.verdict.causes.map((cause) => ({ ...cause, evidence: [] }));
    const after = { ...slow, verdict: { ...slow.verdict, causes } };
    assert.equal(triedOf(plan, slow, after, [RAISED]).outcome, 'no help');
  });

  it('is never called no help where no probe says that it took effect', () => {
    const { outcome, why } = triedOf(plan, slow, slow, []);
    assert.equal(outcome, 'not applied');
    assert.match(why!, /the probe was not loaded/);
  });

  it('is not applied where the limit that it was to raise is still there', () => {
    const { outcome, why } = triedOf(plan, slow, slow, [RAISED]);
    assert.equal(outcome, 'not applied');
    assert.match(why!, /aiohttp connector limit_per_host was 2 all the same/);
  });

  it('has no answer where fewer requests were answered, or the program ends otherwise', () => {
    const fewer = { ...fast, verdict: { ...fast.verdict, answered: 3 } };
    assert.match(triedOf(plan, slow, fewer, [RAISED]).why!, /^3 requests were answered instead of 20$/);
    const broken = triedOf(plan, slow, { ...fast, exitCode: 1 }, [RAISED]);
    assert.deepEqual([broken.outcome, broken.why], ['no answer', 'the program ends with 1 instead of 0']);
    assert.equal(triedOf(plan, slow, { ...fast, exitCode: null }, []).outcome, 'no answer');
  });
});
