import type { Limit, LimitKind } from '../../trace/index.ts';
import type { Observation } from '../found.ts';
import { MOSTLY_FULL, NEARLY_ALL } from '../thresholds.ts';
import { lineAt, ownerOf, shortPlace } from './modules.ts';
import { ofScene, type Scene, type Seen } from './scene.ts';

/** A plateau: while others waited, as many as `level` were under way, and hardly ever fewer. */
export interface Plateau {
  readonly level: number;
  /** The origin for which it holds; null: for all together. */
  readonly origin: string | null;
  /** The most that waited at once. */
  readonly waiting: number;
}

/**
 * The plateau, and the most of all that were under way while others waited: a plateau only where it is known what they
 * waited for. A busy client leaves places of a limit free, and then the origins may each have a plateau below it.
 */
export const peaksOf = ofScene((scene): readonly Plateau[] =>
  [plateauOf(scene), plateau(scene.exchanges, null, 0)].filter((peak) => peak !== undefined),
);

/** The plateau, or else the most of all: see `peaksOf`. */
export const peakOf = (scene: Scene): Plateau | undefined => peaksOf(scene)[0];

/** The plateau of all exchanges, or else that of each origin, where all have the same. */
export const plateauOf = ofScene((scene): Plateau | undefined => {
  const whole = plateau(scene.exchanges, null);
  if (whole !== undefined) return whole;
  const origins = Map.groupBy(scene.exchanges, ({ exchange }) => exchange.origin);
  if (origins.size < 2) return undefined;
  const own = [...origins].map(([origin, exchanges]) => plateau(exchanges, origin));
  return own.every((one) => one !== undefined && one.level === own[0]?.level) ? own[0] : undefined;
});

interface LevelChange {
  readonly at: number;
  readonly waiting: number;
  readonly taken: number;
}

function plateau(
  exchanges: readonly Seen[],
  origin: string | null,
  leastFull = MOSTLY_FULL,
): Plateau | undefined {
  const all = stretchesOf(exchanges);
  // Before the first of them the program did something else: no limit was full yet.
  const stretches = all.slice(all.findIndex(({ taken }) => taken > 0)).filter(({ waiting }) => waiting > 0);
  const sum = (of: typeof stretches): number => of.reduce((total, { us }) => total + us, 0);
  const level = levelOf(stretches, sum(stretches));
  if (level === 0 || level >= exchanges.length) return undefined;
  const full = stretches.filter(({ taken }) => taken >= NEARLY_ALL * level);
  if (sum(full) < leastFull * sum(stretches)) return undefined;
  return { level, origin, waiting: full.reduce((most, { waiting }) => Math.max(most, waiting), 0) };
}

/** As one ends and the next is dispatched, both count for a moment: so much of the time says nothing of a limit. */
const MOMENT = 0.03;

/** The most that were under way for more than moments. */
function levelOf(
  stretches: readonly { readonly us: number; readonly taken: number }[],
  allUs: number,
): number {
  const usOf = new Map<number, number>();
  for (const { us, taken } of stretches) usOf.set(taken, (usOf.get(taken) ?? 0) + us);
  let aboveUs = 0;
  for (const [taken, us] of [...usOf].sort(([one], [other]) => other - one)) {
    aboveUs += us;
    if (aboveUs > MOMENT * allUs) return taken;
  }
  return 0;
}

/** Stretches in which the number of requests that waited for dispatch, and of those under way, stayed the same. */
function stretchesOf(exchanges: readonly Seen[]): { us: number; waiting: number; taken: number }[] {
  const edges = exchanges.flatMap(({ times, endUs }): LevelChange[] => {
    const dispatched = Math.min(times.dispatched, endUs);
    return [
      { at: times.wanted, waiting: 1, taken: 0 },
      { at: dispatched, waiting: -1, taken: 1 },
      { at: endUs, waiting: 0, taken: -1 },
    ];
  });
  edges.sort((a, b) => a.at - b.at || a.taken - b.taken);
  const stretches = [];
  let waiting = 0;
  let taken = 0;
  let at = edges[0]?.at ?? 0;
  for (const edge of edges) {
    if (edge.at > at) stretches.push({ us: edge.at - at, waiting, taken });
    at = edge.at;
    waiting += edge.waiting;
    taken += edge.taken;
  }
  return stretches;
}

/** How much longer than the quickest the others may wait for their answers, in the mean, to wait for the server alone. */
const MOST_SLOWED = 2;

/**
 * Whether what holds others back waits for its server: as many as ever are under way all the time, and each has its
 * answer about as soon as the quickest. A program that is short of CPU takes uneven times.
 */
export const isServersTime = ofScene((scene): boolean => {
  if (plateauOf(scene) === undefined) return false;
  const waits = scene.exchanges.flatMap(({ times, waits: { answered } }) =>
    times.answered < Infinity ? [answered] : [],
  );
  const quickest = waits.reduce((least, us) => Math.min(least, us), Infinity);
  return waits.reduce((sum, us) => sum + us, 0) <= MOST_SLOWED * quickest * waits.length;
});

/** The limits that a pool of connections may have: in all, or for each host. */
export const CONNECTION_LIMITS: readonly LimitKind[] = ['connections', 'connections-per-host'];

/** Limits of a kind, as large as the plateau. */
export function limitsAt(scene: Scene, kinds: readonly LimitKind[], level: number): readonly Limit[] {
  const found = scene.limits.filter(
    ({ kind, size, blocks }) => size === level && blocks !== false && kinds.includes(kind),
  );
  return [...new Map(found.map((limit) => [`${limit.of} ${limit.setAt}`, limit])).values()];
}

/** 'http.Agent maxSockets is 1, set by polite-agent 1.0.0 at index.cjs:6' */
export function limitText({ of, size, setAt }: Limit, scene: Scene): string {
  if (setAt === undefined) return `${of} is ${size}`;
  const owner = ownerOf(scene, setAt);
  const set = owner === undefined ? 'set at' : `set by ${owner} at`;
  return `${of} is ${size}, ${lineAt(setAt) === null ? 'from' : set} ${shortPlace(setAt)}`;
}

/** A limit as something that was seen. */
export function limitSeen(limit: Limit): Observation {
  return { kind: 'limit', limit };
}

/** A plateau as something that was seen. */
export function plateauSeen({ level, waiting }: Plateau): Observation {
  return { kind: 'plateau', level, waiting };
}
