import { timeAlone } from './alone.ts';
import type { Cell } from './cell.ts';
import type { Evidence } from './evidence.ts';
import type { Judgement } from './judgement.ts';
import { askingLine } from './languages/frames.ts';

/** A part of a program's traffic: an origin, or what one line wanted (`at`, with its origin if that is one). */
export interface Group {
  readonly origin: string | null;
  readonly at: string | null;
  readonly cells: readonly Cell[];
}

export interface JudgedGroup extends Group {
  readonly judgement: Judgement;
}

/** The cells by origin, and by asking line where a recorder saw it. */
export function groupsOf(cells: readonly Cell[], evidence: Evidence): { origins: Group[]; lines: Group[] } {
  const byOrigin = Map.groupBy(cells, (cell) => cell.origin);
  const lines = new Map(evidence.stack.map((stack) => [stack.id, askingLine(stack)]));
  const byLine = Map.groupBy(cells, ({ stack }) => (stack === null ? null : (lines.get(stack) ?? null)));
  byOrigin.delete(null);
  byLine.delete(null);
  return {
    origins: [...byOrigin].map(([origin, own]) => ({ origin, at: null, cells: own })),
    lines: [...byLine].map(([at, own]) => ({ origin: onlyOrigin(own), at, cells: own })),
  };
}

function onlyOrigin(cells: readonly Cell[]): string | null {
  const [first, ...others] = cells;
  return others.every(({ origin }) => origin === first!.origin) ? first!.origin : null;
}

/** What a judged set of exchanges lost against what was possible, in microseconds. */
export function lossUs({ overlap, wallUs, possibleWallUs }: Judgement): number {
  const lost = overlap === 'serial' || overlap === 'partly';
  return lost && possibleWallUs !== null ? wallUs - possibleWallUs : 0;
}

/**
 * The group of one kind (origins, or lines) that cost the program the most time, and how much. Time in which other
 * groups were under way too was not lost by the program: twenty sites crawled side by side, each page after page,
 * are no fault.
 */
export function costliest(
  groups: readonly JudgedGroup[],
  endedUs: number,
): { readonly group: JudgedGroup; readonly us: number } | undefined {
  if (groups.length < 2 || groups.every(({ judgement }) => lossUs(judgement) === 0)) return undefined;
  const aloneUs = timeAlone(groups, endedUs);
  const costs = groups.map((group, index) => ({
    group,
    us: Math.min(lossUs(group.judgement), aloneUs[index]!),
  }));
  return costs.reduce((most, cost) => (cost.us > most.us ? cost : most));
}
