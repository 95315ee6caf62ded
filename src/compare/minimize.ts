/** Whether these alone are enough. Asking costs a run, so answers are kept, and what follows from them is not asked. */
export type Asks<T> = (items: readonly T[]) => Promise<boolean>;

/**
 * The smallest part of the items that is enough, or null: not even all of them are. Earlier items are preferred. One
 * of n is found by about log2(n) questions (QuickXplain: Junker, AAAI 2004). It supposes that what contains enough is
 * enough as well; the found set itself is always asked.
 * @param ask what `remembering` gives, so that several searches share what is known
 * @param middle where the items are divided first: it costs no question where those before it are known not to be enough
 */
export async function smallest<T>(
  items: readonly T[],
  ask: Asks<T>,
  middle = half(items),
): Promise<readonly T[] | null> {
  if (!(await ask(items))) return null;
  const found = await within([], false, items, ask, middle);
  return (await ask(found)) ? found : oneByOne(items, ask);
}

function half(items: readonly unknown[]): number {
  return Math.ceil(items.length / 2);
}

async function within<T>(
  sure: readonly T[],
  isNew: boolean,
  items: readonly T[],
  ask: Asks<T>,
  middle = half(items),
): Promise<readonly T[]> {
  if (isNew && (await ask(sure))) return [];
  if (items.length === 1) return items;
  const [first, second] = [items.slice(0, middle), items.slice(middle)];
  const ofSecond = await within([...sure, ...first], true, second, ask);
  // Alone first: where they are enough alone, so are all sets around them, and no more is asked.
  if (ofSecond.length > 0 && ((await ask(ofSecond)) || (await ask([...sure, ...ofSecond])))) return ofSecond;
  const ofFirst = await within([...sure, ...ofSecond], false, first, ask);
  return [...ofFirst, ...ofSecond];
}

/** Where a larger set is not always enough: leaves out one after the other, as long as the rest is enough. */
export async function oneByOne<T>(items: readonly T[], ask: Asks<T>): Promise<readonly T[]> {
  let kept = items;
  for (const item of [...items].reverse()) {
    const rest = kept.filter((each) => each !== item);
    if (rest.length > 0 && (await ask(rest))) kept = rest;
  }
  return kept;
}

/** Asks nothing twice, nor what a smaller set that was enough, or a larger one that was not, has answered. */
export function remembering<T>(asks: Asks<T>): Asks<T> {
  const enough: ReadonlySet<T>[] = [];
  const notEnough: ReadonlySet<T>[] = [];
  return async (items) => {
    const set = new Set(items);
    if (set.size === 0) return false;
    if (enough.some((known) => known.isSubsetOf(set))) return true;
    if (notEnough.some((known) => set.isSubsetOf(known))) return false;
    const answer = await asks(items);
    (answer ? enough : notEnough).push(set);
    return answer;
  };
}

/** What others require comes in a later layer than they do: roots first. A circle is one layer. */
export function layersOf<T>(
  items: readonly T[],
  requiredBy: (item: T) => readonly T[],
): readonly (readonly T[])[] {
  const layers: (readonly T[])[] = [];
  let rest = items;
  while (rest.length > 0) {
    const roots = rest.filter(
      (item) => !requiredBy(item).some((other) => other !== item && rest.includes(other)),
    );
    const layer = roots.length > 0 ? roots : rest;
    layers.push(layer);
    rest = rest.filter((item) => !layer.includes(item));
  }
  return layers;
}
