import type { Cell } from './cell.ts';
import { sweep, wantedSpans } from './spans.ts';

interface Edge {
  readonly at: number;
  readonly group: number;
  readonly step: 1 | -1;
}

/** For each group: how long it was the only one with anything wanted and not read, in microseconds. */
export function timeAlone(
  groups: readonly { readonly cells: readonly Cell[] }[],
  endedUs: number,
): Float64Array {
  const edges = groups
    .flatMap(({ cells }, index) => busyEdges(cells, index, endedUs))
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
function busyEdges(cells: readonly Cell[], index: number, endedUs: number): Edge[] {
  const edges: Edge[] = [];
  const wanted = wantedSpans(cells, endedUs);
  const shortUs = ((wanted.ends.at(-1) ?? 0) - (wanted.starts[0] ?? 0)) / 10_000;
  let busyTo = -Infinity;
  sweep(wanted, (from, to, level) => {
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
