import type { Arena } from './arena/arena.ts';
import { type Case, idOf, type Profile } from './case.ts';
import type { RunOrder } from './clients/abreast.ts';
import type { Account, Tortured } from './clients/tortured.ts';
import { optionsOf } from './profiles.ts';

/** Runs end within this, whatever servers do: the longest time limit of a profile, and what a busy machine adds. */
const RUN_MS = 90_000;
/** How long the server waits for connections to be closed that a run has left behind. */
const CLOSING_MS = 5000;
const LOOK_MS = 20;

/** Plays cases to the process under torture. */
export class Player {
  readonly #arena: Arena;
  readonly #tortured: Tortured;
  #plays = 0;

  constructor(arena: Arena, tortured: Tortured) {
    this.#arena = arena;
    this.#tortured = tortured;
  }

  /** Plays them: each group in runs of its own, one for each profile, all at the same time. */
  async play(groups: readonly (readonly Case[])[]): Promise<Account> {
    this.#arena.stage(groups.flat());
    const nth = this.#plays++;
    const by = nth % 4 === 3 ? 'map' : 'imap';
    const runs = groups.flatMap((cases) => ordersOf(cases, this.#arena, by));
    return this.#tortured.run({ runs, collecting: nth % 2 === 0 }, RUN_MS);
  }

  /** What is open after they were played; null when nothing is. What left something open is not played to again. */
  async leftOpen({ crash, hung, open }: Account): Promise<string | null> {
    if (crash !== null || hung) return null;
    for (let waitedMs = 0; this.#arena.open.length > 0 && waitedMs < CLOSING_MS; waitedMs += LOOK_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const held = this.#arena.open;
    if (open.length === 0 && held.length === 0) return null;
    this.#arena.clear();
    await this.#tortured.stop();
    const ours = open.length > 0 ? [`the process still has ${open.join(', ')}`] : [];
    const theirs = held.length > 0 ? [`open at the server: ${held.slice(0, 5).join(', ')}`] : [];
    return [...ours, ...theirs].join('; ');
  }
}

/** One run for each profile. */
function ordersOf(cases: readonly Case[], arena: Arena, by: RunOrder['by']): RunOrder[] {
  const inputs = new Map<Profile, RunOrder['inputs'][number][]>();
  for (const one of cases)
    for (const [i, { profile, url, headers }] of one.asks.entries()) {
      const input = { url, data: idOf(one, i), ...(headers !== undefined && { headers }) };
      inputs.set(profile, [...(inputs.get(profile) ?? []), input]);
    }
  return [...inputs].map(([profile, all]) => ({ by, options: optionsOf(profile, arena), inputs: all }));
}
