import type { Connection } from '../../trace/index.ts';
import { msOf, type Observation } from '../found.ts';
import { overlapUs, unionUs } from '../spans.ts';
import { ofScene, type Scene, type Seen } from './scene.ts';

/** A look-up of a name that requests waited for. */
export interface LookUp {
  readonly seen: Seen;
  readonly connection: Connection;
  readonly fromUs: number;
  readonly toUs: number;
}

/** The look-ups before the first request of each connection, in the order in which they ended. */
export const lookUps = ofScene((scene): readonly LookUp[] =>
  scene.exchanges
    .flatMap((seen): LookUp[] => {
      const { connection: id, ordinal } = seen.exchange;
      if (typeof id !== 'number' || (ordinal ?? 0) > 0) return [];
      const connection = scene.connections.get(id);
      if (connection === undefined) return [];
      const { dnsFromUs, dnsToUs } = connection;
      if (typeof dnsFromUs !== 'number' || typeof dnsToUs !== 'number') return [];
      return [{ seen, connection, fromUs: dnsFromUs, toUs: dnsToUs }];
    })
    .sort((a, b) => a.toUs - b.toUs),
);

/** A look-up as something that was seen. */
export function lookUpSeen({ connection, fromUs, toUs }: LookUp): Observation {
  return {
    kind: 'look-up',
    host: hostOf(connection.origin),
    connection: connection.id,
    ms: msOf(toUs - fromUs),
  };
}

/** The part of the time of all exchanges, from wanted to their end, that their own look-ups took. */
export function lookUpShare(scene: Scene): number {
  const us = lookUps(scene).reduce(
    (sum, { seen, fromUs, toUs }) => sum + overlapUs(fromUs, toUs, seen.times.wanted, seen.times.sent),
    0,
  );
  const total = scene.exchanges.reduce((sum, { times, endUs }) => sum + endUs - times.wanted, 0);
  return total === 0 ? 0 : us / total;
}

/** The part of the wall time in which any name was looked up. */
export function lookUpWallShare(scene: Scene): number {
  return unionUs(lookUps(scene), scene) / (scene.toUs - scene.fromUs);
}

/** The host of an origin. */
export function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : origin;
}
