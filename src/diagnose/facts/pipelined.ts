import type { Scene } from '../scene/scene.ts';
import { extent, spansOf } from '../spans.ts';
import { LEAST_BLAMED } from '../thresholds.ts';

/** Requests that were sent over a connection of HTTP/1.1 before the answer to the one before was read (RFC 9112 §9.3.2). */
export function pipelinedFact({ exchanges, connections }: Scene): string | undefined {
  const carried = Map.groupBy(
    exchanges.filter(
      ({ times, exchange: { connection } }) =>
        times.sent < Infinity && connections.get(connection ?? -1)?.protocol === 'http/1.1',
    ),
    ({ exchange: { connection } }) => connection ?? -1,
  );
  const depths = [...carried.values()].map((own) => ({
    count: own.length,
    most: extent(spansOf(own.map(({ times, endUs }) => ({ fromUs: times.sent, toUs: endUs })))).max,
  }));
  const deep = depths.filter(({ most }) => most > 1);
  const count = deep.reduce((sum, own) => sum + own.count, 0);
  if (deep.length === 0 || count < LEAST_BLAMED * exchanges.length) return undefined;
  const most = deep.reduce((deepest, own) => Math.max(deepest, own.most), 0);
  return `Requests are pipelined, up to ${most} on one HTTP/1.1 connection: their answers come in order, each after the one before.`;
}
