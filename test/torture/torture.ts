import { Arena } from './arena/arena.ts';
import type { Ports } from './arena/place.ts';
import { type Case, idOf } from './case.ts';
import { makeCase } from './cases.ts';
import { SecondOpinions } from './clients/second-opinions.ts';
import { Tortured } from './clients/tortured.ts';
import { isInside } from './namespace.ts';
import type { TortureOptions } from './options.ts';
import { buildPackage } from './package.ts';
import { Player } from './player.ts';
import { Rounds } from './rounds.ts';
import { Tally } from './tally.ts';

/** Cases of one round: many at once, so that one can disturb another. */
const ROUND = 1000;
/** How long the process has to end by itself, when all is done. */
const LEAVE_MS = 5000;

/** Runs cases until the time or the count is over. `progress`: hears of each round. */
export async function torture(options: TortureOptions, progress: (tally: Tally) => void): Promise<Tally> {
  const tally = new Tally();
  const endMs = options.minutes === null ? Number.POSITIVE_INFINITY : Date.now() + options.minutes * 60_000;
  const count = options.count ?? Number.POSITIVE_INFINITY;
  await inArena(options, false, async (arena, rounds) => {
    const chosen = choose(options, arena.ports);
    while (tally.cases < count && Date.now() < endMs) {
      const cases = Array.from({ length: Math.min(ROUND, count - tally.cases) }, () => chosen.next().value);
      tally.add(await rounds.play(cases));
      progress(tally);
    }
  });
  return tally;
}

/** Runs one case alone. Gives what is to be said of it, and the tally. */
export async function tortureOne(
  options: TortureOptions,
  number: number,
): Promise<{ text: string; tally: Tally }> {
  const tally = new Tally();
  let text = '';
  await inArena(options, true, async (arena, rounds) => {
    const one = makeCase(options.seed, number, arena.ports);
    const round = await rounds.play([one]);
    tally.add(round);
    text = [
      `${one.kind}: ${one.marks.join(', ') || 'nothing odd'}`,
      ...one.asks.map(({ url, profile }, i) => `request ${i}: ${url} (${profile})`),
      ...arena.transcript!.map((line) => `server ${line}`),
      ...one.asks.flatMap((_, i) => clientsOf(round, idOf(one, i), i)),
    ].join('\n');
  });
  return { text, tally };
}

/** The cases in their order: those that can be played here, and that are asked for. */
function* choose({ seed, only }: TortureOptions, ports: Ports): Generator<Case, never> {
  for (let number = 0; ; number++) {
    const one = makeCase(seed, number, ports);
    // Names can be played only where the arena is this machine's name server.
    const isPlayable = one.scene.dns === undefined || isInside();
    const isWanted = only === undefined || [one.kind, ...one.marks].some((name) => name.startsWith(only));
    if (isPlayable && isWanted) yield one;
  }
}

function clientsOf(
  { outcomes, opinions }: Awaited<ReturnType<Rounds['play']>>,
  id: string,
  ask: number,
): string[] {
  const line = (who: string, what: unknown) => `request ${ask}: ${who}: ${JSON.stringify(what)}`;
  return [
    ...(outcomes.get(id) ?? []).map((outcome) => line('abreast', outcome)),
    ...(['undici', 'curl'] as const).flatMap((peer) => {
      const opinion = opinions[peer].get(id);
      return opinion === undefined ? [] : [line(peer, opinion)];
    }),
  ];
}

async function inArena(
  { budgetMb }: TortureOptions,
  transcript: boolean,
  play: (arena: Arena, rounds: Rounds) => Promise<void>,
): Promise<void> {
  const built = buildPackage();
  const arena = await Arena.start({ transcript, names: isInside() });
  const tortured = new Tortured(built.door, budgetMb);
  const others = new SecondOpinions();
  try {
    await play(arena, new Rounds(arena, new Player(arena, tortured), others));
    if (!(await tortured.leave(LEAVE_MS))) throw new Error('the process did not end when all was done');
  } finally {
    await tortured.stop();
    others.stop();
    arena.close();
    built.remove();
  }
}
