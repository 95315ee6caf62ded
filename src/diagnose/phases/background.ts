import { timeAlone } from '../alone.ts';
import type { Cell } from '../cell.ts';
import type { JudgedGroup } from '../groups.ts';
import { sweep, timeAtLevel, wantedSpans } from '../spans.ts';

/** So much of its time has work beside it that wants several at once ... */
const COVERED = 0.25;
/** ... and it goes on without others for less than this part of the run. */
const LEAST_ALONE = 0.5;

/**
 * Phases that ran in the background: one request after another, beside others that want several at once, as a thread
 * that posts log records, a poller, or metrics. They delay little, and what is slow about them is no fault.
 */
export function backgroundOf<P extends JudgedGroup>(phases: readonly P[], endedUs: number): ReadonlySet<P> {
  const main = phases.filter((phase) => !isInTurn(phase));
  if (main.length === 0 || main.length === phases.length) return new Set();
  const spans = wantedSpans(
    main.flatMap(({ cells }) => cells),
    endedUs,
  );
  const mainBefore = timeAtLevel(spans, 1);
  const aloneUs = timeAlone(phases, endedUs);
  const fromUs = Math.min(...phases.map(({ judgement }) => judgement.fromUs));
  const toUs = Math.max(...phases.map(({ judgement }) => judgement.fromUs + judgement.wallUs));
  return new Set(
    phases.filter(
      (phase, index) =>
        isInTurn(phase) &&
        aloneUs[index]! < LEAST_ALONE * (toUs - fromUs) &&
        sharedUs(phase.cells, mainBefore, endedUs) >= COVERED * phase.judgement.busyUs,
    ),
  );
}

function isInTurn({ judgement }: JudgedGroup): boolean {
  return judgement.exchanges < 2 || (judgement.overlap === 'serial' && judgement.step === 'wanted');
}

function sharedUs(cells: readonly Cell[], before: (time: number) => number, endedUs: number): number {
  let sharedUs = 0;
  sweep(wantedSpans(cells, endedUs), (from, to, level) => {
    if (level > 0) sharedUs += before(to) - before(from);
  });
  return sharedUs;
}
