/** Amounts by the name of what is limited: the limits of a run, or what one of its workers holds of them. */
export type Amounts = Readonly<Record<string, number>>;

/** GETs in flight, of the run as a whole. */
export const CONCURRENCY = 'concurrency';
/** Limits in requests a second, which can be divided into fractions; the others are whole numbers. */
export const RATES: readonly string[] = ['rate', 'perOriginRate'];

/** A worker of a run: what it could use, and what it holds, so that no other worker may use it. */
export interface Claimant {
  /** GETs that it could have in flight; 0: it has nothing to do. */
  readonly wants: number;
  /** A limit that is not in it counts as 0. */
  readonly holds: Amounts;
}

/**
 * What the worker `self` may use of each limit from now on. Workers ask one after the other. A worker first gives back
 * what is above its fair share, and takes only what is free, so all together never hold more than the limit. A worker that
 * gets nothing of one limit holds nothing of the others: otherwise two workers could wait for each other.
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

/** Fair shares, of each worker at most what it wants. */
function targetsOf(
  whole: number,
  wants: readonly number[],
  holds: readonly number[],
  isDivisible: boolean,
): readonly number[] {
  const targets = wants.map(() => 0);
  const order = wants.map((_, i) => i).filter((i) => wants[i]! > 0);
  if (!isDivisible && whole < order.length) {
    // Workers that hold something keep it; the others wait until one of these ends.
    const first = order.sort((one, other) => Number(holds[other]! > 0) - Number(holds[one]! > 0));
    for (const i of first.slice(0, whole)) targets[i] = 1;
    return targets;
  }
  // The remainder of a whole number goes to the workers that hold more.
  order.sort((one, other) => wants[one]! - wants[other]! || holds[one]! - holds[other]!);
  let left = whole;
  order.forEach((i, place) => {
    const even = left / (order.length - place);
    targets[i] = Math.min(wants[i]!, isDivisible ? even : Math.floor(even));
    left -= targets[i];
  });
  return targets;
}
