import { openTraceFile } from '../../formats/index.ts';
import type { Exchange } from '../../trace/index.ts';

/** The exchanges of a recording that were wanted first, in that order. */
export async function firstExchanges(path: string, most: number): Promise<readonly Exchange[]> {
  let first: Exchange[] = [];
  for await (const batch of await openTraceFile(path)) {
    first.push(...batch.filter((record) => record.kind === 'exchange'));
    if (first.length > 4 * most) first = earliest(first, most);
  }
  return earliest(first, most);
}

function earliest(exchanges: readonly Exchange[], most: number): Exchange[] {
  return exchanges.toSorted((one, other) => begin(one) - begin(other)).slice(0, most);
}

function begin({ wantedUs, calledUs, dispatchedUs, sentUs }: Exchange): number {
  return wantedUs ?? calledUs ?? dispatchedUs ?? sentUs ?? Infinity;
}
