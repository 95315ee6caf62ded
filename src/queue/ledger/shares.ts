/** Amounts by the name of what is limited: the limits of a run, or what one of its workers holds of them. */
export type Amounts = Readonly<Record<string, number>>;

/** GETs in flight, of the run as a whole. */
export const CONCURRENCY = 'concurrency';
/** Requests a second: the others are counted in whole requests. */
export const RATES: readonly string[] = ['rate', 'perOriginRate'];

/** A worker of a run: what it could use, and what nobody else may use meanwhile. */
export interface Claimant {
  /** GETs that it could have in flight; 0: it has nothing to do. */
  readonly wants: number;
  /** What is missing counts as 0. */
  readonly holds: Amounts;
}

/**
 * What a worker may use from now on of each limit, when each asks in its turn: it gives back what is others' at once, and
 * takes only what is free, so that all together never hold more than the limit. A worker that would get nothing of
 * one limit holds nothing of any: others could wait for it, and it for them.
 */
export function sharesOf(limits: Amounts, claimants: readonly Claimant[], self: number): Amounts {
  const shares: Record<string, number> = {};
  for (const [name, whole] of Object.entries(limits)) {
    const wants = claimants.map((each) => (name === CONCURRENCY ? each.wants : each.wants > 0 ? whole : 0));
    const holds = claimants.map((each) => each.holds[name] ?? 0);
    const target = targetsOf(whole, wants, holds, RATES.includes(name))[self]!;
    const free = Math.max(0, whole - holds.reduce((sum, held) => sum + held, 0));
    shares[name] = Math.min(target, holds[self]! + free);
  }
  return Object.values(shares).every((share) => share > 0) ? shares : {};
}

/** Fair shares: nobody gets more than it wants. Those who hold something keep some of it. */
function targetsOf(
  whole: number,
  wants: readonly number[],
  holds: readonly number[],
  isDivisible: boolean,
): readonly number[] {
  const targets = wants.map(() => 0);
  const order = wants.map((_, i) => i).filter((i) => wants[i]! > 0);
  if (!isDivisible && whole < order.length) {
    // Who has begun goes on: the others wait until one of them has ended.
    const first = order.sort((one, other) => Number(holds[other]! > 0) - Number(holds[one]! > 0));
    for (const i of first.slice(0, whole)) targets[i] = 1;
    return targets;
  }
  // Of what does not divide, those who hold more keep it.
  order.sort((one, other) => wants[one]! - wants[other]! || holds[one]! - holds[other]!);
  let left = whole;
  order.forEach((i, place) => {
    const even = left / (order.length - place);
    targets[i] = Math.min(wants[i]!, isDivisible ? even : Math.floor(even));
    left -= targets[i];
  });
  return targets;
}
