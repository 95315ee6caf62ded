import type { Ledger, Member, RunState } from './ledger.ts';
import { withoutSilent } from './ledger.ts';
import { type Amounts, CONCURRENCY, sharesOf } from './shares.ts';
import type { Timings } from './timings.ts';

/** A worker that can't reach the server stops sending after this part of `silentMs`: the rest is for answers on their way. */
const LEASE = 0.8;

/** Within so many beats each member that is alive has written. */
const ALL_WRITE_BEATS = 4;

/** What a member says about itself. */
type Told = Pick<
  Member,
  'inFlight' | 'done' | 'chunks' | 'pending' | 'finished' | 'wants' | 'cannot' | 'clock'
>;

/** The fetching that a membership is for. */
export interface Sharer {
  tell(): Told;
  /** What it uses of each limit; after a limit was lowered, this may be more. */
  inUse(): Amounts;
  /** Keeps to these from now on; a limit that is not in them is 0. */
  limit(shares: Amounts): void;
  /** Takes the pauses that other members know, and returns all that are known now: milliseconds by origin. */
  pauses(known: Readonly<Record<string, number>>): Readonly<Record<string, number>>;
}

/** A worker's place in a run: what it may use of the run's limits. */
export class Membership {
  readonly #ledger: Ledger;
  readonly #self: Pick<Member, 'id' | 'host' | 'pid' | 'version'>;
  readonly #sharer: Sharer;
  readonly #timings: Timings;
  #shares: Amounts = {};
  #isIn = false;
  #leaseEnd: NodeJS.Timeout | undefined;

  constructor(
    ledger: Ledger,
    self: Pick<Member, 'id' | 'host' | 'pid' | 'version'>,
    sharer: Sharer,
    timings: Timings,
  ) {
    this.#ledger = ledger;
    this.#self = self;
    this.#sharer = sharer;
    this.#timings = timings;
  }

  /** Whether it may send at all. */
  get hasShare(): boolean {
    return (this.#shares[CONCURRENCY] ?? 0) > 0;
  }

  get shares(): Amounts {
    return this.#shares;
  }

  /** Writes its own state and asks for its shares. Returns the run's state; null: the run is over. */
  async beat(): Promise<RunState | null> {
    // The lease begins before the request, so no other process thinks that it lasts longer.
    const askedMs = performance.now();
    const { state, shares } = await this.#ledger.change<{ state: RunState | null; shares: Amounts }>(
      (before, nowUs) => {
        if (before === null) return { result: { state: null, shares: {} } };
        const others = withoutSilent(before, nowUs, this.#timings.silentMs);
        const wasDropped = this.#isIn && others.members[this.#self.id] === undefined;
        const shares = this.#ask(others, wasDropped, nowUs);
        const state = this.#written(others, shares, nowUs);
        return { state, result: { state, shares } };
      },
    );
    this.#isIn = state !== null;
    this.#take(shares);
    this.#lease(askedMs);
    return state;
  }

  /** Gives back everything. */
  async leave(): Promise<void> {
    clearTimeout(this.#leaseEnd);
    this.#take({});
    await this.#ledger.change((state) => {
      if (state === null) return { result: undefined };
      const { [this.#self.id]: _, ...members } = state.members;
      return { state: { ...state, members }, result: undefined };
    });
    this.#isIn = false;
  }

  /** What it may use from now on. If that is less than before, it counts at once. */
  #ask(state: RunState, wasDropped: boolean, nowUs: number): Amounts {
    const others = Object.values(state.members).filter(({ id }) => id !== this.#self.id);
    const self = { wants: this.#sharer.tell().wants, holds: wasDropped ? {} : this.#held() };
    const fair = sharesOf(state.limits, [...others, self], others.length);
    const shares = this.#isIncomplete(state, nowUs) ? least(fair, this.#shares) : fair;
    this.#take(least(this.#shares, shares));
    return shares;
  }

  /** Whether members may hold something that is not in the document: then nobody takes more than it has. */
  #isIncomplete({ lostUs }: RunState, nowUs: number): boolean {
    return lostUs !== undefined && nowUs - lostUs < ALL_WRITE_BEATS * this.#timings.beatMs * 1000;
  }

  #written(state: RunState, shares: Amounts, nowUs: number): RunState {
    const inUse = this.#sharer.inUse();
    const holds = Object.keys(state.limits).map(
      (name) => [name, Math.max(shares[name] ?? 0, inUse[name] ?? 0)] as const,
    );
    const member: Member = {
      ...this.#self,
      ...this.#sharer.tell(),
      seenUs: nowUs,
      holds: Object.fromEntries(holds),
    };
    return {
      ...state,
      members: { ...state.members, [this.#self.id]: member },
      pauses: this.#pauses(state, nowUs),
    };
  }

  /** By the server's clock. */
  #pauses({ pauses }: RunState, nowUs: number): RunState['pauses'] {
    const leftMs = Object.entries(pauses).map(
      ([origin, untilUs]) => [origin, (untilUs - nowUs) / 1000] as const,
    );
    const known = this.#sharer.pauses(Object.fromEntries(leftMs));
    return Object.fromEntries(
      Object.entries(known).map(([origin, ms]) => [
        origin,
        Math.max(Math.round(nowUs + ms * 1000), pauses[origin] ?? 0),
      ]),
    );
  }

  /** Its shares, or what it still uses where that is more. */
  #held(): Amounts {
    const inUse = this.#sharer.inUse();
    const names = new Set([...Object.keys(this.#shares), ...Object.keys(inUse)]);
    return Object.fromEntries(
      [...names].map((name) => [name, Math.max(this.#shares[name] ?? 0, inUse[name] ?? 0)]),
    );
  }

  #take(shares: Amounts): void {
    this.#shares = shares;
    this.#sharer.limit(shares);
  }

  /** A worker that can't reach the server stops sending before its share goes to others. */
  #lease(askedMs: number): void {
    clearTimeout(this.#leaseEnd);
    const leftMs = askedMs + LEASE * this.#timings.silentMs - performance.now();
    this.#leaseEnd = setTimeout(() => this.#take({}), Math.max(0, leftMs)).unref();
  }
}

/** Of each limit the smaller amount. */
function least(one: Amounts, other: Amounts): Amounts {
  return Object.fromEntries(
    Object.entries(one).map(([name, amount]) => [name, Math.min(amount, other[name] ?? 0)]),
  );
}
