import type { Connection } from '../../trace/index.ts';
import { ofScene, overlapUs, type Scene, type Seen } from './scene.ts';
import { seconds } from './waiting.ts';

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
  let us = 0;
  let until = scene.fromUs;
  for (const { fromUs, toUs } of lookUps(scene).toSorted((a, b) => a.fromUs - b.fromUs)) {
    us += overlapUs(Math.max(fromUs, until), toUs, scene.fromUs, scene.toUs);
    until = Math.max(until, toUs);
  }
  return us / (scene.toUs - scene.fromUs);
}

/** So much of the lost time look-ups have to take to be said. */
const LEAST_OF_LOST = 0.4;

/** What is to be said of look-ups that are side by side and not slow, and yet take most of what was lost. */
export function lookUpsFact(scene: Scene): string | undefined {
  const { step } = scene.judgement;
  if (step !== 'connected' || lookUpWallShare(scene) < LEAST_OF_LOST * scene.lostShare) return undefined;
  const found = lookUps(scene);
  if (found.length === 0) return undefined;
  const longest = found.reduce((most, { fromUs, toUs }) => Math.max(most, toUs - fromUs), 0);
  return `Most of what was lost is the look-up of names (DNS), ${seconds(longest)} at most, ${found.length} of them side by side: kept addresses or connections save it.`;
}

/** The host of an origin. */
export function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : origin;
}
