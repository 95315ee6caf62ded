import { type Exchange, readHar, readTrace } from '../../trace/index.ts';

/** The exchanges of a trace (or a HAR file) that were asked first, in that order. */
export async function firstExchanges(path: string, most: number, har = false): Promise<readonly Exchange[]> {
  let first: Exchange[] = [];
  for await (const batch of har ? await readHar(path) : await readTrace(path)) {
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
