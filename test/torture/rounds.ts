import type { Arena } from './arena/arena.ts';
import type { Case, Opinion, Outcome, Peer, Profile } from './case.ts';
import type { RunOrder } from './clients/abreast.ts';
import type { SecondOpinions } from './clients/second-opinions.ts';
import type { Account, Tortured } from './clients/tortured.ts';
import type { Question } from './clients/undici.ts';
import { type Fault, faultOf } from './judge.ts';
import { optionsOf } from './profiles.ts';

/** What a case was found to do, and how sure that is. */
export interface Finding {
  readonly case: Case;
  /** Which of its requests; null when it is about all of them. */
  readonly ask: number | null;
  readonly kind: Fault['kind'] | 'hung' | 'crashed' | 'left open';
  readonly text: string;
}

/** What came of one round of cases. */
export interface Round {
  readonly cases: readonly Case[];
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>;
  readonly opinions: Readonly<Record<Peer, ReadonlyMap<string, Opinion>>>;
  readonly findings: readonly Finding[];
  readonly peakMb: number;
}

/** Runs end within this, whatever servers do: the longest time limit of a profile, and what a busy machine adds. */
const ROUND_MS = 90_000;
/** How long the server waits for connections to be closed that a run has left behind. */
const CLOSING_MS = 5000;
/** Crashes that are narrowed down in one round; further ones are in later rounds, too. */
const MOST_CRASHES = 3;

/** The name of a request: the number of its case, and which of its requests. */
export function idOf(one: Case, ask: number): string {
  return `${one.number}/${ask}`;
}

/** Plays rounds of cases to the clients, and finds out which case was at fault. */
export class Rounds {
  readonly #arena: Arena;
  readonly #tortured: Tortured;
  readonly #others: SecondOpinions;
  #ran = 0;

  constructor(arena: Arena, tortured: Tortured, others: SecondOpinions) {
    this.#arena = arena;
    this.#tortured = tortured;
    this.#others = others;
  }

  async play(cases: readonly Case[]): Promise<Round> {
    this.#arena.stage(cases);
    const [account, undici, curl] = await Promise.all([
      this.#torture(this.#orders(cases, this.#ran % 4 === 3 ? 'map' : 'imap')),
      this.#others.ask('undici', questions(cases, 'undici')),
      this.#others.ask('curl', questions(cases, 'curl')),
    ]);
    this.#ran++;
    const leftOpen = await this.#leftOpen(account, cases);
    const findings = [...leftOpen, ...(await this.#findings(cases, account))];
    return { cases, outcomes: account.outcomes, opinions: { undici, curl }, findings, peakMb: account.peakMb };
  }

  /** What was wrong is tried again alone: so it is known whose fault it was, and that no busy machine made it. */
  async #findings(cases: readonly Case[], account: Account): Promise<Finding[]> {
    if (account.crash !== null) return this.#crashes(cases, account.crash);
    const suspects = cases.filter((one) => faults(one, account).length > 0);
    if (suspects.length === 0) return [];
    this.#arena.stage(suspects);
    const again = await this.#torture(suspects.flatMap((one) => this.#orders([one])));
    if (again.crash !== null) return this.#crashes(suspects, again.crash);
    return suspects.flatMap((one): Finding[] => {
      const confirmed = faults(one, again);
      if (confirmed.length > 0)
        return confirmed.map(({ ask, fault }) => ({
          case: one,
          ask,
          kind: fault.kind === 'lost' && again.hung ? 'hung' : fault.kind,
          text: fault.text,
        }));
      const { ask, fault } = faults(one, account)[0]!;
      // That it was slow once says nothing: others use the machine, too.
      if (fault.kind === 'late') return [];
      const kind = fault.kind === 'lost' && account.hung ? 'hung' : fault.kind;
      return [{ case: one, ask, kind, text: `${fault.text} (among others; not when it was alone)` }];
    });
  }

  /** Halves the cases until those are alone that end the process. */
  async #crashes(cases: readonly Case[], words: string): Promise<Finding[]> {
    const found: Finding[] = [];
    const narrow = async (some: readonly Case[]): Promise<void> => {
      if (found.length >= MOST_CRASHES) return;
      this.#arena.stage(some);
      const { crash } = await this.#torture(this.#orders(some));
      if (crash === null) return;
      if (some.length === 1) {
        found.push({ case: some[0]!, ask: null, kind: 'crashed', text: crash });
        return;
      }
      const half = Math.ceil(some.length / 2);
      await narrow(some.slice(0, half));
      await narrow(some.slice(half));
    };
    await narrow(cases);
    if (found.length > 0) return found;
    const last = cases.at(-1)!.number;
    return [{ case: cases[0]!, ask: null, kind: 'crashed', text: `${words} (once, with cases up to ${last})` }];
  }

  async #leftOpen(account: Account, cases: readonly Case[]): Promise<Finding[]> {
    if (account.crash !== null || account.hung) return [];
    const finding = (text: string): Finding => ({ case: cases[0]!, ask: null, kind: 'left open', text });
    for (let waited = 0; this.#arena.open > 0 && waited < CLOSING_MS; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const { open, openAt } = this.#arena;
    this.#arena.clear();
    return [
      ...(account.open.length > 0 ? [finding(`the process still had ${account.open.join(', ')}`)] : []),
      ...(open > 0 ? [finding(`${open} connections were not closed: ${openAt.join(', ')}`)] : []),
    ];
  }

  #torture(runs: readonly RunOrder[]): Promise<Account> {
    return this.#tortured.run({ runs, collecting: this.#ran % 2 === 0 }, ROUND_MS);
  }

  /** One run for each profile. */
  #orders(cases: readonly Case[], by: RunOrder['by'] = 'imap'): RunOrder[] {
    const inputs = new Map<Profile, RunOrder['inputs'][number][]>();
    for (const one of cases)
      for (const [i, { profile, url, headers }] of one.asks.entries()) {
        const input = { url, data: idOf(one, i), ...(headers !== undefined && { headers }) };
        inputs.set(profile, [...(inputs.get(profile) ?? []), input]);
      }
    return [...inputs].map(([profile, all]) => ({ by, options: optionsOf(profile, this.#arena), inputs: all }));
  }
}

function faults(one: Case, { outcomes }: Account): { ask: number; fault: Fault }[] {
  return one.asks.flatMap((ask, i) => {
    const fault = faultOf(ask, outcomes.get(idOf(one, i)) ?? []);
    return fault === null ? [] : [{ ask: i, fault }];
  });
}

function questions(cases: readonly Case[], peer: Peer): Question[] {
  return cases.flatMap((one) =>
    one.asks.flatMap(({ peers, peerUrl }, i): Question[] =>
      peers.includes(peer) ? [{ id: idOf(one, i), url: peerUrl, how: howOf(one.kind) }] : [],
    ),
  );
}

function howOf(kind: string): Question['how'] {
  if (kind.startsWith('http2')) return 'h2';
  return /coding|redirect/.test(kind) ? 'fetch' : 'request';
}
