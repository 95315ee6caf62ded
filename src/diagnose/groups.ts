import type { Cell } from './cell.ts';
import type { Evidence } from './evidence.ts';
import type { Judgement } from './judgement.ts';
import { askingLine } from './languages/frames.ts';
import { sweep, wantedSpans } from './spans.ts';

/** A part of a program's traffic: an origin, or what one line asked for (`at`, with its origin if that is one). */
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
export function costliest<G extends JudgedGroup>(
  groups: readonly G[],
  endedUs: number,
  candidates: readonly G[] = groups,
): { readonly group: G; readonly us: number } | undefined {
  if (groups.length < 2 || candidates.every(({ judgement }) => lossUs(judgement) === 0)) return undefined;
  const aloneUs = timeAlone(groups, endedUs);
  const costs = groups.map((group, index) => ({
    group,
    us: candidates.includes(group) ? Math.min(lossUs(group.judgement), aloneUs[index]!) : 0,
  }));
  return costs.reduce((most, cost) => (cost.us > most.us ? cost : most));
}

interface Edge {
  readonly at: number;
  readonly group: number;
  readonly step: 1 | -1;
}

/** For each group: how long it was the only one with anything wanted and not read. */
function timeAlone(groups: readonly JudgedGroup[], endedUs: number): Float64Array {
  const edges = groups
    .flatMap((group, index) => busyEdges(group, index, endedUs))
    .sort((a, b) => a.at - b.at);
  const alone = new Float64Array(groups.length);
  let active = 0;
  let activeIndexes = 0; // their sum: with one active, its index
  let from = 0;
  for (const { at, group, step } of edges) {
    if (active === 1) alone[activeIndexes]! += at - from;
    active += step;
    activeIndexes += step * group;
    from = at;
  }
  return alone;
}

/** Where a group's busy times begin and end. Pauses of a ten thousandth of its time are not worth an edge. */
function busyEdges(group: JudgedGroup, index: number, endedUs: number): Edge[] {
  const edges: Edge[] = [];
  const shortUs = group.judgement.wallUs / 10_000;
  let busyTo = -Infinity;
  sweep(wantedSpans(group.cells, endedUs), (from, to, level) => {
    if (level <= 0) return;
    if (from - busyTo > shortUs) {
      if (busyTo > -Infinity) edges.push({ at: busyTo, group: index, step: -1 });
      edges.push({ at: from, group: index, step: 1 });
    }
    busyTo = to;
  });
  if (busyTo > -Infinity) edges.push({ at: busyTo, group: index, step: -1 });
  return edges;
}
