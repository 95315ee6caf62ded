import type { Block, Exchange } from '../../trace/index.ts';
import { timeAlone } from '../alone.ts';
import type { Cell } from '../cell.ts';
import type { Evidence } from '../evidence.ts';
import { type Group, type JudgedGroup, lossUs } from '../groups.ts';
import { judge } from '../judge.ts';
import type { Judgement, Setting } from '../judgement.ts';
import { type Late, lateAnswers } from '../late.ts';
import { backgroundOf } from './background.ts';
import { type Phase, phasesOf } from './split.ts';

export interface JudgedPhase extends Phase {
  readonly judgement: Judgement;
  /** How much shorter the run could be: only while no other phase is under way is the time lost. In microseconds. */
  readonly savesUs: number;
  /** It went on in the background of the others. */
  readonly isBackground: boolean;
}

/** All phases of a run, in the order of time: those of each asking line, and of each origin of what nobody saw the line of. */
export function judgePhases(
  lines: readonly JudgedGroup[],
  rest: readonly JudgedGroup[],
  setting: Setting,
  evidence: Evidence,
): JudgedPhase[] {
  const judged = [...lines, ...rest]
    .flatMap((group) =>
      phasesOf(group, setting.endedUs).map((phase) => ({
        ...phase,
        judgement:
          phase.within === null
            ? group.judgement
            : judge(phase.cells, { ...setting, late: setting.late && lateWithin(evidence, phase.within) }),
      })),
    )
    .sort(inOrder);
  const background = backgroundOf(judged, setting.endedUs);
  const main = judged.filter((phase) => !background.has(phase));
  const alone = timeAlone(main, setting.endedUs);
  const aloneUs = new Map(main.map((phase, at) => [phase, alone[at]!]));
  return judged.map((phase) => ({
    ...phase,
    savesUs: Math.min(lossUs(phase.judgement), aloneUs.get(phase) ?? 0),
    isBackground: background.has(phase),
  }));
}

/** By time; of those that begin together the largest first, in an order that does not hang on that of the records. */
function inOrder(a: JudgedGroup, b: JudgedGroup): number {
  const [one, other] = [a.judgement, b.judgement];
  return one.fromUs - other.fromUs || other.exchanges - one.exchanges || (nameOf(a) < nameOf(b) ? -1 : 1);
}

function nameOf({ at, origin }: Group): string {
  return `${at} ${origin}`;
}

/** What was late of the exchanges of a phase. */
function lateWithin(evidence: Evidence, { fromUs, untilUs }: NonNullable<Phase['within']>): Late | undefined {
  const isOfPhase = ({ wantedUs, sentUs }: Exchange): boolean => {
    const time = wantedUs ?? sentUs;
    return typeof time === 'number' && time >= fromUs && time < untilUs;
  };
  const isMeanwhile = (block: Block): boolean => block.toUs > fromUs && block.fromUs < untilUs;
  return lateAnswers({
    ...evidence,
    exchange: evidence.exchange.filter(isOfPhase),
    block: evidence.block.filter(isMeanwhile),
  });
}

/** By origin, the cells of exchanges whose line was not seen. */
export function withoutLine(cells: readonly Cell[], lines: readonly Group[]): Group[] {
  const lined = new Set(lines.flatMap((line) => line.cells));
  const rest = cells.filter((cell) => !lined.has(cell));
  return [...Map.groupBy(rest, ({ origin }) => origin)].map(([origin, own]) => ({
    origin,
    at: null,
    cells: own,
  }));
}
